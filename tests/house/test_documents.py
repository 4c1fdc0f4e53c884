"""What the documents say is there, and runs."""

from __future__ import annotations

import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import retrieval
from tests.cli.terminal import run_on_terminal
from tests.house.sources import ROOT, markdown

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
OF_THIS_MACHINE = re.compile(
    r"after \d.*: |note: (Preparing the model|Trying out which precision) "
)
"""What a slow machine says after ten seconds, and what a new one says once."""
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", markdown(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        where = (path.parent / file).resolve() if file else path
        assert where.exists(), f"{path}: {target}"
        if anchor:
            assert anchor in anchors(where), f"{path}: {target}"


def test_the_readme_is_short_and_opens_with_the_two_commands() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 150
    opening = "\n".join(lines[:20])
    assert "make demo" in opening
    assert "make test" in opening


def transcript(text: str) -> list[tuple[str, str]]:
    """Return the commands of the console blocks with what they print."""
    found: list[tuple[str, str]] = []
    for block in CONSOLE.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def matches(wanted: str, printed: str) -> bool:
    """Compare line by line; `...` stands for anything within a line, or for lines."""
    pattern = re.escape(wanted.rstrip()).replace(re.escape("..."), ".*")
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None


def in_a_copy(tmp_path: Path) -> dict[str, str]:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}


def test_the_readme_says_what_a_person_really_sees(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    commands = transcript((ROOT / "README.md").read_text(encoding="utf-8"))
    assert commands
    for command, output in commands:
        program, *args = shlex.split(command)
        assert program == "retrieve"
        screen = run_on_terminal(
            args, columns=100, folder=tmp_path, environment={"TERM": "dumb"}, module="retrieval"
        )
        told = [line for line in screen.lines if not OF_THIS_MACHINE.match(line)]
        seen = "\n".join(line.rstrip() for line in told)
        assert matches(output, seen), f"{command}\n{seen}"


def shorten(reviews: Path, words: int = 8) -> None:
    """Leave the first words of every text, so that a model learns from them in less time."""
    rows = [json.loads(line) for line in reviews.read_text(encoding="utf-8").splitlines()]
    short = [{**row, "text": " ".join(row["text"].split()[:words])} for row in rows]
    reviews.write_text("".join(json.dumps(row) + "\n" for row in short), encoding="utf-8")


def test_the_python_of_the_documents_runs(tmp_path: Path) -> None:
    environment = in_a_copy(tmp_path)
    shorten(tmp_path / "examples" / "reviews.jsonl")
    for name in ("README.md", "docs/python-api.md"):
        script = "\n".join(PYTHON.findall((ROOT / name).read_text(encoding="utf-8")))
        assert script
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_every_public_name_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    for name in retrieval.__all__:
        assert f"`{name}" in manual or f"`retrieval.{name}" in manual, name
    methods = [name for name, _ in inspect.getmembers(retrieval.Index) if not name.startswith("_")]
    for method in methods:
        assert f"`{method}" in manual or f"index.{method}" in manual, method


def test_every_option_of_the_functions_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    for function in (
        retrieval.build,
        retrieval.open,
        retrieval.verify,
        retrieval.find_index,
        retrieval.index_documents,
        retrieval.bench,
        retrieval.evaluate_runs,
        retrieval.open_beir,
        retrieval.find_clusters,
        retrieval.store_clusters,
        retrieval.similar_pairs,
        retrieval.train_classifier,
        retrieval.train_crossencoder,
        retrieval.classify,
    ):
        for parameter in inspect.signature(function).parameters:
            assert f"`{parameter}`" in manual, f"{function.__name__}: {parameter}"


def test_every_source_that_is_cited_has_a_full_entry() -> None:
    bibliography = (ROOT / "docs" / "bibliography.md").read_text(encoding="utf-8")
    cited = re.compile(r"\b([A-Z][\w'ö]+)(?: and [A-Z]\w+| et al\.)? \((\d{4})")
    for path in sorted((ROOT / "retrieval").rglob("*.py")):
        for author, year in cited.findall(path.read_text(encoding="utf-8")):
            assert re.search(rf"{author}.*{year}", bibliography), f"{path}: {author} {year}"
