"""``docs/rag.md`` runs, each framework's lines where the framework is installed."""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path

import pytest

import retrieval
from retrieval.testing.encoders import HASHING_NAME

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rag.md").read_text(encoding="utf-8")
LINES = re.findall(r"```python (\w+)\n(.*?)```", PAGE, re.DOTALL)
LIBRARIES = {
    "langchain": "langchain_core",
    "llamaindex": "llama_index.core",
    "haystack": "haystack",
}


def test_every_framework_has_lines_that_run() -> None:
    assert {name for name, _ in LINES} == set(LIBRARIES)


@pytest.mark.parametrize(
    ("framework", "script"), LINES, ids=[f"{name}-{at}" for at, (name, _) in enumerate(LINES)]
)
def test_the_lines_of_a_framework_run(
    framework: str, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(LIBRARIES[framework], reason=f"not installed: retrieval[{framework}]")
    importlib.import_module(f"retrieval.adapters.{framework}")
    shutil.copy(ROOT / "examples" / "reviews.jsonl", tmp_path)
    retrieval.build(tmp_path / "reviews.jsonl", model=HASHING_NAME).close()
    # the page names no model; what it makes anew is encoded by the testing encoder
    script = script.replace('Store("notes")', f'Store("notes", model="{HASHING_NAME}")')
    found: dict[str, object] = {}
    exec(script, found)
    answers = found.get("documents", found.get("nodes"))
    assert answers
