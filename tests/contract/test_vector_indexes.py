from __future__ import annotations

from retrieval.index.exact import ExactIndex
from retrieval.index.protocol import VectorIndex
from retrieval.index.reference import ReferenceIndex
from retrieval.testing.vector_index_contract import VectorIndexContract
from retrieval.vectors import FloatRows


class TestExactIndex(VectorIndexContract):
    def build(self, rows: FloatRows) -> VectorIndex:
        return ExactIndex.build(rows)


class TestReferenceIndex(VectorIndexContract):
    def build(self, rows: FloatRows) -> VectorIndex:
        return ReferenceIndex.build(rows)
