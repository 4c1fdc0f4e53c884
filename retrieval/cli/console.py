"""The console that tables are drawn on: plain, as wide as we say, whatever the terminal."""

from __future__ import annotations

import sys

from rich.console import Console

_ROWS = 25
"""Not used for layout; without it rich draws 80 columns wherever TERM is ``dumb``."""


def open_console(width: int) -> Console:
    """Open standard output for drawing.

    Bold and dim say nearly everything and read well on any background. Green and red, where
    the terminal has colours and ``NO_COLOR`` is not set, only repeat the sign of a number.

    Args:
        width: Columns to draw in.
    """
    return Console(
        file=sys.stdout, width=width, height=_ROWS, highlight=False, markup=False, emoji=False
    )
