"""Every reranker of ours passes the suite third parties can run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retrieval.engine.benchmark.read_once import ReadOnce
from retrieval.rerank.opening import open_reranker
from retrieval.rerank.protocol import Reranker
from retrieval.testing.reranker_contract import RerankerContract
from retrieval.testing.rerankers import WordReranker
from tests.encode.classifiers import LEARNED, made_classifiers


class TestWordReranker(RerankerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def reranker(cls) -> Reranker:
        return WordReranker()


class TestPairsReadOnce(RerankerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def reranker(cls) -> Reranker:
        return ReadOnce(WordReranker())


class TestTinyCrossencoder(RerankerContract):
    @pytest.fixture(scope="class")
    @classmethod
    def reranker(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reranker]:
        home = made_classifiers(tmp_path_factory)
        opened = open_reranker(home / "pairs", cache=home / "cache")
        assert opened.weight == LEARNED.weight
        yield opened.model
        opened.model.close()
