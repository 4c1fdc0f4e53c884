"""From what the user names to the files to read, each with its format."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from retrieval.errors import InputError

STDIN = "-"


class SourceKind(StrEnum):
    """What an input is."""

    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    LINES = "lines"
    MARKDOWN = "markdown"
    PARQUET = "parquet"
    BEIR = "beir"
    FOLDER = "folder"
    STDIN = "stdin"


SUFFIXES = {
    ".jsonl": SourceKind.JSONL,
    ".ndjson": SourceKind.JSONL,
    ".json": SourceKind.JSONL,
    ".csv": SourceKind.CSV,
    ".tsv": SourceKind.TSV,
    ".tab": SourceKind.TSV,
    ".txt": SourceKind.LINES,
    ".text": SourceKind.LINES,
    ".md": SourceKind.MARKDOWN,
    ".markdown": SourceKind.MARKDOWN,
    ".parquet": SourceKind.PARQUET,
}


@dataclass(frozen=True, slots=True)
class Source:
    """One input of a call.

    Attributes:
        path: Absolute path, or ``-``.
        kind: What it is.
        given: The path as it was given, for messages.
    """

    path: str
    kind: SourceKind
    given: str


def listed(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
) -> list[str | os.PathLike[str]]:
    """Return one path or several as a list."""
    return [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)


def find_sources(inputs: Sequence[str | os.PathLike[str]]) -> tuple[Source, ...]:
    """Look at every input before anything is read.

    Raises:
        InputError: An input is missing, of an unknown kind, an empty folder, or given twice.
    """
    if not inputs:
        raise InputError("No input was given.", fix="Name a file or a folder, or - for stdin.")
    found = tuple(_source(os.fspath(one)) for one in inputs)
    paths = [one.path for one in found]
    for path in paths:
        if paths.count(path) > 1:
            raise InputError(f"{path} was given twice.", fix="Name each input once.")
    return found


def _source(text: str) -> Source:
    if text == STDIN:
        return Source(STDIN, SourceKind.STDIN, STDIN)
    path = Path(os.path.abspath(text))  # noqa: PTH100  # resolve() would lose a link's own name
    if path.is_dir():
        if beir_corpus(path) is not None:
            return Source(str(path), SourceKind.BEIR, text)
        if next(iter(folder_files(path)), None) is None:
            raise InputError(
                f"{text} holds no file to index.",
                fix=f"Files that can be read end in {', '.join(SUFFIXES)}, each also with .gz.",
            )
        return Source(str(path), SourceKind.FOLDER, text)
    if not path.exists():
        raise InputError(f"There is no file or folder {text}.", fix="Check the path.")
    kind = file_kind(path)
    if kind is None:
        raise InputError(
            f"{text} is of no kind that can be read here.",
            fix=f"Files that can be read end in {', '.join(SUFFIXES)}, each also with .gz.",
        )
    return Source(str(path), kind, text)


def file_kind(path: Path) -> SourceKind | None:
    """Return what a file is by its name; None if that says nothing."""
    return SUFFIXES.get(Path(plain_name(path)).suffix.lower())


def plain_name(path: Path) -> str:
    """Return a file's name without ``.gz``."""
    return path.name[:-3] if path.name.lower().endswith(".gz") else path.name


def beir_corpus(folder: Path) -> Path | None:
    """Return the corpus file of a BEIR folder; None if the folder is not one."""
    if not any((folder / name).exists() for name in ("queries.jsonl", "queries.jsonl.gz", "qrels")):
        return None
    for name in ("corpus.jsonl", "corpus.jsonl.gz"):
        if (folder / name).is_file():
            return folder / name
    return None


def folder_files(folder: Path) -> Iterator[Path]:
    """Yield the readable files below a folder in order of name.

    Hidden files and folders are passed over; links to folders are not followed, so
    that a loop of links cannot catch the reader.
    """
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and file_kind(path) is not None and path.is_file():
                yield path


def default_name(inputs: Sequence[str | os.PathLike[str]]) -> str:
    """Return the name an index of these inputs has unless another is given."""
    text = os.fspath(inputs[0])
    if text == STDIN:
        return "stdin"
    path = Path(os.path.abspath(text))  # noqa: PTH100
    name = path.name if path.is_dir() else Path(plain_name(path)).stem
    safe = "".join(one if one.isprintable() and one not in '/\\:*?"<>|' else "-" for one in name)
    return safe.strip(". ") or "index"
