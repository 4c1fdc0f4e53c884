"""What processor this is, and which instructions it has that matter here."""

from __future__ import annotations

import platform
from pathlib import Path

FEATURES = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "asimd", "bf16")
BF16_FEATURES = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Any of these multiplies bf16 faster than single precision."""

_CPUINFO = Path("/proc/cpuinfo")


def processor_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return what the processor calls itself."""
    return _lines(cpuinfo).get("model name") or platform.processor() or platform.machine()


def processor_features(cpuinfo: Path = _CPUINFO) -> tuple[str, ...]:
    """Return those of ``FEATURES`` that the processor has; none where it cannot be told."""
    lines = _lines(cpuinfo)
    found = set((lines.get("flags") or lines.get("Features") or "").split())
    return tuple(name for name in FEATURES if name in found)


def _lines(cpuinfo: Path) -> dict[str, str]:
    """Return the first processor's lines of Linux's list of them; empty elsewhere."""
    try:
        first = cpuinfo.read_text(encoding="utf-8").partition("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
