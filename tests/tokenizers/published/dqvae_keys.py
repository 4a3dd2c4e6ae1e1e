"""Keys and shapes of the published DQ-VAE (arXiv:2305.11718), and tiny configs of it."""

from typing import Any, Literal

from .conv_keys import Shapes, conv, decoder, encoder_head, encoder_levels, norm

Kind = Literal["dual", "entropy", "triple"]
LEVELS = {"ch": 32, "num_res_blocks": 1, "resolution": 32, "dropout": 0.0, "resamp_with_conv": True}
ENCODER: dict[Kind, dict[str, Any]] = {
    "dual": {**LEVELS, "ch_mult": [1, 1, 2], "attn_resolutions": [8, 16]},
    "entropy": {**LEVELS, "ch_mult": [1, 1, 2], "attn_resolutions": [8, 16]},
    "triple": {**LEVELS, "ch_mult": [1, 1, 2, 2], "attn_resolutions": [4, 8, 16]},
}
DECODER: dict[str, Any] = {**LEVELS, "ch_mult": [1, 1], "attn_resolutions": [16], "out_ch": 3}
PUBLISHED = {"ch": 128, "num_res_blocks": 2, "resolution": 256}
PUBLISHED_ENCODER: dict[Kind, dict[str, Any]] = {
    "dual": {**PUBLISHED, "ch_mult": [1, 1, 2, 2, 4], "attn_resolutions": [16, 32]},
    "entropy": {**PUBLISHED, "ch_mult": [1, 1, 2, 2, 4], "attn_resolutions": [16, 32]},
    "triple": {**PUBLISHED, "ch_mult": [1, 1, 2, 2, 4, 4], "attn_resolutions": [8, 16, 32]},
}
PUBLISHED_DECODER = {**PUBLISHED, "ch_mult": [1, 1, 2, 2], "attn_resolutions": [32]}
LOSS = {  # of the published loss, with BatchNorms at 3, 6 and 9
    "loss.discriminator.main.0.weight": (64, 3, 4, 4),
    "loss.discriminator.main.3.running_mean": (128,),
    "loss.discriminator.main.3.num_batches_tracked": (),
    "loss.perceptual_loss.lin0.model.1.weight": (1, 64, 1, 1),
}


def grains_of(kind: Kind) -> tuple[str, ...]:
    """Coarse to fine."""
    return ("coarse", "median", "fine") if kind == "triple" else ("coarse", "fine")


def head_widths(dd: dict[str, Any], number: int) -> list[int]:
    """The coarsest has the last level's; each finer one divides by the quotient of multipliers."""
    widths, multipliers = [dd["ch"] * dd["ch_mult"][-1]], dd["ch_mult"]
    for step in range(1, number):
        widths.append(widths[-1] // (multipliers[-step] // multipliers[-step - 1]))
    return widths


def dqvae_keys(
    kind: Kind,
    encoder: dict[str, Any],
    decoder_dd: dict[str, Any],
    z: int,
    width: int,
    size: int,
    gate_type: str = "2layer-fc-SiLu",
    is_normalised: bool = True,
) -> Shapes:
    keys, grains = encoder_levels(encoder), grains_of(kind)
    number = len(grains)
    for grain, channels in zip(grains, head_widths(encoder, number), strict=True):
        keys |= encoder_head(channels, z, f"_{grain}")
    if kind != "entropy":
        for grain in grains if is_normalised else ():
            keys |= norm(f"encoder.router.feature_norm_{grain}", z)
        layers = {".0": number * z, ".2": number} if gate_type != "1layer-fc" else {"": number}
        for layer, out in layers.items():
            keys[f"encoder.router.gate{layer}.weight"] = (out, number * z)
            keys[f"encoder.router.gate{layer}.bias"] = (out,)
    side = decoder_dd["resolution"] // 2 ** (len(decoder_dd["ch_mult"]) - 1)
    return {
        **keys,
        **decoder(decoder_dd, z),
        **conv("decoder.position_bias_fourier.lff.ffm.conv", 2, z, 1),
        "decoder.position_bias_learned.row_embed.weight": (side, z),
        "decoder.position_bias_learned.col_embed.weight": (side, z),
        **conv("quant_conv", z, width, 1),
        **conv("post_quant_conv", width, z, 1),
        "quantize.codebook.weight": (size + 1, width),
        "quantize.codebook.cluster_size_ema": (size,),
        "quantize.codebook.embed_ema": (size, width),
    }


def dqvae_config(
    kind: Kind,
    encoder: dict[str, Any],
    decoder_dd: dict[str, Any],
    width: int,
    size: int,
    router: dict[str, Any],
    gamma: float = 10.0,
) -> dict[str, Any]:
    """As the published YAML nests it."""
    names = {"dual": "DualGrainFeatureRouter", "triple": "TripleGrainFeatureRouter"}
    target = f"modules.dynamic_modules.{names.get(kind, 'DualGrainFixedEntropyRouter')}"
    targets = (
        {"target_fine_ratio": 0.2, "target_median_ratio": 0.4}
        if kind == "triple"
        else {"target_ratio": 0.3, "calculate_all": True}
    )
    budget = {"budget_config": {"params": {"gamma": gamma, **targets}}} if kind != "entropy" else {}
    return {
        "model": {
            "params": {
                "encoderconfig": {
                    "params": {**encoder, "router_config": {"target": target, "params": router}}
                },
                "decoderconfig": {"params": {**decoder_dd, "position_type": "fourier+learned"}},
                "lossconfig": {"params": {"disc_factor": 1.0, **budget}},
                "vqconfig": {
                    "params": {
                        "codebook_size": size,
                        "codebook_dim": width,
                        "commitment_beta": 0.25,
                        "decay": 0.99,
                        "restart_unused_codes": True,
                    }
                },
            }
        }
    }
