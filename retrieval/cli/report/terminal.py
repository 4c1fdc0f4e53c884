"""A benchmark for people at a terminal: figures with intervals, tests, footnotes."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report import facts, wording
from retrieval.cli.report.columns import Column, draw_folded, draw_rows
from retrieval.cli.report.footnotes import Footnotes
from retrieval.cli.report.silhouette_chart import silhouette_words, sorted_groups
from retrieval.cli.streams import answering, terminal_width
from retrieval.evaluate.results import BenchReport, Comparison, MeasureResult

_MEASURES = (
    Column(heading="measure", key=True, folds=True),
    Column(heading="system", key=True, folds=True),
    Column(heading="mean [95 % interval]"),
    Column(heading="answered", justify="right", named=True),
)
_COMPARISONS = (
    Column(heading="measure", key=True, folds=True),
    Column(heading="system", key=True, folds=True),
    Column(heading="difference [95 % interval]"),
    Column(heading="p", justify="right", named=True),
    Column(heading="Holm p", justify="right", named=True),
    Column(heading="won/tied/lost", justify="right", named=True),
)
_LABELS = (
    Column(heading="label", key=True, folds=True),
    Column(heading="system", key=True, folds=True),
    *(Column(heading=one, justify="right", named=True) for one in facts.LABEL_HEADINGS),
)
_SYSTEMS = (Column(heading="", key=True, folds=True), Column(heading="", folds=True))


def write_bench(report: BenchReport) -> None:
    """Write the figures of a benchmark on standard output, for a person.

    Args:
        report: What was found.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    footnotes = Footnotes()
    with answering():
        _write_task(console, report, footnotes)
        _write_systems(console, report)
        _write_measures(console, report, footnotes)
        _write_labels(console, report)
        _write_silhouette(console, report)
        _write_comparisons(console, report, footnotes)
        _write_footnotes(console, footnotes)
        _write_provenance(console, report)


def _write_task(console: Console, report: BenchReport, footnotes: Footnotes) -> None:
    line = _plain(facts.task_words(report), style="bold")
    for note in facts.task_notes(report.task):
        line.append(_sign(footnotes, note))
    draw_folded(console, line)


def _write_systems(console: Console, report: BenchReport) -> None:
    """Say how each system searches, and what must be known of it."""
    differ = len({system.depth for system in report.systems}) > 1
    names = wording.names(report)
    rows = [
        [_name(names[system.name]), _plain(facts.system_words(system, with_depth=differ))]
        for system in report.systems
    ]
    if rows:
        console.print()
        draw_rows(console, _SYSTEMS, rows)


def _write_measures(console: Console, report: BenchReport, footnotes: Footnotes) -> None:
    names = wording.names(report)
    measures = dict.fromkeys(name for system in report.systems for name in system.measures)
    rows = []
    for measure in measures:
        heading = _plain(measure, style="bold" if measure == report.primary else "")
        for system in report.systems:
            if measure in system.measures:
                result = system.measures[measure]
                figure = Text(wording.with_interval(result))
                figure.append(_sign(footnotes, result.caution))
                name = _name(names[system.name])
                rows.append([heading, name, figure, Text(_answered(result))])
    console.print()
    if not rows:
        draw_folded(console, Text("Nothing was measured."))
        return
    draw_rows(console, _MEASURES, rows)
    draw_folded(console, _plain(f"intervals: {facts.interval_words(report)}", style="dim"))


def _write_labels(console: Console, report: BenchReport) -> None:
    """Show each label of a label task as a classifier's view."""
    if not report.labels:
        return
    names = wording.names(report)
    console.print()
    draw_folded(console, Text(facts.LABELS_CAPTION))
    rows = [
        [
            _plain(one.label),
            _name(names.get(one.system, one.system)),
            *map(Text, facts.label_cells(one)),
        ]
        for one in report.labels
    ]
    draw_rows(console, _LABELS, rows)


def _write_silhouette(console: Console, report: BenchReport) -> None:
    if report.silhouette is not None and sorted_groups(report.silhouette):
        console.print()
        draw_folded(console, _plain(silhouette_words(report.silhouette)))


def _write_comparisons(console: Console, report: BenchReport, footnotes: Footnotes) -> None:
    if not report.comparisons:
        return
    names = wording.names(report)
    baseline = report.comparisons[0].baseline
    tests = sum(one.p_value is not None for one in report.comparisons)
    heading = Text("compared with ").append_text(_name(names.get(baseline, baseline)))
    if tests:
        heading.append(f" (paired randomisation, Holm over {count(tests, 'test')})")
    console.print()
    draw_folded(console, heading)
    rows = []
    for one in report.comparisons:
        spread = wording.difference_interval(one.low, one.high)
        rows.append(
            [
                _plain(one.measure, style="bold" if one.primary else ""),
                _name(names.get(one.system, one.system)),
                Text(f"{wording.difference(one.difference)} {spread}"),
                *_p_values(one, footnotes),
                Text(wording.record_of_wins(one)),
            ]
        )
    draw_rows(console, _COMPARISONS, rows)


def _p_values(one: Comparison, footnotes: Footnotes) -> tuple[Text, Text]:
    if one.p_value is None:
        return Text(f"none{_sign(footnotes, one.refused)}"), Text()
    style = "bold" if wording.is_significant(one) else ""
    adjusted = "" if one.p_holm is None else wording.p_value(one.p_holm)
    return Text(wording.p_value(one.p_value)), Text(adjusted, style=style)


def _write_footnotes(console: Console, footnotes: Footnotes) -> None:
    if footnotes:
        console.print()
    for sign, text in footnotes:
        draw_folded(console, Text(f"({sign}) {one_line(text)}"), hang=len(sign) + 3)


def _write_provenance(console: Console, report: BenchReport) -> None:
    words = facts.provenance_words(report)
    if words:
        console.print()
        draw_folded(console, _plain(words, style="dim"))


def _sign(footnotes: Footnotes, text: str) -> str:
    sign = footnotes.sign(text)
    return f" ({sign})" if sign else ""


def _answered(result: MeasureResult) -> str:
    return f"{result.n_answered:,} of {result.n_judged:,}"


def _plain(text: str, style: str = "") -> Text:
    return Text(one_line(text), style=style)


def _name(shown: str) -> Text:
    """Return a system's name, the mark of an in-sample one in bold."""
    name = Text(one_line(shown))
    if name.plain.endswith(wording.IN_SAMPLE):
        name.stylize("bold", len(name) - len(wording.IN_SAMPLE))
    return name
