"""Every byte we write, and the reads that must see exactly what was written.

The store and the caches touch the disk through ``Files`` alone, so that tests can
put an in-memory file system with power cuts in its place. ``LocalFiles`` is the real one.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import threading
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from retrieval.errors import FileSystemError, LockedError
from retrieval.refusals import refuse, refusing

Content: TypeAlias = bytes | memoryview | Iterable[bytes | memoryview]
"""What goes into a file: at once, or block by block."""

_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


class OutputFile(Protocol):
    """A new file being written; closed by leaving its ``with`` block."""

    def write(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        ...

    def sync(self) -> None:
        """Make everything written so far survive a power cut (fsync)."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class InputFile(Protocol):
    """A file that any number of threads read parts of, whatever becomes of its name."""

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``; fewer only at the end of the file."""


class Files(Protocol):
    """The file operations the package is built on.

    Missing files raise ``FileNotFoundError``; existing targets of ``create`` and
    ``link`` raise ``FileExistsError``; everything else is a ``FileSystemError``.
    """

    def read(self, path: Path) -> bytes:
        """Return a whole file."""
        ...

    def read_range(self, path: Path, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset`` without mapping the file."""
        ...

    def map(self, path: Path) -> memoryview:
        """Return a read-only view of a whole file, mapped where the system can."""
        ...

    def open(self, path: Path) -> InputFile:
        """Open a file to read parts of it; it is closed when it is no longer referred to."""

    def size(self, path: Path) -> int:
        """Return a file's size in bytes."""
        ...

    def modified(self, path: Path) -> float:
        """Return when a file or folder was last modified, in seconds since the epoch."""
        ...

    def list(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted."""
        ...

    def create(self, path: Path) -> OutputFile:
        """Open a new file for writing; it must not exist (O_EXCL)."""
        ...

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, or fail if that name exists (put if absent).

        Where the file system has no hard links, the target is checked and the
        source renamed to it; the caller then holds the write lock.
        """
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Move a file or folder, replacing a target file."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it; an existing one is fine."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Make a folder's names survive a power cut (fsync of the folder)."""
        ...

    def lock(self, path: Path, note: str) -> contextlib.AbstractContextManager[None]:
        """Hold an exclusive lock on a file for the length of a ``with`` block.

        The lock is the kernel's and ends with the process. ``note`` is written into
        the file for the message of whoever finds it locked.

        Raises:
            LockedError: Another process holds it; the message quotes its note.
        """
        ...


def drop_pages(view: memoryview) -> None:
    """Let go of the memory that reading a mapped file took up; reading on brings it back."""
    mapped = view.obj
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


class _LocalOutput:
    """A file of the local disk being written, without a buffer of ours."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with refusing(path, "creating"):
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o644)

    def write(self, content: bytes | memoryview) -> None:
        rest = memoryview(content).cast("B")
        with refusing(self._path, "writing"):
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def sync(self) -> None:
        with refusing(self._path, "syncing"):
            os.fsync(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with refusing(self._path, "closing"):
            os.close(self._fd)


class _LocalInput:
    """A file of the local disk, read without moving a position that threads would share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with refusing(path, "opening"):
            self._fd = os.open(path, os.O_RDONLY | _FLAGS)
        weakref.finalize(self, os.close, self._fd)
        if hasattr(os, "posix_fadvise"):  # or 128 KiB are read where a row is asked for
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_RANDOM)
        self._moving = threading.Lock()

    def read(self, offset: int, size: int) -> bytes:
        try:
            if hasattr(os, "pread"):
                return os.pread(self._fd, size, offset)
            with self._moving:
                os.lseek(self._fd, offset, os.SEEK_SET)
                return os.read(self._fd, size)
        except OSError as error:
            refuse(error, self._path, "reading")


class LocalFiles:
    """The files of this machine."""

    def read(self, path: Path) -> bytes:
        with refusing(path, "reading"):
            return path.read_bytes()

    def read_range(self, path: Path, offset: int, size: int) -> bytes:
        with refusing(path, "reading"), open(path, "rb", buffering=0) as source:
            source.seek(offset)
            pieces: list[bytes] = []
            while size > 0 and (piece := source.read(size)):
                pieces.append(piece)
                size -= len(piece)
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def map(self, path: Path) -> memoryview:
        with refusing(path, "mapping"), open(path, "rb", buffering=0) as source:
            if os.fstat(source.fileno()).st_size == 0:
                return memoryview(b"")
            return memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))

    def open(self, path: Path) -> InputFile:
        return _LocalInput(path)

    def size(self, path: Path) -> int:
        with refusing(path, "looking at"):
            return path.stat().st_size

    def modified(self, path: Path) -> float:
        with refusing(path, "looking at"):
            return path.stat().st_mtime

    def list(self, folder: Path) -> list[str]:
        with refusing(folder, "listing"):
            return sorted(os.listdir(folder))

    def create(self, path: Path) -> OutputFile:
        return _LocalOutput(path)

    def link(self, source: Path, target: Path) -> None:
        try:
            with refusing(target, "linking"):
                os.link(source, target)
        except FileSystemError as error:
            cause = error.__cause__
            if not (isinstance(cause, OSError) and cause.errno in _NO_LINKS):
                raise
            if target.exists():
                raise FileExistsError(errno.EEXIST, "exists", str(target)) from None
            self.rename(source, target)

    def rename(self, source: Path, target: Path) -> None:
        with refusing(target, "renaming to"):
            os.replace(source, target)

    def unlink(self, path: Path) -> None:
        with refusing(path, "removing"):
            path.unlink()

    def make_folder(self, path: Path) -> None:
        with refusing(path, "making"):
            path.mkdir(parents=True, exist_ok=True)

    def remove_folder(self, path: Path) -> None:
        with refusing(path, "removing"):
            path.rmdir()

    def sync_folder(self, path: Path) -> None:
        if os.name == "nt":  # Windows cannot fsync a folder; NTFS journals its names
            return
        with refusing(path, "syncing"):
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextlib.contextmanager
    def lock(self, path: Path, note: str) -> Iterator[None]:
        with refusing(path, "locking"):
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(path, flags, 0o644)
        try:
            if not _take_lock(descriptor):
                holder = os.pread(descriptor, 400, 0).decode("utf-8", "replace").strip()
                raise LockedError(
                    f"{path.parent} is being written to by another process"
                    f" ({holder or 'which left no note'}).",
                    fix="Wait for it to finish, or end it; the lock goes with the process.",
                )
            with refusing(path, "writing"):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, note.encode(), 0)
            yield
        finally:
            os.close(descriptor)


def _take_lock(descriptor: int) -> bool:
    """Try to lock an open file for this process; tell whether it worked."""
    if os.name == "nt":
        import msvcrt

        try:
            # one byte far behind the note, so that a second process can read the note
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)
            getattr(msvcrt, "locking")(descriptor, getattr(msvcrt, "LK_NBLCK"), 1)  # noqa: B009
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove_tree(files: Files, folder: Path) -> None:
    """Remove a folder of ours with the files directly in it; a missing one is fine."""
    try:
        names = files.list(folder)
    except FileNotFoundError:
        return
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            files.unlink(folder / name)
    with contextlib.suppress(FileNotFoundError):
        files.remove_folder(folder)


def write_file(files: Files, path: Path, content: Content) -> None:
    """Create a file with this content and sync it; the folder is the caller's to sync."""
    with files.create(path) as output:
        for block in (content,) if isinstance(content, bytes | memoryview) else content:
            output.write(block)
        output.sync()


def replace_file(files: Files, path: Path, content: Content) -> None:
    """Write a file beside its place, sync it and rename it there: all or nothing."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with contextlib.suppress(FileNotFoundError):
        files.unlink(beside)
    try:
        write_file(files, beside, content)
        files.rename(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError, FileSystemError):
            files.unlink(beside)
        raise
    files.sync_folder(path.parent)
