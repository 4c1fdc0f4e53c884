"""One figure of all systems of a task: a dot and its interval, a row each, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.cli.report.markup import tag

WIDTH, ROW, LEFT, RIGHT, TOP = 720, 22, 190, 70, 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A system in a figure.

    Attributes:
        name: Of the system.
        value: Its figure.
        low: Lower end of its interval, if it has one.
        high: Upper end.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def chart(title: str, bars: Sequence[Bar]) -> str:
    """Return a figure as an SVG document."""
    ends = [end for bar in bars for end in (bar.value, bar.low, bar.high) if end is not None]
    least, greatest = min(ends), max(ends)
    margin = max((greatest - least) * 0.05, 0.005)
    least, greatest = least - margin, greatest + margin
    inside = WIDTH - LEFT - RIGHT
    height = TOP + ROW * len(bars) + 16

    def x(value: float) -> float:
        return LEFT + (value - least) / (greatest - least) * inside

    pieces = [
        tag("rect", width=WIDTH, height=height, fill="#ffffff"),
        tag("text", title, x=LEFT, y=22, font_weight="bold"),
    ]
    for number, bar in enumerate(bars):
        y = float(TOP + ROW * number + ROW / 2)
        pieces.append(tag("text", bar.name, x=LEFT - 12, y=y + 4, text_anchor="end"))
        pieces.append(
            tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, stroke="#e4e4e4", stroke_width=1)
        )
        if bar.low is not None and bar.high is not None:
            pieces.append(
                tag(
                    "line",
                    x1=x(bar.low),
                    x2=x(bar.high),
                    y1=y,
                    y2=y,
                    stroke="#0072b2",
                    stroke_width=3,
                )
            )
        pieces.append(tag("circle", cx=x(bar.value), cy=y, r=4, fill="#0072b2"))
        pieces.append(tag("text", f"{bar.value:.3f}", x=WIDTH - RIGHT + 12, y=y + 4))
    return (
        tag(
            "svg",
            *pieces,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {height}",
            width=WIDTH,
            height=height,
            font_family="sans-serif",
            font_size=13,
            fill="#1a1a1a",
            role="img",
            aria_label=title,
        )
        + "\n"
    )
