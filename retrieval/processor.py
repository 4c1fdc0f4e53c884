"""What processor this is, which instructions it has that matter here, how many cores we may use."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import platform
from pathlib import Path

FEATURES = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "asimd", "bf16")
BF16_FEATURES = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Any of these multiplies bf16 faster than single precision."""

_CPUINFO = Path("/proc/cpuinfo")
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def processor_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return what the processor calls itself."""
    return _lines(cpuinfo).get("model name") or platform.processor() or platform.machine()


def processor_features(cpuinfo: Path = _CPUINFO) -> tuple[str, ...]:
    """Return those of ``FEATURES`` that the processor has; none where it cannot be told."""
    lines = _lines(cpuinfo)
    found = set((lines.get("flags") or lines.get("Features") or "").split())
    return tuple(name for name in FEATURES if name in found)


def usable_cores(cgroup_limit: Path = _CGROUP_LIMIT) -> int:
    """Return the number of cores, at least 1.

    What the machine has is not what a container may use: the affinity mask and the
    bandwidth limit of control groups (version 2) both count.

    Args:
        cgroup_limit: File holding ``quota period`` in microseconds, or ``max period``.
    """
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    # where there is no such limit there is no such file, or no such number in it
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = cgroup_limit.read_text().split()
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(1, cores)


def _lines(cpuinfo: Path) -> dict[str, str]:
    """Return the first processor's lines of Linux's list of them; empty elsewhere."""
    try:
        with cpuinfo.open(encoding="utf-8", errors="replace") as every:
            first = list(itertools.takewhile(str.strip, every))
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first)
    return {key.strip(): value.strip() for key, _, value in pairs}
