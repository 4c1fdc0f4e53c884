"""The real disk and the one in memory behave alike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from retrieval.errors import DiskFullError, FileSystemError, LockedError
from retrieval.fsops import (
    Files,
    LocalFiles,
    drop_pages,
    remove_tree,
    replace_file,
    write_file,
)
from retrieval.testing.power import MemoryFiles


class FilesContract(ABC):
    folder: Path

    @abstractmethod
    def open_files(self) -> Files: ...

    @pytest.fixture
    def files(self) -> Files:
        return self.open_files()

    def test_what_is_written_is_read(self, files: Files) -> None:
        path = self.folder / "a"
        with files.create(path) as output:
            output.write(b"one ")
            output.write(memoryview(b"two"))
            output.sync()
        assert files.read(path) == b"one two"
        assert files.read_range(path, 4, 10) == b"two"
        assert bytes(files.map(path)) == b"one two"
        assert files.size(path) == 7
        assert files.list(self.folder) == ["a"]

    def test_an_empty_file_maps_to_nothing(self, files: Files) -> None:
        write_file(files, self.folder / "a", b"")
        assert bytes(files.map(self.folder / "a")) == b""

    def test_a_map_reads_on_after_its_pages_were_dropped(self, files: Files) -> None:
        content = os.urandom(1 << 20)
        write_file(files, self.folder / "a", content)
        view = files.map(self.folder / "a")
        assert bytes(view) == content
        drop_pages(view)
        assert bytes(view) == content

    def test_an_open_file_is_read_here_and_there(self, files: Files) -> None:
        write_file(files, self.folder / "a", b"one two")
        opened = files.open(self.folder / "a")
        assert opened.read(4, 3) == b"two"
        assert opened.read(0, 3) == b"one"
        assert opened.read(4, 10) == b"two"
        assert opened.read(7, 10) == b""
        files.unlink(self.folder / "a")
        assert opened.read(4, 3) == b"two"
        with pytest.raises(FileNotFoundError):
            files.open(self.folder / "a")

    def test_creating_never_replaces(self, files: Files) -> None:
        write_file(files, self.folder / "a", b"x")
        with pytest.raises(FileExistsError):
            files.create(self.folder / "a")

    def test_linking_never_replaces(self, files: Files) -> None:
        write_file(files, self.folder / "a", b"x")
        write_file(files, self.folder / "b", b"y")
        files.link(self.folder / "a", self.folder / "c")
        files.unlink(self.folder / "a")
        assert files.read(self.folder / "c") == b"x"
        with pytest.raises(FileExistsError):
            files.link(self.folder / "b", self.folder / "c")

    def test_renaming_replaces(self, files: Files) -> None:
        write_file(files, self.folder / "a", b"x")
        write_file(files, self.folder / "b", b"y")
        files.rename(self.folder / "a", self.folder / "b")
        assert files.list(self.folder) == ["b"]
        assert files.read(self.folder / "b") == b"x"

    def test_missing_files_are_missing(self, files: Files) -> None:
        for operation in (files.read, files.map, files.size, files.modified, files.unlink):
            with pytest.raises(FileNotFoundError):
                operation(self.folder / "nothing")
        with pytest.raises(FileNotFoundError):
            files.list(self.folder / "nothing")

    def test_folders_are_made_with_those_above_and_removed_when_empty(self, files: Files) -> None:
        files.make_folder(self.folder / "x" / "y")
        files.make_folder(self.folder / "x" / "y")
        with pytest.raises(FileSystemError):
            files.remove_folder(self.folder / "x")
        write_file(files, self.folder / "x" / "y" / "a", b"")
        files.sync_folder(self.folder / "x" / "y")
        remove_tree(files, self.folder / "x" / "y")
        remove_tree(files, self.folder / "x" / "y")
        assert files.list(self.folder / "x") == []

    def test_replacing_leaves_no_other_file(self, files: Files) -> None:
        replace_file(files, self.folder / "a", b"one")
        replace_file(files, self.folder / "a", b"two")
        assert files.read(self.folder / "a") == b"two"
        assert files.list(self.folder) == ["a"]

    def test_a_lock_excludes_and_ends_with_its_block(self, files: Files) -> None:
        path = self.folder / "lock"
        with (
            files.lock(path, "first"),
            pytest.raises(LockedError, match="written to by another process"),
        ):
            files.lock(path, "second").__enter__()
        with files.lock(path, "third"):
            pass


class TestMemoryFiles(FilesContract):
    folder = Path("/folder")

    def open_files(self) -> Files:
        files = MemoryFiles()
        files.make_folder(self.folder)
        return files


class TestLocalFiles(FilesContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def open_files(self) -> Files:
        return LocalFiles()

    def test_a_full_disk_is_told_as_such(self) -> None:
        with LocalFiles().create(self.folder / "a") as output:
            with open("/dev/full", "wb", buffering=0) as full:
                os.dup2(full.fileno(), output._fd)  # type: ignore[attr-defined]
            with pytest.raises(DiskFullError, match=r"disk is full.*No space left"):
                output.write(b"x")

    def test_a_lock_goes_with_the_process_that_is_killed(self) -> None:
        script = (
            "import sys, time; from pathlib import Path; from retrieval.fsops import LocalFiles\n"
            "with LocalFiles().lock(Path(sys.argv[1]), 'the child'):\n"
            "    print('locked', flush=True); time.sleep(60)\n"
        )
        path = self.folder / "lock"
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "locked\n"
        with pytest.raises(LockedError, match="the child"):
            LocalFiles().lock(path, "me").__enter__()
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with LocalFiles().lock(path, "me"):
            pass
