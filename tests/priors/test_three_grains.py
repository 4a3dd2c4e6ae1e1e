"""Coarse, median and fine grains together: what the priors say, against enumeration and a reader of
symbols that know nothing of their masks."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rqbench.api import CodeLayout, Codes, Step
from rqbench_priors.coarse_to_fine import CoarseToFine, CoarseToFineConfig
from rqbench_priors.generation import forced
from rqbench_priors.raster import Raster

SIZES = (4, 2, 1)


def layout_of(rows: int, columns: int, codebook_size: int) -> CodeLayout:
    return CodeLayout(4 * rows, 4 * columns, 1, codebook_size, SIZES)


def coarse_to_fine(layout: CodeLayout, fine_order: str = "row-first") -> CoarseToFine:
    config = CoarseToFineConfig(
        width=16, heads=2, position_layers=1, content_layers=1, fine_order=fine_order
    )
    return CoarseToFine(config, layout)


def paint(cells: np.ndarray, region: int, grain: int, contents: list[int]) -> None:
    """Write one region's codes into its cells, area after area in raster order."""
    columns = cells.shape[1] // 4
    top, left, size = region // columns * 4, region % columns * 4, SIZES[grain]
    corners = [(top + y, left + x) for y in range(0, 4, size) for x in range(0, 4, size)]
    for (y, x), content in zip(corners, contents, strict=True):
        cells[y : y + size, x : x + size] = content


def every_code(rows: int, columns: int, contents_of_fine: int) -> Codes:
    """Every grain map with every content of two codes; of a fine region's 2^16 contents only the
    first few."""
    of_region = [
        (grain, contents)
        for grain, size in enumerate(SIZES)
        for contents in itertools.islice(
            itertools.product((0, 1), repeat=(4 // size) ** 2),
            contents_of_fine if size == 1 else None,
        )
    ]
    images = list(itertools.product(of_region, repeat=rows * columns))
    values = np.zeros((len(images), 4 * rows, 4 * columns), dtype=np.int64)
    for cells, regions in zip(values, images, strict=True):
        for region, (grain, contents) in enumerate(regions):
            paint(cells, region, grain, list(contents))
    grain_map = torch.tensor([[grain for grain, _ in regions] for regions in images])
    return Codes(
        torch.from_numpy(values)[..., None],
        layout_of(rows, columns, 2),
        grain_map.view(-1, rows, columns),
    )


@pytest.mark.parametrize("kind", [CoarseToFine, Raster])
def test_the_65554_codes_of_one_region_sum_to_one(kind, lively):
    codes = every_code(1, 1, contents_of_fine=2**16)
    assert len(codes) == 2 + 2**4 + 2**16
    prior = lively(kind.tiny(codes.layout)).float()
    with torch.no_grad():
        terms = [
            prior.log_prob(codes[start : start + 8192]).double()
            for start in range(0, len(codes), 8192)
        ]
    assert torch.cat(terms).exp().sum().item() == pytest.approx(1, abs=1e-4)


def test_of_three_regions_all_that_comes_before_fine_codes_sums_to_one(lively):
    """A fine region's codes come last, so that those before them do not depend on them."""
    codes = every_code(1, 3, contents_of_fine=1)
    assert len(codes) == (2 + 2**4 + 1) ** 3
    prior = lively(coarse_to_fine(codes.layout))
    num_fine = 16 * (codes.grain_map == 2).sum(dim=(1, 2))
    with torch.no_grad():
        terms, symbols = prior.symbol_log_probs(codes), prior.symbols(codes)
    lengths = (symbols >= 0).sum(dim=1)
    before = torch.arange(terms.shape[1]) < (lengths - num_fine)[:, None]
    total = terms.masked_fill(~before, 0).sum(dim=1).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-9)


class Reader:
    """Reads the symbols of one image one by one and paints what they say.

    Grain after grain names regions, or says END; a region is followed by its codes. What is left
    belongs to the last grain. The reader's only knowledge of what is legal: it counts.
    """

    def __init__(self, layout: CodeLayout, fine_order: str) -> None:
        self.rows, self.columns = layout.region_grid
        self.fine_order = fine_order

    def read(self, kinds: list[str], symbols: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """How often each cell was painted, and with what."""
        num_regions, height, width = self.rows * self.columns, 4 * self.rows, 4 * self.columns
        times, cells = np.zeros((height, width), dtype=int), np.full((height, width), -1)
        grain_of, grain, stream = {}, 0, list(zip(kinds, symbols, strict=True))
        while grain < 2:
            lowest = max((r for r, g in grain_of.items() if g == grain), default=-1) + 1
            free = [r for r in range(lowest, num_regions) if r not in grain_of]
            if not free:
                grain += 1
                continue
            kind, region = stream.pop(0)
            assert kind == "position"
            if region == num_regions:
                grain += 1
                continue
            assert region in free
            grain_of[region] = grain
            paint(cells, region, grain, self._contents(stream, 4**grain))
            self._count(times, region)
        left = [r for r in range(num_regions) if r not in grain_of]
        if self.fine_order == "region-first":
            for region in left:
                paint(cells, region, 2, self._contents(stream, 16))
                self._count(times, region)
        else:
            for y, x in itertools.product(range(height), range(width)):
                if y // 4 * self.columns + x // 4 in left:
                    (cells[y, x],) = self._contents(stream, 1)
                    times[y, x] += 1
        assert not stream
        return times, cells

    def _contents(self, stream: list[tuple[str, int]], count: int) -> list[int]:
        taken = [stream.pop(0) for _ in range(count)]
        assert {kind for kind, _ in taken} == {"content"}
        return [symbol for _, symbol in taken]

    def _count(self, times: np.ndarray, region: int) -> None:
        top, left = region // self.columns * 4, region % self.columns * 4
        times[top : top + 4, left : left + 4] += 1


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(1, 2),
    columns=st.integers(1, 3),
    seed=st.integers(0, 10_000),
    fine_order=st.sampled_from(["row-first", "region-first"]),
)
def test_every_sample_covers_its_image_once_and_is_what_its_symbols_say(
    rows, columns, seed, fine_order
):
    layout, num_images = layout_of(rows, columns, 5), 6
    torch.manual_seed(seed)
    prior = coarse_to_fine(layout, fine_order).eval()
    torch.nn.init.normal_(prior.position_bias, std=1.5)  # maps of all kinds
    drawn: list[tuple[list[str], list[int]]] = [([], []) for _ in range(num_images)]

    def choose(logits: torch.Tensor, step: Step) -> torch.Tensor:
        picked = torch.multinomial(logits.masked_fill(~step.legal, -math.inf).softmax(-1), 1)[:, 0]
        for image, symbol in zip(step.image.tolist(), picked.tolist(), strict=True):
            drawn[image][0].append(step.kind)
            drawn[image][1].append(symbol)
        return picked

    codes = prior.generate(choose, num_images)
    for image, (kinds, symbols) in enumerate(drawn):
        times, cells = Reader(layout, fine_order).read(kinds, symbols)
        assert (times == 1).all()
        assert cells.tolist() == codes.values[image, ..., 0].tolist()
        told = prior.symbols(codes)[image]
        assert told[told >= 0].tolist() == symbols
    back = prior.generate(forced(prior.symbols(codes)), num_images)
    assert torch.equal(back.values, codes.values)
    assert torch.equal(back.grain_map, codes.grain_map)
