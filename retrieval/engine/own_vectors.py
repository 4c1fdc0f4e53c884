"""Vectors that a caller brings: one row a document, checked before any is stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.own import is_own, own_identity
from retrieval.encode.protocol import Encoder
from retrieval.errors import InputError, ModelMismatchError, UsageError
from retrieval.records import Document, ModelIdentity, Numerics, PassageMode, PassageOptions, Span
from retrieval.store.hashing import content_hashes
from retrieval.store.protocol import Passages
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, unit_rows

OWN_NUMERICS = Numerics(precision="fp32", runtime="own")
OWN_PASSAGES = PassageOptions(mode=PassageMode.WHOLE)
"""A document with a vector of its own is one passage."""

_UNIT = 1e-6
"""How far a length may be from 1 for a row to be kept bit by bit."""
_SAMPLE = 16
_LEAST_COSINE = 0.999
"""Of a row and its text encoded anew, as `verify` asks it of stored vectors."""


def read_vectors(given: str | os.PathLike[str] | NDArray[np.floating]) -> GivenVectors:
    """Open vectors that a caller brings.

    Args:
        given: A file ``.npy``, mapped and not read whole, or an array: floating (n, dim).

    Raises:
        InputError: The file cannot be read, or is not a matrix of floating-point numbers.
    """
    if isinstance(given, np.ndarray):
        return GivenVectors(given, "The array of vectors")
    path = Path(given)
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"{path} cannot be read as vectors ({reason}).", fix="Write it with numpy.save."
        ) from error
    return GivenVectors(rows, str(path))


class GivenVectors:
    """Rows for documents in the order they are read; each document of a corpus has one.

    Args:
        rows: Floating (n, dim); scaled to unit length row by row.
        name: What they are called in messages.

    Attributes:
        scaled: Rows used so far that did not have length 1.

    Raises:
        InputError: They are not a matrix of floating-point numbers with a row and a column.
    """

    def __init__(self, rows: NDArray[np.floating], name: str) -> None:
        found = f"dtype {getattr(rows, 'dtype', '?')}, shape {getattr(rows, 'shape', '?')}"
        if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f":
            raise InputError(
                f"{name} is not a matrix of vectors: {found}.",
                fix="One row a document is expected: float32 (documents, dim).",
            )
        if 0 in rows.shape:
            raise InputError(f"{name} holds no vector: {found}.")
        self._rows = rows
        self._name = name
        self._at = 0
        self._numbers: dict[str, int] = {}
        self._checked: Encoder | None = None
        self.scaled = 0

    @property
    def identity(self) -> ModelIdentity:
        """What an index of such vectors says for its model."""
        return own_identity(self._rows.shape[1])

    def check_by(self, encoder: Encoder) -> None:
        """Compare the first of them with their texts encoded anew, when they are stored.

        Raises:
            ModelMismatchError: The model makes vectors of another length.
        """
        known = encoder.identity
        if known.dim != self._rows.shape[1]:
            raise ModelMismatchError(
                f"{self._name} has vectors of {self._rows.shape[1]} numbers; {known.name}"
                f" makes {known.dim}.",
                fix="Name the model that made them, or none.",
            )
        self._checked = encoder

    def renewed(self, documents: Sequence[Document], base: Snapshot | None) -> list[bool]:
        """Take the next rows for these documents; say which are not stored exactly so.

        Args:
            documents: The next ones of the corpus.
            base: What is stored already.

        Raises:
            InputError: There are more documents than rows, or a row cannot be used.
        """
        self._numbers = {one.doc_id: self._at + number for number, one in enumerate(documents)}
        self._at += len(documents)
        if self._at > len(self._rows):
            raise InputError(
                f"{self._name} has {len(self._rows):,} rows; there are more documents.",
                fix="One row a document is expected, in the order of the file.",
            )
        wanted, scaled = self._of(documents)
        self.scaled += scaled
        return [
            not (base is not None and _is_stored(base, one, row))
            for one, row in zip(documents, wanted, strict=True)
        ]

    def finish(self) -> None:
        """Refuse rows that no document had.

        Raises:
            InputError: There are some.
        """
        if self._at != len(self._rows):
            raise InputError(
                f"{self._name} has {len(self._rows):,} rows for {self._at:,} documents.",
                fix="One row a document is expected, in the order of the file.",
            )

    def __call__(self, documents: Sequence[Document]) -> list[Passages]:
        """Return the passages of documents of the last batch: each is one, with its row."""
        rows, _ = self._of(documents)
        if self._checked is not None:
            _compare(self._checked, documents, rows, self._name)
            self._checked = None
        return [
            Passages((Span(0, len(one.text)),), row[np.newaxis], 0)
            for one, row in zip(documents, rows, strict=True)
        ]

    def _of(self, documents: Sequence[Document]) -> tuple[FloatRows, int]:
        """Return unit rows for documents of the last batch, and how many had to be scaled."""
        numbers = [self._numbers[one.doc_id] for one in documents]
        given = np.asarray(self._rows[numbers])
        rows = given.astype(np.float32)
        length = np.sqrt(np.square(given.astype(np.float64)).sum(axis=1))
        scaled = np.abs(length - 1.0) > _UNIT
        rows[scaled] = unit_rows(given[scaled])
        empty = np.array([one.is_empty for one in documents], dtype=bool)
        wrong = ~(np.isfinite(length) & (length > 0.0)) & ~empty
        if wrong.any():
            at = int(wrong.argmax())
            raise InputError(
                f"Row {numbers[at]} of {self._name}, of document {documents[at].doc_id!r}, is"
                " zero or not finite.",
                fix="A document with text needs a vector of some length.",
            )
        rows[empty] = 0.0
        return rows, int((scaled & ~empty).sum())


def refuse_new(name: str) -> Callable[[Sequence[Document]], Sequence[Passages]]:
    """Return what stands in for a model where vectors are own and none came along."""

    def refuse(documents: Sequence[Document]) -> Sequence[Passages]:
        raise UsageError(
            f"Document {documents[0].doc_id!r} needs a vector: {name} holds vectors of its own,"
            " made by no model it knows.",
            fix="Give --vectors FILE.npy (vectors= in Python), or the model that made them.",
        )

    return refuse


def stands_in(known: ModelIdentity, model: ModelIdentity) -> bool:
    """Tell whether a model may be taken for the one that made own vectors."""
    return is_own(known) and known.dim == model.dim


def _is_stored(base: Snapshot, document: Document, row: NDArray[np.float32]) -> bool:
    place = base.find(document.doc_id)
    if place is None:
        return False
    stored = base.segments[place.segment].encoded(place.ordinal)
    return stored.hashes == content_hashes(document) and np.array_equal(
        stored.vectors, row[np.newaxis]
    )


def _compare(encoder: Encoder, documents: Sequence[Document], rows: FloatRows, name: str) -> None:
    told = [at for at, one in enumerate(documents) if not one.is_empty][:_SAMPLE]
    texts = [f"{documents[at].title} {documents[at].text}".strip() for at in told]
    if not texts:
        return
    cosines = np.einsum("ij,ij->i", encoder.encode_passages(texts), rows[told])
    worst = int(cosines.argmin())
    if not cosines[worst] >= _LEAST_COSINE:
        raise ModelMismatchError(
            f"{name} was not made by {encoder.identity.name}: document"
            f" {documents[told[worst]].doc_id!r}, encoded anew, has cosine {cosines[worst]:.4f} to"
            f" its row; at least {_LEAST_COSINE} was expected.",
            fix="Leave the model out; it can still be named when the index is asked.",
        )
