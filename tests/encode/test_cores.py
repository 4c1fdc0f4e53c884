from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.encode.cores import usable_cores


def test_a_container_limit_counts(tmp_path: Path) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text("50000 100000\n")
    assert usable_cores(limit) == 1


@pytest.mark.parametrize("text", ["max 100000\n", "", "nonsense", "100000 0"])
def test_no_limit_leaves_what_the_machine_has(tmp_path: Path, text: str) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text(text)
    assert usable_cores(limit) == usable_cores(tmp_path / "missing")
