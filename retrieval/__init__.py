"""Embedded semantic search: index a file of texts, ask it, measure it.

Importing the package loads neither numpy nor torch nor faiss; names are looked up
when first used. ``docs/python-api.md`` is the manual.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.corpus.fields import FieldNames
    from retrieval.engine import (
        Benchmark,
        BuildReport,
        CalibrateReport,
        Classification,
        Clustering,
        ClusterReport,
        DeleteReport,
        ExportReport,
        FoundDocuments,
        Index,
        JudgmentOptions,
        PairsReport,
        RecoverReport,
        Status,
        TuneReport,
        VectorRows,
        VerifyReport,
        bench,
        build,
        calibrate_mode,
        classify,
        doctor,
        evaluate_runs,
        find_clusters,
        find_index,
        index_documents,
        models,
        open,  # noqa: A004  # retrieval.open is the module's own word, as gzip.open is
        open_beir,
        recover,
        similar_pairs,
        status,
        store_clusters,
        tune,
        verify,
    )
    from retrieval.engine.reranking.options import MiningOptions
    from retrieval.engine.reranking.training import train_reranker
    from retrieval.errors import RetrievalError
    from retrieval.evaluate.results import BenchReport
    from retrieval.observer import Observer
    from retrieval.query.filter_parsing import parse_filter
    from retrieval.records import Document, Hit, PassageMode, PassageOptions, Span
    from retrieval.rerank.options import RerankOptions
    from retrieval.store.selection import Facet
    from retrieval.train.biencoder.options import BiencoderOptions, RowFields
    from retrieval.train.biencoder.training import train_biencoder
    from retrieval.train.card import TrainingCard
    from retrieval.train.classifier.options import ClassifierOptions
    from retrieval.train.classifier.training import train_classifier
    from retrieval.train.crossencoder.options import CrossencoderOptions
    from retrieval.train.crossencoder.training import train_crossencoder
    from retrieval.train.options import TrainOptions
    from retrieval.train.progress import TrainObserver

__version__ = "0.1.0"

_PLACES = {
    "BenchReport": "evaluate.results",
    "Benchmark": "engine",
    "BiencoderOptions": "train.biencoder.options",
    "BuildReport": "engine",
    "CalibrateReport": "engine",
    "Classification": "engine",
    "ClassifierOptions": "train.classifier.options",
    "ClusterReport": "engine",
    "Clustering": "engine",
    "CrossencoderOptions": "train.crossencoder.options",
    "DeleteReport": "engine",
    "Document": "records",
    "ExportReport": "engine",
    "Facet": "store.selection",
    "FieldNames": "corpus.fields",
    "FoundDocuments": "engine",
    "Hit": "records",
    "Index": "engine",
    "JudgmentOptions": "engine",
    "MiningOptions": "engine.reranking.options",
    "Observer": "observer",
    "PairsReport": "engine",
    "PassageMode": "records",
    "PassageOptions": "records",
    "RecoverReport": "engine",
    "RerankOptions": "rerank.options",
    "RetrievalError": "errors",
    "RowFields": "train.biencoder.options",
    "Span": "records",
    "Status": "engine",
    "TrainObserver": "train.progress",
    "TrainOptions": "train.options",
    "TrainingCard": "train.card",
    "TuneReport": "engine",
    "VectorRows": "engine",
    "VerifyReport": "engine",
    "bench": "engine",
    "build": "engine",
    "calibrate_mode": "engine",
    "classify": "engine",
    "doctor": "engine",
    "evaluate_runs": "engine",
    "find_clusters": "engine",
    "find_index": "engine",
    "index_documents": "engine",
    "models": "engine",
    "open": "engine",
    "open_beir": "engine",
    "parse_filter": "query.filter_parsing",
    "recover": "engine",
    "similar_pairs": "engine",
    "status": "engine",
    "store_clusters": "engine",
    "train_biencoder": "train.biencoder.training",
    "train_classifier": "train.classifier.training",
    "train_crossencoder": "train.crossencoder.training",
    "train_reranker": "engine.reranking.training",
    "tune": "engine",
    "verify": "engine",
}

__all__ = [
    "BenchReport",
    "Benchmark",
    "BiencoderOptions",
    "BuildReport",
    "CalibrateReport",
    "Classification",
    "ClassifierOptions",
    "ClusterReport",
    "Clustering",
    "CrossencoderOptions",
    "DeleteReport",
    "Document",
    "ExportReport",
    "Facet",
    "FieldNames",
    "FoundDocuments",
    "Hit",
    "Index",
    "JudgmentOptions",
    "MiningOptions",
    "Observer",
    "PairsReport",
    "PassageMode",
    "PassageOptions",
    "RecoverReport",
    "RerankOptions",
    "RetrievalError",
    "RowFields",
    "Span",
    "Status",
    "TrainObserver",
    "TrainOptions",
    "TrainingCard",
    "TuneReport",
    "VectorRows",
    "VerifyReport",
    "bench",
    "build",
    "calibrate_mode",
    "classify",
    "doctor",
    "evaluate_runs",
    "find_clusters",
    "find_index",
    "index_documents",
    "models",
    "open",
    "open_beir",
    "parse_filter",
    "recover",
    "similar_pairs",
    "status",
    "store_clusters",
    "train_biencoder",
    "train_classifier",
    "train_crossencoder",
    "train_reranker",
    "tune",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
