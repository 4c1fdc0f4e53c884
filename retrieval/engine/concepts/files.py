"""Concepts as files of their own: exactly the part that an index keeps."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import InputError, UsageError
from retrieval.fsops import LocalFiles
from retrieval.store.concepts import ConceptContent, check_shapes, parse_concept, write_concept


def write_concept_file(path: Path, content: ConceptContent) -> None:
    """Write a concept to a new file, synced.

    Raises:
        UsageError: The file is there already.
        FileSystemError: It cannot be written.
    """
    files = LocalFiles()
    try:
        write_concept(files, path, content)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already.", fix="Name another file, or remove this one."
        ) from None
    except FileNotFoundError:
        raise UsageError(f"There is no folder {path.parent} to write {path.name} to.") from None


def read_concept_file(path: Path, dim: int) -> ConceptContent:
    """Read a concept from a file and check that it fits vectors of a length.

    Raises:
        InputError: The file is missing or cannot be read.
        DamagedIndexError: It is no concept, or does not fit.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    found = parse_concept(content, str(path))
    check_shapes(found, dim, str(path))
    return found
