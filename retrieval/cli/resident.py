"""The process of a resident helper: the command line, run again and again in one place."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from retrieval import __version__
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.main import run
from retrieval.encode.loading import KeptLoaded, Loading
from retrieval.errors import LockedError
from retrieval.fsops import LocalFiles
from retrieval.serve.asked import Asked
from retrieval.serve.declined import Declined
from retrieval.serve.messages import receive
from retrieval.serve.outdated import LoadedCode
from retrieval.serve.resident import Done, Post, Resident
from retrieval.serve.seat import held, listening


class QuestionRunner:
    """Runs command lines, each as a process of its own would, but with the models loaded.

    Args:
        loading: Keeps what was loaded.
    """

    def __init__(self, loading: Loading) -> None:
        self._loading = loading

    def __call__(self, program: str, words: tuple[str, ...]) -> Done:
        """Run one; see ``Command``."""
        call = Call(program, words, loading=self._loading)
        code = run(lambda: call)
        return Done(code=code, is_bug=code == ExitCode.BUG, index=call.index, model=call.model)


def serve(arguments: Sequence[str]) -> None:
    """Be a helper until nobody needs one any more; nothing is said, whatever happens.

    Args:
        arguments: The path of the socket. Standard input has the key of the helper, and a
            question to get ready with.
    """
    (address,) = map(Path, arguments)
    assert isinstance(sys.stdin.buffer, io.BufferedIOBase)
    key, *fields = receive(sys.stdin.buffer)
    files = LocalFiles()
    code = LoadedCode()
    resident = Resident(
        Post(key=key, version=__version__),
        QuestionRunner(KeptLoaded(before_slow=_decline)),
        is_current=code.is_current,
    )
    try:
        with held(address, files):
            resident.warm_up(Asked.from_fields(fields))
            with listening(address, files) as seat:
                resident.serve(seat)
    except LockedError:
        return  # another one was quicker


def _decline(what: str) -> NoReturn:
    raise Declined(what)
