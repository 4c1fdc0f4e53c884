"""The use case of clustering: which documents of an index belong together, and under what name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.choose_k import DEFAULT_RANGE, TriedK, choose_k
from retrieval.cluster.documents import DocumentRows, document_rows
from retrieval.cluster.kmeans import DEFAULT_RESTARTS, Clusters, spherical_kmeans
from retrieval.cluster.names import distinctive_words, name_of
from retrieval.engine.benchmark.labels import labels_of
from retrieval.engine.index import Index
from retrieval.engine.pairing import excerpt
from retrieval.errors import UsageError
from retrieval.evaluate.agreement import agreement
from retrieval.evaluate.silhouette import cosine_silhouette
from retrieval.observer import SILENT, Observer
from retrieval.vectors import exact_scores

DEFAULT_WORDS = 8
DEFAULT_EXEMPLARS = 3
_CHARACTERS_READ = 20_000
"""Characters of a document that its cluster's words are counted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """A document that is near the middle of its cluster.

    Attributes:
        doc_id: Its id.
        score: Cosine similarity to the centroid.
        text: Title and text on one line, cut after 300 characters.
    """

    doc_id: str
    score: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFigures:
    """One cluster.

    Attributes:
        number: From 1, by size descending, then by the lowest id in it.
        name: Its first distinctive words.
        size: Documents in it.
        silhouette: Mean silhouette of its documents, in [-1, 1].
        words: Its distinctive words, most distinctive first.
        exemplars: Its documents nearest to the centroid, nearest first.
    """

    number: int
    name: str
    size: int
    silhouette: float
    words: tuple[str, ...]
    exemplars: tuple[Exemplar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAgreement:
    """How far clusters agree with a label field; labels were not used to find them.

    Attributes:
        field: The field.
        labels: Different labels.
        documents: Documents with just one label, which are counted.
        adjusted_rand: In [-0.5, 1]; 0 is what chance gives.
        normalised_mutual_information: In [0, 1].
        homogeneity: In [0, 1].
        completeness: In [0, 1].
        v_measure: In [0, 1].
        purity: In (0, 1].
        matched_accuracy: In (0, 1]; each cluster stands for one label, matched at their best.
    """

    field: str
    labels: int
    documents: int
    adjusted_rand: float
    normalised_mutual_information: float
    homogeneity: float
    completeness: float
    v_measure: float
    purity: float
    matched_accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterReport:
    """What clustering an index found.

    Attributes:
        index: Name of the index.
        generation: The generation clustered.
        documents: Documents clustered.
        empty: Documents left out because they have no text.
        k: Clusters.
        seed: Of every draw.
        restarts: First centroids tried.
        inertia: Sum of cosine distances to the centroids; lower is better.
        silhouette: Mean silhouette of all documents, in [-1, 1].
        clusters: The largest first.
        tried: Figures of every k tried, where it was chosen from a range.
        agreement: Agreement with labels, where a label field was named.
    """

    index: str
    generation: int
    documents: int
    empty: int
    k: int
    seed: int
    restarts: int
    inertia: float
    silhouette: float
    clusters: tuple[ClusterFigures, ...]
    tried: tuple[TriedK, ...] | None
    agreement: LabelAgreement | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as the command line's JSON, schema version 1."""
        return {"schema_version": 1, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clustering:
    """A report, and the cluster of each document.

    Attributes:
        report: The figures.
        documents: The documents clustered, as rows.
        groups: int64 (n,), the cluster of each row, from 0: one below its number.
    """

    report: ClusterReport
    documents: DocumentRows
    groups: NDArray[np.int64]

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each document's cluster, by id."""
        return dict(zip(self.documents.ids, (self.groups + 1).tolist(), strict=True))


def find_clusters(
    index: Index,
    k: int | None = None,
    *,
    k_range: tuple[int, int] = DEFAULT_RANGE,
    seed: int = 0,
    restarts: int = DEFAULT_RESTARTS,
    label_field: str | None = None,
    words: int = DEFAULT_WORDS,
    exemplars: int = DEFAULT_EXEMPLARS,
    observer: Observer = SILENT,
) -> Clustering:
    """Cluster the documents of an index by meaning, with spherical k-means.

    A document is the mean of its passages, scaled to length 1; documents without text are
    left out. The same documents and the same seed give the same clusters, however the
    index came about. No model is loaded.

    Args:
        index: The open index.
        k: Clusters, from 2 to the number of documents; None to choose it from ``k_range``
            by silhouette and stability (``retrieval.cluster.choose_k``).
        k_range: Least and greatest k to choose from.
        seed: Of every draw, at least 0.
        restarts: First centroids tried; the best inertia wins.
        label_field: Field to compare the clusters with; None for no comparison.
        words: Distinctive words of each cluster, at least 1.
        exemplars: Documents shown of each cluster, at least 0.
        observer: Follows the work.

    Raises:
        UsageError: k or another number cannot be, or no document has the label field.
        DamagedIndexError: The index is not what was written.
    """
    if words < 1 or exemplars < 0:
        raise UsageError(
            f"{words} words and {exemplars} exemplars were asked for; the least are 1 and 0."
        )
    documents = document_rows(index.snapshot)
    labels = None if label_field is None else _labels(index, documents, label_field)
    tried = None
    if k is None:
        k, tried = choose_k(
            documents.rows,
            *k_range,
            seed=seed,
            followed=lambda done, total: observer.progress("choosing k", done, total, "values"),
        )
    observer.progress("clustering", 0, len(documents), "documents")
    found = spherical_kmeans(documents.rows, k, seed=seed, restarts=restarts)
    silhouettes = cosine_silhouette(documents.rows, found.groups)
    observer.progress("clustering", len(documents), len(documents), "documents")
    report = ClusterReport(
        index=index.name,
        generation=index.snapshot.generation,
        documents=len(documents),
        empty=documents.empty,
        k=found.k,
        seed=seed,
        restarts=restarts,
        inertia=found.inertia,
        silhouette=float(silhouettes.mean()),
        clusters=_figures(documents, found, silhouettes, words, exemplars),
        tried=tried,
        agreement=None if labels is None else _agreement(label_field or "", labels, found.groups),
    )
    return Clustering(report=report, documents=documents, groups=found.groups)


def _labels(index: Index, documents: DocumentRows, field: str) -> list[str | None]:
    """Return the one label of each row; None where it has none or several."""
    _, found = labels_of(index, field)
    if not found:
        raise UsageError(
            f"No document of {index.name} has just one value in a field {field!r}.",
            fix="Name a field with --label-field; a field of a document is seen with"
            " `retrieve query ... --fields metadata`.",
        )
    return [found.get(doc_id) for doc_id in documents.ids]


def _agreement(field: str, labels: list[str | None], groups: NDArray[np.int64]) -> LabelAgreement:
    known = [at for at, label in enumerate(labels) if label is not None]
    own = [labels[at] or "" for at in known]
    return LabelAgreement(
        field=field,
        labels=len(set(own)),
        documents=len(known),
        **asdict(agreement(own, groups[known])),
    )


def _figures(
    documents: DocumentRows,
    found: Clusters,
    silhouettes: NDArray[np.float64],
    words: int,
    exemplars: int,
) -> tuple[ClusterFigures, ...]:
    named = distinctive_words(_texts(documents, found.groups), found.k, words)
    figures = []
    for at in range(found.k):
        members = np.flatnonzero(found.groups == at)
        scores = exact_scores(documents.rows[members], found.centroids[at])
        nearest = np.lexsort((members, -scores))[:exemplars]
        figures.append(
            ClusterFigures(
                number=at + 1,
                name=name_of(named[at], at + 1),
                size=len(members),
                silhouette=float(silhouettes[members].mean()),
                words=named[at],
                exemplars=tuple(
                    Exemplar(
                        doc_id=documents.ids[members[one]],
                        score=float(scores[one]),
                        text=excerpt(documents.document(int(members[one]))),
                    )
                    for one in nearest.tolist()
                ),
            )
        )
    return tuple(figures)


def _texts(documents: DocumentRows, groups: NDArray[np.int64]) -> Iterator[tuple[int, str]]:
    for row, group in enumerate(groups.tolist()):
        document = documents.document(row)
        yield group, f"{document.title} {document.text}"[:_CHARACTERS_READ]
