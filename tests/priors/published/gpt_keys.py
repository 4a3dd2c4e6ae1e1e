"""Keys and shapes of the published GPT, written by hand and not by our exporter."""


def gpt_keys(
    vocab_size: int, num_places: int, width: int, layers: int, prefix: str = ""
) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "tok_emb.weight": (vocab_size, width),
        "pos_emb": (1, num_places, width),
        "ln_f.weight": (width,),
        "ln_f.bias": (width,),
        "head.weight": (vocab_size, width),
    }
    for i in range(layers):
        block = f"blocks.{i}"
        shapes[f"{block}.attn.mask"] = (1, 1, num_places, num_places)
        for norm in ("ln1", "ln2"):
            shapes[f"{block}.{norm}.weight"] = (width,)
            shapes[f"{block}.{norm}.bias"] = (width,)
        for name in ("key", "query", "value", "proj"):
            shapes[f"{block}.attn.{name}.weight"] = (width, width)
            shapes[f"{block}.attn.{name}.bias"] = (width,)
        shapes[f"{block}.mlp.0.weight"] = (4 * width, width)
        shapes[f"{block}.mlp.0.bias"] = (4 * width,)
        shapes[f"{block}.mlp.2.weight"] = (width, 4 * width)
        shapes[f"{block}.mlp.2.bias"] = (width,)
    return {prefix + key: shape for key, shape in shapes.items()}
