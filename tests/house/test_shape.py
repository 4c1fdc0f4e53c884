"""The shape of the house: names, sizes, docstrings, and what git holds."""

from __future__ import annotations

import ast
import pkgutil
import re
import sys
import tomllib
from types import ModuleType

import pytest

import retrieval
from retrieval import engine, errors
from tests.house.sources import PACKAGE, ROOT, modules, parsed, tracked

MOST_LINES = 350
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
STDLIB_HOMONYMS_ALLOWED: set[str] = set()


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {path.stem for path in modules() if path.stem != "__init__" and path.stem != "__main__"}
    assert names & set(sys.stdlib_module_names) == STDLIB_HOMONYMS_ALLOWED
    assert not names & FORBIDDEN_NAMES


def test_no_file_holds_more_than_one_idea_can_need() -> None:
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_every_public_thing_says_what_it_is() -> None:
    missing = []
    for path, tree in parsed():
        if path.name != "__init__.py" and ast.get_docstring(tree) is None:
            missing.append(str(path))
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name[0] == "_":
                continue
            if ast.get_docstring(node) is None:
                missing.append(f"{path}: {node.name}")
    assert missing == []


def test_the_core_never_prints() -> None:
    for path, tree in parsed():
        if path.parts[1] in {"cli", "testing"} or path.name == "export_child.py":
            continue
        calls = [one.func for one in ast.walk(tree) if isinstance(one, ast.Call)]
        assert not [one for one in calls if isinstance(one, ast.Name) and one.id == "print"], path


def test_public_names_are_listed_and_exist() -> None:
    assert retrieval.__all__ == sorted(retrieval.__all__)
    for name in retrieval.__all__:
        assert getattr(retrieval, name).__doc__, name


def test_the_version_is_told_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == retrieval.__version__
    assert f"## [{retrieval.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_drawing_of_the_errors_is_the_tree() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or ""))
    real = {
        name: one
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.RetrievalError)
    }
    assert drawn == set(real)
    codes = [one.code for one in real.values()]
    assert len(codes) == len(set(codes))


def test_every_error_is_raised_or_inherited_somewhere() -> None:
    text = "".join(one.read_text(encoding="utf-8") for one in modules() if one.name != "errors.py")
    for name, one in vars(errors).items():
        if isinstance(one, type) and issubclass(one, errors.RetrievalError):
            assert name in text or one.__subclasses__(), name


def test_git_holds_nothing_big_and_no_place_of_one_machine() -> None:
    places = "|".join(re.escape(f"{one}/") for one in (ROOT, ROOT.parent / "shared"))
    private = re.compile(rf"/(root|home/\w+)/\.|{places}")
    for path in tracked():
        if not path.exists():
            continue
        assert path.stat().st_size <= 1_000_000, path
        if path.suffix in {".py", ".md", ".toml", ".txt", ".jsonl", ".json", ".tsv", ""}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not private.search(text), path


def test_type_hints_are_shipped() -> None:
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.parametrize("package", [retrieval, engine], ids=["retrieval", "engine"])
def test_no_name_looked_up_when_used_is_that_of_a_module(package: ModuleType) -> None:
    # importing the module would put it in the place of the name
    inside = {one.name for one in pkgutil.iter_modules(package.__path__)}
    assert set(package.__all__) & inside == set()
