"""The tables of the page: figures, tests, labels, facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report import facts, wording
from retrieval.cli.report.footnotes import Footnotes
from retrieval.cli.report.markup import Markup, tag, together
from retrieval.cli.report.svg import interval_mark
from retrieval.evaluate.results import BenchReport, Comparison, MeasureResult, SystemResult


def system_name(report: BenchReport, name: str) -> Markup:
    """Return a system's name, an in-sample one with its badge."""
    in_sample = any(one.name == name and one.in_sample for one in report.systems)
    shown = one_line(name)
    if not in_sample:
        return together(shown)
    badge = tag("strong", wording.IN_SAMPLE, class_="in-sample")
    return together(shown, " ", badge)


def measures_table(report: BenchReport, footnotes: Footnotes) -> Markup:
    """Return a row for each measure and system, grouped by measure."""
    measures = dict.fromkeys(name for system in report.systems for name in system.measures)
    bodies = []
    for measure in measures:
        primary = tag("span", " primary", class_="soft") if measure == report.primary else Markup()
        rows = [
            _measure_row(report, system, system.measures[measure], place, footnotes)
            for place, system in enumerate(report.systems)
            if measure in system.measures
        ]
        bodies.append(_group(together(one_line(measure), primary), rows, columns=4))
    caption = f"Mean over judged queries [{facts.interval_words(report)}]"
    mark = tag("th", "0 to 1", class_="mark", aria_hidden="true")
    head = ["System", "Mean [interval]", mark, "Answered"]
    return _table("Measures", caption, head, bodies, numbers={3})


def comparisons_table(report: BenchReport, footnotes: Footnotes) -> Markup:
    """Return a row for each test, grouped by measure."""
    baseline = system_name(report, report.comparisons[0].baseline)
    tests = sum(one.p_value is not None for one in report.comparisons)
    how = f": paired randomisation, Holm over {count(tests, 'test')}" if tests else ""
    bold = " In bold: Holm p below 0.05." if tests else ""
    by_measure: dict[str, list[Comparison]] = {}
    for one in report.comparisons:
        by_measure.setdefault(one.measure, []).append(one)
    bodies = [
        _group(
            one_line(measure), [_comparison_row(report, one, footnotes) for one in found], columns=4
        )
        for measure, found in by_measure.items()
    ]
    caption = together("Beside ", baseline, f", on the same queries{how}.{bold}")
    head = ["System", "Difference [95 % interval]", "p, adjusted", "Won/tied/lost"]
    return _table("Comparisons", caption, head, bodies, numbers={2, 3})


def labels_table(report: BenchReport) -> Markup:
    """Return each label of a label task as a classifier would be judged."""
    head = ["System", *(one[0].upper() + one[1:] for one in facts.LABEL_HEADINGS)]
    by_label: dict[str, list[Markup]] = {}
    for one in report.labels:
        # on a narrow screen a threshold goes below its figure as a whole
        texts = [text.replace(" at ", " at\N{NO-BREAK SPACE}") for text in facts.label_cells(one)]
        cells = (tag("td", text, class_="loose number") for text in texts)
        row = tag("tr", _row_heading(report, one.system), *cells)
        by_label.setdefault(one.label, []).append(row)
    bodies = [_group(one_line(label), rows, columns=len(head)) for label, rows in by_label.items()]
    numbers = set(range(1, len(head)))
    return _table("Labels", facts.LABELS_CAPTION, head, bodies, numbers=numbers)


def systems_table(report: BenchReport) -> Markup:
    """Return how each system searches."""
    differ = len({system.depth for system in report.systems}) > 1
    return fact_table(
        "Systems",
        [
            (system_name(report, system.name), facts.system_words(system, with_depth=differ))
            for system in report.systems
        ],
    )


def groups_table(rows: Iterable[tuple[str, int, float]]) -> Markup:
    """Return the groups of a silhouette: name, documents, mean."""
    body = tag(
        "tbody",
        *(
            tag(
                "tr",
                tag("th", one_line(name), scope="row", class_="plain"),
                tag("td", f"{size:,}", class_="number"),
                tag("td", wording.figure(mean), class_="number"),
            )
            for name, size, mean in rows
        ),
    )
    return _table(
        "Groups", "Groups", ["Group", "Documents", "Mean silhouette"], [body], numbers={1, 2}
    )


def fact_table(caption: str, rows: Sequence[tuple[str, str]]) -> Markup:
    """Return rows of a label and what is said of it."""
    told = [
        tag("tr", tag("th", label, scope="row"), tag("td", text)) for label, text in rows if text
    ]
    return tag("table", tag("caption", caption), tag("tbody", *told), class_="facts")


def signs(footnotes: Footnotes, *texts: str) -> Markup:
    """Return raised signs of footnotes that lead to them."""
    found = [footnotes.sign(text) for text in texts if text]
    return together(*(tag("sup", tag("a", f"({sign})", href=f"#note-{sign}")) for sign in found))


def _measure_row(
    report: BenchReport,
    system: SystemResult,
    result: MeasureResult,
    style: int,
    footnotes: Footnotes,
) -> Markup:
    spread = tag(
        "span",
        wording.interval(result.low, result.high),
        signs(footnotes, result.caution),
        class_="spread",
    )
    return tag(
        "tr",
        _row_heading(report, system.name),
        tag("td", tag("span", wording.figure(result.mean), class_="pair"), " ", spread),
        tag(
            "td",
            interval_mark(result.low, result.mean, result.high, style),
            class_="mark",
            aria_hidden="true",
        ),
        tag("td", f"{result.n_answered:,} of {result.n_judged:,}", class_="number"),
    )


def _comparison_row(report: BenchReport, one: Comparison, footnotes: Footnotes) -> Markup:
    weight = "b" if wording.is_significant(one) else "span"
    spread = tag("span", wording.difference_interval(one.low, one.high), class_="spread")
    if one.p_value is None:
        tested = together("none", signs(footnotes, one.refused))
    elif one.p_holm is None:
        tested = together(wording.p_value(one.p_value))
    else:
        adjusted = tag("span", "Holm ", tag(weight, wording.p_value(one.p_holm)), class_="spread")
        tested = together(wording.p_value(one.p_value), " ", adjusted)
    return tag(
        "tr",
        _row_heading(report, one.system),
        tag("td", tag(weight, wording.difference(one.difference), class_="pair"), " ", spread),
        tag("td", tested, class_="number"),
        tag("td", wording.record_of_wins(one), class_="number"),
    )


def _row_heading(report: BenchReport, system: str) -> Markup:
    return tag("th", system_name(report, system), scope="row", class_="plain system")


def _group(heading: str, rows: Sequence[Markup], *, columns: int) -> Markup:
    """Return rows under a heading of their own, which leaves their width to the figures."""
    above = tag("tr", tag("th", heading, scope="rowgroup", colspan=columns))
    return tag("tbody", above, *rows)


def _table(
    label: str, caption: str, head: Sequence[str], bodies: Sequence[Markup], *, numbers: set[int]
) -> Markup:
    headings = [
        one
        if isinstance(one, Markup)
        else tag("th", one, scope="col", class_="number" if place in numbers else None)
        for place, one in enumerate(head)
    ]
    table = tag("table", tag("caption", caption), tag("thead", tag("tr", *headings)), *bodies)
    # a table wider than a telephone scrolls by itself, by keyboard too
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)
