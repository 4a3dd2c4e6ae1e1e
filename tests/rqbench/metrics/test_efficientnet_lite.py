"""Mirrors rqbench/metrics/efficientnet_lite.py."""

import pytest
import torch
from torch import nn

from rqbench.metrics.efficientnet_lite import EfficientNetLite0, SameConv2d, fold_norms


def test_an_even_side_is_padded_on_its_right_and_bottom_only():
    conv = SameConv2d(1, 1, 3, stride=2, bias=False)
    nn.init.ones_(conv.weight)
    # Windows of 3x3 ones start at 0 and 2: whole, cut by one column, by one row, by both
    assert conv(torch.ones(1, 1, 4, 4))[0, 0].tolist() == [[9.0, 6.0], [6.0, 4.0]]


def test_a_step_of_one_keeps_the_side():
    conv = SameConv2d(1, 1, 5, bias=False)
    nn.init.ones_(conv.weight)
    assert conv(torch.ones(1, 1, 4, 7)).shape == (1, 1, 4, 7)
    assert conv(torch.ones(1, 1, 5, 5))[0, 0, 0].tolist() == [9.0, 12.0, 15.0, 12.0, 9.0]


def test_it_has_the_published_number_of_parameters():
    # 4 652 008 = the published 4.7 million
    assert sum(p.numel() for p in EfficientNetLite0().parameters()) == 4_652_008


def test_folding_the_norms_changes_no_feature():
    network = EfficientNetLite0()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 2.0)
    network.eval()
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        expected, _ = network(images)
        fold_norms(network)
        found, _ = network(images)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_that_lacks_tensors_is_refused():
    with pytest.raises(RuntimeError, match="Missing key"):
        EfficientNetLite0().load_published({"_fc.bias": torch.zeros(1000)})
