"""Numbers as people read them."""

from __future__ import annotations

_STEPS = ("kB", "MB", "GB", "TB")


def size(size_bytes: int) -> str:
    """Return a size in decimal units: ``999 bytes``, ``1.2 MB``."""
    if size_bytes < 1000:
        return count(size_bytes, "byte")
    value, step = size_bytes / 1000, 0
    while value >= 999.95 and step < len(_STEPS) - 1:
        value, step = value / 1000, step + 1
    return f"{value:.1f} {_STEPS[step]}"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 document``, ``12,345 documents``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def amount(number: int, unit: str) -> str:
    """Return an amount in a unit of work: bytes as a size, others as they are."""
    return size(number) if unit == "bytes" else f"{number:,} {unit}"


def percent(part: int, whole: int) -> str:
    """Return a share as whole percent, ``100 %`` only when all is done."""
    return f"{min(part * 100 // whole, 100)} %"


def duration(seconds: float) -> str:
    """Return a duration: ``0.3 s``, ``2 min 5 s``, ``1 h 3 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
