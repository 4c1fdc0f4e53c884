"""``retrieve concept``: learn a query from labels, and keep it in an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import write_report
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
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.engine import Index

_HELP = """\
Learn a query from labels, and keep it in an index.

A concept is a direction among the index's vectors, learned in seconds from 20 labels up;
nothing is encoded anew. retrieve query --concept NAME ranks by it.

\b
  retrieve concept fit "positive review" --label-field label --positive positive
  retrieve concept list
"""

_FIT_HELP = """\
Learn a concept from labels, measure it out of fold, and keep it.

Labels are the values of a field of the documents, or rows of a file with "id" or "text"
and "label". Documents without a label are not learned from. Fitting again under a name
makes its next version.

\b
  retrieve concept fit "positive review" --label-field label --positive positive
  retrieve concept fit refunds --labels labels.jsonl --labels-are random
  retrieve concept fit praise --labels l.csv --positive yes --against "a complaint"
"""


_AUDIT_HELP = """\
Judge documents drawn at random, so that a concept's probabilities can be trusted.

About 50 documents are shown one at a time; answer y, n, s to skip, u to undo or q to stop.
Quitting keeps what was judged. Without a terminal, write the sample to a file, judge it
there, and read it back.

\b
  retrieve concept audit praise
  retrieve concept audit praise --sample drawn.csv
  retrieve concept audit praise --judgments drawn.csv
"""


@click.group("concept", help=_HELP)
@debug_option
def command() -> None:
    """Hold the commands below."""


@command.command("fit", help=_FIT_HELP)
@click.argument("name", metavar="NAME")
@index_option
@home_option
@click.option("--label-field", metavar="FIELD", help="Field with the label.")
@click.option("--labels", metavar="FILE", help="File of labels by id or text.")
@click.option("--positive", metavar="VALUE", help="Label that counts as positive.")
@click.option(
    "--negative",
    multiple=True,
    metavar="VALUE",
    help="Label that counts as negative; may be repeated; all others by default.",
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="TEXT",
    help="What is looked for, in words; may be repeated; the name by default.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="TEXT",
    help="What is not looked for; may be repeated. Helps most with few labels.",
)
@click.option(
    "--unit",
    type=click.Choice(["document", "passage"]),
    default="document",
    show_default=True,
    help="Rank means of documents, or best passages.",
)
@click.option(
    "--labels-are",
    type=click.Choice(["random", "chosen"]),
    default="chosen",
    show_default=True,
    help="Whether labelled documents are a random sample of the index.",
)
@click.option(
    "--prevalence",
    type=float,
    metavar="P",
    help="Share of positives in the index, for chosen labels.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Of folds and intervals."
)
@model_option
@offline_option
@json_option
@debug_option
@click.pass_obj
def fit(
    call: Call,
    *,
    name: str,
    index: str | None,
    home: str,
    label_field: str | None,
    labels: str | None,
    positive: str | None,
    negative: tuple[str, ...],
    texts: tuple[str, ...],
    against: tuple[str, ...],
    unit: str,
    labels_are: str,
    prevalence: float | None,
    seed: int,
    model: str | None,
    offline: bool,
) -> None:
    """Fit a concept and tell what it is worth."""
    with CommandObserver() as observer:
        opened = _opened(index, home, observer, changes=True, model=model, offline=offline)
        with opened:
            concept = opened.fit_concept(
                name,
                label_field=label_field,
                labels=labels,
                positive=positive,
                negative=negative,
                texts=texts,
                against=against,
                unit=unit,
                labels_are=labels_are,
                prevalence=prevalence,
                seed=seed,
            )
    _write(call, concept)


@command.command("audit", help=_AUDIT_HELP)
@click.argument("name", metavar="NAME")
@index_option
@home_option
@click.option(
    "--count",
    type=Count(1),
    default=50,
    show_default=True,
    metavar="N",
    help="Documents drawn, at least 20.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of the draw.")
@click.option("--sample", metavar="FILE", help="Write what was drawn to a file and ask nothing.")
@click.option("--judgments", metavar="FILE", help="Read judgments from a file and ask nothing.")
@click.option(
    "--prevalence", type=float, metavar="P", help="Share of positives in the index, if known."
)
@json_option
@debug_option
@click.pass_obj
def audit(
    call: Call,
    *,
    name: str,
    index: str | None,
    home: str,
    count: int,
    seed: int,
    sample: str | None,
    judgments: str | None,
    prevalence: float | None,
) -> None:
    """Draw documents at random, have them judged, and keep what they say of a concept."""
    if sum(one is not None for one in (sample, judgments, prevalence)) > 1:
        raise UsageError(
            "--sample, --judgments and --prevalence are three ways; one can be gone.",
            fix="Leave the others out.",
        )
    with CommandObserver() as observer, _opened(index, home, observer, changes=True) as opened:
        if sample is not None:
            drawn = opened.write_audit_sample(name, sample, count=count, seed=seed)
            told = {"index": opened.name, "name": name, "file": sample, "seed": seed}
            _tell(call, "drawn for", {**told, "documents": drawn})
            return
        if judgments is not None:
            concept = opened.audit_concept(name, judgments, count=count, seed=seed)
        elif prevalence is not None:
            concept = opened.audit_concept(name, prevalence=prevalence)
        else:
            from retrieval.cli.concept_audit import audit_at_terminal

            concept = audit_at_terminal(opened, name, count=count, seed=seed, observer=observer)
    _write(call, concept)


@command.command("list")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def list_concepts(call: Call, *, index: str | None, home: str) -> None:
    """List the concepts of an index."""
    with CommandObserver() as observer, _opened(index, home, observer) as opened:
        concepts = opened.concepts()
        name = opened.name
    if call.as_json:
        write_report({"index": name, "concepts": [one.to_json() for one in concepts]})
        return
    if not concepts:
        observer.note(f"{name} has no concepts; learn one with: retrieve concept fit NAME")
        return
    from retrieval.cli.concept_table import write_concepts

    write_concepts(concepts)


@command.command("show")
@click.argument("name", metavar="NAME")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def show(call: Call, *, name: str, index: str | None, home: str) -> None:
    """Show what a concept learned from and what it was worth."""
    with CommandObserver() as observer, _opened(index, home, observer) as opened:
        concept = opened.concept(name)
    _write(call, concept)


@command.command("delete")
@click.argument("name", metavar="NAME")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def delete(call: Call, *, name: str, index: str | None, home: str) -> None:
    """Remove a concept from an index."""
    with CommandObserver() as observer, _opened(index, home, observer, changes=True) as opened:
        opened.delete_concept(name)
        told: dict[str, Any] = {
            "index": opened.name,
            "name": name,
            "generation": opened.snapshot.generation,
        }
    _tell(call, "deleted", told)


@command.command("export")
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="FILE")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def export(call: Call, *, name: str, file: str, index: str | None, home: str) -> None:
    """Write a concept to a file of its own."""
    with CommandObserver() as observer, _opened(index, home, observer) as opened:
        opened.export_concept(name, file)
        told = {"index": opened.name, "name": name, "file": file}
    _tell(call, "exported", told)


@command.command("import")
@click.argument("file", metavar="FILE")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def import_concept(call: Call, *, file: str, index: str | None, home: str) -> None:
    """Take a concept from a file into an index of the same model."""
    with CommandObserver() as observer, _opened(index, home, observer, changes=True) as opened:
        concept = opened.import_concept(file)
        told = {"index": opened.name, "name": concept.name, "version": concept.version}
    if concept.imported:
        observer.note(f"No probabilities and no promises: {concept.why_no_probability}.")
    _tell(call, "imported", told)


def _opened(
    name: str | None,
    home: str,
    observer: CommandObserver,
    *,
    changes: bool = False,
    model: str | None = None,
    offline: bool = False,
) -> Index:
    from retrieval import engine

    # what changes an index is never aimed at one by guessing
    path, note = engine.find_index(name, home, interactive=stdout_is_terminal() and not changes)
    if note and not changes:
        observer.note(note)
    return engine.open(path, model=model, offline=offline, observer=observer)


def _write(call: Call, concept: Concept) -> None:
    if call.as_json:
        write_report(concept.to_json())
        return
    from retrieval.cli.concept_table import write_concept

    write_concept(concept)


def _tell(call: Call, done: str, told: dict[str, Any]) -> None:
    if call.as_json:
        write_report(told)
        return
    from retrieval.cli.answer import write_table

    shown = {key: str(value) for key, value in told.items() if key != "name"}
    write_table([(done, told["name"]), *shown.items()])
