"""Mirrors rqbench/stages/train_tokenizer.py."""

import json

import pytest
import torch

from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.stages.train_tokenizer import UsageWindow, train_tokenizer
from rqbench.trainer import read_log


def test_usage_is_the_share_of_codes_seen_since_the_last_line():
    window, layout = UsageWindow(), CodeLayout(1, 2, 1, 8)
    assert window.read() == {}
    for values in ([0, 1], [1, 2]):
        window.add(Codes(torch.tensor(values).view(1, 1, 2, 1), layout))
    assert window.read() == {"codebook_usage": 3 / 8}
    assert window.read() == {}


def test_the_log_tells_each_term_of_the_loss(finished):
    for name in ("vq-4x4", "rq-4x4x4"):
        (folder,) = finished.run.glob(f"stages/tokenizer-{name}-*")
        for line in read_log(folder / "log.jsonl"):
            terms = {"pixel", "commitment"}
            assert line.keys() >= {"step", "loss", "psnr_db", "codebook_usage", *terms}
            assert line["loss"] == pytest.approx(sum(line[term] for term in terms), rel=1e-4)
        cost = json.loads((folder / "cost.json").read_text())
        assert cost.keys() == {"training_s", "peak_memory_bytes"}


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "training.tokenizer.steps=3",
        "tokenizers.vq-4x4.config.codebook_size=8",
        "tokenizers.vq-4x4.training.learning_rate=0.5",
    ],
)
def test_whatever_decides_the_weights_decides_the_key(setting, build_experiment, override):
    from rqbench.stages.setting import Setting

    changed = build_experiment(("vq-4x4", "raster"), overrides=(override,))
    other = Setting(changed, setting.data, "cpu")
    assert train_tokenizer(other, "vq-4x4").key != train_tokenizer(setting, "vq-4x4").key


def test_what_does_not_decide_the_weights_leaves_the_key(setting, build_experiment):
    from rqbench.stages.setting import Setting

    changed = build_experiment(
        ("vq-4x4", "raster"), overrides=("measure.samples=9", "training.prior.steps=3")
    )
    other = Setting(changed, setting.data, "cpu")
    assert train_tokenizer(other, "vq-4x4").key == train_tokenizer(setting, "vq-4x4").key
