"""Mirrors rqbench/stages/encode_codes.py."""

import torch

from rqbench.codes import Codes, spread
from rqbench.data import to_float
from rqbench.layout import CodeLayout
from rqbench.stages.encode_codes import encode, pack, read_codes, unpack
from rqbench.stages.trial import fresh_tokenizer

DYNAMIC = CodeLayout(2, 4, 1, 8, (2, 1))


def test_encoding_in_batches_is_encoding_at_once(setting):
    model = fresh_tokenizer(setting, "rq-4x4x4").eval()
    images = setting.data.held_out().images
    at_once = model.encode(to_float(images))
    for batch_size in (2, 100):
        assert torch.equal(encode(model.encode, images, batch_size, "cpu").values, at_once.values)


def test_codes_packed_come_back_with_their_map():
    grains = torch.tensor([[[0, 1]]])
    codes = Codes(spread(torch.randint(8, (1, 2, 4, 1)), grains, DYNAMIC), DYNAMIC, grains)
    found = unpack(pack("held_out", codes), "held_out", DYNAMIC)
    assert torch.equal(found.values, codes.values)
    assert torch.equal(found.grain_map, grains)


def test_stored_codes_are_those_of_the_trained_tokenizer(finished, setting):
    from rqbench.models import load_tokenizer

    (folder,) = finished.run.glob("stages/codes-vq-4x4-*")
    (trained,) = finished.run.glob("stages/tokenizer-vq-4x4-*")
    layout = setting.layouts["vq-4x4"]
    model = load_tokenizer(trained, "cpu")
    held, labels = read_codes(folder, "held_out", layout)
    expected = encode(model.encode, setting.data.held_out().images, 9, "cpu")
    assert torch.equal(held.values, expected.values)
    assert labels is None
    training, _ = read_codes(folder, "training", layout)
    crops = setting.data.training_crops(setting.seed("prior crops"), range(16)).images
    assert torch.equal(training.values, encode(model.encode, crops, 9, "cpu").values)
