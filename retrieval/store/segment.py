"""A segment opened for reading: its parts mapped, its rows and documents at hand."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError, RetrievalError
from retrieval.fsops import Files, drop_pages
from retrieval.index.exact import ExactIndex
from retrieval.records import Document, Span
from retrieval.store.container import AnyArray, open_container
from retrieval.store.content import EMPTY_FLAG, EncodedDocument, npy_header
from retrieval.store.hashing import HASH_BYTES, ContentHashes
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Part, Segment
from retrieval.vectors import Bitmap, FloatRows, unpack_bits

# what only searching words and filtering need is imported there: others need not pay for it
if TYPE_CHECKING:
    from retrieval.index.approximate import ApproximateIndex
    from retrieval.store.columns import Columns
    from retrieval.store.words import Words

_COLUMNS = {
    "doc.ids": ("u1", None),
    "doc.id_offsets": ("<i8", 1),
    "doc.offsets": ("<i8", 1),
    "doc.passages": ("<i8", 1),
    "doc.content_hash": ("u1", HASH_BYTES),
    "doc.text_hash": ("u1", HASH_BYTES),
    "doc.flags": ("u1", None),
    "doc.unseen": ("<i4", None),
    "passage.spans": ("<i4", 2),
}


class OpenSegment:
    """One segment of a generation; immutable, safe for any number of threads.

    Opening checks every part's size and header and the CRC-32 of the deletions; it
    reads no row. Whatever is found wrong later is a ``DamagedIndexError`` too.
    """

    def __init__(self, files: Files, folder: Path, segment: Segment, dim: int) -> None:
        self.segment = segment
        self._files = files
        self.folder = folder
        docs = segment.parts[PartKind.DOCS]
        self._docs = self._map(docs)
        vectors = segment.parts[PartKind.VECTORS]
        view = self._map(vectors)
        header = npy_header(segment.passages, dim)
        if bytes(view[: len(header)]) != header or len(view) != len(header) + (
            segment.passages * dim * 4
        ):
            raise self._damage(vectors, f"it is not float32 ({segment.passages}, {dim})")
        self._vectors_start = len(header)
        self.dim = dim
        self.vectors: FloatRows = np.frombuffer(view[len(header) :], dtype="<f4").reshape(-1, dim)
        arrays = segment.parts[PartKind.ARRAYS]
        mapped = self._map(arrays)
        self._arrays = open_container(mapped, str(folder / arrays.file))
        self._check_columns(arrays)
        self.deleted: Bitmap = self._read_deleted()
        self._words_view = self._map_derived(PartKind.WORDS)
        self._columns_view = self._map_derived(PartKind.COLUMNS)
        self._ann_view = self._map_derived(PartKind.ANN)
        # opened now: by the time that it is read it may have no name any more
        self._scattered = None if self._ann_view is None else files.open(folder / vectors.file)
        maps = (self._docs, view, mapped, self._words_view, self._columns_view, self._ann_view)
        self._maps = tuple(filter(None, maps))
        self._opening = threading.Lock()
        self._approximate: ApproximateIndex | None = None
        self._unusable = ""

    def _map(self, part: Part) -> memoryview:
        view = self._files.map(self.folder / part.file)
        if len(view) != part.size_bytes:
            raise self._damage(part, f"it has {len(view)} bytes, not {part.size_bytes}")
        return view

    def _map_derived(self, kind: PartKind) -> memoryview | None:
        """Map a part that can be made anew; None where it is missing."""
        part = self.segment.parts.get(kind)
        try:
            return None if part is None else self._map(part)
        except FileNotFoundError:
            return None

    def _damage(self, part: Part, reason: str) -> DamagedIndexError:
        return DamagedIndexError(
            f"{self.folder / part.file} is damaged: {reason}.",
            fix="`retrieve verify` lists everything that is damaged; `retrieve recover"
            " --to-generation N` goes back to a generation that is whole.",
        )

    def _check_columns(self, part: Part) -> None:
        documents, passages = self.segment.documents, self.segment.passages
        for name, (dtype, width) in _COLUMNS.items():
            found = self._arrays.get(name)
            rows = passages if name.startswith("passage.") else documents
            if name == "doc.ids":
                shape: tuple[int, ...] = found.shape if found is not None else ()
            elif width == 1:
                shape = (rows + 1,)
            else:
                shape = (rows,) if width is None else (rows, width)
            if found is None or found.dtype != np.dtype(dtype) or found.shape != shape:
                raise self._damage(part, f"array {name} is missing or of a wrong shape")

    def _read_deleted(self) -> Bitmap:
        part = self.segment.parts.get(PartKind.DELETED)
        if part is None:
            return np.zeros(self.segment.documents, dtype=bool)
        content = self._files.read(self.folder / part.file)
        if len(content) != part.size_bytes or zlib.crc32(content) != part.crc32:
            raise self._damage(part, "its checksum does not match the manifest")
        if len(content) != (self.segment.documents + 7) // 8:
            raise self._damage(part, f"{len(content)} bytes are not {self.segment.documents} bits")
        return unpack_bits(np.frombuffer(content, dtype=np.uint8), self.segment.documents)

    @cached_property
    def passage_starts(self) -> NDArray[np.int64]:
        """First row of each document, then the row count: int64 (documents + 1,)."""
        starts: NDArray[np.int64] = self._arrays["doc.passages"]
        if starts[0] != 0 or starts[-1] != self.segment.passages or (np.diff(starts) < 1).any():
            raise self._damage(self.segment.parts[PartKind.ARRAYS], "its passages are out of order")
        return starts

    @cached_property
    def empty(self) -> Bitmap:
        """Which documents have no text: bool (documents,)."""
        empty: Bitmap = (self._arrays["doc.flags"] & EMPTY_FLAG).astype(bool)
        return empty

    @cached_property
    def searchable(self) -> Bitmap | None:
        """Which rows may be found: bool (passages,), None when all may.

        Rows of deleted documents may not, nor those of empty ones, which mean nothing.
        """
        hidden = self.deleted | self.empty
        return self.rows_of(~self.deleted) if hidden.any() else None

    def rows_of(self, documents: Bitmap) -> Bitmap:
        """Return the rows of documents that are not empty.

        Args:
            documents: bool (documents,), live ones.

        Returns:
            bool (passages,).
        """
        found: Bitmap = documents & ~self.empty
        if self.segment.documents == self.segment.passages:
            return found
        return np.repeat(found, np.diff(self.passage_starts))

    @cached_property
    def words(self) -> Words | None:
        """Its words; None where they are missing."""
        if self._words_view is None:
            return None
        from retrieval.store.words import open_words

        path = self.folder / self.segment.parts[PartKind.WORDS].file
        return open_words(self._words_view, str(path), self.segment.passages)

    @cached_property
    def columns(self) -> Columns | None:
        """The values of its documents' metadata; None where they are missing."""
        if self._columns_view is None:
            return None
        from retrieval.store.columns import open_columns

        path = self.folder / self.segment.parts[PartKind.COLUMNS].file
        return open_columns(self._columns_view, str(path))

    @cached_property
    def index(self) -> ExactIndex:
        """The exact index over its vectors."""
        return ExactIndex.build(self.vectors)

    @property
    def has_approximate(self) -> bool:
        """Whether its approximate index is there, sound or not."""
        return self._ann_view is not None

    @property
    def approximate(self) -> ApproximateIndex:
        """Its approximate index, checked and opened when first needed.

        Raises:
            DamagedIndexError: It is missing, or not what was written.
        """
        with self._opening:
            if self._approximate is None and not self._unusable:
                try:
                    self._approximate = self._open_approximate()
                except RetrievalError as error:
                    self._unusable = error.what
            if self._approximate is None:
                raise self._damage(self.segment.parts[PartKind.ANN], self._unusable)
            return self._approximate

    def _open_approximate(self) -> ApproximateIndex:
        from retrieval.index.ann_part import open_approximate
        from retrieval.index.scattered import ScatteredRows

        part = self.segment.parts[PartKind.ANN]
        if self._ann_view is None or self._scattered is None:
            raise DamagedIndexError("it is missing")
        scattered = ScatteredRows(self._scattered, self._vectors_start, self.vectors.shape)
        return open_approximate(self._ann_view, self.vectors, part.file, scattered=scattered)

    def id_bytes(self, ordinal: int) -> bytes:
        """Return a document's id as UTF-8."""
        offsets = self._arrays["doc.id_offsets"]
        start, end = int(offsets[ordinal]), int(offsets[ordinal + 1])
        return self._arrays["doc.ids"][start:end].tobytes() if 0 <= start < end else b""

    def doc_id(self, ordinal: int) -> str:
        """Return a document's id."""
        try:
            return self.id_bytes(ordinal).decode()
        except UnicodeDecodeError as error:
            part = self.segment.parts[PartKind.ARRAYS]
            raise self._damage(part, f"id {ordinal} is not UTF-8") from error

    def find(self, doc_id: bytes) -> int | None:
        """Return the ordinal of a document of this id, deleted or not; None if there is none."""
        low, high = 0, self.segment.documents
        while low < high:
            middle = (low + high) // 2
            if self.id_bytes(middle) < doc_id:
                low = middle + 1
            else:
                high = middle
        return low if low < self.segment.documents and self.id_bytes(low) == doc_id else None

    def hashes(self, ordinal: int) -> ContentHashes:
        """Return a document's content hashes."""
        content = self._arrays["doc.content_hash"][ordinal].tobytes()
        return ContentHashes(content, self._arrays["doc.text_hash"][ordinal].tobytes())

    def row(self, ordinal: int) -> bytes:
        """Return a document's JSON row."""
        offsets = self._arrays["doc.offsets"]
        start, end = int(offsets[ordinal]), int(offsets[ordinal + 1])
        return bytes(self._docs[start:end]) if 0 <= start < end else b""

    def document(self, ordinal: int) -> Document:
        """Read a document.

        Raises:
            DamagedIndexError: Its row is not what was written.
        """
        try:
            row = orjson.loads(self.row(ordinal))
            return Document(row["id"], row["text"], row["title"], row["metadata"])
        except (ValueError, KeyError, TypeError) as error:
            part = self.segment.parts[PartKind.DOCS]
            raise self._damage(part, f"row {ordinal} cannot be read ({error})") from error

    def spans(self, ordinal: int) -> tuple[Span, ...]:
        """Return where a document's passages lie in its text."""
        start, end = self.passage_starts[ordinal : ordinal + 2]
        return tuple(Span(int(a), int(b)) for a, b in self._arrays["passage.spans"][start:end])

    def encoded(self, ordinal: int) -> EncodedDocument:
        """Read a document with its passages and vectors."""
        start, end = self.passage_starts[ordinal : ordinal + 2]
        return EncodedDocument(
            document=self.document(ordinal),
            hashes=self.hashes(ordinal),
            spans=self.spans(ordinal),
            vectors=self.vectors[start:end],
            unseen_tokens=int(self._arrays["doc.unseen"][ordinal]),
        )

    def column(self, name: str) -> AnyArray:
        """Return one of the arrays of the ``arrays`` part, as it lies in the file."""
        return self._arrays[name]

    def read_vectors(self, start: int, end: int) -> FloatRows:
        """Read rows [start, end) past the memory map, so that they do not stay in memory."""
        part = self.segment.parts[PartKind.VECTORS]
        width = self.dim * 4
        content = self._files.read_range(
            self.folder / part.file, self._vectors_start + start * width, (end - start) * width
        )
        rows: NDArray[Any] = np.frombuffer(content, dtype="<f4").reshape(-1, self.dim)
        return rows

    def read_word_entries(self, start: int, end: int) -> NDArray[np.int32]:
        """Read entries [start, end) of its words past the memory map."""
        path = self.folder / self.segment.parts[PartKind.WORDS].file
        first = (self.words.entries_at if self.words is not None else 0) + 4 * start
        return np.frombuffer(self._files.read_range(path, first, 4 * (end - start)), dtype="<i4")

    def read_docs(self, start: int, end: int) -> bytes:
        """Read JSON rows of documents [start, end) past the memory map."""
        offsets = self._arrays["doc.offsets"]
        part = self.segment.parts[PartKind.DOCS]
        first = int(offsets[start])
        return self._files.read_range(self.folder / part.file, first, int(offsets[end]) - first)

    def drop_pages(self) -> None:
        """Let go of the memory that reading through the maps took up.

        Mapped pages count as a process's memory until the system takes them back; a
        writer that goes through many segments would seem to grow with them.
        """
        for mapped in self._maps:
            drop_pages(mapped)

    def live_ordinals(self) -> Iterator[int]:
        """Yield the ordinals of documents that are not deleted, ascending."""
        for ordinal in np.flatnonzero(~self.deleted):
            yield int(ordinal)
