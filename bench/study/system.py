"""What is compared: a name, a line about it, and how often it is run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from bench.study.work import EPOCHS, Outcome, Work

DRAWS = 10
"""Draws of labels of a frozen concept; a fit takes no time."""


class Runs(StrEnum):
    """What differs between the runs of a system."""

    ONCE = "once"
    """Nothing: it has no chance in it."""
    DRAWS = "draws"
    """The labels drawn."""
    SEEDS = "seeds"
    """The seed of a training or of a clustering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One of the systems of a task.

    Attributes:
        name: In the results and for ``--systems``.
        told: What it is, for the page.
        runs: What differs between its runs.
        trains: Whether it fine-tunes the model.
        learns: Whether it uses labels, or pairs, of rows to learn from at all.
        epochs: Of its training; the state that validation prefers among them is kept.
    """

    name: str
    told: str
    runs: Runs = Runs.ONCE
    trains: bool = False
    learns: bool = True
    epochs: int = EPOCHS

    def count(self, work: Work) -> int:
        """Return how often it is run."""
        return {Runs.ONCE: 1, Runs.DRAWS: DRAWS, Runs.SEEDS: work.seeds}[self.runs]


def spread(values: list[float]) -> dict[str, float]:
    """Return mean, least and greatest of the runs."""
    return {
        "mean": round(float(np.mean(values)), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
    }


def run_facts(system: System, outcomes: list[Outcome], work: Work, full: int) -> dict[str, Any]:
    """Return where a system's figures come from: runs, rows, machine, seconds.

    Args:
        system: Which.
        outcomes: Of its runs.
        work: The choices.
        full: Rows to learn from that there are.
    """
    last = outcomes[-1].facts
    found: dict[str, Any] = {"runs": len(outcomes), "runs_differ_in": str(system.runs)}
    for name in ("train_s", "encode_25k_s", "rank_25k_s"):
        if name in last:
            found[name] = spread([float(one.facts[name]) for one in outcomes])
    if system.learns and work.rows is not None and work.rows < full:
        found["subset_rows"] = work.rows
        found["of_rows"] = full
    if system.trains:
        found["epochs"] = work.epochs
        if work.epochs < system.epochs:
            found["of_epochs"] = system.epochs
        found["kept_epochs"] = [epoch for one in outcomes for epoch in one.facts["kept_epochs"]]
        found["device"] = last.get("device", "")
    for name in ("commit", "date", "cpu", "cores", "load"):
        found[name] = last[name]
    return found
