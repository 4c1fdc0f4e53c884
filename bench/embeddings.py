"""Rows for benchmarks of vector search: real embeddings, resampled with noise beyond their number.

A made row is a real one plus noise with the covariance of the real rows, scaled to unit length:
``unit(row + NOISE * g)``, g ~ N(0, C). So the directions in which texts differ stay what they are,
and a made row is at a cosine of about .86 from the one it was made of.
"""

from __future__ import annotations

import csv
import gzip
import io
from itertools import islice
from pathlib import Path

import numpy as np

from bench import texts
from bench.provenance import data_folder
from retrieval.vectors import FloatRows, unit_rows

NOISE = 0.6
_BLOCK = 65_536


def real_rows(work: Path) -> FloatRows:
    """Return the embeddings of headlines and sentences of reviews; kept in ``work``.

    Returns:
        float32 (n, 384), unit rows in random order.
    """
    path = work / "real.npy"
    if not path.exists():
        from retrieval.encode.opening import open_encoder

        found = dict.fromkeys(_headlines())
        found.update(dict.fromkeys(islice(texts.sentences_of_reviews(), 10_000)))
        every = [text for text in found if text.strip()]
        encoder = open_encoder()
        rows = np.concatenate(
            [encoder.encode_passages(every[at : at + 2048]) for at in range(0, len(every), 2048)]
        )
        order = np.random.default_rng(0).permutation(len(rows))
        _keep(path, rows[order])
    real: FloatRows = np.load(path)
    return real


def _headlines() -> list[str]:
    with gzip.open(data_folder() / "huffpost" / "huffpost_headlines_41.csv.gz") as packed:
        return [row["headline"] for row in csv.DictReader(io.TextIOWrapper(packed, "utf-8"))]


def made_rows(work: Path, count: int, seed: int) -> FloatRows:
    """Return a map of ``count`` rows made from the real ones; kept in ``work``.

    Args:
        work: A folder with room for count x 1,536 bytes.
        count: How many rows.
        seed: Rows of another seed are other rows: queries are made like that.
    """
    path = work / f"rows-{count}-{seed}.npy"
    if not path.exists():
        real = real_rows(work)
        covariance = np.cov(real.astype(np.float64), rowvar=False)
        mixing = np.linalg.cholesky(covariance + 1e-9 * np.eye(len(covariance))).astype(np.float32)
        generator = np.random.default_rng(seed)
        partial = path.with_suffix(".partial")
        made = np.lib.format.open_memmap(
            partial, mode="w+", dtype=np.float32, shape=(count, real.shape[1])
        )
        for start in range(0, count, _BLOCK):
            size = min(_BLOCK, count - start)
            noise = generator.standard_normal((size, real.shape[1]), dtype=np.float32) @ mixing.T
            bases = real[generator.integers(0, len(real), size)]
            made[start : start + size] = unit_rows(bases + NOISE * noise)
        made.flush()
        del made
        partial.rename(path)
    rows: FloatRows = np.load(path, mmap_mode="r")
    return rows


def _keep(path: Path, rows: FloatRows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as output:
        np.save(output, rows)
    partial.rename(path)
