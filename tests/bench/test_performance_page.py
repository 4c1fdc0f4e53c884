"""The page of figures says what the results say, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import targets
from bench.performance_page import NOT_RUN, PAGE, PICTURE, rendered

MADE = {
    "cpu": "A processor",
    "cores": 2,
    "simd": ["avx2"],
    "memory_gib": 23.5,
    "python": "3.11.7",
    "versions": {"numpy": "2.4.6"},
    "commit": "abc1234",
    "date": "2026-01-02T00:00:00+00:00",
    "load_average": {"before": 0.1, "after": 1.9},
}
RATIO = {"median": 20.0, "min": 18.0, "max": 22.0, "runs": 7}


def write(folder: Path, name: str, figures: dict[str, Any], **made: Any) -> None:
    content = {"figures": figures, "provenance": {**MADE, **made}}
    (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def cold(median: float) -> dict[str, Any]:
    return {"over_retrieve": {"txtai": {**RATIO, "median": median}}}


def page_of(folder: Path) -> str:
    page = folder / "performance.md"
    return rendered(folder, page)[page]


def row_of(text: str, start: str) -> str:
    (row,) = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return row


def test_the_page_is_what_the_results_give() -> None:
    for path, text in rendered().items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} differs; run: python -m bench.performance_page"
        )


def test_no_picture_lies_beside_the_page_that_it_does_not_show() -> None:
    shown = {path.name for path in rendered() if path.suffix == ".svg"}
    assert {path.name for path in PAGE.parent.glob("performance-*.svg")} == shown


def test_without_results_every_row_says_so_and_has_no_figure(tmp_path: Path) -> None:
    text = page_of(tmp_path)
    for row in targets.rows():
        assert f"| {row.what} | {row.target} | {NOT_RUN} |  |  |  |" in text
    assert "Nothing that was run." in text


def test_a_figure_stands_with_its_range_and_where_it_was_measured(tmp_path: Path) -> None:
    write(tmp_path, "peers_cold", cold(20.0))
    row = row_of(page_of(tmp_path), "txtai / `retrieve query`")
    assert "| 20 | 18 to 22 (7 rounds) | reached | A, abc1234, 2026-01-02 |" in row


def test_what_misses_its_target_is_listed(tmp_path: Path) -> None:
    write(tmp_path, "peers_cold", cold(12.5))
    text = page_of(tmp_path)
    assert "| **missed** |" in row_of(text, "txtai / `retrieve query`")
    assert "- txtai / `retrieve query`: 12.5 for >= 15." in text.splitlines()


def test_a_busy_machine_is_told(tmp_path: Path) -> None:
    write(tmp_path, "peers_cold", cold(20.0), load_average={"before": 3.5, "after": 0.0})
    assert row_of(page_of(tmp_path), "txtai / `retrieve query`").endswith("load 3.5 |")


def test_results_of_an_older_machine_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, "peers_cold", cold(20.0))
    older = {"simd": ["avx2", "avx512f"], "date": "2025-12-31T00:00:00+00:00"}
    write(tmp_path, "indexing", {"least_cosine": 0.99995}, **older)
    text = page_of(tmp_path)
    assert "read them for themselves" in text
    assert "| A, abc1234, 2026-01-02 |" in row_of(text, "txtai / `retrieve query`")
    assert "| B, abc1234, 2025-12-31 |" in row_of(text, "least cosine of the vectors")
    assert "| A | A processor, 2 cores | avx2 | 23.5 GiB | 3.11.7 | numpy 2.4.6 |" in text


def test_results_of_one_machine_need_no_warning(tmp_path: Path) -> None:
    write(tmp_path, "peers_cold", cold(20.0))
    write(tmp_path, "indexing", {"least_cosine": 0.99995}, date="2025-12-31T00:00:00+00:00")
    assert "read them for themselves" not in page_of(tmp_path)


def test_scaling_is_drawn_and_its_exponents_told(tmp_path: Path) -> None:
    def of_size(factor: float) -> dict[str, Any]:
        one = {"median": factor, "min": factor, "max": factor, "runs": 1}
        keys = ("build_s", "build_peak_mib", "first_query_s", "query_ms", "query_peak_mib")
        rest = {"batch_queries_per_s": {**one, "median": 1 / factor}, "disk_mib": {"all": factor}}
        return {**dict.fromkeys(keys, one), **rest}

    figures = {"sizes": [10, 100], "of_size": {"10": of_size(2.0), "100": of_size(20.0)}}
    write(tmp_path, "scaling", figures)
    found = rendered(tmp_path, tmp_path / "performance.md")
    assert "| Warm query, ms | 1.00 |" in found[tmp_path / "performance.md"]
    assert "Warm query, ms" in found[tmp_path / PICTURE]
    assert f"]({PICTURE})" in found[tmp_path / "performance.md"]
