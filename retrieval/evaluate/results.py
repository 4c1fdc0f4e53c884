"""What a benchmark found, as records: figures with their intervals, counts and cautions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class TaskKind(StrEnum):
    """Where relevance comes from."""

    QUERIES = "queries"
    """Judged queries: a text each, with graded documents."""
    LABELS = "labels"
    """Each value of a label field is a query; its documents are the relevant ones."""


class Resampled(StrEnum):
    """What a bootstrap interval was drawn over."""

    QUERIES = "queries"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureResult:
    """One measure of one system.

    Attributes:
        mean: Mean over all judged queries; a missing query scored the default.
        low: Lower end of the 95 % bootstrap interval.
        high: Upper end of it.
        n_judged: Queries that were judged (documents, for a measure of clusters).
        n_answered: Those of them with at least one hit.
        resampled: What the interval was drawn over.
        caution: Why the figure needs care, such as a depth below the number of
            relevant documents; empty if it can be read as it is.
    """

    mean: float
    low: float
    high: float
    n_judged: int
    n_answered: int
    resampled: Resampled
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemResult:
    """One way of searching, measured.

    Attributes:
        name: Its name in this benchmark.
        description: How it searches, in words, such as ``dense, index reviews``.
        measures: Results by the measure's name, in the order asked for.
        per_query: Measure to query id to value, for every judged query.
        depth: Hits asked for; None when every document was ranked.
        tied_share: Share of hits whose score another hit of the query has, in [0, 1].
        left_out: Judgments not counted because the system learned from them.
        out_of_fold: Judgments scored by a model that did not learn from them.
        in_sample: Whether it was graded on what it learned from; shown in every output.
    """

    name: str
    description: str
    measures: Mapping[str, MeasureResult]
    per_query: Mapping[str, Mapping[str, float]]
    depth: int | None
    tied_share: float
    left_out: int = 0
    out_of_fold: int = 0
    in_sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A system beside the first one, by one measure, on the same queries.

    Attributes:
        baseline: Name of the first system.
        system: Name of the other.
        measure: The measure.
        primary: Whether it is the one named first; the others are secondary.
        difference: Mean of system minus mean of baseline.
        low: Lower end of the 95 % bootstrap interval of the difference.
        high: Upper end of it.
        p_value: Two-sided, paired randomisation; None when the test was refused.
        p_holm: The same after Holm's correction over every test shown.
        wins: Queries on which the system is better.
        ties: Queries on which both are equal.
        losses: Queries on which the system is worse.
        refused: Why there is no p-value; empty when there is one.
    """

    baseline: str
    system: str
    measure: str
    primary: bool
    difference: float
    low: float
    high: float
    p_value: float | None
    p_holm: float | None
    wins: int
    ties: int
    losses: int
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSummary:
    """What was measured on.

    Attributes:
        kind: Judged queries, or labels.
        judgments: Where the judgments come from: a path, or ``field label``.
        split: Part of the judgments, such as ``test``; empty where there are no parts.
        queries: Queries judged.
        documents: Documents in the index; None where only files were compared.
        judgments_count: Judgments, non-relevant ones among them.
        without_relevant: Judged queries without any relevant document.
        unknown_documents: Judgments of documents the index does not have.
        duplicate_documents: Documents whose title and text another document has too.
        notes: What else a reader should know, one sentence each.
    """

    kind: TaskKind
    judgments: str
    split: str
    queries: int
    documents: int | None
    judgments_count: int
    without_relevant: int
    unknown_documents: int
    duplicate_documents: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingFigures:
    """What can be drawn of one system; all means over queries.

    Attributes:
        system: Its name.
        recall: Recall levels from 0 to 1, ascending.
        precision: Interpolated precision at each of them.
        rank: Ranks, ascending, from 1.
        precision_at_rank: Precision at each of them.
        edges: Borders of the score histogram's bins, ascending.
        relevant: Relevant hits in each bin (one fewer than borders).
        non_relevant: Other hits in each bin.
        threshold: Score from which calling a hit relevant gives the best F1; None where
            no hit is relevant.
        best_f1: That F1, in [0, 1]; None likewise.
    """

    system: str
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    rank: tuple[int, ...]
    precision_at_rank: tuple[float, ...]
    edges: tuple[float, ...]
    relevant: tuple[int, ...]
    non_relevant: tuple[int, ...]
    threshold: float | None
    best_f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSilhouette:
    """One group of the silhouette plot.

    Attributes:
        name: The group's label.
        size: Its documents.
        mean: Mean silhouette, in [-1, 1].
        values: Silhouettes, descending; at most 200 evenly spaced ones of a large group.
    """

    name: str
    size: int
    mean: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilhouetteFigure:
    """The silhouette of an index's documents, grouped.

    Attributes:
        grouped_by: What the groups are, such as ``field label``.
        mean: Mean over all documents, in [-1, 1].
        groups: Each group, by name.
    """

    grouped_by: str
    mean: float
    groups: tuple[ClusterSilhouette, ...]

    def summary(self) -> dict[str, Any]:
        """Return mean and groups as JSON values, without single documents."""
        groups = [{"name": one.name, "size": one.size, "mean": one.mean} for one in self.groups]
        return {"grouped_by": self.grouped_by, "mean": self.mean, "groups": groups}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHit:
    """A hit as a report shows it.

    Attributes:
        rank: From 1.
        score: Its score.
        doc_id: Its document.
        text: Title and beginning of the text.
        grade: Its judged grade; None if it was not judged.
    """

    rank: int
    score: float
    doc_id: str
    text: str
    grade: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstQuery:
    """A query on which the first system did badly by the primary measure.

    Attributes:
        query_id: Its id.
        query: Its text.
        value: The measure's value.
        relevant: Its relevant documents.
        hits: Its first hits.
    """

    query_id: str
    query: str
    value: float
    relevant: int
    hits: tuple[ShownHit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFigures:
    """One label as a classifier's view of a system: scores without a cut.

    Attributes:
        system: Name of the system.
        label: The label that was asked for.
        documents: Documents ranked, or relevant and not ranked.
        base_rate: Share of them with the label: the AP of knowing nothing.
        average_precision: AP over the whole ranking, in [0, 1].
        best_f1: Best F1 over thresholds between distinct scores, in [0, 1].
        f1_threshold: Score from which calling a document relevant gives it; None where no
            threshold does.
        best_accuracy: Best share of documents on the right side of a threshold.
        accuracy_threshold: Likewise; None where calling none relevant is best.
    """

    system: str
    label: str
    documents: int
    base_rate: float
    average_precision: float
    best_f1: float
    f1_threshold: float | None
    best_accuracy: float
    accuracy_threshold: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchReport:
    """A whole benchmark.

    Attributes:
        primary: Name of the measure to judge by.
        task: What was measured on.
        systems: Each way of searching, the baseline first.
        comparisons: The others beside the first, measure by measure.
        figures: What can be drawn of each system.
        silhouette: The silhouette plot, where it was asked for.
        worst: Queries the first system did worst on, worst first.
        labels: Each label of a label task as a classifier's view, system by system.
        provenance: Index, generation, model, versions, seed, time, machine: JSON values.
    """

    primary: str
    task: TaskSummary
    systems: tuple[SystemResult, ...]
    comparisons: tuple[Comparison, ...]
    figures: tuple[RankingFigures, ...]
    silhouette: SilhouetteFigure | None
    worst: tuple[WorstQuery, ...]
    labels: tuple[LabelFigures, ...] = ()
    provenance: Mapping[str, Any]

    def to_json(self, *, per_query: bool = False) -> dict[str, Any]:
        """Return the report as the command line's JSON, schema version 1.

        Args:
            per_query: Whether to add the values of every query.
        """
        runs: dict[str, Any] = {}
        for system in self.systems:
            fields = asdict(system)
            del fields["name"]
            if not per_query:
                del fields["per_query"]
            runs[system.name] = fields
        return {
            "schema_version": 1,
            "primary": self.primary,
            "task": asdict(self.task),
            "runs": runs,
            "comparisons": [asdict(one) for one in self.comparisons],
            "labels": [asdict(one) for one in self.labels],
            "silhouette": None if self.silhouette is None else self.silhouette.summary(),
            "provenance": dict(self.provenance),
        }
