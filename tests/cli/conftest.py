"""Ways to run the command line: in this process, in a child, on a terminal."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from retrieval.cli.main import main
from retrieval.testing.cli import register_fakes
from tests.cli.corpus import write_reviews
from tests.cli.terminal import MODULE, Screen, run_on_terminal


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The lines of standard output as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, str]:
        """The last line of standard error as the JSON of an error."""
        error: dict[str, str] = json.loads(self.err.splitlines()[-1])
        return error


Run = Callable[..., Result]
OnTerminal = Callable[..., Screen]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has its own current folder and no settings of ours in its environment."""
    for name in list(os.environ):
        if name.startswith("RETRIEVE_") or name in {"NO_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("RETRIEVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, its output not on a terminal."""

    def run(*args: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = 0
        try:
            main(args)
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capfdbinary.readouterr()
        return Result(code, captured.out.decode(), captured.err.decode())

    return run


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encode with the testing encoder, which needs no model."""
    register_fakes()
    monkeypatch.setenv("RETRIEVE_MODEL", "testing-hashing")


@pytest.fixture
def reviews(tmp_path: Path, run: Run, hashing: None) -> Path:
    """Index five reviews under the name ``reviews`` and return the file they came from."""
    path = write_reviews(tmp_path)
    assert run("index", path.name).code == 0
    return path


@pytest.fixture
def on_terminal(tmp_path: Path) -> OnTerminal:
    """Run the command line in a child process on a pseudo-terminal."""

    def run(*args: str, columns: int = 80, module: str = MODULE, **environment: str) -> Screen:
        return run_on_terminal(
            args, columns=columns, folder=tmp_path, environment=environment, module=module
        )

    return run
