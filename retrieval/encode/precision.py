"""How exactly the vectors of passages are computed."""

from __future__ import annotations

from enum import StrEnum

from retrieval.errors import UsageError


class Precision(StrEnum):
    """What the model is run in over passages; queries are always single precision."""

    AUTO = "auto"
    """The fastest of the exact class on this machine: bf16 if a trial says so, else fp32."""
    FP32 = "fp32"
    """Single precision."""
    BF16 = "bf16"
    """Eight bits of mantissa; compared with fp32 as if it were the same."""
    INT8 = "int8"
    """Whole numbers of eight bits; a class of its own, for what it loses."""


def as_precision(given: str | None) -> Precision | None:
    """Read what a caller said; None stays None.

    Raises:
        UsageError: There is no such precision.
    """
    if given is None:
        return None
    try:
        return Precision(given)
    except ValueError:
        raise UsageError(
            f"There is no precision {given!r}.",
            fix=f"Give one of {', '.join(Precision)}.",
        ) from None
