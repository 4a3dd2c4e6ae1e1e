"""What rqbench needs, checked by using it a little."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from .environment import describe_environment, find_device
from .errors import RqbenchError
from .metric_names import INCEPTIONS
from .plugins import KINDS, installed


@dataclass(frozen=True)
class Finding:
    """One check: "ok", "note" (works, with less), or "broken" (must be mended)."""

    check: str
    state: Literal["ok", "note", "broken"]
    text: str


def examine() -> list[Finding]:
    """Every check, none of which downloads anything."""
    checks: dict[str, Callable[[], tuple[Literal["ok", "note"], str]]] = {
        "versions": _versions,
        "device": _device,
        "plug-ins": _plugins,
        "photos": _photos,
        "torchvision, torch-fidelity, clean-fid": _libraries,
        "feature extractor": _extractor,
        "extractors of `rqbench fidelity`": _extractors,
        "perceptual distance": _perceptual,
        "entropy coder": _coder,
        "codecs of `rqbench rd --codecs`": _codecs,
        "disk": _disk,
    }
    findings = []
    for name, check in checks.items():
        try:
            state, text = check()
            findings.append(Finding(name, state, text))
        except RqbenchError as error:
            findings.append(Finding(name, "broken", str(error)))
        except Exception as error:  # a broken library may raise anything
            findings.append(Finding(name, "broken", f"{type(error).__name__}: {error}"))
    return findings


def _versions() -> tuple[Literal["ok", "note"], str]:
    facts = describe_environment(find_device("auto"))
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    return "ok", f"Python {facts['python']}; {packages}"


def _device() -> tuple[Literal["ok", "note"], str]:
    facts = describe_environment(find_device("auto"))
    text = f"{facts['device']}: {facts['device_name']}, {facts['threads']} threads"
    if facts["device"] == "cpu":
        return "note", f"{text}. No CUDA device: experiments larger than `quick` will be slow."
    return "ok", text


def _plugins() -> tuple[Literal["ok", "note"], str]:
    for kind in KINDS:
        for plugin in installed(kind).values():
            plugin.load()
    found = {kind: list(installed(kind)) for kind in KINDS}
    presets = len(found.pop("preset"))
    told = [f"{kind}s: {', '.join(names)}" for kind, names in found.items() if names]
    return "ok", "; ".join([*told, f"{presets} presets, which `rqbench presets` lists"])


def _photos() -> tuple[Literal["ok", "note"], str]:
    from .data import DataConfig, open_data

    data = open_data(DataConfig(resolution=32, held_out=8))
    state: Literal["ok", "note"] = "note" if data.skipped else "ok"
    return state, "; ".join(data.skipped) or "all there"


def _libraries() -> tuple[Literal["ok", "note"], str]:
    from .metrics.libraries import library

    for module in ("torchvision", "torch_fidelity.metric_kid", "cleanfid.resize"):
        library(module)
    return "ok", "all import"


def _extractor() -> tuple[Literal["ok", "note"], str]:
    import torch

    from .metrics.extractor import find_extractor
    from .metrics.extractors.catalogue import EXTRACTORS
    from .metrics.published_weights import where_it_goes

    extractor = find_extractor()
    extractor.features(torch.zeros(1, 3, 32, 32))
    text = f"{extractor.name}, weights {extractor.weights_sha256[:12]}"
    if extractor.name in INCEPTIONS:
        return "ok", text
    needed = where_it_goes(EXTRACTORS[INCEPTIONS[0]].weights)
    return "note", f"{text}; scores carry its name and are not FID. For FID, {needed}."


def _extractors() -> tuple[Literal["ok", "note"], str]:
    from .metrics.extractors.catalogue import EXTRACTORS
    from .metrics.published_weights import is_ready

    ready = [name for name, known in EXTRACTORS.items() if is_ready(known.weights)]
    lacking = len(EXTRACTORS) - len(ready)
    text = f"ready: {', '.join(ready) or 'none'}"
    if not lacking:
        return "ok", text
    return "note", f"{text}; {lacking} lack weights, `rqbench fidelity extractors` says which"


def _perceptual() -> tuple[Literal["ok", "note"], str]:
    from .metrics.perceptual import LPIPS_TRUNKS, find_perceptual
    from .metrics.published_weights import where_it_goes

    perceptual = find_perceptual()
    text = f"{perceptual.metric}, weights {perceptual.weights_sha256[:12]}"
    if perceptual.metric == "lpips":
        return "ok", text
    return "note", f"{text}, which is not LPIPS. For LPIPS, {where_it_goes(LPIPS_TRUNKS['alex'])}."


def _coder() -> tuple[Literal["ok", "note"], str]:
    import_module("constriction")
    return "ok", f"constriction {version('constriction')}"


def _codecs() -> tuple[Literal["ok", "note"], str]:
    from .rd.codecs import absent_codecs, installed_codecs

    present, absent = [codec.name for codec in installed_codecs()], absent_codecs()
    text = ", ".join(present)
    return ("note", f"{text}; not {', '.join(absent)}") if absent else ("ok", text)


def _disk() -> tuple[Literal["ok", "note"], str]:
    free = shutil.disk_usage(Path.cwd()).free
    state: Literal["ok", "note"] = "ok" if free > 2e9 else "note"
    return state, f"{free / 1e9:.0f} GB free here"
