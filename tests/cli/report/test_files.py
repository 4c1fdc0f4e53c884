from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.cli.report.files import put_bytes, put_text
from retrieval.errors import DiskFullError, FileSystemError, ReadOnlyError
from retrieval.fsops import LocalFiles, OutputFile


class RefusingFiles(LocalFiles):
    """A disk that lets no new file be written, for a reason given."""

    def __init__(self, error: FileSystemError) -> None:
        self._error = error

    def create(self, path: Path) -> OutputFile:
        raise self._error


def test_text_is_written_as_utf8_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    put_text(path, "naïve 映画\n")
    assert path.read_bytes() == "naïve 映画\n".encode()


def test_an_earlier_file_is_replaced_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "report.tex"
    put_text(path, "one, and longer")
    put_text(path, "two")
    assert path.read_text() == "two"
    assert os.listdir(tmp_path) == ["report.tex"]


@pytest.mark.parametrize(
    "error", [DiskFullError("The disk is full."), ReadOnlyError("Not allowed.")]
)
def test_a_failure_leaves_the_earlier_file_whole(tmp_path: Path, error: FileSystemError) -> None:
    path = tmp_path / "report.tex"
    put_text(path, "one")
    with pytest.raises(type(error)):
        put_text(path, "two", files=RefusingFiles(error))
    assert path.read_text() == "one"
    assert os.listdir(tmp_path) == ["report.tex"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ReadOnlyError, match=r"report\.tex"):
        put_text(tmp_path / "report.tex", "one")


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(FileSystemError, match="is a folder"):
        put_text(tmp_path, "one")


def test_a_device_or_pipe_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileSystemError, match="a device or a pipe"):
        put_text(pipe, "one")
    assert pipe.is_fifo()


def test_a_file_where_a_folder_is_needed_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "x", tmp_path / "file" / "y" / "x"):
        with pytest.raises(FileSystemError, match="file"):
            put_bytes(path, b"")


def test_a_name_too_long_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FileSystemError):
        put_bytes(tmp_path / ("x" * 300), b"")


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one")
    (tmp_path / "link").symlink_to("real")
    put_text(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "two"
