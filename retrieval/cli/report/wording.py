"""Figures of a benchmark as people read them, the same in every output."""

from __future__ import annotations

import math

from rich.cells import cell_len, set_cell_size

from retrieval.cli.escapes import one_line
from retrieval.evaluate.results import BenchReport, Comparison, MeasureResult, SystemResult

IN_SAMPLE = "IN-SAMPLE"
"""Beside the name of a system that was graded on what it learned from."""
SIGNIFICANT = 0.05
"""Holm-adjusted p-values below this are marked."""
MISSING = "-"
"""In place of a figure that is no number."""
_CUT = "..."


def figure(value: float) -> str:
    """Return the value of a measure with three decimals: ``0.645``."""
    return _rounded(value, "z.3f")


def interval(low: float, high: float) -> str:
    """Return the interval of a measure: ``[0.601, 0.689]``."""
    return f"[{figure(low)}, {figure(high)}]"


def with_interval(result: MeasureResult) -> str:
    """Return a measure's mean and interval: ``0.645 [0.601, 0.689]``."""
    return f"{figure(result.mean)} {interval(result.low, result.high)}"


def difference(value: float) -> str:
    """Return a difference of two values, signed, with four decimals: ``+0.0681``.

    One decimal more than the values have, since small differences are the ones that need a test.
    """
    return _rounded(value, "+z.4f")


def difference_interval(low: float, high: float) -> str:
    """Return the interval of a difference: ``[+0.0411, +0.0952]``."""
    return f"[{difference(low)}, {difference(high)}]"


def p_value(p: float) -> str:
    """Return a p-value for a column of them: ``0.013``, ``<0.001``."""
    return "<0.001" if p < 0.001 else _rounded(p, "z.3f")


def p_words(p: float) -> str:
    """Return a p-value for a sentence: ``p = 0.013``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p_value(p)}"


def share(part: float) -> str:
    """Return a share in [0, 1] in percent: ``1.2 %``, ``<0.1 %`` for a trace."""
    return "<0.1 %" if 0 < part < 0.0005 else f"{part * 100:.1f} %"


def depth(hits: int | None) -> str:
    """Return how many hits were asked for: ``depth 1,000``, or that all were ranked."""
    return "every document ranked" if hits is None else f"depth {hits:,}"


def is_significant(comparison: Comparison) -> bool:
    """Tell whether the Holm-adjusted p-value of a comparison is below 0.05."""
    return comparison.p_holm is not None and comparison.p_holm < SIGNIFICANT


def record_of_wins(comparison: Comparison) -> str:
    """Return on how many queries a system won, tied and lost: ``120/150/30``."""
    return f"{comparison.wins:,}/{comparison.ties:,}/{comparison.losses:,}"


def name_of(system: SystemResult, most: int | None = None) -> str:
    """Return a system's name on one line, with the mark of an in-sample one.

    Args:
        system: The system.
        most: Columns the name may take, the mark not counted; None for all it needs.
    """
    name = shortened(one_line(system.name), most)
    return f"{name} {IN_SAMPLE}" if system.in_sample else name


def names(report: BenchReport, most: int | None = None) -> dict[str, str]:
    """Return each system's name as it is shown, by its name in the report."""
    return {system.name: name_of(system, most) for system in report.systems}


def shortened(text: str, most: int | None) -> str:
    """Return text of at most some columns, its middle left out: both ends tell names apart."""
    if most is None or cell_len(text) <= most:
        return text
    room = most - len(_CUT)
    front = set_cell_size(text, room - room // 2).rstrip()
    back = set_cell_size(text[::-1], room // 2).rstrip()[::-1]
    return f"{front}{_CUT}{back}"


def _rounded(value: float, form: str) -> str:
    # the z of the format turns a rounded -0.000 into 0.000
    return format(value, form) if math.isfinite(value) else MISSING
