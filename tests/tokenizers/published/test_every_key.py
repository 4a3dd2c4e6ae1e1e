"""No key of a published tokenizer can be lost, renamed or misshapen without being named."""

import re
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from rqbench.api import CheckpointError, Importer
from rqbench_tokenizers.importers.dqvae import DQVAEImporter
from rqbench_tokenizers.importers.rqvae import RQVAEImporter
from rqbench_tokenizers.importers.vqgan import VQGANImporter

from . import rqvae_keys, vqgan_keys
from .conv_keys import Shapes
from .dqvae_keys import DECODER, ENCODER, dqvae_keys
from .filled import filled, translated


@dataclass(frozen=True)
class Family:
    importer: Importer
    keys: Shapes


FAMILIES = {
    "vqgan": Family(VQGANImporter(), vqgan_keys.vqgan_keys(vqgan_keys.DD, 24, 50)),
    "gumbel": Family(VQGANImporter(), vqgan_keys.gumbel_keys(vqgan_keys.DD, 24, 50)),
    "rqvae": Family(RQVAEImporter(), rqvae_keys.rqvae_keys(rqvae_keys.DD, 24, 40, 2)),
    "dual": Family(DQVAEImporter(), dqvae_keys("dual", ENCODER["dual"], DECODER, 32, 24, 60)),
    "triple": Family(DQVAEImporter(), dqvae_keys("triple", ENCODER["triple"], DECODER, 32, 24, 60)),
}
STATES = {name: filled(family.keys) for name, family in FAMILIES.items()}


def patterns(name: str) -> list[tuple[str, str]]:
    """One key of each pattern: the last, as its indices differ from 0."""
    found = {re.sub(r"\d+", "#", key): key for key in FAMILIES[name].keys}
    return [(name, key) for key in found.values()]


EVERY = [*patterns("vqgan"), *patterns("rqvae"), *patterns("triple")]
EVERY += [(name, key) for name, key in patterns("gumbel") if "quantize" in key]


def refusal(name: str, state: dict[str, Tensor]) -> str:
    importer = FAMILIES[name].importer
    assert importer.recognises(frozenset(state))
    with pytest.raises(CheckpointError) as caught:
        translated(importer, state)
    return str(caught.value)


@pytest.mark.parametrize(("name", "key"), EVERY)
def test_a_key_that_is_lost_renamed_or_misshapen_is_named(name: str, key: str) -> None:
    state = STATES[name]
    rest = {other: value for other, value in state.items() if other != key}
    assert key in refusal(name, rest)
    assert key in refusal(name, {**rest, f"{key}_renamed": state[key]})
    # one more row, or where that is only a larger codebook, one more column
    axis = 1 if key == "quantize.embedding.weight" else 0
    wider = torch.cat([state[key], state[key].narrow(axis, 0, 1)], dim=axis)
    # which of a layer's two tensors is wrong cannot be told: naming the layer will do
    assert key.rpartition(".")[0] in refusal(name, {**rest, key: wider})


@pytest.mark.parametrize("name", FAMILIES)
def test_each_is_recognised_by_its_own_importer_only(name: str) -> None:
    importers = (VQGANImporter(), RQVAEImporter(), DQVAEImporter())
    for prefix in ("", "first_stage_model."):
        keys = frozenset(prefix + key for key in FAMILIES[name].keys)
        known = [type(each) for each in importers if each.recognises(keys)]
        assert known == [type(FAMILIES[name].importer)]
    assert not any(each.recognises(frozenset({"encoder.conv_in.weight"})) for each in importers)
