import json

import click
import pytest

from retrieval import errors
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode, Failure, failure_of, show_failure
from retrieval.cli.stopping import Terminated

CALL = Call("retrieve", ("index", "my notes", "--sync"))


def every_error() -> list[type[errors.RetrievalError]]:
    found: list[type[errors.RetrievalError]] = []
    left = [errors.RetrievalError]
    while left:
        kind = left.pop()
        found.append(kind)
        left.extend(kind.__subclasses__())
    return found


@pytest.mark.parametrize("kind", every_error())
def test_every_error_of_ours_keeps_its_words_and_its_code(
    kind: type[errors.RetrievalError],
) -> None:
    failure = failure_of(kind("What happened.", fix="What to do."), CALL)
    assert failure.what == "What happened."
    assert failure.code == kind.code
    if kind is errors.InterruptedWorkError:
        assert failure.exit_code == 3
        assert failure.fix == "To go on, run: retrieve index 'my notes' --sync"
    else:
        assert failure.exit_code == 2
        assert failure.fix == "What to do."


def test_resuming_from_standard_input_asks_for_the_same_input() -> None:
    call = Call("retrieve", ("index", "-"))
    failure = failure_of(errors.InterruptedWorkError("Interrupted."), call)
    assert failure.fix == "To go on, run with the same standard input: retrieve index -"


@pytest.mark.parametrize(
    ("error", "cause"), [(KeyboardInterrupt(), "Ctrl-C"), (Terminated(), "SIGTERM")]
)
def test_an_interrupt_says_what_stopped_it(error: BaseException, cause: str) -> None:
    failure = failure_of(error, CALL)
    assert failure.exit_code == ExitCode.INCOMPLETE
    assert failure.code == "interrupted"
    assert cause in failure.what
    assert "retrieve index 'my notes' --sync" in failure.fix


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), KeyError("x"), MemoryError()])
def test_anything_else_is_a_bug_of_ours_and_says_so(error: Exception) -> None:
    failure = failure_of(error, CALL)
    assert failure.exit_code == 70
    assert failure.code == "bug"
    assert type(error).__name__ in failure.what
    assert "--debug" in failure.fix


def test_errors_of_the_parser_are_usage_errors() -> None:
    failure = failure_of(click.BadParameter("bad"), CALL)
    assert (failure.exit_code, failure.code) == (2, "usage")


def test_an_error_as_text_is_two_lines_without_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_failure(Failure("No \x1b[2J file.", "input", "Look.", ExitCode.REFUSED), as_json=False)
    assert capsys.readouterr().err == "error: No \\x1b[2J file.\nfix: Look.\n"


def test_an_error_without_a_fix_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_failure(Failure("No file.", "input", "", ExitCode.REFUSED), as_json=False)
    assert capsys.readouterr().err == "error: No file.\n"


def test_an_error_as_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_failure(Failure("No\nfile é.", "input", "Look.", ExitCode.REFUSED), as_json=True)
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert json.loads(line) == {"error": "No\nfile é.", "code": "input", "fix": "Look."}


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("query", "--json"), True),
        (("query", "--", "--json"), False),
        (("query", "x"), False),
    ],
)
def test_a_flag_counts_before_a_bare_double_dash(words: tuple[str, ...], flag: bool) -> None:
    assert Call("retrieve", words).typed("--json") is flag
