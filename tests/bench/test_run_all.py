"""The one command of all benchmarks."""

from __future__ import annotations

import importlib.util

from bench import targets
from bench.run_all import SCRIPTS, table


def test_every_benchmark_is_a_module_and_says_how_long_it_takes() -> None:
    for one in SCRIPTS:
        assert importlib.util.find_spec(one.module) is not None
        assert one.minutes > 0
    assert len({one.name for one in SCRIPTS}) == len(SCRIPTS)


def test_every_figure_with_a_target_is_measured_by_a_benchmark() -> None:
    names = {one.name.partition("-")[0] for one in SCRIPTS}
    names |= {one.name.replace("-", "_") for one in SCRIPTS}
    for row in targets.rows():
        assert row.result in names or row.result.startswith("beir_"), row.result


def test_the_table_says_what_was_not_run() -> None:
    lines = table({}).splitlines()
    assert sum("not run" in line for line in lines) == len(list(targets.rows()))
