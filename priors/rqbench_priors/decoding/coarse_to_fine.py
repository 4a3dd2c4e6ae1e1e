"""The loop of the coarse-to-fine prior over slots, without waiting for the device.

Each slot asks all rows for a region, once for each grain but the last, and then for a code; rows
that have none to draw do not count. No shape depends on what is drawn, so the host runs ahead.
Every few slots it lets the device tell how long images are at most and which grains they still
name; when that has arrived, rows of images that have ended leave.

Axes: b images, k rows, c condition tokens, w width, v vocabulary.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import Choose, Codes, Step
from rqbench_priors.legal import all_legal
from rqbench_priors.places import Places
from rqbench_priors.transformer import Stack

from .head import Head
from .placed import PlacedInputs
from .schedule import Schedule
from .slot_rows import SlotRows

EVERY = 4
"""Slots from one question to the device to the next."""


@dataclass(frozen=True)
class Parts:
    """What the loop needs of a prior.

    Attributes:
        regions: logits of the regions and END of all grains but the last, grain after grain.
        contents: logits of the codes.
        spots: Float[p w], what the content stack is told of a place.
    """

    places: Places
    position_stack: Stack
    content_stack: Stack
    inputs: PlacedInputs
    regions: Head
    contents: Head
    spots: Tensor


@torch.no_grad()
def draw_slots(
    parts: Parts, choose: Choose, prefix: Float[Tensor, "b c w"], first_image: int
) -> Codes:
    """What `generate` draws. The first slot is added to the prefix already."""
    drawing = SlotDrawing(parts, choose, prefix, first_image)
    schedule = Schedule(parts.places.layout, len(prefix), prefix.device)
    for slot in range(parts.places.layout.max_codes):
        if slot % EVERY == 0:
            schedule.ask(drawing.rows)
        schedule.hear(slot)
        num = schedule.num_rows(slot)
        if num == 0:
            break
        if num < len(drawing.rows):
            drawing.keep(num)
        drawing.advance(slot)
        for grain in schedule.grains(slot):
            drawing.name_regions(grain)
        drawing.draw_codes(slot)
    return drawing.rows.codes()


class SlotDrawing:
    """Rows, their caches, and what the position stack says of them."""

    def __init__(
        self, parts: Parts, choose: Choose, prefix: Float[Tensor, "b c w"], first_image: int
    ) -> None:
        layout = parts.places.layout
        self.parts, self.choose, self.first_image = parts, choose, first_image
        self.position_cache = parts.position_stack.cache(prefix.shape[1] + layout.max_codes - 1)
        self.content_cache = parts.content_stack.cache(layout.max_codes)
        self.rows = SlotRows(parts.places, _side_by_side(len(prefix), prefix.device))
        self.prefix = prefix[self.rows.row]

    def keep(self, num: int) -> None:
        """Keep so many rows, all that draw among them."""
        kept = self.rows.keep(num)
        self.position_cache.select(kept)
        self.content_cache.select(kept)

    def advance(self, slot: int) -> None:
        """Let the position stack see the prefix, or the newest code."""
        rows, parts, inputs = self.rows, self.parts, self.prefix
        if slot > 0:
            inputs = parts.inputs.at(rows.newest, rows.place, slot)[:, None]
        self.where = parts.position_stack.step(inputs, self.position_cache)[:, -1]
        self.region_logits: Tensor | None = None

    def name_regions(self, grain: int) -> None:
        """Let rows that name regions of this grain now name one, or end the grain."""
        rows = self.rows
        if self.region_logits is None:  # of all grains
            self.region_logits = self.parts.regions(self.where)
        size = rows.layout.num_regions + 1
        logits = self.region_logits[:, grain * size : (grain + 1) * size]
        legal = rows.ask_region(grain)
        step = Step("position", 0, legal, self._image(), rows.ordinal, rows.naming)
        rows.take_region(grain, self.choose(logits, step))

    def draw_codes(self, slot: int) -> None:
        """Let all rows draw the code of this slot."""
        rows, parts = self.rows, self.parts
        rows.find_places(slot)
        stream = self.where + F.embedding(rows.place, parts.spots)
        what = parts.content_stack.step(stream[:, None], self.content_cache)[:, 0]
        logits = parts.contents(what)
        step = Step("content", 0, all_legal(logits), self._image(), rows.ordinal, rows.drawing)
        rows.take_contents(slot, self.choose(logits, step))

    def _image(self) -> Int[Tensor, " k"]:
        return self.rows.row + self.first_image


def _side_by_side(num: int, device: torch.device) -> Int[Tensor, " b"]:
    """All images, in an order in which twins (of guidance: half of them apart) are neighbours, so
    that an even number of rows, all that draw among them, holds both or neither."""
    images = torch.arange(num, device=device)
    return images if num % 2 else images.view(2, -1).T.flatten()
