"""The entry point: run one command, end with one exit code.

A warm question passes through here and little else, so what only other commands need is imported
when they come.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from retrieval.cli.stopping import interrupted_by_sigterm
from retrieval.cli.streams import abandon_stdout, flush, prepare_streams
from retrieval.cli.warm import WarmQuestion

if TYPE_CHECKING:
    from retrieval.cli.call import Call

RESIDENT = "retrieval.cli.resident"
"""The module of resident helpers."""

_ANSWERED = {0, 1}
"""Exit codes of questions with and without hits."""


def main(args: Sequence[str] | None = None, *, resident: str = RESIDENT) -> None:
    """Run the command line.

    Args:
        args: The words after the program's name; those of this process by default.
        resident: The module that resident helpers are started with.

    Raises:
        SystemExit: With the exit code, unless it is 0.
    """
    program, words = _program(), tuple(sys.argv[1:] if args is None else args)

    def call() -> Call:
        from retrieval.cli.call import Call

        return Call(program, words)

    prepare_streams()
    question = WarmQuestion(program, words, resident)
    with interrupted_by_sigterm():
        code = run(call, question.ask)
        if code in _ANSWERED:
            with contextlib.suppress(KeyboardInterrupt):
                question.start_resident()
    if code:
        sys.exit(int(code))


def run(call: Callable[[], Call], elsewhere: Callable[[], int | None] = lambda: None) -> int:
    """Run a command and show what ended it; return its exit code.

    Args:
        call: Gives the command.
        elsewhere: May have it answered by another process; None where it was not.
    """
    try:
        code = elsewhere()
        if code is None:
            from retrieval.cli.invoking import invoke

            code = invoke(call())
            flush()
    except BrokenPipeError:
        abandon_stdout()  # whoever read us has seen enough
        return 0
    except (Exception, KeyboardInterrupt) as error:
        return _ended_by(error, call())
    return code


def _ended_by(error: BaseException, call: Call) -> int:
    """Show what ended a command; return its exit code."""
    from retrieval.cli.exits import failure_of, show_failure

    if call.debug:
        import traceback

        traceback.print_exception(error)
    failure = failure_of(error, call)
    with contextlib.suppress(BrokenPipeError):
        show_failure(failure, as_json=call.as_json)
    try:
        flush()
    except Exception:
        abandon_stdout()
    return failure.exit_code


def _program() -> str:
    """Return how this process was started, for the commands we print."""
    started = os.path.basename(sys.argv[0]) if sys.argv else ""  # noqa: PTH119 -- as above
    return "python -m retrieval" if started == "__main__.py" else "retrieve"
