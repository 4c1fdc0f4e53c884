"""``retrieve concept``: learn a query from labels, and keep it in an index."""

from __future__ import annotations

import shlex
from typing import Any

import click

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.concept_answer import opened_index, tell, write
from retrieval.cli.concept_judging import audit, label
from retrieval.cli.concept_options import (
    against_option,
    fit_seed_option,
    texts_option,
    unit_option,
)
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    debug_option,
    home_option,
    index_option,
    json_option,
    model_option,
    offline_option,
)
from retrieval.cli.training.options import made_options, tuning_options
from retrieval.errors import UsageError

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
  retrieve concept fit praise --label-field label --positive yes --method dummy-cosine
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
@texts_option
@against_option
@unit_option
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
@fit_seed_option
@click.option(
    "--method",
    type=click.Choice(["logistic", "dummy-cosine", "dummy-softmax"]),
    default="logistic",
    show_default=True,
    help="logistic leaves the model as it is; the others fine-tune it into a sibling index.",
)
@click.option(
    "--negative-target",
    type=click.Choice(["0", "-1"]),
    default="0",
    show_default=True,
    help="dummy-cosine: cosine of all other texts to the token.",
)
@click.option(
    "--check-beir",
    metavar="FOLDER",
    help="Fine-tuning: search this BEIR folder before and after, for the training card.",
)
@tuning_options
@model_option
@offline_option
@json_option
@debug_option
@click.pass_obj
def fit(
    call: Call,
    /,
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
    method: str,
    negative_target: str,
    check_beir: str | None,
    model: str | None,
    offline: bool,
    **training: Any,
) -> None:
    """Fit a concept and tell what it is worth."""
    tuning = None
    if method != "logistic":
        from retrieval.engine.concepts.tuning import TuneOptions

        tuning = TuneOptions(
            negative_target=float(negative_target),
            check_beir=check_beir,
            train=made_options(training),
        )
    elif check_beir is not None:
        raise UsageError(
            "--check-beir compares a model before and after fine-tuning; nothing is tuned.",
            fix="Leave it out, or choose a --method that tunes.",
        )
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
                method=method,
                tuning=tuning,
            )
        if tuning is not None:
            observer.note(
                f"{concept.name!r} is in the index {concept.index}; ask it with:"
                f" retrieve query --concept {shlex.quote(concept.name)} --index {concept.index}"
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
