from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import orjson
import pytest

from retrieval.errors import InputError
from retrieval.evaluate import formats
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.fsops import LocalFiles

JUDGMENTS = {"q1": {"a": 1, "b": 0}, "q2": {"c": -1}}
HITS = {"q1": {"b": 2.5, "a": 1e-05}, "q2": {"c": -3.0}}
QRELS_FILES = {
    "trec.txt": "q1 0 a 1\nq1\t0\tb\t0\n\nq2 0 c -1\n",
    "trec-without-a-last-line-end": "q1 0 a 1\r\nq1 0 b 0\r\nq2 0 c -1",
    "beir.tsv": "query-id\tcorpus-id\tscore\nq1\ta\t1\nq1\tb\t0\nq2\tc\t-1\n",
    "lines.jsonl": (
        '{"query_id": "q1", "doc_id": "a", "grade": 1}\n'
        '{"doc_id": "b", "query_id": "q1", "grade": 0, "more": [1]}\n'
        '{"query_id": "q2", "doc_id": "c", "grade": -1}\n'
    ),
}
RUN_FILES = {
    "run.trec": "q1 Q0 b 1 2.5 tag\nq2\tQ0\tc\t9\t-3\ttag\nq1 Q0 a 7 1e-5 tag\n",
    "tag.jsonl": (
        '{"schema_version": 1, "query_id": "q1", "doc_id": "b", "rank": 1, "score": 2.5}\n'
        '{"query_id": "q1", "doc_id": "a", "score": 0.00001, "text": "t"}\n'
        '{"query_id": "q2", "doc_id": "c", "score": -3}\n'
    ),
}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def rankings(run: Run) -> dict[str, dict[str, float]]:
    return {query_id: dict(run.ranking(query_id)) for query_id in run.query_ids}


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("name", QRELS_FILES)
def test_judgments_of_every_format_read_the_same(tmp_path: Path, name: str, ending: str) -> None:
    path = written(tmp_path, name + ending, QRELS_FILES[name])
    assert formats.read_qrels(path).to_mapping() == JUDGMENTS
    assert not formats.looks_like_run(path)


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("name", RUN_FILES)
def test_runs_of_every_format_read_the_same(tmp_path: Path, name: str, ending: str) -> None:
    path = written(tmp_path, name + ending, RUN_FILES[name])
    run = formats.read_run(path)
    assert rankings(run) == HITS
    assert run.name == "tag"
    assert formats.looks_like_run(path)


def test_the_format_is_recognised_by_content_and_not_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "judgments.jsonl", QRELS_FILES["beir.tsv"])
    assert formats.read_qrels(path).to_mapping() == JUDGMENTS
    assert formats.looks_like_run(written(tmp_path, "qrels.tsv", RUN_FILES["run.trec"]))


def test_numbers_are_ids_in_json(tmp_path: Path) -> None:
    path = written(tmp_path, "q", '{"query_id": 7, "doc_id": 8, "grade": 1}')
    assert formats.read_qrels(path).to_mapping() == {"7": {"8": 1}}


def test_equal_scores_of_a_file_are_ties_whatever_their_ranks(tmp_path: Path) -> None:
    path = written(tmp_path, "r", "q Q0 b 1 0.5 t\nq Q0 a 2 0.5 t\n")
    assert formats.read_run(path).ranking("q") == [("a", 0.5), ("b", 0.5)]


@pytest.mark.parametrize("name", [*QRELS_FILES, *RUN_FILES])
def test_swapped_files_are_named(tmp_path: Path, name: str) -> None:
    content = (QRELS_FILES | RUN_FILES)[name]
    path = written(tmp_path, name, content)
    if name in RUN_FILES:
        with pytest.raises(InputError, match=r"judgments were expected.*judgments first, then"):
            formats.read_qrels(path)
    else:
        with pytest.raises(InputError, match=r"a run was expected.*judgments first, then"):
            formats.read_run(path)


BAD_QRELS = [
    ("q 0 a 1\nq 0 b\n", ":2: 3 columns; 4 were expected"),
    ("q 0 a 1\nq 0 b 1.0\n", ":2: the grade 1.0 is not a whole number"),
    ("q 0 a 1\nq 0 b 1_0\n", ":2: the grade 1_0 is not a whole number"),
    ("q 0 a 1\nq 0 a 2\n", ":2: document 'a' of query 'q' has grade 2 here and 1 on line 1"),
    ("q 0 a 1\nq 0 \xff 2\n".encode("latin-1"), ":2: the line is not UTF-8"),
    ("query-id\tcorpus-id\tscore\nq\ta\t1\nq\tb\n", ":3: 2 tab-separated columns; 3"),
    ("query-id\tcorpus-id\tscore\nq\t\t1\n", ":2: 3 tab-separated columns; 3 .*none empty"),
    ("query-id\tcorpus-id\tscore\nq\ta\tx\n", ":2: the grade x is not a whole number"),
    ('{"query_id": "q", "doc_id": "a", "grade": 1.5}', ":1: the grade 1.5 is not a whole"),
    ('{"query_id": "q", "doc_id": "a", "grade": true}', ":1: the grade True is not a whole"),
    ('{"query_id": "q", "doc_id": "a", "grade": 1}\n{', ":2: not JSON"),
    ('{"query_id": "q", "doc_id": "a", "grade": 1}\n[]', ":2: not a JSON object"),
    ('{"query_id": "q", "doc_id": null, "grade": 1}', ":1: doc_id is None"),
    ('{"query_id": "", "doc_id": "a", "grade": 1}', ":1: query_id is ''"),
    ("", "is empty"),
    ("\n  \n", "is empty"),
    ("query-id\tcorpus-id\tscore\n", "holds no judgment"),
    ("one two three\n", "neither judgments nor a run; found 'one two three'"),
    ('{"text": "t"}\n', "neither judgments nor a run"),
    ("{broken\n", "neither judgments nor a run"),
]
BAD_RUNS = [
    ("q Q0 a 1 0.5 t\nq Q0 b 2 0.4\n", ":2: 5 columns; 6 were expected"),
    ("q Q0 a 1 nan t\n", ":1: the score nan is not finite"),
    ("q Q0 a 1 -inf t\n", ":1: the score -inf is not finite"),
    ("q Q0 a 1 1e999 t\n", ":1: the score 1e999 is too large"),
    ("q Q0 a 1 high t\n", ":1: the score high is not a number"),
    ("q Q0 a 1 1_0 t\n", ":1: the score 1_0 is not a number"),
    ("q Q0 a 1 2 t\nq Q0 b 2 1 t\nq Q0 a 3 0 t\n", ":3: query 'q' finds document 'a' a second"),
    ('{"query_id": "q", "doc_id": "a", "score": "1"}', ":1: the score '1' is not a number"),
    ('{"query_id": "q", "doc_id": "a", "score": null}', ":1: the score None is not a number"),
    ('{"query_id": "q", "doc_id": true, "score": 1}', ":1: doc_id is True"),
    ("", "is empty"),
]


@pytest.mark.parametrize(("content", "message"), BAD_QRELS)
def test_bad_judgments_are_refused_with_their_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = written(tmp_path, "qrels", content)
    with pytest.raises(InputError, match=f"{path}.*{message}"):
        formats.read_qrels(path)


@pytest.mark.parametrize(("content", "message"), BAD_RUNS)
def test_bad_hits_are_refused_with_their_line(tmp_path: Path, content: str, message: str) -> None:
    path = written(tmp_path, "run", content)
    with pytest.raises(InputError, match=f"{path}.*{message}"):
        formats.read_run(path)


def test_a_repeated_judgment_of_the_same_grade_counts_once(tmp_path: Path) -> None:
    path = written(tmp_path, "q", "q 0 a 1\nq 0 b 0\nq 0 a 1\n")
    assert formats.read_qrels(path).to_mapping() == {"q": {"a": 1, "b": 0}}


def test_the_first_five_bad_lines_are_told_and_the_others_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "q", "q 0 a 1\n" + "q 0 a\n" * 8)
    with pytest.raises(InputError) as caught:
        formats.read_qrels(path)
    told = str(caught.value)
    assert all(f"{path}:{number}:" in told for number in range(2, 7))
    assert f"{path}:7:" not in told
    assert "3 more bad lines follow." in told


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for read in (formats.read_qrels, formats.read_run, formats.looks_like_run):
        with pytest.raises(InputError, match="missing cannot be read"):
            read(tmp_path / "missing")
    assert not formats.looks_like_run(written(tmp_path, "x", "neither this nor that\n one"))


@pytest.mark.parametrize("name", ["q", "q.txt", "q.tsv", "q.jsonl", "q.tsv.gz", "q.jsonl.gz"])
def test_written_judgments_are_read_back(tmp_path: Path, name: str) -> None:
    qrels = Qrels.from_mapping(JUDGMENTS)
    formats.write_qrels(LocalFiles(), tmp_path / "new" / name, qrels)
    assert formats.read_qrels(tmp_path / "new" / name).digest == qrels.digest
    assert [one.name for one in (tmp_path / "new").iterdir()] == [name]
    first = (tmp_path / "new" / name).read_bytes()
    formats.write_qrels(LocalFiles(), tmp_path / "new" / name, qrels)
    assert (tmp_path / "new" / name).read_bytes() == first


def test_judgments_are_written_in_the_form_of_the_ending(tmp_path: Path) -> None:
    qrels = Qrels.from_mapping({"q": {"a": 2}})
    wanted = {
        "q": "q 0 a 2\n",
        "q.tsv": "query-id\tcorpus-id\tscore\nq\ta\t2\n",
        "q.jsonl": '{"query_id":"q","doc_id":"a","grade":2}\n',
    }
    for name, content in wanted.items():
        formats.write_qrels(LocalFiles(), tmp_path / name, qrels)
        assert (tmp_path / name).read_text() == content


@pytest.mark.parametrize("name", ["r.trec", "r.trec.gz", "r.jsonl", "r.jsonl.gz"])
def test_a_written_run_is_read_back_in_the_same_order(tmp_path: Path, name: str) -> None:
    chance = np.random.default_rng(3)
    scores = {
        f"q{at}": {f"d{n:03d}": float(s) for n, s in enumerate(chance.normal(size=50))}
        for at in range(5)
    }
    run = Run.from_mapping("r", scores | {"ties": {"b": 0.5, "a": 0.5, "c": 0.5 + 1e-12}})
    formats.write_run(LocalFiles(), tmp_path / name, run)
    again = formats.read_run(tmp_path / name)
    assert again.name == "r"
    assert again.query_ids == run.query_ids
    for query_id in run.query_ids:
        wanted, found = run.ranking(query_id), again.ranking(query_id)
        assert [doc_id for doc_id, _ in found] == [doc_id for doc_id, _ in wanted]
        assert [s for _, s in found] == pytest.approx([s for _, s in wanted], rel=1e-6)


def test_written_scores_fall_strictly_as_float32(tmp_path: Path) -> None:
    run = Run.from_mapping(
        "two words",
        {
            "q": {"a": 0.7, "b": 0.7, "c": 0.7 - 1e-12, "d": 0.5},
            "zero": {"a": 1e-45, "b": 0.0, "c": -0.0, "d": -1.0},
            "below": {"a": -2.0, "b": -2.0},
        },
    )
    formats.write_run(LocalFiles(), tmp_path / "r", run)
    rows = [line.split() for line in (tmp_path / "r").read_text().splitlines()]
    assert [row[:4] for row in rows[:4]] == [
        ["q", "Q0", doc_id, str(rank)] for rank, doc_id in enumerate("abcd", start=1)
    ]
    assert {row[5] for row in rows} == {"two-words"}
    for query_id in run.query_ids:
        scores = np.array([row[4] for row in rows if row[0] == query_id], dtype=np.float32)
        assert (np.diff(scores) < 0).all()
    assert rows[0][4] == "0.7"
    assert np.float32(rows[1][4]) == np.nextafter(np.float32(0.7), np.float32(0))
    assert rows[3][4] == "0.5"
    assert np.float32(rows[9][4]) == np.nextafter(np.float32(-2), np.float32(-3))


def test_what_a_format_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    files = LocalFiles()
    spaced = Run.from_mapping("r", {"q": {"a b": 1.0}})
    with pytest.raises(InputError, match=r"'a b' cannot be written.*white space"):
        formats.write_run(files, tmp_path / "r", spaced)
    with pytest.raises(InputError, match="'a b' cannot be written"):
        formats.write_qrels(files, tmp_path / "q", Qrels.from_mapping({"q": {"a b": 1}}))
    with pytest.raises(InputError, match="a tab or line end"):
        formats.write_qrels(files, tmp_path / "q.tsv", Qrels.from_mapping({"q": {"a\tb": 1}}))
    with pytest.raises(InputError, match="float32 cannot hold"):
        formats.write_run(files, tmp_path / "r", Run.from_mapping("r", {"q": {"a": 1e39}}))
    assert list(tmp_path.iterdir()) == []
    formats.write_run(files, tmp_path / "r.jsonl", spaced)
    assert orjson.loads((tmp_path / "r.jsonl").read_bytes())["doc_id"] == "a b"
    formats.write_qrels(files, tmp_path / "q.tsv", Qrels.from_mapping({"q": {"a b": 1}}))
    assert formats.read_qrels(tmp_path / "q.tsv").to_mapping() == {"q": {"a b": 1}}


def test_unused_documents_of_a_table_may_have_any_name(tmp_path: Path) -> None:
    run = Run.from_columns("r", ["q"], [0, 1], ["a", "b c"], [0], [1.0])
    formats.write_run(LocalFiles(), tmp_path / "r", run)
    assert (tmp_path / "r").read_text() == "q Q0 a 1 1.0 r\n"
