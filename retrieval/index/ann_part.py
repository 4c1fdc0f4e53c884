"""The bytes of an approximate index: a structure, then what is known of it.

What FAISS writes comes first. A JSON object follows, its length in 8 bytes and its CRC-32
in 4 (little-endian), and the magic. The object has the plan, the scale, the certificate, and
the CRC-32 of each block of the structure, so that they can be checked on all cores.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from retrieval.errors import DamagedIndexError, RetrievalError
from retrieval.index.approximate import ApproximateIndex
from retrieval.index.certificate import Certificate
from retrieval.index.scattered import ScatteredRows
from retrieval.index.structure import Structure
from retrieval.vectors import FloatRows

MAGIC = b"retrieve-ann-01\n"
CHECKED_BYTES = 4 << 20
"""Bytes of the structure that one checksum is of."""
_LENGTH_BYTES = 8
_CRC_BYTES = 4
_MOST_TAIL_BYTES = 64 << 20


class _Tail(NamedTuple):
    size_bytes: int
    scale: float
    checksums: list[int]
    certificate: Certificate


def write_approximate(index: ApproximateIndex, sink: Callable[[bytes], None]) -> None:
    """Hand over an index as bytes, block by block, never all at once.

    Args:
        index: What to write; its rows are not written.
        sink: Takes the blocks in order.
    """
    checksums: list[int] = []
    size_bytes = 0
    pending = bytearray()

    def take(block: bytes) -> None:
        nonlocal size_bytes
        size_bytes += len(block)
        pending.extend(block)
        while len(pending) >= CHECKED_BYTES:
            _hand_over(CHECKED_BYTES)

    def _hand_over(size: int) -> None:
        block = bytes(pending[:size])
        del pending[:size]
        checksums.append(zlib.crc32(block))
        sink(block)

    index.structure.write(take)
    if pending:
        _hand_over(len(pending))
    tail = json.dumps(
        {
            "size_bytes": size_bytes,
            "scale": index.structure.scale,
            "checksums": checksums,
            "certificate": index.certificate.to_json(),
        },
        separators=(",", ":"),
    ).encode()
    length, crc32 = len(tail), zlib.crc32(tail)
    sink(
        tail
        + length.to_bytes(_LENGTH_BYTES, "little")
        + crc32.to_bytes(_CRC_BYTES, "little")
        + MAGIC
    )


def read_certificate(content: memoryview, where: str) -> Certificate:
    """Read what is known of an index, and nothing else.

    Args:
        content: What ``write_approximate`` gave.
        where: Its name in messages.

    Raises:
        DamagedIndexError: It is something else.
    """
    return _read_tail(content, where).certificate


def open_approximate(
    content: memoryview,
    rows: FloatRows,
    where: str,
    *,
    check: bool = True,
    scattered: ScatteredRows | None = None,
) -> ApproximateIndex:
    """Open an index in the bytes themselves, such as those of a memory map.

    Args:
        content: What ``write_approximate`` gave; kept.
        rows: float32 (n, dim), the rows it was built over.
        where: The name of the content in messages.
        check: Compare the checksums first. FAISS crashes on some damaged bytes, so only
            who has checked them already leaves it out.
        scattered: The same rows, to score candidates from; None for ``rows``.

    Raises:
        DamagedIndexError: A checksum differs, or the content is of other rows.
    """
    tail = _read_tail(content, where)
    body = content[: tail.size_bytes]
    if tail.certificate.rows != len(rows):
        raise _damage(where, f"it is of {tail.certificate.rows} rows, not {len(rows)}")
    if check:
        _check(body, tail.checksums, where)
    try:
        structure = Structure.read(tail.certificate.plan, body, tail.scale, rows.shape)
    except RetrievalError as error:
        raise _damage(where, error.what) from error
    return ApproximateIndex(
        rows, structure, tail.certificate, tail.certificate.effort, scattered=scattered
    )


def _read_tail(content: memoryview, where: str) -> _Tail:
    crc_at = len(content) - len(MAGIC) - _CRC_BYTES
    end = crc_at - _LENGTH_BYTES
    if end < 0 or bytes(content[-len(MAGIC) :]) != MAGIC:
        raise _damage(where, "it does not end as one")
    length = int.from_bytes(content[end:crc_at], "little")
    if length > min(end, _MOST_TAIL_BYTES):
        raise _damage(where, f"its description has {length} bytes, of {end}")
    crc32 = int.from_bytes(content[crc_at : crc_at + _CRC_BYTES], "little")
    if zlib.crc32(content[end - length : end]) != crc32:
        raise _damage(where, "the checksum of its description does not match")
    try:
        tail: dict[str, Any] = json.loads(bytes(content[end - length : end]))
        read = _Tail(
            int(tail["size_bytes"]),
            float(tail["scale"]),
            [int(one) for one in tail["checksums"]],
            Certificate.from_json(tail["certificate"]),
        )
    except (ValueError, KeyError, TypeError, RetrievalError) as error:
        raise _damage(where, f"its description cannot be read ({error!r})") from error
    if read.size_bytes != end - length:
        raise _damage(where, f"it has {end - length} bytes, not {read.size_bytes}")
    return read


def _check(body: memoryview, checksums: list[int], where: str) -> None:
    """Compare the checksums of all blocks, on all cores."""
    starts = range(0, len(body), CHECKED_BYTES)

    def checksum(at: int) -> int:
        return zlib.crc32(body[at : at + CHECKED_BYTES])

    if len(starts) > 1:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(checksum, starts))
    else:
        found = list(map(checksum, starts))
    if found != checksums:
        raise _damage(where, "its checksums do not match")


def _damage(where: str, reason: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"{where} is no approximate index, or it is damaged: {reason}.",
        fix="It is derived: the next writer builds it anew where it is missing.",
    )
