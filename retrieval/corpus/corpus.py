"""A corpus: the documents of all inputs of a call, one after another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from retrieval.corpus import parquet
from retrieval.corpus.fields import FieldNames
from retrieval.corpus.jsonl import read_jsonl
from retrieval.corpus.rejects import Reject
from retrieval.corpus.seen import SeenIds
from retrieval.corpus.sources import (
    STDIN,
    Source,
    SourceKind,
    beir_corpus,
    default_name,
    file_kind,
    find_sources,
    folder_files,
    listed,
    plain_name,
)
from retrieval.corpus.streams import InputStream, PeekedStream
from retrieval.corpus.tables import read_table
from retrieval.corpus.texts import read_lines, read_text_file
from retrieval.errors import InputError
from retrieval.records import Document


def _ignore(_: object) -> None:
    """Take no notice."""


class Corpus:
    """Streams documents from files, folders and standard input; ids are distinct.

    Memory does not grow with the files, save for 32 bytes a document to tell ids apart.

    Args:
        inputs: A path or several; ``-`` is ``stdin``.
        fields: Fields as asked for; found by name otherwise, file by file.
        stdin: Where ``-`` reads.
        note: Told, once a file, which fields were chosen.
        reject: Told of every row that cannot be used.

    Raises:
        InputError: An input is missing or of an unknown kind.
    """

    def __init__(
        self,
        inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        fields: FieldNames | None = None,
        stdin: BinaryIO | None = None,
        note: Callable[[str], None] = _ignore,
        reject: Callable[[Reject], None] = _ignore,
    ) -> None:
        given = listed(inputs)
        self.sources = find_sources(given)
        self.default_name = default_name(given)
        self._fields = fields or FieldNames()
        self._stdin = stdin
        self._note = note
        self._reject = reject
        self._finished_bytes = 0
        self._stream: InputStream | None = None
        self.size_bytes = self._size()

    def _size(self) -> int | None:
        if any(source.kind is SourceKind.STDIN for source in self.sources):
            return None
        return sum(path.stat().st_size for source in self.sources for path in _files(source))

    @property
    def bytes_read(self) -> int:
        """Bytes read so far, as the files lie on disk."""
        return self._finished_bytes + (self._stream.bytes_read if self._stream else 0)

    def __iter__(self) -> Iterator[Document]:
        seen = SeenIds()
        for path, line, document in self._documents():
            if seen.add(document.doc_id):
                yield document
            else:
                reason = f"the id {document.doc_id!r} was met before in this call"
                self._reject(Reject(path, line, reason, document.doc_id))

    def _documents(self) -> Iterator[tuple[str, int | None, Document]]:
        for source in self.sources:
            if source.kind is SourceKind.STDIN:
                yield from self._read_stdin()
                continue
            folder = Path(source.given) if source.kind is SourceKind.FOLDER else None
            for path in _files(source):
                for line, document in self._read_file(path, source.kind, folder):
                    yield str(path), line, document
                self._finished_bytes += path.stat().st_size
                self._stream = None

    def _read_file(
        self, path: Path, source_kind: SourceKind, folder: Path | None
    ) -> Iterator[tuple[int | None, Document]]:
        kind = file_kind(path)
        if kind is SourceKind.PARQUET:
            yield from parquet.read_parquet(
                path, self._fields, note=self._note, reject=self._reject
            )
            return
        with InputStream(path) as stream:
            self._stream = stream
            if kind is SourceKind.MARKDOWN or (kind is SourceKind.LINES and folder is not None):
                doc_id = path.name if folder is None else path.relative_to(folder).as_posix()
                for document in read_text_file(stream, doc_id, kind, self._reject):
                    yield None, document
            elif kind is SourceKind.LINES:
                self._note(f"{path}: one document a line.")
                yield from read_lines(stream, Path(plain_name(path)).stem, self._reject)
            else:
                yield from self._read_rows(stream, kind, beir=source_kind is SourceKind.BEIR)

    def _read_rows(
        self, stream: InputStream, kind: SourceKind | None, *, beir: bool
    ) -> Iterator[tuple[int, Document]]:
        if kind is SourceKind.JSONL:
            yield from read_jsonl(
                stream, self._fields, beir=beir, note=self._note, reject=self._reject
            )
        else:
            delimiter = "," if kind is SourceKind.CSV else "\t"
            yield from read_table(
                stream, self._fields, delimiter=delimiter, note=self._note, reject=self._reject
            )

    def _read_stdin(self) -> Iterator[tuple[str, int | None, Document]]:
        if self._stdin is None:
            raise InputError("- stands for standard input, and none was given.")
        peeked = PeekedStream(self._stdin)
        with ExitStack() as stack:
            stream = stack.enter_context(InputStream(Path(STDIN), peeked))
            if peeked.first == b"{":
                rows: Iterator[tuple[int, Document]] = self._read_rows(
                    stream, SourceKind.JSONL, beir=False
                )
            else:
                self._note("Standard input: one document a line.")
                rows = read_lines(stream, "stdin", self._reject)
            for line, document in rows:
                yield STDIN, line, document


def _files(source: Source) -> list[Path]:
    """Return the files of a source in the order they are read."""
    path = Path(source.given)
    if source.kind is SourceKind.FOLDER:
        return list(folder_files(path))
    if source.kind is SourceKind.BEIR:
        return [beir_corpus(path) or path]
    return [path]
