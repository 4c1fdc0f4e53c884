"""Model folders with no model in them: enough for what looks at files only."""

from __future__ import annotations

from pathlib import Path

import orjson

MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
]


def model_folder(path: Path) -> Path:
    """Make a folder that looks like a sentence-transformers model from outside."""
    (path / "1_Pooling").mkdir(parents=True)
    (path / "modules.json").write_bytes(orjson.dumps(MODULES))
    (path / "config.json").write_bytes(b"{}")
    (path / "1_Pooling" / "config.json").write_bytes(b"{}")
    (path / "model.safetensors").write_bytes(b"weights")
    (path / "tokenizer.json").write_bytes(b'{"version": "1.0", "model": {"vocab": {"a": 0}}}')
    return path
