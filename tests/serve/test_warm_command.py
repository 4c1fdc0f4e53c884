"""``RETRIEVE_DAEMON`` from end to end: helpers come, answer, are lost and come again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.cli.warm import is_one_question, wish_of
from retrieval.errors import UsageError
from retrieval.fsops import LocalFiles
from retrieval.serve.asked import Asked
from retrieval.serve.messages import Kind, pack
from retrieval.serve.starting import MOST_RESIDENTS, boot_line, start
from tests.cli.terminal import MODULE, environment_of_child
from tests.serve.fakes import EchoCommand, a_resident, asked, half_a_helper, serving
from tests.serve.house import House, write_rows

QUESTION = ["query", "positive review"]


def socket_of(house: House) -> Path:
    (address,) = house.helpers_folder.glob("*.socket")
    return address


def test_nothing_is_started_unless_it_is_wanted(new_house: House) -> None:
    assert new_house.run(*QUESTION).code == 0
    assert new_house.run(*QUESTION, RETRIEVE_DAEMON="off").code == 0
    assert new_house.run("status", RETRIEVE_DAEMON="auto").code == 0
    assert new_house.run("query", "x", "--index", "none", RETRIEVE_DAEMON="auto").code == 2
    assert not new_house.helpers_folder.exists()


@pytest.mark.parametrize("value", ["on", "AUTO", "1"])
def test_another_value_names_both_that_are_possible(new_house: House, value: str) -> None:
    seen = new_house.show(*QUESTION, RETRIEVE_DAEMON=value)
    assert seen.code == 2
    assert f"RETRIEVE_DAEMON is '{value}'; off or auto is expected.".encode() in seen.out
    assert new_house.run("status", RETRIEVE_DAEMON=value).code == 0
    with pytest.raises(UsageError):
        wish_of(value)


def test_an_index_changed_since_is_seen(new_house: House) -> None:
    new_house.warm()
    for more in ({"id": "new", "text": "positive review"}, {"id": "newer", "text": "review"}):
        write_rows(new_house.folder, more)
        assert new_house.run("index", "reviews.jsonl").code == 0
        before = new_house.answered()
        warm = new_house.run(*QUESTION, RETRIEVE_DAEMON="auto")
        assert new_house.answered() == before + 1
        assert warm == new_house.run(*QUESTION)
        assert str(more["id"]).encode() in warm.out


def test_an_index_made_anew_under_its_name_is_seen(new_house: House) -> None:
    new_house.warm()
    shutil.rmtree(new_house.folder / "indexes")
    write_rows(new_house.folder, {"id": "new", "text": "positive review"})
    made = new_house.run("index", "reviews.jsonl", RETRIEVE_MODEL="testing-hashing")
    assert made.code == 0
    warm = new_house.run(*QUESTION, RETRIEVE_DAEMON="auto")
    assert warm == new_house.run(*QUESTION)
    assert b'"new"' in warm.out


def test_a_killed_helper_is_replaced_and_never_missed(new_house: House) -> None:
    first = new_house.warm()
    assert first.pid is not None
    cold = new_house.run(*QUESTION)
    os.kill(first.pid, signal.SIGKILL)
    assert new_house.run(*QUESTION, RETRIEVE_DAEMON="auto") == cold
    second = new_house.wait_for_helper()
    assert second.pid != first.pid
    assert new_house.run(*QUESTION, RETRIEVE_DAEMON="auto") == cold
    assert new_house.answered() == 1


def test_a_helper_lost_in_the_middle_of_its_answer_leaves_no_trace(new_house: House) -> None:
    new_house.warm()
    cold = new_house.run(*QUESTION)
    address = socket_of(new_house)
    assert new_house.run("resident", "stop").code == 0
    whole = pack([Kind.ANSWER.encode(), b"0", b"1", cold.out, b"1", b"more\n"])
    with half_a_helper(address, whole[:-3]) as begun:
        assert new_house.run(*QUESTION, RETRIEVE_DAEMON="auto") == cold
        assert begun.is_set()


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")]
)
def test_a_caller_that_is_stopped_ends_at_once(new_house: House, number: int, name: str) -> None:
    new_house.warm()
    address = socket_of(new_house)
    assert new_house.run("resident", "stop").code == 0
    environment = environment_of_child(
        XDG_RUNTIME_DIR=str(new_house.runtime), OMP_NUM_THREADS="1", RETRIEVE_DAEMON="auto"
    )
    with (
        half_a_helper(address, stays=True) as begun,
        subprocess.Popen(
            [sys.executable, "-m", MODULE, *QUESTION, "--json"],
            cwd=new_house.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child,
    ):
        assert begun.wait(120)
        child.send_signal(number)
        out, err = child.communicate()
    assert child.returncode == 3
    assert out == b""
    assert f"Stopped by {name}.".encode() in err


def test_a_reader_that_has_seen_enough_is_no_error(new_house: House) -> None:
    new_house.warm()
    reading, writing = os.pipe()
    os.close(reading)
    environment = environment_of_child(
        XDG_RUNTIME_DIR=str(new_house.runtime), OMP_NUM_THREADS="1", RETRIEVE_DAEMON="auto"
    )
    ran = subprocess.run(
        [sys.executable, "-m", MODULE, *QUESTION],
        cwd=new_house.folder,
        env=environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert new_house.answered() == 1
    assert ran.returncode == 0
    assert b"error" not in ran.stderr


def test_helpers_are_shown_and_ended(new_house: House) -> None:
    assert new_house.show("resident", "status").out == b"No resident helper is running.\n"
    helper = new_house.warm()
    seen = new_house.show("resident", "status").out.decode()
    assert f"process {helper.pid}" in " ".join(seen.split())
    assert "testing-hashing" in seen
    assert helper.index == str(new_house.folder / "indexes" / "reviews")
    told = new_house.run("resident", "status").out
    assert f'"pid":{helper.pid}'.encode() in told
    stopped = new_house.run("resident", "stop")
    assert stopped.out == b'{"schema_version":1,"stopped":1}\n'
    assert new_house.helpers() == []
    assert new_house.show("resident", "stop").out == b"Resident helpers stopped: 0.\n"


def test_a_folder_of_helpers_that_is_not_ours_alone_is_left_alone(new_house: House) -> None:
    new_house.helpers_folder.mkdir(mode=0o700)
    new_house.helpers_folder.chmod(0o755)
    settings = {"RETRIEVE_DAEMON": "auto", "TMPDIR": str(new_house.folder / ("x" * 100))}
    assert new_house.run(*QUESTION, settings=settings) == new_house.run(*QUESTION)
    assert list(new_house.helpers_folder.iterdir()) == []


class TestStarting:
    @pytest.fixture
    def question(self, new_house: House, monkeypatch: pytest.MonkeyPatch) -> Asked:
        monkeypatch.chdir(new_house.folder)
        return asked(*QUESTION)

    def test_there_are_never_too_many(self, new_house: House, question: Asked) -> None:
        new_house.helpers_folder.mkdir(mode=0o700)
        line = (sys.executable, "-c", "import sys; open(sys.argv[1] + '.began', 'w').close()")
        addresses = [new_house.helpers_folder / f"{n}.socket" for n in range(MOST_RESIDENTS + 1)]
        sitting = [serving(a_resident(EchoCommand()), one) for one in addresses[1:]]
        for one in sitting:
            one.__enter__()
        try:
            assert not start(str(addresses[0]), b"k", question, line=line, files=LocalFiles())
        finally:
            sitting.pop().__exit__(None, None, None)
        assert start(str(addresses[0]), b"k", question, line=line, files=LocalFiles())
        for one in sitting:
            one.__exit__(None, None, None)

    def test_one_that_is_starting_is_not_started_twice(
        self, new_house: House, question: Asked
    ) -> None:
        address = new_house.helpers_folder / "one.socket"
        new_house.helpers_folder.mkdir(mode=0o700)
        with LocalFiles().lock(address.with_suffix(".lock"), "somebody"):
            line = boot_line("no_such_module")
            assert not start(str(address), b"k", question, line=line, files=LocalFiles())

    def test_two_that_start_at_once_become_one(self, new_house: House, question: Asked) -> None:
        new_house.helpers_folder.mkdir(mode=0o700)
        address = new_house.helpers_folder / "one.socket"
        told = pack([b"k", *question.to_fields()])
        children = [
            subprocess.Popen(
                [*boot_line("retrieval.testing.resident"), str(address)],
                stdin=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment_of_child(),
            )
            for _ in range(2)
        ]
        for child in children:
            assert child.stdin is not None
            with child.stdin:
                child.stdin.write(told)
        new_house.wait_for_helper()
        winner = new_house.helpers()[0].pid
        (loser,) = [child for child in children if child.pid != winner]
        assert loser.wait(120) == 0
        assert len(new_house.helpers()) == 1
        new_house.run("resident", "stop")
        for child in children:
            assert child.wait(120) == 0
            assert child.stderr is not None
            with child.stderr:
                assert child.stderr.read() == b""


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("query soup", True),
        ("--debug query soup", True),
        ("query --debug soup -k 3", True),
        ("query -", False),
        ("query --queries file", False),
        ("query --queries=file", False),
        ("query --help", False),
        ("query -h", False),
        ("index query", False),
        ("--version", False),
        ("", False),
    ],
)
def test_one_question_is_told_from_everything_else(line: str, is_one: bool) -> None:
    assert is_one_question(line.split()) is is_one
