"""Mirrors rqbench_priors/importers/taming_gpt.py and gpt_sequence.py, against the published GPT."""

from typing import Any

import pytest
import torch

from rqbench.api import CheckpointError, CodeLayout, Codes, ConditionSpec, Sampling
from rqbench.uniforms import uniforms
from rqbench_priors.importers.taming_gpt import TamingGPT

from . import gpt_equations
from .filling import filled, imported, patterns
from .gpt_keys import gpt_keys

VOCAB, WIDTH, LAYERS, HEADS = 11, 32, 2, 4
IMAGE = {"target": "vqgan", "params": {"ddconfig": {"resolution": 32, "ch_mult": [1, 1, 1, 1]}}}
"""A first stage with a grid of 4x4."""
CONDITIONS = {
    "class": {"cond_stage_key": "class_label",
              "cond_stage_config": {"target": "x.Labelator", "params": {"n_classes": 7}}},
    "start": {"cond_stage_config": {"target": "x.SOSProvider", "params": {"sos_token": 3}}},
    "codes": {"cond_stage_key": "depth", "cond_stage_config": IMAGE},
}  # fmt: skip
LENGTHS = {"class": 1, "start": 1, "codes": 16}
SETTINGS = [(1.0, None, 1.0), (0.8, 4, 1.0), (1.0, 6, 0.6), (1.3, None, 0.3), (1.0, 40, 0.9)]


def config(kind: str, **changes: Any) -> dict[str, Any]:
    transformer = {"vocab_size": VOCAB, "block_size": places(kind), "n_layer": LAYERS,
                   "n_head": HEADS, "n_embd": WIDTH}  # fmt: skip
    params = {"first_stage_config": IMAGE, **CONDITIONS[kind],
              "transformer_config": {"params": transformer | changes}}  # fmt: skip
    return {"model": {"target": "x.Net2NetTransformer", "params": params}}


def places(kind: str) -> int:
    return 15 + LENGTHS[kind]


def state(kind: str = "class", num_places: int | None = None) -> dict[str, torch.Tensor]:
    return filled(gpt_keys(VOCAB, num_places or places(kind), WIDTH, LAYERS))


def conditions(kind: str, count: int) -> tuple[torch.Tensor | None, torch.Tensor]:
    """As our prior takes it, and as the published sequence begins."""
    if kind == "start":
        return None, torch.full((count, 1), 3)
    drawn = torch.randint(7 if kind == "class" else VOCAB, (count, LENGTHS[kind]))
    return drawn, drawn


@pytest.mark.parametrize("kind", CONDITIONS)
def test_logits_are_the_published_ones(kind):
    weights = state(kind)
    prior, described, _ = imported(TamingGPT(), weights, config(kind))
    assert described.layout == CodeLayout(4, 4, 1, VOCAB)
    ours, theirs = conditions(kind, 5)
    codes = Codes(torch.randint(VOCAB, (5, 4, 4, 1)), described.layout)
    expected = gpt_equations.teacher_forced(weights, HEADS, theirs, codes.values.flatten(1))
    torch.testing.assert_close(prior.logits(codes, ours), expected, atol=1e-5, rtol=1e-5)
    terms = expected.log_softmax(dim=-1).gather(2, codes.values.flatten(1)[..., None])
    torch.testing.assert_close(prior.log_prob(codes, ours).float(), terms.sum(dim=(1, 2)))


@pytest.mark.parametrize("kind", CONDITIONS)
@pytest.mark.parametrize(("temperature", "top_k", "top_p"), SETTINGS)
def test_cached_samples_are_those_of_the_published_loop(kind, temperature, top_k, top_p):
    weights = state(kind)
    prior, described, _ = imported(TamingGPT(), weights, config(kind))
    assert described.sampling == Sampling(nucleus="exceed")
    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, nucleus="exceed")
    ours, theirs = conditions(kind, 6)
    drawn = prior.sample(6, 3, sampling, ours)
    rows = [uniforms(3, torch.full((16,), image), torch.arange(16)) for image in range(6)]
    expected = gpt_equations.sample(
        weights, HEADS, theirs, torch.stack(rows), temperature, top_k, top_p
    )
    assert torch.equal(drawn.values.flatten(1), expected)


@pytest.mark.parametrize("prefix", ["", "transformer."])
def test_what_is_exported_is_what_was_read_bit_for_bit(prefix):
    weights = {prefix + key: value for key, value in state().items()}
    prior, described, keys = imported(TamingGPT(), weights, config("class"))
    assert described.prefix == prefix
    exported = {prefix + key: value for key, value in keys.export(prior.state_dict()).items()}
    assert exported.keys() == weights.keys()
    assert all(torch.equal(exported[key], value) for key, value in weights.items())


@pytest.mark.parametrize("key", patterns(gpt_keys(VOCAB, 16, WIDTH, LAYERS)))
def test_a_key_that_is_lost_renamed_or_misshapen_is_named(key):
    weights = state()
    tensor = weights.pop(key)
    axes = {0, tensor.ndim - 1}
    damaged = [weights, weights | {key + "_": tensor}]
    damaged += [weights | {key: torch.cat([tensor, tensor.narrow(axis, 0, 1)], axis)}
                for axis in axes]  # fmt: skip
    for wrong in damaged:
        with pytest.raises(CheckpointError, match=key.replace(".", r"\.")):
            imported(TamingGPT(), wrong, config("class"))


def test_places_that_no_sequence_reaches_are_kept():
    weights = state(num_places=20)
    changed = config("class", block_size=20)
    prior, described, keys = imported(TamingGPT(), weights, changed)
    assert described.layout == CodeLayout(4, 4, 1, VOCAB)
    assert torch.equal(keys.export(prior.state_dict())["pos_emb"], weights["pos_emb"])
    assert prior.sample(2, 0, condition=torch.zeros(2, 1, dtype=torch.int64)).values.max() < VOCAB


def test_without_first_stage_the_places_tell_the_grid():
    for kind, num_places in (("class", 16), ("codes", 32)):
        read = config(kind, block_size=num_places)
        del read["model"]["params"]["first_stage_config"]
        _, described, _ = imported(TamingGPT(), state(num_places=num_places), read)
        assert described.layout == CodeLayout(4, 4, 1, VOCAB)
        assert "4x4" in described.notes[0]


@pytest.mark.parametrize(
    ("stage", "num_places", "length"),
    [
        ({"target": "x.CoordStage", "params": {"n_embed": VOCAB, "down_factor": 8}}, 40, 16),
        ("__is_first_stage__", 40, 16),
        ({"target": "x.Objects", "params": {}}, 22, 6),
        (IMAGE, 24, 8),  # its own size says 16, which does not fit into 24 places
    ],
)
def test_a_condition_is_as_long_as_its_stage_says_or_the_places_leave(stage, num_places, length):
    read = config("codes", block_size=num_places)
    read["model"]["params"]["cond_stage_config"] = stage
    _, described, _ = imported(TamingGPT(), state(num_places=num_places), read)
    assert described.condition == ConditionSpec(VOCAB, length)
    assert described.layout == CodeLayout(4, 4, 1, VOCAB)


def test_the_ways_to_say_unconditional_give_the_start_code():
    for said in (
        {"cond_stage_config": "__is_unconditional__"},
        {"cond_stage_config": "__is_first_stage__", "unconditional": True, "sos_token": 5},
    ):
        read = config("start")
        read["model"]["params"] |= said
        _, described, _ = imported(TamingGPT(), state(), read)
        assert described.condition is None
        assert described.config["start_code"] == said.get("sos_token", 0)


def test_it_trains_on_as_published():
    read = config("class", embd_pdrop=0.1, resid_pdrop=0.2, attn_pdrop=0.3)
    read["model"]["params"]["pkeep"] = 0.9
    _, described, _ = imported(TamingGPT(), state(), read)
    chosen = ("embedding_dropout", "dropout", "attention_dropout", "keep_probability")
    assert [described.config[key] for key in chosen] == [0.1, 0.2, 0.3, 0.9]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_head": 5}, r"n_head: 5.*width 32"),
        ({"n_head": "${heads}"}, "says `n_head` as a number"),
        ({"n_head": 2.5}, r"n_head: 2\.5, where a whole number"),
        ({"n_embd": 64}, r"32 by tok_emb.weight.*64 by .*n_embd"),
        ({"n_layer": 3}, r"2 blocks.*n_layer: 3"),
        ({"vocab_size": 12}, r"11 by tok_emb.weight.*12 by .*vocab_size"),
        ({"block_size": 17}, r"16 by pos_emb.*17 by .*block_size"),
    ],
)
def test_a_config_of_another_model_is_named_with_both_values(changes, said):
    with pytest.raises(CheckpointError, match=said):
        imported(TamingGPT(), state(), config("class", **changes))


def test_a_config_that_says_too_little_is_named():
    for read, said in (
        ({}, "n_head.*project.yaml"),
        ({"n_head": 4}, "cond_stage_config"),
        ({"n_head": 4, "cond_stage_key": "class_label"}, "n_classes"),
        ({"n_head": 4, "cond_stage_key": "class_label", "n_classes": 12}, "n_classes: 12.*11"),
        ({"n_head": 4, "unconditional": True, "sos_token": 11}, "sos_token: 11.*10"),
        ({"a": {"n_head": 4}, "b": {"n_head": 8}}, "a.n_head: 4, b.n_head: 8"),
    ):
        with pytest.raises(CheckpointError, match=said):
            imported(TamingGPT(), state(), read)


def test_variants_without_a_counterpart_are_refused_by_name():
    corner = state()
    for key in corner:
        if key.endswith(".mask"):
            corner[key][..., :3, :3] = 1
    with pytest.raises(CheckpointError, match=r"3 places.*n_unmasked"):
        imported(TamingGPT(), corner, config("class"))
    with pytest.raises(CheckpointError, match=r"n_unmasked: 4: "):
        imported(TamingGPT(), state(), config("class", n_unmasked=4))
    other = state()
    other["blocks.1.attn.mask"][..., 9, 12] = 1
    with pytest.raises(CheckpointError, match=r"blocks\.1\.attn\.mask"):
        imported(TamingGPT(), other, config("class"))
    with pytest.raises(CheckpointError, match="pkeep: 0"):
        imported(TamingGPT(), state(), {"pkeep": 0.0} | config("class"))


def test_a_permuter_is_left_out_where_it_is_raster_order_and_refused_elsewhere():
    weights = {f"transformer.{key}": value for key, value in state().items()}
    raster = {"permuter.forward_shuffle_idx": torch.arange(16)}
    imported(TamingGPT(), weights | raster, config("class"))
    spiral = {"permuter.forward_shuffle_idx": torch.arange(16).flip(0)}
    with pytest.raises(CheckpointError, match=r"permuter\.forward_shuffle_idx"):
        imported(TamingGPT(), weights | spiral, config("class"))


def test_it_knows_its_files_also_when_a_key_is_lost():
    keys = gpt_keys(VOCAB, 16, WIDTH, LAYERS)
    for prefix in ("", "transformer."):
        for lost in patterns(keys):
            assert TamingGPT().recognises(frozenset(prefix + key for key in keys if key != lost))
    assert not TamingGPT().recognises(frozenset({"encoder.conv_in.weight", "pos_emb_hw"}))
