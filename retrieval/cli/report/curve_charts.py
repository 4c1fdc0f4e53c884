"""The curves of trainings as charts: one a measure, all systems in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.cli.escapes import one_line
from retrieval.cli.report.chart import Chart, Line
from retrieval.cli.report.scale import linear
from retrieval.cli.report.wording import figure, shortened

if TYPE_CHECKING:
    from retrieval.train.curves import Curves

_LONGEST_NAME = 42
_MOST_MEASURES = 2


def curve_charts(curves: Curves) -> list[Chart]:
    """Return a chart of each of the first two measures, by epoch.

    Args:
        curves: The trainings; a system has the same style in every chart, and is left out of
            those of measures it lacks.
    """
    drawn = (_chart(curves, measure) for measure in curves.measures[:_MOST_MEASURES])
    return [one for one in drawn if one is not None]


def _chart(curves: Curves, measure: str) -> Chart | None:
    lines = []
    for style, one in enumerate(curves.systems):
        points = [(point.epoch, one.value(point, measure)) for point in one.card.curve]
        known = tuple((across, up) for across, up in points if up is not None)
        if known:
            name = shortened(one_line(one.name), _LONGEST_NAME)
            lines.append(Line(label=name, points=known, style=style, marked=True))
    if not lines:
        return None
    last = max(across for line in lines for across, _ in line.points)
    values = [up for line in lines for _, up in line.points]
    told = "; ".join(f"{line.label} {figure(line.points[-1][1])}" for line in lines)
    return Chart(
        key=f"{measure}-by-epoch",
        title=f"{measure} by epoch",
        summary=f"{measure} on the validation rows after the last epoch: {told}.",
        x=linear("epoch", 0.0, last),
        y=linear(measure, min(values), max(values)),
        lines=tuple(lines),
    )
