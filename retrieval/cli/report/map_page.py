"""The map of a corpus as one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import statistics
from collections.abc import Sequence
from typing import Any

from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report.chart import Chart, Line, Rule
from retrieval.cli.report.map_script import SCRIPT
from retrieval.cli.report.markup import Markup, tag
from retrieval.cli.report.page_style import style_sheet
from retrieval.cli.report.scale import linear
from retrieval.cli.report.svg import svg
from retrieval.cli.report.wording import figure
from retrieval.cluster.choose_k import TriedK
from retrieval.engine.clustering import ClusterFigures, ClusterReport
from retrieval.engine.mapping import CorpusMap

_STYLE = """
main { max-width: 90rem; }
.bar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 1rem 0 .6rem; }
.bar input, .bar select, .bar button { font: inherit; padding: .25rem .5rem; color: inherit;
  background: var(--page); border: 1px solid var(--hair); border-radius: .3rem; max-width: 18rem; }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) 17rem; gap: 1rem; }
.plane { position: relative; height: min(78vh, 52rem); border: 1px solid var(--hair);
  border-radius: .4rem; overflow: hidden; }
canvas { display: block; width: 100%; height: 100%; touch-action: none; cursor: crosshair; }
#tip { position: absolute; max-width: 22rem; padding: .5rem .7rem; pointer-events: none;
  background: var(--tint); border: 1px solid var(--hair); border-radius: .3rem; font-size: .85rem; }
#tip span { color: var(--soft); }
#legend { max-height: min(78vh, 52rem); overflow-y: auto; font-size: .85rem; }
#legend button { display: flex; gap: .5rem; align-items: baseline; width: 100%; font: inherit;
  color: inherit; text-align: left; background: none; border: 0; padding: .15rem .3rem;
  cursor: pointer; border-radius: .25rem; }
#legend button:disabled { cursor: default; }
#legend button[aria-pressed="true"] { background: var(--tint); font-weight: 700; }
#legend i { flex: none; width: .7rem; height: .7rem; border-radius: 50%; }
@media (max-width: 50rem) { .stage { grid-template-columns: 1fr; } #legend { max-height: 14rem; } }
"""


def map_page(report: ClusterReport, points: CorpusMap) -> str:
    """Return the map as a page: hover, search, colour by cluster or field, zoom.

    Every text is escaped. The page forbids itself to load anything and to run any script
    but its own.

    Args:
        report: The clustering.
        points: Its documents on a plane.

    Returns:
        HTML, to be written as UTF-8.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    title = f"Map of {one_line(report.index)}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(style_sheet() + _STYLE)),
    )
    main = tag(
        "main",
        tag("h1", title),
        tag("p", _told(report, points)),
        _controls(),
        _stage(),
        _explanation(points),
        _chosen(report),
        _table(report.clusters),
    )
    scripts = (
        tag("script", _json(report, points), type="application/json", id="map-content"),
        tag("script", Markup(SCRIPT)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', main, *scripts), lang='en')}\n"


def _json(report: ClusterReport, points: CorpusMap) -> Markup:
    """Return the points as JSON in which nothing can end the script element."""
    names = [one_line(one.name) for one in report.clusters]
    content: dict[str, Any] = {
        "ids": [one_line(one) for one in points.ids],
        "texts": [one_line(one) for one in points.texts],
        "x": points.x,
        "y": points.y,
        "clusters": points.clusters,
        "names": names,
        "middles": _middles(points, names),
        "colouredBy": points.coloured_by,
        "fields": [
            {
                "name": one_line(field.name),
                "numeric": field.numeric,
                "values": [one_line(v) if isinstance(v, str) else v for v in field.values],
            }
            for field in points.fields
        ],
    }
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _middles(points: CorpusMap, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return where the name of each cluster stands: at the median of its points."""
    own: dict[int, list[int]] = {}
    for at, cluster in enumerate(points.clusters):
        own.setdefault(cluster, []).append(at)
    return [
        {
            "cluster": cluster,
            "name": names[cluster - 1],
            "x": statistics.median(points.x[at] for at in own[cluster]),
            "y": statistics.median(points.y[at] for at in own[cluster]),
        }
        for cluster in sorted(own)
    ]


def _told(report: ClusterReport, points: CorpusMap) -> str:
    drawn = len(points.ids)
    part = f", of which {drawn:,} drawn at random are shown" if drawn < points.documents else ""
    told = (
        f"{count(report.documents, 'document')}{part}, in {report.k:,} clusters;"
        f" mean silhouette {figure(report.silhouette)}."
    )
    found = report.agreement
    if found is not None:
        told += (
            f" Against field {one_line(found.field)}: ARI {figure(found.adjusted_rand)},"
            f" NMI {figure(found.normalised_mutual_information)},"
            f" V-measure {figure(found.v_measure)},"
            f" matched accuracy {figure(found.matched_accuracy)}."
        )
    return told


def _controls() -> Markup:
    return tag(
        "div",
        tag(
            "label", "Colour by ", tag("select", tag("option", "cluster", value="-1"), id="colour")
        ),
        tag("label", "Search ", tag("input", id="search", type="search", autocomplete="off")),
        tag("button", "Whole map", id="reset", type="button"),
        tag("span", id="found", class_="soft", aria_live="polite"),
        class_="bar",
    )


def _stage() -> Markup:
    canvas = tag("canvas", id="map", aria_label="Documents as points; the table below lists them.")
    tip = tag("div", id="tip", hidden="hidden")
    return tag(
        "div", tag("div", canvas, tip, class_="plane"), tag("div", id="legend"), class_="stage"
    )


def _explanation(points: CorpusMap) -> Markup:
    told = (
        "Near points are near in meaning: two principal components, refined so that the nearest"
        " neighbours of a document stay near it. How far apart distant groups lie says little."
        " Scroll to zoom, drag to move, click a row of the legend to see it alone."
    )
    return tag("p", told, class_="soft") if points.ids else Markup()


def _chosen(report: ClusterReport) -> Markup:
    if report.tried is None:
        return Markup()
    told = f"k = {report.k} has the largest silhouette times stability of the values tried."
    chart = chart_of_tried(report.tried, report.k)
    drawn = tag("figure", tag("figcaption", chart.title), svg(chart))
    return tag("section", tag("h2", "How many clusters"), tag("p", told, class_="soft"), drawn)


def chart_of_tried(tried: Sequence[TriedK], chosen: int) -> Chart:
    """Return silhouette and stability over the number of clusters as a chart."""
    values = [value for one in tried for value in (one.silhouette, one.stability)]
    told = ", ".join(
        f"{one.k}: {figure(one.silhouette)} and {figure(one.stability)}" for one in tried
    )
    return Chart(
        key="chosen-k",
        title="Silhouette and stability by number of clusters",
        summary=f"Silhouette and stability of each k: {told}. Chosen: {chosen}.",
        x=linear("clusters", float(tried[0].k), float(tried[-1].k), snug=True),
        y=linear("silhouette, stability", min(0.0, *values), max(*values)),
        lines=(
            Line(
                label="silhouette",
                points=tuple((float(one.k), one.silhouette) for one in tried),
                style=0,
            ),
            Line(
                label="stability",
                points=tuple((float(one.k), one.stability) for one in tried),
                style=1,
            ),
        ),
        rules=(Rule(label=f"k = {chosen}", at=float(chosen)),),
    )


def _table(clusters: Sequence[ClusterFigures]) -> Markup:
    headings = ("Cluster", "Documents", "Silhouette", "Words", "Nearest to its middle")
    rows = [
        tag(
            "tr",
            tag("td", str(one.number), class_="number"),
            tag("td", f"{one.size:,}", class_="number"),
            tag("td", figure(one.silhouette), class_="number"),
            tag("td", one_line(", ".join(one.words))),
            tag("td", *(tag("div", one_line(example.text)) for example in one.exemplars)),
        )
        for one in clusters
    ]
    head = tag("thead", tag("tr", *(tag("th", one, scope="col") for one in headings)))
    table = tag("table", head, tag("tbody", *rows))
    return tag("section", tag("h2", "Clusters"), tag("div", table, class_="scroll"))
