"""Mirrors rqbench_priors/importers/rq_transformer.py and rq_config.py, by the published model."""

from typing import Any

import pytest
import torch

from rqbench.api import CheckpointError, CodeLayout, Codes, ConditionSpec, PriorBatch, Sampling
from rqbench.uniforms import uniforms
from rqbench_priors.importers.rq_transformer import RQTransformer

from . import rq_transformer_equations as equations
from .filling import Vectors, filled, imported, patterns
from .rq_transformer_keys import rq_transformer_keys

SIDE, CODES, VECTOR = 2, 13, 8
BASE = {"positions": 4, "depth": 3, "codebook_size": CODES, "vector_width": VECTOR, "width": 24,
        "body_layers": 2, "depth_layers": 2}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "unconditional": BASE,
    "class": BASE | {"num_conditions": 6},
    "text": BASE | {"num_conditions": 10, "length": 5},
    "one code": BASE | {"depth": 1, "depth_layers": 0, "num_conditions": 6},
    "one code with depth layers": BASE | {"depth": 1, "depth_layers": 1},
}
HEADS = 4, 2  # of the body and of the depth layers


def config(sizes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    arch = {
        "type": "rq-transformer", "block_size": [SIDE, SIDE, sizes["depth"]], "embed_dim": 24,
        "vocab_size": CODES, "vocab_size_cond": sizes.get("num_conditions", 0),
        "block_size_cond": sizes.get("length", 1), "cumsum_depth_ctx": True,
        "body": {"n_layer": sizes["body_layers"], "block": {"n_head": HEADS[0]}},
        "head": {"n_layer": sizes["depth_layers"], "block": {"n_head": HEADS[1]}},
    }  # fmt: skip
    return {"arch": arch | changes, "dataset": {"vocab_size": 99}}


def read(name: str, **changes: Any) -> tuple[Any, ...]:
    sizes = VARIANTS[name]
    weights = filled(rq_transformer_keys(**sizes))
    tokenizer = Vectors(SIDE, sizes["depth"], CODES, VECTOR)
    found = imported(RQTransformer(), weights, config(sizes, **changes), tokenizer)
    return weights, tokenizer, *found


def conditions(name: str, count: int) -> tuple[torch.Tensor | None, torch.Tensor]:
    """As our prior takes it, and as the published body begins."""
    sizes = VARIANTS[name]
    if "num_conditions" not in sizes:
        return None, torch.zeros(count, 1, dtype=torch.int64)
    drawn = torch.randint(sizes["num_conditions"], (count, sizes.get("length", 1)))
    return drawn, drawn


def random_codes(layout: CodeLayout, count: int) -> Codes:
    return Codes(torch.randint(CODES, (count, SIDE, SIDE, layout.depth)), layout)


@pytest.mark.parametrize("name", VARIANTS)
def test_logits_are_the_published_ones(name):
    weights, tokenizer, prior, described, _ = read(name)
    codes = random_codes(described.layout, 4)
    ours, theirs = conditions(name, 4)
    expected = equations.logits(weights, HEADS, tokenizer.table, theirs, codes.values.flatten(1, 2))
    expected = expected.view(4, SIDE, SIDE, described.layout.depth, CODES)
    torch.testing.assert_close(prior.logits(codes, ours), expected, atol=1e-5, rtol=1e-5)


def test_captions_are_predicted_as_published():
    weights, tokenizer, prior, described, _ = read("text")
    assert described.condition == ConditionSpec(10, 5)
    codes = random_codes(described.layout, 4)
    condition, _ = conditions("text", 4)
    stacks = codes.values.flatten(1, 2)
    of_text = equations.condition_logits(weights, HEADS[0], tokenizer.table, condition, stacks)
    torch.testing.assert_close(
        prior.condition_logits(codes, condition), of_text, atol=1e-5, rtol=1e-5
    )
    targets = torch.rand(*codes.values.shape, CODES).softmax(dim=-1)
    found = equations.logits(weights, HEADS, tokenizer.table, condition, stacks)
    text_loss = -of_text.log_softmax(-1).gather(2, condition[:, 1:, None]).mean()
    image_loss = equations.soft_loss(found, targets.flatten(1, 2))
    loss = prior.loss(PriorBatch(codes, condition, targets))
    torch.testing.assert_close(loss, 0.9 * image_loss + 0.1 * text_loss)
    hard = -found.log_softmax(-1).gather(3, stacks[..., None]).mean()
    loss = prior.loss(PriorBatch(codes, condition)).float()
    torch.testing.assert_close(loss, 0.9 * hard + 0.1 * text_loss)


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1.0, 99, 1.0), (0.7, 5, 1.0), (1.0, 99, 0.6), (1.2, [9, 4, 2], [0.9, 0.5, 0.3])],
)
def test_cached_samples_are_those_of_the_published_loop(name, temperature, top_k, top_p):
    sampling = {"temp": temperature, "top_k": top_k, "top_p": top_p}
    weights, tokenizer, prior, described, _ = read(name, sampling=sampling)
    depth = described.layout.depth
    ours, theirs = conditions(name, 4)
    drawn = prior.sample(4, 3, described.sampling, ours)
    ordinals = torch.arange(SIDE * SIDE * depth)
    rows = [uniforms(3, torch.full_like(ordinals, image), ordinals) for image in range(4)]
    expected = equations.sample(
        weights, HEADS, tokenizer.table, theirs, torch.stack(rows).view(4, SIDE * SIDE, depth),
        temperature, *(v if isinstance(v, list) else [v] * depth for v in (top_k, top_p)),
    )  # fmt: skip
    assert torch.equal(drawn.values.flatten(1, 2), expected)


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_exported_is_what_was_read_bit_for_bit(name):
    weights, _, prior, _, keys = read(name)
    exported = keys.export(prior.state_dict())
    assert exported.keys() == weights.keys()
    assert all(torch.equal(exported[key], value) for key, value in weights.items())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (name, key)
        for name in ("text", "one code")
        for key in patterns(rq_transformer_keys(**VARIANTS[name]))
    ],
)
def test_a_key_that_is_lost_renamed_or_misshapen_is_named(name, key):
    sizes = VARIANTS[name]
    weights, tokenizer = filled(rq_transformer_keys(**sizes)), Vectors(SIDE, sizes["depth"], 13, 8)
    tensor = weights.pop(key)
    axes = {0, tensor.ndim - 1}
    damaged = [weights, weights | {key + "_": tensor}]
    damaged += [weights | {key: torch.cat([tensor, tensor.narrow(axis, 0, 1)], axis)}
                for axis in axes]  # fmt: skip
    for wrong in damaged:
        with pytest.raises(CheckpointError, match=key.replace(".", r"\.")):
            imported(RQTransformer(), wrong, config(sizes), tokenizer)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((SIDE, 3, CODES, 9), r"\(3, 13, 8\).*\(3, 13, 9\)"),
        ((SIDE, 4, CODES, 8), r"\(3, 13, 8\).*\(4, 13, 8\)"),
        ((SIDE, 3, 14, 8), r"\(3, 13, 8\).*\(3, 14, 8\)"),
    ],
)
def test_a_tokenizer_with_other_vectors_is_refused(wrong, said):
    weights = filled(rq_transformer_keys(**BASE))
    with pytest.raises(CheckpointError, match=said):
        imported(RQTransformer(), weights, config(BASE), Vectors(*wrong))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": {"block": {"n_head": 5}}}, r"arch\.body\.block\.n_head: 5.*width 24"),
        ({"head": {"n_layer": 9, "block": {"n_head": 4}}}, r"2 blocks.*arch\.head\.n_layer: 9"),
        ({"embed_dim": 32}, r"24 by pos_emb_cond.*32 by arch\.embed_dim"),
        ({"vocab_size": 14}, r"13 by classifier\.linear\.weight.*14 by arch\.vocab_size"),
        ({"block_size": [2, 2, 4]}, r"pos_emb_d.*arch\.block_size is \[2, 2, 4\]"),
        ({"block_size": [4, 2, 3]}, r"pos_emb_hw.*arch\.block_size is \[4, 2, 3\]"),
        ({"vocab_size_cond": 5}, r"1 by cond_emb\.weight.*5 by arch\.vocab_size_cond"),
        ({"block_size_cond": 2}, r"1 by pos_emb_cond.*2 by arch\.block_size_cond"),
        ({"block_size": 27}, "27 is no height"),
        ({"cumsum_depth_ctx": False}, r"arch\.cumsum_depth_ctx: False"),
        ({"gelu": "v2"}, r"arch\.gelu: v2"),
    ],
)
def test_a_config_of_another_model_is_named_with_both_values(changes, said):
    weights = filled(rq_transformer_keys(**BASE))
    with pytest.raises(CheckpointError, match=said):
        imported(RQTransformer(), weights, config(BASE, **changes), Vectors(SIDE, 3, CODES, 8))


def test_heads_come_from_the_config_for_one_stack_or_both():
    weights, tokenizer = filled(rq_transformer_keys(**BASE)), Vectors(SIDE, 3, CODES, 8)
    with pytest.raises(CheckpointError, match=r"n_head.*config\.yaml"):
        imported(RQTransformer(), weights, {}, tokenizer)
    _, described, _ = imported(RQTransformer(), weights, {"block": {"n_head": 4}}, tokenizer)
    assert (described.config["heads"], described.config["depth_heads"]) == (4, 4)
    assert described.layout == CodeLayout(SIDE, SIDE, 3, CODES)  # square without a block_size


def test_without_depth_layers_nothing_has_to_be_said_of_them():
    _, _, _, described, _ = read("one code", head=None)
    assert described.config["depth_layers"] == 0
    assert described.config["depth_heads"] is None
    with pytest.raises(CheckpointError, match="n_head"):
        read("one code with depth layers", head=None)


def test_a_config_without_sampling_is_noted():
    _, _, _, described, _ = read("class")
    assert described.sampling == Sampling()
    assert "temperature 1" in described.notes[0]


def test_dropout_is_the_config_s_or_the_published_default():
    _, _, _, described, _ = read("class")
    assert described.config["dropout"] == 0.1
    assert described.config["soft_epsilon"] == 1e-7
    body = {"n_layer": 2, "block": {"n_head": HEADS[0], "resid_pdrop": 0.3}}
    _, _, _, described, _ = read("class", body=body)
    assert described.config["dropout"] == 0.3
    head = {"n_layer": 2, "block": {"n_head": HEADS[1], "resid_pdrop": 0.2}}
    _, _, _, described, _ = read("class", body=body, head=head)
    assert described.config["dropout"] == 0.3
    assert "resid_pdrop [0.3, 0.2]" in described.notes[1]


def test_sampling_settings_are_scalars_or_one_for_each_depth():
    for temperature in (0.9, [0.9, 0.9, 0.9]):
        settings = {"temp": temperature, "top_k": [7, 5, 3], "top_p": None}
        _, _, _, described, _ = read("class", sampling=settings)
        assert described.sampling == Sampling(temperature=0.9, top_k=(7, 5, 3))
    with pytest.raises(CheckpointError, match="one for each depth"):
        read("class", sampling={"temp": [0.9, 0.8, 0.7]})


def test_a_vocabulary_may_be_listed_for_each_depth_if_it_is_one():
    _, _, _, described, _ = read("class", vocab_size=[CODES] * 3)
    assert described.layout.codebook_size == CODES
    with pytest.raises(CheckpointError, match="another vocabulary at each depth"):
        read("class", vocab_size=[CODES, CODES, 4])


def test_it_knows_its_files_also_when_a_key_is_lost():
    keys = rq_transformer_keys(**BASE)
    for lost in patterns(keys):
        assert RQTransformer().recognises(frozenset(key for key in keys if key != lost))
    assert not RQTransformer().recognises(frozenset({"blocks.0.attn.key.weight", "pos_emb"}))
