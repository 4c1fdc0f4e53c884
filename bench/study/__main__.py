"""The study this project comes from, as one command: ``python -m bench.study``.

Finished runs of systems are kept in the work folder, and trainings go on from their
checkpoints: a command that was stopped is given again. ``--page`` writes ``docs/study.md`` and
its figures from the results, whatever was run. Without a graphics card the trainings take
hours; ``--systems`` runs some of them.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

from bench import provenance
from bench.study import page
from bench.study.results import write_result
from bench.study.tasks import TASKS
from bench.study.work import Work
from retrieval.encode.cache import preferred_cache
from retrieval.errors import TrainingError


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.study", description=__doc__)
    parser.add_argument("--task", choices=[*TASKS, "all"], default="all")
    parser.add_argument("--collection", help="only this collection of the task")
    parser.add_argument("--systems", nargs="+", metavar="NAME", help="by default every system")
    parser.add_argument("--frozen", action="store_true", help="only systems that train nothing")
    parser.add_argument("--seeds", type=int, default=5, help="runs of a training (default 5)")
    parser.add_argument("--rows", type=int, help="most rows to learn from, said in the results")
    parser.add_argument("--tests", type=int, help="most reviews to measure on, said in the results")
    parser.add_argument(
        "--epochs",
        type=int,
        help="of a training (by default as many as its system says)",
    )
    parser.add_argument("--work", type=Path, help="folder that keeps what is finished")
    parser.add_argument("--results", type=Path, default=provenance.RESULTS, help="their folder")
    parser.add_argument("--page", action="store_true", help="only write docs/study.md")
    parser.add_argument("--list", action="store_true", help="only name tasks and systems")
    chosen = parser.parse_args()
    if chosen.list:
        for name, task in TASKS.items():
            print(f"{name}: {', '.join(task.collections)}")
            for system in task.systems:
                print(f"  {system.name:24}{system.told}")
        return
    if not chosen.page:
        work = Work(
            folder=chosen.work or preferred_cache(os.environ).parent / "retrieval-study",
            seeds=chosen.seeds,
            rows=chosen.rows,
            tests=chosen.tests,
            told=tell,
        )
        try:
            run(chosen, work)
        finally:
            if chosen.results == provenance.RESULTS:
                page.write()
    else:
        page.write(chosen.results)


def tell(line: str) -> None:
    """Print a line of progress with its time."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


def run(chosen: argparse.Namespace, work: Work) -> None:
    """Run tasks, system by system, so that figures of each are written when it is done."""
    names = list(TASKS) if chosen.task == "all" else [chosen.task]
    known = {system.name for name in names for system in TASKS[name].systems}
    asked = set(chosen.systems or known)
    if unknown := asked - known:
        raise SystemExit(f"Unknown systems: {', '.join(sorted(unknown))}. --list names them.")
    refused = []
    for name in names:
        task = TASKS[name]
        systems = [
            one for one in task.systems if one.name in asked and not (chosen.frozen and one.trains)
        ]
        for collection in task.collections:
            if chosen.collection not in {None, collection}:
                continue
            for system in systems:
                try:
                    epochs = chosen.epochs or system.epochs
                    found = task.measure(collection, {system.name}, replace(work, epochs=epochs))
                except TrainingError as error:
                    # one collapsed model is no reason to lose a night: the others go on
                    tell(f"{name}, {collection}, {system.name}: refused: {error}")
                    refused.append(f"{name}/{collection}/{system.name}")
                    continue
                write_result(chosen.results, name, {collection: found})
                tell(f"{name}, {collection}, {system.name}: written to {chosen.results.name}")
    if refused:
        raise SystemExit(f"Without figures, since a training was refused: {', '.join(refused)}.")


if __name__ == "__main__":
    main()
