"""``retrieve query`` by a learned concept: asked for, or meant by its exact name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import click

from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.hits import write_hit_lines
from retrieval.cli.query_options.refining import why_none
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.combination import Combination
    from retrieval.query.search_options import Refinements

concept_options = bundle(
    click.option("--concept", metavar="NAME", help="Rank by this learned concept."),
    click.option(
        "--and-concept",
        "and_concepts",
        multiple=True,
        metavar="NAME",
        help="With --concept: another one that is wanted as well.",
    ),
    click.option(
        "--not-concept",
        "not_concepts",
        multiple=True,
        metavar="NAME",
        help="With --concept: one that is not wanted.",
    ),
    click.option(
        "--and-text",
        "and_texts",
        multiple=True,
        metavar="TEXT",
        help="With --concept: what is wanted as well, in words.",
    ),
    click.option(
        "--not-text",
        "not_texts",
        multiple=True,
        metavar="TEXT",
        help="With --concept: what is not wanted, in words.",
    ),
    click.option(
        "--min-precision",
        type=float,
        metavar="P",
        help="With --concept: the largest top set whose precision is at least P, with 90 %"
        " confidence.",
    ),
    click.option(
        "--text-only", is_flag=True, help="Ask for TEXT even if a concept has exactly that name."
    ),
)
_COMBINED = ("and_concepts", "not_concepts", "and_texts", "not_texts")


def combined_parts(given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Take what a concept is combined with out of the keywords of a command; empty for nothing."""
    parts = {name: given.pop(name) for name in _COMBINED}
    return parts if any(parts.values()) else {}


def check_concept_options(
    words: Sequence[str],
    queries: str | None,
    concept: str | None,
    *,
    min_precision: float | None,
    combined: bool,
) -> None:
    """Refuse options that do not go with a concept.

    Raises:
        UsageError: A text or a batch is asked for as well, a precision without a concept, or
            of a combination; or a combination without a concept to begin with.
    """
    if concept is None and combined:
        raise UsageError(
            "--and-concept, --not-concept, --and-text and --not-text go with a concept.",
            fix="Name one that is wanted with --concept NAME.",
        )
    if combined and min_precision is not None:
        raise UsageError(
            "--min-precision is what the labels of one concept promise; a combination promises"
            " nothing.",
            fix="Leave it out, or ask for the concept alone.",
        )
    if concept is None and min_precision is not None:
        raise UsageError(
            "--min-precision is what a concept's labels promise; a text promises nothing.",
            fix="Name a concept with --concept NAME.",
        )
    if concept is not None and (words or queries):
        raise UsageError(
            f"{'TEXT' if words else '--queries'} and --concept both say what to look for.",
            fix="Leave one of them out; words go with a concept as --and-text or --not-text.",
        )


def concept_meant(
    call: Call, index: Index, words: Sequence[str], observer: CommandObserver
) -> str | None:
    """Return the concept that a person means by typing its exact name; None for no concept.

    Only where a person watches: a pipe, a batch and a program get what they ask for.
    """
    if call.as_json or not stdout_is_terminal() or len(words) != 1:
        return None
    from retrieval.records import fold

    for entry in index.snapshot.manifest.concepts:
        if fold(entry.name) == fold(words[0].strip()):
            observer.note(
                f"Ranked by the concept {entry.name!r}, version {entry.version}, learned from"
                f" {entry.part.rows:,} labels; --text-only asks for the text."
            )
            return entry.name
    return None


def answer_concept(
    call: Call,
    index: Index,
    name: str,
    k: int | None,
    *,
    min_precision: float | None,
    fields: Sequence[str] | None,
    observer: CommandObserver,
    **refine: Unpack[Refinements],
) -> int:
    """Answer by a concept; return 1 when there are no hits."""
    hits = index.search_concept(name, k, min_precision=min_precision, **refine)
    concept = index.concept(name)
    since = concept.generation if concept.audit is None else concept.audit.generation
    if min_precision is not None and since + 1 < index.snapshot.generation:
        observer.note(
            f"The promise is for the documents of generation {since}; the index is at"
            f" {index.snapshot.generation}."
        )
    if call.as_json:
        write_hit_lines([hits], fields)
    elif hits:
        from retrieval.cli.hit_table import write_hits

        # a head has no direction that a sentence could be near to
        row = concept.ranker.direction if concept.head is None else None
        write_hits(hits, index.best_sentences(hits, row=row), fields)
        if concept.why_no_probability:
            observer.note(f"No probabilities: {concept.why_no_probability}.")
    else:
        observer.note(f"No hits for the concept {name!r}: {why_none(index, refine)}.")
    return ExitCode.DONE if hits else ExitCode.NO_HITS


def combination_of(concept: str, parts: dict[str, tuple[str, ...]]) -> Combination:
    """Return what was asked for as a record."""
    from retrieval.query.combination import Combination

    return Combination(concept=concept, **parts)


def answer_combination(
    call: Call,
    index: Index,
    wish: Combination,
    k: int,
    *,
    fields: Sequence[str] | None,
    observer: CommandObserver,
    **refine: Unpack[Refinements],
) -> int:
    """Answer by several concepts and texts; return 1 when there are no hits."""
    combined = index.combination(wish)
    hits = index.search_combination(combined, k, **refine)
    if call.as_json:
        write_hit_lines([hits], fields)
    elif hits:
        from retrieval.cli.hit_table import write_hits

        write_hits(hits, index.best_sentences(hits, row=combined.row), fields)
    else:
        observer.note(f"No hits: {why_none(index, refine)}.")
    return ExitCode.DONE if hits else ExitCode.NO_HITS
