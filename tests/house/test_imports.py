"""Who may import what, and what an import may cost."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import parsed

DOORS = {
    "onnxruntime": {"retrieval/encode/onnx_session.py", "retrieval/encode/quantising.py"},
    "faiss": {"retrieval/index/library.py"},
    "torch": {"retrieval/encode/", "retrieval/train/"},
    "transformers": {"retrieval/encode/", "retrieval/train/"},
    "sentence_transformers": {"retrieval/encode/", "retrieval/train/"},
    "onnx": {"retrieval/encode/"},
    "sklearn": {"retrieval/evaluate/classes.py"},
    "scipy": {"retrieval/concept/promise.py", "retrieval/evaluate/agreement.py"},
    "Stemmer": {"retrieval/lexical/analyzer.py"},
    "matplotlib": {"retrieval/cli/report/plots.py", "retrieval/cli/report/confusion_plot.py"},
    "pyarrow": set(),
    "langchain_core": {"retrieval/adapters/langchain.py"},
    "llama_index": {"retrieval/adapters/llamaindex.py"},
    "haystack": {
        "retrieval/adapters/haystack_store.py",
        "retrieval/adapters/haystack_retrievers.py",
    },
    "pickle": set(),
    "pandas": set(),
    "rich": {
        "retrieval/cli/console.py",
        "retrieval/cli/explanation_lines.py",
        "retrieval/cli/hit_table.py",
        "retrieval/cli/progress.py",
        "retrieval/cli/report/",
    },
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_has_one_door(library: str) -> None:
    users = {
        path.as_posix()
        for path, tree in parsed()
        for name in imported(tree)
        if name.partition(".")[0] == library
    }
    assert not [one for one in users if not one.startswith(tuple(DOORS[library]) or "-")]


@pytest.mark.parametrize(
    "library",
    [
        "torch",
        "transformers",
        "sentence_transformers",
        "onnxruntime",
        "faiss",
        "sklearn",
        "scipy",
        "matplotlib",
        "Stemmer",
    ],
)
def test_a_heavy_library_is_imported_inside_functions(library: str) -> None:
    for path, tree in parsed():
        if path.name in {"export_child.py"}:  # a program of its own, run in a child process
            continue
        top = ast.Module([one for one in tree.body if not isinstance(one, ast.If)], [])
        outside = [
            name
            for node in top.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in imported(node)
        ]
        assert library not in {name.partition(".")[0] for name in outside}, path


@pytest.mark.parametrize("module", ["retrieval", "retrieval.engine", "retrieval.errors"])
def test_importing_costs_nothing(module: str) -> None:
    script = f"import sys, json, {module}; print(json.dumps(sorted(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(found.stdout))
    assert not loaded & {"numpy", "torch", "faiss", "onnxruntime", "tokenizers", "orjson", "click"}


def test_nothing_in_the_package_imports_its_fakes() -> None:
    for path, tree in parsed():
        if not path.is_relative_to(Path("retrieval/testing")):
            assert not [one for one in imported(tree) if one.startswith("retrieval.testing")], path
