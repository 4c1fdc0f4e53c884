"""The option that asks with vectors made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from retrieval.cli.answer import write_lines
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.hits import write_hit_lines
from retrieval.cli.query_options.refining import why_none
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.modes import ModeOptions
    from retrieval.query.search_options import Refinements
    from retrieval.records import Hit
    from retrieval.vectors import FloatRows

vector_options = bundle(
    click.option(
        "--query-vector",
        metavar="FILE.npy",
        help="Ask with a vector, or with each row of several, made as those of the index were.",
    ),
)


def check_vector_options(
    query_vector: str | None, queries: str | None, *, directed: bool, concept: str | None
) -> None:
    """Refuse what a vector does not go with.

    Raises:
        UsageError: Other questions.
    """
    if query_vector is not None and (queries is not None or directed or concept is not None):
        raise UsageError(
            "--query-vector asks with vectors; --queries, --concept, --also, --against, --like,"
            " --more and --less ask otherwise.",
            fix="Leave one of them out.",
        )


def vector_rankings(
    index: Index,
    path: str,
    asked: Sequence[QueryText],
    *,
    k: int,
    mode: ModeOptions | None,
    **refine: Unpack[Refinements],
) -> tuple[FloatRows, list[list[Hit]]]:
    """Return the vectors of a file and the hits of each, or of its one row and a text.

    Raises:
        InputError: The file cannot be read as numbers.
        UsageError: They are no vectors of this index, or a text came with several or without
            a hybrid mode.
    """
    from retrieval.query.vector import query_rows, read_query_vectors

    rows = query_rows(read_query_vectors(Path(path)), index.snapshot.manifest.model.dim)
    if asked or mode is not None:
        text = asked[0].text if asked else ""
        return rows, [index.search(text, k, vector=rows, mode=mode, **refine)]
    return rows, index.search_vectors(rows, k, **refine)


def answer_vectors(
    call: Call,
    index: Index,
    path: str,
    asked: Sequence[QueryText],
    *,
    k: int,
    mode: ModeOptions | None,
    names: Sequence[str] | None,
    observer: CommandObserver,
    **refine: Unpack[Refinements],
) -> int:
    """Answer with each row of a file, or with its one row and a text; return 1 without hits.

    Raises:
        InputError: The file cannot be read as numbers.
        UsageError: They are no vectors of this index, or a text came with several or without
            a hybrid mode.
    """
    rows, rankings = vector_rankings(index, path, asked, k=k, mode=mode, **refine)
    if call.as_json:
        write_hit_lines(rankings, names)
    else:
        from retrieval.cli.hit_table import write_hits

        for number, (row, hits) in enumerate(zip(rows, rankings, strict=True)):
            if not hits:
                observer.note(f"No hits: {why_none(index, refine)}.")
                continue
            if number:
                write_lines([""])
            heading = f"row {number}" if len(rows) > 1 else ""
            write_hits(hits, index.best_sentences(hits, row=row), names, heading=heading)
    return ExitCode.DONE if any(rankings) else ExitCode.NO_HITS
