"""One training from plan to published folder, whatever is trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from retrieval.errors import TrainingError, UsageError
from retrieval.fsops import Files, LocalFiles, write_file
from retrieval.train.card import CARD_NAME, TrainingCard, read_card
from retrieval.train.card_page import readme
from retrieval.train.loop import Clock, TrainLoop, TrainState, seeded
from retrieval.train.machine import machine, versions
from retrieval.train.plan import Plan
from retrieval.train.progress import TrainObserver
from retrieval.train.quiet import quiet_libraries
from retrieval.train.task import Task
from retrieval.train.workplace import Workplace

Checks = Callable[[Task], Mapping[str, Any]]


def _no_checks(task: Task) -> Mapping[str, Any]:
    return {}


def run_training(
    plan: Plan,
    make_task: Callable[[], Task],
    output: Path,
    *,
    usage: str,
    observer: TrainObserver,
    checks: Checks = _no_checks,
    files: Files | None = None,
    clock: Clock = time.monotonic,
) -> TrainingCard:
    """Train, and publish the model with its card as one folder.

    The same plan to the same output goes on where a killed one was; if it is finished, its
    card is returned. A kill at any moment leaves the finished folder, or a working folder
    beside it (``.NAME.KEY.training``) from which the same training goes on, and ends with the
    same weights as if it had not been interrupted.

    Args:
        plan: What is trained.
        make_task: Builds it; new layers are drawn from the plan's seed.
        output: The folder to be; it must not exist.
        usage: How the folder is used, as Markdown for its README.
        observer: Follows the work.
        checks: What to measure besides on the finished model, for the card; in single
            precision, whatever it was trained in.
        files: The file operations; None for those of this machine.
        clock: Seconds from any start.

    Returns:
        The training card, as written to the folder.

    Raises:
        UsageError: The output is there and is not this very training's.
        TrainingError: The loss is no number, or the model is of no use; nothing is kept.
        InterruptedWorkError: Stopped on request; what was learned is kept.
        LockedError: Another process is at this very training.
        DiskFullError, FileSystemError: Something could not be written; checkpoints are kept.
    """
    files = files or LocalFiles()
    place = Workplace(output, plan.key, files)
    known = finished_card(plan, output)
    if known is not None:
        observer.note(f"{output} holds this very training, finished; nothing was done.")
        _clear_left(place)
        return known
    for other in place.others():
        observer.note(
            f"{other} is an unfinished training with other rows or choices; remove it if it is"
            " not wanted."
        )
    with place.held(), quiet_libraries(), seeded(plan.options.seed):
        task = make_task()
        loop = TrainLoop(task, plan.options, place, observer, clock=clock)
        try:
            state = loop.run()
            fault = task.fault()
            if fault:
                raise TrainingError(
                    f"The trained model is of no use: {fault}.",
                    fix="Try a lower learning rate, another seed, or more rows.",
                )
        except TrainingError:
            place.clear()  # the same training would come to the same end
            raise
        card = _card(plan, state, loop.device, checks(task))

        def save(folder: Path) -> None:
            task.save(folder)
            text = orjson.dumps(card.to_json(), option=orjson.OPT_INDENT_2)
            write_file(files, folder / CARD_NAME, text + b"\n")
            write_file(files, folder / "README.md", readme(card, usage).encode())

        place.publish(save)
        place.clear()
    return card


def finished_card(plan: Plan, output: Path) -> TrainingCard | None:
    """Return the card of the output if this very training is finished; None if it is free.

    Raises:
        UsageError: Something else is there.
    """
    if not output.exists():
        return None
    card = read_card(output)
    if card is not None and card.key == plan.key:
        return card
    raise UsageError(
        f"{output} is there already" + (" and holds another training." if card else "."),
        fix="Name another folder with --output, or remove this one.",
    )


def _clear_left(place: Workplace) -> None:
    """Remove the working folder of a process that was killed after it had published."""
    if place.folder.exists():
        with place.held():
            place.clear()


def _card(plan: Plan, state: TrainState, device: str, checks: Mapping[str, Any]) -> TrainingCard:
    return TrainingCard(
        kind=plan.kind,
        objective=plan.objective,
        key=plan.key,
        base=asdict(plan.base),
        rows=asdict(plan.rows),
        settings=dict(plan.settings),
        options=plan.options.to_json(),
        measure=state.measure,
        best=state.best,
        best_step=state.step if state.best_step is None else state.best_step,
        stopped_early=state.stopped,
        curve=state.curve,
        steps=state.step,
        seconds=round(state.seconds, 3),
        resumed=state.resumed,
        device=device,
        precision=state.precision,
        machine=machine(device),
        versions=versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        checks=dict(checks),
    )
