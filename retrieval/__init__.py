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
        Clustering,
        ClusterReport,
        DeleteReport,
        Index,
        JudgmentOptions,
        Observer,
        PairsReport,
        RecoverReport,
        Status,
        TuneReport,
        VerifyReport,
        bench,
        build,
        doctor,
        evaluate_runs,
        find_clusters,
        find_index,
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
    from retrieval.errors import RetrievalError
    from retrieval.evaluate.results import BenchReport
    from retrieval.records import Document, Hit, PassageMode, PassageOptions, Span

__version__ = "0.1.0"

_PLACES = {
    "BenchReport": "evaluate.results",
    "Benchmark": "engine",
    "BuildReport": "engine",
    "ClusterReport": "engine",
    "Clustering": "engine",
    "DeleteReport": "engine",
    "Document": "records",
    "FieldNames": "corpus.fields",
    "Hit": "records",
    "Index": "engine",
    "JudgmentOptions": "engine",
    "Observer": "engine",
    "PairsReport": "engine",
    "PassageMode": "records",
    "PassageOptions": "records",
    "RecoverReport": "engine",
    "RetrievalError": "errors",
    "Span": "records",
    "Status": "engine",
    "TuneReport": "engine",
    "VerifyReport": "engine",
    "bench": "engine",
    "build": "engine",
    "doctor": "engine",
    "evaluate_runs": "engine",
    "find_clusters": "engine",
    "find_index": "engine",
    "models": "engine",
    "open": "engine",
    "open_beir": "engine",
    "recover": "engine",
    "similar_pairs": "engine",
    "status": "engine",
    "store_clusters": "engine",
    "tune": "engine",
    "verify": "engine",
}

__all__ = [
    "BenchReport",
    "Benchmark",
    "BuildReport",
    "ClusterReport",
    "Clustering",
    "DeleteReport",
    "Document",
    "FieldNames",
    "Hit",
    "Index",
    "JudgmentOptions",
    "Observer",
    "PairsReport",
    "PassageMode",
    "PassageOptions",
    "RecoverReport",
    "RetrievalError",
    "Span",
    "Status",
    "TuneReport",
    "VerifyReport",
    "bench",
    "build",
    "doctor",
    "evaluate_runs",
    "find_clusters",
    "find_index",
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
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
