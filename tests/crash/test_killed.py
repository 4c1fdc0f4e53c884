"""kill -9 at any moment: what was acknowledged is there, and the same command finishes."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from retrieval.engine.checks import verify
from retrieval.fsops import LocalFiles
from retrieval.records import Document
from retrieval.store import layout
from retrieval.store.garbage import kept_files
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME
from tests.crash import works
from tests.crash.killing import Held, Left, Moment, Process, moment_of

KILLS = 200
REAL_KILLS = 8
ATTEMPTS = 8
"""Commands killed for each kill asked for, at most: some end before they are killed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a life is lived.

    Attributes:
        life: The commands.
        kills: How often one is killed, at least.
        wanted: What has to be left behind at least once.
        delay_s: Time each passage takes to encode, beyond what it takes.
        early: Share of kills counted from the start of the process, in [0, 1].
    """

    life: works.Life
    kills: int
    wanted: frozenset[Left] = frozenset({Left.NOTHING, Left.PIECES, Left.COMMITTED})
    delay_s: float = 0.0005
    early: float = 0.1


PLANS: dict[str, Plan] = {
    "first builds": Plan(works.first_builds, 35),
    "updates": Plan(works.updates, 40),
    "syncs": Plan(works.syncs, 35),
    "deletions": Plan(works.deletions, 35),
    "compactions": Plan(works.compactions, 35, frozenset(Left)),
    "spills": Plan(works.spilling, 20, frozenset(Left), delay_s=0.0),
}


@pytest.fixture
def process(tmp_path: Path) -> Process:
    register_fakes()
    environment = {"RETRIEVE_MODEL": HASHING_NAME}
    return Process(tmp_path, tmp_path / "indexes" / "notes", environment)


def test_the_lives_together_are_killed_often_enough() -> None:
    assert sum(plan.kills for plan in PLANS.values()) >= KILLS


@pytest.mark.parametrize("name", PLANS)
def test_a_killed_command_loses_nothing_and_can_be_run_again(name: str, process: Process) -> None:
    seen = live(process, PLANS[name], seed=name)
    assert seen.total() >= PLANS[name].kills
    assert set(seen) >= PLANS[name].wanted


def test_the_same_holds_with_the_real_model(process: Process) -> None:
    live_with_the_real_model(process, REAL_KILLS)


@pytest.mark.torture
def test_many_more_kills_lose_nothing_with_the_real_model(process: Process) -> None:
    live_with_the_real_model(process, 10 * REAL_KILLS)


@pytest.mark.torture
@pytest.mark.parametrize("name", PLANS)
def test_many_more_kills_lose_nothing(name: str, process: Process) -> None:
    for number in range(10):
        shutil.rmtree(process.here / "seven", ignore_errors=True)
        shutil.rmtree(process.index, ignore_errors=True)
        seed = f"{name} {number} {os.environ.get('TORTURE_SEED', '1')}"
        live(process, PLANS[name], seed=seed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_keeps_its_work_and_names_the_command_that_goes_on(
    process: Process, number: int
) -> None:
    documents = [Document(f"d{at:05d}", f"{at} texts") for at in range(3000)]
    work = works.indexing(process, None, documents)
    delay_s = 0.0002
    length_s = process.length_s(work.args, delay_s=delay_s)[Moment.LOCK]
    stopped = resumed = 0
    for share in (0.05, 0.3, 0.5, 0.7):
        shutil.rmtree(process.index)
        ended = process.stop(work.args, Moment.LOCK, share * length_s, number, delay_s=delay_s)
        held = process.held()
        if ended.report is None:
            assert ended.code == 3, ended.err
            error = json.loads(ended.err.splitlines()[-1])
            assert error["code"] == "interrupted"
            assert error["fix"].endswith(f": retrieve {shlex.join(work.args)}")
            stopped += 1
        assert held in (None, work.after)
        resumed += run_again(process, work, committed=held is not None)
    assert stopped > 0
    assert resumed > 0


def live_with_the_real_model(process: Process, kills: int) -> None:
    real = Process(process.here, process.index, {}, forked=False)
    plan = Plan(works.real_updates, kills, frozenset({Left.COMMITTED}), early=0.4)
    seen = live(real, plan, seed="real")
    assert seen.total() >= kills
    assert set(seen) & {Left.NOTHING, Left.PIECES}
    found = verify(process.index, sample=16)
    assert found.problems == ()
    assert found.reencoded_passages > 0


def live(process: Process, plan: Plan, *, seed: str) -> Counter[Left]:
    """Kill a life's commands until enough was killed and everything wanted was left behind.

    Returns:
        How often each was left.
    """
    chance = random.Random(seed)
    seen: Counter[Left] = Counter()
    coming = plan.life(process, chance)
    first = next(coming)
    lengths = process.length_s(first.args, delay_s=plan.delay_s)
    assert process.held() == first.after
    for _ in range(ATTEMPTS * plan.kills):
        work = next(coming)
        if chance.random() < 0.5:
            process.age()
        kill_one(process, work, plan, chance, lengths, seen)
        if seen.total() >= plan.kills and set(seen) >= plan.wanted:
            break
    check_tidy(process, coming)
    return seen


def kill_one(
    process: Process,
    work: works.Work,
    plan: Plan,
    chance: random.Random,
    lengths: Mapping[Moment, float],
    seen: Counter[Left],
) -> None:
    """Kill a command once or several times in a row, then run it to its end."""
    allowed = [work.before, work.after]
    for _ in range(chance.choice([1, 1, 2, 3])):
        known = process.names()
        moment, after_s = moment_of(chance, lengths, early=plan.early)
        ended = process.stop(work.args, moment, after_s, delay_s=plan.delay_s)
        held = process.held()
        assert held in allowed
        if held == work.after:
            allowed = [work.after]
        if ended.code == 0 or ended.report is not None:
            assert held == work.after, "it said that it had committed"
        if ended.code:
            assert ended.code == -signal.SIGKILL, ended.err
            seen[left_by(process, work, held, known)] += 1
    run_again(process, work, committed=allowed == [work.after])


def run_again(process: Process, work: works.Work, *, committed: bool) -> int:
    """Run a command to its end and check that it does only what was left to be done.

    Returns:
        Passages it took over from the runs before.
    """
    spilled = process.spilled_passages()
    again = process.run(work.args)
    assert again.code == 0, again.err
    assert again.report is not None
    work.check_again(again.report, committed=committed, spilled=spilled)
    assert process.held() == work.after
    names = process.names()
    assert not [name for name in names if layout.is_spill(name) or layout.is_temporary(name)]
    return int(again.report.get("resumed_passages", 0))


def left_by(process: Process, work: works.Work, held: Held | None, known: set[str]) -> Left:
    """Return what a killed command left behind."""
    if held == work.after:
        return Left.COMMITTED
    if process.spilled_passages():
        return Left.SPILL
    pieces = process.names() - known - {layout.LOCK_NAME, layout.FORMAT_NAME}
    return Left.PIECES if pieces else Left.NOTHING


def check_tidy(process: Process, coming: Iterator[works.Work]) -> None:
    """Check that a commit an hour later leaves nothing of what was killed."""
    work = next(coming)
    process.age()
    assert process.run(work.args).code == 0
    assert process.held() == work.after
    kept = kept_files(LocalFiles(), process.index)
    assert kept is not None
    assert process.names() <= {*kept, layout.FORMAT_NAME, layout.LOCK_NAME}
