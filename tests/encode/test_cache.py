from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from retrieval.encode.cache import cache_folder, preferred_cache


def test_the_variable_wins(tmp_path: Path) -> None:
    wanted = tmp_path / "models"
    environ = {"RETRIEVE_CACHE": str(wanted), "XDG_CACHE_HOME": str(tmp_path), "HOME": "/users/x"}
    assert cache_folder(environ) == (wanted, None)
    assert not wanted.exists()  # asking makes nothing


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="XDG is for the others")
def test_the_users_cache_folder_is_next(tmp_path: Path) -> None:
    assert preferred_cache({"XDG_CACHE_HOME": "/c", "HOME": "/users/x"}) == Path("/c/retrieve")
    assert preferred_cache({"HOME": "/users/x"}) == Path("/users/x/.cache/retrieve")
    relative = {"XDG_CACHE_HOME": "c", "HOME": "/users/x"}
    assert preferred_cache(relative) == Path("/users/x/.cache/retrieve")


def test_a_cache_that_cannot_be_written_to_is_replaced_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").write_text("in the way")
    environ = {"RETRIEVE_CACHE": str(tmp_path / "file" / "cache")}
    folder, note = cache_folder(environ)
    assert folder.is_dir()
    assert folder.parent == tmp_path
    assert note is not None
    assert str(folder) in note
    assert environ["RETRIEVE_CACHE"] in note
    assert cache_folder(environ)[0] == folder  # the next command finds it again


def test_a_private_folder_made_by_someone_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").write_text("in the way")
    environ = {"RETRIEVE_CACHE": str(tmp_path / "file" / "cache")}
    first, _ = cache_folder(environ)
    first.rmdir()
    first.symlink_to(tmp_path)
    second, _ = cache_folder(environ)
    assert second != first
    assert second.is_dir()
