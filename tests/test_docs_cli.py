"""``docs/cli.md`` says what the command line does, no less and no more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest

from retrieval.cli.exits import ExitCode
from retrieval.cli.tree import SUMMARIES, root
from retrieval.engine import (
    BuildReport,
    CalibrateReport,
    DeleteReport,
    ExportReport,
    RecoverReport,
    Status,
    TuneReport,
    VerifyReport,
)
from retrieval.engine.clustering import ClusterReport
from retrieval.engine.pairing import SimilarPair
from retrieval.records import Hit
from tests.cli.terminal import environment_of_child

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
CONTEXT = click.Context(root)
REPORTS = {
    "index": BuildReport,
    "query": Hit,
    "cluster": ClusterReport,
    "pairs": SimilarPair,
    "status": Status,
    "verify": VerifyReport,
    "delete": DeleteReport,
    "export": ExportReport,
    "recover": RecoverReport,
    "tune": TuneReport,
    "calibrate": CalibrateReport,
}


def sections() -> dict[str, str]:
    """Return the text under each heading of a command, by command."""
    pieces = re.split(r"^## `retrieve (\w+)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def documented_options(text: str) -> set[str]:
    """Return the options in the first column of a section's table."""
    rows = re.findall(r"^\| (`-.*?) \| ", text.replace("\\|", "/"), flags=re.MULTILINE)
    return {option for row in rows for option in re.findall(r"`(--?[\w-]+)", row)}


def options_of(command: click.Command) -> list[click.Parameter]:
    """Return the parameters of a command and, of a group, those of its commands."""
    own = list(command.params)
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    return own + [param for one in inner for param in one.params]


def real_options(command: click.Command) -> set[str]:
    params = command.params if command is root else options_of(command)
    return {
        name
        for param in params
        if isinstance(param, click.Option)
        for name in (*param.opts, *param.secondary_opts)
    }


def examples() -> list[str]:
    return re.findall(r"^\$ (.*)$", PAGE, flags=re.MULTILINE)


def test_every_command_has_its_section_and_no_other_has() -> None:
    assert set(sections()) == set(SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_option_is_documented_and_every_documented_one_exists(name: str) -> None:
    command = root.get_command(CONTEXT, name)
    assert command is not None
    assert documented_options(sections()[name]) == real_options(command)


def test_options_of_the_program_are_documented() -> None:
    before = PAGE.partition("\n## `retrieve")[0]
    assert documented_options(before) == real_options(root) | {"-h", "--help"}


@pytest.mark.parametrize("name", SUMMARIES)
def test_defaults_are_the_real_ones(name: str) -> None:
    command = root.get_command(CONTEXT, name)
    assert command is not None
    for param in options_of(command):
        if isinstance(param, click.Option) and param.show_default:
            row = next(
                line
                for line in sections()[name].splitlines()
                if line.startswith(f"| `{param.opts[0]}")
            )
            assert f"default `{param.default}`" in row or f"default {param.default})" in row


def test_every_exit_code_is_documented() -> None:
    rows = {int(code) for code in re.findall(r"^  \| (\d+) \|", PAGE, flags=re.MULTILINE)}
    assert rows == {int(code) for code in ExitCode}


@pytest.mark.parametrize("name", REPORTS)
def test_the_json_of_every_command_is_documented(name: str) -> None:
    shape = re.search(r"^JSON[^:]*: (.*?)\.$", sections()[name], re.MULTILINE | re.DOTALL)
    assert shape is not None
    told = re.findall(r"`(\w+)`", shape[1])
    real = ["schema_version", *(field.name for field in fields(REPORTS[name]))]
    if name == "verify":
        real.insert(1, "ok")
    assert told == real


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_command_has_an_example(name: str) -> None:
    assert any(f"retrieve {name}" in line for line in examples())


def test_the_examples_run_from_top_to_bottom(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    binaries = tmp_path / "bin"
    binaries.mkdir()
    program = binaries / "retrieve"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m retrieval.testing.cli "$@"\n')
    program.chmod(0o755)
    for line in examples():
        ran = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=tmp_path,
            env=environment_of_child(
                PATH=f"{binaries}{os.pathsep}{os.environ['PATH']}",
                RETRIEVE_MODEL="testing-hashing",
                RETRIEVE_CACHE=str(tmp_path / "cache"),
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}{ran.stderr}"
