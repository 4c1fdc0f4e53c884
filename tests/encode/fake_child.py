"""A stand-in for the export child: ``fake_child.py BEHAVIOUR [the child's arguments]``.

Behaviours: ``good`` publishes three small files, ``fails`` prints and exits 3, ``refuses``
reports an error of ours, ``incomplete`` records a file it did not write, ``torch`` records
a model that cannot be exported, ``waits`` never ends by itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import orjson

from retrieval.encode.exported import ExportedModel
from retrieval.encode.source import SourceState, look_at
from retrieval.records import ModelIdentity


def main() -> int:
    """Behave as told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("behaviour")
    parser.add_argument("--kind")
    parser.add_argument("--name")
    parser.add_argument("--folder")
    parser.add_argument("--staging", type=Path)
    parser.add_argument("--offline", action="store_true")
    chosen = parser.parse_args()
    staging: Path = chosen.staging
    sys.stdout.write(f"child ran, offline: {chosen.offline}\n")
    if chosen.behaviour == "fails":
        sys.stderr.write("the last words\n")
        return 3
    if chosen.behaviour == "refuses":
        failure = {"code": "model_not_found", "what": "No such model.", "fix": "Ask for another."}
        (staging / "failure.json").write_bytes(orjson.dumps(failure))
        return 1
    files = {"model.onnx": 5, "model.onnx.data": 7, "tokenizer.json": 2}
    for name, size in files.items():
        if chosen.behaviour != "incomplete" or name != "model.onnx.data":
            (staging / name).write_bytes(b"x" * size)
    if chosen.behaviour == "waits":
        (staging.parent / "started").touch()
        time.sleep(600)
    state = look_at(Path(chosen.folder)) if chosen.folder else SourceState("", ())
    record = ExportedModel(
        identity=ModelIdentity(
            name=chosen.name,
            weights_sha256="w",
            tokenizer_sha256="t",
            pooling="mean",
            normalized=True,
            query_prompt="",
            passage_prompt="",
            dim=4,
            max_tokens=8,
        ),
        source=state,
        padding_id=0,
        parity=None if chosen.behaviour == "torch" else 0.99999,
        torch_reason="ValueError: odd" if chosen.behaviour == "torch" else "",
        files=files,
        versions={},
        created="2026-01-01T00:00:00+00:00",
    )
    (staging / "model.json").write_bytes(orjson.dumps(record.to_json()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
