"""Real encoders for tests: the bundled one, and the tiny ones of ``make_models``."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import orjson
import pytest

from retrieval.encode.cache import preferred_cache
from retrieval.encode.exported import ExportedModel
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.opening import open_encoder
from retrieval.encode.places import find_exported
from retrieval.encode.protocol import Encoder
from retrieval.encode.source import resolve_source
from retrieval.fsops import LocalFiles
from tests.made_once import made_once

TINY = ("cls-dense", "max")
"""The tiny models that can be exported."""


@cache
def bundled_encoder() -> Encoder:
    """Open the bundled model, exported into the user's own cache by whoever is first."""
    return open_encoder()


def bundled_export() -> tuple[ExportedModel, Path]:
    """Return the record of the bundled model's export, and its folder."""
    bundled_encoder()
    found = find_exported(LocalFiles(), preferred_cache(os.environ), resolve_source(None))
    assert found is not None
    return found[1], found[0]


def made_models(factory: pytest.TempPathFactory) -> Path:
    """Return the folder ``make_models`` fills, made by the first process that asks."""
    return made_once(factory, "tiny-models", _make_models)


def _make_models(home: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "tests.encode.make_models", str(home)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise RuntimeError(made.stdout + made.stderr)


def tiny_encoder(home: Path, name: str) -> OnnxEncoder:
    """Open one of the tiny models."""
    folder = home / name / "export"
    return OnnxEncoder(read_record(folder), folder, threads=1)


def read_record(folder: Path) -> ExportedModel:
    """Read the record of an exported model."""
    return ExportedModel.from_json(orjson.loads((folder / "model.json").read_bytes()))
