"""Arithmetic coding of codes under a prior, one stream of bytes an image.

Both directions run the prior's own `generate`, with the same images together, so that the decoder
sees the logits that the encoder saw; a likelihood computed all at once would differ in last bits.
Axes: b images, c condition tokens.
"""

from collections.abc import Callable, Sequence

import constriction
import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from ..codes import Codes, concatenate
from ..layout import CodeLayout
from ..prior import Prior
from ..step import Choose, Step
from .errors import DamagedPayloadError
from .frequencies import entropy_model, frequencies
from .numerics import check_precision, pinned

BLOCK = 16
"""Images coded together where nobody has said how many."""

Advance = Callable[[int], None]
"""Told how many images more are done."""

WORD = np.dtype(">u4")
"""The most significant byte comes first, so that zeros at the end can be left out."""

Code = Callable[[int, Int[np.ndarray, " m"], Int[np.ndarray, " m"]], int]
"""(image, the legal symbols in rising order, their frequencies) -> the place among them."""


def encode_codes(
    prior: Prior,
    codes: Codes,
    condition: Int[Tensor, "b c"] | None = None,
    block: int = BLOCK,
    advance: Advance = lambda images: None,
) -> list[bytes]:
    """The stream of each image: its likelihood in bits, rounded up to bytes.

    Raises:
        UnsupportedError: a prior whose codes have no sequence of symbols, or in half precision.
    """
    streams, device = [], check_precision(prior)
    with pinned(device):
        for start in range(0, len(codes), block):
            part = codes[start : start + block].to(device)
            symbols = prior.symbols(part).cpu()
            encoders = [constriction.stream.queue.RangeEncoder() for _ in range(len(part))]
            prior.generate(_encoding(symbols, encoders), len(part), _rows(condition, start, part))
            streams += [_to_bytes(encoder) for encoder in encoders]
            advance(len(part))
    return streams


def decode_codes(
    prior: Prior,
    streams: Sequence[bytes],
    condition: Int[Tensor, "b c"] | None = None,
    block: int = BLOCK,
    advance: Advance = lambda images: None,
) -> Codes:
    """The codes of each stream, on the CPU. Needs the prior, the condition, the block and the
    numerics of the encoder; of a damaged stream other codes may come, though never endlessly many.

    Raises:
        DamagedPayloadError: bytes that no encoder wrote, where that shows.
    """
    parts = [_none(prior.layout)]
    with pinned(check_precision(prior)):
        for start in range(0, len(streams), block):
            part = streams[start : start + block]
            decoders = [constriction.stream.queue.RangeDecoder(_to_words(data)) for data in part]
            given = _rows(condition, start, part)
            parts.append(prior.generate(_decoding(decoders), len(part), given).to("cpu"))
            advance(len(part))
    return concatenate(parts)


def max_stream_bytes(layout: CodeLayout) -> int:
    """No stream of this layout is longer: a symbol costs 3 bytes at most, that of frequency 1."""
    symbols = layout.max_codes + layout.num_regions + layout.num_grains  # a map's ends too
    return 4 * symbols + 8


def _encoding(
    symbols: Int[Tensor, "b n"], encoders: list[constriction.stream.queue.RangeEncoder]
) -> Choose:
    """A choice that repeats known symbols and writes each down."""

    wanted: dict[int, int] = {}

    def write(image: int, legal: Int[np.ndarray, " m"], positive: Int[np.ndarray, " m"]) -> int:
        place = int(np.searchsorted(legal, wanted[image]))
        encoders[image].encode(place, entropy_model(positive))
        return place

    def choose(logits: Tensor, step: Step) -> Tensor:
        image = step.image.cpu()
        known = symbols[image, step.ordinal.cpu()].tolist()
        wanted.update(zip(image.tolist(), known, strict=True))
        return _choose(logits, step, write)

    return choose


def _decoding(decoders: list[constriction.stream.queue.RangeDecoder]) -> Choose:
    """A choice that reads each symbol."""

    def read(image: int, legal: Int[np.ndarray, " m"], positive: Int[np.ndarray, " m"]) -> int:
        try:
            place: int = decoders[image].decode(entropy_model(positive))
        except AssertionError:  # how constriction says that a stream fits no symbol
            raise DamagedPayloadError(
                "A stream holds what no encoder writes: the file is damaged. Compress the picture "
                "again, or fetch the file again."
            ) from None
        return place

    return lambda logits, step: _choose(logits, step, read)


def _choose(logits: Tensor, step: Step, code: Code) -> Tensor:
    """The symbol of each row; where only one is legal nothing is coded."""
    legal = step.legal.cpu()
    shares = frequencies(logits.cpu(), legal).numpy()
    symbols, all_legal, chosen = np.arange(legal.shape[1]), bool(legal.all()), []
    for image, row, allowed in zip(step.image.tolist(), shares, legal.numpy(), strict=True):
        if not all_legal:  # picking them out of a large codebook takes long
            symbols = np.flatnonzero(allowed)
            row = row[symbols]
        chosen.append(int(symbols[code(image, symbols, row) if len(symbols) > 1 else 0]))
    return torch.tensor(chosen, device=logits.device)


def _rows(
    condition: Int[Tensor, "b c"] | None, start: int, part: Codes | Sequence[bytes]
) -> Int[Tensor, "n c"] | None:
    return None if condition is None else condition[start : start + len(part)]


def _none(layout: CodeLayout) -> Codes:
    """The codes of no images."""
    shape = layout.height, layout.width, layout.depth
    grain_map = torch.empty(0, *layout.region_grid, dtype=torch.int64)
    values = torch.empty(0, *shape, dtype=torch.int64)
    return Codes(values, layout, grain_map if layout.is_dynamic else None)


def _to_bytes(encoder: constriction.stream.queue.RangeEncoder) -> bytes:
    """The shortest bytes that the decoder, which reads zeros behind them, takes for these symbols.

    constriction fills up to whole words, which is long for an image of few codes. Any number in the
    encoder's final interval would do: the one with most zeros at its end is taken.
    """
    position, (low_end, width) = encoder.pos()  # the interval, in the stream's last two words
    size = (position + 2) * WORD.itemsize
    words = encoder.get_compressed().astype(WORD).tobytes()
    inside = int.from_bytes(words.ljust(size, b"\0"))
    first: int = inside - (inside - low_end) % (1 << 64)
    for length in range(size):
        unit = 1 << 8 * (size - length)
        shortest: int = -(-first // unit)  # rounded up
        if shortest * unit < first + width:
            return shortest.to_bytes(length)
    return first.to_bytes(size)


def _to_words(data: bytes) -> np.ndarray:
    padded = data + bytes(-len(data) % WORD.itemsize)
    return np.frombuffer(padded, dtype=WORD).astype(np.uint32)
