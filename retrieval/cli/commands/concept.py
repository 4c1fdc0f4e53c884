"""``retrieve concept``: learn a query from labels, and keep it in an index."""

from __future__ import annotations

from typing import Any

import click

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.concept_answer import opened_index, tell, write
from retrieval.cli.concept_judging import audit, label
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    debug_option,
    home_option,
    index_option,
    json_option,
    model_option,
    offline_option,
)

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
        opened = opened_index(index, home, observer, changes=True, model=model, offline=offline)
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
    write(call, concept)


@command.command("list")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def list_concepts(call: Call, *, index: str | None, home: str) -> None:
    """List the concepts of an index."""
    with CommandObserver() as observer, opened_index(index, home, observer) as opened:
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
    with CommandObserver() as observer, opened_index(index, home, observer) as opened:
        concept = opened.concept(name)
    write(call, concept)


@command.command("delete")
@click.argument("name", metavar="NAME")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def delete(call: Call, *, name: str, index: str | None, home: str) -> None:
    """Remove a concept from an index."""
    with CommandObserver() as observer, opened_index(index, home, observer, changes=True) as opened:
        opened.delete_concept(name)
        told: dict[str, Any] = {
            "index": opened.name,
            "name": name,
            "generation": opened.snapshot.generation,
        }
    tell(call, "deleted", told)


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
    with CommandObserver() as observer, opened_index(index, home, observer) as opened:
        opened.export_concept(name, file)
        told = {"index": opened.name, "name": name, "file": file}
    tell(call, "exported", told)


@command.command("import")
@click.argument("file", metavar="FILE")
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def import_concept(call: Call, *, file: str, index: str | None, home: str) -> None:
    """Take a concept from a file into an index of the same model."""
    with CommandObserver() as observer, opened_index(index, home, observer, changes=True) as opened:
        concept = opened.import_concept(file)
        told = {"index": opened.name, "name": concept.name, "version": concept.version}
    if concept.imported:
        observer.note(f"No probabilities and no promises: {concept.why_no_probability}.")
    tell(call, "imported", told)


command.add_command(audit)
command.add_command(label)
