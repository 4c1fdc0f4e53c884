"""Judgments and runs to files, by the ending of their names."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import FileSystemError, InputError
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.fsops import Files

_GZIP_WINDOW = 31
"""zlib's word for a gzip file; its header then has no time and no name in it."""


def write_run(files: Files, path: Path, run: Run) -> None:
    """Write a run: JSON Lines for ``.jsonl``, else a TREC run; ``.gz`` behind compresses.

    Scores are written as float32, strictly decreasing within a query: where the next
    would not be smaller, it becomes the next smaller float32. trec_eval compares
    scores as float32, so it then reads the order that is meant, and a score may move by
    a few units in its last place. Ties are thereby broken by document id ascending. The
    tag of a TREC run is the run's name, white space in it as ``-``.

    Args:
        files: Where to write; an existing file is replaced whole.
        path: The file; its folder is made.
        run: The run; queries without hits leave no trace in these formats.

    Raises:
        InputError: An id has white space or is empty, which a TREC run cannot hold, or a
            score is beyond what float32 holds.
    """
    scores = strictly_decreasing(run)
    hits = _json_hits(run, scores) if _plain(path).endswith(".jsonl") else _trec(run, scores)
    _write(files, path, hits)


def write_qrels(files: Files, path: Path, qrels: Qrels) -> None:
    """Write judgments: JSON Lines for ``.jsonl``, BEIR for ``.tsv``, else TREC qrels.

    Args:
        files: Where to write; an existing file is replaced whole.
        path: The file; ``.gz`` behind compresses; its folder is made.
        qrels: The judgments; queries without any leave no trace in these formats.

    Raises:
        InputError: An id has characters that the format cannot hold.
    """
    name = _plain(path)
    rows = zip(qrels.owners().tolist(), qrels.doc_ids, qrels.grades.tolist(), strict=True)
    lines: Iterable[str | bytes]
    if name.endswith(".jsonl"):
        lines = (
            orjson.dumps({"query_id": qrels.query_ids[at], "doc_id": doc_id, "grade": grade})
            for at, doc_id, grade in rows
        )
    elif name.endswith(".tsv"):
        _refuse_separators([*qrels.query_ids, *qrels.doc_ids], white=False)
        lines = [
            "query-id\tcorpus-id\tscore",
            *(f"{qrels.query_ids[at]}\t{doc_id}\t{grade}" for at, doc_id, grade in rows),
        ]
    else:
        _refuse_separators([*qrels.query_ids, *qrels.doc_ids], white=True)
        lines = (f"{qrels.query_ids[at]} 0 {doc_id} {grade}" for at, doc_id, grade in rows)
    _write(files, path, lines)


def strictly_decreasing(run: Run) -> NDArray[np.float32]:
    """Return the scores of a run as float32 that fall from hit to hit of each query.

    A float32 read as a signed magnitude is a whole number in the order of the floats,
    and the next smaller float is the next smaller number. Over hits j of a query with
    numbers n_j, the greatest strictly decreasing numbers that are none above n_j are
    ``min_{i <= j} (n_i + i) - j``.

    Returns:
        float32 (n_hits,).

    Raises:
        InputError: A score is beyond what float32 holds.
    """
    with np.errstate(over="ignore"):
        bits = run.scores.astype(np.float32).view(np.int32).astype(np.int64)
    numbers = np.where(bits < 0, -(bits & 0x7FFFFFFF), bits) + np.arange(len(bits))
    for start, end in zip(run.starts[:-1], run.starts[1:], strict=True):
        np.minimum.accumulate(numbers[start:end], out=numbers[start:end])
    numbers -= np.arange(len(bits))
    magnitude = np.abs(numbers)
    if (magnitude >= 0x7F800000).any():
        raise InputError(
            f"Run {run.name!r} has scores that float32 cannot hold (beyond 3.4e38);"
            " run files carry float32 scores."
        )
    signed = np.where(numbers < 0, magnitude | 0x80000000, magnitude).astype(np.uint32)
    return signed.view(np.float32)


def _trec(run: Run, scores: NDArray[np.float32]) -> Iterator[str]:
    _refuse_separators([*run.query_ids], white=True)
    used = np.unique(run.doc_codes)
    _refuse_separators([run.doc_table[code] for code in used], white=True)
    tag = "-".join(run.name.split()) or "run"
    for at, query_id in enumerate(run.query_ids):
        start, end = run.starts[at], run.starts[at + 1]
        documents = (run.doc_table[code] for code in run.doc_codes[start:end])
        written = scores[start:end].astype(str)
        for rank, (doc_id, score) in enumerate(zip(documents, written, strict=True), start=1):
            yield f"{query_id} Q0 {doc_id} {rank} {score} {tag}"


def _json_hits(run: Run, scores: NDArray[np.float32]) -> Iterator[bytes]:
    for at, query_id in enumerate(run.query_ids):
        start, end = run.starts[at], run.starts[at + 1]
        documents = (run.doc_table[code] for code in run.doc_codes[start:end])
        for rank, (doc_id, score) in enumerate(
            zip(documents, scores[start:end], strict=True), start=1
        ):
            row = {"query_id": query_id, "doc_id": doc_id, "rank": rank, "score": score}
            yield orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY)


def _refuse_separators(ids: list[str], *, white: bool) -> None:
    for one in ids:
        pieces = one.split() if white else [one] if one and not set(one) & set("\t\r\n") else []
        if pieces != [one]:
            raise InputError(
                f"The id {one!r} cannot be written in this format: it is empty or has"
                f" {'white space' if white else 'a tab or line end'} in it.",
                fix="Give the file a name that ends in .jsonl.",
            )


def _plain(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _pieces(lines: Iterable[str | bytes], *, compress: bool) -> Iterator[bytes]:
    """Join lines to pieces of about a megabyte, compressed where wanted."""
    packer = zlib.compressobj(wbits=_GZIP_WINDOW) if compress else None
    buffer = bytearray()
    for line in lines:
        buffer += line.encode() if isinstance(line, str) else line
        buffer += b"\n"
        if len(buffer) >= 1 << 20:
            yield bytes(buffer) if packer is None else packer.compress(bytes(buffer))
            buffer.clear()
    yield bytes(buffer) if packer is None else packer.compress(bytes(buffer)) + packer.flush()


def _write(files: Files, path: Path, lines: Iterable[str | bytes]) -> None:
    """Write beside the place, sync, and put it there: all or nothing."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    files.make_folder(path.parent)
    with contextlib.suppress(FileNotFoundError):
        files.unlink(unfinished)
    try:
        with files.create(unfinished) as output:
            for piece in _pieces(lines, compress=path.name.lower().endswith(".gz")):
                output.write(piece)
            output.sync()
        files.rename(unfinished, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError, FileSystemError):
            files.unlink(unfinished)
        raise
    files.sync_folder(path.parent)
