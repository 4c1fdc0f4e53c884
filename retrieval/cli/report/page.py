"""A benchmark as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report import facts, wording
from retrieval.cli.report.chart import Chart
from retrieval.cli.report.charts import all_charts
from retrieval.cli.report.footnotes import Footnotes
from retrieval.cli.report.markup import Markup, tag, together
from retrieval.cli.report.page_style import style_sheet
from retrieval.cli.report.page_tables import (
    comparisons_table,
    fact_table,
    groups_table,
    labels_table,
    measures_table,
    signs,
    system_name,
    systems_table,
)
from retrieval.cli.report.silhouette_chart import shown_groups, sorted_groups
from retrieval.cli.report.svg import svg
from retrieval.evaluate.results import BenchReport, ShownHit, SilhouetteFigure, WorstQuery

_NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'"


def report_page(report: BenchReport) -> str:
    """Return a benchmark as a page: figures, tests, charts, the worst queries, provenance.

    Every text of the report is escaped; the page forbids itself to load anything.

    Args:
        report: What was found.

    Returns:
        HTML, to be written as UTF-8.
    """
    footnotes = Footnotes()
    sections = [
        _headline(report),
        _task(report, footnotes),
        _measures(report, footnotes),
        _labels(report),
        _comparisons(report, footnotes),
        _footnotes(footnotes),
        *_charts(report),
        _worst(report),
        _provenance(report),
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_NOTHING_FROM_OUTSIDE),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", _title(report)),
        tag("style", Markup(style_sheet())),
    )
    page = tag("html", head, tag("body", tag("main", *sections)), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _title(report: BenchReport) -> str:
    split = f", split {report.task.split}" if report.task.split else ""
    return one_line(f"{report.primary} on {report.task.judgments}{split}")


def _headline(report: BenchReport) -> Markup:
    parts = [tag("h1", _title(report))]
    if report.systems:
        first = report.systems[0]
        name = system_name(report, first.name)
        result = first.measures.get(report.primary)
        if result is None:
            parts.append(tag("p", name, f" has no {one_line(report.primary)}."))
        else:
            spread = wording.interval(result.low, result.high)
            value = tag("b", wording.figure(result.mean))
            parts.append(tag("p", value, " ", tag("span", spread), class_="headline"))
            over = facts.judged_words(report, result)
            how = f": mean over {over}, 95 % bootstrap interval over {result.resampled}"
            parts.append(tag("p", name, how, class_="soft"))
    flattering = [system_name(report, one.name) for one in report.systems if one.in_sample]
    if flattering:
        listed = together(
            *(together(", " if place else "", one) for place, one in enumerate(flattering))
        )
        verb = "was" if len(flattering) == 1 else "were"
        told = f" {verb} graded on what it learned from. Such figures flatter; they say nothing"
        parts.append(tag("p", listed, told, " about unseen queries.", class_="warning"))
    return tag("header", *parts)


def _task(report: BenchReport, footnotes: Footnotes) -> Markup:
    notes = signs(footnotes, *facts.task_notes(report.task))
    rows = facts.task_rows(report)
    return tag(
        "section",
        tag("h2", "Task ", notes),
        tag(
            "div",
            fact_table("What was measured on", rows),
            systems_table(report) if report.systems else Markup(),
            class_="beside",
        ),
    )


def _measures(report: BenchReport, footnotes: Footnotes) -> Markup:
    measured = any(system.measures for system in report.systems)
    nothing = tag("p", "Nothing was measured.")
    return tag(
        "section",
        tag("h2", "Measures"),
        measures_table(report, footnotes) if measured else nothing,
    )


def _labels(report: BenchReport) -> Markup:
    if not report.labels:
        return Markup()
    return tag("section", tag("h2", "Labels"), labels_table(report))


def _comparisons(report: BenchReport, footnotes: Footnotes) -> Markup:
    if not report.comparisons:
        return Markup()
    return tag("section", tag("h2", "Comparisons"), comparisons_table(report, footnotes))


def _footnotes(footnotes: Footnotes) -> Markup:
    if not footnotes:
        return Markup()
    notes = [tag("li", f"({sign}) {one_line(text)}", id=f"note-{sign}") for sign, text in footnotes]
    return tag("ul", *notes, class_="notes", aria_label="Notes")


def _charts(report: BenchReport) -> list[Markup]:
    charts = all_charts(report)
    small = [_figure(chart) for chart in charts if not chart.y.named]
    sections = []
    if small:
        grid = tag("div", *small, class_="charts")
        sections.append(tag("section", tag("h2", "Charts"), grid))
    sections += [
        _silhouette(report.silhouette, chart)
        for chart in charts
        if chart.y.named and report.silhouette is not None
    ]
    return sections


def _silhouette(figure: SilhouetteFigure, chart: Chart) -> Markup:
    groups = sorted_groups(figure)
    told = (
        "Each group has a band of the same height, whatever its size; its documents stand"
        " sorted within, their number beside the name."
    )
    drawn = len(shown_groups(figure))
    if drawn < len(groups):
        told += (
            f" Of {len(groups):,} groups the {drawn} with the highest and lowest means are drawn."
        )
    table = groups_table((one.name, one.size, one.mean) for one in groups)
    return tag(
        "section",
        tag("h2", "Silhouette"),
        _figure(chart),
        tag("p", told, class_="soft"),
        tag("details", tag("summary", "The groups as a table"), table),
    )


def _figure(chart: Chart) -> Markup:
    return tag("figure", tag("figcaption", chart.title), svg(chart))


def _worst(report: BenchReport) -> Markup:
    if not report.worst or not report.systems:
        return Markup()
    name = system_name(report, report.systems[0].name)
    led = tag("p", "The lowest ", one_line(report.primary), " of ", name, ".", class_="soft")
    queries = [_query(report, one) for one in report.worst]
    return tag("section", tag("h2", "Worst queries"), led, *queries)


def _query(report: BenchReport, one: WorstQuery) -> Markup:
    value = f"{one_line(report.primary)} {wording.figure(one.value)}"
    relevant = count(one.relevant, "relevant document")
    told = f"query {one_line(one.query_id)}: {value}, {relevant}"
    head = ["Rank", "Score", "Grade", "Document"]
    numbers = {0, 1}
    headings = [
        tag("th", text, scope="col", class_="number" if place in numbers else None)
        for place, text in enumerate(head)
    ]
    hits = tag(
        "table",
        tag("thead", tag("tr", *headings)),
        tag("tbody", *map(_hit, one.hits)),
        class_="hits",
    )
    nothing = tag("p", "No hits.", class_="soft")
    return tag(
        "article",
        tag("h3", one_line(one.query)),
        tag("p", told, class_="soft"),
        hits if one.hits else nothing,
    )


def _hit(hit: ShownHit) -> Markup:
    if hit.grade is None:
        grade = tag("td", "not judged", class_="grade soft")
    else:
        grade = tag("td", str(hit.grade), class_="relevant" if hit.grade > 0 else None)
    document = tag("td", tag("span", one_line(hit.doc_id), class_="soft"), " ", one_line(hit.text))
    return tag(
        "tr",
        tag("td", str(hit.rank), class_="number"),
        tag("td", wording.figure(hit.score), class_="number"),
        grade,
        document,
    )


def _provenance(report: BenchReport) -> Markup:
    rows = facts.provenance_rows(report)
    if not rows:
        return Markup()
    table = fact_table("What the figures were made with", rows)
    return tag("section", tag("h2", "Provenance"), table)
