"""What ended a command, as an exit code and as words: the one place that decides."""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass
from enum import IntEnum

import click

from retrieval.cli.call import Call
from retrieval.cli.escapes import printable
from retrieval.cli.stopping import Terminated
from retrieval.errors import DiskFullError, InterruptedWorkError, RetrievalError


class ExitCode(IntEnum):
    """What a script learns from the end of a command."""

    DONE = 0
    NO_HITS = 1
    REFUSED = 2
    """A usage, input, store, file system or model error; nothing was changed by it."""
    INCOMPLETE = 3
    """Done with some rows rejected, or interrupted with finished work kept."""
    BUG = 70


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is shown.

    Attributes:
        what: What happened, what was found, what was expected.
        code: A stable word for programs.
        fix: What to do about it; may be empty.
        exit_code: How the process ends.
    """

    what: str
    code: str
    fix: str
    exit_code: ExitCode


def failure_of(error: BaseException, call: Call) -> Failure:
    """Say what an error means to whoever ran the command.

    Args:
        error: What was raised.
        call: The run it ended.
    """
    match error:
        case InterruptedWorkError():
            again = " with the same standard input" if "-" in call.words else ""
            fix = f"To go on, run{again}: {call.command_line}"
            return Failure(error.what, error.code, fix, ExitCode.INCOMPLETE)
        case RetrievalError():
            return Failure(error.what, error.code, error.fix, ExitCode.REFUSED)
        case KeyboardInterrupt():
            cause = "SIGTERM" if isinstance(error, Terminated) else "Ctrl-C"
            return Failure(
                f"Stopped by {cause}. What was committed before is whole.",
                InterruptedWorkError.code,
                f"To run it again: {call.command_line}",
                ExitCode.INCOMPLETE,
            )
        case click.ClickException():
            return _usage_failure(error, call)
        case OSError(errno=errno.ENOSPC):
            return Failure(
                f"The disk is full ({error}).",
                DiskFullError.code,
                "Free some space and run the same command again.",
                ExitCode.REFUSED,
            )
    kind = type(error).__name__
    return Failure(
        f"A bug in retrieve: {kind}: {error}",
        "bug",
        "Run it again with --debug for the traceback, and report it with that.",
        ExitCode.BUG,
    )


def show_failure(failure: Failure, *, as_json: bool) -> None:
    """Write a failure to standard error, as two lines or as one JSON object."""
    if sys.stderr is None:
        return
    if as_json:
        import json

        fields = {"error": failure.what, "code": failure.code, "fix": failure.fix}
        sys.stderr.write(json.dumps(fields, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"error: {printable(failure.what)}\n")
        if failure.fix:
            sys.stderr.write(f"fix: {printable(failure.fix)}\n")
    sys.stderr.flush()


def _usage_failure(error: click.ClickException, call: Call) -> Failure:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if isinstance(ctx, click.Context) else call.program
    fix = f"See: {path} --help"
    what = error.format_message()
    if isinstance(error, click.NoSuchOption):
        what = f"{path} has no option {error.option_name}."
        near = list(error.possibilities or ())
        if near:
            fix = f"Did you mean {' or '.join(near)}? {fix}"
    return Failure(what, "usage", fix, ExitCode.REFUSED)
