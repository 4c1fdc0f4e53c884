"""Processes of ours that use libraries which print, warn and take memory."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import orjson

import retrieval
from retrieval import errors
from retrieval.encode.exported import FAILURE_NAME
from retrieval.errors import ModelExportError, RetrievalError
from retrieval.fsops import Files

_PASSED_ON: dict[str, type[RetrievalError]] = {
    kind.code: kind
    for kind in (
        errors.ModelNotFoundError,
        errors.ModelAlteredError,
        errors.ModelExportError,
        errors.NotAClassifierError,
        errors.NotARerankerError,
        errors.FileSystemError,
        errors.DiskFullError,
        errors.ReadOnlyError,
    )
}


def run_child(command: Sequence[str], files: Files, log: Path, *, offline: bool) -> int:
    """Run the child with its output in the log; it ends when this process does."""
    with contextlib.suppress(FileNotFoundError):
        files.unlink(log)
    with (
        files.create(log) as written,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # never written to: its end tells the child that we ended
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=child_environment(offline=offline),
        ) as running,
    ):
        try:
            if running.stdout is not None:
                while piece := os.read(running.stdout.fileno(), 65536):
                    written.write(piece)
            return running.wait()
        finally:
            running.kill()


def child_environment(*, offline: bool) -> dict[str, str]:
    """Return the environment of a process of ours: this package, and no chatter."""
    package_root = str(Path(retrieval.__file__).parent.parent)
    before = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([package_root, before] if before else [package_root]),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    environment.pop("PYTHONWARNINGS", None)  # the exporter fails when warnings are errors
    if offline:
        environment["HF_HUB_OFFLINE"] = "1"
    return environment


def child_failure(files: Files, staging: Path, name: str, log: Path) -> RetrievalError:
    """Return the error a failed child stands for.

    Args:
        files: The file operations.
        staging: Where the child may have left ``failure.json``.
        name: The model's, for the message.
        log: What the child printed.
    """
    try:
        told = orjson.loads(files.read(staging / FAILURE_NAME))
        return _PASSED_ON[told["code"]](told["what"], fix=told["fix"])
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
        lines = files.read(log).decode("utf-8", "replace").strip().splitlines()
    last = lines[-1][:300] if lines else "it said nothing"
    return ModelExportError(
        f"Preparing the model {name} failed ({last}).", fix=f"The whole story is in {log}."
    )
