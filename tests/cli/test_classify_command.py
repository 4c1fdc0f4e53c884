from __future__ import annotations

import json
from pathlib import Path

import pytest

import retrieval
from retrieval.errors import UsageError
from tests.cli.conftest import OnTerminal, Run
from tests.encode.classifiers import LABELS, made_classifiers

TEXTS = ["the film", "positive review", "a plot about nothing", "negative"]


@pytest.fixture
def model(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    home = made_classifiers(tmp_path_factory)
    monkeypatch.setenv("RETRIEVE_CACHE", str(home / "cache"))
    return str(home / "dense")


def rows_file(place: Path, *rows: object) -> str:
    place.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(place)


@pytest.fixture
def labelled(tmp_path: Path, model: str) -> str:
    """Write rows labelled by the model itself, but for the last, whose label it does not know."""
    found = [one.label for one in retrieval.classify(model, TEXTS)]
    assert len(set(found)) > 1
    labels = [*found[:-1], "other"]
    rows = [
        {"text": t, "genre": g, "id": n} for n, (t, g) in enumerate(zip(TEXTS, labels, strict=True))
    ]
    return rows_file(tmp_path / "labelled.jsonl", *rows)


def test_every_row_is_a_line(tmp_path: Path, model: str, run: Run) -> None:
    file = rows_file(
        tmp_path / "a.jsonl", *({"id": f"r{n}", "text": t} for n, t in enumerate(TEXTS))
    )
    done = run("classify", model, file)
    assert done.code == 0
    assert [one["id"] for one in done.rows] == ["r0", "r1", "r2", "r3"]
    assert all(set(one) == {"schema_version", "id", "label", "probability"} for one in done.rows)
    assert [one["label"] for one in done.rows] == [
        one.label for one in retrieval.classify(model, TEXTS)
    ]
    every = run("classify", model, file, "--all").rows
    for one in every:
        assert list(one["probabilities"]) == list(LABELS)
        assert sum(one["probabilities"].values()) == pytest.approx(1.0)
        assert max(one["probabilities"].values()) == one["probability"]


def test_lines_of_standard_input_are_texts(model: str, run: Run) -> None:
    done = run("classify", model, "-", stdin=b"the film\n\npositive review\n")
    assert [one["id"] for one in done.rows] == ["1", "3"]


def test_rows_without_text_are_left_out_and_said(tmp_path: Path, model: str, run: Run) -> None:
    file = rows_file(tmp_path / "a.jsonl", {"text": "the film"}, {"text": " "}, {"label": 1})
    done = run("classify", model, file)
    assert done.code == 3
    assert len(done.rows) == 1
    assert f"{file}:2: left out: no text in field 'text'" in done.err
    assert f"{file}:3: left out" in done.err


def test_labelled_rows_give_a_report(tmp_path: Path, model: str, labelled: str, run: Run) -> None:
    words = ("--label-field", "genre", "--rows", "rows.jsonl", "--png", "matrix.png")
    done = run("classify", model, labelled, *words)
    assert done.code == 0
    (report,) = done.rows
    assert report["schema_version"] == 1
    assert report["classes"] == [*LABELS, "other"]
    assert report["report"]["accuracy"] == 0.75
    assert report["unknown"] == 1
    assert report["runtime"] == "onnxruntime"
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [one["truth"] == one["label"] for one in rows] == [True, True, True, False]
    assert (tmp_path / "matrix.png").read_bytes().startswith(b"\x89PNG")


def test_rows_without_a_label_are_left_out_of_the_report(
    tmp_path: Path, model: str, run: Run
) -> None:
    rows = [{"text": "the film", "label": "good"}, {"text": "a plot", "label": None}]
    done = run("classify", model, rows_file(tmp_path / "a.jsonl", *rows), "--label-field", "label")
    assert done.code == 3
    assert done.rows[0]["report"]["documents"] == 1
    assert done.rows[0]["rejected"] == 1
    none = run(
        "classify", model, rows_file(tmp_path / "b.jsonl", rows[1]), "--label-field", "label"
    )
    assert none.code == 2
    assert "no labelled text" in none.error["error"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--label-field", "class"), "no field 'class'"),
        (("--text-field", "body"), "no field 'body'"),
        (("--id-field", "key"), "no field 'key'"),
        (("--png", "a.png"), "--png goes with --label-field"),
        (("--rows", "a.jsonl"), "--rows goes with --label-field"),
    ],
)
def test_what_cannot_be_is_refused(
    model: str, labelled: str, run: Run, words: tuple[str, ...], told: str
) -> None:
    done = run("classify", model, labelled, *words)
    assert done.code == 2
    assert told in done.error["error"]


def test_a_model_that_is_no_classifier_is_refused(model: str, labelled: str, run: Run) -> None:
    done = run("classify", str(Path(model).parent / "bert"), labelled)
    assert done.code == 2
    assert done.error["code"] == "not_a_classifier"
    assert "retrieve train classifier" in done.error["fix"]


@pytest.mark.parametrize("columns", [40, 100])
def test_a_person_sees_a_table(
    model: str, labelled: str, on_terminal: OnTerminal, columns: int
) -> None:
    cache = str(Path(model).parent / "cache")
    animated = on_terminal("classify", model, labelled, TERM="xterm", RETRIEVE_CACHE=cache)
    assert "classifying" not in animated.text
    seen = on_terminal(
        "classify", model, labelled, columns=columns, TERM="dumb", RETRIEVE_CACHE=cache
    )
    assert seen.code == 0
    for text in TEXTS:
        assert text in " ".join(seen.text.split())
    report = on_terminal(
        "classify",
        model,
        labelled,
        "--label-field",
        "genre",
        columns=columns,
        TERM="dumb",
        RETRIEVE_CACHE=cache,
    )
    assert "0.750" in report.text
    assert "1 text of a class that the model does not know" in " ".join(report.text.split())


def test_python_takes_texts_as_they_come(model: str) -> None:
    taken: list[str] = []

    def texts() -> object:
        for number in range(5000):
            taken.append(f"film {number}")
            yield taken[-1]

    first = next(iter(retrieval.classify(model, texts())))  # type: ignore[arg-type]
    assert first.label in LABELS
    assert len(taken) == 2048


@pytest.mark.parametrize("texts", ["one text", ["good", " "], ["good", 3]])
def test_python_refuses_what_is_no_text(model: str, texts: object) -> None:
    with pytest.raises(UsageError):
        list(retrieval.classify(model, texts))  # type: ignore[arg-type]
