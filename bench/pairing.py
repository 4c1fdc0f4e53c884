"""Runs in turn, A B A B, so that a machine's drift falls on all alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Command: TypeAlias = Sequence[str | Path]
"""A program and its arguments."""


def in_turn(
    contestants: Mapping[str, Callable[[], float]], runs: int, *, warmups: int = 1
) -> dict[str, list[float]]:
    """Measure each contestant once a round.

    Args:
        contestants: Each returns its figure, such as seconds.
        runs: Counted rounds.
        warmups: Rounds before, not counted.

    Returns:
        The figures of each, in order of rounds.
    """
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(-warmups, runs):
        for name, measure in contestants.items():
            figure = measure()
            if number >= 0:
                figures[name].append(figure)
    return figures


def summary(figures: Sequence[float]) -> dict[str, float]:
    """Return median, least and greatest."""
    return {
        "median": round(statistics.median(figures), 4),
        "min": round(min(figures), 4),
        "max": round(max(figures), 4),
        "runs": len(figures),
    }


def ratio(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """Return the ratio one / other, round by round, summarised."""
    return summary([a / b for a, b in zip(one, other, strict=True)])


def wall_s(command: Command, environment: Mapping[str, str] | None = None) -> float:
    """Run a whole process and return its wall-clock seconds.

    Raises:
        SystemExit: It failed; a figure of a failed run would mean nothing.
    """
    started = time.perf_counter()
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    elapsed = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return elapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a whole process took.

    Attributes:
        seconds: From start to end, by the clock on the wall.
        peak_mib: The most memory it had resident, files that it mapped included.
    """

    seconds: float
    peak_mib: float


_WATCHING = """
import json, os, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
told = {"seconds": time.perf_counter() - began, "peak_mib": usage.ru_maxrss / 1024}
print(json.dumps({**told, "code": os.waitstatus_to_exitcode(status)}))
"""


def spent(command: Command, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a whole process and return what it took.

    Linux counts as a child's own what its parent had resident when it started it, so a small
    process stands between this one and the measured one.

    Raises:
        SystemExit: It failed.
    """
    done = subprocess.run(
        [sys.executable, "-S", "-c", _WATCHING, *map(str, command)],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout)
    if told["code"]:
        errors = done.stderr.decode(errors="replace")[-500:]
        raise SystemExit(f"{command} ended with {told['code']}: {errors}")
    return Spent(seconds=told["seconds"], peak_mib=told["peak_mib"])


def peak_mib(command: Command, environment: Mapping[str, str] | None = None) -> float:
    """Run a whole process and return the peak of its resident memory in MiB."""
    return spent(command, environment).peak_mib


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return rows as a plain table."""
    columns = list(next(iter(rows.values())))
    lines = [f"{'':36}" + "".join(f"{name:>12}" for name in columns)]
    lines += [
        f"{name:36}" + "".join(f"{row[column]:>12}" for column in columns)
        for name, row in rows.items()
    ]
    return "\n".join(lines)
