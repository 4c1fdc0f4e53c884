"""Which folders are trusted with sockets, and what tells helpers apart."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.serve.keys import resident_key
from retrieval.serve.places import address_of, is_private, make_private, runtime_folder


@pytest.fixture
def short() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def test_the_folder_of_the_session_comes_first(short: Path) -> None:
    session = short / "session"
    session.mkdir(mode=0o700)
    environ = {"XDG_RUNTIME_DIR": str(session), "TMPDIR": str(short)}
    assert runtime_folder(environ) == f"{session}/retrieve"
    assert runtime_folder({"TMPDIR": str(short)}) == f"{short}/retrieve-run-{os.geteuid()}"


@pytest.mark.parametrize("session", ["relative", "/nowhere/at/all"])
def test_a_session_folder_that_is_none_is_passed_over(short: Path, session: str) -> None:
    environ = {"XDG_RUNTIME_DIR": session, "TMPDIR": str(short)}
    assert runtime_folder(environ) == f"{short}/retrieve-run-{os.geteuid()}"


def test_a_session_folder_that_others_may_write_to_is_passed_over(short: Path) -> None:
    session = short / "session"
    session.mkdir()
    session.chmod(0o777)
    environ = {"XDG_RUNTIME_DIR": str(session), "TMPDIR": str(short)}
    assert runtime_folder(environ) == f"{short}/retrieve-run-{os.geteuid()}"


def test_a_path_too_long_for_a_socket_gives_way_to_a_shorter_one(short: Path) -> None:
    long = short / ("x" * 90)
    long.mkdir(mode=0o700)
    by_session = runtime_folder({"XDG_RUNTIME_DIR": str(long), "TMPDIR": str(short)})
    assert by_session == f"{short}/retrieve-run-{os.geteuid()}"
    assert runtime_folder({"TMPDIR": str(long)}) is None


def test_every_address_in_a_folder_that_is_taken_fits_a_socket(short: Path) -> None:
    longest = 100
    for length in range(1, 110):
        folder = runtime_folder({"TMPDIR": f"{short}/{'x' * length}"})
        if folder is not None:
            assert len(address_of(folder, b"\xff" * 4000)) <= longest


def test_a_folder_that_others_may_enter_is_refused(short: Path) -> None:
    folder = short / f"retrieve-run-{os.geteuid()}"
    folder.mkdir(mode=0o700)
    assert runtime_folder({"TMPDIR": str(short)}) == str(folder)
    folder.chmod(0o750)
    assert runtime_folder({"TMPDIR": str(short)}) is None
    assert not make_private(str(folder))


def test_a_link_is_refused(short: Path) -> None:
    real = short / "real"
    real.mkdir(mode=0o700)
    folder = short / f"retrieve-run-{os.geteuid()}"
    folder.symlink_to(real)
    assert is_private(str(real))
    assert runtime_folder({"TMPDIR": str(short)}) is None
    assert not make_private(str(folder))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_is_refused(short: Path) -> None:
    folder = short / f"retrieve-run-{os.geteuid()}"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    assert runtime_folder({"TMPDIR": str(short)}) is None


def test_a_folder_is_made_for_this_user_alone(short: Path) -> None:
    folder = short / "made"
    assert make_private(str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert make_private(str(folder))
    assert not make_private(str(short / "missing" / "made"))


def key(*words: str, folder: str = "/somewhere", role: str = "m", **environ: str) -> bytes:
    return resident_key(("query", *words), environ, folder=folder, role=role)


@pytest.fixture
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_in_a_folder_of_its_own")
class TestKeys:
    def test_what_is_asked_of_one_index_goes_to_one_helper(self) -> None:
        assert key("a", "-k", "3") == key("b", "--json", NO_COLOR="1", COLUMNS="50")
        assert key("--index", "one") == key("--index=one", "x", folder="/elsewhere")
        assert key("--index", "one") == key(RETRIEVE_QUERY_INDEX="one")
        assert key("--home", "h") == key(RETRIEVE_HOME="h") == key(RETRIEVE_QUERY_HOME="h")
        assert key("--home", str(Path("h").absolute())) == key("--home", "h")

    @pytest.mark.parametrize(
        ("words", "environ"),
        [
            (("--index", "two"), {}),
            (("--home", "two"), {}),
            (("--model", "two"), {}),
            ((), {"RETRIEVE_MODEL": "two"}),
            ((), {"OMP_NUM_THREADS": "2"}),
            ((), {"PYTHONWARNINGS": "error"}),
            ((), {"LC_ALL": "C"}),
            ((), {"LANG": "C"}),
            ((), {"HF_HUB_OFFLINE": "1"}),
            ((), {"HOME": "/two"}),
            ((), {"TZ": "UTC"}),
        ],
        ids=str,
    )
    def test_another_index_model_or_setting_of_libraries_is_another_helper(
        self, words: tuple[str, ...], environ: dict[str, str]
    ) -> None:
        assert key(*words, **environ) != key()

    def test_a_project_file_is_a_helper_of_its_own(self, tmp_path: Path) -> None:
        without = key()
        (tmp_path / "retrieve.toml").write_text('home = "h"\n')
        first = key()
        (tmp_path / "retrieve.toml").write_text('home = "other"\n')
        assert len({without, first, key(), key(folder="/elsewhere")}) == 4

    def test_another_program_is_another_helper(self) -> None:
        assert key(role="m") != key(role="n")

    def test_addresses_differ_with_keys(self) -> None:
        addresses = {address_of("/f", b"key %d" % number) for number in range(1000)}
        assert len(addresses) == 1000
