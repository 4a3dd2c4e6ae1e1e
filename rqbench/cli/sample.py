"""`rqbench sample`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ..counted import counted

if TYPE_CHECKING:
    from ..sample import Share, Shared


def sample(
    model: Annotated[
        Path,
        typer.Argument(
            exists=True,
            file_okay=False,
            help="The folder of a finished run, of an imported system, or of a prior alone.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where the samples go.")],
    system: Annotated[
        str | None,
        typer.Option(help="A system by name; needed where the run has several.", metavar="NAME"),
    ] = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="With a prior alone: the folder of its tokenizer."
        ),
    ] = None,
    num: Annotated[
        int, typer.Option(min=1, help="Images to draw; a sheet shows 128 at most.")
    ] = 64,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Image i depends on the seed and i alone; else the experiment's, which gives the "
            "samples that it scored.",
            show_default=False,
        ),
    ] = None,
    class_: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            metavar="NAME",
            help="A class by name, or by number where it has no name; repeatable; else all, "
            "equally.",
            show_default=False,
        ),
    ] = None,
    condition: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Where the prior knows no classes: rows of integers to draw for in turn (.npy, "
            ".npz, .safetensors).",
        ),
    ] = None,
    npz: Annotated[
        bool, typer.Option("--npz", help="One file with arr_0 (images) and arr_1 (labels).")
    ] = False,
    truncate: Annotated[
        bool,
        typer.Option(
            "--truncate", help="Cut pixels to 8 bits, as Esser et al. 2021 did, and do not round."
        ),
    ] = False,
    codes: Annotated[bool, typer.Option("--codes", help="Write the codes too.")] = False,
    temperature: Annotated[float | None, typer.Option(help="Of contents.")] = None,
    top_k: Annotated[
        list[int] | None, typer.Option(min=1, help="Of contents; repeated, one for each depth.")
    ] = None,
    top_p: Annotated[
        list[float] | None,
        typer.Option(min=0, max=1, help="Of contents; repeated, one for each depth."),
    ] = None,
    position_temperature: Annotated[
        float | None, typer.Option(help="Of positions and grains.")
    ] = None,
    position_top_k: Annotated[
        int | None, typer.Option(min=1, help="Of positions and grains.")
    ] = None,
    position_top_p: Annotated[
        float | None, typer.Option(min=0, max=1, help="Of positions and grains.")
    ] = None,
    guidance: Annotated[
        float | None, typer.Option(help="Classifier-free; needs a prior with label dropout.")
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(
            help="Rejection sampling: keep this share of the candidates of each class, those that "
            "a classifier of the run's training images takes for it most surely.",
        ),
    ] = None,
    probe_crops: Annotated[
        int, typer.Option(min=2, help="Training images of that classifier, at most.")
    ] = 5000,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Images drawn together; else as many as the experiment draws.",
            show_default=False,
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Draw as process I of N into the same folder, and stop there; give all the same "
            "--batch. Once all have ended, the same command without --share writes the images.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")] = "auto",
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Draw images from a trained or imported system: PNG files or one NPZ, a sheet, samples.json.

    Sampling settings that are not given are the system's own. The same command goes on where it was
    interrupted.
    """
    from ..choice import Sampling  # late: --help needs no torch
    from ..config import parse_config
    from ..environment import find_device
    from ..sample import Request, draw_share, load_system, parse_share, read_conditions
    from ..sample import sample as draw

    own = None if share is None else parse_share(share)
    found_device = find_device(device)
    trained = load_system(model, system, found_device, tokenizer)
    asked: dict[str, Any] = {
        "temperature": temperature, "top_k": _one_or_all(top_k), "top_p": _one_or_all(top_p),
        "position_temperature": position_temperature, "position_top_k": position_top_k,
        "position_top_p": position_top_p, "guidance": guidance,
    }  # fmt: skip
    changes = {key: value for key, value in asked.items() if value is not None}
    sampling = parse_config(Sampling, trained.sampling.model_dump() | changes, "sampling")
    request = parse_config(
        Request,
        {
            "num": num, "seed": trained.entry.seed if seed is None else seed,
            "batch": batch or trained.entry.batch, "classes": tuple(class_) if class_ else None,
            "sampling": sampling, "accept": accept, "probe_crops": probe_crops,
            "format": "npz" if npz else "png", "truncate": truncate, "codes": codes,
        },
        "sample",
    )  # fmt: skip
    conditions = None if condition is None else read_conditions(condition)
    where = out, Console(stderr=True), found_device, conditions
    if own is not None:
        _tell_share(trained.name, own, draw_share(trained, request, own, *where), json_)
        return
    drawn = draw(trained, request, *where)
    if json_:
        told = {"system": trained.name, "folder": str(out), "num": num, "found": drawn.found}
        print(json.dumps(told, indent=2))
        return
    if drawn.found:
        _tell_rejection(drawn.found)
    before = "" if drawn.done else ", complete before"
    print(f"{counted(num, 'sample')} of {trained.name}{before} -> {out}")


def _tell_share(name: str, share: "Share", shared: "Shared", json_: bool) -> None:
    """What is there now, and what to type next."""
    if json_:
        told = {
            "system": name, "folder": str(shared.folder), "share": str(share),
            "drawn": shared.drawn, "on_disk": shared.on_disk, "of": shared.of,
            "missing": {str(other): num for other, num in shared.missing.items()},
            "complete_before": not shared.done,
        }  # fmt: skip
        print(json.dumps(told, indent=2))
        return
    if not shared.done:
        print(f"samples of {name}, complete before; nothing is left to do -> {shared.folder}")
        return
    print(f"share {share} of {name}: {_drew(shared)} -> {shared.folder}")
    if shared.missing:
        left = ", ".join(f"{num} of share {other}" for other, num in shared.missing.items())
        print(
            f"{shared.on_disk} of {shared.of} {shared.what} are on disk; not yet: {left}. Once all "
            "shares have ended, give the same command without --share: it draws what is still "
            "missing, and writes the images."
        )
    else:
        print(
            f"All {shared.of} {shared.what} are on disk. Give the same command without --share to "
            "write the images."
        )


def _drew(shared: "Shared") -> str:
    if not shared.own:
        return "nothing to draw, as there are more shares than batches"
    if not shared.drawn:
        return f"its {shared.own} {shared.what} were drawn before"
    return f"{shared.drawn} {shared.what} drawn"


def _tell_rejection(found: dict[str, Any]) -> None:
    judge, likely = found["classifier"], found["mean_probability"]
    print(
        f"kept {found['kept']} of {found['candidates']} candidates; mean probability of the wanted "
        f"class {likely['kept']:.3f}, of all candidates {likely['candidates']:.3f}"
    )
    low, high = judge["held_out_accuracy_ci95"]
    print(
        f"the classifier is right on {judge['held_out_accuracy']:.1%} [{low:.1%}, {high:.1%}] of "
        f"{judge['held_out_images']} held-out images; always guessing one class would be on "
        f"{judge['largest_class_share']:.1%}"
    )
    print(f"scores by the features of {judge['extractor']} are flattered by this choice")


def _one_or_all(values: list[Any] | None) -> Any:
    """A single value counts for every depth."""
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)
