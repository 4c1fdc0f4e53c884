from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from retrieval.encode.export import ensure_exported
from retrieval.encode.exported import ExportedModel
from retrieval.encode.places import find_exported, models_folder, stem
from retrieval.encode.source import ModelSource, SourceKind, resolve_source
from retrieval.errors import ModelExportError, ModelNotFoundError
from retrieval.fsops import LocalFiles
from tests.encode.folders import model_folder

FILES = LocalFiles()
FAKE = Path(__file__).with_name("fake_child.py")


class Exports:
    """One source and one cache, with what was noted."""

    def __init__(self, folder: Path) -> None:
        self.model = model_folder(folder / "tiny")
        self.source = resolve_source(str(self.model))
        self.cache = folder / "cache"
        self.home = models_folder(self.cache)
        self.notes: list[str] = []

    def run(self, behaviour: str, source: ModelSource | None = None) -> tuple[Path, ExportedModel]:
        """Export with a child of this behaviour."""
        return ensure_exported(
            source or self.source,
            self.cache,
            files=FILES,
            note=self.notes.append,
            child=(sys.executable, str(FAKE), behaviour),
        )

    def folders(self) -> list[str]:
        """Return the names of the folders in the cache."""
        return sorted(path.name for path in self.home.iterdir() if path.is_dir())

    def log(self) -> str:
        """Return what the child printed."""
        return (self.home / f"{stem(self.source)}.log").read_text()


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


def test_a_model_is_exported_once_and_said(exports: Exports) -> None:
    folder, record = exports.run("good")
    assert exports.folders() == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.json",
        "model.onnx",
        "model.onnx.data",
        "tokenizer.json",
    ]
    assert len(exports.notes) == 1
    assert exports.source.name in exports.notes[0]
    assert "child ran" in exports.log()
    assert exports.run("fails") == (folder, record)  # the second child would fail
    assert len(exports.notes) == 1


def test_a_failed_child_leaves_its_words_and_nothing_else(exports: Exports) -> None:
    with pytest.raises(ModelExportError, match="the last words") as caught:
        exports.run("fails")
    assert str(exports.home) in caught.value.fix
    assert "the last words" in exports.log()
    assert exports.folders() == []
    exports.run("good")


def test_an_error_of_ours_is_passed_on(exports: Exports) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        exports.run("refuses")
    assert (caught.value.what, caught.value.fix) == ("No such model.", "Ask for another.")
    assert exports.folders() == []


def test_an_incomplete_export_is_not_published(exports: Exports) -> None:
    with pytest.raises(ModelExportError):
        exports.run("incomplete")
    assert exports.folders() == []


def test_a_changed_source_is_exported_anew_and_the_old_removed(exports: Exports) -> None:
    before, _ = exports.run("good")
    (exports.model / "model.safetensors").write_bytes(b"fine-tuned weights")
    assert find_exported(FILES, exports.cache, exports.source) is None
    after, _ = exports.run("good")
    assert after != before
    assert exports.folders() == [after.name]


def test_a_damaged_export_is_made_again(exports: Exports) -> None:
    folder, _ = exports.run("good")
    (folder / "model.onnx.data").write_bytes(b"short")
    assert find_exported(FILES, exports.cache, exports.source) is None
    exports.run("good")
    assert (folder / "model.onnx.data").stat().st_size == 7
    (folder / "model.json").write_text("{")
    exports.run("good")
    assert find_exported(FILES, exports.cache, exports.source) is not None


def test_what_a_killed_export_left_is_removed(exports: Exports) -> None:
    stale = exports.home / f"staging-{stem(exports.source)}-0123"
    other = exports.home / "staging-another-0123"
    for folder in (stale, other):
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"half")
    folder, _ = exports.run("good")
    assert exports.folders() == sorted([folder.name, other.name])


def test_two_models_do_not_disturb_each_other(exports: Exports, tmp_path: Path) -> None:
    first, _ = exports.run("good")
    second, _ = exports.run("good", resolve_source(str(model_folder(tmp_path / "b" / "tiny"))))
    assert exports.folders() == sorted([first.name, second.name])


def test_a_hub_model_is_found_again_by_its_name(exports: Exports) -> None:
    source = ModelSource(SourceKind.HUB, "org/tiny", None)
    assert exports.run("good", source) == exports.run("fails", source)


def test_a_second_process_waits_and_uses_what_the_first_made(exports: Exports) -> None:
    FILES.make_folder(exports.home)
    waited: list[float] = []
    with contextlib.ExitStack() as first:
        lock = exports.home / f"{stem(exports.source)}.lock"
        first.enter_context(FILES.lock(lock, "the first"))

        def finish_the_first(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 2:
                first.close()
                exports.run("good")

        notes: list[str] = []
        ensure_exported(
            exports.source,
            exports.cache,
            files=FILES,
            note=notes.append,
            child=(sys.executable, str(FAKE), "fails"),
            pause=finish_the_first,
        )
    assert len(waited) == 2
    assert len(notes) == 1
    assert "waiting" in notes[0]


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_process_killed_half_way_is_cleaned_up_by_the_next(exports: Exports) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from retrieval.encode.export import ensure_exported\n"
        "from retrieval.encode.source import resolve_source\n"
        "from retrieval.fsops import LocalFiles\n"
        "ensure_exported(resolve_source(sys.argv[1]), Path(sys.argv[2]), files=LocalFiles(),"
        " note=print, child=(sys.executable, sys.argv[3], 'waits'))"
    )
    words = [str(exports.model), str(exports.cache), str(FAKE)]
    running = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.DEVNULL)
    while not (exports.home / "started").exists():
        assert running.poll() is None
        time.sleep(0.02)
    child = int(subprocess.check_output(["ps", "-o", "pid=", "--ppid", str(running.pid)]))
    running.send_signal(signal.SIGKILL)
    running.wait()
    os.kill(child, signal.SIGKILL)  # the real one ends by itself; the fake only sleeps
    assert len(exports.folders()) == 1
    folder, _ = exports.run("good")
    assert exports.folders() == [folder.name]
