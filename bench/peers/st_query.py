"""The same question through sentence_transformers.

Usage: st_query.py MODEL_FOLDER VECTORS.npy TEXT
"""

from __future__ import annotations

import sys

import numpy as np
from sentence_transformers import SentenceTransformer, util


def main(folder: str, vectors: str, text: str) -> None:
    model = SentenceTransformer(folder, device="cpu")
    query = model.encode_query(text)
    (hits,) = util.semantic_search(query[np.newaxis], np.load(vectors), top_k=10)
    for hit in hits:
        print(f"{hit['score']:.4f} {hit['corpus_id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
