"""`rqbench import` for Python users: a published checkpoint becomes a model folder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CheckpointError, ConfigError
from ..files import appearing
from ..tokenizer import Tokenizer
from .beside import Beside, Given, given_tokenizer
from .fit import check_same_vectors, side_on_grid
from .imported_folder import (
    check_disk,
    check_out,
    link_model,
    write_model,
    write_pair,
)  # fmt: skip
from .locate import locate
from .origin import origin_of
from .part import Part, fill, left_over
from .source import Say, Source, read_source

KINDS = ("tokenizer", "prior")


@dataclass(frozen=True)
class Imported:
    """What was written.

    Attributes:
        folder: a model folder, or a system folder that holds two of them.
        is_system: the latter.
        origins: the facts of each imported model, by kind; see `origin_of`.
    """

    folder: Path
    is_system: bool
    origins: dict[str, dict[str, Any]]


def import_model(
    path: Path | str,
    out: Path | str,
    *,
    tokenizer: Path | str | None = None,
    config: Path | str | None = None,
    trust: bool = False,
    ema: bool = True,
    settings: Sequence[str] = (),
    say: Say = lambda _: None,
) -> Imported:
    """Read a published checkpoint and write what rqbench reads.

    A tokenizer becomes a model folder; a prior with its tokenizer (inside its checkpoint, in the
    same archive, or given) a system folder; a prior alone, where it can be, a model folder.

    Args:
        path: a checkpoint, or the folder of a download or a run.
        out: where the folder goes; nothing may be there.
        tokenizer: a model folder, for a prior that was published without its tokenizer.
        config: the config file, where it does not lie beside the checkpoint.
        trust: run code that the checkpoint brings; see `read_checkpoint`.
        ema: take averaged weights where there are both.
        settings: `key=value` changes of the model's config. Where there are two models, keys begin
            with `tokenizer.` or `prior.`.
        say: told what goes on.

    Raises:
        RqbenchError: what cannot be read or does not fit, and how to mend it; nothing is written.
    """
    path, out = Path(path), Path(out)
    check_out(out)
    files = locate(path)
    if len(files) > 1 and config is not None:
        raise CheckpointError(
            f"{path} holds two files, each with a config of its own. Leave out --config."
        )
    given_config = None if config is None else Path(config)
    sources = _sources([read_source(file, given_config, trust, ema, say) for file in files])
    given = None if tokenizer is None else given_tokenizer(Path(tokenizer))
    say("checking " + " and ".join(f"the {kind}" for kind in sources))
    parts, beside = _parts(sources, given, _split(settings, sources))
    outside = {kind: left_over(sources[kind], _of_file(parts, sources[kind])) for kind in parts}
    if given is not None:
        parts.pop("tokenizer", None)
    origins = {kind: origin_of(part, outside[kind], given) for kind, part in parts.items()}
    check_disk(out, list(parts.values()))
    say(f"writing {out}")
    is_system = beside is not None
    with appearing(out) as folder:
        for kind, part in parts.items():
            write_model(folder / kind if is_system else folder, part, origins[kind])
        if given is not None:
            link_model(given.folder, folder / "tokenizer")
        if is_system:
            write_pair(folder, parts["prior"])
    return Imported(out, is_system, origins)


def _sources(read: Sequence[Source]) -> dict[str, Source]:
    """The file of each kind of model, the tokenizer's first."""
    found: dict[str, Source] = {}
    for source in read:
        for kind in source.importers:
            if kind in found:
                raise CheckpointError(
                    f"{found[kind].path} and {source.path} both hold a {kind}. Import one of them "
                    "by its own name."
                )
            found[kind] = source
    return {kind: found[kind] for kind in KINDS if kind in found}


def _parts(
    sources: Mapping[str, Source], given: Given | None, settings: Mapping[str, list[str]]
) -> tuple[dict[str, Part], Beside | None]:
    """The filled models, and the tokenizer that goes with the prior."""
    parts = {}
    beside: Beside | None = given
    if "tokenizer" in sources:
        parts["tokenizer"] = fill(sources["tokenizer"], "tokenizer", None, settings["tokenizer"])
        beside = _own_or_given(parts["tokenizer"], sources, given)
    if "prior" not in sources:
        return parts, None
    source = sources["prior"]
    name, importer = source.importers["prior"]
    if beside is None and importer.needs_tokenizer:
        raise CheckpointError(
            f"The prior in {source.path} ({name}) reads the vectors of its tokenizer. Import that "
            "first, and give its folder with --tokenizer."
        )
    prior = fill(source, "prior", beside, settings["prior"])
    if given is None and beside is not None and beside.resolution is None:
        parts["tokenizer"] = _at_size_of(prior, parts["tokenizer"])
    return parts | {"prior": prior}, beside


def _at_size_of(prior: Part, tokenizer: Part) -> Part:
    """The tokenizer of a prior's own file, made for images of the size that the prior draws: its
    config may name another, since the network takes images of any size."""
    assert isinstance(tokenizer.model, Tokenizer) and prior.described.layout is not None
    said = tokenizer.described.resolution
    if said and tokenizer.model.layout(said) == prior.described.layout:
        return tokenizer
    side = side_on_grid(prior.described.layout, tokenizer.model)
    note = f"The prior draws images of {side} px, and the tokenizer's config says {said}."
    notes = (*tokenizer.notes, note) if said else tokenizer.notes
    described = replace(tokenizer.described, resolution=side)
    return replace(tokenizer, described=described, notes=notes)


def _own_or_given(own: Part, sources: Mapping[str, Source], given: Given | None) -> Beside:
    """The given tokenizer, which must name the vectors of the own one; or the own one."""
    assert isinstance(own.model, Tokenizer)
    name = own.source.path.name
    if given is None:
        # a tokenizer in its prior's own file fits it, whatever size of images it was trained on
        is_apart = sources.get("prior") is not own.source
        return Beside(own.model, name, own.described.resolution if is_apart else None)
    if "prior" not in sources:
        raise CheckpointError(
            f"{name} holds a tokenizer, and --tokenizer goes with a prior. Leave it out."
        )
    check_same_vectors(own.model, given.model, (name, given.name))
    return given


def _of_file(parts: Mapping[str, Part], source: Source) -> list[Part]:
    return [part for part in parts.values() if part.source is source]


def _split(settings: Sequence[str], kinds: Collection[str]) -> dict[str, list[str]]:
    """Settings by the kind of model that they change."""
    split: dict[str, list[str]] = {kind: [] for kind in kinds}
    for setting in settings:
        kind, _, rest = setting.partition(".")
        if kind in split:
            split[kind].append(rest)
        elif len(split) == 1:
            split[next(iter(split))].append(setting)
        else:
            raise ConfigError(
                f"--set {setting!r}: there are two models. Begin the key with tokenizer. or prior."
            )
    return split
