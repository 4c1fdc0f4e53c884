from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import DamagedIndexError
from retrieval.fsops import LocalFiles
from retrieval.store.container import open_container, whole, write_container
from retrieval.store.parts import PartWriter, checksums

ARRAYS = {
    "bytes": np.frombuffer(b"abc", dtype=np.uint8),
    "offsets": np.array([0, 5, 2**40], dtype="<i8"),
    "spans": np.arange(6, dtype="<i4").reshape(3, 2),
    "nothing": np.empty((0, 2), dtype="<i4"),
}


def written(path: Path) -> Path:
    with PartWriter(LocalFiles(), path) as output:
        write_container(output, {name: whole(array) for name, array in ARRAYS.items()})
    return path


def test_arrays_come_back(tmp_path: Path) -> None:
    found = open_container(memoryview(written(tmp_path / "c").read_bytes()), "c")
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in ARRAYS.items()
    }


def test_the_safetensors_library_reads_it(tmp_path: Path) -> None:
    found = safetensors.numpy.load(written(tmp_path / "c").read_bytes())
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_arrays_start_at_multiples_of_64(tmp_path: Path) -> None:
    content = written(tmp_path / "c").read_bytes()
    assert (8 + int.from_bytes(content[:8], "little")) % 64 == 0


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_by_name(content: bytes) -> None:
    with pytest.raises(DamagedIndexError, match="the-name"):
        open_container(memoryview(content), "the-name")


@given(st.data())
def test_any_changed_header_byte_is_refused_or_harmless(chosen: st.DataObject) -> None:
    header = b'{"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}'
    content = bytearray(len(header).to_bytes(8, "little") + header + bytes(8))
    at = chosen.draw(st.integers(0, len(header) + 7))
    content[at] ^= 1 << chosen.draw(st.integers(0, 7))
    try:
        found = open_container(memoryview(bytes(content)), "c")
    except DamagedIndexError:
        return
    assert sum(array.nbytes for array in found.values()) == 8


def test_a_column_of_another_length_than_it_says_is_refused(tmp_path: Path) -> None:
    column = whole(np.zeros(3, dtype="<i4"))
    wrong = type(column)(column.dtype, (4,), column.blocks)
    with (
        pytest.raises(ValueError, match="other blocks"),
        PartWriter(LocalFiles(), tmp_path / "c") as output,
    ):
        write_container(output, {"a": wrong})


def test_a_part_knows_its_checksums(tmp_path: Path) -> None:
    with PartWriter(LocalFiles(), tmp_path / "p") as output:
        output.write(b"ab")
        output.write(b"c")
        part = output.part(rows=1)
    assert checksums(LocalFiles(), tmp_path / "p") == (part.size_bytes, part.crc32, part.sha256)
    assert part.crc32 == 0x352441C2  # CRC-32 of "abc"
