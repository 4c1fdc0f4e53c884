from __future__ import annotations

from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import Contract, build_approximate
from retrieval.index.plan import AnnPlan, Family, Storage
from retrieval.index.protocol import VectorIndex
from retrieval.testing.approximate_index_contract import ApproximateIndexContract
from retrieval.vectors import FloatRows


class TestGraphOverBytes(ApproximateIndexContract):
    recall = 0.95

    @classmethod
    def build(cls, rows: FloatRows) -> VectorIndex:
        plan = AnnPlan(links=16, build_breadth=60)
        return build_approximate(rows, plan, Contract(recall=0.97))


class TestListsOfCodes(ApproximateIndexContract):
    recall = 0.95

    @classmethod
    def build(cls, rows: FloatRows) -> VectorIndex:
        plan = AnnPlan(
            family=Family.IVF, storage=Storage.RABITQ, lists=max(1, min(64, len(rows))), bits=2
        )
        return build_approximate(rows, plan, Contract(recall=0.97))


class TestAnIndexThatMissesItsTarget(ApproximateIndexContract):
    recall = 1.0
    filtered_recall = 1.0

    @classmethod
    def build(cls, rows: FloatRows) -> VectorIndex:
        index: ApproximateIndex = ApproximateIndex.build(rows).at(None)
        return index
