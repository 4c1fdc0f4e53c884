"""File systems that fail, or that break one rule: wrappers around another ``Files``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.fsops import Files, InputFile, OutputFile


class WrappedFiles:
    """Passes every operation on; subclasses change some."""

    def __init__(self, files: Files) -> None:
        self.files = files

    def read(self, path: Path) -> bytes:
        return self.files.read(path)

    def read_range(self, path: Path, offset: int, size: int) -> bytes:
        return self.files.read_range(path, offset, size)

    def map(self, path: Path) -> memoryview:
        return self.files.map(path)

    def open(self, path: Path) -> InputFile:
        return self.files.open(path)

    def size(self, path: Path) -> int:
        return self.files.size(path)

    def modified(self, path: Path) -> float:
        return self.files.modified(path)

    def list(self, folder: Path) -> list[str]:
        return self.files.list(folder)

    def create(self, path: Path) -> OutputFile:
        return self.files.create(path)

    def link(self, source: Path, target: Path) -> None:
        self.files.link(source, target)

    def rename(self, source: Path, target: Path) -> None:
        self.files.rename(source, target)

    def unlink(self, path: Path) -> None:
        self.files.unlink(path)

    def make_folder(self, path: Path) -> None:
        self.files.make_folder(path)

    def remove_folder(self, path: Path) -> None:
        self.files.remove_folder(path)

    def sync_folder(self, path: Path) -> None:
        self.files.sync_folder(path)

    def lock(self, path: Path, note: str) -> AbstractContextManager[None]:
        return self.files.lock(path, note)


class WrappedOutput:
    """Passes every operation on a new file on; subclasses change some."""

    def __init__(self, output: OutputFile) -> None:
        self.output = output

    def write(self, content: bytes | memoryview) -> None:
        self.output.write(content)

    def sync(self) -> None:
        self.output.sync()

    def __enter__(self) -> Self:
        self.output.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.output.__exit__(kind, error, trace)


class _Unsynced(WrappedOutput):
    def sync(self) -> None:
        """Forget to."""


class ForgetsSync(WrappedFiles):
    """Does not sync files whose name is chosen.

    Args:
        files: The honest file system.
        chosen: Which names.
    """

    def __init__(self, files: Files, chosen: Callable[[str], bool]) -> None:
        super().__init__(files)
        self._chosen = chosen

    def create(self, path: Path) -> OutputFile:
        output = super().create(path)
        return _Unsynced(output) if self._chosen(path.name) else output


class ForgetsFolderSync(WrappedFiles):
    """Does not sync folders, right after a link or everywhere else.

    Args:
        files: The honest file system.
        after_link: Which of the two is forgotten.
    """

    def __init__(self, files: Files, *, after_link: bool) -> None:
        super().__init__(files)
        self._after_link = after_link
        self._linked = False

    def link(self, source: Path, target: Path) -> None:
        super().link(source, target)
        self._linked = True

    def sync_folder(self, path: Path) -> None:
        if self._linked != self._after_link:
            super().sync_folder(path)
        self._linked = False


class LinksOver(WrappedFiles):
    """Replaces an existing target instead of refusing it, and locks nobody out."""

    def link(self, source: Path, target: Path) -> None:
        if target.name in self.list(target.parent):
            self.unlink(target)
        super().link(source, target)

    def lock(self, path: Path, note: str) -> AbstractContextManager[None]:
        return nullcontext()


class LocksNobody(WrappedFiles):
    """Locks nobody out, as a network file system may."""

    def lock(self, path: Path, note: str) -> AbstractContextManager[None]:
        return nullcontext()


class EverythingIsOld(WrappedFiles):
    """Says of every file that it was last changed long ago."""

    def modified(self, path: Path) -> float:
        return float("-inf")


class _FailingOutput(WrappedOutput):
    def __init__(self, output: OutputFile, count: Callable[[], None]) -> None:
        super().__init__(output)
        self._count = count

    def write(self, content: bytes | memoryview) -> None:
        self._count()
        super().write(content)

    def sync(self) -> None:
        self._count()
        super().sync()


class FailingFiles(WrappedFiles):
    """Fails at the n-th operation that needs room on the disk, and at all after it.

    Args:
        files: The honest file system.
        fail_at: Number of the first operation that fails, from 1.
        error: Makes the error to be raised.
        once: Whether later operations work again.
    """

    def __init__(
        self, files: Files, fail_at: int, error: Callable[[], Exception], *, once: bool = False
    ) -> None:
        super().__init__(files)
        self.operations = 0
        self._fail_at = fail_at
        self._error = error
        self._once = once

    def _count(self) -> None:
        self.operations += 1
        if self.operations == self._fail_at or (self.operations > self._fail_at and not self._once):
            raise self._error()

    def create(self, path: Path) -> OutputFile:
        self._count()
        return _FailingOutput(super().create(path), self._count)

    def link(self, source: Path, target: Path) -> None:
        self._count()
        super().link(source, target)

    def make_folder(self, path: Path) -> None:
        self._count()
        super().make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self._count()
        super().sync_folder(path)
