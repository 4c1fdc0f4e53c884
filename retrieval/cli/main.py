"""The entry point: run one command, end with one exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import NoReturn

import click

from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode, Terminated, failure_of, show_failure
from retrieval.cli.streams import abandon_stdout, flush, prepare_streams
from retrieval.cli.tree import root


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line.

    Args:
        args: The words after the program's name; those of this process by default.

    Raises:
        SystemExit: With the exit code, unless it is 0.
    """
    call = Call(_program(), tuple(sys.argv[1:] if args is None else args))
    prepare_streams()
    with _interrupted_by_sigterm():
        code = _run(call)
    if code != ExitCode.DONE:
        sys.exit(int(code))


def _run(call: Call) -> int:
    """Run a command and show what ended it; return its exit code."""
    try:
        code = _invoke(call)
        flush()
    except BrokenPipeError:
        abandon_stdout()  # whoever read us has seen enough
        return ExitCode.DONE
    except (Exception, KeyboardInterrupt) as error:
        if call.debug:
            import traceback

            traceback.print_exc()
        failure = failure_of(error, call)
        with contextlib.suppress(BrokenPipeError):
            show_failure(failure, as_json=call.as_json)
        try:
            flush()
        except Exception:
            abandon_stdout()
        return failure.exit_code
    return code


def _invoke(call: Call) -> int:
    """Run what was typed; a command may return an exit code, else it is done."""
    try:
        with root.make_context(call.program, list(call.words), obj=call) as ctx:
            code = root.invoke(ctx)
    except click.exceptions.Exit as ended:  # --help and --version
        return ended.exit_code
    return code if isinstance(code, int) else ExitCode.DONE


@contextlib.contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM interrupt as Ctrl-C does, so that finished work is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def _program() -> str:
    """Return how this process was started, for the commands we print."""
    started = os.path.basename(sys.argv[0]) if sys.argv else ""  # noqa: PTH119 -- as above
    return "python -m retrieval" if started == "__main__.py" else "retrieve"
