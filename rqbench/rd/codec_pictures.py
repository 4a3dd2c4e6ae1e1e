"""The pictures that a run or an evaluation measured, to be measured again through codecs."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..config import parse_config
from ..data import open_data
from ..data.crop import Crop
from ..errors import ConfigError, DamagedFileError, DataError
from ..evaluate.evaluate import EXPERIMENT
from ..evaluate.folder import FACTS, TABLE
from ..evaluate.pictures import Picture, Pictures
from ..evaluate.recording import Protocols
from ..experiment import build_experiment
from ..files import sha256_of
from ..metrics.extractor import Extractor
from ..metrics.perceptual import Perceptual
from ..metrics.protocol import Protocol
from ..record import read_records
from ..run_folder import RECORDS, RunFolder
from ..stages.protocols import distortion_protocol, perceptual_protocol, reconstruction_protocol
from ..stages.recording import Provenance
from ..stages.setting import Setting
from ..sweep import expand

AHEAD = 16


@dataclass(frozen=True)
class MeasuredPictures:
    """Pictures, and the words that records of them need to be compared with those there are.

    Attributes:
        read: all of them, one after the other.
        cluster_of: by name of a picture, the photograph it comes from.
        protocol_of: of a distortion, what it was measured by.
        protocol_of_set: of scores of all of them; None where those were not taken.
        facts: what is to be known beside the records.
    """

    read: Callable[[], Iterator[Picture]]
    cluster_of: Mapping[str, str]
    protocol_of: Callable[[str, Perceptual], Protocol]
    about: Provenance
    facts: Mapping[str, Any]
    protocol_of_set: Callable[[Extractor], Protocol] | None = None

    @property
    def count(self) -> int:
        return len(self.cluster_of)


def measured_pictures(path: Path, images: Path | None) -> MeasuredPictures:
    """Those of an evaluation, or the held-out crops of a run.

    Args:
        path: its folder.
        images: of an evaluation, where its image files are.

    Raises:
        ConfigError: an evaluation without `images`, or neither of both.
        DamagedFileError: one that lacks what it should tell.
        DataError: other pictures than those.
    """
    if (path / FACTS).is_file():
        if images is None:
            raise ConfigError(
                f"{path} is an evaluation, and --codecs reads its pictures again. Name them with "
                "--images."
            )
        return _of_evaluation(path, images)
    if images is not None:
        raise ConfigError(
            f"{path} is no evaluation, whose pictures alone --images names: those of a run are its "
            "own held-out crops. Leave it out."
        )
    return _of_run(path)


def _of_run(path: Path) -> MeasuredPictures:
    experiments = expand(build_experiment(RunFolder(path).experiment())).experiments
    if len({one.data.model_dump_json() for one in experiments}) > 1:
        raise ConfigError(
            f"{path} sweeps over data, so there is no one set of held-out crops for --codecs."
        )
    setting = Setting(experiments[0], open_data(experiments[0].data), "cpu")
    held_out = setting.data.held_out()
    names = [f"crop {place} ({name})" for place, name in enumerate(held_out.clusters)]

    def read() -> Iterator[Picture]:
        for name, pixels in zip(names, held_out.images.numpy(), strict=True):
            yield Picture(name, pixels, "")

    def protocol_of(metric: str, perceptual: Perceptual) -> Protocol:
        if metric == perceptual.metric:
            return perceptual_protocol(setting, perceptual)
        return distortion_protocol(setting)

    hashes = {record.protocol_hash for record in read_records(path / RECORDS)}
    if distortion_protocol(setting).hash not in hashes:
        raise DataError(
            f"The held-out crops of {path} are no longer what they were when it was measured: the "
            "data or the rules that cut them have changed. Run `rqbench compare` again."
        )
    facts = {"data": setting.data.name, "data_digest": setting.data.digest}
    cluster_of = dict(zip(names, held_out.clusters, strict=True))
    return MeasuredPictures(
        read, cluster_of, protocol_of, setting.provenance, facts,
        lambda extractor: reconstruction_protocol(setting, extractor, len(names)),
    )  # fmt: skip


def _of_evaluation(path: Path, images: Path) -> MeasuredPictures:
    try:
        facts = json.loads((path / FACTS).read_text())
        with (path / TABLE).open(newline="") as file:
            names = [line["image"] for line in csv.DictReader(file)]
        crop = parse_config(Crop, facts["crop"], "crop")
        data, sha256 = facts["data"], facts["data_sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise DamagedFileError(
            f"The evaluation {path} lacks what says which pictures it measured ({error}). "
            "Run `rqbench evaluate` again."
        ) from None
    root = images.parent if images.is_file() else images
    present = [root / name for name in names if (root / name).is_file()]
    pictures = Pictures(root, data, names, digests=[sha256_of(each) for each in present])
    if pictures.digest != sha256:
        raise DataError(
            f"The pictures below {root} are not those that were evaluated: their contents differ. "
            "Name the folder that `rqbench evaluate` read with --images."
        )
    # the clauses of `rqbench evaluate`, so that like is compared with like
    clauses = {"data": sha256[:12], "images": len(names), **crop.clauses()}
    return MeasuredPictures(
        partial(pictures.read, crop, lambda picture: None, False, 1, AHEAD),
        {name: name for name in names},
        lambda metric, perceptual: Protocols(clauses, perceptual).of(metric),
        Provenance(EXPERIMENT, data, "all", 0, ""),
        {"data": data, "data_sha256": sha256, "crop": crop.model_dump(mode="json")},
    )
