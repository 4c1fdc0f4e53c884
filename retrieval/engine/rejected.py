"""The file of rejected rows, written as they come and put in place at the end."""

from __future__ import annotations

import contextlib
from contextlib import ExitStack
from pathlib import Path

import orjson

from retrieval.corpus.rejects import Reject
from retrieval.errors import BadRowError, FileSystemError
from retrieval.fsops import Files, OutputFile
from retrieval.store.layout import REJECTS_NAME


class RejectFile:
    """Collects rejected rows in ``rejects.jsonl`` of an index folder.

    Args:
        files: The file system.
        strict: Raise at the first row instead.

    Attributes:
        folder: The index folder; to be set before the first row comes.
        count: Rows rejected so far.
    """

    def __init__(self, files: Files, *, strict: bool) -> None:
        self.count = 0
        self.folder = Path()
        self._files = files
        self._strict = strict
        self._stack = ExitStack()
        self._output: OutputFile | None = None

    @property
    def path(self) -> Path:
        """Where the file is put in the end."""
        return self.folder / REJECTS_NAME

    @property
    def _unfinished(self) -> Path:
        return self.path.with_name(f"{REJECTS_NAME}.unfinished")

    def add(self, reject: Reject) -> None:
        """Take a rejected row.

        Raises:
            BadRowError: Rows are to be refused (``--strict``).
        """
        if self._strict:
            line = "" if reject.line is None else f":{reject.line}"
            raise BadRowError(
                f"{reject.path}{line}: {reject.reason}. Nothing was committed.",
                fix="Mend the row, or leave --strict out to skip such rows and list them.",
            )
        if self._output is None:
            self._files.make_folder(self.path.parent)
            with contextlib.suppress(FileNotFoundError):
                self._files.unlink(self._unfinished)
            self._output = self._stack.enter_context(self._files.create(self._unfinished))
        self._output.write(orjson.dumps(reject.to_json()) + b"\n")
        self.count += 1

    def finish(self) -> str | None:
        """Put the file in place of an earlier run's, or remove that one if none was rejected.

        Returns:
            Path of the file; None if nothing was rejected.
        """
        if self._output is None:
            with contextlib.suppress(FileNotFoundError, FileSystemError):
                self._files.unlink(self.path)
            return None
        self._output.sync()
        self._stack.close()
        self._files.rename(self._unfinished, self.path)
        return str(self.path)

    def abandon(self) -> None:
        """Close and remove the unfinished file."""
        if self._output is not None:
            self._stack.close()
            with contextlib.suppress(FileNotFoundError, FileSystemError):
                self._files.unlink(self._unfinished)
