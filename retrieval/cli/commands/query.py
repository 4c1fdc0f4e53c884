"""``retrieve query``: find the documents closest in meaning to a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.asked_queries import asked_queries
from retrieval.cli.call import Call
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
    CombinationLookup,
    ConceptLookup,
    check_concept_options,
    combination_of,
    combined_parts,
    concept_meant,
    concept_options,
)
from retrieval.cli.query_options.context import answer_context, context_given, context_options
from retrieval.cli.query_options.directions import (
    WishLookup,
    direction_options,
    direction_parts,
    wish_of,
)
from retrieval.cli.query_options.filters import facets_below, filter_options
from retrieval.cli.query_options.lookup import Lookup, show
from retrieval.cli.query_options.modes import mode_given, mode_options
from retrieval.cli.query_options.refining import refinements, refining_options
from retrieval.cli.query_options.reranking import check_text_is_left, reranking_options
from retrieval.cli.query_options.texts import TextLookup
from retrieval.cli.query_options.vectors import (
    VectorLookup,
    check_vector_options,
    vector_options,
)
from retrieval.cli.query_options.words import syntax_given, word_options
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError
from retrieval.query.context import PASSAGES

if TYPE_CHECKING:
    from retrieval.query.search_options import Refinements

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
    lookup: Lookup = TextLookup(asked=asked, mode=ranked_by, syntax=syntax)
    if directed:
        lookup = WishLookup(wish_of(asked, directed))
    elif query_vector is not None:
        lookup = VectorLookup(path=Path(query_vector), asked=asked, mode=ranked_by)
    may_mean_concept = (
        isinstance(lookup, TextLookup)
        and not (text_only or is_mode_given or syntax)
        and refine.get("rerank") is None
    )
    from retrieval import engine
    from retrieval.engine.wanted_model import WantedModel

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        wanted = WantedModel(model=model, offline=offline, observer=observer, loading=call.loading)
        with (
            engine.Index(path, wanted, once=True) as opened,
            facets_below(call, opened, facets, refine),
        ):
            call.index, call.model = str(path.absolute()), opened.snapshot.manifest.model.name
            if concept is None and may_mean_concept:
                concept = concept_meant(call, opened, text, observer)
            if concept is not None and combined:
                lookup = CombinationLookup(combination_of(concept, combined))
            elif concept is not None:
                is_open = min_precision is not None and _is_default("k")
                lookup = ConceptLookup(name=concept, min_precision=min_precision, is_open=is_open)
            most = PASSAGES if budget is not None and _is_default("k") else k
            answers = lookup.search(opened, most, refine, observer)
            if budget is not None:
                return answer_context(call, opened, answers, budget, observer)
            return show(call, opened, answers, fields=names, observer=observer, refine=refine)


def _is_default(name: str) -> bool:
    """Tell whether nobody said what an option is."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.DEFAULT


def _parse_fields(fields: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    from retrieval.cli.projection import parse_fields

    return parse_fields(fields)
