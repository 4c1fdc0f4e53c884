"""Real queries that the recall of an index is measured with, kept for the next time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files
from retrieval.store.container import open_container, whole, write_container
from retrieval.store.manifest import Part
from retrieval.store.parts import PartWriter
from retrieval.vectors import FloatRows

VECTORS = "queries.vectors"


def write_recall_queries(files: Files, path: Path, vectors: FloatRows) -> Part:
    """Write queries as one new part, synced; its folder is the caller's to sync.

    Args:
        files: The file system.
        path: The new file.
        vectors: float32 (n, dim), unit rows.
    """
    with PartWriter(files, path) as output:
        write_container(output, {VECTORS: whole(np.ascontiguousarray(vectors, dtype=np.float32))})
        return output.part(len(vectors))


def read_recall_queries(files: Files, folder: Path, part: Part, dim: int) -> FloatRows:
    """Read the queries that a manifest names: float32 (n, dim).

    Raises:
        DamagedIndexError: They are missing, or not what was written.
    """
    path = folder / part.file
    try:
        content = files.read(path)
    except FileNotFoundError:
        raise _damage(path, "missing") from None
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise _damage(path, "damaged: its bytes do not match the checksum in the manifest")
    found = open_container(memoryview(content), str(path)).get(VECTORS)
    if found is None or found.dtype != np.float32 or found.shape != (part.rows, dim):
        raise _damage(path, f"not {part.rows} queries of {dim} components")
    if not np.isfinite(found).all():
        raise _damage(path, "no set of queries: one holds a number that is not finite")
    return found


def _damage(path: Path, what: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"{path}, the queries that recall is measured with, is {what}.",
        fix="Give them again with `retrieve index --recall-queries FILE`, or forget them with"
        " `--recall-queries none`; everything else in the index can be used.",
    )
