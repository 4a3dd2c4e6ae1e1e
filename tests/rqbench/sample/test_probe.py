"""Mirrors rqbench/sample/probe.py."""

import pytest
import torch

from rqbench.errors import DataError
from rqbench.sample.probe import STRENGTH, fit_probe


def blobs(num_classes, each=30, width=4):
    """Features around one corner a class; one feature never changes, and one has a huge unit."""
    source = torch.Generator().manual_seed(1)
    labels = torch.arange(num_classes).repeat(each)
    features = torch.randn(len(labels), width, generator=source) * 0.3
    features += torch.eye(num_classes, width)[labels]
    features[:, 0] *= 1e4
    constant = torch.full((len(labels), 1), 7.0)
    return torch.cat([features, constant], dim=1), labels


@pytest.mark.parametrize("num_classes", [2, 4])
def test_probabilities_are_those_of_the_penalised_likelihoods_maximum(num_classes):
    """Found a second time by gradient descent on the objective that defines it."""
    features, labels = blobs(num_classes)
    names = tuple("abcd"[:num_classes])
    found = fit_probe(features, labels, names).probabilities(features)
    points = features.double()
    points = ((points - points.mean(dim=0)) / points.std(dim=0).clamp(min=1e-9))[:, :-1]
    # Of two classes the first has no weights of its own, as in the library
    weight = torch.zeros(num_classes - (num_classes == 2), 4, dtype=torch.float64)
    bias = torch.zeros(len(weight), dtype=torch.float64)
    parameters = [weight.requires_grad_(), bias.requires_grad_()]
    optimizer = torch.optim.LBFGS(parameters, max_iter=500, tolerance_grad=1e-10)

    def logits():
        own = points @ weight.T + bias
        return torch.cat([torch.zeros(len(own), 1), own], dim=1) if num_classes == 2 else own

    def objective():
        optimizer.zero_grad()
        misfit = torch.nn.functional.cross_entropy(logits(), labels, reduction="sum")
        value = STRENGTH * misfit + weight.square().sum() / 2
        value.backward()
        return value

    optimizer.step(objective)
    expected = logits().softmax(dim=1).detach()
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=0)
    assert (found.argmax(dim=1) == labels).float().mean() > 0.9


def test_a_class_without_images_is_refused():
    features, labels = blobs(2)
    with pytest.raises(DataError, match="No image of the class 'c'"):
        fit_probe(features, labels, ("a", "b", "c"))
