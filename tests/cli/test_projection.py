from typing import Any

import pytest

from retrieval.cli.projection import parse_fields, project, value_of
from retrieval.errors import UsageError
from tests.cli.hits import hit


def whole() -> dict[str, Any]:
    return hit(metadata={"year": 1999, "tags": ["a", "b"], "a.b": 0.5}).to_json()


def test_projection_keeps_what_tells_lines_apart() -> None:
    assert project(whole(), parse_fields("doc_id")) == {
        "schema_version": 1,
        "query_id": "1",
        "rank": 1,
        "doc_id": "d1",
    }


def test_one_metadata_field_stays_where_it_is() -> None:
    assert project(whole(), parse_fields("metadata.year"))["metadata"] == {"year": 1999}


def test_a_dot_in_a_field_of_ones_own_belongs_to_its_name() -> None:
    assert project(whole(), parse_fields("metadata.a.b"))["metadata"] == {"a.b": 0.5}


def test_a_field_a_document_lacks_is_left_out() -> None:
    assert project(whole(), parse_fields("metadata.color"))["metadata"] == {}


def test_naming_metadata_whole_keeps_it_whole() -> None:
    for fields in ("metadata,metadata.year", "metadata.year,metadata"):
        assert project(whole(), parse_fields(fields))["metadata"] == whole()["metadata"]


def test_projecting_changes_nothing_it_was_given() -> None:
    before = whole()
    project(before, parse_fields("metadata.year,metadata"))
    assert before == whole()


@pytest.mark.parametrize("fields", ["scor", "doc_id,scor", "metadata.", "", ","])
def test_a_field_no_hit_has_is_refused_with_those_it_has(fields: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fields(fields)
    assert "doc_id" in caught.value.fix


def test_the_nearest_field_is_named() -> None:
    with pytest.raises(UsageError, match="Did you mean score"):
        parse_fields("scor")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("score", "0.5000"),
        ("metadata.year", "1999"),
        ("metadata.tags", "a, b"),
        ("metadata.none", ""),
        ("metadata.a.b", "0.5"),
        ("span", "0, 9"),
    ],
)
def test_values_are_shown_as_text(name: str, shown: str) -> None:
    assert value_of(whole(), name) == shown
