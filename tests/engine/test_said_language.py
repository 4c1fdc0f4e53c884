from __future__ import annotations

import json
from pathlib import Path

import pytest

import retrieval
from retrieval.errors import UsageError
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME
from tests.golden.test_format_1 import GOLDEN

TEXT = "The waiter said that it was as good as it had been before, and it was."


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    register_fakes()
    path = tmp_path / "notes.jsonl"
    rows = [{"id": f"d{at}", "text": f"{at}. {TEXT}"} for at in range(4)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_language_is_said_and_told(notes: Path, tmp_path: Path) -> None:
    def build(language: str | None = None) -> retrieval.Index:
        return retrieval.build(notes, home=tmp_path, model=HASHING_NAME, language=language)

    with build() as index:
        assert (index.status().language, index.search("waiters", mode="lexical") != []) == (
            "en",
            True,
        )
        assert index.status().stemmer.startswith("snowball ")
    with build("NONE") as index:
        assert index.report is not None
        assert (index.report.committed, index.report.encoded_passages) == (True, 0)
        status = index.status()
        assert (status.language, status.stemmer, status.generation) == ("none", "", 2)
        assert index.search("waiters", mode="lexical") == []
        assert len(index.search("the", mode="lexical")) == 4
    with build() as index:
        assert index.status().language == "none"
    with build("auto") as index:
        assert index.status().language == "en"


def test_an_unknown_language_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'xx'; there are some for da, de, en"):
        retrieval.build(tmp_path / "missing.jsonl", home=tmp_path, language="xx")


def test_an_index_from_before_there_were_words_has_no_language() -> None:
    status = retrieval.open(GOLDEN).status()
    assert (status.language, status.stemmer) == (None, "")
