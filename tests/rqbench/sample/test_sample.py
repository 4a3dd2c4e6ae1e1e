"""Mirrors rqbench/sample/sample.py."""

import json
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.checkpoint import load_tensors
from rqbench.choice import Sampling
from rqbench.codes import Codes
from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError, DataError, UnsupportedError
from rqbench.metrics.extractor import find_extractor
from rqbench.plugins import find
from rqbench.progress import Progress
from rqbench.sample import Request, load_system, sample
from rqbench.sample.rejection import judge_by, train_classifier
from rqbench.seed import derive_seed
from rqbench.stages.draw_samples import read_samples


def contents(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_experiments_own_seed_gives_the_samples_that_it_scored(
    trained, finished, tmp_path, spoken
):
    request = Request(num=4, seed=trained.entry.seed, batch=trained.entry.batch, codes=True)
    sample(trained, request, tmp_path / "out", spoken)
    (folder,) = finished.run.glob("stages/samples-rq-4x4x4+depth-stacked-*")
    stored = read_samples(folder).permute(0, 2, 3, 1).numpy()
    for index, image in enumerate(stored):
        with Image.open(tmp_path / "out" / "images" / f"{index:06d}.png") as written:
            assert np.array_equal(np.asarray(written), image)
    codes, _ = load_tensors(tmp_path / "out" / "codes.safetensors")
    kept, _ = load_tensors(folder / "samples.safetensors")
    assert torch.equal(codes["samples/values"], kept["samples/values"])


def test_an_interrupted_request_goes_on_to_the_same_bytes(trained, tmp_path, spoken, monkeypatch):
    request = Request(num=5, batch=2, codes=True)
    sample(trained, request, tmp_path / "undisturbed", spoken)
    drawn = trained.prior.sample

    def stop(count, seed, sampling, condition, first):
        if first == 4:
            raise KeyboardInterrupt
        return drawn(count, seed, sampling, condition, first)

    with monkeypatch.context() as patch:
        patch.setattr(trained.prior, "sample", stop)
        with pytest.raises(KeyboardInterrupt):
            sample(trained, request, tmp_path / "stopped", spoken)
    firsts = []
    monkeypatch.setattr(
        trained.prior, "sample", lambda *facts: firsts.append(facts[-1]) or drawn(*facts)
    )
    assert sample(trained, request, tmp_path / "stopped", spoken).done
    assert firsts == [4]
    assert contents(tmp_path / "stopped") == contents(tmp_path / "undisturbed")


def test_a_complete_folder_is_left_as_it_is_and_a_damaged_one_mended(trained, tmp_path, spoken):
    request = Request(num=3, batch=2)
    assert sample(trained, request, tmp_path / "out", spoken).done
    before = contents(tmp_path / "out")
    assert not sample(trained, request, tmp_path / "out", spoken).done
    (tmp_path / "out" / "images" / "000001.png").unlink()
    assert sample(trained, request, tmp_path / "out", spoken).done
    assert contents(tmp_path / "out") == before


def refused(error, said, system, request, out, spoken):
    with pytest.raises(error, match=said):
        sample(system, request, out, spoken)
    assert not out.exists()


def test_what_cannot_be_drawn_leaves_nothing_and_the_corrected_request_is_taken(
    trained, labelled, tmp_path, spoken, monkeypatch
):
    out, guided = tmp_path / "out", Sampling(guidance=2)
    refused(
        UnsupportedError, "Guidance strengthens a condition, and there is none", trained,
        Request(num=2, sampling=guided), out, spoken,
    )  # fmt: skip
    # the classifier is work of minutes; what is wrong is said before
    monkeypatch.setattr(
        import_module("rqbench.sample.sample"), "find_extractor",
        lambda device: pytest.fail("began to work"),
    )  # fmt: skip
    refused(
        UnsupportedError, "has not learned to do without its condition", labelled,
        Request(num=2, sampling=guided, accept=0.5), out, spoken,
    )  # fmt: skip
    monkeypatch.undo()
    monkeypatch.setattr("rqbench.sample.rejection.open_data", changed_data)
    refused(DataError, "is not what", labelled, Request(num=2, accept=0.5), out, spoken)
    assert sample(trained, Request(num=2), out, spoken).done


def test_a_prior_that_fails_at_the_first_image_leaves_nothing(
    trained, tmp_path, spoken, monkeypatch
):
    def fail(*facts):
        raise UnsupportedError("not with these settings")

    monkeypatch.setattr(trained.prior, "sample", fail)
    refused(UnsupportedError, "not with", trained, Request(num=2), tmp_path / "out", spoken)


def changed_data(config):
    return SimpleNamespace(digest="other", name="the data")


def test_classes_have_folders_and_labels(labelled, tmp_path, spoken):
    sample(labelled, Request(num=3, batch=2), tmp_path / "png", spoken)
    assert sorted(name for name in contents(tmp_path / "png") if name.startswith("images")) == [
        "images/dark/000000.png", "images/dark/000002.png", "images/light/000001.png",
    ]  # fmt: skip
    sample(labelled, Request(num=3, batch=2, format="npz"), tmp_path / "npz", spoken)
    with np.load(tmp_path / "npz" / "samples.npz") as arrays:
        assert arrays["arr_0"].shape == (3, 32, 32, 3)
        assert arrays["arr_0"].dtype == np.uint8
        assert arrays["arr_1"].tolist() == [0, 1, 0]
        with Image.open(tmp_path / "png" / "images" / "light" / "000001.png") as image:
            assert np.array_equal(np.asarray(image), arrays["arr_0"][1])


def test_an_imported_system_is_drawn_from_class_by_class(imported, tmp_path, spoken):
    system = load_system(imported)
    sample(system, Request(num=4, batch=3, format="npz"), tmp_path / "npz", spoken)
    with np.load(tmp_path / "npz" / "samples.npz") as arrays:
        assert (arrays["arr_0"].shape, arrays["arr_0"].dtype) == ((4, 16, 16, 3), np.uint8)
        assert arrays["arr_1"].tolist() == [0, 1, 2, 0]
        images = arrays["arr_0"]
    codes = system.prior.sample(
        4, derive_seed(0, "samples"), system.sampling, torch.tensor([[0], [1], [2], [0]])
    )
    with torch.no_grad():
        levels = system.tokenizer.decode(codes).permute(0, 2, 3, 1) * 255
    assert np.array_equal(images, levels.round().to(torch.uint8).numpy())
    cut = Request(num=4, batch=3, format="npz", truncate=True)
    sample(system, cut, tmp_path / "cut", spoken)
    with np.load(tmp_path / "cut" / "samples.npz") as arrays:
        assert np.array_equal(arrays["arr_0"], levels.to(torch.uint8).numpy())
    sample(system, Request(num=2, classes=("2",)), tmp_path / "png", spoken)
    assert (tmp_path / "png" / "images" / "2" / "000001.png").is_file()


def test_given_conditions_are_drawn_in_turn_and_bind_the_folder(imported, tmp_path, spoken):
    system = load_system(imported)
    prior = find("prior", "raster").load().tiny(system.prior.layout, ConditionSpec(9, length=2))
    captioned = replace(system, prior=prior.eval())
    rows, request = torch.tensor([[1, 2], [8, 0]]), Request(num=5, batch=2, codes=True)
    sample(captioned, request, tmp_path / "out", spoken, conditions=rows)
    codes, _ = load_tensors(tmp_path / "out" / "codes.safetensors")
    asked = rows[torch.arange(5) % 2]
    assert torch.equal(codes["samples/condition"], asked)
    expected = prior.sample(5, derive_seed(0, "samples"), request.sampling, asked)
    assert torch.equal(codes["samples/values"], expected.values)
    assert not sample(captioned, request, tmp_path / "out", spoken, conditions=rows).done
    with pytest.raises(ConfigError, match="condition_sha256"):
        sample(captioned, request, tmp_path / "out", spoken, conditions=rows.flip(0))


def test_rejection_keeps_the_candidates_that_the_classifier_prefers(labelled, tmp_path, spoken):
    everything = Request(num=16, batch=4, codes=True)
    sample(labelled, everything, tmp_path / "all", spoken)
    best = everything.model_copy(update={"num": 4, "accept": 0.25})
    found = sample(labelled, best, tmp_path / "best", spoken).found
    assert (found["candidates"], found["kept"]) == (16, 4)
    assert found["mean_probability"]["kept"] > found["mean_probability"]["candidates"]
    assert found["classifier"]["held_out_accuracy"] == 1
    of_all, _ = load_tensors(tmp_path / "all" / "codes.safetensors")
    of_best, _ = load_tensors(tmp_path / "best" / "codes.safetensors")
    assert of_best["samples/labels"].tolist() == [0, 1, 0, 1]
    chosen = _chosen(labelled, of_all["samples/values"], tmp_path, spoken)
    assert torch.equal(of_best["samples/values"], of_all["samples/values"][chosen])
    assert json.loads((tmp_path / "best" / "samples.json").read_text())["found"] == found


def _chosen(labelled, candidates, tmp_path, spoken):
    """The two candidates of each class that a classifier made here likes best."""
    with Progress(spoken, 1) as progress:
        classifier = train_classifier(labelled, find_extractor(), 5000, tmp_path, progress)
    judge = judge_by(classifier, labelled, 16)
    labels = torch.arange(16) % 2
    likely = judge(Codes(candidates, labelled.prior.layout), labels)
    best = {c: sorted(sorted(range(c, 16, 2), key=lambda i: -likely[i])[:2]) for c in (0, 1)}
    return [best[0][0], best[1][0], best[0][1], best[1][1]]
