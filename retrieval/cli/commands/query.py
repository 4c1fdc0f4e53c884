"""``retrieve query``: find the documents closest in meaning to a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json, write_lines
from retrieval.cli.asked_queries import asked_queries
from retrieval.cli.call import Call
from retrieval.cli.concept_query import (
    answer_combination,
    answer_concept,
    check_concept_options,
    combination_of,
    concept_meant,
)
from retrieval.cli.exits import ExitCode
from retrieval.cli.mode_options import mode_options, parse_mode
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    Count,
    debug_option,
    home_option,
    index_option,
    json_option,
    model_option,
    offline_option,
)
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.direction import Wish
    from retrieval.records import Hit

_HELP = """\
Find the documents closest in meaning to TEXT.

Each document is listed once, by its best passage; the score is the cosine similarity, at
most 1. With --mode lexical documents are ranked by the words of TEXT they hold (BM25), with
hybrid by both; quotes and other signs in TEXT mean nothing. Several queries are read from
--queries, one a line or as JSON Lines; - is standard input.

\b
  retrieve query "positive review"
  retrieve query "a film for children" -k 3 --json --fields doc_id,score
  retrieve query "positive review" --against "negative review"
  retrieve query "CVE-2026-1234" --mode hybrid
  retrieve query --like film-001
  retrieve query --concept "positive review" --min-precision 0.9
  retrieve query --concept praise --and-concept service --not-text "a film"
  retrieve query --queries queries.jsonl > hits.jsonl
"""


@click.command("query", help=_HELP)
@click.argument("text", nargs=-1, metavar="[TEXT]")
@click.option(
    "-k",
    "k",
    type=Count(1),
    default=10,
    show_default=True,
    metavar="N",
    help="Most documents for each query.",
)
@index_option
@home_option
@click.option("--queries", metavar="FILE", help="File with several queries; - for standard input.")
@click.option("--also", multiple=True, metavar="TEXT", help="Other words for the same.")
@click.option(
    "--against", multiple=True, metavar="TEXT", help="What is not meant: ranks by the difference."
)
@click.option("--like", multiple=True, metavar="ID", help="Find documents like this one.")
@click.option("--more", multiple=True, metavar="ID", help="Move the query towards this document.")
@click.option("--less", multiple=True, metavar="ID", help="Move the query away from it.")
@click.option("--concept", metavar="NAME", help="Rank by this learned concept.")
@click.option(
    "--and-concept",
    "and_concepts",
    multiple=True,
    metavar="NAME",
    help="With --concept: another one that is wanted as well.",
)
@click.option(
    "--not-concept",
    "not_concepts",
    multiple=True,
    metavar="NAME",
    help="With --concept: one that is not wanted.",
)
@click.option(
    "--and-text",
    "and_texts",
    multiple=True,
    metavar="TEXT",
    help="With --concept: what is wanted as well, in words.",
)
@click.option(
    "--not-text",
    "not_texts",
    multiple=True,
    metavar="TEXT",
    help="With --concept: what is not wanted, in words.",
)
@click.option(
    "--min-precision",
    type=float,
    metavar="P",
    help="With --concept: the largest top set whose precision is at least P, with 90 % confidence.",
)
@click.option(
    "--text-only", is_flag=True, help="Ask for TEXT even if a concept has exactly that name."
)
@mode_options
@json_option
@click.option(
    "--fields",
    metavar="A,B,...",
    help="Parts of a hit to show, such as doc_id,score,metadata.year; all by default.",
)
@model_option
@offline_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    text: tuple[str, ...],
    k: int,
    index: str | None,
    home: str,
    queries: str | None,
    also: tuple[str, ...],
    against: tuple[str, ...],
    like: tuple[str, ...],
    more: tuple[str, ...],
    less: tuple[str, ...],
    concept: str | None,
    and_concepts: tuple[str, ...],
    not_concepts: tuple[str, ...],
    and_texts: tuple[str, ...],
    not_texts: tuple[str, ...],
    min_precision: float | None,
    text_only: bool,
    mode: str | None,
    fusion: str | None,
    weight: float | None,
    k1: float | None,
    b: float | None,
    fields: str | None,
    model: str | None,
    offline: bool,
) -> int:
    """Answer one query or a batch; return 1 when no query has a hit."""
    names = _parse_fields(fields)
    combined = (and_concepts, not_concepts, and_texts, not_texts)
    check_concept_options(
        text, queries, concept, min_precision=min_precision, combined=any(combined)
    )
    directed = bool(also or against or like or more or less)
    if directed and concept is not None:
        raise UsageError(
            "A concept is asked as it is; --also, --against, --like, --more and --less shape a"
            " text.",
            fix="Leave one of them out.",
        )
    ranked_by = parse_mode(mode, fusion=fusion, weight=weight, k1=k1, b=b)
    if ranked_by is not None and (directed or concept is not None):
        raise UsageError(
            "--mode ranks by plain texts; concepts, --also, --against, --like, --more and --less"
            " are searched by meaning alone.",
            fix="Leave one of them out.",
        )
    if directed and queries is not None:
        raise UsageError(
            "--queries asks many texts; --also, --against, --like, --more and --less shape one.",
            fix="Leave one of them out.",
        )
    asked = [] if concept is not None or (like and not text) else asked_queries(text, queries)
    wish = (
        _wish(asked, also=also, against=against, like=like, more=more, less=less)
        if directed
        else None
    )
    from retrieval import engine

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        with engine.open(path, model=model, offline=offline, observer=observer) as opened:
            if wish is not None:
                return _answer(call, opened, wish, k=k, names=names, observer=observer)
            named = concept
            if named is None and not text_only and mode is None:
                named = concept_meant(call, opened, text, observer)
            if named is not None and any(combined):
                return answer_combination(
                    call,
                    opened,
                    combination_of(named, *combined),
                    k,
                    fields=names,
                    observer=observer,
                )
            if named is not None:
                return answer_concept(
                    call,
                    opened,
                    named,
                    None if min_precision is not None and _is_default("k") else k,
                    min_precision=min_precision,
                    fields=names,
                    observer=observer,
                )
            rankings = opened.search_many(
                [query.text for query in asked],
                k,
                query_ids=[query.query_id for query in asked],
                mode=ranked_by,
            )
            if call.as_json:
                _write_json(rankings, names)
            else:
                _draw(opened, asked, rankings, names, observer)
    return ExitCode.DONE if any(rankings) else ExitCode.NO_HITS


def _is_default(name: str) -> bool:
    """Tell whether nobody said what an option is."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT


def _write_json(rankings: Sequence[Sequence[Hit]], names: Sequence[str] | None) -> None:
    lines = (hit.to_json() for hits in rankings for hit in hits)
    if names is not None:
        from retrieval.cli.projection import project

        lines = (project(line, names) for line in lines)
    write_json(lines)


def _draw(
    index: Index,
    asked: Sequence[QueryText],
    rankings: Sequence[Sequence[Hit]],
    names: Sequence[str] | None,
    observer: CommandObserver,
) -> None:
    from retrieval.cli.hit_table import write_hits

    for number, (query, hits) in enumerate(zip(asked, rankings, strict=True)):
        if hits:
            if number:
                write_lines([""])
            heading = f"{query.query_id}: {query.text}" if len(asked) > 1 else ""
            write_hits(hits, index.best_sentences(hits), names, heading=heading)
        else:
            observer.note(f"No hits for {query.text!r}: {_why_none(index)}.")


def _why_none(index: Index) -> str:
    live = sum(one.live_documents for one in index.snapshot.manifest.segments)
    held = "no document of" if live else "there are no documents in"
    return f"{held} {index.name}" + (" holds its words, function words aside" if live else "")


def _wish(
    asked: Sequence[QueryText],
    *,
    also: tuple[str, ...],
    against: tuple[str, ...],
    like: tuple[str, ...],
    more: tuple[str, ...],
    less: tuple[str, ...],
) -> Wish:
    from retrieval.query.direction import Wish

    if len(asked) > 1:
        raise UsageError(
            "Standard input holds several queries; --also, --against, --like, --more and --less"
            " shape one.",
            fix="Give one query.",
        )
    text = asked[0].text if asked else ""
    return Wish(text=text, also=also, against=against, like=like, more=more, less=less)


def _answer(
    call: Call,
    index: Index,
    wish: Wish,
    *,
    k: int,
    names: Sequence[str] | None,
    observer: CommandObserver,
) -> int:
    """Answer one query that is more than a text; return 1 when it has no hit."""
    direction = index.direction(wish)
    hits = index.search_direction(direction, k)
    if call.as_json:
        _write_json([hits], names)
    elif hits:
        from retrieval.cli.hit_table import write_hits

        write_hits(hits, index.best_sentences(hits, row=direction.row), names)
    else:
        observer.note(f"No hits: the index {index.name} has no other documents.")
    return ExitCode.DONE if hits else ExitCode.NO_HITS


def _parse_fields(fields: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    from retrieval.cli.projection import parse_fields

    return parse_fields(fields)
