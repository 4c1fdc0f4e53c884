"""From judgments and runs to figures: means, intervals, cautions, comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.engine.benchmark.resampling import LabelColumns
from retrieval.evaluate.bootstrap import mean_intervals
from retrieval.evaluate.evaluation import Evaluation, evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.multiplicity import holm
from retrieval.evaluate.paired import compare
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import Comparison, MeasureResult, Resampled
from retrieval.evaluate.run import Run

FEWEST_QUERIES = 20
"""Below this many, queries are too few to resample: label tasks resample documents."""
FEWEST_DOCUMENTS = 20
"""Below this many relevant documents an interval over documents covers less than it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One run, measured.

    Attributes:
        name: The system's name.
        evaluation: Values of every measure on every judged query.
        results: What is told of each measure, in order.
    """

    name: str
    evaluation: Evaluation
    results: tuple[MeasureResult, ...]

    def per_query(self) -> dict[str, dict[str, float]]:
        """Return measure to query id to value."""
        found = self.evaluation
        return {
            str(measure): dict(zip(found.query_ids, values.tolist(), strict=True))
            for measure, values in zip(found.measures, found.values, strict=True)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How runs are graded.

    Attributes:
        measures: Measures, the primary one first or not.
        primary: The measure to judge by, one of them.
        by_label: Whether queries are labels, whose documents are resampled if they are few.
        only_answerable: Whether queries without a relevant document are dropped.
        seed: Of every resampling.
    """

    measures: tuple[Measure, ...]
    primary: Measure
    by_label: bool
    only_answerable: bool
    seed: int

    def grade(
        self, qrels: Qrels, runs: Sequence[Run], depths: Sequence[int | None]
    ) -> list[Graded]:
        """Measure runs on the same judgments.

        Args:
            qrels: The judgments.
            runs: Runs of distinct names.
            depths: Hits each was asked for; None for every document.

        Raises:
            InputError: No query is left to measure on.
        """
        graded = []
        for run, depth in zip(runs, depths, strict=True):
            found = evaluate(qrels, run, self.measures, only_answerable=self.only_answerable)
            results = self._results(qrels, run, depth, found)
            graded.append(Graded(name=run.name, evaluation=found, results=results))
        return graded

    def _results(
        self, qrels: Qrels, run: Run, depth: int | None, found: Evaluation
    ) -> tuple[MeasureResult, ...]:
        columns = self._columns(qrels, found)
        results = []
        over_queries = mean_intervals(found.values, seed=self.seed)
        for measure, value, plain in zip(
            found.measures, found.means().tolist(), over_queries, strict=True
        ):
            interval = plain
            if columns is not None:
                interval = columns.interval(run, measure, seed=self.seed)
            results.append(
                MeasureResult(
                    mean=value,
                    low=min(interval.low, value),
                    high=max(interval.high, value),
                    n_judged=found.n_judged,
                    n_answered=found.n_answered,
                    resampled=Resampled.QUERIES if columns is None else Resampled.DOCUMENTS,
                    caution=_caution(measure, qrels, depth, found, resampled=columns is not None),
                )
            )
        return tuple(results)

    def _columns(self, qrels: Qrels, found: Evaluation) -> LabelColumns | None:
        """Return the columns to resample documents of; None where queries are resampled."""
        if not self.by_label or len(found.query_ids) >= FEWEST_QUERIES:
            return None
        return LabelColumns.of(qrels, found.query_ids)

    def compare(
        self, qrels: Qrels, runs: Sequence[Run], graded: Sequence[Graded]
    ) -> list[Comparison]:
        """Compare every run after the first with it, by every measure.

        Holm's correction is over every test that is shown.
        """
        if len(graded) < 2:
            return []
        first = graded[0]
        columns = self._columns(qrels, first.evaluation)
        found = []
        for run, other in zip(runs[1:], graded[1:], strict=True):
            for at, measure in enumerate(self.measures):
                baseline, system = first.evaluation.values[at], other.evaluation.values[at]
                paired = compare(baseline, system, seed=self.seed)
                low, high = paired.low, paired.high
                if columns is not None:
                    spread = columns.difference(runs[0], run, measure, seed=self.seed)
                    low, high = (
                        min(spread.low, paired.difference),
                        max(spread.high, paired.difference),
                    )
                found.append(
                    Comparison(
                        baseline=first.name,
                        system=other.name,
                        measure=str(measure),
                        primary=measure == self.primary,
                        difference=paired.difference,
                        low=low,
                        high=high,
                        p_value=paired.p_value,
                        p_holm=None,
                        wins=paired.wins,
                        ties=paired.ties,
                        losses=paired.losses,
                        refused=paired.refused,
                    )
                )
        return _corrected(found)


def _corrected(found: list[Comparison]) -> list[Comparison]:
    adjusted = holm([one.p_value for one in found])
    return [replace(one, p_holm=value) for one, value in zip(found, adjusted, strict=True)]


def _caution(
    measure: Measure, qrels: Qrels, depth: int | None, found: Evaluation, *, resampled: bool
) -> str:
    """Say why a figure needs care; nothing if it can be read as it is."""
    if depth is not None and measure.needs_full_depth:
        most = qrels.select(found.query_ids).relevant_counts()
        deeper = int((most > depth).sum())
        if deeper:
            return (
                f"depth {depth} is below the number of relevant documents (up to"
                f" {int(most.max()):,}) of {deeper} of the {len(most)} queries: this is"
                f" {measure} of a cut ranking"
            )
    if not resampled and found.n_judged < FEWEST_QUERIES:
        return f"the interval is over {found.n_judged} queries only and too narrow"
    if resampled:
        fewest = int(qrels.select(found.query_ids).relevant_counts().min())
        if fewest < FEWEST_DOCUMENTS:
            return f"the interval is over {fewest} documents of a label only and too narrow"
    return ""
