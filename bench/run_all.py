"""Every benchmark, one after another, then the page of figures: ``make bench``.

Each runs in a process of its own and leaves its result in ``bench/results``. How long each
takes is said before it starts. One that fails is named at the end, and the others run all the
same. ``--quick`` runs small sizes into a folder of their own: a trial, whose figures mean nothing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import performance_page, provenance, reranking_page, targets
from bench.targets import Results

QUICK_RESULTS = provenance.ROOT / "build" / "bench" / "quick"


@dataclass(frozen=True, slots=True)
class Script:
    """A benchmark.

    Attributes:
        name: What it is called here: a module of this package, and after a hyphen its size.
        minutes: About how long it takes on two cores at rest.
        quick: Its arguments for a trial of a minute or so; None where it has no smaller size.
        arguments: Else.
    """

    name: str
    minutes: float
    quick: tuple[str, ...] | None = None
    arguments: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """What runs."""
        return f"bench.{self.name.partition('-')[0]}"


SMALL_SIZES = ("--sizes", "1000", "4000")
KEPT = ("--work", str(provenance.WORK / "large"))
SCRIPTS = (
    Script("cold_query", 5, ("--passages", "200", "--runs", "3", "--slow-runs", "1")),
    Script("resident", 3, ("--passages", "200", "--runs", "3")),
    Script("peers_cold", 8, ("--texts", "300", "--runs", "1")),
    Script("peers_indexing", 25, ("--passages", "150", "--runs", "1")),
    Script("scaling", 25, (*SMALL_SIZES, "--runs", "3")),
    Script("peers_search", 6, (*SMALL_SIZES, "--runs", "2")),
    Script(
        "approximate-1m",
        60,
        (*KEPT, "--rows", "20000", "--runs", "1"),
        (*KEPT, "--rows", "1000000"),
    ),
    Script("default_quality", 15, ("--collections", "cranfield")),
    Script("indexing", 12, ("--passages", "200", "--runs", "1")),
    Script("pairs", 4, ("--sentences", "300", "--runs", "1")),
    Script("words", 5),
    Script("filters", 13, ("--passages", "20000", "--rounds", "2")),
    Script("rerank_speed", 6),
    Script(
        "measures",
        5,
        ("--queries", "100", "--hits", "100", "--documents", "10000", "--runs", "2"),
    ),
    Script("silhouette", 1, ("--rows", "2000", "--runs", "2")),
    Script("clustering", 8, ("--headlines", "2000", "--runs", "1")),
    Script("concepts", 20, ("--draws", "2", "--runs", "2")),
    Script("beir", 20),
    Script("word_quality", 25),
    Script("memory", 20, ("--documents", "5000")),
    Script(
        "approximate-10m",
        65,
        arguments=(*KEPT, "--rows", "10000000", "--memory", "12GB", "--name", "approximate_10m"),
    ),
)
"""What is compared with others first, the longest last."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [one.name for one in SCRIPTS]
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help=", ".join(names))
    parser.add_argument("--table", action="store_true", help="only show what was found before")
    parser.add_argument("--quick", action="store_true", help="a trial of small sizes")
    chosen = parser.parse_args()
    if unknown := set(chosen.scripts) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    results = QUICK_RESULTS if chosen.quick else provenance.RESULTS
    failed = []
    if not chosen.table:
        wanted = [one for one in SCRIPTS if one.name in (chosen.scripts or names)]
        if chosen.quick:
            wanted = [one for one in wanted if one.quick is not None]
        failed = run_in_turn(wanted, results, quick=chosen.quick)
    print(table(targets.read_results(results)))
    if not chosen.quick and not chosen.table:
        performance_page.write()
        reranking_page.write_figures(provenance.ROOT / "docs" / "reranking.md")
    if failed:
        raise SystemExit(f"Failed: {', '.join(failed)}. The table has their figures of before.")


def run_in_turn(scripts: list[Script], results: Path, *, quick: bool) -> list[str]:
    """Run benchmarks one after another; return the names of those that failed."""
    if not quick:
        told = ", ".join(f"{one.name} {one.minutes:g}" for one in scripts)
        every = sum(one.minutes for one in scripts)
        print(f"About {every:g} minutes on two cores at rest: {told}.", flush=True)
    failed = []
    for number, script in enumerate(scripts, start=1):
        about = "" if quick else f", about {script.minutes:g} minutes"
        now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        print(f"\n{now} {script.name} ({number} of {len(scripts)}{about})", flush=True)
        started = time.monotonic()
        arguments = script.quick if quick and script.quick else script.arguments
        if not run(script.module, arguments, results):
            failed.append(script.name)
        print(f"{script.name}: {(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    return failed


def run(module: str, arguments: tuple[str, ...], results: Path) -> bool:
    """Run a benchmark; tell whether it ended well."""
    command = [sys.executable, "-m", module, *arguments]
    # whole processes are measured: none may find one resident that another left
    apart = {"RETRIEVE_BENCH_RESULTS": str(results), "RETRIEVE_DAEMON": "off"}
    environment = {**os.environ, **apart}
    done = subprocess.run(command, cwd=provenance.ROOT, env=environment, check=False)
    return done.returncode == 0


def table(results: Results) -> str:
    """Return a line a figure: target, median, range of the rounds, and whence it is."""
    lines = []
    for section, rows in targets.SECTIONS.items():
        lines.append(f"{section:60}{'target':>16}{'reached':>12}{'range':>22}  commit")
        for row in rows:
            found = targets.figure(row, results)
            what = f"  {row.what:58}{row.target:>16}"
            if found is None:
                lines.append(f"{what}{'not run':>12}")
                continue
            spread = "" if found.low is None else f"{found.low:,.3f} - {found.high:,.3f}"
            commit = results[row.result]["provenance"]["commit"]
            lines.append(f"{what}{found.value:>12,.4g}{spread:>22}  {commit}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
