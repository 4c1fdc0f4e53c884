from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.index.plan import AnnPlan, PlanChoice
from retrieval.store.building import Building
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Store
from retrieval.testing.store_contract import StoreContract
from tests.store.documents import DIM, settings


class TestLocalStore(StoreContract):
    dim = DIM

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self._path = tmp_path / "store"

    def open_store(self) -> Store:
        return LocalStore(self._path, settings())


class TestLocalStoreWithApproximateIndexes(TestLocalStore):
    """Every segment of two passages and more has one."""

    def open_store(self) -> Store:
        def planned(rows: int, dim: int, memory_bytes: int | None) -> PlanChoice:
            plan = AnnPlan(links=4) if rows >= 2 else None
            return PlanChoice(plan=plan, build_bytes=0, search_bytes=0, reason="")

        def building() -> Building:
            return Building(planner=planned, floor_passages=2)

        return LocalStore(self._path, settings(), building=building)
