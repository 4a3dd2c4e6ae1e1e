"""Published weights: the places where their file may lie, and what it must contain."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from rqbench.errors import DamagedFileError, UnsupportedError
from rqbench.files import sha256_of

from .weights import checked_sha256


@dataclass(frozen=True)
class PublishedWeights:
    """A file that somebody else publishes.

    Attributes:
        sha256: hexadecimal digits that its SHA-256 begins with; none where nobody gives any.
        places: gives the paths where it may lie, the likeliest first.
        url: where it comes from, or "" where no download serves.
        said: what else to do to have it.
    """

    sha256: str
    places: Callable[[], tuple[Path, ...]]
    url: str = ""
    said: str = ""


@dataclass(frozen=True)
class FoundWeights:
    """
    Attributes:
        suffix: "" for the published file; else what sets the name of the network apart, such as
            "@1a2b3c4d", so that scores with other weights are never called by the same name.
    """

    path: Path
    sha256: str
    suffix: str = ""


def find_weights(
    published: PublishedWeights, extractor: str, given: Path | None = None, download: bool = False
) -> FoundWeights:
    """The file of an extractor's weights, its content checked.

    Args:
        given: a file that the user names; it may hold other weights than the published ones.
        download: fetch the file into torch's cache where it is nowhere else.

    Raises:
        UnsupportedError: it is nowhere; says which file goes where.
        DamagedFileError: a file in one of the places with another content.
    """
    if given is not None:
        return _given(published, extractor, given)
    for path in published.places():
        if path.is_file():
            return FoundWeights(path, _checked(published, path))
    if download and published.url:
        path = published.places()[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(published.url, str(path), published.sha256, progress=False)
        return FoundWeights(path, _checked(published, path))
    raise UnsupportedError(how_to_get(published, extractor))


def is_ready(published: PublishedWeights) -> bool:
    """Whether a file lies in one of the places, whatever is in it."""
    return any(path.is_file() for path in published.places())


def how_to_get(published: PublishedWeights, extractor: str) -> str:
    """What lacks, and each way to have it."""
    said = f"The weights of {extractor} are not here."
    if not published.places():
        return f"{said} {published.said}"
    ways = ["let --download fetch it"] if published.url else []
    ways.append(where_it_goes(published))
    if published.sha256:  # without a digest a file could be anything
        ways.append("name the file with --weights")
    return f"{said} Mend it: {', or '.join(ways)}. {published.said}".rstrip()


def where_it_goes(published: PublishedWeights) -> str:
    """`put FILE (its SHA-256 begins with ...) from URL into FOLDER or FOLDER`."""
    places = published.places()
    folders = " or ".join(dict.fromkeys(str(path.parent) for path in places))
    digest = published.sha256[:16]
    content = f" (its SHA-256 begins with {digest})" if digest else ""
    source = f" from {published.url}" if published.url else ""
    return f"put {places[0].name}{content}{source} into {folders}"


def in_torch_cache(*names: str) -> Callable[[], tuple[Path, ...]]:
    """Places in torch's own cache of downloads, which the environment may move."""
    return lambda: tuple(Path(torch.hub.get_dir()) / "checkpoints" / name for name in names)


def _given(published: PublishedWeights, extractor: str, path: Path) -> FoundWeights:
    if not path.is_file():
        raise UnsupportedError(f"There is no file {path}. {how_to_get(published, extractor)}")
    sha256 = sha256_of(path)
    is_published = sha256.startswith(published.sha256)
    return FoundWeights(path, sha256, "" if is_published else f"@{sha256[:8]}")


def _checked(published: PublishedWeights, path: Path) -> str:
    try:
        return checked_sha256(path, published.sha256)
    except DamagedFileError as error:
        raise DamagedFileError(
            f"{error} To use it as it is, under a name of its own, give it with --weights."
        ) from None
