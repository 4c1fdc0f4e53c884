"""``retrieve concept audit`` and ``label``: the commands in which a person judges documents."""

from __future__ import annotations

import click

from retrieval.cli.call import Call
from retrieval.cli.concept_answer import opened_index, tell, write
from retrieval.cli.concept_options import (
    against_option,
    fit_seed_option,
    texts_option,
    unit_option,
)
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
from retrieval.errors import UsageError

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


_LABEL_HELP = """\
Label documents one at a time at the terminal, most informative first, and fit a concept.

Answer y, n, s to skip, u to undo or q to stop and fit. Every answer is kept in a file before
the next question, so that it can be stopped and taken up again.

\b
  retrieve concept label praise --text "positive review" --against "negative review"
"""


@click.command("audit", help=_AUDIT_HELP)
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
    with CommandObserver() as observer, opened_index(index, home, observer, changes=True) as opened:
        if sample is not None:
            drawn = opened.write_audit_sample(name, sample, count=count, seed=seed)
            told = {"index": opened.name, "name": name, "file": sample, "seed": seed}
            tell(call, "drawn for", {**told, "documents": drawn})
            return
        if judgments is not None:
            concept = opened.audit_concept(name, judgments, count=count, seed=seed)
        elif prevalence is not None:
            concept = opened.audit_concept(name, prevalence=prevalence)
        else:
            from retrieval.cli.concept_audit import audit_at_terminal

            concept = audit_at_terminal(opened, name, count=count, seed=seed, observer=observer)
    write(call, concept)


@click.command("label", help=_LABEL_HELP)
@click.argument("name", metavar="NAME")
@index_option
@home_option
@click.option(
    "--labels", metavar="FILE", help="File that labels are kept in; INDEX-NAME.labels.jsonl."
)
@texts_option
@against_option
@unit_option
@click.option("--count", type=Count(1), metavar="N", help="Stop after so many labels.")
@fit_seed_option
@model_option
@offline_option
@json_option
@debug_option
@click.pass_obj
def label(
    call: Call,
    *,
    name: str,
    index: str | None,
    home: str,
    labels: str | None,
    texts: tuple[str, ...],
    against: tuple[str, ...],
    unit: str,
    count: int | None,
    seed: int,
    model: str | None,
    offline: bool,
) -> None:
    """Ask for labels at the terminal, and fit a concept from them."""
    from retrieval.cli.asking import KEYS, open_asker
    from retrieval.cli.concept_label import ELSEWHERE
    from retrieval.cli.concept_label import label as ask_for_labels

    asker = open_asker(f"Is it {name!r}?", otherwise=ELSEWHERE)
    with CommandObserver() as observer:
        opened = opened_index(index, home, observer, changes=True, model=model, offline=offline)
        with opened:
            session = opened.label_session(
                name, labels, texts=texts, against=against, unit=unit, seed=seed
            )
            observer.note(f"Answer {KEYS}. Labels are kept in {session.journal.path}.")
            concept = ask_for_labels(session, asker, most=count)
    write(call, concept)
