from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import DamagedIndexError, WordsMissingError
from retrieval.fsops import LocalFiles
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.bm25 import Bm25Options
from retrieval.lexical.reference import reference_scores
from retrieval.records import Document, Numerics
from retrieval.store.content import BufferedContent, EncodedDocument, write_segment
from retrieval.store.hashing import content_hashes
from retrieval.store.layout import PartKind
from retrieval.store.local import LocalStore
from retrieval.store.manifest import Segment
from retrieval.store.segment import OpenSegment
from retrieval.store.summary import summarize
from retrieval.store.wording import with_words
from retrieval.store.words import passage_texts
from retrieval.store.words_check import check_words
from tests.store.documents import (
    DIM,
    FakeEncode,
    counted_names,
    held,
    numbered,
    passages_of,
    store_at,
)
from tests.store.worded import worded

QUERIES = ("w1 w2", "w30", "w5 w5 w0 title1", "absent")
ENGLISH = "The results of this study show that the drug was as good as it had been before."


def expected(documents: Iterable[Document], query: str, k: int) -> list[tuple[str, float]]:
    """Rank documents by their best passage, from plain dictionaries."""
    owners, texts = [], []
    for document in documents:
        if not document.is_empty:
            for text in passage_texts(document, passages_of(document).spans):
                owners.append(document.doc_id)
                texts.append(text)
    analyzer = Analyzer(AnalyzerSettings())
    best: dict[str, float] = {}
    scores = reference_scores(analyzer, texts, query, Bm25Options())
    for owner, score in zip(owners, scores, strict=True):
        best[owner] = max(score, best.get(owner, 0.0))
    ranked = [(one, score) for one, score in best.items() if score > 0]
    return sorted(ranked, key=lambda pair: (-round(pair[1], 9), pair[0].encode()))[:k]


def assert_found(store: LocalStore) -> None:
    """Check that words find what plain dictionaries find in the documents that are held."""
    documents = list(held(store).values())
    for query in QUERIES:
        for k in (1, 5, 1000):
            (ranking,) = store.snapshot.search_words([query], k)
            found = [one.document.doc_id for one in store.fetch(ranking)]
            wanted = expected(documents, query, k)
            assert found == [doc_id for doc_id, _ in wanted]
            assert ranking.scores == pytest.approx([score for _, score in wanted], abs=1e-9)
    assert store.verify().problems == ()


def test_words_find_what_plain_dictionaries_find(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(worded(0, 40), FakeEncode())
    assert_found(store)


def test_updates_and_deletions_leave_no_trace_in_scores(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(worded(0, 40), FakeEncode())
    store.upsert(worded(30, 50, seed=1), FakeEncode())
    store.delete(["d3", "d7", "d31", "d45"])
    assert len(store.describe().segments) > 1
    assert_found(store)


def test_merged_segments_have_the_words_of_their_documents(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    for start in range(0, 100, 10):
        store.upsert(worded(start, start + 10), FakeEncode())
        store.delete([f"d{start + 3}"])
    assert len(store.describe().segments) < 10
    assert_found(store)


def test_spills_bring_their_words(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i", spill_passages=10)
    store.upsert(worded(0, 60), FakeEncode())
    assert_found(store)


def test_adopted_work_brings_its_words(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        store_at(tmp_path / "i", spill_passages=10).upsert(
            iter(worded(0, 2000)), FakeEncode(stop_after=1024)
        )
    store = store_at(tmp_path / "i")
    receipt = store.upsert(worded(0, 1100), FakeEncode())
    assert receipt.resumed_passages > 0
    assert_found(store)


def test_title_is_found_with_every_passage(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document("a", "one. two", title="Heading")], FakeEncode())
    scores = store.snapshot.words.score("heading", Bm25Options())[0]
    assert (scores > 0).tolist() == [True, True]


def without_words(folder: Path) -> None:
    for path in folder.glob("p-*.words"):
        path.unlink()


def test_missing_words_are_named_and_meaning_still_answers(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(worded(0, 20), FakeEncode())
    without_words(tmp_path / "i")
    store = LocalStore(tmp_path / "i")
    assert len(store.search_vectors(passages_of(worded(1, 2)[0]).vectors[:1], 3)[0]) == 3
    with pytest.raises(WordsMissingError, match="meaning only"):
        store.snapshot.search_words(["w1"], 3)
    (missing,) = summarize(tmp_path / "i").missing_derived
    assert missing.endswith(".words")
    assert store.verify().problems == ()


def test_next_writer_makes_missing_words_and_encodes_nothing(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(worded(0, 20), FakeEncode())
    without_words(tmp_path / "i")
    encode = FakeEncode()
    store = store_at(tmp_path / "i")
    receipt = store.upsert(worded(0, 20), encode)
    assert (encode.encoded, receipt.committed, receipt.unchanged) == ([], True, 20)
    assert summarize(tmp_path / "i").missing_derived == ()
    assert_found(store)


def test_a_deletion_makes_missing_words_too(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(worded(0, 20), FakeEncode())
    without_words(tmp_path / "i")
    store = store_at(tmp_path / "i")
    store.delete(["d1"])
    assert_found(store)


def test_the_language_is_told_once_and_kept(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document("a", ENGLISH), Document("b", "dogs running")], FakeEncode())
    assert store.snapshot.words.analyzer.settings.language == "en"
    german = "Er wollte nicht, dass sie mit den anderen in das Haus ging, weil es kalt war."
    store.upsert([Document(f"c{n}", f"{german} {n}") for n in range(30)], FakeEncode())
    assert store.snapshot.words.analyzer.settings.language == "en"
    (ranking,) = store.snapshot.search_words(["the run of a dog"], 5)
    assert [one.document.doc_id for one in store.fetch(ranking)] == ["b"]
    assert store.verify().problems == ()


def test_the_first_spill_does_not_settle_the_language_alone(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i", spill_passages=1)
    store.upsert([Document("a", "dogs"), *(Document(f"b{n}", ENGLISH) for n in range(9))],
                 FakeEncode())  # fmt: skip
    assert store.snapshot.words.analyzer.settings.language == "en"
    assert store.verify().problems == ()


def test_a_small_index_learns_its_language_later(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document("a", "running dogs")], FakeEncode())
    assert store.snapshot.words.analyzer.settings.language == ""
    store.upsert([Document("b", ENGLISH)], FakeEncode())
    assert store.snapshot.words.analyzer.settings.language == "en"
    (ranking,) = store.snapshot.search_words(["run"], 5)
    assert len(ranking) == 1


def test_signs_in_a_query_mean_nothing(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(worded(0, 40), FakeEncode())
    plain, signed = store.snapshot.search_words(["w1 w2 w3", '"w1 w2" -w3 AND NOT (w1*)'], 50)
    assert set(plain.ordinals.tolist()) <= set(signed.ordinals.tolist())
    (quoted,) = store.snapshot.search_words(['"w1 w2" -w3'], 50)
    assert quoted.scores.tolist() == plain.scores.tolist()


def segment_of(folder: Path, documents: list[Document]) -> Segment:
    folder.mkdir(parents=True)
    encoded = [
        EncodedDocument(one, content_hashes(one), found.spans, found.vectors, 0)
        for one in documents
        for found in [passages_of(one)]
    ]
    numerics = (Numerics(precision="fp32", runtime="fake 1"),)
    content = BufferedContent(encoded, DIM, numerics, Analyzer(AnalyzerSettings()))
    return write_segment(LocalFiles(), lambda kind: folder / f"{folder.name}.{kind}", content)


def test_words_of_other_documents_are_reported(tmp_path: Path) -> None:
    segment = segment_of(tmp_path / "one", worded(1, 9))
    other = segment_of(tmp_path / "two", [*worded(1, 8), replace(worded(8, 9)[0], title="x")])
    (tmp_path / "two" / "two.words").rename(tmp_path / "one" / "two.words")
    mixed = replace(segment, parts={**segment.parts, PartKind.WORDS: other.parts[PartKind.WORDS]})
    good = OpenSegment(LocalFiles(), tmp_path / "one", segment, DIM)
    wrong = OpenSegment(LocalFiles(), tmp_path / "one", mixed, DIM)
    assert list(check_words(good)) == []
    (problem,) = check_words(wrong)
    assert "two.words" in problem


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_words_made_in_pieces_are_those_made_at_once(tmp_path: Path, at_once: int) -> None:
    folder = tmp_path / "one"
    segment = segment_of(folder, worded(1, 30))
    wanted = (folder / "one.words").read_bytes()
    parts = dict(segment.parts)
    del parts[PartKind.WORDS]
    (made,) = with_words(
        LocalFiles(),
        folder,
        [replace(segment, parts=parts)],
        Analyzer(AnalyzerSettings()),
        dim=DIM,
        place=lambda name, kind: folder / f"{name}.{kind}",
        names=counted_names(),
        at_once=at_once,
    )
    assert (folder / made.parts[PartKind.WORDS].file).read_bytes() == wanted
    assert [path.name for path in folder.iterdir() if path.name.startswith("tmp-")] == []


def test_postings_out_of_range_are_damage_and_no_crash(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(worded(1, 30), FakeEncode())
    (path,) = (tmp_path / "i").glob("p-*.words")
    words = LocalStore(tmp_path / "i").snapshot.segments[0].words
    assert words is not None
    rows, _ = words.postings.of_term(words.postings.find(b"w1") or 0)
    content = bytearray(path.read_bytes())
    at = content.index(rows.tobytes())
    content[at : at + 4] = np.int32(1 << 30).tobytes()
    path.write_bytes(content)
    with pytest.raises(DamagedIndexError, match="words"):
        LocalStore(tmp_path / "i").snapshot.search_words(["w1"], 3)
    assert LocalStore(tmp_path / "i").verify().problems != ()


def test_a_writer_makes_unreadable_words_anew(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(worded(1, 30), FakeEncode())
    (path,) = (tmp_path / "i").glob("p-*.words")
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(DamagedIndexError, match=path.name):
        LocalStore(tmp_path / "i").snapshot.search_words(["w1"], 3)
    store = store_at(tmp_path / "i")
    store.upsert(worded(1, 30), FakeEncode())
    assert len(store.snapshot.search_words(["w1"], 3)[0]) == 3


def test_an_index_of_many_generations_verifies(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    for start in range(0, 30, 5):
        store.upsert(numbered(start, start + 5), FakeEncode())
    assert store.verify().problems == ()
