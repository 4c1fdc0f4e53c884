"""A chart as SVG that takes its colours from the page around it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from retrieval.cli.report.chart import Area, Chart, Line, Point
from retrieval.cli.report.markup import Markup, number, tag, together
from retrieval.cli.report.palette import colour_number, dash

WIDTH = 480
_TOP, _RIGHT, _LEFT, _LEFT_OF_NAMES = 12.0, 16.0, 54.0, 190.0
_RULE_LABEL = 16.0
_TICK_LABELS = 18.0
_AXIS_TITLE = 20.0
_LEGEND_ROW = 19.0
_LEGEND_GAP = 8.0
_SWATCH = 34.0
_DOT = 3.5


def svg(chart: Chart) -> Markup:
    """Return a chart as an ``svg`` element with a title and a description.

    Args:
        chart: What to draw; lines and areas get the classes ``line``, ``area`` and
            ``s0`` to ``s5`` for their colour.
    """
    frame = _Frame(chart)
    legend = [
        _legend_row(frame, place, label, style, is_area=is_area)
        for place, (label, style, is_area) in enumerate(chart.legend)
    ]
    return tag(
        "svg",
        tag("title", chart.title, id=f"{chart.key}-title"),
        tag("desc", chart.summary, id=f"{chart.key}-summary"),
        *_axes(frame),
        *(_area(frame, area) for area in chart.areas),
        *(_line(frame, line) for line in chart.lines),
        *_rules(frame),
        *legend,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {number(frame.full_height)}",
        role="img",
        aria_labelledby=f"{chart.key}-title {chart.key}-summary",
    )


def interval_mark(low: float, mean: float, high: float, style: int) -> Markup:
    """Return an interval with its mean on a line from 0 to 1, small enough for a table.

    Args:
        low: Lower end; what lies outside 0 to 1 is cut.
        mean: Where the dot stands.
        high: Upper end.
        style: Which colour it has.
    """
    if not all(map(math.isfinite, (low, mean, high))):
        return Markup()
    at = [4 + 132 * min(max(value, 0.0), 1.0) for value in (low, mean, high)]
    shade = f"s{colour_number(style)}"
    return tag(
        "svg",
        _straight("grid", 4.0, 8.0, 136.0, 8.0),
        tag("path", class_=f"line {shade}", d=f"M{number(at[0])} 8 H{number(at[2])}"),
        tag("circle", class_=f"dot {shade}", cx=at[1], cy=8, r=_DOT),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 140 16",
        aria_hidden="true",
    )


class _Frame:
    """Where the space between the axes lies, in pixels."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.left = _LEFT_OF_NAMES if chart.y.named else _LEFT
        self.right = WIDTH - _RIGHT
        self.top = _TOP + (_RULE_LABEL if chart.rules else 0.0)
        self.bottom = self.top + chart.height
        self.legend_top = self.bottom + _TICK_LABELS + _AXIS_TITLE + _LEGEND_GAP
        self.full_height = self.legend_top + _LEGEND_ROW * len(chart.legend)

    def x(self, value: float) -> float:
        return self.left + self.chart.x.place(value) * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - self.chart.y.place(value) * (self.bottom - self.top)

    def path(self, points: Sequence[Point]) -> str:
        corners = " L".join(f"{number(self.x(x))} {number(self.y(y))}" for x, y in points)
        return f"M{corners}"


def _axes(frame: _Frame) -> list[Markup]:
    chart = frame.chart
    drawn: list[Markup] = []
    for tick in chart.x.ticks:
        at = frame.x(tick.value)
        drawn.append(_straight("grid", at, frame.top, at, frame.bottom))
        drawn.append(_text(tick.label, at, frame.bottom + 15, anchor="middle"))
    for tick in chart.y.ticks:
        at = frame.y(tick.value)
        if not chart.y.named:
            drawn.append(_straight("grid", frame.left, at, frame.right, at))
        drawn.append(_text(tick.label, frame.left - 7, at + 4, anchor="end", meaning=tick.meaning))
    drawn.append(_straight("axis", frame.left, frame.bottom, frame.right, frame.bottom))
    if chart.x.low < 0 < chart.x.high:
        zero = frame.x(0.0)
        drawn.append(_straight("axis", zero, frame.top, zero, frame.bottom))
    middle = (frame.left + frame.right) / 2
    below = frame.bottom + _TICK_LABELS + 15
    drawn.append(_text(chart.x.title, middle, below, anchor="middle", class_="name"))
    if chart.y.title:
        x, y = 13.0, (frame.top + frame.bottom) / 2
        turned = f"rotate(-90 {number(x)} {number(y)})"
        drawn.append(_text(chart.y.title, x, y, anchor="middle", class_="name", transform=turned))
    return drawn


def _line(frame: _Frame, line: Line) -> Markup:
    shade = f"s{colour_number(line.style)}"
    told = tag("title", line.label)
    if len(line.points) == 1:
        ((x, y),) = line.points
        return tag("circle", told, class_=f"dot {shade}", cx=frame.x(x), cy=frame.y(y), r=_DOT)
    return tag(
        "path",
        told,
        class_=f"line {shade}",
        d=frame.path(line.points),
        stroke_dasharray=_dashes(line.style),
    )


def _area(frame: _Frame, area: Area) -> Markup:
    told = tag("title", area.meaning or area.label)
    return tag(
        "path",
        told,
        class_=f"area s{colour_number(area.style)}",
        d=f"{frame.path(area.points)} Z",
        stroke_dasharray=_dashes(area.style),
    )


def _rules(frame: _Frame) -> list[Markup]:
    drawn = []
    for rule in frame.chart.rules:
        at = frame.x(rule.at)
        drawn.append(_straight("rule", at, frame.top - 4, at, frame.bottom))
        # a label reaches away from the nearer edge
        part = frame.chart.x.place(rule.at)
        anchor = "start" if part < 0.3 else "end" if part > 0.7 else "middle"
        drawn.append(_text(rule.label, at, frame.top - 9, anchor=anchor, class_="name"))
    return drawn


def _legend_row(frame: _Frame, place: int, label: str, style: int, *, is_area: bool) -> Markup:
    y = frame.legend_top + _LEGEND_ROW * place + 8
    left = _LEFT
    shade = f"s{colour_number(style)}"
    if is_area:
        box = f"M{number(left)} {number(y - 5)} h{number(_SWATCH)} v10 h{number(-_SWATCH)} Z"
        swatch = tag("path", class_=f"area {shade}", d=box, stroke_dasharray=_dashes(style))
    else:
        stroke = f"M{number(left)} {number(y)} h{number(_SWATCH)}"
        swatch = tag("path", class_=f"line {shade}", d=stroke, stroke_dasharray=_dashes(style))
    return together(swatch, _text(label, left + _SWATCH + 8, y + 4))


def _straight(class_: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return tag("line", class_=class_, x1=x1, y1=y1, x2=x2, y2=y2)


def _text(
    text: str,
    x: float,
    y: float,
    *,
    anchor: str | None = None,
    class_: str | None = None,
    transform: str | None = None,
    meaning: str = "",
) -> Markup:
    told = tag("title", meaning) if meaning and not text.startswith(meaning) else Markup()
    return tag("text", told, text, x=x, y=y, text_anchor=anchor, class_=class_, transform=transform)


def _dashes(style: int) -> str | None:
    return " ".join(map(number, dash(style))) or None
