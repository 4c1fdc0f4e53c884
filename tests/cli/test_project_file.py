from pathlib import Path
from typing import Any

import click
import pytest

from retrieval.cli.call import Call
from retrieval.cli.options import Count, home_option, model_option, offline_option
from retrieval.cli.project_file import read_project_file
from retrieval.cli.tree import SUMMARIES, root
from retrieval.errors import InputError, UsageError
from tests.cli.conftest import Run


def read(content: str) -> dict[str, dict[str, Any]] | None:
    Path("retrieve.toml").write_text(content)
    ctx = click.Context(root)
    return read_project_file(lambda name: root.get_command(ctx, name), SUMMARIES)


def test_without_a_file_there_are_no_defaults() -> None:
    ctx = click.Context(root)
    assert read_project_file(lambda name: root.get_command(ctx, name), SUMMARIES) is None


def test_tables_are_commands_and_top_keys_are_for_all() -> None:
    found = read('home = "shelf"\n[query]\nk = 5\n[index]\npassage_tokens = 200\nhome = "own"\n')
    assert found is not None
    assert found["query"] == {"home": "shelf", "k": 5}
    assert found["index"] == {"home": "own", "passage_tokens": 200}
    assert found["status"] == {"home": "shelf"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("hom = 'x'", "did you mean home"),
        ("[qery]\nk = 1", "did you mean query"),
        ("[query]\nkk = 1", "[query] kk is no option"),
        ("[index]\npassage_token = 1", "did you mean passage_tokens"),
        ("[query]\nk = 0", "[query] k = 0: 0 was given"),
        ("[query]\nk = true", "[query] k = True"),
        ("[index]\nsync = 'yes'", "true or false is expected"),
        ("[index]\npassages = 'whle'", "whle"),
        ("offline = 'yes'", "offline = 'yes': true or false is expected"),
        ("query = 5", "a table is expected: [query]"),
        ("[index]\ninputs = 'x'", "inputs is no option"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_meant(content: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(content)
    assert told in str(caught.value)
    assert "retrieve.toml" in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        read("hom = 1\n[query]\nk = 0\nx = 1\n")
    assert all(word in caught.value.what for word in ("hom", "k = 0", "x is no option"))


@pytest.mark.parametrize("content", ["[query", "k = ", "home = '\xff'"])
def test_what_is_no_toml_is_refused_by_name(content: str) -> None:
    Path("retrieve.toml").write_bytes(content.encode("latin-1"))
    ctx = click.Context(root)
    with pytest.raises(InputError, match=r"retrieve\.toml in this folder is not valid TOML"):
        read_project_file(lambda name: root.get_command(ctx, name), SUMMARIES)


def test_help_is_shown_whatever_the_file_says(run: Run) -> None:
    Path("retrieve.toml").write_text("[query")
    assert run("query", "--help").code == 0
    assert run("--help").code == 0
    assert run("status").error["code"] == "input"


def test_precedence_is_flag_then_environment_then_file_then_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @click.command("query")
    @click.option("-k", "k", type=Count(1), default=10)
    @home_option
    @model_option
    @offline_option
    def shown(k: int, home: str, model: str | None, offline: bool) -> tuple[object, ...]:
        return k, home, model, offline

    def parsed(*args: str) -> object:
        parent = click.Context(
            root,
            obj=Call("retrieve", args),
            default_map={"query": {"k": 5, "home": "file", "offline": True}},
            auto_envvar_prefix="RETRIEVE",
        )
        with shown.make_context("query", list(args), parent=parent) as ctx:
            return shown.invoke(ctx)

    assert parsed() == (5, "file", None, True)
    monkeypatch.setenv("RETRIEVE_QUERY_K", "6")
    monkeypatch.setenv("RETRIEVE_HOME", "all")
    monkeypatch.setenv("RETRIEVE_MODEL", "all")
    monkeypatch.setenv("RETRIEVE_OFFLINE", "0")
    assert parsed() == (6, "all", "all", False)
    monkeypatch.setenv("RETRIEVE_QUERY_HOME", "own")
    assert parsed() == (6, "own", "all", False)
    assert parsed("-k", "7", "--home", "flag", "--offline") == (7, "flag", "all", True)
