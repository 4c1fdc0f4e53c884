"""A language that a person says: kept, and the words alone are made anew for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.session import WriterSettings
from retrieval.store.summary import summarize
from tests.store.documents import FakeEncode, settings

TEXTS = [
    "The results of this study show that the drug was as good as it had been before.",
    "It is what they have in the houses of the town, and that is all there is of it.",
    "A house by the sea was sold to a man who had been there before.",
]


def documents(first: int, last: int) -> list[Document]:
    return [Document(f"d{at}", f"{at}. {TEXTS[at % 3]}") for at in range(first, last)]


def store(folder: Path, language: str | None = None) -> LocalStore:
    usual = settings()
    given = WriterSettings(
        model=usual.model,
        passages=usual.passages,
        numerics=usual.numerics,
        language=language,
        spill_passages=8,
    )
    return LocalStore(folder, given)


def language_of(folder: Path) -> str:
    found = summarize(folder).words
    assert found is not None
    opened = LocalStore(folder)
    assert {one.words.settings for one in opened.snapshot.segments if one.words} == {found}
    assert opened.verify().problems == ()
    return found.language


def found_by(folder: Path, query: str) -> int:
    (ranking,) = LocalStore(folder).snapshot.search_words([query], 1000)
    return len(ranking.scores)


def test_a_said_language_makes_the_words_anew_and_encodes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    store(folder).upsert(documents(0, 30), FakeEncode())
    assert language_of(folder) == "en"
    assert (found_by(folder, "house"), found_by(folder, "the")) == (20, 0)
    encode = FakeEncode()
    receipt = store(folder, "none").upsert(documents(0, 30), encode)
    assert (encode.encoded, receipt.generation) == ([], 2)
    assert language_of(folder) == "none"
    assert (found_by(folder, "house"), found_by(folder, "the")) == (10, 30)


@pytest.mark.parametrize("language", ["none", "de"])
def test_it_is_kept_by_whatever_writes_next(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "i"
    store(folder, language).upsert(documents(0, 10), FakeEncode())
    assert language_of(folder) == language
    receipt = store(folder).upsert(documents(0, 10), FakeEncode())
    assert receipt.generation == 1
    store(folder).upsert(documents(5, 20), FakeEncode())
    LocalStore(folder).delete(["d1"])
    assert language_of(folder) == language


def test_it_can_be_told_from_the_documents_again(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    store(folder, "de").upsert(documents(0, 10), FakeEncode())
    store(folder, "auto").upsert(documents(0, 10), FakeEncode())
    assert language_of(folder) == "en"
    receipt = store(folder, "auto").upsert(documents(0, 10), FakeEncode())
    assert receipt.generation == 2


def test_the_words_are_those_of_an_index_that_always_had_it(tmp_path: Path) -> None:
    for name, languages in (("anew", [None, "fr"]), ("always", ["fr", "fr"])):
        for half, language in enumerate(languages):
            store(tmp_path / name, language).upsert(
                documents(10 * half, 10 * half + 20), FakeEncode()
            )
    for query in ("houses", "house", "the drug"):
        rankings = [
            LocalStore(tmp_path / name).snapshot.search_words([query], 50)[0]
            for name in ("anew", "always")
        ]
        assert rankings[0].scores.tolist() == rankings[1].scores.tolist()


def test_an_index_without_readable_words_tells_no_language(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    store(folder).upsert(documents(0, 5), FakeEncode())
    (path,) = folder.glob("*.words")
    for content in (b"", b"\xff" * 20, path.read_bytes()[:40]):
        path.chmod(0o644)
        path.write_bytes(content)
        assert summarize(folder).words is None
    path.unlink()
    assert summarize(folder).words is None
