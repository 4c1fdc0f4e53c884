"""What a run has finished, kept in a folder, so that the next run goes on from there."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import provenance

VERSION = 3
"""Raised when what a system is changes, so that outcomes of before are not used."""

EPOCHS = 2
"""Of a training of the study, where its system does not say more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one system gave once.

    Attributes:
        arrays: Scores and predictions, by name.
        facts: Seconds, rows learned from, the training's card; where and when it ran.
    """

    arrays: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The choices of a run, and where it keeps what it has finished.

    Attributes:
        folder: Of vectors, models and outcomes.
        seeds: How often a training is run.
        rows: Rows to learn from at most; None for all.
        tests: Rows of reviews to measure on at most; None for all.
        epochs: Of a training.
        base: Model to start from; None for the bundled one.
        told: Takes a line of progress.
    """

    folder: Path
    seeds: int = 5
    rows: int | None = None
    tests: int | None = None
    epochs: int = EPOCHS
    base: str | None = None
    told: Callable[[str], None] = print

    def choices(self) -> str:
        """Return what decides an outcome beside system and seed, as a name of a folder."""
        rows = "all" if self.rows is None else str(self.rows)
        tests = "" if self.tests is None else f"-tests-{self.tests}"
        base = hashlib.sha256((self.base or "").encode()).hexdigest()[:6]
        return f"v{VERSION}-rows-{rows}{tests}-epochs-{self.epochs}-base-{base}"

    def kept(self, name: str, seed: int, make: Callable[[], Outcome]) -> Outcome:
        """Return an outcome that was kept, or make it and keep it.

        Args:
            name: Of task, collection and system, such as ``sentiment/imdb/text``.
            seed: Which of its runs.
            make: Makes it.
        """
        folder = self.folder / "outcomes" / self.choices() / name
        path = folder / f"{seed}.npz"
        if path.exists():
            return read_outcome(path)
        load, started = os.getloadavg()[0], time.perf_counter()
        self.told(f"{name}, run {seed}")
        made = make()
        facts = {
            **made.facts,
            "commit": provenance.COMMIT,
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "cpu": provenance.provenance()["cpu"],
            "cores": os.cpu_count(),
            "load": round(load, 1),
        }
        folder.mkdir(parents=True, exist_ok=True)
        write_outcome(path, Outcome(arrays=made.arrays, facts=facts))
        self.told(f"{name}, run {seed}: done in {time.perf_counter() - started:,.0f} s")
        return read_outcome(path)

    def finished(self, name: str, count: int) -> list[Outcome]:
        """Return the outcomes of all runs of a system, if all were kept; else none."""
        folder = self.folder / "outcomes" / self.choices() / name
        paths = [folder / f"{seed}.npz" for seed in range(count)]
        return [read_outcome(path) for path in paths] if all(map(Path.exists, paths)) else []


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Write an outcome, whole or not at all."""
    half = path.with_suffix(".half")
    with half.open("wb") as output:
        facts = np.frombuffer(json.dumps(dict(outcome.facts)).encode(), dtype=np.uint8)
        arrays: dict[str, Any] = {**outcome.arrays, "_facts": facts}
        np.savez_compressed(output, **arrays)
    half.replace(path)


def read_outcome(path: Path) -> Outcome:
    """Read what ``write_outcome`` wrote."""
    with np.load(path, allow_pickle=False) as packed:
        arrays = {name: packed[name] for name in packed.files}
    facts = json.loads(arrays.pop("_facts").tobytes())
    return Outcome(arrays=arrays, facts=facts)
