from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import DamagedIndexError
from retrieval.fsops import LocalFiles
from retrieval.index.ann_part import open_approximate, write_approximate
from retrieval.index.building import Contract, build_approximate
from retrieval.index.plan import AnnPlan
from retrieval.index.scattered import ScatteredRows
from retrieval.testing.approximate_index_contract import clustered_rows
from retrieval.testing.vector_index_contract import same
from retrieval.vectors import FloatRows


def resident_pages() -> int:
    status = Path("/proc/self/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("RssFile"))
    return int(line.split()[1]) // 4


def opened_rows(folder: Path, rows: FloatRows) -> ScatteredRows:
    (folder / "rows").write_bytes(b"before" + rows.tobytes())
    return ScatteredRows(LocalFiles().open(folder / "rows"), len(b"before"), rows.shape)


def test_rows_come_from_where_they_lie(tmp_path: Path) -> None:
    rows = clustered_rows(300, 0)
    scattered = opened_rows(tmp_path, rows)
    wanted = np.array([299, 0, 7, 7, -1])
    assert len(scattered) == 300
    assert scattered[wanted].tolist() == rows[wanted].tolist()
    assert scattered[wanted[:0]].shape == (0, rows.shape[1])


def test_reading_more_and_more_rows_keeps_none_of_them(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).random((10_000, 1024), dtype=np.float32)  # a page a row
    scattered = opened_rows(tmp_path, rows)
    before = resident_pages()
    for start in range(0, len(rows), 100):
        numbers = np.arange(start, start + 100)
        assert (scattered[numbers] == rows[numbers]).all()
    assert resident_pages() - before < len(rows) / 10


def test_a_file_that_lost_its_name_is_read_on(tmp_path: Path) -> None:
    rows = clustered_rows(10, 0)
    scattered = opened_rows(tmp_path, rows)
    (tmp_path / "rows").unlink()
    assert (scattered[np.arange(10)] == rows).all()


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    scattered = opened_rows(tmp_path, clustered_rows(10, 0))
    os.truncate(tmp_path / "rows", 1000)
    with pytest.raises(DamagedIndexError):
        scattered[np.array([0, 9])]


def test_an_index_scores_candidates_from_them(tmp_path: Path) -> None:
    rows, queries = clustered_rows(12_000, 0), clustered_rows(20, 1)
    built = build_approximate(rows, AnnPlan(links=8, build_breadth=20), Contract(recall=0.5))
    blocks: list[bytes] = []
    write_approximate(built, blocks.append)
    scattered = opened_rows(tmp_path, rows)
    opened = open_approximate(memoryview(b"".join(blocks)), rows, "it", scattered=scattered)
    assert opened.is_approximate(5, len(rows))
    assert all(map(same, opened.search(queries, 5), built.search(queries, 5)))
    assert all(map(same, opened.at(built.effort).search(queries, 5), built.search(queries, 5)))
