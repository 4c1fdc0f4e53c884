"""The project's own files, for the tests that read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "retrieval"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def parsed() -> Iterator[tuple[Path, ast.Module]]:
    for path in modules():
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    """Return the files git tracks; every file beside them where there is no git."""
    found = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if found.returncode == 0:
        return [ROOT / name for name in found.stdout.splitlines()]
    return [one for one in ROOT.rglob("*") if one.is_file() and ".venv" not in one.parts]


def markdown() -> list[Path]:
    return [one for one in tracked() if one.suffix == ".md" and one.exists()]
