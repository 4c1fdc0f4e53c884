"""Colours and dashes that tell systems apart, for colour-blind readers too.

The colours are those of Okabe and Ito (2008), ordered so that neighbours differ in
lightness; every system has a dash pattern of its own besides.
"""

from __future__ import annotations

LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""On a light background, without the yellow that vanishes there."""
DARK = ("#56B4E9", "#E69F00", "#2FBF95", "#E093BE", "#F0E442", "#F07B3F")
"""On a dark background: the same hues, the dark ones lightened."""
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (7, 3),
    (2, 2.5),
    (8, 3, 2, 3),
    (13, 4),
    (5, 2, 1, 2, 1, 2),
)
"""Strokes and gaps in pixels; none for a solid line."""


def colour_number(style: int) -> int:
    """Return which colour a style has."""
    return style % len(LIGHT)


def dash(style: int) -> tuple[float, ...]:
    """Return the dash pattern of a style; no two of the first 36 look alike."""
    return DASHES[(style + style // len(LIGHT)) % len(DASHES)]
