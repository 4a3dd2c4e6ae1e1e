"""Keys and shapes of the published RQ-VAE (arXiv:2203.01941), and tiny configs of it."""

from typing import Any

from .conv_keys import Shapes, halves

DD: dict[str, Any] = {
    "double_z": False, "z_channels": 16, "resolution": 16, "in_channels": 3, "out_ch": 3, "ch": 32,
    "ch_mult": [1, 1, 2], "num_res_blocks": 1, "attn_resolutions": [4], "dropout": 0.0,
}  # fmt: skip
F32: dict[str, Any] = {
    "double_z": False, "z_channels": 256, "resolution": 256, "in_channels": 3, "out_ch": 3,
    "ch": 128, "ch_mult": [1, 1, 2, 2, 4, 4], "num_res_blocks": 2, "attn_resolutions": [8],
    "dropout": 0.0,
}  # fmt: skip


def rqvae_config(
    dd: dict[str, Any], embed_dim: int, n_embed: int, depth: int, shared: bool = True
) -> dict[str, Any]:
    """As the published YAML nests it."""
    side = dd["resolution"] // 2 ** (len(dd["ch_mult"]) - 1)
    hparams = {
        "bottleneck_type": "rq", "embed_dim": embed_dim, "n_embed": n_embed,
        "latent_shape": [side, side, embed_dim], "code_shape": [side, side, depth],
        "shared_codebook": shared, "decay": 0.99, "restart_unused_codes": True,
        "loss_type": "mse", "latent_loss_weight": 0.25,
    }  # fmt: skip
    return {
        "dataset": {"type": "imagenet", "transforms": {"type": "imagenet256x256"}},
        "arch": {"type": "rq-vae", "ema": None, "hparams": hparams, "ddconfig": dd},
        "gan": {"disc": {"arch": {"in_channels": 3, "num_layers": 2, "ndf": 64}}},
    }


def rqvae_keys(dd: dict[str, Any], embed_dim: int, n_embed: int, depth: int) -> Shapes:
    keys = halves(dd, embed_dim)
    for index in range(depth):
        name = f"quantizer.codebooks.{index}"
        keys[f"{name}.weight"] = (n_embed + 1, embed_dim)
        keys[f"{name}.cluster_size_ema"] = (n_embed,)
        keys[f"{name}.embed_ema"] = (n_embed, embed_dim)
    return keys
