"""What the tests of priors share."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rqbench.api import CodeLayout, Codes, Prior, spread
from rqbench.plugins import installed

LAYOUTS = {
    "one code a cell": CodeLayout(3, 2, 1, 5),
    "stacks": CodeLayout(2, 2, 3, 5),
    "a single stack": CodeLayout(1, 1, 2, 4),
    "two grains": CodeLayout(2, 6, 1, 5, (2, 1)),
    "a large step between two grains": CodeLayout(3, 6, 1, 5, (3, 1)),
    "three grains": CodeLayout(4, 8, 1, 5, (4, 2, 1)),
    "stacks with grains": CodeLayout(4, 4, 2, 5, (2, 1)),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for a `layout` on all of them, for a `prior_class` on those it supports."""
    marked = [
        name
        for mark in metafunc.definition.iter_markers("parametrize")
        for name in ([mark.args[0]] if isinstance(mark.args[0], str) else mark.args[0])
    ]
    if "prior_class" in metafunc.fixturenames and "layout" not in marked:
        pairs = [
            pytest.param(kind, layout, id=f"{name}-{title}")
            for name, kind in ((name, found.load()) for name, found in installed("prior").items())
            for title, layout in LAYOUTS.items()
            if kind.supports(layout)
        ]
        metafunc.parametrize(("prior_class", "layout"), pairs)
    elif "layout" in metafunc.fixturenames and "layout" not in marked:
        metafunc.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())


@pytest.fixture(scope="session")
def random_codes() -> Callable[[CodeLayout, int], Codes]:
    """Codes with an all-coarse and an all-fine image among them, where there are grains."""

    def make(layout: CodeLayout, num_images: int) -> Codes:
        shape = num_images, layout.height, layout.width, layout.depth
        values = torch.randint(layout.codebook_size, shape)
        if not layout.is_dynamic:
            return Codes(values, layout)
        grain_map = torch.randint(layout.num_grains, (num_images, *layout.region_grid))
        grain_map[0], grain_map[-1] = 0, layout.num_grains - 1
        return Codes(spread(values, grain_map, layout), layout, grain_map)

    return make


@pytest.fixture(scope="session")
def lively() -> Callable[[Prior], Prior]:
    """A prior in double precision, its weights so large that everything depends on everything."""

    def make(prior: Prior) -> Prior:
        for weight in prior.parameters():
            torch.nn.init.normal_(weight, std=0.5)
        return prior.double().eval()

    return make


@pytest.fixture(scope="session")
def all_codes() -> Callable[[CodeLayout], Codes]:
    """Every legal code of a tiny layout, once."""

    def make(layout: CodeLayout) -> Codes:
        if not layout.is_dynamic:
            values = _products([layout.codebook_size] * layout.max_codes)
            return Codes(values.view(-1, layout.height, layout.width, layout.depth), layout)
        rows, columns = layout.region_grid
        maps = _products([layout.num_grains] * layout.num_regions).view(-1, rows, columns)
        fine = _products([layout.codebook_size] * layout.max_codes)
        fine = fine.view(-1, layout.height, layout.width, layout.depth)
        values = fine.repeat(len(maps), 1, 1, 1)
        grain_map = maps.repeat_interleave(len(fine), dim=0)
        legal = (spread(values, grain_map, layout) == values).flatten(1).all(dim=1)
        return Codes(values[legal], layout, grain_map[legal])

    return make


def _products(sizes: list[int]) -> Tensor:
    return torch.cartesian_prod(*(torch.arange(size) for size in sizes)).view(-1, len(sizes))
