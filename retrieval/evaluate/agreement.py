"""How far two groupings of the same documents agree; what the groups are called is no matter."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import UsageError

MOST_CELLS = 25_000_000
"""Largest table whose best matching is looked for: 200 MB as float64."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contingency:
    """Documents by class and cluster; only the cells that hold any, so any size fits.

    Attributes:
        class_of: int64 (cells,), the class of a cell, counted from 0 in sorted order.
        cluster_of: int64 (cells,), its cluster, likewise.
        counts: int64 (cells,), its documents; at least 1.
        class_sizes: int64 (classes,).
        cluster_sizes: int64 (clusters,).
    """

    class_of: NDArray[np.int64]
    cluster_of: NDArray[np.int64]
    counts: NDArray[np.int64]
    class_sizes: NDArray[np.int64]
    cluster_sizes: NDArray[np.int64]

    @classmethod
    def from_columns(cls, classes: ArrayLike, clusters: ArrayLike) -> Self:
        """Count documents by class and cluster.

        Args:
            classes: Strings or integers (n,), the true grouping.
            clusters: Strings or integers (n,), the found one.

        Raises:
            UsageError: The columns do not fit each other, or there are no documents.
        """
        one, other = np.asarray(classes), np.asarray(clusters)
        if one.ndim != 1 or one.shape != other.shape or not len(one):
            raise UsageError(
                f"Classes have the shape {one.shape} and clusters {other.shape}; both are"
                " (n,), and n is at least 1."
            )
        _, row, class_sizes = np.unique(one, return_inverse=True, return_counts=True)
        _, column, cluster_sizes = np.unique(other, return_inverse=True, return_counts=True)
        cells, counts = np.unique(row * len(cluster_sizes) + column, return_counts=True)
        return cls(
            class_of=cells // len(cluster_sizes),
            cluster_of=cells % len(cluster_sizes),
            counts=counts,
            class_sizes=class_sizes,
            cluster_sizes=cluster_sizes,
        )

    @property
    def documents(self) -> int:
        """Documents counted."""
        return int(self.counts.sum())

    def table(self) -> NDArray[np.int64]:
        """Return the whole table, int64 (classes, clusters), zeros included."""
        whole = np.zeros((len(self.class_sizes), len(self.cluster_sizes)), dtype=np.int64)
        whole[self.class_of, self.cluster_of] = self.counts
        return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Every measure of agreement between classes and clusters; 1 is the best of each.

    Attributes:
        adjusted_rand: In [-0.5, 1]; 0 is what chance gives.
        normalised_mutual_information: In [0, 1].
        homogeneity: In [0, 1]; 1 when each cluster has documents of one class only.
        completeness: In [0, 1]; 1 when each class lies in one cluster only.
        v_measure: In [0, 1].
        purity: In (0, 1]; grows with the number of clusters, 1 when each holds one document.
        matched_accuracy: In (0, 1].
    """

    adjusted_rand: float
    normalised_mutual_information: float
    homogeneity: float
    completeness: float
    v_measure: float
    purity: float
    matched_accuracy: float

    def to_json(self) -> dict[str, float]:
        """Return the record as JSON values."""
        return asdict(self)


def agreement(classes: ArrayLike, clusters: ArrayLike) -> Agreement:
    """Measure how far clusters agree with classes.

    Args:
        classes: Strings or integers (n,), the true grouping.
        clusters: Strings or integers (n,), the found one.

    Raises:
        UsageError: The columns do not fit each other, there are no documents, or there are
            too many groups to match (see ``matched_accuracy``).
    """
    counted = Contingency.from_columns(classes, clusters)
    return Agreement(
        adjusted_rand=adjusted_rand(counted),
        normalised_mutual_information=normalised_mutual_information(counted),
        homogeneity=homogeneity(counted),
        completeness=completeness(counted),
        v_measure=v_measure(counted),
        purity=purity(counted),
        matched_accuracy=matched_accuracy(counted),
    )


def adjusted_rand(counted: Contingency) -> float:
    """Return the Rand index adjusted for chance, in [-0.5, 1].

    Hubert and Arabie (1985): ``(S - A B / N) / ((A + B) / 2 - A B / N)``; S: pairs of
    documents together in both groupings; A, B: pairs together in the one, in the other; N:
    all pairs. 1 where both groupings are all together or all apart, which agree.
    """
    together = _pairs(counted.counts)
    one, other = _pairs(counted.class_sizes), _pairs(counted.cluster_sizes)
    every = math.comb(counted.documents, 2)
    # whole numbers of Python: products of pairs of pairs do not fit 64 bits
    below = (one + other) * every - 2 * one * other
    return 1.0 if below == 0 else 2 * (together * every - one * other) / below


def normalised_mutual_information(counted: Contingency) -> float:
    """Return the mutual information over the arithmetic mean of both entropies, in [0, 1].

    ``I / ((H(classes) + H(clusters)) / 2)``. 1 where both groupings have one group only.
    """
    mean = (_entropy(counted.class_sizes) + _entropy(counted.cluster_sizes)) / 2
    return _share(_mutual_information(counted), mean)


def homogeneity(counted: Contingency) -> float:
    """Return how far each cluster holds one class only, in [0, 1].

    Rosenberg and Hirschberg (2007): ``1 - H(classes | clusters) / H(classes)``, which is
    ``I / H(classes)``; 1 where there is one class only.
    """
    return _share(_mutual_information(counted), _entropy(counted.class_sizes))


def completeness(counted: Contingency) -> float:
    """Return how far each class lies in one cluster only, in [0, 1].

    Rosenberg and Hirschberg (2007): ``1 - H(clusters | classes) / H(clusters)``, which is
    ``I / H(clusters)``; 1 where there is one cluster only.
    """
    return _share(_mutual_information(counted), _entropy(counted.cluster_sizes))


def v_measure(counted: Contingency) -> float:
    """Return the harmonic mean of homogeneity and completeness, in [0, 1].

    Rosenberg and Hirschberg (2007), with beta = 1; 0 where both are 0.
    """
    one, other = homogeneity(counted), completeness(counted)
    return 2 * one * other / (one + other) if one + other else 0.0


def purity(counted: Contingency) -> float:
    """Return the share of documents that are of the largest class of their cluster."""
    largest = np.zeros(len(counted.cluster_sizes), dtype=np.int64)
    np.maximum.at(largest, counted.cluster_of, counted.counts)
    return float(largest.sum() / counted.documents)


def matched_accuracy(counted: Contingency) -> float:
    """Return the accuracy when each cluster stands for one class, matched at their best.

    The one-to-one matching with most documents in its cells, as Kuhn (1955) finds it; a
    group without a partner has all its documents wrong.

    Raises:
        UsageError: The table has more than ``MOST_CELLS`` cells.
    """
    from scipy.optimize import linear_sum_assignment

    classes, clusters = len(counted.class_sizes), len(counted.cluster_sizes)
    if classes * clusters > MOST_CELLS:
        raise UsageError(
            f"{classes:,} classes and {clusters:,} clusters are too many to match: at most"
            f" {MOST_CELLS:,} pairs are tried.",
            fix="Measure fewer clusters, or leave out the accuracy under the best matching.",
        )
    table = counted.table()
    matched = linear_sum_assignment(table, maximize=True)
    return float(table[matched].sum() / counted.documents)


def _pairs(sizes: NDArray[np.int64]) -> int:
    """Return how many pairs there are within groups of these sizes."""
    return int((sizes * (sizes - 1) // 2).sum())


def _entropy(sizes: NDArray[np.int64]) -> float:
    """Return the entropy of groups of these sizes, in nats; exactly 0 for one group."""
    if len(sizes) == 1:
        return 0.0
    share = sizes / sizes.sum()
    return float(-(share * np.log(share)).sum())


def _mutual_information(counted: Contingency) -> float:
    """Return ``I = sum p(c, k) log(p(c, k) / (p(c) p(k)))`` in nats.

    Exactly 0 where one of the groupings has one group only; below 1e-15 it is rounding.
    """
    if len(counted.class_sizes) == 1 or len(counted.cluster_sizes) == 1:
        return 0.0
    count = counted.documents
    expected = (
        np.log(counted.class_sizes)[counted.class_of]
        + np.log(counted.cluster_sizes)[counted.cluster_of]
    )
    logs = np.log(counted.counts) - expected + math.log(count)
    total = float((counted.counts / count * logs).sum())
    return total if total > 1e-15 else 0.0


def _share(information: float, entropy: float) -> float:
    """Return information / entropy, at most 1; 1 where there was nothing to know."""
    return min(information / entropy, 1.0) if entropy else 1.0
