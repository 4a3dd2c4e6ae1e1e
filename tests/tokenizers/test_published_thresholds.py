"""Mirrors rqbench_tokenizers/published_thresholds.py and dq_thresholds.py."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError

from rqbench.api import ConfigError
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.dq_config import DQConfig
from rqbench_tokenizers.published_thresholds import published_tables, published_threshold, row_of


def dq(**changes: Any) -> DQ:
    config = DQConfig(conv=ConvConfig.tiny(), resolution=16, codebook_size=8, **changes)
    return DQ(config)


def test_every_table_rises_and_has_the_published_rows() -> None:
    tables = published_tables()
    assert set(tables) == {"imagenet-train", "imagenet-val", "ffhq-train"}
    for rows in tables.values():
        assert list(rows) == [*range(5, 16), *range(20, 100, 5)]
        assert list(rows.values()) == sorted(rows.values())


@pytest.mark.parametrize(
    ("table", "ratio", "threshold"),
    [
        ("imagenet-train", 0.5, 1.67777503),
        ("imagenet-val", 0.3, 2.32142067),
        ("ffhq-train", 0.05, 2.90360641),
    ],
)
def test_a_nominal_share_has_its_published_threshold(
    table: Any, ratio: float, threshold: float
) -> None:
    assert published_threshold(table, ratio) == threshold


def test_the_released_code_misses_two_rows_by_truncation() -> None:
    differing = {
        percent: row_of(percent / 100, "truncated")
        for percent in range(1, 100)
        if row_of(percent / 100, "truncated") != row_of(percent / 100, "nearest")
    }
    assert differing == {55: 44, 56: 43}
    assert [row_of(percent / 100, "nearest") for percent in (5, 50, 55)] == [95, 50, 45]


def test_a_share_without_a_row_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no row 44, which the share 0\.55"):
        published_threshold("imagenet-train", 0.55, "truncated")
    with pytest.raises(ConfigError, match="no row 67"):
        dq(router="entropy", thresholds="imagenet-train", target_ratios=(0.33,))


def test_a_table_gives_thresholds_and_operating_points_that_calibration_leaves_alone() -> None:
    tokenizer = dq(router="entropy", thresholds="ffhq-train", target_ratios=(0.3,)).eval()
    images = torch.rand(4, 3, 16, 16)
    tokenizer.before_training(images)
    tokenizer.after_training(images)
    assert tokenizer.thresholds.tolist() == pytest.approx([2.19088888])
    points = {p.settings["fine_ratio_target"]: p for p in tokenizer.operating_points()}
    assert points[0.5].settings["threshold"] == pytest.approx(1.54593241)
    assert tokenizer.decode(points[0.9].encode(images)).shape == images.shape


def test_the_largest_logit_may_stay_the_rule() -> None:
    tokenizer = dq(router="feature", thresholds="none").eval()
    images = torch.rand(4, 3, 16, 16)
    tokenizer.after_training(images)
    assert tokenizer.thresholds.tolist() == [0.0]
    assert tokenizer.router is not None
    logits = tokenizer.router(tokenizer._features(images))
    assert torch.equal(tokenizer.encode(images).grain_map, logits.argmax(-1))
    assert tokenizer.operating_points() == ()


def test_thresholds_may_be_given_as_numbers() -> None:
    images = torch.rand(4, 3, 16, 16)
    for threshold, share in ((-1.0, 1.0), (4.0, 0.0)):
        tokenizer = dq(router="entropy", thresholds=(threshold,)).eval()
        tokenizer.before_training(images)
        grain_map = tokenizer.encode(images).grain_map
        assert grain_map is not None
        assert grain_map.float().mean() == share


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"router": "feature", "thresholds": "imagenet-val"}, "for the entropy router"),
        ({"router": "entropy", "thresholds": "none"}, "entropies need some"),
        ({"router": "entropy", "thresholds": (1.0, 2.0)}, "must be 1 numbers"),
    ],
)
def test_thresholds_that_do_not_fit_the_router_are_refused(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        dq(**changes)
