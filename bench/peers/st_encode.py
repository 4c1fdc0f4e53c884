"""Encode a corpus with `SentenceTransformer.encode` and its defaults, or its ONNX backend.

Usage: python -m bench.peers.st_encode MODEL_FOLDER CORPUS.jsonl VECTORS.npy SECONDS [onnx]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer


def main(folder: str, corpus: str, vectors: str, seconds: str, backend: str = "torch") -> None:
    lines = Path(corpus).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    model = SentenceTransformer(folder, device="cpu", backend=backend)
    model.encode(texts[:64])
    started = time.perf_counter()
    rows = model.encode(texts)
    Path(seconds).write_text(str(time.perf_counter() - started))
    np.save(vectors, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
