"""Mirrors rqbench/cli/export.py."""

import torch


def test_an_imported_model_goes_back(rqbench, published, tmp_path):
    path = published.save(tmp_path / "vq" / "model.ckpt", published.tokenizer_state())
    assert rqbench("import", path, "--out", tmp_path / "out").status == 0
    ended = rqbench("export", tmp_path / "out", "--out", tmp_path / "back.pt")
    state = torch.load(tmp_path / "back.pt", weights_only=True)["state_dict"]
    assert (ended.status, ended.out) == (
        0,
        f"{len(state)} tensors of {tmp_path / 'out'} -> {tmp_path / 'back.pt'}, "
        f"{tmp_path / 'back.yaml'}\n",
    )  # fmt: skip
    assert torch.equal(state["book"], published.tokenizer_state()["book"])
    ended = rqbench("export", tmp_path / "out", "--out", tmp_path / "a.bin", "--importer", "fake-")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "No importer is called 'fake-'" in ended.err
