"""Where a figure comes from: machine, versions, commit, date; and its file."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = Path(os.environ.get("RETRIEVE_BENCH_RESULTS", ROOT / "bench" / "results"))
"""Where results lie; a trial of small sizes puts them elsewhere."""
WORK = ROOT / "build" / "bench"
"""Where benchmarks keep what is long in the making; git ignores it."""
LIBRARIES = (
    "numpy",
    "faiss-cpu",
    "onnxruntime",
    "tokenizers",
    "torch",
    "transformers",
    "sentence-transformers",
)
PEERS = ("txtai", "chromadb", "lancedb", "hnswlib", "usearch", "bm25s", "ranx")
"""Stated where they are installed."""


def data_folder() -> Path:
    """Return the folder of the real collections; end with the reason where it is missing."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        raise SystemExit("The real collections are missing: ../shared/data beside the project.")
    return folder


def provenance() -> dict[str, Any]:
    """Describe this machine and this state of the project; no names of hosts or folders."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "").split()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": len(models) or os.cpu_count(),
        "simd": [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags],
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES}
        | {name: version for name in PEERS if (version := installed(name))},
        "load_average": {"before": LOAD, "after": load()},
        "commit": COMMIT,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def installed(library: str) -> str | None:
    """Return the version of a library, None where it is not installed."""
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def load() -> float:
    """Return how many processes wanted a core, on average over the last minute."""
    return round(os.getloadavg()[0], 2)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _commit() -> str:
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "retrieval")
    return _git("rev-parse", "--short", "HEAD") + ("+changes" if changed else "")


COMMIT = _commit()
"""The state of the project when the benchmark began, whatever is committed while it runs."""
LOAD = load()
"""How busy the machine was when the benchmark began."""


def record(name: str, figures: dict[str, Any]) -> None:
    """Write a benchmark's figures with their provenance, and show them."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {"schema_version": 1, "name": name, "figures": figures, "provenance": provenance()}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
