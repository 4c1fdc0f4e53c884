from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.engine.benchmark.judgments import JudgmentOptions
from retrieval.engine.concepts.files import write_concept_file
from retrieval.errors import InputError, ModelMismatchError, UsageError
from retrieval.query.learned import document_rows, rank, standardised
from retrieval.store.concepts import ConceptContent
from retrieval.store.ranking import Place
from retrieval.vectors import unit_rows
from tests.engine.learnable import learnable, learnable_rows
from tests.engine.test_concepts import fitted


def test_probabilities_of_fitted_documents_are_out_of_fold(tmp_path: Path) -> None:
    with learnable(tmp_path, 60) as index:
        concept = fitted(index)
        snapshot = index.snapshot
        ranking = rank(snapshot, concept, 60)
        inside = standardised(snapshot, concept, ranking, out_of_fold=False)
        outside = standardised(snapshot, concept, ranking)
        hits = index.search_concept("praise", None)
    assert inside == pytest.approx(concept.ranker.standardised(ranking.scores))
    place = {doc_id: at for at, doc_id in enumerate(concept.doc_ids)}
    for at, hit in enumerate(hits):
        model = concept.folds[concept.fold_of[place[hit.doc_id]]]
        where = Place(int(ranking.segments[at]), int(ranking.ordinals[at]))
        row = document_rows(snapshot, [where], concept.unit)
        assert outside[at] == pytest.approx(model.score(row)[0], abs=1e-5)
        assert hit.probability == pytest.approx(
            concept.probabilities(outside[at : at + 1])[0], abs=1e-6
        )
    # what the final model saw flatters it
    labels = np.array([concept.labels[place[hit.doc_id]] for hit in hits])

    def apart(scores: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        return float(scores[labels].mean() - scores[~labels].mean())

    assert apart(inside) > apart(outside)


def test_chosen_labels_have_no_probability_and_promise_nothing(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        fitted(index, labels_are="chosen")
        (hit,) = index.search(concept="praise", k=1)
        assert hit.probability is None
        assert "chosen" in (hit.no_probability or "")
        with pytest.raises(UsageError, match="Nothing can be promised"):
            index.search(concept="praise", min_precision=0.5)
        fitted(index, labels_are="chosen", prevalence=0.05)
        (rare,) = index.search(concept="praise", k=1)
        fitted(index, labels_are="chosen", prevalence=0.9)
        (frequent,) = index.search(concept="praise", k=1)
    assert rare.probability is not None
    assert frequent.probability is not None
    assert rare.probability < frequent.probability


def test_a_promised_precision_gives_the_whole_set_or_a_refusal(tmp_path: Path) -> None:
    with learnable(tmp_path, rows=learnable_rows(600, noise=0.02)) as index:
        fitted(index)
        hits = index.search_concept("praise", None, min_precision=0.8)
        assert hits[:5] == index.search(concept="praise", k=5, min_precision=0.8)
        assert 60 < len(hits) < 600
        assert sum(hit.metadata["label"] == "praise" for hit in hits) >= 0.8 * len(hits)
        with pytest.raises(UsageError, match="Not enough labels to promise this"):
            index.search(concept="praise", min_precision=0.999)
        with pytest.raises(UsageError, match="between 0 and 1"):
            index.search(concept="praise", min_precision=1.0)
        with pytest.raises(UsageError, match="goes with a concept"):
            index.search("praise", min_precision=0.9)
        with pytest.raises(UsageError, match="takes one"):
            index.search("praise", concept="praise")
        with pytest.raises(UsageError, match="at least 1 hit"):
            index.search(concept="praise", k=0)
        with pytest.raises(UsageError, match="no concept 'blame'"):
            index.search(concept="blame")


def long_rows() -> list[dict[str, Any]]:
    """Return documents of one to four passages."""
    rows = learnable_rows(60)
    for number, row in enumerate(rows):
        filler = " ".join(["river", "song", "day", "house", "street"] * 10)
        row["text"] = ". ".join([row["text"], *[f"{filler} {number}"] * (number % 4)]) + "."
    return rows


def test_documents_rank_by_the_mean_of_their_passages_or_by_the_best(tmp_path: Path) -> None:
    with learnable(tmp_path, rows=long_rows()) as index:
        assert any(one.segment.passages > one.segment.documents for one in index.snapshot.segments)
        index.upsert([{"id": "more", "text": "good film", "label": "praise"}])  # two segments
        for concept in (fitted(index), fitted(index, "best", unit="passage")):
            direction = concept.ranker.direction.astype(np.float64)
            wanted = {}
            for one in index.snapshot.scan():
                rows = one.vectors.astype(np.float64)
                if concept.unit == "document":
                    rows = unit_rows(rows.sum(axis=0)[np.newaxis]).astype(np.float64)
                wanted[one.document.doc_id] = float((rows @ direction).max())
            hits = index.search_concept(concept.name, None)
            assert {hit.doc_id: hit.score for hit in hits} == pytest.approx(wanted, abs=1e-6)
            ranked = [(-hit.score, hit.doc_id) for hit in hits]
            assert ranked == sorted(ranked)
            assert index.search_concept(concept.name, 7) == hits[:7]


def benched(index: retrieval.Index, compare: str, field: str = "label", **options: Any) -> Any:
    return retrieval.bench(
        index,
        judgments=JudgmentOptions(label_field=field),
        measures=["AP"],
        compare=[compare],
        **options,
    ).report


def test_a_benchmark_scores_fitted_documents_by_models_that_did_not_see_them(
    tmp_path: Path,
) -> None:
    with learnable(tmp_path, 100) as index:
        concept = fitted(index)
        honest = benched(index, "learned=concept=praise")
        flattering = benched(index, "learned=concept=praise", in_sample=True)
    (dense, learned) = honest.systems
    assert list(learned.per_query["AP"]) == ["praise"]
    assert any("Only 'praise' is asked" in one for one in honest.task.notes)
    assert (dense.out_of_fold, learned.out_of_fold) == (0, 100)
    assert learned.left_out == 0
    assert learned.measures["AP"].mean < flattering.systems[1].measures["AP"].mean
    assert learned.measures["AP"].mean == pytest.approx(
        concept.report.average_precision.value, abs=0.05
    )
    assert [one.in_sample for one in flattering.systems] == [False, True]


def test_a_concept_that_no_query_asks_for_is_refused(tmp_path: Path) -> None:
    rows = learnable_rows(60)
    for row in rows:
        row["tone"] = {"praise": "up", "complaint": "down"}[row["label"]]
    with learnable(tmp_path, rows=rows) as index:
        fitted(index)
        for spec, told in (
            ("c=concept=praise", "None of the queries"),
            ("c=concept=blame", "no concept"),
            ("c=concept=", "needs a value"),
        ):
            with pytest.raises(UsageError, match=told):
                benched(index, spec, "tone")


def test_a_concept_goes_out_and_comes_in(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        fitted(index)
        index.export_concept("praise", tmp_path / "praise.concept")
        with pytest.raises(UsageError, match="there already"):
            index.export_concept("praise", tmp_path / "praise.concept")
        with pytest.raises(UsageError, match="no folder"):
            index.export_concept("praise", tmp_path / "nowhere" / "praise.concept")
        hits = index.search(concept="praise")
        index.delete_concept("praise")
        assert index.concepts() == []
        with pytest.raises(UsageError, match="no concept"):
            index.delete_concept("praise")
        back = index.import_concept(tmp_path / "praise.concept")
        assert (back.version, back.imported) == (1, False)
        assert index.search(concept="praise") == hits


def test_an_imported_concept_of_another_index_promises_nothing(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        fitted(index)
        index.export_concept("praise", tmp_path / "praise.concept")
    (tmp_path / "other").mkdir()
    with learnable(tmp_path / "other", rows=learnable_rows(30, seed=9)) as other:
        assert other.import_concept(tmp_path / "praise.concept").imported
        (hit,) = other.search(concept="praise", k=1)
        assert hit.probability is None
        assert "another index" in (hit.no_probability or "")
        with pytest.raises(UsageError, match="another index"):
            other.search(concept="praise", min_precision=0.5)
        assert other.verify().ok


def test_a_file_that_is_no_concept_of_this_model_is_refused(tmp_path: Path) -> None:
    with learnable(tmp_path, 40) as index:
        fitted(index)
        index.export_concept("praise", tmp_path / "praise.concept")
        content = (tmp_path / "praise.concept").read_bytes()
        (tmp_path / "bad").write_bytes(content[:-40] + b"x" * 40)
        for name, told in (
            ("bad", "no concept"),
            ("notes.jsonl", "damaged"),
            ("none", "cannot be"),
        ):
            with pytest.raises(InputError, match=told):
                index.import_concept(tmp_path / name)
        concept = index.concept("praise")
        other = ConceptContent(
            record={**concept.record(), "model": "another"}, arrays=concept.arrays()
        )
        write_concept_file(tmp_path / "other", other)
        with pytest.raises(ModelMismatchError, match="another"):
            index.import_concept(tmp_path / "other")


def test_a_concept_ranks_among_the_documents_that_fit_a_filter(tmp_path: Path) -> None:
    rows = [{**row, "n": at} for at, row in enumerate(learnable_rows(60))]
    with learnable(tmp_path, rows=rows) as index:
        fitted(index)
        every = index.search_concept("praise", None)
        found = index.search_concept("praise", 7, where="n < 20")
        wanted = [one for one in every if one.metadata["n"] in range(20)][:7]
        assert [(one.doc_id, one.score) for one in found] == [
            (one.doc_id, one.score) for one in wanted
        ]
        with pytest.raises(UsageError, match="whole index"):
            index.search_concept("praise", min_precision=0.1, where="n < 20")
