"""A process of ours seen from inside: it ends when its parent does, and says why it failed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import orjson

from retrieval.encode.exported import FAILURE_NAME
from retrieval.errors import RetrievalError
from retrieval.fsops import Files, write_file


def end_with_parent() -> None:
    """Wait for the end of standard input, which only the parent holds open; then end."""
    while os.read(0, 1):  # unbuffered: a buffer's lock would be held when the process ends
        pass
    os._exit(1)


def run_for_parent(make: Callable[[], object], staging: Path, files: Files) -> int:
    """Do what a parent started this process for; return the exit code.

    Args:
        make: Does it.
        staging: Where an error of ours is written to, for ``child.child_failure``; any other
            leaves a traceback on standard error.
        files: The file operations.
    """
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        make()
    except RetrievalError as error:
        failure = {"code": error.code, "what": error.what, "fix": error.fix}
        write_file(files, staging / FAILURE_NAME, orjson.dumps(failure))
        return 1
    return 0
