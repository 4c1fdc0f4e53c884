from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.tokens import TextTokenizer
from retrieval.errors import ModelAlteredError


@pytest.fixture
def tokenizer(tmp_path: Path) -> TextTokenizer:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "film", "##s", "日", "本", "cafe", "q"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_truncation(4)  # limits of its own, as the bundled model's file carries
    made.enable_padding(length=4)
    path = tmp_path / "tokenizer.json"
    path.write_text(made.to_str())
    return TextTokenizer(path, max_tokens=6)


def test_ids_have_special_tokens_and_no_padding(tokenizer: TextTokenizer) -> None:
    alone = tokenizer.window_ids(["the films"])
    assert [row.tolist() for row in alone] == [[2, 4, 5, 6, 3]]
    several = tokenizer.window_ids(["the", "", "films"])
    assert [row.tolist() for row in several] == [[2, 4, 3], [2, 3], [2, 5, 6, 3]]
    assert all(row.dtype == np.int64 for row in several)


def test_what_exceeds_the_window_is_cut_before_the_last_special_token(
    tokenizer: TextTokenizer,
) -> None:
    (row,) = tokenizer.window_ids(["the the the the film"])
    assert row.tolist() == [2, 4, 4, 4, 4, 3]


def test_a_prompt_takes_its_part_of_the_window(tokenizer: TextTokenizer) -> None:
    (row,) = tokenizer.window_ids(["the the the the"], prompt="q ")
    assert row.tolist() == [2, 10, 4, 4, 4, 3]
    assert tokenizer.count("q ") == 1
    assert tokenizer.special_tokens == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("😀 film", ["😀", "film"]),
        ("日本 the", ["日", "本", "the"]),
        ("cafe\u0301 film", ["cafe\u0301", "film"]),
        ("👨‍👩‍👧film the", None),
        ("\ud800 film", ["\ud800", "film"]),
        ("the the the the the the the the films", [*["the"] * 8, "film", "s"]),
    ],
)
def test_offsets_are_characters_of_the_text_given(
    tokenizer: TextTokenizer, text: str, expected: list[str] | None
) -> None:
    (alone,) = tokenizer.offsets([text])
    together = tokenizer.offsets([text, "the", ""])
    np.testing.assert_array_equal(together[0], alone)
    assert together[2].shape == (0, 2)
    found = [text[start:end] for start, end in alone]
    if expected is None:
        assert found[-1] == text.split()[-1]
    else:
        # a combining mark may or may not be counted to the letter before it
        assert [piece.rstrip("\u0301") for piece in found] == [
            piece.rstrip("\u0301") for piece in expected
        ]


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ModelAlteredError, match=r"tokenizer\.json"):
        TextTokenizer(path, max_tokens=6)
