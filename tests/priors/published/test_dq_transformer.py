"""Checkpoints of the DQ-Transformer are read whole, and mean what they meant."""

import re
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from rqbench.api import (
    Checkpoint,
    CheckpointError,
    CodeLayout,
    Codes,
    PriorBatch,
    Sampling,
    build_prior,
    spread,
    uniforms,
)
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.importers.dq_transformer import DQTransformerImporter

from .dq_transformer_equations import forward, losses, sequence
from .dq_transformer_keys import (
    Sizes,
    dq_transformer_config,
    dq_transformer_keys,
    dq_transformer_state,
)
from .dq_transformer_sampling import Sampler, sample

SIZES = {"unconditional": Sizes(), "five classes": Sizes(num_starts=5)}
ORDERS = "row-first", "region-first"


def checkpoint(
    sizes: Sizes, state: dict[str, Tensor] | None = None, order: str = "row-first"
) -> Checkpoint:
    state = dq_transformer_state(sizes) if state is None else state
    below = {f"transformer.{key}": value for key, value in state.items()}
    return Checkpoint(below, dq_transformer_config(sizes, order), "last.ckpt")


def imported(found: Checkpoint, **changes: object) -> DQTransformer:
    importer = DQTransformerImporter()
    assert importer.recognises(frozenset(found.state))
    described = importer.describe(found, None)
    config = {**described.config, **changes}
    parts = described.type, config, described.layout, None, described.condition, "here"
    with torch.device("meta"):
        empty = build_prior(*parts)
    weights = importer.keys(empty).translate(found.below(described.prefix), empty.state_dict())
    prior = build_prior(*parts)
    prior.load_state_dict(weights)
    assert isinstance(prior, DQTransformer)
    return prior.eval()


@pytest.fixture(params=SIZES)
def sizes(request) -> Sizes:
    return SIZES[request.param]


def mixed_codes(sizes: Sizes) -> Codes:
    """Three images with mixed maps, one all coarse, one all fine."""
    side, seeded = sizes.coarse_side, torch.Generator().manual_seed(5)
    layout = CodeLayout(2 * side, 2 * side, 1, sizes.codebook_size, (2, 1))
    grain_map = torch.randint(2, (5, side, side), generator=seeded)
    grain_map[3], grain_map[4] = 0, 1
    shape = 5, 2 * side, 2 * side, 1
    values = torch.randint(sizes.codebook_size, shape, generator=seeded)
    return Codes(spread(values, grain_map, layout), layout, grain_map)


def labels_for(sizes: Sizes, count: int) -> Tensor | None:
    return None if sizes.num_starts == 1 else torch.arange(count)[:, None] % sizes.num_starts


def told(codes: Codes, image: int, order: str, sizes: Sizes):
    assert codes.grain_map is not None
    code_map = codes.values[image, ..., 0].tolist()
    return sequence(code_map, codes.grain_map[image].tolist(), order, sizes)


def test_every_number_is_read_and_written_back_bit_for_bit(sizes):
    state = dq_transformer_state(sizes)
    prior = imported(checkpoint(sizes, state))
    written = DQTransformerImporter().keys(prior).export(prior.state_dict())
    assert written.keys() == state.keys()
    assert all(torch.equal(written[key], value) for key, value in state.items())


def test_stored_masks_are_written_from_one_tensor(sizes):
    prior = imported(checkpoint(sizes))
    written = DQTransformerImporter().keys(prior).export(prior.state_dict())
    masks = [value for key, value in written.items() if key.endswith("attn.mask")]
    assert len(masks) == 5
    assert len({value.data_ptr() for value in masks}) == 1


def test_shapes_and_config_tell_the_model(sizes):
    described = DQTransformerImporter().describe(checkpoint(sizes, order="region-first"), None)
    assert described.layout == CodeLayout(6, 6, 1, 7, (2, 1))
    classes = described.condition.vocab_size if described.condition else 1
    assert classes == sizes.num_starts
    wanted = {"width": 32, "heads": 2, "mlp_width": None, "position_layers": 2,
              "content_layers": 3, "block_size": 48, "fine_order": "region-first"}  # fmt: skip
    assert wanted.items() <= described.config.items()


@pytest.mark.parametrize("order", ORDERS)
def test_logits_are_those_of_the_published_equations(sizes, order):
    state = dq_transformer_state(sizes)
    prior = imported(checkpoint(sizes, state, order))
    codes, labels = mixed_codes(sizes), labels_for(sizes, 5)
    with torch.no_grad():
        where, what = prior.logits(codes, labels)
    for image in range(len(codes)):
        label = 0 if labels is None else int(labels[image, 0])
        expected = forward(state, sizes, told(codes, image, order, sizes), label)
        length = len(expected[0])
        torch.testing.assert_close(where[image, :length], expected[0], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(what[image, :length], expected[1], atol=1e-5, rtol=1e-5)


def test_the_published_loss_of_one_image_is_that_of_the_equations(sizes):
    state = dq_transformer_state(sizes)
    prior = imported(checkpoint(sizes, state))
    codes, labels = mixed_codes(sizes), labels_for(sizes, 5)
    for image in range(len(codes)):
        one = PriorBatch(codes, labels)[image : image + 1]
        label = 0 if labels is None else int(labels[image, 0])
        sequence = told(codes, image, "row-first", sizes)
        expected = sum(losses(forward(state, sizes, sequence, label), sizes, sequence, label))
        assert prior.loss(one).item() == pytest.approx(expected, rel=1e-5)


RULES = {
    "corrected": ({}, {}),
    "coarse in any order": ({"coarse_order": "any"}, {"any_order": True}),
    "last region never coarse": (
        {"last_region": "never-coarse"},
        {"last_never_coarse": True},
    ),
    "pad at the end": ({"coarse_end": "pad"}, {"pad_at_end": True}),
    "unshifted": ({"coarse_context": "unshifted"}, {"unshifted": True}),
    "free fine positions": ({"fine_positions": "drawn"}, {"free_fine": True}),
    "free without the start cell": (
        {"fine_positions": "drawn", "start_cell": "never-drawn"},
        {"free_fine": True, "start_cell_forbidden": True},
    ),
}
RULES["as released, fixed"] = tuple(
    {key: value for rule in list(RULES.values())[1:5] for key, value in rule[side].items()}
    for side in (0, 1)
)
RULES["as released, free"] = tuple(
    {key: value for rule in list(RULES.values())[1:7] for key, value in rule[side].items()}
    for side in (0, 1)
)
NARROW = {
    "all symbols": (Sampling(), {}),
    "narrowed": (
        Sampling(
            temperature=1.2, top_k=5, top_p=0.9, position_temperature=1.2, position_top_k=4,
            position_top_p=0.95,
        ),
        {"temperature": 1.2, "top_k": 5, "top_p": 0.9, "top_k_pos": 4, "top_p_pos": 0.95},
    ),
}  # fmt: skip


def numbers(seed: int, image: int):
    ordinals = torch.arange(100)
    return iter(uniforms(seed, torch.full_like(ordinals, image), ordinals).tolist())


@pytest.mark.parametrize(
    ("rules", "narrow"),
    [(rules, "all symbols") for rules in RULES]
    + [(rules, "narrowed") for rules in ("corrected", "as released, fixed", "as released, free")],
)
def test_cached_drawing_is_the_uncached_published_loop(sizes, rules, narrow):
    ours, theirs = RULES[rules]
    sampling, narrowing = NARROW[narrow]
    state = dq_transformer_state(sizes)
    prior = imported(checkpoint(sizes, state), rules=ours)
    labels = labels_for(sizes, 3)
    codes = prior.sample(3, 3, sampling, labels)
    maps = []
    for image in range(3):
        label = None if labels is None else int(labels[image, 0])
        sampler = Sampler(**theirs, **narrowing)
        with torch.no_grad():
            code_map, grain_map = sample(state, sizes, sampler, numbers(3, image), label)
        assert codes.grain_map is not None
        assert codes.grain_map[image].tolist() == grain_map
        assert codes.values[image, ..., 0].tolist() == code_map
        maps += grain_map
    assert 0 < sum(map(sum, maps)) < 3 * len(maps)  # coarse and fine regions are among them


def drawn(rules: dict[str, str]) -> Codes:
    prior = imported(checkpoint(SIZES["five classes"]), rules=rules)
    return prior.sample(15, 1, condition=torch.arange(15)[:, None] % 5)


@pytest.fixture(scope="module")
def corrected() -> Codes:
    return drawn({})


@pytest.mark.parametrize("rules", list(RULES)[1:])
def test_each_rule_changes_what_is_drawn(rules, corrected):
    assert not torch.equal(corrected.values, drawn(RULES[rules][0]).values)


def patterns(sizes: Sizes) -> list[str]:
    """One key of each kind."""
    found = {re.sub(r"\.\d+\.", ".N.", key, count=1): key for key in dq_transformer_keys(sizes)}
    return list(found.values())


@pytest.mark.parametrize("key", patterns(Sizes()))
def test_a_lost_a_renamed_and_a_misshapen_key_are_named(key):
    sizes = Sizes()
    whole = dq_transformer_state(sizes)
    lost = {other: value for other, value in whole.items() if other != key}
    misshapen = lost | {key: torch.cat([whole[key], whole[key][:1]])}
    for state in (lost, lost | {f"{key}_": whole[key]}, misshapen):
        with pytest.raises(CheckpointError, match=re.escape(key)):
            imported(checkpoint(sizes, state))


def test_a_key_too_many_is_named():
    state = dq_transformer_state(Sizes()) | {"content_head.1.bias": torch.zeros(10)}
    with pytest.raises(CheckpointError, match=r"content_head\.1\.bias"):
        imported(checkpoint(Sizes(), state))


def test_a_mask_that_is_not_causal_is_refused():
    state = dq_transformer_state(Sizes())
    state["position_transformer.1.attn.mask"][..., :2, :2] = 1
    with pytest.raises(CheckpointError, match=r"position_transformer\.1\.attn\.mask"):
        imported(checkpoint(Sizes(), state))


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("n_head", 3, "n_head: 3"),
        ("n_embd", 64, "64 by .*n_embd"),
        ("block_size", 64, "64 by .*block_size"),
        ("position_layer", 3, "position_layer: 3"),
        ("vocab_size", 11, "11 by .*vocab_size"),
        ("fine_position_eos_code", 38, "fine_position_eos_code: 38"),
        ("activate_sos_for_fine_sequence", False, "activate_sos_for_fine_sequence"),
        ("fine_position_order", "spiral", "spiral"),
    ],
)
def test_a_config_of_another_model_is_refused(key, value, named):
    config = {"transformer": {"params": {"n_head": 2, key: value}}}
    found = replace(checkpoint(Sizes()), config=config)
    with pytest.raises(CheckpointError, match=named):
        imported(found)


def test_dropout_is_the_config_s_or_the_published_default():
    rates = {"resid_pdrop": 0.2, "attn_pdrop": 0.0, "embd_pdrop": 1}
    for told, wanted in ((rates, (0.2, 0.0, 1.0)), ({}, (0.1, 0.1, 0.1))):
        found = replace(checkpoint(Sizes()), config={"params": {"n_head": 2, **told}})
        config = DQTransformerImporter().describe(found, None).config
        names = "dropout", "attention_dropout", "embedding_dropout"
        assert tuple(config[name] for name in names) == wanted


def test_without_a_config_the_error_says_what_is_missing():
    with pytest.raises(CheckpointError, match="n_head"):
        imported(replace(checkpoint(Sizes()), config={}))


def test_without_an_order_in_the_config_a_note_says_which_is_taken():
    found = replace(checkpoint(Sizes()), config={"params": {"n_head": 2}})
    described = DQTransformerImporter().describe(found, None)
    assert described.config["fine_order"] == "row-first"
    assert any("order" in note for note in described.notes)
