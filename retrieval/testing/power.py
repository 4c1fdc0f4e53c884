"""A file system in memory whose power can be cut: what is written, and what has survived.

The model is that of Pillai et al. (2014, "All File Systems Are Not Created Equal") at its
most hostile, and Mohan et al. (2018, CrashMonkey): until a file is synced, its new bytes
may be there whole, in part, as zeros, or not at all; until a folder is synced, any
subset of the changes to its names may be there, in whatever order they were made; a single
change of a name is all or nothing. What was synced stays.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.errors import FileSystemError, LockedError
from retrieval.fsops import InputFile, OutputFile


@dataclass(eq=False, slots=True)
class MemoryFile:
    """Bytes of a file: all of them, and how many are safe."""

    content: bytes = b""
    synced: int = 0
    modified: float = 0.0


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """What a file held when it was opened."""

    content: bytes

    def read(self, offset: int, size: int) -> bytes:
        return self.content[offset : offset + size]


@dataclass(frozen=True, slots=True)
class NameChange:
    """A change to the names of a folder that is not yet safe.

    Attributes:
        removed: Name that goes, None for none.
        added: Name that comes, None for none.
        node: What the added name stands for.
    """

    removed: str | None
    added: str | None
    node: MemoryFile | MemoryFolder | None


@dataclass(eq=False, slots=True)
class MemoryFolder:
    """Names of a folder: as the program sees them, as they are safe, and what lies between."""

    entries: dict[str, MemoryFile | MemoryFolder] = field(default_factory=dict)
    safe: dict[str, MemoryFile | MemoryFolder] = field(default_factory=dict)
    pending: list[NameChange] = field(default_factory=list)
    modified: float = 0.0

    def change(self, change: NameChange) -> None:
        """Make a change that is not yet safe."""
        apply(self.entries, change)
        self.pending.append(change)


def apply(entries: dict[str, MemoryFile | MemoryFolder], change: NameChange) -> None:
    """Make a change to a folder's names."""
    if change.removed is not None:
        entries.pop(change.removed, None)
    if change.added is not None and change.node is not None:
        entries[change.added] = change.node


class _Output:
    def __init__(self, files: MemoryFiles, file: MemoryFile) -> None:
        self._files = files
        self._file = file

    def write(self, content: bytes | memoryview) -> None:
        self._file.content += bytes(content)
        self._file.modified = self._files.clock()
        self._files.happened("write")

    def sync(self) -> None:
        self._all_written()
        self._file.synced = len(self._file.content)
        self._files.happened("sync")

    def _all_written(self) -> None:
        """Tell that the last write was made, while what it wrote is not yet safe."""
        if self._file.synced < len(self._file.content):
            self._files.happened("written")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; nothing becomes safe by that."""
        self._all_written()


class MemoryFiles:
    """The operations of ``retrieval.fsops.Files`` on memory; paths are absolute.

    Args:
        root: The root folder, empty unless given.
        clock: Seconds since the epoch.
        after: Called after every operation that changes anything, with its name; and with
            ``written`` before a file with unsafe bytes is synced or closed.
    """

    def __init__(
        self,
        root: MemoryFolder | None = None,
        *,
        clock: Callable[[], float] = lambda: 0.0,
        after: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.root = root or MemoryFolder()
        self.clock = clock
        self.after = after
        self._locked: set[Path] = set()

    def happened(self, operation: str) -> None:
        """Tell that an operation has changed something."""
        self.after(operation)

    def _folder(self, path: Path) -> MemoryFolder:
        node: MemoryFile | MemoryFolder = self.root
        for name in path.parts[1:]:
            if not isinstance(node, MemoryFolder):
                raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path))
            if name not in node.entries:
                raise FileNotFoundError(errno.ENOENT, "missing", str(path))
            node = node.entries[name]
        if not isinstance(node, MemoryFolder):
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path))
        return node

    def _node(self, path: Path) -> MemoryFile | MemoryFolder:
        if path == path.parent:
            return self.root
        folder = self._folder(path.parent)
        if path.name not in folder.entries:
            raise FileNotFoundError(errno.ENOENT, "missing", str(path))
        return folder.entries[path.name]

    def _file(self, path: Path) -> MemoryFile:
        node = self._node(path)
        if not isinstance(node, MemoryFile):
            raise FileSystemError(f"{path} is a folder.")
        return node

    def read(self, path: Path) -> bytes:
        return self._file(path).content

    def read_range(self, path: Path, offset: int, size: int) -> bytes:
        return self._file(path).content[offset : offset + size]

    def map(self, path: Path) -> memoryview:
        return memoryview(self._file(path).content)

    def open(self, path: Path) -> InputFile:
        return _OpenFile(self._file(path).content)

    def size(self, path: Path) -> int:
        return len(self._file(path).content)

    def modified(self, path: Path) -> float:
        return self._node(path).modified

    def list(self, folder: Path) -> list[str]:
        return sorted(self._folder(folder).entries)

    def create(self, path: Path) -> OutputFile:
        folder = self._folder(path.parent)
        if path.name in folder.entries:
            raise FileExistsError(errno.EEXIST, "exists", str(path))
        file = MemoryFile(modified=self.clock())
        folder.change(NameChange(None, path.name, file))
        self.happened("create")
        return _Output(self, file)

    def link(self, source: Path, target: Path) -> None:
        file, folder = self._file(source), self._folder(target.parent)
        if target.name in folder.entries:
            raise FileExistsError(errno.EEXIST, "exists", str(target))
        folder.change(NameChange(None, target.name, file))
        self.happened("link")

    def rename(self, source: Path, target: Path) -> None:
        if source.parent != target.parent:
            raise FileSystemError(f"Renaming {source} to another folder is not modelled.")
        node, folder = self._node(source), self._folder(source.parent)
        folder.change(NameChange(source.name, target.name, node))
        self.happened("rename")

    def unlink(self, path: Path) -> None:
        self._file(path)
        self._folder(path.parent).change(NameChange(path.name, None, None))
        self.happened("unlink")

    def make_folder(self, path: Path) -> None:
        node = self.root
        for name in path.parts[1:]:
            if name not in node.entries:
                node.change(NameChange(None, name, MemoryFolder(modified=self.clock())))
                self.happened("make_folder")
            below = node.entries[name]
            if not isinstance(below, MemoryFolder):
                raise FileSystemError(f"{path}: {name} is a file.")
            node = below

    def remove_folder(self, path: Path) -> None:
        if self._folder(path).entries:
            raise FileSystemError(f"Removing {path} failed: it is not empty.")
        self._folder(path.parent).change(NameChange(path.name, None, None))
        self.happened("remove_folder")

    def sync_folder(self, path: Path) -> None:
        folder = self._folder(path)
        folder.safe = dict(folder.entries)
        folder.pending.clear()
        self.happened("sync_folder")

    @contextlib.contextmanager
    def lock(self, path: Path, note: str) -> Iterator[None]:
        folder = self._folder(path.parent)
        if path in self._locked:
            raise LockedError(f"{path.parent} is being written to by another process ({note}).")
        if path.name not in folder.entries:
            folder.change(NameChange(None, path.name, MemoryFile()))
        self._locked.add(path)
        try:
            yield
        finally:
            self._locked.discard(path)


def tree(folder: MemoryFolder) -> Iterator[MemoryFolder]:
    """Yield a folder and all that the program, or the safe state, sees below it."""
    yield folder
    nodes = itertools.chain(
        folder.entries.values(),
        folder.safe.values(),
        (change.node for change in folder.pending),
    )
    seen: set[int] = set()
    for node in nodes:
        if isinstance(node, MemoryFolder) and id(node) not in seen:
            seen.add(id(node))
            yield from tree(node)
