"""Mirrors rqbench/image_range.py."""

import copy

import pytest
import torch

from rqbench import load_model
from rqbench.errors import DataError
from rqbench.image_range import check_range
from rqbench.models import save_model
from rqbench.plugins import find

IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("images", "mend"),
    [
        (IMAGES * 255, "Divide bytes by 255"),
        ((IMAGES * 255).to(torch.uint8), "images are uint8 .*Divide bytes by 255"),
        (IMAGES * 2 - 1, r"images / 2 \+ 0\.5"),
        (IMAGES * 5 - 2, "other normalisations"),
        (IMAGES + torch.tensor(float("nan")), "from nan to nan"),
    ],
    ids=["scaled", "bytes", "signed", "normalised", "nan"],
)
def test_other_images_are_refused_with_the_way_to_mend_them(images, mend):
    with pytest.raises(DataError, match=mend):
        check_range(images)


def test_floats_from_0_to_1_pass_and_so_does_what_rounding_adds():
    check_range(torch.tensor([0.0, 1.0]))
    check_range(torch.tensor([-1e-6, 1 + 1e-6]))
    check_range(IMAGES.half())
    check_range(IMAGES[:0])
    check_range(IMAGES.to("meta"))


def test_a_loaded_tokenizer_looks_at_its_images_and_so_does_its_copy(tmp_path):
    tokenizer = find("tokenizer", "vq").load().tiny().eval()
    save_model(tmp_path, "tokenizer", "vq", tokenizer)
    loaded = load_model(tmp_path)
    assert torch.equal(loaded.encode(IMAGES).values, tokenizer.encode(IMAGES).values)
    other = copy.deepcopy(loaded)
    with torch.no_grad():
        for values in (*other.parameters(), *other.buffers()):
            values.zero_()
    assert other.encode(IMAGES).values.unique().tolist() == [0]  # its own weights, not the first's
    for model in (loaded, other):
        with pytest.raises(DataError, match="Divide bytes by 255"):
            model.encode(IMAGES * 255)
    assert loaded.state_dict().keys() == tokenizer.state_dict().keys()
