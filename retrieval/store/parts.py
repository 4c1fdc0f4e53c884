"""Writing one part: bytes go through here, so that each has its size and checksums."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.fsops import Files
from retrieval.store.manifest import Part

_BLOCK_BYTES = 1 << 20


class PartWriter:
    """A new file that is synced and described when its ``with`` block ends well."""

    def __init__(self, files: Files, path: Path) -> None:
        self._name = path.name
        self._output = files.create(path)
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self.size_bytes = 0

    def write(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        self._output.write(content)
        self._sha256.update(content)
        self._crc32 = zlib.crc32(content, self._crc32)
        self.size_bytes += len(content)

    def part(self, rows: int) -> Part:
        """Describe what was written."""
        return Part(
            file=self._name,
            size_bytes=self.size_bytes,
            rows=rows,
            crc32=self._crc32,
            sha256=self._sha256.hexdigest(),
        )

    def __enter__(self) -> Self:
        self._output.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._output.sync()
        finally:
            self._output.__exit__(kind, error, trace)


def checksums(files: Files, path: Path) -> tuple[int, int, str]:
    """Read a file through.

    Returns:
        Its size in bytes, CRC-32 and SHA-256 (hex).
    """
    sha256, crc32, offset = hashlib.sha256(), 0, 0
    while block := files.read_range(path, offset, _BLOCK_BYTES):
        sha256.update(block)
        crc32 = zlib.crc32(block, crc32)
        offset += len(block)
    return offset, crc32, sha256.hexdigest()
