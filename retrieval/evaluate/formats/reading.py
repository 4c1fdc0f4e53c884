"""Judgments and runs from files of every format, recognised by their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from retrieval.corpus.streams import InputStream
from retrieval.errors import InputError
from retrieval.evaluate.formats.layouts import Layout, recognise
from retrieval.evaluate.formats.rows import HITS, JUDGMENTS
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

Number = TypeVar("Number", int, float)

TOLD = 5
"""Bad lines that a message quotes; the others are counted."""


def read_qrels(path: Path) -> Qrels:
    """Read judgments: TREC qrels, BEIR qrels or JSON Lines, ``.gz`` or plain.

    A judgment that is repeated with the same grade counts once. Queries and documents
    keep the order of the file.

    Args:
        path: The file.

    Raises:
        InputError: The file is empty, cannot be read, is a run or of no known format,
            or has bad lines: too few columns, a grade that is not a whole number, two
            grades of one document. The first five are told with their numbers.
    """
    layout = _recognised(path)
    if layout.is_run:
        raise InputError(
            f"{path} is {layout}; judgments were expected.",
            fix="Name the judgments first, then the runs.",
        )
    grades: dict[str, dict[str, int]] = {}
    lines: dict[tuple[str, str], int] = {}
    faults = _Faults(path)
    for number, query_id, doc_id, grade in _rows(path, layout, JUDGMENTS[layout], faults):
        known = grades.setdefault(query_id, {})
        if doc_id not in known:
            known[doc_id] = grade
            lines[query_id, doc_id] = number
        elif known[doc_id] != grade:
            faults.add(
                number,
                f"document {doc_id!r} of query {query_id!r} has grade {grade} here and"
                f" {known[doc_id]} on line {lines[query_id, doc_id]}",
            )
    faults.refuse()
    if not grades:
        raise InputError(f"{path} holds no judgment below its first line.")
    return Qrels.from_mapping(grades)


def read_run(path: Path) -> Run:
    """Read a run: a TREC run or the JSON Lines of ``retrieve query --json``.

    Ranks in the file are not looked at, only scores: equal scores are ties. The run is
    named by the tag of a TREC run's first line, else by the file.

    Args:
        path: The file, ``.gz`` or plain.

    Raises:
        InputError: The file is empty, cannot be read, holds judgments or is of no known
            format, or has bad lines: too few columns, a score that is not a finite
            number, a document twice for one query. The first five are told.
    """
    layout = _recognised(path)
    if not layout.is_run:
        raise InputError(
            f"{path} is {layout}; a run was expected.",
            fix="Name the judgments first, then the runs.",
        )
    scores: dict[str, dict[str, float]] = {}
    faults = _Faults(path)
    for number, query_id, doc_id, score in _rows(path, layout, HITS[layout], faults):
        hits = scores.setdefault(query_id, {})
        if doc_id in hits:
            faults.add(number, f"query {query_id!r} finds document {doc_id!r} a second time")
        hits[doc_id] = score
    faults.refuse()
    return Run.from_mapping(_name(path, layout), scores)


def looks_like_run(path: Path) -> bool:
    """Tell whether a file holds hits, by its first line; False for one of no known format.

    Raises:
        InputError: The file cannot be read.
    """
    with InputStream(path) as stream:
        stream.read(1)
    try:
        return _recognised(path).is_run
    except InputError:
        return False


def _recognised(path: Path) -> Layout:
    with InputStream(path) as stream:
        return recognise(stream)


def _rows(
    path: Path,
    layout: Layout,
    read: Callable[[str], tuple[str, str, Number]],
    faults: _Faults,
) -> Iterator[tuple[int, str, str, Number]]:
    """Yield line number, query, document and number of each line; bad ones go to faults."""
    header = layout is Layout.BEIR_QRELS
    with InputStream(path) as stream:
        for line in stream.lines():
            if line.content is None:
                faults.add(line.number, "the line is too long")
                continue
            if not line.content.strip():
                continue
            if header:
                header = False
                continue
            try:
                query_id, doc_id, value = read(line.content.decode("utf-8"))
            except UnicodeDecodeError:
                faults.add(line.number, "the line is not UTF-8")
            except ValueError as error:
                faults.add(line.number, str(error))
            else:
                yield line.number, query_id, doc_id, value


def _name(path: Path, layout: Layout) -> str:
    if layout is Layout.TREC_RUN:
        with InputStream(path) as stream:
            first = next(
                one.content for one in stream.lines() if one.content and one.content.strip()
            )
        return first.split()[5].decode("utf-8", "replace")
    return path.name.removesuffix(".gz").removesuffix(".jsonl")


class _Faults:
    """Bad lines of a file, refused together."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: list[str] = []
        self._count = 0

    def add(self, number: int, reason: str) -> None:
        self._count += 1
        if self._count <= TOLD:
            self._told.append(f"{self._path}:{number}: {reason}.")

    def refuse(self) -> None:
        if self._count:
            more = self._count - len(self._told)
            rest = [f"{more} more bad lines follow."] if more else []
            raise InputError("\n".join(self._told + rest), fix="Mend the lines, or leave them out.")
