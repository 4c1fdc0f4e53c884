"""How many clusters there are: how well they part, and whether they come again.

The rule, for each k tried: ``silhouette(k) * max(stability(k), 0)``; the largest wins, of
equal ones the smaller k. Silhouette: the mean over documents (Rousseeuw, 1987), how clearly
clusters part. Stability, after Fang and Wang (2012): two bootstrap samples are clustered, all
documents are given to the nearest centroid of the one and of the other, and the two groupings
are compared; here by the adjusted Rand index (Hubert and Arabie, 1985), averaged over pairs
of samples, so that 0 is chance and 1 says that the same clusters come out each time. The
product is a convention of ours: parting that does not come again counts for little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retrieval.cluster.kmeans import ENOUGH_TO_COMPARE, best_clusters, nearest_centroids
from retrieval.errors import UsageError
from retrieval.evaluate.agreement import Contingency, adjusted_rand
from retrieval.evaluate.silhouette import cosine_silhouette
from retrieval.vectors import FloatRows

DEFAULT_RANGE = (2, 60)
MOST_TRIED = 12
"""Values of k tried at most, spread evenly by ratio."""
MOST_ROWS = 4000
"""Rows looked at; of more, a random sample."""
PAIRS_OF_SAMPLES = 5
_ROWS_A_CLUSTER = 3
"""Documents a cluster has on average, at least, among those looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedK:
    """What a number of clusters was found to be worth.

    Attributes:
        k: Clusters.
        silhouette: Mean silhouette, in [-1, 1].
        stability: Mean adjusted Rand index of clusterings of resamples, in [-0.5, 1].
    """

    k: int
    silhouette: float
    stability: float

    @property
    def worth(self) -> float:
        """What the rule compares."""
        return self.silhouette * max(self.stability, 0.0)


def choose_k(
    rows: FloatRows,
    low: int,
    high: int,
    *,
    seed: int = 0,
    restarts: int = 2,
    followed: Callable[[int, int], None] = lambda _, __: None,
) -> tuple[int, tuple[TriedK, ...]]:
    """Choose a number of clusters by the rule of this module.

    Args:
        rows: float32 (n, dim), unit rows.
        low: Least k, at least 2.
        high: Greatest k; lowered to a third of the documents looked at.
        seed: Of every draw.
        restarts: First centroids tried for each k.
        followed: Told how many values of k are done, of how many.

    Returns:
        The k, and the figures of every k tried, ascending.

    Raises:
        UsageError: The range is empty, or there are too few different documents for it.
    """
    if low < 2 or high < low:
        raise UsageError(
            f"The range of k is {low} to {high}; it begins at 2 or above and ends no lower.",
            fix="Give it as LOW:HIGH, such as 2:60.",
        )
    chance = np.random.default_rng([seed, 1])
    if len(rows) > MOST_ROWS:
        rows = rows[np.sort(chance.choice(len(rows), MOST_ROWS, replace=False))]
    most = min(high, len(rows) // _ROWS_A_CLUSTER)
    tried: list[TriedK] = []
    wanted = tried_values(low, most)
    for number, k in enumerate(wanted):
        followed(number, len(wanted))
        found = best_clusters(rows, k, seed=seed, restarts=restarts)
        if found.k < k:
            break
        silhouette = float(cosine_silhouette(rows, found.groups).mean())
        tried.append(TriedK(k=k, silhouette=silhouette, stability=_stability(rows, k, seed=seed)))
    followed(len(wanted), len(wanted))
    if not tried:
        raise UsageError(
            f"There are too few different documents to try {low} clusters or more:"
            f" {len(rows):,}, and a cluster needs {_ROWS_A_CLUSTER} on average.",
            fix="Name a number of clusters with --k N, or lower the range.",
        )
    return max(tried, key=lambda one: (one.worth, -one.k)).k, tuple(tried)


def tried_values(low: int, high: int) -> list[int]:
    """Return at most ``MOST_TRIED`` whole numbers from low to high, both among them."""
    if high < low:
        return []
    if high - low < MOST_TRIED:
        return list(range(low, high + 1))
    spread = np.geomspace(low, high, MOST_TRIED).round().astype(int)
    return sorted(set(spread.tolist()))


def _stability(rows: FloatRows, k: int, *, seed: int) -> float:
    """Return the mean agreement of clusterings of pairs of bootstrap samples."""
    found = []
    for pair in range(PAIRS_OF_SAMPLES):
        groupings = []
        for half in range(2):
            chance = np.random.default_rng([seed, 2, pair, half])
            drawn = rows[np.sort(chance.integers(0, len(rows), len(rows)))]
            own = best_clusters(drawn, k, seed=pair, restarts=1, enough=ENOUGH_TO_COMPARE)
            groupings.append(nearest_centroids(rows, own.centroids)[0])
        found.append(adjusted_rand(Contingency.from_columns(*groupings)))
    return float(np.mean(found))
