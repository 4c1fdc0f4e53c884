from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import retrieval
from retrieval.concept.artefact import Concept
from retrieval.engine.concepts.drawing import draw
from retrieval.engine.concepts.journal import Journal, usual_path
from retrieval.errors import FileSystemError, InputError, UsageError
from retrieval.query.learned import scores_of
from tests.engine.learnable import learnable, learnable_rows, reopened
from tests.engine.test_concepts import fitted


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    """An index in which one in six is praise, and a concept of half of that and as many others."""
    rows = learnable_rows(900, noise=0.1)
    praise = [row for row in rows if row["label"] == "praise"]
    kept = praise[:100] + [row for row in rows if row["label"] != "praise"][:400]
    for at, row in enumerate(kept):
        row["told"] = row["label"] if at < 50 or 100 <= at < 150 else None
    opened = learnable(tmp_path, rows=kept)
    opened.fit_concept("praise", label_field="told", positive="praise")
    return opened


def truth(index: retrieval.Index, count: int = 50, seed: int = 0) -> dict[str, bool | None]:
    drawn = index.audit_sample("praise", count=count, seed=seed)
    return {one.doc_id: one.metadata["label"] == "praise" for one in drawn}


def test_chosen_labels_have_probabilities_after_an_audit(index: retrieval.Index) -> None:
    (before,) = index.search(concept="praise", k=1)
    assert before.probability is None
    assert "retrieve concept audit praise" in (before.no_probability or "")
    done = index.audit_concept("praise", truth(index, 200), count=200)
    assert done.version == 2
    audit = done.audit
    assert audit is not None
    assert (len(audit.labels), audit.drawn, audit.population, audit.skipped) == (200, 200, 500, ())
    assert audit.prevalence.low < 0.2 < audit.prevalence.high
    hits = index.search_concept("praise", None)
    chances = np.array([hit.probability for hit in hits], dtype=np.float64)
    assert float(chances.mean()) == pytest.approx(0.2, abs=0.06)
    assert hits[0].concept_version == 2


def test_an_audit_is_kept_and_read_back(tmp_path: Path, index: retrieval.Index) -> None:
    judged = truth(index)
    skipped = list(judged)[7]
    judged[skipped] = None
    done = index.audit_concept("praise", judged, source="at noon")
    generation = index.snapshot.generation
    index.close()
    with reopened(tmp_path) as again:
        kept = again.concept("praise")
        assert kept.audit == done.audit
        assert kept.audit is not None
        assert kept.audit.skipped == (skipped,)
        assert kept.audit.source == "at noon"
        assert again.snapshot.generation == generation
        assert again.verify().ok
        again.export_concept("praise", tmp_path / "p.concept")
        assert again.import_concept(tmp_path / "p.concept").audit == done.audit
    told = done.to_json()["audit"]
    assert (told["judged"], told["skipped"]) == (49, 1)
    assert "doc_ids" not in told


def test_documents_it_was_fitted_on_are_drawn_and_scored_out_of_fold(
    index: retrieval.Index,
) -> None:
    concept = index.concept("praise")
    snapshot = index.snapshot
    places, _ = draw(snapshot, 500, seed=0)
    ids = [snapshot.doc_id(one) for one in places]
    assert set(concept.doc_ids) <= set(ids)
    scores, scored_by = scores_of(snapshot, concept, places)
    for at in np.flatnonzero(scored_by >= 0).tolist()[:5]:
        fold = concept.fold_of[concept.doc_ids.index(ids[at])]
        assert scored_by[at] == fold
        model = concept.folds[fold]
        row = snapshot.segments[places[at].segment].vectors[places[at].ordinal]
        cosine = float(row.astype(float) @ model.direction.astype(float))
        assert scores[at] == pytest.approx((cosine - model.center) / model.scale, abs=1e-5)
    assert int((scored_by >= 0).sum()) == len(concept.doc_ids)


def test_a_larger_draw_begins_with_the_smaller_one(index: retrieval.Index) -> None:
    snapshot = index.snapshot
    assert draw(snapshot, 60, seed=3)[0][:20] == draw(snapshot, 20, seed=3)[0]
    assert draw(snapshot, 20, seed=4)[0] != draw(snapshot, 20, seed=3)[0]
    before = [snapshot.doc_id(one) for one in draw(snapshot, 60, seed=3)[0]]
    index.delete([before[5]])
    after = [index.snapshot.doc_id(one) for one in draw(index.snapshot, 59, seed=3)[0]]
    assert after == [one for one in before if one != before[5]]


def test_every_document_is_as_likely_to_be_drawn(index: retrieval.Index) -> None:
    snapshot = index.snapshot
    counts: dict[str, int] = {}
    for seed in range(200):
        for place in draw(snapshot, 100, seed=seed)[0]:
            counts[snapshot.doc_id(place)] = counts.get(snapshot.doc_id(place), 0) + 1
    times = np.array(list(counts.values()))
    assert len(times) == 500
    # of 200 draws each document is in a fifth; the variance is that of a binomial
    assert float(times.mean()) == 40
    assert float(times.var()) == pytest.approx(200 * 0.2 * 0.8, rel=0.25)


def test_promises_rest_on_the_judgments_alone(index: retrieval.Index) -> None:
    index.audit_concept("praise", truth(index))
    with pytest.raises(UsageError, match="50 judged documents of the audit"):
        index.search(concept="praise", min_precision=0.9)
    index.audit_concept("praise", truth(index, 500), count=500)
    hits = index.search_concept("praise", None, min_precision=0.5)
    assert sum(hit.metadata["label"] == "praise" for hit in hits) >= 0.5 * len(hits)


def test_a_random_sample_keeps_its_own_probabilities(index: retrieval.Index) -> None:
    random = fitted(index, "praise")
    audited = index.audit_concept("praise", truth(index))
    scores = np.linspace(-2, 2, 9)
    assert audited.probabilities(scores).tolist() == random.probabilities(scores).tolist()
    assert audited.evidence == random.evidence


def test_a_prevalence_is_taken_instead(index: retrieval.Index) -> None:
    audited = index.audit_concept("praise", truth(index))
    given = index.audit_concept("praise", prevalence=0.2)
    assert (given.prevalence, given.audit) == (0.2, None)
    assert index.audit_concept("praise", truth(index)).prevalence is None
    assert audited.version + 2 == index.concept("praise").version
    (hit,) = index.search(concept="praise", k=1)
    assert hit.probability is not None
    for share in (0.0, 1.0):
        with pytest.raises(UsageError, match="between 0 and 1"):
            index.audit_concept("praise", prevalence=share)
    fitted(index, "praise")
    with pytest.raises(UsageError, match="random sample"):
        index.audit_concept("praise", prevalence=0.2)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv"])
def test_a_sample_goes_to_a_file_and_comes_back(
    tmp_path: Path, index: retrieval.Index, suffix: str
) -> None:
    path = tmp_path / f"drawn{suffix}"
    assert index.write_audit_sample("praise", path, count=40, seed=2) == 40
    labels = truth(index, 40, 2)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 40 + (suffix != ".jsonl")
    with pytest.raises(UsageError, match="40 drawn documents were judged, the others skipped"):
        index.audit_concept("praise", path, count=40, seed=2)
    words = {True: "Yes", False: "n"}
    if suffix == ".jsonl":
        rows = [json.loads(line) for line in lines]
        assert rows[0]["label"] is None
        judged = [json.dumps({**row, "label": words[bool(labels[row["id"]])]}) for row in rows]
    else:
        mark = "\t" if suffix == ".tsv" else ","
        assert lines[0] == mark.join(("id", "text", "label"))
        judged = [
            lines[0],
            *(line + words[bool(labels[line.partition(mark)[0]])] for line in lines[1:]),
        ]
    path.write_text("\n".join(judged), encoding="utf-8")
    done = index.audit_concept("praise", path, count=40, seed=2)
    assert done.audit is not None
    assert dict(zip(done.audit.doc_ids, done.audit.labels, strict=True)) == labels
    assert done.audit.source == f"file {path}"
    with pytest.raises(UsageError, match="there already"):
        index.write_audit_sample("praise", path)
    with pytest.raises(UsageError, match="kind of file"):
        index.write_audit_sample("praise", tmp_path / "drawn.xls")
    with pytest.raises(UsageError, match="no folder"):
        index.write_audit_sample("praise", tmp_path / "no" / "drawn.csv")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"id": "zz", "label": "y"}], "are not in the index: 'zz'"),
        ([{"id": "FIRST", "label": "maybe"}], "'maybe' is neither y nor n"),
        ([{"id": "FIRST", "label": "y"}, {"id": "FIRST", "label": "n"}], "differently"),
        ([{"label": "y"}], "no id"),
        ([], "no judgment"),
        ([{"id": "OTHER", "label": "praise"}], "were not drawn"),
    ],
)
def test_judgments_that_cannot_be_are_refused(
    tmp_path: Path, index: retrieval.Index, rows: list[dict[str, str]], told: str
) -> None:
    order = index.audit_sample("praise", count=500)
    names = {"FIRST": order[0].doc_id, "OTHER": order[-1].doc_id}
    path = tmp_path / "j.jsonl"
    named = [
        {**row, **({"id": names.get(row["id"], row["id"])} if "id" in row else {})} for row in rows
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in named))
    with pytest.raises(InputError, match=told):
        index.audit_concept("praise", path)
    assert index.concept("praise").version == 1


def test_what_cannot_be_audited_is_refused(tmp_path: Path, index: retrieval.Index) -> None:
    everything: dict[str, bool | None] = dict.fromkeys(truth(index))
    for call, told in (
        (lambda: index.audit_concept("praise", everything), "0 of 50 drawn documents"),
        (lambda: index.audit_concept("praise", {}), "0 of 50 drawn documents"),
        (lambda: index.audit_concept("praise"), "one of them"),
        (lambda: index.audit_concept("praise", {}, prevalence=0.5), "one of them"),
        (lambda: index.audit_sample("praise", count=19), "20 are the least"),
        (lambda: index.audit_sample("praise", seed=-1), "cannot be negative"),
        (lambda: index.audit_sample("price"), "Did you mean 'praise'"),
    ):
        with pytest.raises(UsageError, match=told):
            call()
    index.export_concept("praise", tmp_path / "p.concept")
    (tmp_path / "other").mkdir()
    with learnable(tmp_path / "other", 30) as other:
        other.import_concept(tmp_path / "p.concept")
        with pytest.raises(UsageError, match="fitted on another index"):
            other.audit_sample("praise")


def test_concepts_kept_before_there_were_audits_can_still_be_read(index: retrieval.Index) -> None:
    concept = index.concept("praise")
    newer = {"audit", "method"}
    record = {name: value for name, value in concept.record().items() if name not in newer}
    read = Concept.from_parts(record, concept.arrays())
    assert (read.audit, read.method) == (None, "logistic")


def test_a_journal_is_whole_after_every_answer(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    assert journal.read() == {}
    journal.keep({"b": True})
    journal.keep({"b": True, "a": False})
    assert list(Journal(tmp_path / "j.jsonl").read().items()) == [("b", True), ("a", False)]
    assert [one.name for one in tmp_path.iterdir()] == ["j.jsonl"]
    journal.keep({})
    assert journal.read() == {}
    journal.remove()
    journal.remove()
    (tmp_path / "j.jsonl").write_text('{"id": "a", "label": "praise"}\n')
    with pytest.raises(InputError, match="true or false"):
        journal.read()
    (tmp_path / "j.jsonl").write_text('{"id": "a", "label": true}\n{"id": "a", "label": false}\n')
    with pytest.raises(InputError, match="both ways"):
        journal.read()
    with pytest.raises(FileSystemError, match="no folder"):
        Journal(tmp_path / "no" / "j.jsonl").keep({"a": True})
    assert str(usual_path("reviews", "a/../b: c", "audit")) == "reviews-a-b-c.audit.jsonl"
