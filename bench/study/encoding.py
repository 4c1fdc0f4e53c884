"""Vectors of a collection, kept in pieces, so that a run that was stopped goes on."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.study.splits import Split
from bench.study.work import Work
from retrieval.encode.opening import open_encoder
from retrieval.encode.protocol import Encoder
from retrieval.vectors import FloatRows

PIECE = 2048
PACE = 256
"""Texts whose encoding is timed."""


@contextmanager
def tuned_encoder(folder: Path, work: Work) -> Iterator[Encoder]:
    """Open a trained model; what it is exported to is removed at the end."""
    work.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work.folder) as cache:
        encoder = open_encoder(str(folder), offline=True, cache=Path(cache))
        try:
            yield encoder
        finally:
            encoder.close()


def base_encoder(work: Work) -> Encoder:
    """Open the model that every system starts from, as it is."""
    return open_encoder(work.base, offline=True)


def base_vectors(name: str, texts: Sequence[str], work: Work) -> FloatRows:
    """Return vectors of texts by the model as it is: float32 (n, dim), unit rows."""
    digest = hashlib.sha256(json.dumps([work.base, list(texts)]).encode()).hexdigest()[:16]
    folder = work.folder / "vectors" / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    encoder: Encoder | None = None
    pieces = []
    for start in range(0, len(texts), PIECE):
        path = folder / f"{start:07d}.npy"
        if not path.exists():
            encoder = encoder or base_encoder(work)
            rows = encoder.encode_passages(texts[start : start + PIECE])
            half = path.with_suffix(".half")
            with half.open("wb") as output:
                np.save(output, rows)
            half.replace(path)
            work.told(f"encoded {min(start + PIECE, len(texts)):,} of {len(texts):,} of {name}")
        pieces.append(np.load(path, allow_pickle=False))
    if encoder is not None:
        encoder.close()
    return np.concatenate(pieces)


def used_vectors(split: Split, work: Work) -> FloatRows:
    """Return vectors by the model as it is of rows that are for anything; others are zero."""
    used = split.used
    found = base_vectors(split.name, split.texts_of(used), work)
    if len(used) == len(split.texts):
        return found
    rows = np.zeros((len(split.texts), found.shape[1]), dtype=found.dtype)
    rows[used] = found
    return rows


def encoding_pace(encoder: Encoder, texts: Sequence[str]) -> float:
    """Return seconds a text, measured on evenly spaced ones."""
    step = max(len(texts) // PACE, 1)
    some = list(texts[::step])[:PACE]
    encoder.encode_passages(some[:8])
    started = time.perf_counter()
    encoder.encode_passages(some)
    return (time.perf_counter() - started) / len(some)
