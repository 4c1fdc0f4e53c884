"""Results of a task: what was run now goes over what was run before, system by system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import provenance


def result_path(folder: Path, task: str) -> Path:
    """Return the file of a task's results."""
    return folder / f"study-{task}.json"


def read_result(folder: Path, task: str) -> dict[str, Any]:
    """Return the figures of a task by collection; empty where nothing was run."""
    path = result_path(folder, task)
    if not path.exists():
        return {}
    figures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return figures


def write_result(folder: Path, task: str, found: Mapping[str, Any]) -> None:
    """Merge figures of a run into a task's results, and write them with their provenance.

    Args:
        folder: Of the results.
        task: Which.
        found: By collection, as a task's ``measure`` gives them.
    """
    figures = read_result(folder, task)
    for name, one in found.items():
        figures[name] = merged(figures.get(name, {}), one)
    content = {
        "schema_version": 1,
        "name": f"study-{task}",
        "figures": figures,
        "provenance": provenance.provenance(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    result_path(folder, task).write_text(text, encoding="utf-8")


def merged(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return a collection's figures of before with those of now over them.

    A system is not replaced by a run on a subset of the rows, for fewer epochs or less often,
    nor are the differences it is in.
    """
    systems = dict(before.get("systems", {}))
    differences = dict(before.get("differences", {}))
    kept = set()
    for name, one in now["systems"].items():
        if name in systems and is_weaker(one, systems[name]):
            kept.add(name)
        else:
            systems[name] = one
    told_now = now.get("differences", {})
    differences |= {name: told_now[name] for name in told_now if not kept & set(name.split(" - "))}
    told = before if kept and before else now
    rest = {name: one for name, one in told.items() if name not in {"systems", "differences"}}
    return {**rest, "systems": systems, **({"differences": differences} if differences else {})}


def is_subset(system: Mapping[str, Any]) -> bool:
    """Tell whether a system was given less than there is: rows, tests, epochs or trainings."""
    less = {"subset_rows", "subset_tests", "of_epochs", "judged_in_parts"}
    return bool(less & set(system["from"]))


def is_weaker(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether a system's figures are founded on less than another run of it."""
    if is_subset(one) != is_subset(other):
        return is_subset(one)
    return bool(one["from"]["runs"] < other["from"]["runs"])
