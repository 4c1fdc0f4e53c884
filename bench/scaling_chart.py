"""How figures grow with the number of documents: panels of logarithmic axes, as SVG."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from retrieval.cli.report.markup import Markup, number, tag

PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 380, 250, 2
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 40, 40
INK, FAINT, LINE, GUIDE = "#1a1a1a", "#e4e4e4", "#0072b2", "#999999"
_Scale: TypeAlias = Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One figure over sizes.

    Attributes:
        title: What it is, with its unit.
        sizes: Documents, ascending.
        values: The figure of each, above 0.
    """

    title: str
    sizes: Sequence[int]
    values: Sequence[float]


def slopes(panel: Panel) -> list[float]:
    """Return how it grows from each size to the next: the exponent b of size ** b."""
    pairs = list(zip(panel.sizes, panel.values, strict=True))
    return [
        math.log(after / before) / math.log(more / fewer)
        for (fewer, before), (more, after) in itertools.pairwise(pairs)
    ]


def chart(title: str, panels: Sequence[Panel]) -> str:
    """Return panels side by side as an SVG document."""
    lines = math.ceil(len(panels) / COLUMNS)
    width, height = PANEL_WIDTH * COLUMNS, PANEL_HEIGHT * lines
    pieces = [tag("rect", width=width, height=height, fill="#ffffff")]
    for at, panel in enumerate(panels):
        x, y = PANEL_WIDTH * (at % COLUMNS), PANEL_HEIGHT * (at // COLUMNS)
        pieces.append(tag("g", *_panel(panel), transform=f"translate({x} {y})"))
    return (
        tag(
            "svg",
            *pieces,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {width} {height}",
            width=width,
            height=height,
            font_family="sans-serif",
            font_size=12,
            fill=INK,
            role="img",
            aria_label=title,
        )
        + "\n"
    )


def _panel(panel: Panel) -> Iterator[Markup]:
    first, last = _decades(panel.sizes)
    bottom, top = _decades(panel.values)
    inside_x, inside_y = PANEL_WIDTH - LEFT - RIGHT, PANEL_HEIGHT - TOP - BOTTOM

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - first) / (last - first) * inside_x

    def y(value: float) -> float:
        return TOP + (top - math.log10(value)) / (top - bottom) * inside_y

    yield tag("text", panel.title, x=LEFT, y=22, font_weight="bold")
    for decade in range(first, last + 1):
        at = x(10.0**decade)
        yield tag("line", x1=at, x2=at, y1=TOP, y2=TOP + inside_y, stroke=FAINT)
        yield tag("text", _told(decade), x=at, y=PANEL_HEIGHT - 20, text_anchor="middle")
    for decade in range(bottom, top + 1):
        at = y(10.0**decade)
        yield tag("line", x1=LEFT, x2=PANEL_WIDTH - RIGHT, y1=at, y2=at, stroke=FAINT)
        yield tag("text", _told(decade), x=LEFT - 8, y=at + 4, text_anchor="end")
    yield from _in_proportion(panel, x, y, 10.0**bottom)
    places = [(x(a), y(b)) for a, b in zip(panel.sizes, panel.values, strict=True)]
    path = " ".join(f"{number(a)},{number(b)}" for a, b in places)
    yield tag("polyline", points=path, fill="none", stroke=LINE, stroke_width=2)
    # the first and the last would stand on the axis and over the edge
    anchors = ["start", *["middle"] * (len(places) - 2), "end"][-len(places) :]
    # nor may the line that rises from the first one cross its figure
    rises = places[0][1] - places[1][1] > 8
    aside = [(10, 12) if rises else (0, -9), *[(0, -9)] * (len(places) - 1)]
    for (a, b), value, anchor, (right, down) in zip(
        places, panel.values, anchors, aside, strict=True
    ):
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        yield tag("circle", cx=a, cy=b, r=4, fill=LINE)
        yield tag("text", shown, x=a + right, y=b + down, text_anchor=anchor)


def _in_proportion(panel: Panel, x: _Scale, y: _Scale, least: float) -> Iterator[Markup]:
    """Draw what growth in proportion to the last size would be, down to the panel's floor."""
    size, value = panel.sizes[-1], panel.values[-1]
    start = max(panel.sizes[0], size * least / value)
    yield tag(
        "line",
        x1=x(start),
        y1=y(value * start / size),
        x2=x(size),
        y2=y(value),
        stroke=GUIDE,
        stroke_dasharray="4 4",
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten around values; at least one apart."""
    low = math.floor(math.log10(min(values)))
    return low, max(math.ceil(math.log10(max(values))), low + 1)


def _told(decade: int) -> str:
    if 0 <= decade < 3:
        return str(10**decade)
    for power, unit in ((9, "G"), (6, "M"), (3, "k")):
        if decade >= power:
            return f"{10 ** (decade - power)}{unit}"
    return f"{10.0**decade:g}"
