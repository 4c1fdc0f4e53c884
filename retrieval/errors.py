"""Everything that can go wrong, as one tree.

RetrievalError
├── UsageError            the caller asked for something that cannot be
│   ├── EmptyQueryError
│   ├── FilterError
│   ├── NameTakenError
│   └── AmbiguousIndexError
├── InputError            a file to be read is missing, unreadable or holds a bad row
│   └── BadRowError
├── StoreError            the index on disk
│   ├── IndexNotFoundError
│   ├── NotAnIndexError
│   ├── NewerFormatError
│   ├── DamagedIndexError
│   ├── LockedError
│   ├── ModelMismatchError
│   ├── WordsMissingError
│   ├── ColumnsMissingError
│   ├── GenerationTakenError
│   └── SnapshotLostError
├── FileSystemError       the machine refused a file operation
│   ├── DiskFullError
│   └── ReadOnlyError
├── ModelError            a model is missing, altered or unusable
│   ├── ModelNotFoundError
│   ├── ModelAlteredError
│   ├── ModelExportError
│   ├── NotAClassifierError
│   ├── NotARerankerError
│   └── TrainingError
├── MissingExtraError     an optional part is not installed
└── InterruptedWorkError  stopped on request; finished work is kept

Every error says what happened and what was found (its message) and what to do
(``fix``). ``code`` is a stable word for programs.
"""

from __future__ import annotations

from typing import ClassVar


class RetrievalError(Exception):
    """Base of every error this package raises on purpose.

    Args:
        what: What happened, what was found and what was expected.
        fix: What the reader can do about it; may be empty.
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, *, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what} {self.fix}".rstrip()


class UsageError(RetrievalError):
    """The caller asked for something that cannot be: a bad option or argument."""

    code = "usage"


class EmptyQueryError(UsageError):
    """A query text is empty or only white space."""

    code = "empty_query"


class FilterError(UsageError):
    """A filter cannot be read, or asks of a field what it has not."""

    code = "filter"


class NameTakenError(UsageError):
    """An index of this name was built from other input."""

    code = "name_taken"


class AmbiguousIndexError(UsageError):
    """Several indexes could be meant and none was named."""

    code = "ambiguous_index"


class InputError(RetrievalError):
    """An input file is missing, unreadable or of an unknown format."""

    code = "input"


class BadRowError(InputError):
    """A row of an input file was refused under ``--strict``."""

    code = "bad_row"


class StoreError(RetrievalError):
    """Base of the errors about an index on disk."""

    code = "store"


class IndexNotFoundError(StoreError):
    """No index at the given place."""

    code = "index_not_found"


class NotAnIndexError(StoreError):
    """The folder exists and is not an index of ours."""

    code = "not_an_index"


class NewerFormatError(StoreError):
    """The index needs a newer version of this package."""

    code = "newer_format"


class DamagedIndexError(StoreError):
    """A file of the index does not match what its manifest or its format says."""

    code = "damaged_index"


class LockedError(StoreError):
    """Another process is writing to this index."""

    code = "locked"


class ModelMismatchError(StoreError):
    """The index was built with another model than the one given."""

    code = "model_mismatch"


class WordsMissingError(StoreError):
    """An index has no words to search, or has them in part; by meaning it can be searched."""

    code = "words_missing"


class ColumnsMissingError(StoreError):
    """An index has no columns to filter by, or has them in part; it can be searched whole."""

    code = "columns_missing"


class GenerationTakenError(StoreError):
    """Another writer published the next generation first."""

    code = "generation_taken"


class SnapshotLostError(StoreError):
    """Parts of the index kept vanishing while it was opened."""

    code = "snapshot_lost"


class FileSystemError(RetrievalError):
    """The machine refused a file operation."""

    code = "file_system"


class DiskFullError(FileSystemError):
    """No space, or no quota, left to write to."""

    code = "disk_full"


class ReadOnlyError(FileSystemError):
    """A folder or file may not be written to."""

    code = "read_only"


class ModelError(RetrievalError):
    """Base of the errors about a model."""

    code = "model"


class ModelNotFoundError(ModelError):
    """The model is neither bundled, nor a folder, nor in the hub's cache."""

    code = "model_not_found"


class ModelAlteredError(ModelError):
    """A model's bytes are not the ones they should be."""

    code = "model_altered"


class ModelExportError(ModelError):
    """A model could not be turned into the form it is run in."""

    code = "model_export"


class TrainingError(ModelError):
    """A training came to nothing: a loss that is no number, or a model of no use."""

    code = "training"


class NotAClassifierError(ModelError):
    """A model does not tell classes of texts."""

    code = "not_a_classifier"


class NotARerankerError(ModelError):
    """A model does not give two texts one score."""

    code = "not_a_reranker"


class MissingExtraError(RetrievalError):
    """An optional part of the package is not installed."""

    code = "missing_extra"


class InterruptedWorkError(RetrievalError):
    """Stopped on request; finished work is kept and the next run resumes it."""

    code = "interrupted"
