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
        BuildReport,
        DeleteReport,
        Index,
        Observer,
        RecoverReport,
        Status,
        VerifyReport,
        build,
        doctor,
        find_index,
        models,
        open,  # noqa: A004  # retrieval.open is the module's own word, as gzip.open is
        recover,
        status,
        verify,
    )
    from retrieval.errors import RetrievalError
    from retrieval.records import Document, Hit, PassageMode, PassageOptions, Span

__version__ = "0.1.0"

_PLACES = {
    "BuildReport": "engine",
    "DeleteReport": "engine",
    "Document": "records",
    "FieldNames": "corpus.fields",
    "Hit": "records",
    "Index": "engine",
    "Observer": "engine",
    "PassageMode": "records",
    "PassageOptions": "records",
    "RecoverReport": "engine",
    "RetrievalError": "errors",
    "Span": "records",
    "Status": "engine",
    "VerifyReport": "engine",
    "build": "engine",
    "doctor": "engine",
    "find_index": "engine",
    "models": "engine",
    "open": "engine",
    "recover": "engine",
    "status": "engine",
    "verify": "engine",
}

__all__ = [
    "BuildReport",
    "DeleteReport",
    "Document",
    "FieldNames",
    "Hit",
    "Index",
    "Observer",
    "PassageMode",
    "PassageOptions",
    "RecoverReport",
    "RetrievalError",
    "Span",
    "Status",
    "VerifyReport",
    "build",
    "doctor",
    "find_index",
    "models",
    "open",
    "recover",
    "status",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
