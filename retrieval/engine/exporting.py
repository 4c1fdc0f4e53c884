"""The use case of taking everything out of an index again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from retrieval.corpus.exported import export_row
from retrieval.engine.placing import place_file
from retrieval.errors import UsageError
from retrieval.store.content import npy_header

if TYPE_CHECKING:
    from retrieval.engine.reading import ReadingMethods, VectorUnit

IDS_SUFFIX = ".ids.jsonl"
"""What the file that names the rows of vectors ends in, instead of ``.npy``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        index: Name of the index.
        generation: The generation that was written.
        documents: Documents in it.
        passages: Passages in it.
        path: File of the documents; None if none was asked for.
        vectors: File of the vectors; None if none was asked for.
        ids: File that names the rows of the vectors.
        rows: Rows of the vectors.
        unit: What a row is, ``document`` or ``passage``; None without vectors.
    """

    index: str
    generation: int
    documents: int
    passages: int
    path: str | None
    vectors: str | None
    ids: str | None
    rows: int
    unit: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema_version": 1, **asdict(self)}


def export(
    index: ReadingMethods,
    path: str | os.PathLike[str] | None,
    vectors: str | os.PathLike[str] | None,
    unit: VectorUnit,
) -> ExportReport:
    """Write an index's documents, vectors or both; see ``Index.export``."""
    if path is None and vectors is None:
        raise UsageError("There is nothing to export to.", fix="Name a file.")
    manifest = index.snapshot.manifest
    documents = sum(one.live_documents for one in manifest.segments)
    passages = sum(one.live_passages for one in manifest.segments)
    rows = 0
    ids: Path | None = None
    if vectors is not None:
        rows = documents if unit == "document" else passages
        place = Path(vectors)
        if place.suffix != ".npy":
            raise UsageError(
                f"Vectors are written as a NumPy file, and {place} is not named like one.",
                fix=f"Name it {place.name}.npy",
            )
        ids = place.with_name(place.stem + IDS_SUFFIX)
        place_file(place, _rows(index, unit, rows, manifest.model.dim))
        place_file(ids, _names(index, unit))
    if path is not None:
        lines = (
            orjson.dumps(export_row(one), option=orjson.OPT_APPEND_NEWLINE)
            for one in index.documents()
        )
        place_file(Path(path), lines)
    return ExportReport(
        index=index.name,
        generation=manifest.generation,
        documents=documents,
        passages=passages,
        path=None if path is None else os.fspath(path),
        vectors=None if vectors is None else os.fspath(vectors),
        ids=None if ids is None else str(ids),
        rows=rows,
        unit=None if vectors is None else str(unit),
    )


def _rows(index: ReadingMethods, unit: VectorUnit, rows: int, dim: int) -> Iterator[bytes]:
    yield npy_header(rows, dim)
    for block in index.vectors(unit=unit):
        yield block.rows.astype("<f4", copy=False).tobytes()


def _names(index: ReadingMethods, unit: VectorUnit) -> Iterator[bytes]:
    for block in index.vectors(unit=unit):
        for doc_id, number in zip(block.ids, block.passages.tolist(), strict=True):
            named = {"id": doc_id} if unit == "document" else {"id": doc_id, "passage": number}
            yield orjson.dumps(named, option=orjson.OPT_APPEND_NEWLINE)
