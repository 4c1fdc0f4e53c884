"""What a question was ranked by, as its explanation needs it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.query.modes import ModeOptions
from retrieval.query.parts import Part


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """What one question was ranked by.

    Attributes:
        text: Its text, whose words are marked in hits; empty where there is none.
        options: By what was ranked.
        row: float32 (dim,), the vector that was searched for; None where there was none.
        parts: What that vector is the sum of; none for one text.
        by_mean: Whether documents were ranked by the means of their passages.
    """

    text: str = ""
    options: ModeOptions = field(default_factory=ModeOptions)
    row: NDArray[np.float32] | None = None
    parts: tuple[Part, ...] = ()
    by_mean: bool = False
