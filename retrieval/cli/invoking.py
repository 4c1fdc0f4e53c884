"""One command, from words to exit code."""

from __future__ import annotations

import click

from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.tree import root


def invoke(call: Call) -> int:
    """Run what was typed; a command may return an exit code, else it is done."""
    try:
        with root.make_context(call.program, list(call.words), obj=call) as ctx:
            code = root.invoke(ctx)
    except click.exceptions.Exit as ended:  # --help and --version
        return ended.exit_code
    return code if isinstance(code, int) else ExitCode.DONE
