"""Mirrors rqbench/importing/file_kind.py."""

import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save

from rqbench.errors import CheckpointError
from rqbench.importing.file_kind import kind_of

STATE = {"weight": torch.arange(600.0)}


def saved(**settings):
    into = io.BytesIO()
    torch.save(STATE, into, **settings)
    return into.getvalue()


def zipped(name, content=b"x", packing=zipfile.ZIP_STORED):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", packing) as archive:
        archive.writestr(name, content)
    return into.getvalue()


def tarred():
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.pt"))
    return into.getvalue()


def of_numpy(write, *values):
    into = io.BytesIO()
    write(into, *values)
    return into.getvalue()


def flipped(content):
    """One bit in the midst of the tensor is another."""
    place = content.index(STATE["weight"].numpy().tobytes()) + 1000
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def locked():
    """As if its entries were encrypted: bit 0 of their flags in the table at the end."""
    content = bytearray(saved())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("zip", saved()),
        ("legacy", saved(_use_new_zipfile_serialization=False)),
        ("legacy", saved(_use_new_zipfile_serialization=False, pickle_protocol=4)),
        ("safetensors", save(STATE)),
    ],
)
def test_the_formats_that_hold_weights_are_told_apart(tmp_path, kind, content):
    (tmp_path / "model").write_bytes(content)
    assert kind_of(tmp_path / "model") == kind


@pytest.mark.parametrize(
    ("said", "content"),
    [
        ("is empty", b""),
        ("an HTML page, such as a log-in", b"\n <!DOCTYPE html>\n<html>Please log in</html>"),
        ("an HTML page", b"<?xml version='1.0'?><HTML lang='en'>quota</HTML>"),
        ("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        ("it is JSON, which begins '{\"error\": 404}'", b'{"error": 404}'),
        ("it is XML, which begins", b"<?xml version='1.0'?><Error>NoSuchKey</Error>"),
        ("it is text, which begins 'model: size: 3'.*goes with --config", b"model:\n  size: 3\n"),
        ("it is text", "größer\n".encode() * 3000),
        (r"it is packed\. Unpack it \(tar xzf", b"\x1f\x8b\x08\x00\x00"),
        (r"a tar archive\. Unpack it \(tar xf", tarred()),
        ("is cut short or damaged: it begins as a file of torch.save", saved()[:-40]),
        ("is cut short or damaged: it begins as a file of torch.save", saved()[:400]),
        ("is damaged: .*data/0 in it is not what was saved", flipped(saved())),
        ("is cut short or damaged: .*is encrypted", locked()),
        (
            r"of 0\.0 MB would unpack to 10\.0 MB",
            zipped("a/data.pkl", bytes(10**7), zipfile.ZIP_DEFLATED),
        ),
        ("an NPZ file of NumPy arrays", of_numpy(np.savez, np.zeros(2))),
        ("an array of NumPy", of_numpy(np.save, np.zeros(2))),
        ("a zip archive, and no checkpoint.* it holds model.pt", zipped("model.pt")),
        ("a TorchScript archive", zipped("archive/code/x.py")),
        ("an ONNX file", b"\x08\x07\x12\x07pytorch\x1a\x052.1.0"),
        ("a pickle that torch.save did not write", b"\x80\x04K\x01."),
        ("begins with the bytes 00 00", bytes(500)),
        ("begins with the bytes", struct.pack("<Q", 1 << 40) + b"{}"),
    ],
)
def test_whatever_else_was_downloaded_is_called_by_its_name(tmp_path, said, content):
    (tmp_path / "model.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=said):
        kind_of(tmp_path / "model.ckpt")


def test_a_program_is_no_checkpoint(tmp_path):
    torch.jit.script(torch.nn.Linear(2, 2)).save(tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match="a TorchScript archive: a program"):
        kind_of(tmp_path / "model.pt")


def test_a_path_without_a_file_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="There is no file"):
        kind_of(tmp_path / "model.pt")
