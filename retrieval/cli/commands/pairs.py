"""``retrieve pairs``: the most similar documents, and groups of near duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import Count, debug_option, home_option, index_option, json_option
from retrieval.cli.streams import stdout_is_terminal

if TYPE_CHECKING:
    from retrieval.engine.pairing import PairsReport

_HELP = """\
Find the most similar documents, and groups of near duplicates.

Every pair is compared, exactly: 10,000 documents take seconds. The score is the cosine
similarity of the documents, each the mean of its passages. Each pair and group says why it
is one: same text, same text but for case and white space, or close in meaning.

\b
  retrieve pairs
  retrieve pairs -k 1 --min-score 0
  retrieve pairs --groups --min-score 0.95
"""


@click.command("pairs", help=_HELP)
@click.option(
    "-k", "k", type=Count(1), default=100, show_default=True, metavar="N", help="Most pairs."
)
@click.option(
    "--min-score",
    type=float,
    default=0.9,
    show_default=True,
    metavar="S",
    help="Score of a pair at least, from -1 to 1.",
)
@click.option(
    "--groups",
    is_flag=True,
    help="Show groups instead: all documents linked by pairs of at least that score.",
)
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call, *, k: int, min_score: float, groups: bool, index: str | None, home: str
) -> None:
    """Compare all documents with each other and show what is alike."""
    from retrieval import engine

    with CommandObserver() as observer:
        path, note = engine.find_index(index, home, interactive=stdout_is_terminal())
        if note:
            observer.note(note)
        with engine.open(path, observer=observer) as opened:
            report = engine.similar_pairs(
                opened, k, least=min_score, groups=groups, observer=observer
            )
        _tell(report, observer, groups=groups)
    if call.as_json:
        found = report.groups if groups else report.pairs
        write_json(one.to_json() for one in found)
        return
    from retrieval.cli.report.pairs_table import write_groups, write_pairs

    if groups:
        write_groups(report.groups)
    else:
        write_pairs(report.pairs)


def _tell(report: PairsReport, observer: CommandObserver, *, groups: bool) -> None:
    compared = report.documents * (report.documents - 1) // 2
    left_out = f"; {count(report.empty, 'document')} without text left out" if report.empty else ""
    observer.note(
        f"{count(report.documents, 'document')} of {report.index} compared,"
        f" {count(compared, 'pair')}{left_out}."
    )
    if not (report.groups if groups else report.pairs):
        observer.note(f"No pair reaches a score of {report.least:g}.")
