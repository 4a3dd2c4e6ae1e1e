"""How a published transformer block names what ours holds."""

from rqbench.api import Tie, same, stacked

_PARTS = {
    "attention_norm": "ln1",
    "project": "attn.proj",
    "mlp.0": "ln2",
    "mlp.1": "mlp.0",
    "mlp.3": "mlp.2",
}


def block_ties(ours: str, theirs: str, num_blocks: int) -> list[Tie]:
    """Of all blocks of a stack.

    Args:
        ours, theirs: the lists of blocks, such as "stack.blocks" and "blocks".
    """
    return [tie for i in range(num_blocks) for tie in _of_one(f"{ours}.{i}", f"{theirs}.{i}")]


def _of_one(ours: str, theirs: str) -> list[Tie]:
    ties = []
    for kind in ("weight", "bias"):
        separate = [f"{theirs}.attn.{name}.{kind}" for name in ("query", "key", "value")]
        ties.append(stacked(f"{ours}.query_key_value.{kind}", separate))
        ties += [same(f"{ours}.{our}.{kind}", f"{theirs}.{their}.{kind}")
                 for our, their in _PARTS.items()]  # fmt: skip
    return ties
