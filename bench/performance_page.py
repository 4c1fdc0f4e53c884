"""The page of figures, rendered from the results alone: ``python -m bench.performance_page``."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import performance_prose as prose
from bench import provenance, targets
from bench.scaling_chart import Panel, chart, slopes
from bench.targets import Figure, Results, Row

PAGE = provenance.ROOT / "docs" / "performance.md"
PICTURE = "performance-scaling.svg"
NOT_RUN = "not run yet"
PANELS = (
    ("build_s", "Building from vectors, seconds"),
    ("build_peak_mib", "Peak memory of building, MiB"),
    ("disk_mib", "On disk, MiB"),
    ("first_query_s", "First query, whole process, seconds"),
    ("query_ms", "Warm query, ms"),
    ("batch_ms", "A query of a batch of 256, ms"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where results were measured; equal where figures may be compared.

    Attributes:
        cpu: Its processor.
        cores: How many.
        simd: Sets of instructions that matter here; None where a result does not say.
        memory_gib: Memory; None where a result does not say.
        python: Version.
    """

    cpu: str
    cores: int
    simd: tuple[str, ...] | None
    memory_gib: float | None
    python: str

    @classmethod
    def of(cls, made: Mapping[str, Any]) -> Machine:
        """Read it from the provenance of a result."""
        machine = made.get("machine", made)
        simd = made.get("simd")
        return cls(
            cpu=made.get("cpu", machine["cpu"]),
            cores=made.get("cores", machine["cores"]),
            simd=None if simd is None else tuple(simd),
            memory_gib=made.get("memory_gib"),
            python=made["python"],
        )


def write(results: Path = provenance.RESULTS, page: Path = PAGE) -> None:
    """Write the page and its picture."""
    for path, text in rendered(results, page).items():
        path.write_text(text, encoding="utf-8")


def rendered(folder: Path = provenance.RESULTS, page: Path = PAGE) -> dict[Path, str]:
    """Return the page and its picture, by path."""
    every = targets.read_results(folder)
    named = {row.result for row in targets.rows()}
    results = {name: one for name, one in every.items() if name in named}
    letters = lettered(results)
    pieces = [prose.REPEATING, prose.COMPARING, table(["peer", "settings"], prose.PEERS)]
    pieces += [prose.SETTINGS, *_machines(results, letters), *_figures(results, letters)]
    pieces += _misses(results)
    found: dict[Path, str] = {}
    if "scaling" in results:
        panels = panels_of(results["scaling"]["figures"])
        pieces += _scaling(panels)
        found[page.parent / PICTURE] = chart("What grows with the number of documents", panels)
    found[page] = "\n\n".join(pieces) + "\n"
    return found


def lettered(results: Results) -> dict[Machine, str]:
    """Return a letter for each machine; A is the one of the newest result."""
    newest: dict[Machine, str] = {}
    for one in results.values():
        machine = Machine.of(one["provenance"])
        newest[machine] = max(newest.get(machine, ""), date_of(one))

    def rank(machine: Machine) -> tuple[str, bool, str]:
        return newest[machine], machine.simd is not None, repr(machine)

    order = sorted(newest, key=rank, reverse=True)
    return {machine: chr(ord("A") + at) for at, machine in enumerate(order)}


def date_of(result: Mapping[str, Any]) -> str:
    """Return the day of a result."""
    made = result["provenance"]
    return str(made.get("date", made.get("started", "")))[:10]


def _machines(results: Results, letters: Mapping[Machine, str]) -> Iterator[str]:
    yield "## Machines"
    rows = []
    for machine, letter in letters.items():
        own = [one for one in results.values() if Machine.of(one["provenance"]) == machine]
        versions: dict[str, set[str]] = {}
        for one in own:
            for name, version in one["provenance"]["versions"].items():
                versions.setdefault(name, set()).add(version)
        memory = "" if machine.memory_gib is None else f"{machine.memory_gib:g} GiB"
        rows.append(
            [
                letter,
                f"{machine.cpu}, {machine.cores} cores",
                "not recorded" if machine.simd is None else ", ".join(machine.simd),
                memory,
                machine.python,
                ", ".join(f"{name} {'/'.join(sorted(one))}" for name, one in versions.items()),
            ]
        )
    yield table(["", "processor", "instructions", "memory", "Python", "libraries"], rows)
    if len(letters) > 1:
        yield prose.OTHER_MACHINES


def _figures(results: Results, letters: Mapping[Machine, str]) -> Iterator[str]:
    yield "## Figures"
    rows: list[list[str]] = []
    for section, own in targets.SECTIONS.items():
        rows.append([f"**{section}**", *[""] * 5])
        for row in own:
            found = targets.figure(row, results)
            if found is None:
                rows.append([row.what, row.target, NOT_RUN, "", "", ""])
                continue
            verdict = {True: "reached", False: "**missed**", None: ""}
            rows.append(
                [
                    row.what,
                    row.target,
                    told(found.value),
                    spread(found),
                    verdict[targets.reaches(row.target, found.value)],
                    origin(results[row.result], letters),
                ]
            )
    yield table(["what", "target", "figure", "least to greatest", "", "measured"], rows)


def told(value: float) -> str:
    """Return a figure with about four digits."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.4g}"


def spread(found: Figure) -> str:
    """Return the range of the rounds in words; empty without rounds."""
    if found.low is None or found.high is None:
        return ""
    rounds = f" ({found.runs} rounds)" if found.runs else ""
    return f"{told(found.low)} to {told(found.high)}{rounds}"


def origin(result: Mapping[str, Any], letters: Mapping[Machine, str]) -> str:
    """Return machine, commit and day of a result, and the load if others were at work."""
    made = result["provenance"]
    whence = f"{letters[Machine.of(made)]}, {made['commit']}, {date_of(result)}"
    load = made.get("load_average", {}).get("before", 0.0)
    return whence + (f", load {load:g}" if load > 1 else "")


def _misses(results: Results) -> Iterator[str]:
    missed: list[tuple[Row, Figure]] = []
    for row in targets.rows():
        found = targets.figure(row, results)
        if found is not None and targets.reaches(row.target, found.value) is False:
            missed.append((row, found))
    yield "## What misses its target"
    if not missed:
        yield "Nothing that was run."
        return
    yield "\n".join(_miss(row, found) for row, found in missed)


def _miss(row: Row, found: Figure) -> str:
    why = prose.WHY.get((row.result, row.figure))
    return f"- {row.what}: {told(found.value)} for {row.target}" + (f"; {why}." if why else ".")


def panels_of(figures: Mapping[str, Any]) -> list[Panel]:
    """Return what the picture of scaling shows."""
    sizes, of_size = figures["sizes"], figures["of_size"]

    def value(size: int, key: str) -> float:
        one = of_size[str(size)]
        if key == "disk_mib":
            return float(one["disk_mib"]["all"])
        if key == "batch_ms":
            return 1000 / float(one["batch_queries_per_s"]["median"])
        return float(one[key]["median"])

    return [
        Panel(title=title, sizes=sizes, values=[value(size, key) for size in sizes])
        for key, title in PANELS
    ]


def _scaling(panels: Sequence[Panel]) -> Iterator[str]:
    yield "## Scaling"
    yield f"![Build time, memory, disk and query times over the number of documents]({PICTURE})"
    yield prose.SCALING
    sizes = panels[0].sizes
    steps = [f"{a:,} to {b:,}" for a, b in itertools.pairwise(sizes)]
    rows = [[one.title, *(f"{b:.2f}" for b in slopes(one))] for one in panels]
    yield table(["exponent b", *steps], rows)
    yield prose.BENDS


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [list(heads), ["---"] * len(heads), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    write()
