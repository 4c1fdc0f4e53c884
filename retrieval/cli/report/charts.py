"""The charts of a benchmark: which series, which axes, which words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.cli.report import wording
from retrieval.cli.report.chart import Area, Chart, Line, Point, Rule
from retrieval.cli.report.scale import linear, ranks
from retrieval.cli.report.silhouette_chart import silhouette_chart
from retrieval.evaluate.results import BenchReport, RankingFigures

_LONGEST_NAME = 42
_MOST_POINTS = 300


@dataclass(frozen=True, slots=True)
class _Shown:
    """A system's figures with its name and style."""

    figures: RankingFigures
    name: str
    style: int


def all_charts(report: BenchReport) -> list[Chart]:
    """Return every chart there is something to draw in.

    Args:
        report: What was found.

    Returns:
        Precision and recall, precision by rank, a histogram of scores for each system,
        the silhouette; those without figures are left out.
    """
    names = wording.names(report, _LONGEST_NAME)
    # a system has the same colour everywhere, also where another one has no figures
    styles = {system.name: style for style, system in enumerate(report.systems)}
    shown = [
        _Shown(one, names[one.system], styles[one.system])
        for one in report.figures
        if one.system in styles
    ]
    found = [
        _precision_recall(shown),
        _precision_by_rank(shown),
        *_histograms(shown),
        silhouette_chart(report.silhouette) if report.silhouette else None,
    ]
    return [chart for chart in found if chart is not None]


def _precision_recall(shown: Sequence[_Shown]) -> Chart | None:
    lines = [
        Line(
            label=one.name,
            points=_points(one.figures.recall, one.figures.precision),
            style=one.style,
        )
        for one in shown
    ]
    drawn = [line for line in lines if line.points]
    if not drawn:
        return None
    at_half = [
        f"{line.label} {wording.figure(_nearest(line.points, 0.5))} at recall 0.5" for line in drawn
    ]
    return Chart(
        key="precision-recall",
        title="Precision and recall",
        summary=f"Interpolated precision by recall, mean over queries: {'; '.join(at_half)}.",
        x=linear("recall", 0.0, 1.0),
        y=linear("interpolated precision", 0.0, 1.0),
        lines=tuple(drawn),
    )


def _precision_by_rank(shown: Sequence[_Shown]) -> Chart | None:
    lines = [
        Line(
            label=one.name,
            points=_thinned(_points(one.figures.rank, one.figures.precision_at_rank)),
            style=one.style,
        )
        for one in shown
    ]
    drawn = [line for line in lines if line.points]
    if not drawn:
        return None
    last = max(rank for line in drawn for rank, _ in line.points)
    top = max(precision for line in drawn for _, precision in line.points)
    first = [f"{line.label} {wording.figure(line.points[0][1])}" for line in drawn]
    return Chart(
        key="precision-by-rank",
        title="Precision by rank",
        summary=f"Mean precision down to each rank; at the first rank {'; '.join(first)}.",
        x=ranks("rank (logarithmic)", int(last)),
        y=linear("precision", 0.0, top or 1.0),
        lines=tuple(drawn),
    )


def _histograms(shown: Sequence[_Shown]) -> list[Chart | None]:
    keys = _file_names([one.figures.system for one in shown])
    return [
        _histogram(one.figures, one.name, f"scores-{key}")
        for one, key in zip(shown, keys, strict=True)
    ]


def _histogram(one: RankingFigures, name: str, key: str) -> Chart | None:
    """Draw relevant and other hits, each as shares of its kind, since few hits are relevant."""
    relevant, other = sum(one.relevant), sum(one.non_relevant)
    if len(one.edges) < 2 or not relevant + other:
        return None
    areas = [
        Area(
            label=f"{label} ({total:,})",
            points=_steps(one.edges, [count / total for count in counts]),
            style=style,
        )
        for label, counts, total, style in (
            ("other hits", one.non_relevant, other, 1),
            ("relevant hits", one.relevant, relevant, 0),
        )
        if total
    ]
    told = f"Scores of {relevant:,} relevant and {other:,} other hits of {name}"
    rules: list[Rule] = []
    if one.threshold is not None and one.best_f1 is not None:
        said = f"best F1 {wording.figure(one.best_f1)} from {wording.figure(one.threshold)}"
        rules.append(Rule(label=said, at=one.threshold))
        told += f"; {said}"
    ends = [one.edges[0], one.edges[-1], *(rule.at for rule in rules)]
    top = max(share for area in areas for _, share in area.points)
    return Chart(
        key=key,
        title=f"Scores: {name}",
        summary=f"{told}.",
        x=linear("score", min(ends), max(ends), snug=True),
        y=linear("% of hits of the kind", 0.0, top, percent=True),
        areas=tuple(areas),
        rules=tuple(rules),
    )


def _points(across: Iterable[float], up: Iterable[float]) -> tuple[Point, ...]:
    pairs = zip(across, up, strict=True)
    return tuple((float(x), float(y)) for x, y in pairs if math.isfinite(x) and math.isfinite(y))


def _steps(edges: Sequence[float], shares: Sequence[float]) -> tuple[Point, ...]:
    """Return the outline of bars that stand side by side."""
    corners: list[Point] = [(edges[0], 0.0)]
    for place, share in enumerate(shares):
        corners += [(edges[place], share), (edges[place + 1], share)]
    return (*corners, (edges[-1], 0.0))


def _thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return at most some hundred points of a curve over ranks, evenly spaced in the logarithm."""
    if len(points) <= _MOST_POINTS:
        return points
    last = len(points) - 1
    kept = {round(len(points) ** (place / _MOST_POINTS)) - 1 for place in range(_MOST_POINTS + 1)}
    return tuple(points[min(place, last)] for place in sorted(kept))


def _nearest(points: Sequence[Point], across: float) -> float:
    return min(points, key=lambda point: abs(point[0] - across))[1]


def _file_names(systems: Sequence[str]) -> list[str]:
    """Return a name for each system that any file system takes, no two the same."""
    taken: set[str] = set()
    found = []
    for system in systems:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", system).strip(".-")[:60] or "system"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        found.append(name)
    return found
