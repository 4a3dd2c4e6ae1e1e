"""How the published names of the convolutional halves correspond to ours, in all three projects.

Names of ours and theirs are of modules, without the dot that follows.
"""

from collections.abc import Iterator

from rqbench.api import Tie, same, stacked

from ..conv_config import ConvConfig


def layer(ours: str, theirs: str) -> Iterator[Tie]:
    """A convolution, a linear map or a normalisation."""
    for name in ("weight", "bias"):
        yield same(f"{ours}.{name}", f"{theirs}.{name}")


def trunk(config: ConvConfig, ours: str, theirs: str) -> Iterator[Tie]:
    """The encoder's levels, without a head."""
    yield from layer(f"{ours}.conv_in", f"{theirs}.conv_in")
    before = config.channels
    for level, width in enumerate(config.widths):
        names = f"{ours}.levels.{level}", f"{theirs}.down.{level}"
        yield from _level(config, level, config.num_res_blocks, before != width, *names)
        before = width
        if config.resample_with_conv and level < len(config.widths) - 1:
            yield from layer(f"{ours}.downs.{level}.conv", f"{theirs}.down.{level}.downsample.conv")


def head(ours: str, theirs: str, grain: str = "") -> Iterator[Tie]:
    """Middle blocks, normalisation and last convolution of an encoder, or of one of its grains."""
    yield from _mid(ours, f"{theirs}.mid{grain}")
    yield from layer(f"{ours}.3", f"{theirs}.norm_out{grain}")
    yield from layer(f"{ours}.5", f"{theirs}.conv_out{grain}")


def decoder(config: ConvConfig, ours: str, theirs: str) -> Iterator[Tie]:
    """The decoder, without the 1x1 convolution before it. It runs from the last level to the first;
    published names count levels from the finest."""
    yield from layer(f"{ours}.conv_in", f"{theirs}.conv_in")
    yield from _mid(f"{ours}.mid", f"{theirs}.mid")
    before, place = config.widths[-1], 0
    for level in reversed(range(len(config.widths))):
        width, names = config.widths[level], (f"{ours}.levels.{place}", f"{theirs}.up.{level}")
        yield from _level(config, level, config.num_res_blocks + 1, before != width, *names)
        before, place = width, place + 2
        if config.resample_with_conv and level:
            up = f"{ours}.levels.{place - 1}.conv", f"{theirs}.up.{level}.upsample.conv"
            yield from layer(*up)
    yield from layer(f"{ours}.norm_out", f"{theirs}.norm_out")
    yield from layer(f"{ours}.conv_out", f"{theirs}.conv_out")


def halves(config: ConvConfig) -> Iterator[Tie]:
    """Everything of a tokenizer with one grid but what lies between encoder and decoder."""
    yield from trunk(config, "halves.encoder.trunk", "encoder")
    yield from head("halves.encoder.head", "encoder")
    yield from layer("halves.encoder.quant_conv", "quant_conv")
    yield from layer("halves.decoder.post_quant_conv", "post_quant_conv")
    yield from decoder(config, "halves.decoder", "decoder")


def _level(
    config: ConvConfig, level: int, num: int, widens: bool, ours: str, theirs: str
) -> Iterator[Tie]:
    place = 0
    for block in range(num):
        names = f"{ours}.{place}", f"{theirs}.block.{block}"
        yield from _res_block(*names, widens=widens and block == 0)
        place += 1
        if level in config.attention_levels:
            yield from _attn_block(f"{ours}.{place}", f"{theirs}.attn.{block}")
            place += 1


def _mid(ours: str, theirs: str) -> Iterator[Tie]:
    yield from _res_block(f"{ours}.0", f"{theirs}.block_1")
    yield from _attn_block(f"{ours}.1", f"{theirs}.attn_1")
    yield from _res_block(f"{ours}.2", f"{theirs}.block_2")


def _res_block(ours: str, theirs: str, widens: bool = False) -> Iterator[Tie]:
    for name in ("norm1", "conv1", "norm2", "conv2"):
        yield from layer(f"{ours}.{name}", f"{theirs}.{name}")
    if widens:
        yield from layer(f"{ours}.skip", f"{theirs}.nin_shortcut")


def _attn_block(ours: str, theirs: str) -> Iterator[Tie]:
    yield from layer(f"{ours}.norm", f"{theirs}.norm")
    for name in ("weight", "bias"):
        yield stacked(f"{ours}.qkv.{name}", [f"{theirs}.{part}.{name}" for part in "qkv"])
    yield from layer(f"{ours}.proj_out", f"{theirs}.proj_out")
