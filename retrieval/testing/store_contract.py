"""The suite every store passes: subclass it in a test module and give it a store.

    class TestMyStore(StoreContract):
        def open_store(self) -> Store:
            return MyStore(...)

``open_store`` is called several times in one test and must open the same documents.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.filters.tree import Range
from retrieval.records import Document, Span
from retrieval.store.protocol import Passages, Store
from retrieval.vectors import FloatRows, unit_rows


class StoreContract(ABC):
    """Durable on return, idempotent by id, one generation a search, k hits when k match."""

    dim = 8

    @abstractmethod
    def open_store(self) -> Store:
        """Open the store under test, empty at a test's first call, with ``dim`` components."""

    def vector(self, text: str) -> FloatRows:
        """Return float32 (1, dim): a unit vector that depends on the text alone."""
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
        return unit_rows(np.random.default_rng(seed).standard_normal((1, self.dim)))

    def encode(self, documents: Sequence[Document]) -> list[Passages]:
        """Give each document one passage."""
        return [Passages((Span(0, len(one.text)),), self.vector(one.text), 0) for one in documents]

    def documents(self, numbers: Iterable[int], version: str = "a") -> list[Document]:
        """Return documents ``d<number>``, other texts for other versions."""
        return [
            Document(f"d{number}", f"{number} {version}", metadata={"n": number})
            for number in numbers
        ]

    def held(self) -> dict[str, Document]:
        """Return what a store opened anew holds."""
        return {one.document.doc_id: one.document for one in self.open_store().scan()}

    def found(self, text: str, k: int) -> list[str]:
        """Return the ids that a store opened anew finds for a text's vector."""
        store = self.open_store()
        (ranking,) = store.search_vectors(self.vector(text), k)
        return [one.document.doc_id for one in store.fetch(ranking)]

    def test_what_is_acknowledged_is_there(self) -> None:
        documents = self.documents(range(12))
        receipt = self.open_store().upsert(documents, self.encode)
        assert (receipt.added, receipt.committed) == (12, True)
        assert self.held() == {one.doc_id: one for one in documents}

    def test_a_writer_reads_its_own_writes(self) -> None:
        store = self.open_store()
        receipt = store.upsert(self.documents(range(3)), self.encode)
        assert store.describe().generation == receipt.generation
        (ranking,) = store.search_vectors(self.vector("1 a"), 1)
        assert store.fetch(ranking)[0].document.doc_id == "d1"

    def test_upserts_are_idempotent_by_id(self) -> None:
        self.open_store().upsert(self.documents(range(5)), self.encode)
        again = self.open_store().upsert(self.documents(range(5)), self.encode)
        assert (again.unchanged, again.added, again.replaced) == (5, 0, 0)
        changed = self.open_store().upsert(self.documents(range(2), "b"), self.encode)
        assert changed.replaced == 2
        assert len(self.held()) == 5
        assert self.held()["d1"].text == "1 b"

    def test_unchanged_documents_are_not_encoded(self) -> None:
        self.open_store().upsert(self.documents(range(5)), self.encode)
        asked: list[str] = []

        def encode(documents: Sequence[Document]) -> list[Passages]:
            asked.extend(one.doc_id for one in documents)
            return self.encode(documents)

        self.open_store().upsert(self.documents(range(7)), encode)
        assert sorted(asked) == ["d5", "d6"]

    def test_deleted_documents_are_not_found(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(6)), self.encode)
        receipt = store.delete(["d2", "unknown"])
        assert (receipt.deleted, receipt.missing) == (1, ("unknown",))
        assert "d2" not in self.held()
        assert "d2" not in self.found("2 a", 10)

    def test_k_hits_come_back_whenever_k_can_be_found(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(30)), self.encode)
        store.delete([f"d{number}" for number in range(10)])
        for k in (1, 5, 20, 50):
            found = self.found("anything", k)
            assert len(found) == len(set(found)) == min(k, 20)

    def test_a_shorter_search_is_a_prefix_of_a_longer(self) -> None:
        self.open_store().upsert(self.documents(range(30)), self.encode)
        longest = self.found("anything", 30)
        for k in range(1, 30):
            assert self.found("anything", k) == longest[:k]

    def test_equal_scores_are_ordered_by_id(self) -> None:
        twins = [Document(name, "same") for name in ("b", "c", "a")]
        self.open_store().upsert(twins, self.encode)
        assert self.found("same", 3) == ["a", "b", "c"]

    def test_an_open_store_keeps_its_generation(self) -> None:
        self.open_store().upsert(self.documents(range(3)), self.encode)
        reader = self.open_store()
        before = reader.describe().generation
        self.open_store().upsert(self.documents(range(3, 6)), self.encode)
        assert reader.describe().generation == before
        assert len(list(reader.scan())) == 3

    def test_a_failed_encoding_leaves_everything_as_it_was(self) -> None:
        self.open_store().upsert(self.documents(range(3)), self.encode)

        def fail(documents: Sequence[Document]) -> list[Passages]:
            raise RuntimeError(f"cannot encode {len(documents)} documents")

        with pytest.raises(RuntimeError):
            self.open_store().upsert(self.documents(range(3), "b"), fail)
        assert self.held() == {one.doc_id: one for one in self.documents(range(3))}

    def test_vectors_of_another_length_are_refused(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(3)), self.encode)
        with pytest.raises(UsageError):
            store.search_vectors(np.ones((1, self.dim + 1), dtype=np.float32), 3)

    def test_words_find_the_documents_that_hold_them(self) -> None:
        store = self.open_store()
        texts = {"a": "tyre pump", "b": "tyre tyre", "c": "soup", "d": "tyre pump oil chain"}
        store.upsert([Document(name, text) for name, text in texts.items()], self.encode)
        store.delete(["b"])
        (ranking, none) = store.search_words(["pump", "tyres of nothing"], 10)
        assert [one.document.doc_id for one in store.fetch(ranking)] == ["a", "d"]
        assert (np.diff(ranking.scores) < 0).all()
        assert len(none) == 0

    def test_a_filtered_search_gives_k_hits_whenever_k_match(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(30)), self.encode)
        store.delete(["d3"])
        query = self.vector("anything")
        every = [one.document.doc_id for one in store.fetch(store.search_vectors(query, 30)[0])]
        wanted = [name for name in every if 2 <= int(name[1:]) < 12]
        for k in (1, 5, 9, 30):
            (found,) = store.search_vectors(query, k, where=Range("n", at_least=2, below=12))
            assert [one.document.doc_id for one in store.fetch(found)] == wanted[:k]
        (found,) = store.search_words(["a"], 30, where=Range("n", below=2))
        assert {one.document.doc_id for one in store.fetch(found)} <= {"d0", "d1"}

    def test_what_a_filter_lets_through_can_be_deleted(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(9)), self.encode)
        assert store.delete_where(Range("n", above=5)).deleted == 3
        assert sorted(self.held()) == [f"d{number}" for number in range(6)]

    def test_a_sound_store_verifies(self) -> None:
        store = self.open_store()
        store.upsert(self.documents(range(9)), self.encode)
        store.delete(["d3"])
        assert store.verify().problems == ()
