"""Documents chosen by the words they hold are those that reading all of them chooses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.lexical.conditions import WordConditions
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.selection import Selection
from retrieval.store.word_selection import select_by_words
from tests.store.documents import FakeEncode, held, store_at
from tests.store.worded import worded


@pytest.fixture(params=[1, 4], ids=["one-segment", "segments"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LocalStore:
    store = store_at(tmp_path / "i")
    step = 160 // request.param
    for start in range(0, 160, step):
        store.upsert(worded(start, start + step), FakeEncode())
    store.delete(["d5", "d77", "d78"])
    return store


def chosen(store: LocalStore, selection: Selection) -> set[str]:
    found = zip(store.snapshot.segments, selection.documents, strict=True)
    return {one.doc_id(int(at)) for one, own in found for at in np.flatnonzero(own)}


def parts_of(document: Document) -> list[list[str]]:
    """Return the words of title and text, which are plain and in no language."""
    return [document.title.split(), document.text.replace(".", " ").split()]


def holds(document: Document, text: str) -> bool:
    return set(text.split()) <= {word for part in parts_of(document) for word in part}


def has_phrase(document: Document, text: str) -> bool:
    words = text.split()
    return any(
        part[at : at + len(words)] == words
        for part in parts_of(document)
        for at in range(len(part))
    )


def meets(document: Document, conditions: WordConditions) -> bool:
    return (
        all(has_phrase(document, one) for one in conditions.phrases)
        and all(holds(document, one) for one in conditions.words)
        and not any(holds(document, one) for one in conditions.without)
        and not any(has_phrase(document, one) for one in conditions.without_phrases)
    )


def some_words(chance: np.random.Generator, store: LocalStore) -> tuple[str, ...]:
    """Draw up to two pieces of texts, and words that may be nowhere."""
    documents = [one for one in held(store).values() if not one.is_empty]
    found = []
    for _ in range(int(chance.choice([0, 0, 1, 2]))):
        words = documents[chance.integers(len(documents))].text.replace(".", " ").split()
        at, size = chance.integers(max(1, len(words))), chance.integers(1, 4)
        piece = " ".join(words[at : at + size])
        found.append(piece if piece and chance.random() < 0.9 else f"w{chance.integers(50)} w7")
    return tuple(found)


def test_words_choose_what_reading_every_document_chooses(store: LocalStore) -> None:
    chance = np.random.default_rng(3)
    documents = held(store)
    seen = set()
    for _ in range(120):
        conditions = WordConditions(
            phrases=some_words(chance, store),
            words=some_words(chance, store),
            without=some_words(chance, store),
            without_phrases=some_words(chance, store),
        )
        wanted = {name for name, one in documents.items() if meets(one, conditions)}
        assert chosen(store, select_by_words(store.snapshot, conditions)) == wanted, conditions
        seen.add(min(len(wanted), 3))
    assert seen == {0, 1, 2, 3}


def test_only_documents_of_a_selection_are_chosen(store: LocalStore) -> None:
    snapshot = store.snapshot
    first = select_by_words(snapshot, WordConditions(words=("w1",)))
    both = select_by_words(snapshot, WordConditions(phrases=("w0 w2",)), first)
    one_go = select_by_words(snapshot, WordConditions(words=("w1",), phrases=("w0 w2",)))
    assert chosen(store, both) == chosen(store, one_go)
    assert chosen(store, both) < chosen(store, first)


ENGLISH = [
    Document("a", "The waiter brought us a bowl of cold soup, and it was not what we had hoped."),
    Document(
        "b", "Soup that is cold is what they have here, and the waiters are all of them slow."
    ),
    Document(
        "c", "Cold soups were served. The state of the art is CVE-2026-1234 and a BERT-4 model."
    ),
    Document("d", "Lunch was cold in there. Soup had been made for us by the state.", "Art"),
]


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (WordConditions(phrases=("cold soup",)), "ac"),
        (WordConditions(phrases=("soup cold",)), ""),
        (WordConditions(phrases=("soups are cold",)), ""),
        (WordConditions(phrases=("soup that is cold",)), "b"),
        (WordConditions(phrases=("state art",)), ""),
        (WordConditions(phrases=("State-of-the-art",)), "c"),
        (WordConditions(phrases=("art",)), "cd"),
        (WordConditions(phrases=("art lunch",)), ""),
        (WordConditions(phrases=("BERT 4 models",)), "c"),
        (WordConditions(phrases=("bert-4 model",)), "c"),
        (WordConditions(words=("CVE-2026-1234",)), "c"),
        (WordConditions(words=("waiter",)), "ab"),
        (WordConditions(without=("waiter", "art")), ""),
        (WordConditions(without=("waiter cold bowl",)), "bcd"),
        (WordConditions(without_phrases=("cold soup",)), "bd"),
    ],
)
def test_endings_do_not_count_and_function_words_do(
    tmp_path: Path, conditions: WordConditions, found: str
) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(ENGLISH, FakeEncode())
    assert store.snapshot.words.analyzer.settings.language == "en"
    assert chosen(store, select_by_words(store.snapshot, conditions)) == set(found)


@pytest.mark.parametrize("name", ["phrases", "words", "without", "without_phrases"])
def test_function_words_alone_are_no_condition(tmp_path: Path, name: str) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(ENGLISH, FakeEncode())
    with pytest.raises(UsageError, match="'of the' holds no word"):
        select_by_words(store.snapshot, WordConditions(**{name: ("of the",)}))
