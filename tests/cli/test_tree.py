import importlib
from pathlib import Path

import click
import pytest

from retrieval.cli import commands
from retrieval.cli.tree import SUMMARIES, root
from tests.cli.conftest import Run


def test_every_command_file_is_in_the_tree_and_back() -> None:
    files = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_command_is_named_as_its_file_and_explains_itself(name: str) -> None:
    command = importlib.import_module(f"retrieval.cli.commands.{name}").command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    assert f"retrieve {name}" in command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help
            assert option.help.endswith((".", ")")), option.name


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    alone = run()
    assert alone.code == 0
    assert alone.out == run("--help").out
    assert all(name in alone.out for name in SUMMARIES)


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (["qeury", "x"], "Did you mean: retrieve query"),
        (["positive review"], 'To search for it: retrieve query "positive review"'),
        (["notes"], "To index it: retrieve index notes"),
        (["xyzzy"], "see: retrieve --help"),
    ],
)
def test_a_word_that_is_no_command_gets_a_way_on(run: Run, words: list[str], fix: str) -> None:
    Path("notes").mkdir()
    result = run(*words)
    assert result.code == 2
    assert fix in result.error["fix"]
    assert result.error["code"] == "usage"


def test_version_is_one_line(run: Run) -> None:
    result = run("--version")
    assert result.code == 0
    assert result.out.startswith("retrieve ")
    assert root.name == "retrieve"
