"""``retrieve classify``: tell the class of texts, and measure that where they are labelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_json, write_report
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.figures import count
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option, offline_option
from retrieval.cli.streams import stdin_bytes, stdout_is_terminal
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrieval.corpus.rejects import Reject
    from retrieval.engine.classifying import ClassifiedRow, RowClassifier
    from retrieval.evaluate.classifier_report import ClassifierReport

_TOLD = 5

_HELP = """\
Tell the class of each text of a file.

MODEL is a folder made by retrieve train classifier, or a sequence classifier of
transformers. INPUT is JSON Lines, CSV or TSV, also .gz, the lines of a .txt, or - for
standard input. With --label-field the answer is a report: accuracy, a row a class, the
confusion matrix.

\b
  retrieve classify genres films.jsonl
  retrieve classify genres test.csv --label-field genre --png confusion.png
"""


@click.command("classify", help=_HELP)
@click.argument("model", metavar="MODEL")
@click.argument("source", metavar="INPUT")
@click.option("--text-field", metavar="NAME", help="Field of the text; found by name otherwise.")
@click.option(
    "--id-field",
    metavar="NAME",
    help="Field of the id; found by name, else the number of the line.",
)
@click.option("--all", "every_class", is_flag=True, help="Give the probability of every class.")
@click.option(
    "--label-field", metavar="NAME", help="Field of the true class: report how good the model is."
)
@click.option(
    "--rows", metavar="FILE", help="With --label-field: write the classified rows to a file, too."
)
@click.option(
    "--png", metavar="FILE", help="With --label-field: draw the confusion matrix to a file, too."
)
@offline_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    model: str,
    source: str,
    text_field: str | None,
    id_field: str | None,
    every_class: bool,
    label_field: str | None,
    rows: str | None,
    png: str | None,
    offline: bool,
) -> int:
    """Classify, and show the rows or what the model is worth on them."""
    if label_field is None and (rows is not None or png is not None):
        given = "--png" if rows is None else "--rows"
        raise UsageError(f"{given} goes with --label-field.", fix="Add --label-field NAME.")
    from retrieval.engine.classifying import RowClassifier

    with CommandObserver() as observer:
        rejects = _Rejects(observer)
        classifier = RowClassifier(model, offline=offline, observer=observer, reject=rejects.add)
        found = classifier.rows(
            source,
            stdin=stdin_bytes() if source == "-" else None,
            text_field=text_field,
            id_field=id_field,
            label_field=label_field,
            follow=label_field is not None or not stdout_is_terminal(),
        )
        report = None
        if label_field is None:
            _write_rows(call, found, every_class=every_class)
        else:
            report = _measured(classifier, found, rows, png, every_class=every_class)
        rejects.tell_rest()
    if report is not None:
        _show(call, report)
    return ExitCode.INCOMPLETE if classifier.rejected else ExitCode.DONE


class _Rejects:
    """Tells of the first rows that cannot be used, and counts the others."""

    def __init__(self, observer: CommandObserver) -> None:
        self._observer = observer
        self._count = 0

    def add(self, reject: Reject) -> None:
        self._count += 1
        if self._count <= _TOLD:
            self._observer.warn(f"{reject.path}:{reject.line}: left out: {reject.reason}.")

    def tell_rest(self) -> None:
        if self._count > _TOLD:
            told = count(self._count - _TOLD, "other row")
            self._observer.warn(f"{told} left out, {self._count:,} in all.")


def _write_rows(call: Call, found: Iterator[ClassifiedRow], *, every_class: bool) -> None:
    if call.as_json:
        write_json(one.to_json(every_class=every_class) for one in found)
        return
    from retrieval.cli.report.class_table import write_classes

    write_classes(found, every_class=every_class)


def _measured(
    classifier: RowClassifier,
    found: Iterator[ClassifiedRow],
    rows: str | None,
    png: str | None,
    *,
    every_class: bool,
) -> ClassifierReport:
    """Classify every row, write the files that were asked for, and return the report."""
    if png is not None:
        from retrieval.extras import require

        require("matplotlib", extra="plots", purpose="Drawing plots as PNG files")
    if rows is None:
        for _ in found:
            pass
    else:
        from retrieval.cli.report.files import put_lines

        put_lines(Path(rows), (one.to_json(every_class=every_class) for one in found))
    report = classifier.report()
    if png is not None:
        from retrieval.cli.report.confusion_plot import confusion_png
        from retrieval.cli.report.files import put_bytes

        put_bytes(Path(png), confusion_png(report))
    return report


def _show(call: Call, report: ClassifierReport) -> None:
    if call.as_json:
        write_report(report.to_json())
        return
    from retrieval.cli.report.confusion_table import write_classifier_report

    write_classifier_report(report)
