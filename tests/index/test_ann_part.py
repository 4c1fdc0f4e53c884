from __future__ import annotations

import os

import numpy as np
import pytest

from retrieval.errors import DamagedIndexError
from retrieval.index import ann_part
from retrieval.index.ann_part import MAGIC, open_approximate, read_certificate, write_approximate
from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import Contract, build_approximate
from retrieval.index.plan import AnnPlan, Family, Storage
from retrieval.testing.approximate_index_contract import clustered_rows
from retrieval.testing.vector_index_contract import same
from retrieval.vectors import FloatRows

PLANS = {
    "graph": AnnPlan(links=8, build_breadth=30),
    "lists": AnnPlan(family=Family.IVF, storage=Storage.PQ, lists=32, bits=2),
}
ROWS, DIM = 4000, 32


def rows_of(seed: int, count: int = ROWS) -> FloatRows:
    return clustered_rows(count, seed, dim=DIM, centres=100)


@pytest.fixture(scope="module", params=PLANS)
def index(request: pytest.FixtureRequest) -> ApproximateIndex:
    return build_approximate(rows_of(0), PLANS[request.param], Contract(recall=0.9))


@pytest.fixture(scope="module")
def content(index: ApproximateIndex) -> bytes:
    blocks: list[bytes] = []
    write_approximate(index, blocks.append)
    return b"".join(blocks)


def test_an_opened_index_finds_what_the_built_one_finds(
    index: ApproximateIndex, content: bytes
) -> None:
    queries = rows_of(1, 50)
    opened = open_approximate(memoryview(content), index.rows, "it")
    assert opened.certificate == index.certificate
    assert opened.effort == index.effort
    assert all(map(same, opened.search(queries, 10), index.search(queries, 10)))
    found, wanted = (one.structure.find(queries, 20, 8) for one in (opened, index))
    assert found.tolist() == wanted.tolist()


def test_an_opened_graph_works_in_the_bytes_it_was_given_and_lists_are_copied_once(
    index: ApproximateIndex, content: bytes
) -> None:
    # FAISS copies the codes of lists; how much of that is new pages depends on the heap
    most = 0.5 if index.structure.plan.family is Family.HNSW else 2.0
    with open("/proc/self/statm") as status:
        before = int(status.read().split()[1])
    kept = [open_approximate(memoryview(content), index.rows, "it") for _ in range(100)]
    with open("/proc/self/statm") as status:
        grown = int(status.read().split()[1]) - before
    assert len(kept) == 100
    assert grown * os.sysconf("SC_PAGE_SIZE") < most * len(kept) * len(content)


def test_what_is_known_is_read_without_the_rest(index: ApproximateIndex, content: bytes) -> None:
    tail = content[-40_000:]
    start = content.index(b'{"size_bytes"')
    assert read_certificate(memoryview(content), "it") == index.certificate
    assert len(content) - start <= len(tail)


def test_a_flipped_byte_anywhere_is_found(index: ApproximateIndex, content: bytes) -> None:
    for at in np.random.default_rng(0).integers(0, len(content), 60).tolist():
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        with pytest.raises(DamagedIndexError, match="here/it"):
            open_approximate(memoryview(bytes(damaged)), index.rows, "here/it")


@pytest.mark.parametrize("size", [0, 1, 15, 24, 1000])
def test_a_cut_file_is_found(index: ApproximateIndex, content: bytes, size: int) -> None:
    for cut in (content[:size], content[-size:] if size else b""):
        with pytest.raises(DamagedIndexError, match="it is no approximate index"):
            open_approximate(memoryview(cut), index.rows, "it")


def test_an_index_of_other_rows_is_refused(index: ApproximateIndex, content: bytes) -> None:
    with pytest.raises(DamagedIndexError, match="of 4000 rows, not 3999"):
        open_approximate(memoryview(content), index.rows[1:], "it")
    with pytest.raises(DamagedIndexError, match="rows of 16"):
        open_approximate(memoryview(content), np.ascontiguousarray(index.rows[:, :16]), "it")


def test_bytes_that_are_no_index_are_refused_even_unchecked(
    index: ApproximateIndex, content: bytes
) -> None:
    start = content.index(b'{"size_bytes"')
    with pytest.raises(DamagedIndexError):
        open_approximate(memoryview(bytes(start) + content[start:]), index.rows, "it", check=False)


def test_a_description_that_claims_too_much_is_refused(index: ApproximateIndex) -> None:
    claimed = (2**40).to_bytes(8, "little") + bytes(4)
    with pytest.raises(DamagedIndexError, match="description has"):
        open_approximate(memoryview(bytes(100) + claimed + MAGIC), index.rows, "it")


def test_blocks_are_checked_one_by_one(index: ApproximateIndex, content: bytes) -> None:
    blocks: list[bytes] = []
    write_approximate(index, blocks.append)
    assert max(map(len, blocks)) <= ann_part.CHECKED_BYTES + 100_000
