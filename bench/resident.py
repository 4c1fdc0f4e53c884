"""A warm `retrieve query` beside a cold one: whole processes, in turn.

Beside them the least a warm one could cost (Python starting and ending), what the first question
pays for having a helper started, and what the helper costs: memory, and seconds of processor.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import pairing, provenance, texts
from bench.pairing import Command
from retrieval import __version__
from retrieval.fsops import LocalFiles
from retrieval.serve.control import residents_in, stop_residents

RETRIEVE: Command = [sys.executable, "-m", "retrieval"]
QUERY = "a film with a great soundtrack"
_TICKS = os.sysconf("SC_CLK_TCK")
_STARTING_S = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--home", type=Path, help="Indexes that are there; one must be named c.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder) / "indexes"
        if chosen.home is None:
            corpus = texts.write_corpus(Path(folder) / "c.jsonl", texts.passages(chosen.passages))
            pairing.wall_s([*RETRIEVE, "index", corpus, "--home", home, "--quiet"])
        figures = measure(home, chosen.runs)
        provenance.record("resident", {"passages": chosen.passages, **figures})


def measure(home: Path, runs: int) -> dict[str, Any]:
    """Return the figures of an index named ``c`` under ``home``."""
    ask: Command = [*RETRIEVE, "query", QUERY, "--home", home, "--index", "c"]
    with runtime_folder() as runtime:
        warm = {"RETRIEVE_DAEMON": "auto", "XDG_RUNTIME_DIR": str(runtime)}
        cold = {"RETRIEVE_DAEMON": "off"}
        first = pairing.in_turn(
            {
                "cold": lambda: pairing.wall_s(ask, cold),
                "starting": lambda: starting_s(ask, warm, runtime),
            },
            max(runs // 2, 1),
        )
        pairing.wall_s(ask, warm)
        pid = ready(runtime)
        same = _output(ask, cold) == _output(ask, warm)
        idle = processor_s(pid)
        begun = time.perf_counter()
        quick = pairing.in_turn(
            {
                "cold": lambda: pairing.wall_s(ask, cold),
                "warm": lambda: pairing.wall_s(ask, warm),
                "python": lambda: pairing.wall_s([sys.executable, "-c", "pass"]),
            },
            runs,
        )
        spent = processor_s(pid) - idle
        return {
            "bytes_equal": same,
            "seconds": {name: pairing.summary(values) for name, values in quick.items()},
            "cold_over_warm": pairing.ratio(quick["cold"], quick["warm"]),
            "warm_over_python": pairing.ratio(quick["warm"], quick["python"]),
            "first_over_cold": pairing.ratio(first["starting"], first["cold"]),
            "processor_s_cold": pairing.summary([used_s(ask, cold) for _ in range(runs)]),
            "processor_s_warm": pairing.summary([used_s(ask, warm) for _ in range(runs)]),
            "processor_s_python": pairing.summary(
                [used_s([sys.executable, "-c", "pass"], {}) for _ in range(runs)]
            ),
            "helper": {
                "resident_mib": resident_mib(pid),
                "processor_s_to_be_ready": round(idle, 3),
                "processor_s_a_question": round(spent / (runs + 1), 4),
                "measured_for_s": round(time.perf_counter() - begun, 1),
            },
            "load_average": [round(one, 1) for one in os.getloadavg()],
        }


@contextmanager
def runtime_folder() -> Iterator[Path]:
    """Give helpers a folder of their own, and end them."""
    with tempfile.TemporaryDirectory(prefix="rt-", dir="/tmp") as folder:
        try:
            yield Path(folder)
        finally:
            stop(Path(folder))


def ready(runtime: Path) -> int:
    """Wait for the helper that is starting; return its process."""
    until = time.monotonic() + _STARTING_S
    while time.monotonic() < until:
        for one in residents_in(f"{runtime}/retrieve", LocalFiles(), version=__version__):
            if one.pid is not None and not one.is_busy:
                return one.pid
        time.sleep(0.05)
    raise SystemExit("No helper came.")


def stop(runtime: Path) -> None:
    """End every helper."""
    stop_residents(f"{runtime}/retrieve", LocalFiles(), version=__version__)


def starting_s(ask: Command, environment: Mapping[str, str], runtime: Path) -> float:
    """Return the seconds of a question that starts a helper, which is ended again."""
    seconds = pairing.wall_s(ask, environment)
    ready(runtime)
    stop(runtime)
    time.sleep(0.5)  # its lock goes with its process
    return seconds


def used_s(command: Command, environment: Mapping[str, str]) -> float:
    """Run a whole process and return the seconds of processor it used, without the helper's."""
    child = subprocess.Popen(
        list(map(str, command)),
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def processor_s(pid: int) -> float:
    """Return the seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mib(pid: int) -> float:
    """Return the memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kib,) = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return round(int(kib) / 1024, 1)


def _output(command: Command, environment: Mapping[str, str]) -> tuple[bytes, bytes, int]:
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


if __name__ == "__main__":
    main()
