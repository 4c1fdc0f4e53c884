"""What a command loads is what it costs to start; these tests read it in a child process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.terminal import environment_of_child

COMPUTING = {"numpy", "faiss", "onnxruntime", "tokenizers", "torch", "transformers", "sklearn"}
DRAWING = {"rich"}

_PROBE = """
import sys
from retrieval.testing.cli import main
try:
    main(sys.argv[1:])
finally:
    sys.stderr.write("\\nMODULES " + " ".join(sys.modules))
"""
_PROBE_WITHOUT_FAKES = _PROBE.replace("retrieval.testing.cli", "retrieval.cli.main")


def loaded_by(args: Sequence[str], folder: Path, probe: str = _PROBE_WITHOUT_FAKES) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", probe, *args],
        cwd=folder,
        env=environment_of_child(),
        capture_output=True,
        text=True,
        check=False,
    )
    modules = set(ran.stderr.rpartition("\nMODULES ")[2].split())
    assert "builtins" in modules, ran.stderr
    return modules


@pytest.mark.parametrize("args", [["--help"], [], ["--version"], ["query", "--help"]])
def test_help_loads_nothing_that_computes_draws_or_writes_json(
    args: list[str], tmp_path: Path
) -> None:
    modules = loaded_by(args, tmp_path)
    assert not modules & (COMPUTING | DRAWING | {"orjson", "json", "tomllib", "retrieval.engine"})


def test_help_imports_no_command(tmp_path: Path) -> None:
    modules = loaded_by(["--help"], tmp_path)
    assert not [name for name in modules if name.startswith("retrieval.cli.commands.")]


def test_one_command_imports_no_other(tmp_path: Path) -> None:
    modules = loaded_by(["query", "--help"], tmp_path)
    commands = [name for name in modules if name.startswith("retrieval.cli.commands.")]
    assert commands == ["retrieval.cli.commands.query"]


def test_a_usage_error_loads_nothing_that_computes(tmp_path: Path) -> None:
    assert not loaded_by(["query"], tmp_path) & (COMPUTING | DRAWING)


def test_importing_the_package_loads_nothing_that_computes(tmp_path: Path) -> None:
    probe = "import sys, retrieval; sys.stderr.write('\\nMODULES ' + ' '.join(sys.modules))"
    assert not loaded_by([], tmp_path, probe) & (COMPUTING | DRAWING | {"click", "orjson"})
