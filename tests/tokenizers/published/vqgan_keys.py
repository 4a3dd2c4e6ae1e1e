"""Keys and shapes of the published VQGAN (arXiv:2012.09841), and tiny configs of it."""

from typing import Any

from .conv_keys import Shapes, conv, halves

DD: dict[str, Any] = {
    "double_z": False, "z_channels": 16, "resolution": 16, "in_channels": 3, "out_ch": 3, "ch": 32,
    "ch_mult": [1, 2], "num_res_blocks": 2, "attn_resolutions": [8], "dropout": 0.0,
}  # fmt: skip
F16: dict[str, Any] = {
    "double_z": False, "z_channels": 256, "resolution": 256, "in_channels": 3, "out_ch": 3,
    "ch": 128, "ch_mult": [1, 1, 2, 2, 4], "num_res_blocks": 2, "attn_resolutions": [16],
    "dropout": 0.0,
}  # fmt: skip


def vqgan_config(dd: dict[str, Any], embed_dim: int, n_embed: int) -> dict[str, Any]:
    """As the published YAML nests it."""
    loss = {"disc_in_channels": 3, "disc_start": 0, "disc_weight": 0.8, "codebook_weight": 1.0}
    params = {"embed_dim": embed_dim, "n_embed": n_embed, "ddconfig": dd}
    return {
        "model": {
            "base_learning_rate": 4.5e-6,
            "target": "taming.models.vqgan.VQModel",
            "params": {**params, "lossconfig": {"target": "VQLPIPS", "params": loss}},
        },
        "data": {"params": {"batch_size": 12, "train": {"params": {"config": {"size": 256}}}}},
    }


def vqgan_keys(dd: dict[str, Any], embed_dim: int, n_embed: int) -> Shapes:
    return {**halves(dd, embed_dim), "quantize.embedding.weight": (n_embed, embed_dim)}


def gumbel_keys(dd: dict[str, Any], embed_dim: int, n_embed: int) -> Shapes:
    return {
        **halves(dd, embed_dim),
        **conv("quantize.proj", embed_dim, n_embed, 1),
        "quantize.embed.weight": (n_embed, embed_dim),
    }
