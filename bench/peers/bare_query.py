"""The least a cold query can cost: the same libraries, the same model, no product.

Usage: bare_query.py MODEL_FOLDER VECTORS.npy TEXT [quick]

The session has onnxruntime's defaults; with ``quick``, the settings that our own first
session has, which trade speed of a run for being ready sooner.
"""

from __future__ import annotations

import os
import sys

import faiss
import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # ours does; paying for it would flatter the ratio
import onnxruntime  # it reads the setting when it is loaded
from tokenizers import Tokenizer


def main(folder: str, vectors: str, text: str, session_kind: str = "default") -> None:
    options = onnxruntime.SessionOptions()
    if session_kind == "quick":
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.add_session_config_entry("session.disable_prepacking", "1")
    session = onnxruntime.InferenceSession(
        f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoded = tokenizer.encode(text)
    names = {one.name for one in session.get_inputs()}
    given = {
        "input_ids": encoded.ids,
        "attention_mask": encoded.attention_mask,
        "token_type_ids": encoded.type_ids,
    }
    feed = {key: np.array([value], dtype=np.int64) for key, value in given.items() if key in names}
    (query,) = session.run(["sentence_embedding"], feed)
    rows = np.load(vectors, mmap_mode="r")
    scores, found = faiss.knn(query, rows, 10, metric=faiss.METRIC_INNER_PRODUCT)
    for score, row in zip(scores[0], found[0], strict=True):
        print(f"{score:.4f} {row}")


if __name__ == "__main__":
    main(*sys.argv[1:])
