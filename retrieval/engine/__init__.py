"""The use cases as functions: build, open, search, check.

Names are looked up when first used, so that importing this package loads nothing:
``retrieve status`` must not pay for a model.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.engine.assigning import store_clusters
    from retrieval.engine.benchmark.beir import open_beir
    from retrieval.engine.benchmark.benchmark import Benchmark, bench
    from retrieval.engine.benchmark.evaluating import evaluate_runs
    from retrieval.engine.benchmark.judgments import JudgmentOptions
    from retrieval.engine.building import build
    from retrieval.engine.calibrating import CalibrateReport, calibrate_mode
    from retrieval.engine.checks import recover, status, verify
    from retrieval.engine.classifying import Classification, classify
    from retrieval.engine.clustering import Clustering, ClusterReport, find_clusters
    from retrieval.engine.exporting import ExportReport
    from retrieval.engine.finding import find_index, index_path, list_indexes
    from retrieval.engine.index import Index
    from retrieval.engine.machine import doctor
    from retrieval.engine.model_listing import models
    from retrieval.engine.opening import open_index as open  # noqa: A004  # retrieval.open
    from retrieval.engine.pairing import PairsReport, similar_pairs
    from retrieval.engine.reading import FoundDocuments, VectorRows
    from retrieval.engine.reports import (
        BuildReport,
        DeleteReport,
        RecoverReport,
        Status,
        VerifyReport,
    )
    from retrieval.engine.tuning import TuneReport, tune
    from retrieval.engine.upserting import index_documents

_PLACES = {
    "Benchmark": ("benchmark.benchmark", "Benchmark"),
    "BuildReport": ("reports", "BuildReport"),
    "CalibrateReport": ("calibrating", "CalibrateReport"),
    "ClusterReport": ("clustering", "ClusterReport"),
    "Classification": ("classifying", "Classification"),
    "Clustering": ("clustering", "Clustering"),
    "DeleteReport": ("reports", "DeleteReport"),
    "ExportReport": ("exporting", "ExportReport"),
    "FoundDocuments": ("reading", "FoundDocuments"),
    "Index": ("index", "Index"),
    "JudgmentOptions": ("benchmark.judgments", "JudgmentOptions"),
    "PairsReport": ("pairing", "PairsReport"),
    "RecoverReport": ("reports", "RecoverReport"),
    "Status": ("reports", "Status"),
    "TuneReport": ("tuning", "TuneReport"),
    "VectorRows": ("reading", "VectorRows"),
    "VerifyReport": ("reports", "VerifyReport"),
    "bench": ("benchmark.benchmark", "bench"),
    "build": ("building", "build"),
    "calibrate_mode": ("calibrating", "calibrate_mode"),
    "classify": ("classifying", "classify"),
    "doctor": ("machine", "doctor"),
    "evaluate_runs": ("benchmark.evaluating", "evaluate_runs"),
    "find_clusters": ("clustering", "find_clusters"),
    "find_index": ("finding", "find_index"),
    "index_documents": ("upserting", "index_documents"),
    "index_path": ("finding", "index_path"),
    "list_indexes": ("finding", "list_indexes"),
    "models": ("model_listing", "models"),
    "open": ("opening", "open_index"),
    "open_beir": ("benchmark.beir", "open_beir"),
    "recover": ("checks", "recover"),
    "similar_pairs": ("pairing", "similar_pairs"),
    "status": ("checks", "status"),
    "store_clusters": ("assigning", "store_clusters"),
    "tune": ("tuning", "tune"),
    "verify": ("checks", "verify"),
}

__all__ = [
    "Benchmark",
    "BuildReport",
    "CalibrateReport",
    "Classification",
    "ClusterReport",
    "Clustering",
    "DeleteReport",
    "ExportReport",
    "FoundDocuments",
    "Index",
    "JudgmentOptions",
    "PairsReport",
    "RecoverReport",
    "Status",
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
    "index_path",
    "list_indexes",
    "models",
    "open",
    "open_beir",
    "recover",
    "similar_pairs",
    "status",
    "store_clusters",
    "tune",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
