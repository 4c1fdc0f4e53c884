"""A confusion matrix as a PNG file, drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.cli.escapes import one_line
from retrieval.cli.report.plots import DOTS_PER_INCH, plain_text
from retrieval.cli.report.wording import figure, shortened
from retrieval.extras import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from retrieval.evaluate.classifier_report import ClassifierReport

_LONGEST_NAME = 28
_INCHES_A_CLASS = 0.3
_LEAST_INCHES = 3.2
_LARGEST_FONT = 9.0
_POINTS_PER_INCH = 72


def confusion_png(report: ClassifierReport) -> bytes:
    """Return the confusion matrix as a PNG file's bytes: colour is the share of the row.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require("matplotlib.backends.backend_agg", extra="plots", purpose="Drawing plots as PNG files")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = [shortened(one_line(one), _LONGEST_NAME) for one in report.classes]
    side = max(_LEAST_INCHES, _INCHES_A_CLASS * len(names))
    names_side = 0.09 * max(map(len, names)) + 0.6
    with plain_text():
        drawn = Figure(
            figsize=(side + names_side + 0.8, side + names_side + 0.6),
            dpi=DOTS_PER_INCH,
            layout="constrained",
        )
        FigureCanvasAgg(drawn)
        axes = drawn.add_subplot()
        font = min(_LARGEST_FONT, side / len(names) * _POINTS_PER_INCH / 3)
        _draw(axes, report.report.confusion, names, font)
        axes.set_title(
            f"accuracy {figure(report.report.accuracy)}, macro F1 {figure(report.report.macro.f1)},"
            f" {report.report.documents:,} texts",
            loc="left",
            fontsize="medium",
            fontweight="bold",
        )
        content = io.BytesIO()
        drawn.savefig(content, format="png")
    return content.getvalue()


def _draw(
    axes: Axes, confusion: Sequence[Sequence[int]], names: Sequence[str], font: float
) -> None:
    shares = [[one / (sum(row) or 1) for one in row] for row in confusion]
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    places = range(len(names))
    size = min(_LARGEST_FONT, font * 1.3)
    axes.set_xticks(places, names, rotation=90, fontsize=size)
    axes.set_yticks(places, names, fontsize=size)
    axes.set_xlabel("class given")
    axes.set_ylabel("true class")
    for true, row in enumerate(confusion):
        for given, texts in enumerate(row):
            if texts:
                colour = "white" if shares[true][given] > 0.5 else "black"
                axes.text(
                    given, true, f"{texts:,}", ha="center", va="center", fontsize=font, color=colour
                )
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label("share of the true class")
