"""What goes into a segment, sorted by document id, and how it is written as parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import orjson

from retrieval.fsops import Files
from retrieval.records import Document, Numerics, Span
from retrieval.store.container import Column, whole, write_container
from retrieval.store.hashing import HASH_BYTES, ContentHashes
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.parts import PartWriter
from retrieval.vectors import FloatRows

if TYPE_CHECKING:
    from retrieval.lexical.analyzer import Analyzer

EMPTY_FLAG = 1
_NPY_ALIGN = 64


@dataclass(frozen=True, slots=True)
class EncodedDocument:
    """A document with its passages and their vectors.

    Attributes:
        document: The document.
        hashes: Its content hashes.
        spans: Where its passages lie in its text; at least one.
        vectors: float32 (len(spans), dim), unit rows; zero rows if the document is empty.
        unseen_tokens: Tokens of it that no passage shows the model.
    """

    document: Document
    hashes: ContentHashes
    spans: tuple[Span, ...]
    vectors: FloatRows
    unseen_tokens: int


class SegmentContent(Protocol):
    """Documents in order of id (as bytes), to be written as one segment."""

    documents: int
    passages: int
    dim: int
    empty_documents: int
    unseen_tokens: int
    truncated_documents: int
    numerics: tuple[Numerics, ...]

    def vectors(self) -> Iterator[FloatRows]:
        """Yield the vectors in blocks of rows."""
        ...

    def docs(self) -> Iterator[bytes]:
        """Yield the JSON rows in blocks."""
        ...

    def columns(self) -> Mapping[str, Column]:
        """Return the arrays of the ``arrays`` part."""
        ...

    def words(self) -> Mapping[str, Column] | None:
        """Return the arrays of the ``words`` part; None to have it made from the documents."""
        ...

    def values(self) -> Mapping[str, Column] | None:
        """Return the arrays of the ``columns`` part; None to have it made from the documents."""
        ...


def npy_header(rows: int, dim: int) -> bytes:
    """Return the header of a NumPy file (format 1.0) of float32 (rows, dim)."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {dim}), }}"
    padding = -(10 + len(text) + 1) % _NPY_ALIGN
    body = text.encode() + b" " * padding + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body


def write_segment(
    files: Files, place: Callable[[PartKind], Path], content: SegmentContent
) -> Segment:
    """Write a segment's parts, each synced; their folder is the caller's to sync.

    Args:
        files: The file system.
        place: Where the part of a kind goes.
        content: What to write.

    Returns:
        The segment, nothing in it deleted.
    """
    with PartWriter(files, place(PartKind.VECTORS)) as output:
        output.write(npy_header(content.passages, content.dim))
        for rows in content.vectors():
            output.write(rows.astype("<f4", copy=False).tobytes())
        vectors = output.part(content.passages)
    with PartWriter(files, place(PartKind.DOCS)) as output:
        for block in content.docs():
            output.write(block)
        docs = output.part(content.documents)
    with PartWriter(files, place(PartKind.ARRAYS)) as output:
        write_container(output, content.columns())
        arrays = output.part(content.documents)
    parts = {PartKind.VECTORS: vectors, PartKind.DOCS: docs, PartKind.ARRAYS: arrays}
    words = content.words()
    if words is not None:
        with PartWriter(files, place(PartKind.WORDS)) as output:
            write_container(output, words)
            parts[PartKind.WORDS] = output.part(content.passages)
    values = content.values()
    if values is not None:
        with PartWriter(files, place(PartKind.COLUMNS)) as output:
            write_container(output, values)
            parts[PartKind.COLUMNS] = output.part(content.documents)
    return Segment(
        parts=parts,
        documents=content.documents,
        passages=content.passages,
        live_documents=content.documents,
        live_passages=content.passages,
        empty_documents=content.empty_documents,
        unseen_tokens=content.unseen_tokens,
        truncated_documents=content.truncated_documents,
        numerics=content.numerics,
    )


def document_row(document: Document) -> bytes:
    """Return a document as its JSON row."""
    return (
        orjson.dumps(
            {
                "id": document.doc_id,
                "title": document.title,
                "text": document.text,
                "metadata": dict(document.metadata),
            }
        )
        + b"\n"
    )


class BufferedContent:
    """Encoded documents held in memory; sorted here."""

    def __init__(
        self,
        documents: Sequence[EncodedDocument],
        dim: int,
        numerics: tuple[Numerics, ...],
        analyzer: Analyzer,
    ) -> None:
        self._analyzer = analyzer
        self._ordered = sorted(documents, key=lambda one: one.document.doc_id.encode())
        self.documents = len(documents)
        self.passages = sum(len(one.spans) for one in documents)
        self.dim = dim
        self.empty_documents = sum(one.document.is_empty for one in documents)
        self.unseen_tokens = sum(one.unseen_tokens for one in documents)
        self.truncated_documents = sum(one.unseen_tokens > 0 for one in documents)
        self.numerics = numerics
        self._rows = [document_row(one.document) for one in self._ordered]

    def vectors(self) -> Iterator[FloatRows]:
        for one in self._ordered:
            yield one.vectors

    def docs(self) -> Iterator[bytes]:
        yield from self._rows

    def columns(self) -> Mapping[str, Column]:
        ordered = self._ordered
        ids = [one.document.doc_id.encode() for one in ordered]
        spans = [(span.start, span.end) for one in ordered for span in one.spans]
        return {
            "doc.ids": whole(np.frombuffer(b"".join(ids), dtype=np.uint8)),
            "doc.id_offsets": whole(_offsets(map(len, ids))),
            "doc.offsets": whole(_offsets(map(len, self._rows))),
            "doc.passages": whole(_offsets(len(one.spans) for one in ordered)),
            "doc.content_hash": whole(_hashes(one.hashes.content for one in ordered)),
            "doc.text_hash": whole(_hashes(one.hashes.text for one in ordered)),
            "doc.flags": whole(
                np.array([EMPTY_FLAG * one.document.is_empty for one in ordered], dtype=np.uint8)
            ),
            "doc.unseen": whole(np.array([one.unseen_tokens for one in ordered], dtype="<i4")),
            "passage.spans": whole(np.array(spans, dtype="<i4").reshape(-1, 2)),
        }

    def words(self) -> Mapping[str, Column]:
        from retrieval.store.words import Words, words_columns, words_of

        documents = ((one.document, one.spans) for one in self._ordered)
        return words_columns(Words(self._analyzer.settings, words_of(documents, self._analyzer)))

    def values(self) -> Mapping[str, Column]:
        from retrieval.store.columns import columns_arrays, columns_of

        return columns_arrays(columns_of(one.document.metadata for one in self._ordered))


def _offsets(sizes: Iterator[int] | map[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.fromiter(accumulate(sizes, initial=0), dtype="<i8")


def _hashes(digests: Iterator[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, HASH_BYTES)
