from __future__ import annotations

import pytest

from retrieval.corpus.fields import FieldMap, FieldNames, resolve_fields
from retrieval.corpus.rows import document_from_row
from retrieval.errors import InputError
from retrieval.records import Document


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (["id", "text", "title"], FieldMap("id", "text", "title")),
        (["_ID", "Body"], FieldMap("_ID", "Body", None)),
        (["headline", "category"], FieldMap(None, "headline", None)),
        (["headline", "text"], FieldMap(None, "text", "headline")),
        (
            ["doc_id", "Headline", "short_description"],
            FieldMap("doc_id", "short_description", "Headline"),
        ),
        (["name", "content"], FieldMap(None, "content", "name")),
    ],
)
def test_fields_are_found_by_name(fields: list[str], found: FieldMap) -> None:
    assert resolve_fields(fields, FieldNames(), "f") == found


def test_fields_asked_for_win() -> None:
    asked = FieldNames(id="key", text="title", title="text")
    assert resolve_fields(["key", "id", "text", "title"], asked, "f") == FieldMap(
        "key", "title", "text"
    )


def test_a_field_that_is_missing_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="Did you mean 'review_text'"):
        resolve_fields(["review_text", "stars"], FieldNames(text="reviewtext"), "f")


def test_no_text_field_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InputError, match=r"'premise', 'hypothesis'.*--text-field"):
        resolve_fields(["premise", "hypothesis"], FieldNames(), "f")


def test_the_choice_is_said_out_loud() -> None:
    fields = ["key", "Body", "a", "b"]
    note = resolve_fields(fields, FieldNames(), "x.csv").note("x.csv", fields)
    assert (
        note == "x.csv: id from a hash of the content, text from 'Body'; metadata: 'key', 'a', 'b'."
    )


def test_a_mapping_is_read_like_a_row() -> None:
    assert document_from_row({"id": 5, "text": "t", "title": "h", "n": [1]}) == Document(
        "5", "t", "h", {"n": [1]}
    )


def test_the_same_content_has_the_same_made_id() -> None:
    one = document_from_row({"text": "t", "a": 1, "b": 2})
    assert one.doc_id == document_from_row({"b": 2, "text": "t", "a": 1}).doc_id
    assert one.doc_id != document_from_row({"text": "t", "a": 1}).doc_id


@pytest.mark.parametrize(
    "row",
    [
        {"id": "x"},
        {"id": "x", "text": ""},
        {"id": "x", "text": 3},
        {"id": None, "text": "t", "n": float("nan")},
        {"id": "\ud800", "text": "t"},
        {"id": "x", "text": "t", "n": 1 << 70},
        {"id": "x", "text": "t", "n": object()},
    ],
)
def test_mappings_that_cannot_be_used_are_refused(row: dict[str, object]) -> None:
    with pytest.raises(InputError):
        document_from_row(row)
