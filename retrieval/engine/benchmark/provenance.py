"""Where a benchmark's figures come from: index, model, versions, machine, time."""

from __future__ import annotations

import datetime
import platform
from typing import Any

from retrieval import __version__
from retrieval.engine.index import Index
from retrieval.engine.machine import processor, version_of
from retrieval.engine.recall_report import recall_report

_LIBRARIES = ("numpy", "faiss-cpu", "onnxruntime", "tokenizers")


def machine_provenance(*, seed: int, started: datetime.datetime) -> dict[str, Any]:
    """Describe the program, the machine and the moment; no name of a host or a folder."""
    cpu = processor()
    return {
        "version": __version__,
        "versions": {name: version_of(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "machine": {"cpu": cpu["name"], "cores": cpu["cores"], "system": platform.system()},
        "seed": seed,
        "started": started.isoformat(timespec="seconds"),
    }


def index_provenance(index: Index) -> dict[str, Any]:
    """Describe the index that was searched, and the model it was made with."""
    manifest = index.snapshot.manifest
    numerics = dict.fromkeys(one for part in manifest.segments for one in part.numerics)
    return {
        "index": index.name,
        "generation": manifest.generation,
        "created": manifest.created,
        "documents": sum(one.live_documents for one in manifest.segments),
        "passages": sum(one.live_passages for one in manifest.segments),
        "incomplete": manifest.incomplete,
        "model": {"name": manifest.model.name, "fingerprint": manifest.model.fingerprint},
        "numerics": [f"{one.precision} ({one.runtime})" for one in numerics],
        "passage_options": {
            "mode": str(manifest.passages.mode),
            "tokens": manifest.passages.tokens,
            "overlap": manifest.passages.overlap,
        },
        "recall": _recall(index),
    }


def _recall(index: Index) -> dict[str, Any]:
    """Tell what the vectors were searched for, and what was measured of approximate indexes."""
    manifest = index.snapshot.manifest
    known = None if manifest.recall is None else recall_report(manifest, ())
    return {
        "asked": index.snapshot.reach.least,
        "target": None if known is None else known.target,
        "measured": None if known is None else known.measured,
        "approximate_passages": 0 if known is None else known.approximate_passages,
    }
