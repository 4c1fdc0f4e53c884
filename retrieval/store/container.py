"""Named arrays in one file, in the safetensors format.

The format (8 bytes of header length, a JSON header, the arrays end to end) is read and
written here so that arrays can be streamed out through ``fsops`` and mapped in by
offset; the library itself needs a path or the whole file in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.store.parts import PartWriter

AnyArray: TypeAlias = NDArray[Any]

_DTYPES: dict[str, np.dtype[Any]] = {
    "U8": np.dtype("u1"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_HEADER_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """An array to be written: its type and shape now, its blocks when asked for."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    blocks: Iterable[AnyArray]


def whole(array: AnyArray) -> Column:
    """Return an array in memory as a column."""
    return Column(array.dtype, array.shape, (array,))


def write_container(output: PartWriter, columns: Mapping[str, Column]) -> None:
    """Write columns in order of falling alignment, each streamed block by block.

    Raises:
        ValueError: A column's blocks do not add up to its shape.
    """
    ordered = sorted(columns.items(), key=lambda pair: (-pair[1].dtype.itemsize, pair[0]))
    header: dict[str, Any] = {}
    offset = 0
    for name, column in ordered:
        size = math.prod(column.shape) * column.dtype.itemsize
        header[name] = {
            "dtype": _NAMES[column.dtype],
            "shape": list(column.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    text = orjson.dumps(header)
    text += b" " * ((56 - len(text)) % 64)  # arrays then start at a multiple of 64 bytes
    output.write(len(text).to_bytes(8, "little") + text)
    for name, column in ordered:
        start = output.size_bytes
        for block in column.blocks:
            output.write(block.astype(column.dtype, copy=False).tobytes())
        if output.size_bytes - start != math.prod(column.shape) * column.dtype.itemsize:
            raise ValueError(f"Column {name} has other blocks than its shape {column.shape}.")


def open_container(view: memoryview, name: str) -> dict[str, AnyArray]:
    """Return the arrays of a container as views, nothing copied.

    Raises:
        DamagedIndexError: The header does not describe exactly the bytes there are.
    """
    try:
        if len(view) < 8:
            raise ValueError("it is shorter than its header")
        size = int.from_bytes(view[:8], "little")
        if not 0 < size <= min(_HEADER_LIMIT_BYTES, len(view) - 8):
            raise ValueError(f"its header claims {size} bytes")
        header = orjson.loads(bytes(view[8 : 8 + size]))
        content = view[8 + size :]
        arrays: dict[str, AnyArray] = {}
        covered = 0
        for key, entry in header.items():
            start, end = entry["data_offsets"]
            dtype, shape = _DTYPES[entry["dtype"]], tuple(entry["shape"])
            if start != covered or min(shape, default=0) < 0:
                raise ValueError(f"array {key} is out of place")
            if end - start != math.prod(shape) * dtype.itemsize or end > len(content):
                raise ValueError(f"array {key} has a wrong size")
            arrays[key] = np.frombuffer(content[start:end], dtype=dtype).reshape(shape)
            covered = end
        if covered != len(content):
            raise ValueError(f"{len(content) - covered} bytes belong to no array")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedIndexError(
            f"{name} is damaged: {error}.",
            fix="`retrieve verify` lists everything that is damaged.",
        ) from error
    return arrays
