"""``retrieve status``: what an index holds and what it was built with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count, size
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, index_option, json_option
from retrieval.cli.precision_cost import precision_cost
from retrieval.cli.streams import stdout_is_terminal

if TYPE_CHECKING:
    from retrieval.engine import Status
    from retrieval.engine.reports import RecallReport

_SHOWN_FIELDS = 40

_HELP = """\
Show what an index holds: documents, passages, metadata fields, model, size and last commit.

\b
  retrieve status
  retrieve status --index reviews --json
"""


@click.command("status", help=_HELP)
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(call: Call, *, index: str | None, home: str) -> None:
    """Show the state of an index without loading its model."""
    from retrieval import engine

    path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
    if note:
        CommandObserver().note(note)
    status = engine.status(path)
    if call.as_json:
        write_report(status.to_json())
    else:
        write_table(_rows(status))


def _rows(status: Status) -> list[tuple[str, str]]:
    documents = f"{status.documents:,}"
    if status.empty_documents:
        documents += f", {status.empty_documents:,} of them empty"
    return [
        ("index", f"{status.name} in {status.path}"),
        ("documents", documents),
        ("passages", f"{status.passages:,} in {count(status.segments, 'segment')}"),
        ("not seen", _not_seen(status)),
        ("deleted", _deleted(status.deleted_documents)),
        ("model", _model(status.model)),
        ("numerics", ", ".join(status.numerics)),
        ("precision", precision_cost(status.cost)),
        ("cutting", _cutting(status)),
        ("words", _words(status)),
        ("sources", ", ".join(_source(source) for source in status.sources)),
        *_fields(status.fields),
        ("tuned", _tuned(status.fusion)),
        *_recall(status.recall),
        ("calibrated", ", ".join(_curve(one) for one in status.curves)),
        ("size", size(status.size_bytes)),
        ("generation", f"{status.generation}, committed {status.created}"),
        ("format", str(status.format)),
        ("incomplete", _incomplete(status)),
        ("missing", ", ".join(status.missing_parts)),
        ("unfinished", _unfinished(status.pending_spills)),
    ]


def _not_seen(status: Status) -> str:
    if not status.unseen_tokens:
        return ""
    documents = count(status.truncated_documents, "document")
    return f"{count(status.unseen_tokens, 'token')} at the end of {documents}"


def _deleted(documents: int) -> str:
    return f"{count(documents, 'document')} not yet cleared away" if documents else ""


def _cutting(status: Status) -> str:
    if status.options["mode"] == "whole":
        read = (
            "as much of each as the model reads" if status.model["max_tokens"] else "a vector each"
        )
        return f"whole documents, {read}"
    tokens = status.options["tokens"] or status.model["max_tokens"]
    return f"windows of {tokens} tokens, {status.options['overlap']} of them repeated"


def _words(status: Status) -> str:
    if status.language is None:
        return "none"
    if not status.stemmer:
        return "as they are, neither stemmed nor without function words"
    return f"language {status.language}, stemmed by {status.stemmer.partition(' ')[0]}"


def _model(model: Mapping[str, Any]) -> str:
    if not model["max_tokens"]:
        return f"{model['name']}, made elsewhere"
    return f"{model['name']}, {model['dim']} dimensions, reads {model['max_tokens']} tokens"


def _source(source: Mapping[str, str]) -> str:
    from retrieval.engine.finding import shown_path

    return f"{shown_path(source['path'])} ({source['kind']})"


def _tuned(fusion: Mapping[str, Any] | None) -> str:
    if fusion is None:
        return ""
    queries = count(fusion["queries"], "query", "queries")
    return f"weight of meaning {fusion['weight']:g}, from {queries}"


def _curve(curve: Mapping[str, Any]) -> str:
    weight = "" if curve["weight"] is None else f" with weight {curve['weight']:g}"
    return f"{curve['mode']}{weight}, from {count(curve['queries'], 'query', 'queries')}"


def _recall(recall: RecallReport | None) -> list[tuple[str, str]]:
    """Return what a search finds of the nearest, and why large segments are searched exactly."""
    if recall is None:
        return []
    if recall.target == 1:
        return [("recall", "exact, as was asked for")]
    kept = []
    if recall.kept_queries:
        kept = [f"{count(recall.kept_queries, 'real query', 'real queries')} kept to measure it"]
    told = f"exact while it is small ({recall.target:g} asked for)"
    if recall.reasons:
        told = f"exact ({recall.target:g} asked for)"
    if recall.measured is not None:
        queries = count(recall.queries, "query", "queries")
        told = (
            f"{recall.measured:.4f} [{recall.low:.4f}, {recall.high:.4f}] of the {recall.k}"
            f" nearest, by {queries} ({recall.target:g} asked for);"
            f" {recall.approximate_passages:,} passages approximately,"
            f" {recall.exact_passages:,} exactly"
        )
    rows = [told, *kept, *recall.reasons]
    return list(zip(["recall", *[""] * len(rows)], rows, strict=False))


def _fields(fields: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return a row for each metadata field, the first with the label."""
    rows = [_field(one) for one in fields[:_SHOWN_FIELDS]]
    if len(fields) > _SHOWN_FIELDS:
        rows.append(f"and {len(fields) - _SHOWN_FIELDS:,} more; --json lists them")
    return list(zip(["fields", *[""] * len(rows)], rows, strict=False))


def _field(field: Mapping[str, Any]) -> str:
    told = f"{one_line(field['name'])}: {field['type']}, {count(field['documents'], 'document')}"
    if field["type"] == "mixed":
        sorts = ", ".join(f"{number:,} {sort}" for sort, number in field["sorts"].items())
        return f"{told} ({sorts}); cannot be filtered by"
    return f"{told}; cannot be filtered by" if field["type"] == "nested" else told


def _incomplete(status: Status) -> str:
    if not status.incomplete:
        return ""
    return "the last run did not reach its end; run the same retrieve index command again"


def _unfinished(spills: int) -> str:
    if not spills:
        return ""
    return f"{count(spills, 'finished part')} of an interrupted run, used by the next one"
