"""The folder of a training that is not finished: checkpoints, the best weights, a lock.

Everything in it is one file a thing, written beside its name and renamed, so that a kill at
any moment leaves whole files: the newest checkpoint is where the same training goes on. The
finished model is put together in it and becomes the output folder by one rename.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError, FileSystemError, UsageError
from retrieval.fsops import Files
from retrieval.store.container import open_container, whole, write_container
from retrieval.store.parts import PartWriter
from retrieval.train.library_files import remove_nested, written_by_library

Arrays = Mapping[str, NDArray[Any]]

_STATE = "state"
_CHECKPOINT = "checkpoint-"
_BEST = "best-"
_UNFINISHED = ".tmp"
_FINISHED = "finished"
_LOCK = "lock"


class Workplace:
    """Where one training keeps what it has done.

    Args:
        output: The folder that the finished model is to be.
        key: Of the plan: another training has another working folder.
        files: The file operations.
    """

    def __init__(self, output: Path, key: str, files: Files) -> None:
        self.output = output
        self.folder = output.with_name(f".{output.name}.{key[:12]}.training")
        self._files = files

    def others(self) -> list[Path]:
        """Return working folders of other trainings to the same output."""
        start = f".{self.output.name}."
        try:
            names = self._files.list(self.output.parent)
        except FileNotFoundError:
            return []
        return [
            self.output.parent / name
            for name in names
            if name.startswith(start) and name.endswith(".training") and name != self.folder.name
        ]

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and hold its lock; a folder in which nothing was kept goes again.

        Raises:
            LockedError: Another process is at this very training.
            FileSystemError: It cannot be made.
        """
        self._files.make_folder(self.folder)
        with self._files.lock(self.folder / _LOCK, f"process {os.getpid()} training"):
            for name in self._files.list(self.folder):
                if name.endswith(_UNFINISHED):
                    self._files.unlink(self.folder / name)
            remove_nested(self._files, self.folder / _FINISHED)
            try:
                yield
            finally:
                self._leave_nothing_empty()

    def save_checkpoint(self, step: int, arrays: Arrays, state: Mapping[str, Any]) -> None:
        """Keep everything that a training needs to go on; older checkpoints go then."""
        told = np.frombuffer(orjson.dumps(dict(state)), dtype=np.uint8)
        name = self._write(_CHECKPOINT, step, {**arrays, _STATE: told})
        self._drop(_CHECKPOINT, name)
        best = state.get("best_step")
        if best is not None:
            self._drop(_BEST, _named(_BEST, best))

    def newest_checkpoint(self) -> tuple[Arrays, dict[str, Any]] | None:
        """Return the arrays and the state of the newest checkpoint that can be read."""
        for name in reversed(self._names(_CHECKPOINT)):
            with contextlib.suppress(DamagedIndexError, KeyError, ValueError):
                arrays = self._read(name)
                state = orjson.loads(arrays.pop(_STATE).tobytes())
                if state["best_step"] is None or _named(_BEST, state["best_step"]) in self._names(
                    _BEST
                ):
                    return arrays, state
        return None

    def save_best(self, step: int, arrays: Arrays) -> None:
        """Keep weights that are the best so far; a checkpoint that says so has to follow.

        Until then those that the last checkpoint tells of are kept, too.
        """
        if _named(_BEST, step) in self._names(_BEST):  # of this very training, killed after it
            self._files.unlink(self.folder / _named(_BEST, step))
        self._write(_BEST, step, arrays)

    def best(self, step: int) -> Arrays:
        """Return the weights kept as the best.

        Raises:
            DamagedIndexError: They cannot be read.
        """
        return self._read(_named(_BEST, step))

    def publish(self, save: Callable[[Path], None]) -> None:
        """Put the finished model together and give it its name, all or nothing.

        Args:
            save: Writes the model into an empty folder.

        Raises:
            UsageError: The output has come to be there meanwhile.
            DiskFullError, FileSystemError: It cannot be written; nothing is published.
        """
        staging = self.folder / _FINISHED
        remove_nested(self._files, staging)
        self._files.make_folder(staging)
        try:
            with written_by_library(self._files, staging):
                save(staging)
            if self.output.exists():
                raise UsageError(f"{self.output} is there already.", fix="Name another folder.")
            self._files.rename(staging, self.output)
        except BaseException:
            remove_nested(self._files, staging)
            raise
        self._files.sync_folder(self.output.parent)

    def clear(self) -> None:
        """Remove the folder with everything in it."""
        remove_nested(self._files, self.folder)

    def _leave_nothing_empty(self) -> None:
        with contextlib.suppress(FileNotFoundError, FileSystemError):
            if set(self._files.list(self.folder)) <= {_LOCK}:
                self.clear()

    def _names(self, kind: str) -> list[str]:
        """Return whole files of a kind, oldest first."""
        every = self._files.list(self.folder)
        return [one for one in every if one.startswith(kind) and not one.endswith(_UNFINISHED)]

    def _write(self, kind: str, step: int, arrays: Arrays) -> str:
        name = _named(kind, step)
        beside = self.folder / f"{name}{_UNFINISHED}"
        with contextlib.suppress(FileNotFoundError):
            self._files.unlink(beside)
        try:
            with PartWriter(self._files, beside) as output:
                write_container(output, {key: whole(one) for key, one in arrays.items()})
            self._files.rename(beside, self.folder / name)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                self._files.unlink(beside)
            raise
        self._files.sync_folder(self.folder)
        return name

    def _read(self, name: str) -> dict[str, NDArray[Any]]:
        return open_container(memoryview(self._files.read(self.folder / name)), name)

    def _drop(self, kind: str, kept: str) -> None:
        for name in self._names(kind):
            if name != kept:
                self._files.unlink(self.folder / name)


def _named(kind: str, step: int) -> str:
    return f"{kind}{step:09d}.safetensors"
