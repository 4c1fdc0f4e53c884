"""Silhouettes of 20,000 rows in 41 groups, beside scikit-learn's.

Cosine, all points, both exact. Target: equal within 1e-6, under 1 s and 1 GB. The rows are
made (seeded, around 41 directions): neither way's time depends on what they are. Memory is
the peak of a whole process that reads the rows and computes once; it is measured first, while
this process is small, since a child's peak starts from its parent's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import pairing, provenance
from retrieval.evaluate.silhouette import cosine_silhouette, euclidean_silhouette
from retrieval.vectors import FloatRows, unit_rows

SELF = (sys.executable, "-m", "bench.silhouette")
Rows = NDArray[np.floating]
Groups = NDArray[np.int64]


def sklearn_cosine(rows: Rows, groups: Groups) -> NDArray[np.float64]:
    from sklearn.metrics import silhouette_samples

    return np.asarray(silhouette_samples(rows, groups, metric="cosine"), dtype=np.float64)


def sklearn_euclidean(rows: Rows, groups: Groups) -> NDArray[np.float64]:
    from sklearn.metrics import silhouette_samples

    return np.asarray(silhouette_samples(rows, groups, metric="euclidean"), dtype=np.float64)


WAYS: dict[str, Callable[[FloatRows, Groups], NDArray[np.float64]]] = {
    "cosine": cosine_silhouette,
    "sklearn_cosine": sklearn_cosine,
    "euclidean": euclidean_silhouette,
    "sklearn_euclidean": sklearn_euclidean,
    "none": lambda _, __: np.empty(0),
}


def made_rows(count: int, dim: int, groups: int) -> tuple[FloatRows, Groups]:
    """Return unit rows around so many directions, and the direction of each."""
    chance = np.random.default_rng(0)
    own = chance.integers(0, groups, count)
    centres = chance.normal(size=(groups, dim))
    return unit_rows(centres[own] + chance.normal(size=(count, dim))), own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--groups", type=int, default=41)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--make", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--once", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        rows, groups = made_rows(chosen.rows, chosen.dim, chosen.groups)
        np.save(chosen.make / "rows.npy", rows)
        np.save(chosen.make / "groups.npy", groups)
    elif chosen.once:
        way, folder = chosen.once
        WAYS[way](*saved(Path(folder)))
    else:
        shape = [f"--{name}={getattr(chosen, name)}" for name in ("rows", "dim", "groups")]
        with tempfile.TemporaryDirectory() as folder:
            pairing.wall_s([*SELF, "--make", folder, *shape])
            provenance.record("silhouette", measure(Path(folder), chosen.runs))


def saved(folder: Path) -> tuple[FloatRows, Groups]:
    return np.load(folder / "rows.npy"), np.load(folder / "groups.npy")


def measure(folder: Path, runs: int) -> dict[str, Any]:
    peaks = {name: round(pairing.peak_mib([*SELF, "--once", name, folder]), 1) for name in WAYS}
    rows, groups = saved(folder)
    timed = {name: _timed(way, rows, groups) for name, way in WAYS.items() if name != "none"}
    seconds = pairing.in_turn(timed, runs)
    # in float64: scikit-learn's float32 distances are themselves off by about 1e-7
    wide = rows.astype(np.float64)
    return {
        "rows": len(rows),
        "dim": rows.shape[1],
        "groups": len(np.unique(groups)),
        "seconds": {name: pairing.summary(one) for name, one in seconds.items()},
        "sklearn_over_ours": {
            "cosine": pairing.ratio(seconds["sklearn_cosine"], seconds["cosine"]),
            "euclidean": pairing.ratio(seconds["sklearn_euclidean"], seconds["euclidean"]),
        },
        "largest_difference": {
            "cosine": _largest(cosine_silhouette(rows, groups), sklearn_cosine(wide, groups)),
            "euclidean": _largest(
                euclidean_silhouette(rows, groups), sklearn_euclidean(wide, groups)
            ),
        },
        "peak_mib": peaks,
    }


def _timed(
    way: Callable[[FloatRows, Groups], NDArray[np.float64]], rows: FloatRows, groups: Groups
) -> Callable[[], float]:
    def seconds() -> float:
        started = time.perf_counter()
        way(rows, groups)
        return time.perf_counter() - started

    return seconds


def _largest(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    return float(np.abs(ours - theirs).max())


if __name__ == "__main__":
    main()
