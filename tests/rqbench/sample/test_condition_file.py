"""Mirrors rqbench/sample/condition_file.py."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from rqbench.errors import ConfigError
from rqbench.sample.condition_file import digest_of_conditions, read_conditions

ROWS = np.arange(12, dtype=np.int32).reshape(2, 6)


def test_rows_are_read_from_each_kind_of_file(tmp_path):
    np.save(tmp_path / "a.npy", ROWS)
    np.savez(tmp_path / "b.npz", ROWS)
    save_file({"whatever": ROWS}, tmp_path / "c.safetensors")
    save_file({"labels": ROWS[:, 0].copy(), "condition": ROWS}, tmp_path / "d.safetensors")
    for path in tmp_path.iterdir():
        assert read_conditions(path).tolist() == ROWS.tolist()


def test_grids_of_codes_are_rows_in_raster_order_and_a_column_is_one_integer_each(tmp_path):
    np.save(tmp_path / "grid.npy", ROWS.reshape(2, 2, 3, 1))
    np.save(tmp_path / "column.npy", np.array([4, 7]))
    assert read_conditions(tmp_path / "grid.npy").tolist() == ROWS.tolist()
    assert read_conditions(tmp_path / "column.npy").tolist() == [[4], [7]]


def test_what_holds_no_conditions_is_refused(tmp_path):
    np.save(tmp_path / "floats.npy", ROWS.astype(float))
    with pytest.raises(ConfigError, match=r"numbers of type float64 .* Conditions are integers"):
        read_conditions(tmp_path / "floats.npy")
    np.savez(tmp_path / "two.npz", a=ROWS, b=ROWS)
    with pytest.raises(ConfigError, match=r"holds 2 arrays \(a, b\)"):
        read_conditions(tmp_path / "two.npz")
    np.savez(tmp_path / "none.npz")
    with pytest.raises(ConfigError, match=r"none\.npz holds no array"):
        read_conditions(tmp_path / "none.npz")
    for name in ("broken.npy", "broken.npz", "broken.safetensors"):
        (tmp_path / name).write_bytes(b"not this")
        with pytest.raises(ConfigError, match="cannot be read"):
            read_conditions(tmp_path / name)
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ConfigError, match=r"cut\.npz cannot be read: File is not a zip file\."):
        read_conditions(tmp_path / "cut.npz")
    np.save(tmp_path / "empty.npy", ROWS[:0])
    with pytest.raises(ConfigError, match=r"holds no conditions: its array has the shape \(0, "):
        read_conditions(tmp_path / "empty.npy")
    with pytest.raises(ConfigError, match=r"are read from \.npy, \.npz and \.safetensors"):
        read_conditions(tmp_path / "rows.txt")


def test_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_conditions(tmp_path / "objects.npy")


def test_a_digest_tells_conditions_of_other_numbers_or_shape_apart(tmp_path):
    np.save(tmp_path / "a.npy", ROWS)
    np.save(tmp_path / "b.npy", ROWS.reshape(3, 4))
    first, second = read_conditions(tmp_path / "a.npy"), read_conditions(tmp_path / "b.npy")
    assert digest_of_conditions(first) == digest_of_conditions(first.clone())
    assert digest_of_conditions(first) != digest_of_conditions(second)
    assert digest_of_conditions(first) != digest_of_conditions(first.flip(0))
