"""Keys and shapes of the published RQ-Transformer, written by hand and not by our exporter."""


def rq_transformer_keys(
    *,
    positions: int,
    depth: int,
    codebook_size: int,
    vector_width: int,
    width: int,
    body_layers: int,
    depth_layers: int,
    num_conditions: int = 1,
    length: int = 1,
) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "pos_emb_cond": (1, length, width),
        "pos_emb_hw": (1, positions, width),
        "pos_emb_d": (1, depth, width),
        "cond_emb.weight": (num_conditions, width),
        "input_mlp.weight": (width, vector_width),
        "input_mlp.bias": (width,),
        "head_mlp.weight": (width, vector_width),
        "head_mlp.bias": (width,),
        "classifier.layer_norm.weight": (width,),
        "classifier.layer_norm.bias": (width,),
        "classifier.linear.weight": (codebook_size, width),
        "classifier.linear.bias": (codebook_size,),
    }
    if length > 1:
        shapes["cond_classifier.layer_norm.weight"] = (width,)
        shapes["cond_classifier.layer_norm.bias"] = (width,)
        shapes["cond_classifier.linear.weight"] = (num_conditions, width)
        shapes["cond_classifier.linear.bias"] = (num_conditions,)
    for stack, layers in (("body_transformer", body_layers), ("head_transformer", depth_layers)):
        for i in range(layers):
            block = f"{stack}.blocks.{i}"
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
    return shapes
