"""A chart as a record: two axes and what is drawn between them, whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from retrieval.cli.report.scale import Scale

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Points joined by a line.

    Attributes:
        label: Its name in the legend.
        points: x and y, in the order they are joined; a single one is drawn as a dot.
        style: Which colour and dashes it has.
        marked: Whether a picture shows each point as a dot, since they are few.
    """

    label: str
    points: tuple[Point, ...]
    style: int
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A filled outline.

    Attributes:
        label: Its name in the legend; empty for none.
        points: Corners, x and y; the last is joined to the first.
        style: Which colour and dashes it has.
        meaning: What it stands for, told on demand; may be empty.
    """

    label: str
    points: tuple[Point, ...]
    style: int
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A vertical line across the chart.

    Attributes:
        label: What it marks.
        at: Its x.
    """

    label: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn.

    Attributes:
        key: A word that tells the charts of one report apart, fit for an id and a file name.
        title: What it shows.
        summary: The same for who cannot see it: the figures that matter.
        x: Horizontal axis.
        y: Vertical axis.
        height: Height of the space between the axes, in pixels of a chart 480 wide.
        areas: Drawn first.
        lines: Drawn over them.
        rules: Drawn last.
    """

    key: str
    title: str
    summary: str
    x: Scale
    y: Scale
    height: int = 230
    areas: tuple[Area, ...] = ()
    lines: tuple[Line, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def legend(self) -> tuple[tuple[str, int, bool], ...]:
        """Label, style and whether it is an area, of everything that has a label."""
        areas = tuple((one.label, one.style, True) for one in self.areas if one.label)
        return areas + tuple((one.label, one.style, False) for one in self.lines if one.label)
