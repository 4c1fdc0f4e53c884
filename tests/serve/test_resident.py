"""One helper, and whoever comes to it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.fsops import LocalFiles
from retrieval.serve.client import Outcome, ask
from retrieval.serve.control import residents_in, stop_residents
from retrieval.serve.declined import Declined
from retrieval.serve.messages import Kind, pack
from retrieval.serve.resident import Done
from tests.serve.fakes import (
    KEY,
    VERSION,
    EchoCommand,
    a_resident,
    asked,
    half_a_helper,
    serving,
)

_LONG_S = 60.0


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A path short enough for a socket; the test stands in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    folder = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    yield folder / "one.socket"
    shutil.rmtree(folder)


def test_the_answer_has_both_streams_in_order_and_the_code(address: Path) -> None:
    with serving(a_resident(EchoCommand(code=1)), address):
        reply = ask(str(address), KEY, asked("query", "x"), version=VERSION, patience_s=_LONG_S)
    assert reply.outcome is Outcome.ANSWERED
    assert reply.code == 1
    assert reply.pieces == ((1, b"retrieve: query x\n"), (2, b"note: echoed\n"))


def test_without_a_helper_nobody_answers(address: Path) -> None:
    assert ask(str(address), KEY, asked("query"), version=VERSION).outcome is Outcome.ABSENT


def test_a_socket_left_by_a_killed_helper_is_as_none_and_is_replaced(address: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(address))
    assert address.exists()
    assert ask(str(address), KEY, asked("query"), version=VERSION).outcome is Outcome.ABSENT
    with serving(a_resident(EchoCommand()), address):
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
    assert reply.outcome is Outcome.ANSWERED


def test_the_socket_is_for_this_user_alone(address: Path) -> None:
    with serving(a_resident(EchoCommand()), address):
        assert address.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(("user", "heard"), [(0, "attended to"), (65534, "sent away")])
def test_only_this_user_is_attended_to(address: Path, user: int, heard: str) -> None:
    script = """
import socket, sys
with socket.socket(socket.AF_UNIX) as caller:
    caller.connect(sys.argv[1])
    try:
        caller.sendall(bytes.fromhex(sys.argv[2]))
        print("attended to" if caller.recv(1) else "sent away")
    except (BrokenPipeError, ConnectionResetError):
        print("sent away")
"""
    message = pack([Kind.ASK.encode(), VERSION.encode(), KEY, *asked("query").to_fields()])
    with serving(a_resident(EchoCommand()), address):
        address.parent.chmod(0o755)
        address.chmod(0o666)
        python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
        ran = subprocess.run(
            [python, "-c", script, str(address), message.hex()],
            user=user,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.stdout.strip() == heard, ran.stderr


def test_a_helper_of_another_version_leaves(address: Path) -> None:
    command = EchoCommand()
    with serving(a_resident(command, version="1.2.4"), address) as thread:
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        assert reply.outcome is Outcome.LEAVING
        assert not address.exists()
        thread.join(_LONG_S)
        assert not thread.is_alive()
    assert command.asked == []


def test_a_helper_whose_code_was_replaced_leaves(address: Path) -> None:
    with serving(a_resident(EchoCommand(), is_current=lambda: False), address) as thread:
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        thread.join(_LONG_S)
        assert not thread.is_alive()
    assert reply.outcome is Outcome.LEAVING


def test_a_helper_of_another_key_says_nothing(address: Path) -> None:
    command = EchoCommand()
    with serving(a_resident(command), address):
        reply = ask(str(address), b"other", asked("query"), version=VERSION, patience_s=_LONG_S)
    assert reply.outcome is Outcome.ABSENT
    assert command.asked == []


def test_a_helper_ends_after_the_idle_time_and_no_sooner(address: Path) -> None:
    now = 1000.0
    with serving(a_resident(EchoCommand(), clock=lambda: now), address) as thread:
        now += 599.0
        ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        now += 599.0
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        assert reply.outcome is Outcome.ANSWERED
        now += 601.0
        thread.join(_LONG_S)
        assert not thread.is_alive()


def test_looking_at_a_helper_does_not_keep_it_from_ending(address: Path) -> None:
    now = 0.0
    with serving(a_resident(EchoCommand(), clock=lambda: now), address) as thread:
        now = 500.0
        (seen,) = residents_in(str(address.parent), LocalFiles(), version=VERSION)
        assert seen.idle_s == 500.0
        now = 601.0
        thread.join(_LONG_S)
        assert not thread.is_alive()


def test_a_helper_ends_when_its_index_is_gone(address: Path, tmp_path: Path) -> None:
    index = tmp_path / "indexes" / "one"
    index.mkdir(parents=True)
    with serving(a_resident(EchoCommand(index=str(index))), address) as thread:
        ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        shutil.rmtree(index)
        thread.join(_LONG_S)
        assert not thread.is_alive()


def test_a_helper_ends_when_nobody_can_find_it(address: Path) -> None:
    with serving(a_resident(EchoCommand()), address) as thread:
        address.unlink()
        thread.join(_LONG_S)
        assert not thread.is_alive()


class WaitingCommand(EchoCommand):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = threading.Event(), threading.Event()

    def __call__(self, program: str, words: tuple[str, ...]) -> Done:
        self.begun.set()
        assert self.let.wait(_LONG_S)
        return super().__call__(program, words)


def test_of_two_callers_one_is_answered_and_one_answers_for_itself(address: Path) -> None:
    command = WaitingCommand()
    outcomes = []
    first, second = asked("query", "one"), asked("query", "two")

    def call() -> None:
        reply = ask(str(address), KEY, first, version=VERSION, patience_s=_LONG_S)
        outcomes.append(reply.outcome)

    with serving(a_resident(command), address):
        caller = threading.Thread(target=call)
        caller.start()
        assert command.begun.wait(_LONG_S)
        busy = ask(str(address), KEY, second, version=VERSION, patience_s=0.05)
        command.let.set()
        caller.join(_LONG_S)
    assert busy.outcome is Outcome.BUSY
    assert outcomes == [Outcome.ANSWERED]
    # who has gone is not answered afterwards
    assert command.asked == [("query", "one")]


def test_a_reason_to_decline_is_told_and_shown(address: Path) -> None:
    def command(program: str, words: tuple[str, ...]) -> Done:
        raise Declined("it is too hard")

    with serving(a_resident(command), address):
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        (seen,) = residents_in(str(address.parent), LocalFiles(), version=VERSION)
    assert reply.outcome is Outcome.DECLINED
    assert reply.pieces == ()
    assert (seen.declined, seen.why_declined) == (1, "it is too hard")


def test_a_place_that_is_another_one_here_is_declined(address: Path) -> None:
    command = EchoCommand()
    question = asked("query")
    others = [
        question._replace(folder="/nowhere"),
        question._replace(folder_place="0:0"),
        question._replace(interpreter="-O"),
    ]
    with serving(a_resident(command), address):
        for other in others:
            reply = ask(str(address), KEY, other, version=VERSION, patience_s=_LONG_S)
            assert reply.outcome is Outcome.DECLINED
    assert command.asked == []


def test_a_bug_is_left_to_the_caller_and_ends_the_helper(address: Path) -> None:
    with serving(a_resident(EchoCommand(code=70, is_bug=True)), address) as thread:
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        thread.join(_LONG_S)
        assert not thread.is_alive()
    assert reply.outcome is Outcome.DECLINED


def test_of_an_answer_that_breaks_off_nothing_is_returned(address: Path) -> None:
    whole = pack([Kind.ANSWER.encode(), b"0", b"1", b"a line\n", b"1", b"another\n"])
    for size in (0, 3, len(whole) // 2, len(whole) - 1):
        with half_a_helper(address, whole[:size]):
            reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
        assert reply == (Outcome.ABSENT, 0, ())


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, pack([]), pack([b"ask"])]
)
def test_who_says_nothing_sensible_is_no_harm(address: Path, said: bytes) -> None:
    with serving(a_resident(EchoCommand()), address):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(address))
            stranger.sendall(said)
        reply = ask(str(address), KEY, asked("query"), version=VERSION, patience_s=_LONG_S)
    assert reply.outcome is Outcome.ANSWERED


def test_stopping_ends_every_helper(address: Path) -> None:
    with serving(a_resident(EchoCommand()), address) as thread:
        assert stop_residents(str(address.parent), LocalFiles(), version=VERSION) == 1
        thread.join(_LONG_S)
        assert not thread.is_alive()
    assert stop_residents(str(address.parent), LocalFiles(), version=VERSION) == 0
    assert residents_in(str(address.parent), LocalFiles(), version=VERSION) == []
