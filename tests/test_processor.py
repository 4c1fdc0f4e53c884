from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.processor import processor_features, processor_name, usable_cores

_TWO = """processor\t: 0
model name\t: Some Processor
flags\t\t: fpu avx2 fma avx512_bf16 amx_tile

processor\t: 1
model name\t: Another
flags\t\t: avx512f
"""


def test_the_first_processor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(_TWO)
    assert processor_name(path) == "Some Processor"
    assert processor_features(path) == ("avx2", "fma", "avx512_bf16")


def test_an_arm_processor_lists_features_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nFeatures\t: fp asimd bf16\n")
    assert processor_features(path) == ("asimd", "bf16")


def test_where_there_is_no_such_list_nothing_is_claimed(tmp_path: Path) -> None:
    assert processor_features(tmp_path / "missing") == ()
    assert processor_name(tmp_path / "missing")


def test_a_container_limit_counts(tmp_path: Path) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text("50000 100000\n")
    assert usable_cores(limit) == 1


@pytest.mark.parametrize("text", ["max 100000\n", "", "nonsense", "100000 0"])
def test_no_limit_leaves_what_the_machine_has(tmp_path: Path, text: str) -> None:
    limit = tmp_path / "cpu.max"
    limit.write_text(text)
    assert usable_cores(limit) == usable_cores(tmp_path / "missing")
