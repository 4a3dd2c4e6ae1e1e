"""How large the model of a preset is and what it costs, counted without building it."""

from dataclasses import dataclass
from math import log2

from .errors import UnsupportedError
from .layout import CodeLayout
from .meta_models import meta_macs, meta_prior, meta_tokenizer
from .metrics.flops import count_parameters, count_stored
from .model_preset import ModelPreset, find_model_preset
from .phase_cost import PhaseCost
from .prior import Prior
from .question import Spec
from .tokenizer import Tokenizer


@dataclass(frozen=True)
class Sizes:
    """One model, for one image where nothing else is said. A multiply-add is two operations.

    Of dynamic codes figures hold at the share of each grain that the tokenizer aims at, and those
    that end with `_most` where all regions are fine.

    Attributes:
        parameters: as `count_stored` has them, of a tokenizer; of a prior what it learns.
        layers: of a prior, blocks in each of its transformers; of a tokenizer, levels: grids from
            the pixels to its coarsest codes, each half as fine as the one before.
        nominal_bits, nominal_bits_most: log2 k a code, and the grain map.
        encode_operations: of a tokenizer.
        sampling_operations, sampling_operations_most: of a prior that draws one image with caches;
            decoding is not among them.
        decode_operations: of the tokenizer.
        weights_fp32_bytes: of everything that must be loaded, frozen tables and statistics too.
        cache_fp32_bytes: of a prior's keys and values, for the longest sequence.
    """

    parameters: int
    layers: str
    code_shape: str
    downsample: int
    nominal_bits: float
    nominal_bits_most: float
    nominal_bpp: float
    encode_operations: int | None
    sampling_operations: int | None
    sampling_operations_most: int | None
    decode_operations: int
    weights_fp32_bytes: int
    weights_bf16_bytes: int
    cache_fp32_bytes: int | None
    cache_bf16_bytes: int | None


def sizes(preset: ModelPreset, name: str) -> Sizes:
    """Of the model of a preset.

    Raises:
        UnknownPluginError: a prior's tokenizer that no preset describes.
    """
    model, pixels = _model(preset, name), preset.resolution
    codes_of = _codes_of(preset)
    tokenizer = meta_tokenizer(_spec(codes_of), f"preset {name}")
    layout, shares = tokenizer.layout(pixels), tokenizer.grain_shares()
    macs = meta_macs(_spec(codes_of), pixels, f"preset {name}")
    bits = _nominal_bits(layout, shares)
    aimed, most = _drawn(model, _counts(layout, shares)), _drawn(model, None)
    return Sizes(
        parameters=_values(model),
        layers=_layers(model) if isinstance(model, Prior) else _levels(layout, pixels),
        code_shape=str(layout),
        downsample=pixels // layout.height,
        nominal_bits=bits,
        nominal_bits_most=layout.max_codes * layout.bits_per_code + layout.map_bits,
        nominal_bpp=bits / pixels**2,
        encode_operations=2 * macs.encode if preset.kind == "tokenizer" else None,
        sampling_operations=aimed.operations if aimed else None,
        sampling_operations_most=most.operations if most else None,
        decode_operations=2 * macs.decode,
        weights_fp32_bytes=_loaded_bytes(model, 4),
        weights_bf16_bytes=_loaded_bytes(model, 2),
        cache_fp32_bytes=most.cache_bytes if most else None,
        cache_bf16_bytes=most.cache_bytes // 2 if most else None,
    )


def _model(preset: ModelPreset, name: str) -> Tokenizer | Prior:
    where, spec, codes_of = f"preset {name}", _spec(preset), _spec(_codes_of(preset))
    if preset.kind == "tokenizer":
        return meta_tokenizer(spec, where)
    return meta_prior(spec, codes_of, preset.resolution, where, preset.condition)


def _values(model: Tokenizer | Prior) -> int:
    return count_parameters(model) if isinstance(model, Prior) else count_stored(model)


def _codes_of(preset: ModelPreset) -> ModelPreset:
    """The tokenizer's preset of a prior; of a tokenizer its own."""
    return find_model_preset(preset.tokenizer, "tokenizer") if preset.tokenizer else preset


def _spec(preset: ModelPreset) -> Spec:
    return {"type": preset.type, "config": preset.config}


def _levels(layout: CodeLayout, pixels: int) -> str:
    return str(round(log2(pixels / layout.region_grid[0])) + 1)


def _layers(prior: Prior) -> str:
    """By what its config calls `layers`, or something that ends so."""
    config = prior.config
    found = [getattr(config, key) for key in type(config).model_fields if key.endswith("layers")]
    return "+".join(map(str, found)) or "-"


def _nominal_bits(layout: CodeLayout, shares: tuple[float, ...] | None) -> float:
    shares = shares or (0.0,) * (layout.num_grains - 1) + (1.0,)
    codes = sum(s * n for s, n in zip(shares, layout.codes_per_region, strict=True))
    return layout.num_regions * codes * layout.bits_per_code + layout.map_bits


def _counts(layout: CodeLayout, shares: tuple[float, ...] | None) -> tuple[int, ...] | None:
    """Whole regions of each grain, the rest of them in the coarsest."""
    if shares is None:
        return None
    finer = tuple(round(share * layout.num_regions) for share in shares[1:])
    return (layout.num_regions - sum(finer), *finer)


def _drawn(model: Tokenizer | Prior, grain_counts: tuple[int, ...] | None) -> PhaseCost | None:
    """One image; None where the model draws none, or does not count what that costs."""
    if not isinstance(model, Prior):
        return None
    try:
        phases = model.cost(1, grain_counts).values()
    except UnsupportedError:
        return None
    return sum(phases, start=PhaseCost(0, 0))


def _loaded_bytes(model: Tokenizer | Prior, float_bytes: int) -> int:
    tensors = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    return sum(
        tensor.numel() * (float_bytes if tensor.is_floating_point() else tensor.itemsize)
        for tensor in tensors.values()
    )
