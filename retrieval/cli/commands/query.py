"""``retrieve query``: find the documents closest in meaning to a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import click

from retrieval.cli.answer import write_lines
from retrieval.cli.asked_queries import asked_queries
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
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
from retrieval.cli.query_options.choosing import choosing_options, chosen
from retrieval.cli.query_options.concepts import (
    answer_combination,
    answer_concept,
    check_concept_options,
    combination_of,
    combined_parts,
    concept_meant,
    concept_options,
)
from retrieval.cli.query_options.context import answer_context, context_given, context_options
from retrieval.cli.query_options.directions import direction_options, direction_parts, wish_of
from retrieval.cli.query_options.filters import facets_below, filter_options
from retrieval.cli.query_options.hits import write_hit_lines
from retrieval.cli.query_options.modes import mode_given, mode_options
from retrieval.cli.query_options.refining import refinements, refining_options, why_none
from retrieval.cli.query_options.reranking import check_text_is_left, reranking_options
from retrieval.cli.query_options.vectors import (
    answer_vectors,
    check_vector_options,
    vector_options,
    vector_rankings,
)
from retrieval.cli.query_options.words import syntax_given, word_options
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError
from retrieval.query.context import PASSAGES

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.direction import Wish
    from retrieval.query.modes import ModeOptions
    from retrieval.query.search_options import Refinements
    from retrieval.records import Hit

_HELP = """\
Find the documents closest in meaning to TEXT.

Each document is listed once, by its best passage; the score is the cosine similarity, at
most 1. With --mode lexical documents are ranked by the words of TEXT they hold (BM25), with
hybrid by both; quotes and other signs in TEXT mean nothing, unless --syntax is given. With
--rerank a cross-encoder reads the best of them again, each together with TEXT. Several
queries are read from --queries, one a line or as JSON Lines; - is standard input.

\b
  retrieve query "positive review"
  retrieve query "a film for children" -k 3 --json --fields doc_id,score
  retrieve query "positive review" --against "negative review"
  retrieve query "CVE-2026-1234" --mode hybrid
  retrieve query "a film for children" --mode hybrid --rerank ./reranker
  retrieve query "dinner" --phrase "cold soup" --without waiter
  retrieve query "positive review" --where 'year >= 2020 and lang = "en"' --facet domain
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
@direction_options
@concept_options
@mode_options
@vector_options
@word_options
@filter_options
@refining_options
@reranking_options
@choosing_options
@context_options
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
    /,
    *,
    text: tuple[str, ...],
    k: int,
    index: str | None,
    home: str,
    queries: str | None,
    fields: str | None,
    model: str | None,
    offline: bool,
    **given: Any,
) -> int:
    """Answer one query or a batch; return 1 when no query has a hit."""
    names = _parse_fields(fields)
    budget = context_given(given, fields=fields)
    concept, min_precision = given.pop("concept"), given.pop("min_precision")
    text_only, query_vector = given.pop("text_only"), given.pop("query_vector")
    combined, directed = combined_parts(given), direction_parts(given)
    is_mode_given = given["mode"] is not None
    ranked_by, facets = mode_given(given), given.pop("facets")
    syntax = syntax_given(given, is_plain=concept is None and not directed)
    refine: Refinements = {**refinements(given), **chosen(given)}
    check_concept_options(
        text, queries, concept, min_precision=min_precision, combined=bool(combined)
    )
    if directed and concept is not None:
        raise UsageError(
            "A concept is asked as it is; --also, --against, --like, --more and --less shape a"
            " text.",
            fix="Leave one of them out.",
        )
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
    check_vector_options(query_vector, queries, directed=bool(directed), concept=concept)
    if concept is None and not directed:
        check_text_is_left(refine.get("rerank"), text, queries)
    by_example = bool(directed and directed["like"] and not text)
    by_vector = query_vector is not None and not text
    asked = []
    if concept is None and not by_example and not by_vector:
        asked = asked_queries(text, queries)
    wish = wish_of(asked, directed) if directed else None
    from retrieval import engine

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        with (
            engine.open(path, model=model, offline=offline, observer=observer) as opened,
            facets_below(call, opened, facets, refine),
        ):
            named = concept
            is_plain = wish is None and refine.get("rerank") is None
            by_text = is_plain and not (text_only or is_mode_given or syntax)
            if named is None and by_text:
                named = concept_meant(call, opened, text, observer)
            if budget is not None:
                found = _passages(
                    opened,
                    asked,
                    wish or named,
                    combined,
                    query_vector=query_vector,
                    k=PASSAGES if _is_default("k") else k,
                    mode=ranked_by,
                    syntax=syntax,
                    min_precision=min_precision,
                    refine=refine,
                )
                return answer_context(call, opened, found, budget, observer)
            if wish is not None:
                return _answer(call, opened, wish, k=k, names=names, observer=observer, **refine)
            if query_vector is not None:
                return answer_vectors(
                    call,
                    opened,
                    query_vector,
                    asked,
                    k=k,
                    mode=ranked_by,
                    names=names,
                    observer=observer,
                    **refine,
                )
            if named is not None and combined:
                return answer_combination(
                    call,
                    opened,
                    combination_of(named, combined),
                    k,
                    fields=names,
                    observer=observer,
                    **refine,
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
                    **refine,
                )
            rankings = opened.search_many(
                [query.text for query in asked],
                k,
                query_ids=[query.query_id for query in asked],
                mode=ranked_by,
                syntax=syntax,
                **refine,
            )
            if call.as_json:
                write_hit_lines(rankings, names)
            else:
                _draw(opened, asked, rankings, names=names, observer=observer, refine=refine)
    return ExitCode.DONE if any(rankings) else ExitCode.NO_HITS


def _is_default(name: str) -> bool:
    """Tell whether nobody said what an option is."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT


def _passages(
    index: Index,
    asked: Sequence[QueryText],
    otherwise: Wish | str | None,
    combined: dict[str, tuple[str, ...]],
    *,
    query_vector: str | None,
    k: int,
    mode: ModeOptions | None,
    syntax: bool,
    min_precision: float | None,
    refine: Refinements,
) -> list[tuple[str, str, Sequence[Hit]]]:
    """Return id, text and passages of each text, or of what else was asked."""
    if otherwise is None and query_vector is not None:
        _, rankings = vector_rankings(index, query_vector, asked, k=k, mode=mode, **refine)
        text = asked[0].text if asked else ""
        return [(str(number), text, hits) for number, hits in enumerate(rankings, 1)]
    if otherwise is None:
        texts = [query.text for query in asked]
        rankings = index.search_many(texts, k, mode=mode, syntax=syntax, **refine)
        return [(one.query_id, one.text, hits) for one, hits in zip(asked, rankings, strict=True)]
    if not isinstance(otherwise, str):
        hits = index.search_direction(index.direction(otherwise), k, **refine)
        return [("1", otherwise.text, hits)]
    if combined:
        wish = combination_of(otherwise, combined)
        return [("1", wish.told, index.search_combination(index.combination(wish), k, **refine))]
    hits = index.search_concept(otherwise, k, min_precision=min_precision, **refine)
    return [("1", otherwise, hits)]


def _draw(
    index: Index,
    asked: Sequence[QueryText],
    rankings: Sequence[Sequence[Hit]],
    *,
    names: Sequence[str] | None,
    observer: CommandObserver,
    refine: Refinements,
) -> None:
    from retrieval.cli.hit_table import write_hits

    for number, (query, hits) in enumerate(zip(asked, rankings, strict=True)):
        if hits:
            if number:
                write_lines([""])
            heading = f"{query.query_id}: {query.text}" if len(asked) > 1 else ""
            write_hits(hits, index.best_sentences(hits), names, heading=heading)
        else:
            observer.note(f"No hits for {query.text!r}: {why_none(index, refine)}.")


def _answer(
    call: Call,
    index: Index,
    wish: Wish,
    *,
    k: int,
    names: Sequence[str] | None,
    observer: CommandObserver,
    **refine: Unpack[Refinements],
) -> int:
    """Answer one query that is more than a text; return 1 when it has no hit."""
    direction = index.direction(wish)
    hits = index.search_direction(direction, k, **refine)
    if call.as_json:
        write_hit_lines([hits], names)
    elif hits:
        from retrieval.cli.hit_table import write_hits

        write_hits(hits, index.best_sentences(hits, row=direction.row), names)
    else:
        observer.note(f"No hits: {why_none(index, refine)}.")
    return ExitCode.DONE if hits else ExitCode.NO_HITS


def _parse_fields(fields: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    from retrieval.cli.projection import parse_fields

    return parse_fields(fields)
