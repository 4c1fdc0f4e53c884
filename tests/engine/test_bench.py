from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.engine.benchmark.benchmark import bench
from retrieval.engine.benchmark.judgments import JudgmentOptions
from retrieval.errors import UsageError
from retrieval.evaluate.formats import write_run
from retrieval.evaluate.results import Resampled
from retrieval.evaluate.run import Run
from retrieval.fsops import LocalFiles
from tests.engine.corpora import QRELS, beir, built, jsonl, labelled, qrels_tsv


def test_every_judged_query_counts(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        done = bench(index, measures=["AP", "P@1"])
    report = done.report
    (system,) = report.systems
    assert report.primary == "AP"
    # q1 and q2 are answered perfectly, q3 has no relevant document and counts 0
    assert system.per_query["AP"] == pytest.approx({"q1": 1.0, "q2": 1.0, "q3": 0.0})
    assert system.measures["AP"].mean == pytest.approx(2 / 3)
    assert system.measures["AP"].n_judged == system.measures["AP"].n_answered == 3
    assert report.task.without_relevant == 1
    assert "3 queries only" in system.measures["AP"].caution


def test_only_answerable_drops_queries_without_relevant_documents(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        report = bench(index, measures=["AP"], only_answerable=True).report
    assert report.systems[0].measures["AP"].mean == pytest.approx(1.0)
    assert report.task.queries == 2
    assert report.task.without_relevant == 1


def test_a_ranking_of_another_program_is_compared_on_the_same_queries(tmp_path: Path) -> None:
    theirs = Run.from_mapping("x", {"q1": {"d3": 2.0, "d1": 1.0}, "q9": {"d1": 1.0}})
    write_run(LocalFiles(), tmp_path / "theirs.trec", theirs)
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        report = bench(
            index, measures=["AP"], compare=[f"theirs=run={tmp_path}/theirs.trec"]
        ).report
    (comparison,) = report.comparisons
    assert (comparison.baseline, comparison.system) == ("dense", "theirs")
    assert report.systems[1].per_query["AP"] == pytest.approx({"q1": 0.25, "q2": 0.0, "q3": 0.0})
    assert (comparison.wins, comparison.ties, comparison.losses) == (0, 1, 2)
    assert comparison.difference == pytest.approx(0.25 / 3 - 2 / 3)
    assert comparison.p_value is None
    assert "20" in comparison.refused


def test_a_cut_ranking_is_flagged_where_depth_is_below_the_relevant_documents(
    tmp_path: Path,
) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        cut = bench(index, measures=["AP", "P@1"], depth=1).report.systems[0]
        deep = bench(index, measures=["AP"], depth=2).report.systems[0]
    assert cut.depth == 1
    assert "depth 1 is below" in cut.measures["AP"].caution
    assert "2 of the 3 queries" in cut.measures["AP"].caution
    assert "depth" not in cut.measures["P@1"].caution
    assert "depth" not in deep.measures["AP"].caution


def test_labels_rank_every_labelled_document_and_resample_documents(tmp_path: Path) -> None:
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        done = bench(index, measures=["AP", "nDCG@2"], compare=["base=constant"])
    (dense, base) = done.report.systems
    assert dense.depth is None
    assert [doc for doc, _ in done.runs[0].ranking("good")][:2] == ["a", "b"]
    assert {doc for doc, _ in done.runs[0].ranking("good")} == {"a", "b", "c", "d"}
    assert dense.measures["AP"].resampled is Resampled.DOCUMENTS
    assert dense.measures["nDCG@2"].resampled is Resampled.DOCUMENTS
    # a constant scorer has the base rate as AP, whatever the order of the documents
    assert base.per_query["AP"] == pytest.approx({"bad": 0.5, "good": 0.5})
    assert base.tied_share == 1.0
    figures = {(one.system, one.label): one for one in done.report.labels}
    assert figures["dense", "good"].average_precision == pytest.approx(1.0)
    assert figures["base", "good"].best_accuracy == 0.5
    assert figures["base", "good"].base_rate == 0.5


def test_candidates_are_only_what_is_judged_for_a_query(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        run = bench(index, measures=["AP"], candidates="qrels").runs[0]
        every = bench(index, measures=["AP"]).runs[0]
        with pytest.raises(UsageError, match="all or qrels"):
            bench(index, candidates="some")
    assert {doc for doc, _ in run.ranking("q1")} == {"d1", "d2", "d3"}
    assert {doc for doc, _ in run.ranking("q3")} == {"d1"}
    scores = dict(every.ranking("q1"))
    assert run.ranking("q1") == [(doc, scores[doc]) for doc, _ in run.ranking("q1")]


def test_a_query_that_is_a_document_is_not_its_own_answer(tmp_path: Path) -> None:
    jsonl(tmp_path / "q.jsonl", [{"_id": "d1", "text": "leek"}, {"_id": "x", "text": "good film"}])
    rows = [
        {"id": "d1", "text": "leek"},
        {"id": "d2", "text": "leek soup"},
        {"id": "f", "text": "good film"},
    ]
    qrels_tsv(tmp_path / "q.tsv", {"d1": {"d1": 1, "d2": 1}, "x": {"f": 1, "d2": 1}})
    options = JudgmentOptions(qrels=tmp_path / "q.tsv", queries=tmp_path / "q.jsonl")
    with built(labelled(tmp_path / "c.jsonl", rows), tmp_path / "i") as index:
        kept = bench(index, judgments=options, measures=["P@1"])
        gone = bench(index, judgments=options, measures=["P@1"], exclude_self=True)
    assert kept.runs[0].ranking("d1")[0][0] == "d1"
    assert any("takes them out: 2." in note for note in kept.report.task.notes)
    assert [doc for doc, _ in gone.runs[0].ranking("d1")] == ["d2", "f"]
    assert "f" not in dict(gone.runs[0].ranking("x"))
    assert gone.report.task.judgments_count == 2


def test_duplicates_and_unknown_documents_are_counted(tmp_path: Path) -> None:
    rows = [{"id": one, "text": "same"} for one in "abc"] + [{"id": "z", "text": "other"}]
    jsonl(tmp_path / "q.jsonl", [{"_id": "q", "text": "same"}])
    qrels_tsv(tmp_path / "q.tsv", {"q": {"a": 1, "gone": 1}})
    options = JudgmentOptions(qrels=tmp_path / "q.tsv", queries=tmp_path / "q.jsonl")
    with built(labelled(tmp_path / "c.jsonl", rows), tmp_path / "i") as index:
        report = bench(index, judgments=options, measures=["AP"]).report
    assert report.task.duplicate_documents == 2
    assert report.task.unknown_documents == 1
    # the three copies are one group of equal scores, and one relevant document is not there
    assert report.systems[0].per_query["AP"] == pytest.approx({"q": 1 / 3 / 2})


def test_silhouette_is_of_the_label_field_and_says_so(tmp_path: Path) -> None:
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        report = bench(index, measures=["silhouette"]).report
    assert report.silhouette is not None
    assert report.silhouette.grouped_by == "field label"
    assert [(one.name, one.size) for one in report.silhouette.groups] == [("bad", 2), ("good", 2)]
    assert report.systems[0].measures["silhouette"].mean == pytest.approx(report.silhouette.mean)
    assert report.primary == "AP"


def test_beside_files_a_label_field_names_the_groups_of_the_silhouette(tmp_path: Path) -> None:
    jsonl(tmp_path / "q.jsonl", [{"_id": "q", "text": "good"}])
    qrels_tsv(tmp_path / "q.tsv", {"q": {"a": 1}})
    options = JudgmentOptions(
        qrels=tmp_path / "q.tsv", queries=tmp_path / "q.jsonl", label_field="label"
    )
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        report = bench(index, judgments=options, measures=["AP", "silhouette"]).report
        with pytest.raises(UsageError, match="--label-field would say nothing"):
            bench(index, judgments=options, measures=["AP"])
    assert report.task.judgments.endswith("q.tsv")
    assert report.silhouette is not None
    assert report.silhouette.grouped_by == "field label"


def test_silhouette_without_a_label_field_is_refused(tmp_path: Path) -> None:
    with (
        built(beir(tmp_path / "c"), tmp_path / "i") as index,
        pytest.raises(UsageError, match="silhouette needs groups"),
    ):
        bench(index, measures=["AP", "silhouette"])


def test_results_say_where_they_come_from(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        report = bench(index, seed=7, depth=50).report
        told = report.provenance
        assert told["index"] == index.name
        assert told["generation"] == 1
        assert told["model"]["fingerprint"] == index.encoder.identity.fingerprint
    assert (told["split"], told["depth"], told["seed"]) == ("test", 50, 7)
    assert told["machine"]["cores"] >= 1
    assert told["versions"]["numpy"]
    again = report.to_json()
    assert "per_query" not in again["runs"]["dense"]
    assert report.to_json(per_query=True)["runs"]["dense"]["per_query"]["AP"]["q1"] == 1.0


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        one, two, other = (bench(index, seed=seed).report.systems for seed in (1, 1, 2))
    assert one == two
    assert one[0].per_query == other[0].per_query


def test_worst_queries_are_answerable_ones_with_their_hits(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        worst = bench(index, measures=["P@5"]).report.worst
    assert [one.query_id for one in worst] == ["q1", "q2"]
    assert worst[0].relevant == 2
    assert [hit.grade for hit in worst[0].hits][:2] == [2, 1]
    assert worst[0].hits[0].text == "Soup leek potato cream"


@pytest.mark.parametrize(
    "compare",
    [
        ["noname"],
        ["=run=x"],
        ["a="],
        ["a=lexicon"],
        ["a=index="],
        ["a=run=x,index=y"],
        ["a=random=x"],
        ["a=run=x,run=y"],
        ["dense=random"],
        ["a=random", "a=constant"],
    ],
)
def test_a_way_of_searching_that_cannot_be_is_refused(tmp_path: Path, compare: list[str]) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index, pytest.raises(UsageError):
        bench(index, compare=compare)


@pytest.mark.parametrize(
    "options",
    [
        {"measures": ["nonsense"]},
        {"primary": "silhouette"},
        {"depth": 0},
        {"seed": -1},
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, options: dict[str, object]) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index, pytest.raises(UsageError):
        bench(index, **options)  # type: ignore[arg-type]


def test_another_index_is_searched_with_its_own_documents(tmp_path: Path) -> None:
    home = tmp_path / "i"
    other = jsonl(tmp_path / "other.jsonl", [{"id": "d2", "text": "leek cream"}])
    built(other, home).close()
    with built(beir(tmp_path / "c"), home) as index:
        report = bench(index, measures=["P@1"], compare=["less=index=other"], home=home).report
    assert report.systems[1].description == "dense, index other"
    assert report.systems[1].per_query["P@1"] == {"q1": 1.0, "q2": 0.0, "q3": 0.0}


def test_a_system_is_not_graded_on_what_it_learned_from(tmp_path: Path) -> None:
    write_run(LocalFiles(), tmp_path / "r.trec", Run.from_mapping("x", {"q1": {"d1": 1.0}}))
    seen = qrels_tsv(tmp_path / "seen.tsv", {"q1": {"d1": 1}, "q3": {"d1": 1}})
    spec = [f"learned=run={tmp_path}/r.trec,seen={seen}"]
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        held = bench(index, measures=["AP"], compare=spec).report
        flattering = bench(index, measures=["AP"], compare=spec, in_sample=True).report
        qrels_tsv(seen, QRELS)
        with pytest.raises(UsageError, match="nothing is left"):
            bench(index, measures=["AP"], compare=spec)
    # every system is graded on the queries that are left
    assert [list(one.per_query["AP"]) for one in held.systems] == [["q2"], ["q2"]]
    assert {one.left_out for one in held.systems} == {4}
    assert not any(one.in_sample for one in held.systems)
    assert [one.in_sample for one in flattering.systems] == [False, True]
    assert list(flattering.systems[0].per_query["AP"]) == ["q1", "q2", "q3"]


def test_labels_set_against_each_other_need_labels(tmp_path: Path) -> None:
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        report = bench(index, measures=["AP"], compare=["pairs=contrast"]).report
    assert report.systems[1].per_query["AP"] == pytest.approx({"bad": 1.0, "good": 1.0})
    with (
        built(beir(tmp_path / "b"), tmp_path / "i") as index,
        pytest.raises(UsageError, match="are no labels"),
    ):
        bench(index, compare=["pairs=contrast"])
