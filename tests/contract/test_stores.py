from __future__ import annotations

from pathlib import Path

import pytest

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
