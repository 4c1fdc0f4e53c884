"""The silhouette plot: one band a group, its documents sorted within."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report import wording
from retrieval.cli.report.chart import Area, Chart, Point, Rule
from retrieval.cli.report.scale import Scale, Tick, linear
from retrieval.evaluate.results import ClusterSilhouette, SilhouetteFigure

_LONGEST_NAME = 18
_MOST_GROUPS = 80
_GROUP_HEIGHT = 19
_BAND = 0.84
"""Part of a group's room its band takes."""
_INSIDE, _OUTSIDE = 0, 1
"""Styles of the documents nearer to their own group and of those nearer to another."""


def silhouette_chart(figure: SilhouetteFigure) -> Chart | None:
    """Return the silhouette plot; None where no group has a value.

    Every group has a band of the same height, whatever its size, so that small ones
    can be seen; the size stands beside the name.

    Args:
        figure: Groups with their silhouettes.
    """
    groups = shown_groups(figure)
    values = [value for group in groups for value in group.values if math.isfinite(value)]
    if not values:
        return None
    areas = [area for place, group in enumerate(groups) for area in _bands(place, group)]
    ends = [*values, figure.mean, 0.0]
    return Chart(
        key="silhouette",
        title=f"Silhouette by {one_line(figure.grouped_by)}",
        summary=silhouette_words(figure),
        x=linear("silhouette", min(ends), max(ends), most=8),
        y=_groups_axis(groups),
        height=max(150, _GROUP_HEIGHT * len(groups)),
        areas=_with_legend(areas),
        rules=(Rule(label=f"mean {wording.figure(figure.mean)}", at=figure.mean),),
    )


def silhouette_words(figure: SilhouetteFigure) -> str:
    """Return a silhouette in a sentence: groups, mean, the best group and the worst.

    Args:
        figure: Groups with their silhouettes, one of them at least not empty.
    """
    groups = sorted_groups(figure)
    return (
        f"{count(len(groups), 'group')} by {one_line(figure.grouped_by)}, mean silhouette"
        f" {wording.figure(figure.mean)}; best {_told(groups[0])}, worst {_told(groups[-1])}."
    )


def sorted_groups(figure: SilhouetteFigure) -> list[ClusterSilhouette]:
    """Return the groups that have values, the one with the highest mean first."""
    return sorted(
        (group for group in figure.groups if group.values),
        key=lambda group: (-group.mean, group.name),
    )


def shown_groups(figure: SilhouetteFigure) -> list[ClusterSilhouette]:
    """Return the sorted groups that are drawn: of very many the first and the last ones."""
    groups = sorted_groups(figure)
    if len(groups) <= _MOST_GROUPS:
        return groups
    half = _MOST_GROUPS // 2
    return groups[:half] + groups[-half:]


def _groups_axis(groups: Sequence[ClusterSilhouette]) -> Scale:
    ticks = []
    for place, group in enumerate(groups):
        name = one_line(group.name)
        label = f"{wording.shortened(name, _LONGEST_NAME)} {group.size:,}"
        ticks.append(Tick(place + 0.5, label, meaning=name))
    # the first group stands on top
    return Scale(title="", low=float(len(groups)), high=0.0, ticks=tuple(ticks), named=True)


def _bands(place: int, group: ClusterSilhouette) -> list[Area]:
    """Return a group's documents as one outline right of 0 and one left of it."""
    told = f"{one_line(group.name)}: {count(group.size, 'document')}, mean"
    meaning = f"{told} {wording.figure(group.mean)}"
    sides: tuple[tuple[int, Callable[[float], bool]], ...] = (
        (_INSIDE, lambda value: value > 0),
        (_OUTSIDE, lambda value: value < 0),
    )
    values = [value for value in group.values if math.isfinite(value)]
    height = _BAND / max(len(values), 1)
    top = place + (1 - _BAND) / 2
    areas = []
    for style, belongs in sides:
        places = [number for number, value in enumerate(values) if belongs(value)]
        if places:
            first, last = top + places[0] * height, top + (places[-1] + 1) * height
            points: list[Point] = [(0.0, first)]
            for number in places:
                points += [
                    (values[number], top + number * height),
                    (values[number], top + (number + 1) * height),
                ]
            areas.append(
                Area(label="", points=(*points, (0.0, last)), style=style, meaning=meaning)
            )
    return areas


def _with_legend(areas: Sequence[Area]) -> tuple[Area, ...]:
    """Return areas with a label at the first of each style."""
    labels = {_INSIDE: "nearer to the own group", _OUTSIDE: "nearer to another group"}
    found = []
    for area in areas:
        label = labels.pop(area.style, "")
        found.append(Area(label=label, points=area.points, style=area.style, meaning=area.meaning))
    return tuple(found)


def _told(group: ClusterSilhouette) -> str:
    return f"{one_line(group.name)} {wording.figure(group.mean)}"
