"""Mirrors rqbench/speed/tf32.py. The switches are there without a GPU too."""

from collections.abc import Iterator

import pytest
import torch

from rqbench.speed.tf32 import tf32_is_on, tf32_products


def now() -> tuple[str, bool, bool]:
    return (
        torch.get_float32_matmul_precision(),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
    )


@pytest.fixture(autouse=True)
def _left_as_it_was() -> Iterator[None]:
    products, convolutions = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    yield
    torch.set_float32_matmul_precision(products)
    torch.backends.cudnn.allow_tf32 = convolutions


@pytest.mark.parametrize("before", ["highest", "medium"])
@pytest.mark.parametrize("convolutions", [True, False])
def test_both_kinds_of_product_may_round_or_not_until_the_end(before, convolutions):
    torch.set_float32_matmul_precision(before)
    torch.backends.cudnn.allow_tf32 = convolutions
    was = now()
    with tf32_products(True, "cuda:1"):
        assert now() == ("high", True, True)
    assert now() == was
    with pytest.raises(ZeroDivisionError), tf32_products(False, "cuda"):
        assert now() == ("highest", False, False)
        _ = 1 / 0
    assert now() == was


def test_on_a_cpu_nothing_changes():
    was = now()
    with tf32_products(True, "cpu"):
        assert now() == was


def test_it_is_on_where_cuda_may_round_and_never_on_a_cpu():
    with tf32_products(True, "cuda"):
        assert tf32_is_on("cuda:0")
        assert not tf32_is_on("cpu")
    with tf32_products(False, "cuda"):
        assert not tf32_is_on("cuda")
