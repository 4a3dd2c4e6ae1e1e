"""One pass of an extractor over a set of pictures, kept on the disk chunk by chunk."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..data.images import BadImageError
from ..errors import DataError
from ..metrics.extractor import Extractor
from ..progress import Progress
from .chunk_store import Chunk, ChunkStore, Seen, cut
from .extract import extract_in_order
from .feature_set import FeatureSet
from .pictures import PictureFacts, Pictures
from .prepare import Prepared, prepare_all, read_digests


def feature_pass(
    pictures: Pictures,
    extractor: Extractor,
    cache: Path,
    workers: int,
    batch: int,
    progress: Progress,
    skip_bad: bool = False,
) -> FeatureSet:
    """Features of all pictures, in their order; what the cache has is not decoded again.

    Args:
        cache: the folder of chunks, see `default_cache`.
        workers: threads that read, decode and resize.
        batch: pictures of one size that the network sees together, at most.
        progress: with a stage begun.
        skip_bad: leave out pictures that cannot be used, and list them.

    Raises:
        BadImageError: names a picture that cannot be used.
        DataError: no picture can be used, a file changes meanwhile, or features are not finite.
    """
    progress.start(len(pictures))
    digests = read_digests(pictures, workers, progress)
    store = ChunkStore(cache, extractor.key, f"{extractor.name}, {extractor.resizer}")
    groups = _groups(digests, store)
    if not skip_bad:
        _refuse(_faults(digests, groups), pictures)
    fresh = [group for group in groups if group.chunk is None]
    _say_kept(groups, fresh, progress)
    began = time.perf_counter()
    indices = (index for group in fresh for index in group.indices)
    prepared = prepare_all(pictures, extractor, digests, indices, workers, 2 * batch + workers)
    with closing(prepared):
        for group in fresh:
            group.chunk = _extract(extractor, group, prepared, store, batch, progress, skip_bad)
    if fresh:
        progress.say(f"{_count(fresh) / (time.perf_counter() - began):.1f} images/s")
    faults = _faults(digests, groups)
    if faults:
        progress.warn(f"left out {len(faults)} of {len(pictures)} pictures that cannot be used")
    return _feature_set(pictures, faults, groups, cache)


@dataclass
class _Group:
    """Neighbours that make a chunk, and the chunk as soon as it is there."""

    indices: list[int]
    digests: list[str]
    chunk: Chunk | None


def _groups(digests: Sequence[str | BadImageError], store: ChunkStore) -> list[_Group]:
    read = {index: found for index, found in enumerate(digests) if isinstance(found, str)}
    indices, found = list(read), list(read.values())
    return [_Group(indices[place], found[place], store.find(found[place])) for place in cut(found)]


def _faults(digests: Sequence[str | BadImageError], groups: Iterable[_Group]) -> dict[int, str]:
    """By their places, why pictures cannot be used, as far as it is known."""
    faults = {
        index: found.cause
        for index, found in enumerate(digests)
        if isinstance(found, BadImageError)
    }
    for group in groups:
        if group.chunk is not None:
            seen = zip(group.indices, group.chunk.seen, strict=True)
            faults |= {index: each.fault for index, each in seen if each.fault}
    return dict(sorted(faults.items()))


def _refuse(faults: dict[int, str], pictures: Pictures) -> None:
    for index, fault in faults.items():
        raise BadImageError(pictures.called(index), fault)


def _count(groups: Iterable[_Group]) -> int:
    return sum(len(group.indices) for group in groups)


def _say_kept(groups: Sequence[_Group], fresh: Sequence[_Group], progress: Progress) -> None:
    total, kept = _count(groups), _count(groups) - _count(fresh)
    progress.start(total, kept)
    if kept:
        progress.say(f"{kept:,} of {total:,} pictures are in the cache")


def _extract(
    extractor: Extractor,
    group: _Group,
    prepared: Iterable[Prepared],
    store: ChunkStore,
    batch: int,
    progress: Progress,
    skip_bad: bool,
) -> Chunk:
    """Make and keep the chunk of the next pictures."""
    seen = []

    def noted() -> Iterator[Prepared]:
        for one in islice(prepared, len(group.indices)):
            if one.seen.fault and not skip_bad:
                raise BadImageError(one.name, one.seen.fault)
            seen.append(one.seen)
            yield one

    features, logits = extract_in_order(
        noted(), extractor, batch, lambda count: progress.advance(by=count)
    )
    return store.save(group.digests, seen, features, logits)


def _feature_set(
    pictures: Pictures, faults: dict[int, str], groups: Sequence[_Group], cache: Path
) -> FeatureSet:
    skipped = [f"{pictures.names[index]}: {fault}" for index, fault in faults.items()]
    facts, parts = [], []
    for group in groups:
        assert group.chunk is not None
        parts.append(group.chunk.part)
        for index, digest, seen in zip(group.indices, group.digests, group.chunk.seen, strict=True):
            if not seen.fault:
                facts.append(_facts(pictures, index, digest, seen))
    if not facts:
        raise DataError(
            f"None of the pictures of {pictures.name} can be used. The first: {skipped[0]}."
        )
    return FeatureSet(parts, facts, skipped, scratch=cache)


def _facts(pictures: Pictures, index: int, digest: str, seen: Seen) -> PictureFacts:
    return PictureFacts(
        pictures.names[index], digest, seen.width, seen.height, seen.format, seen.mode,
        pictures.labels[index], None if pictures.clusters is None else pictures.clusters[index],
    )  # fmt: skip
