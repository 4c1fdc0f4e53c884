from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.fsops import LocalFiles
from retrieval.index.ann_part import open_approximate, write_approximate
from retrieval.index.building import Contract, build_approximate
from retrieval.index.plan import AnnPlan
from retrieval.index.scattered import KEPT_ROWS, ScatteredRows
from retrieval.testing.approximate_index_contract import clustered_rows
from retrieval.testing.vector_index_contract import same


def resident_pages() -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("RssFile"))
    return int(line.split()[1]) // 4


def test_rows_come_from_where_they_lie(tmp_path: Path) -> None:
    rows = clustered_rows(300, 0)
    np.save(tmp_path / "rows.npy", rows)
    scattered = ScatteredRows(LocalFiles().map(tmp_path / "rows.npy"), 128, rows.shape[1])
    wanted = np.array([299, 0, 7, 7])
    assert len(scattered) == 300
    assert scattered[wanted].tolist() == rows[wanted].tolist()


def test_reading_more_and_more_rows_keeps_no_more_of_them(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((40_000, 1024), dtype=np.float32)  # a page a row
    (tmp_path / "rows").write_bytes(rows.tobytes())
    scattered = ScatteredRows(LocalFiles().map(tmp_path / "rows"), 0, 1024)
    before = resident_pages()
    for start in range(0, len(rows), 100):
        numbers = np.arange(start, start + 100)
        assert (scattered[numbers] == rows[numbers]).all()
    assert resident_pages() - before < 2 * KEPT_ROWS < len(rows)


def test_an_index_scores_candidates_from_them(tmp_path: Path) -> None:
    rows, queries = clustered_rows(12_000, 0), clustered_rows(20, 1)
    np.save(tmp_path / "rows.npy", rows)
    built = build_approximate(rows, AnnPlan(links=8, build_breadth=20), Contract(recall=0.5))
    blocks: list[bytes] = []
    write_approximate(built, blocks.append)
    scattered = ScatteredRows(LocalFiles().map(tmp_path / "rows.npy"), 128, rows.shape[1])
    opened = open_approximate(memoryview(b"".join(blocks)), rows, "it", scattered=scattered)
    assert opened.is_approximate(5, len(rows))
    assert all(map(same, opened.search(queries, 5), built.search(queries, 5)))
    assert all(map(same, opened.at(built.effort).search(queries, 5), built.search(queries, 5)))
