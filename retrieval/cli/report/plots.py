"""The charts of a benchmark as PNG files, drawn by matplotlib."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from retrieval.cli.report.chart import Area, Chart, Line
from retrieval.cli.report.charts import all_charts
from retrieval.cli.report.files import make_folder, put_bytes
from retrieval.cli.report.palette import LIGHT, colour_number, dash
from retrieval.evaluate.results import BenchReport
from retrieval.extras import require
from retrieval.fsops import Files, LocalFiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150
_INCHES_WIDE = 6.4
_PIXELS_PER_INCH = 75.0
"""Pixels of a chart's height in the page that make an inch here."""
_LEGEND_ROW = 0.22
_AROUND = 1.1
"""Inches above and below the space between the axes: title, rule, ticks, name."""


def write_plots(report: BenchReport, folder: Path, *, files: Files | None = None) -> list[Path]:
    """Write each chart of a benchmark as a PNG file, in place of earlier ones.

    Args:
        report: What was found.
        folder: Where to; made if it is missing.
        files: The file system; the machine's own by default.

    Returns:
        The files: ``precision-recall.png``, ``precision-by-rank.png``, a
        ``scores-<system>.png`` for each system and ``silhouette.png``, as far as there is
        something to draw.

    Raises:
        MissingExtraError: matplotlib is not installed; nothing was written.
        FileSystemError: A file or the folder cannot be written.
    """
    require("matplotlib", extra="plots", purpose="Drawing plots as PNG files")
    files = files or LocalFiles()
    make_folder(folder.resolve(), files=files)
    written = []
    for chart in all_charts(report):
        path = folder / f"{chart.key}.png"
        put_bytes(path, png(chart), files=files)
        written.append(path)
    return written


def png(chart: Chart) -> bytes:
    """Return a chart drawn by matplotlib as a PNG file's bytes.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    return panels([chart])


def panels(charts: Sequence[Chart]) -> bytes:
    """Return charts side by side in one figure, with one legend, as a PNG file's bytes.

    Args:
        charts: At least one; what has one label in several of them has one style.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require("matplotlib.backends.backend_agg", extra="plots", purpose="Drawing plots as PNG files")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    between = max(chart.height for chart in charts) / _PIXELS_PER_INCH
    legend = tuple(dict.fromkeys(entry for chart in charts for entry in chart.legend))
    size = (_INCHES_WIDE * len(charts), between + _AROUND + _LEGEND_ROW * len(legend))
    with plain_text():
        figure = Figure(figsize=size, dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
        for place, chart in enumerate(charts, 1):
            _draw(figure.add_subplot(1, len(charts), place), chart)
        _draw_legend(figure, legend)
        content = io.BytesIO()
        figure.savefig(content, format="png")
    return content.getvalue()


def _draw(axes: Axes, chart: Chart) -> None:
    _draw_axes(axes, chart)
    for area in chart.areas:
        _draw_area(axes, area)
    for line in chart.lines:
        _draw_line(axes, line)
    for rule in chart.rules:
        axes.axvline(rule.at, color="black", linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate(
            rule.label,
            (rule.at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize="small",
        )


@contextmanager
def plain_text() -> Iterator[None]:
    """Draw text as it is: a dollar is no formula, a letter the font lacks is a box."""
    import matplotlib

    with matplotlib.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")
        yield


def _draw_axes(axes: Axes, chart: Chart) -> None:
    axes.set_title(
        chart.title, loc="left", fontsize="medium", fontweight="bold", pad=18 if chart.rules else 8
    )
    if chart.x.logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(chart.x.low, chart.x.high)
    axes.set_ylim(chart.y.low, chart.y.high)
    axes.set_xticks([tick.value for tick in chart.x.ticks], [tick.label for tick in chart.x.ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([tick.value for tick in chart.y.ticks], [tick.label for tick in chart.y.ticks])
    axes.set_xlabel(chart.x.title)
    axes.set_ylabel(chart.y.title)
    axes.grid(visible=True, axis="x" if chart.y.named else "both", color="#d8dee4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if chart.y.named:
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    if chart.x.low < 0 < chart.x.high:
        axes.axvline(0.0, color="#57606a", linewidth=0.8)


def _draw_line(axes: Axes, line: Line) -> None:
    across, up = zip(*line.points, strict=True)
    dots = line.marked or len(line.points) == 1
    axes.plot(
        across,
        up,
        color=LIGHT[colour_number(line.style)],
        linestyle=_line_style(line.style),
        linewidth=1.8,
        marker="o" if dots else "",
        markersize=5,
        clip_on=not dots,  # else half of a dot on the border is cut off
    )


def _draw_area(axes: Axes, area: Area) -> None:
    across, up = zip(*area.points, strict=True)
    colour = LIGHT[colour_number(area.style)]
    axes.fill(
        across,
        up,
        facecolor=(colour, 0.3),
        edgecolor=colour,
        linewidth=1.0,
        linestyle=_line_style(area.style),
    )


def _draw_legend(figure: Figure, legend: Sequence[tuple[str, int, bool]]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Line2D | Patch] = []
    for label, style, is_area in legend:
        colour, dashes = LIGHT[colour_number(style)], _line_style(style)
        if is_area:
            handles.append(
                Patch(facecolor=(colour, 0.3), edgecolor=colour, linestyle=dashes, label=label)
            )
        else:
            handles.append(Line2D([], [], color=colour, linestyle=dashes, label=label))
    if handles:
        figure.legend(
            handles,
            [label for label, _, _ in legend],
            loc="outside lower left",
            frameon=False,
            fontsize="small",
            handlelength=3.6,
        )


def _line_style(style: int) -> Literal["solid"] | tuple[float, tuple[float, ...]]:
    # matplotlib measures dashes in widths of the line
    dashes = tuple(length / 2 for length in dash(style))
    return (0.0, dashes) if dashes else "solid"
