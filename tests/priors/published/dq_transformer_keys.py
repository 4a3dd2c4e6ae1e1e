"""Keys and shapes of the published DQ-Transformer, and numbers for them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sizes:
    """A published model. `num_starts` is 1 for the unconditional one, else the classes."""

    codebook_size: int = 7
    coarse_side: int = 3
    num_starts: int = 1
    width: int = 32
    heads: int = 2
    position_layers: int = 2
    content_layers: int = 3
    block_size: int = 48

    @property
    def num_regions(self) -> int:
        return self.coarse_side**2

    @property
    def num_cells(self) -> int:
        return 4 * self.num_regions


def dq_transformer_keys(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """Without the wrapper's prefix."""
    d, s = sizes.width, sizes.block_size
    content = sizes.codebook_size + 2 + sizes.num_starts
    coarse = sizes.num_regions + 2 + sizes.num_starts
    fine = sizes.num_cells + 2 + sizes.num_starts
    keys: dict[str, tuple[int, ...]] = {
        "pos_emb": (1, s, d),
        "content_coarse_pos_emb.weight": (coarse, d),
        "content_fine_pos_emb.weight": (fine, d),
        "content_emb.weight": (content, d),
        "seg_emb.weight": (2, d),
    }
    for stack, layers in (
        ("position_transformer", sizes.position_layers),
        ("content_transformer", sizes.content_layers),
    ):
        for i in range(layers):
            block = f"{stack}.{i}"
            for norm in ("ln1", "ln2"):
                keys |= {f"{block}.{norm}.weight": (d,), f"{block}.{norm}.bias": (d,)}
            for linear in ("key", "query", "value", "proj"):
                keys[f"{block}.attn.{linear}.weight"] = (d, d)
                keys[f"{block}.attn.{linear}.bias"] = (d,)
            keys[f"{block}.attn.mask"] = (1, 1, s, s)
            keys |= {f"{block}.mlp.0.weight": (4 * d, d), f"{block}.mlp.0.bias": (4 * d,)}
            keys |= {f"{block}.mlp.2.weight": (d, 4 * d), f"{block}.mlp.2.bias": (d,)}
    for head, rows in (("position_head", fine), ("content_head", content)):
        keys |= {f"{head}.0.weight": (d,), f"{head}.0.bias": (d,), f"{head}.1.weight": (rows, d)}
    return keys


def dq_transformer_state(sizes: Sizes, seed: int = 0) -> dict[str, Tensor]:
    """Seeded numbers under which logits differ visibly from slot to slot."""
    draw = torch.Generator().manual_seed(seed)
    state = {}
    for key, shape in dq_transformer_keys(sizes).items():
        noise = torch.randn(shape, generator=draw)
        if key.endswith("attn.mask"):
            state[key] = torch.ones(shape).tril()
        elif ".ln" in key or "_head.0." in key:
            state[key] = 0.1 * noise + key.endswith("weight")
        elif key.endswith("bias"):
            state[key] = 0.1 * noise
        elif "emb" in key:
            state[key] = 0.5 * noise
        else:
            state[key] = noise / shape[-1] ** 0.5
    state["position_head.1.weight"] *= 2  # so that most maps are mixed, yet not all alike
    return state


def dq_transformer_config(sizes: Sizes, order: str = "row-first") -> dict[str, object]:
    """A second-stage config with what it tells about the transformer."""
    return {
        "model": {
            "params": {
                "transformer_config": {
                    "params": {"n_head": sizes.heads, "n_embd": sizes.width,
                               "block_size": sizes.block_size},
                },
                "permuter_config": {"params": {"fine_position_order": order}},
            }
        }
    }  # fmt: skip
