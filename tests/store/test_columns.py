from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import ColumnsMissingError, DamagedIndexError, FilterError
from retrieval.filters.field_types import FieldType
from retrieval.filters.tree import Eq, Exists, Filter, In, Range
from retrieval.fsops import LocalFiles
from retrieval.records import Document
from retrieval.store.columning import with_columns
from retrieval.store.columns_check import check_columns
from retrieval.store.layout import PartKind
from retrieval.store.local import LocalStore
from retrieval.store.segment import OpenSegment
from retrieval.store.summary import summarize
from tests.filters.corpora import FIELDS, holds, random_documents, random_filter
from tests.store.documents import DIM, FakeEncode, counted_names, held, store_at


def selected(store: LocalStore, where: Filter) -> set[str]:
    snapshot = store.snapshot
    chosen = snapshot.select(where)
    assert chosen is not None
    return {
        one.doc_id(int(at))
        for one, own in zip(snapshot.segments, chosen.documents, strict=True)
        for at in np.flatnonzero(own)
    }


def assert_filters(store: LocalStore, seed: int = 0, trees: int = 60) -> None:
    """Check that filters let through what the obvious evaluation does."""
    documents = held(store)
    types = {name: str(found) for name, found in store.snapshot.fields.items()}
    chance = random.Random(seed)
    for _ in range(trees):
        tree = random_filter(chance, types)
        wanted = {one for one in documents if holds(tree, documents[one].metadata, types)}
        assert selected(store, tree) == wanted, str(tree)
    assert store.verify().problems == ()


def documents(first: int, last: int, seed: int = 0) -> list[Document]:
    return random_documents(random.Random(seed), range(first, last))


def test_filters_are_the_obvious_ones_after_updates_and_deletions(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 60), FakeEncode())
    store.upsert(documents(50, 80, seed=1), FakeEncode())
    store.delete([f"d{number:03d}" for number in range(0, 80, 7)])
    assert len(store.describe().segments) > 1
    assert_filters(store)


def test_merged_segments_have_the_columns_of_their_documents(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    for start in range(0, 100, 10):
        store.upsert(documents(start, start + 10, seed=start), FakeEncode())
        store.delete([f"d{start + 3:03d}"])
    assert len(store.describe().segments) < 10
    assert_filters(store)


def test_spills_bring_their_columns(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i", spill_passages=10)
    store.upsert(documents(0, 60), FakeEncode())
    assert_filters(store)


def test_types_are_of_the_whole_index(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 200), FakeEncode())
    found = dict(store.snapshot.fields)
    assert found == {
        "year": FieldType.INTEGER,
        "size": FieldType.FLOAT,
        "lang": FieldType.STRING,
        "a day": FieldType.DATE,
        "fresh": FieldType.BOOLEAN,
        "tags": FieldType.STRINGS,
        "when": FieldType.STRING,
        "mixed": FieldType.MIXED,
        "deep": FieldType.NESTED,
    }
    listed = {one.name: one for one in store.describe().fields}
    assert {name: one.type for name, one in listed.items()} == found
    for name in FIELDS:
        having = sum(one.metadata.get(name) is not None for one in held(store).values())
        assert listed[name].documents == having
    assert sum(listed["mixed"].sorts.values()) == listed["mixed"].documents
    assert listed["year"].sorts == {}


def test_a_field_becomes_mixed_and_one_again(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document("a", "x", metadata={"n": 1})], FakeEncode())
    store.upsert([Document("b", "y", metadata={"n": "1"})], FakeEncode())
    with pytest.raises(FilterError, match=r"'n' .* integers \(1 document\) and strings \(1 doc"):
        store.snapshot.select(Eq("n", 1))
    assert selected(store, Exists("n")) == {"a", "b"}
    store.delete(["b"])
    assert selected(store, Eq("n", 1.0)) == {"a"}
    store.upsert([Document("c", "z", metadata={"n": 1.5})], FakeEncode())
    assert store.snapshot.fields["n"] is FieldType.FLOAT
    assert selected(store, Range("n", at_least=1)) == {"a", "c"}


def test_an_unknown_field_is_refused_with_the_nearest(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document("a", "x", metadata={"Year": 1, "lang": "en"})], FakeEncode())
    with pytest.raises(FilterError, match=r"Did you mean Year\? Its fields are: Year, lang\."):
        store.snapshot.select(Eq("yaer", 1))
    store.delete(["a"])
    with pytest.raises(FilterError, match="have no metadata"):
        store.snapshot.select(Eq("Year", 1))


@pytest.mark.parametrize(
    "tree",
    [
        Eq("year", "2020"), Eq("year", True), Eq("lang", 1), Eq("fresh", 1), Eq("fresh", "true"),
        Eq("a day", "yesterday"), Eq("a day", 2020), Range("tags", at_least="a"),
        Eq("mixed", 1), In("deep", (1,)), In("year", (1, "2")),
    ],
)  # fmt: skip
def test_values_of_another_type_are_refused(tmp_path: Path, tree: Filter) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 80), FakeEncode())
    with pytest.raises(FilterError):
        store.snapshot.select(tree)


def test_a_kept_selection_is_of_the_same_filter(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 80), FakeEncode())
    yes = selected(store, Eq("fresh", True))
    for year in (1999, 2000, 2001, 2020, -5, 0):
        assert selected(store, Eq("year", year)) != yes
    assert selected(store, Eq("fresh", True)) == yes
    with pytest.raises(FilterError):
        store.snapshot.select(Eq("fresh", 1))


def test_values_become_what_json_makes_of_them(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    odd = {"n": float("nan"), "t": ("a", "b")}
    store.upsert([Document("a", "x", metadata=odd)], FakeEncode())  # type: ignore[arg-type]
    assert dict(store.snapshot.fields) == {"t": FieldType.STRINGS}
    assert selected(store, Eq("t", "b")) == {"a"}
    assert store.verify().problems == ()


def without_columns(folder: Path) -> None:
    for path in folder.glob("p-*.columns"):
        path.unlink()


def test_missing_columns_are_named_and_searches_still_answer(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(documents(0, 20), FakeEncode())
    without_columns(tmp_path / "i")
    store = LocalStore(tmp_path / "i")
    assert len(store.search_vectors(np.ones((1, DIM), dtype=np.float32) / DIM**0.5, 3)[0]) == 3
    with pytest.raises(ColumnsMissingError, match="retrieve index"):
        store.snapshot.select(Exists("year"))
    (missing,) = summarize(tmp_path / "i").missing_derived
    assert missing.endswith(".columns")
    assert store.verify().problems == ()


def test_next_writer_makes_missing_columns_and_encodes_nothing(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(documents(0, 20), FakeEncode())
    without_columns(tmp_path / "i")
    encode = FakeEncode()
    store = store_at(tmp_path / "i")
    receipt = store.upsert(documents(0, 20), encode)
    assert (encode.encoded, receipt.committed, receipt.unchanged) == ([], True, 20)
    assert summarize(tmp_path / "i").missing_derived == ()
    assert_filters(store)


def test_a_writer_makes_unreadable_columns_anew(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(documents(0, 20), FakeEncode())
    (path,) = (tmp_path / "i").glob("p-*.columns")
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(DamagedIndexError, match=path.name):
        LocalStore(tmp_path / "i").snapshot.select(Exists("year"))
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 20), FakeEncode())
    years = {one.doc_id for one in held(store).values() if one.metadata.get("year") is not None}
    assert selected(store, Exists("year")) == years


def test_rows_out_of_range_are_damage_and_no_crash(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert([Document(f"d{n}", "x", metadata={"n": n}) for n in range(3)], FakeEncode())
    (path,) = (tmp_path / "i").glob("p-*.columns")
    content = bytearray(path.read_bytes())
    at = content.index(np.arange(3, dtype="<i4").tobytes())
    content[at + 8 : at + 12] = np.int32(1 << 30).tobytes()
    path.write_bytes(content)
    with pytest.raises(DamagedIndexError, match="columns"):
        LocalStore(tmp_path / "i").snapshot.select(Exists("n"))
    assert LocalStore(tmp_path / "i").verify().problems != ()


def test_columns_of_other_documents_are_reported(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 30), FakeEncode())
    others = documents(0, 30)
    others[7] = replace(others[7], metadata={**others[7].metadata, "lang": "xx"})
    other = store_at(tmp_path / "j")
    other.upsert(others, FakeEncode())
    (segment,), (wrong,) = store.describe().segments, other.describe().segments
    part = wrong.parts[PartKind.COLUMNS]
    (tmp_path / "j" / part.file).rename(tmp_path / "i" / part.file)
    mixed = replace(segment, parts={**segment.parts, PartKind.COLUMNS: part})
    (problem,) = check_columns(OpenSegment(LocalFiles(), tmp_path / "i", mixed, DIM))
    assert part.file in problem
    assert "'lang'" in problem


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
def test_columns_made_in_pieces_are_those_made_at_once(tmp_path: Path, at_once: int) -> None:
    folder = tmp_path / "i"
    store = store_at(folder)
    store.upsert(documents(0, 40), FakeEncode())
    (segment,) = store.describe().segments
    wanted = (folder / segment.parts[PartKind.COLUMNS].file).read_bytes()
    parts = dict(segment.parts)
    del parts[PartKind.COLUMNS]
    (made,) = with_columns(
        LocalFiles(),
        folder,
        [replace(segment, parts=parts)],
        dim=DIM,
        place=lambda name, kind: folder / f"{name}.{kind}",
        names=counted_names(),
        at_once=at_once,
    )
    assert (folder / made.parts[PartKind.COLUMNS].file).read_bytes() == wanted
    assert [path.name for path in folder.iterdir() if path.name.startswith("tmp-")] == []


def test_facets_count_the_documents_that_are_chosen(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(documents(0, 60), FakeEncode())
    store.upsert(documents(50, 80, seed=1), FakeEncode())
    store.delete(["d001", "d055"])
    snapshot = store.snapshot
    for where in (None, Exists("year"), Eq("lang", "absent")):
        among = [
            one.metadata
            for one in held(store).values()
            if where is None or holds(where, one.metadata, {"lang": "string"})
        ]
        for field in ("year", "lang", "tags", "fresh", "a day", "size"):
            found = snapshot.facet(field, snapshot.select(where))
            counts: dict[object, int] = {}
            for metadata in among:
                value = metadata.get(field)
                members = set(value) if isinstance(value, list) else {value} - {None}
                for one in members:
                    counts[one] = counts.get(one, 0) + 1
            assert dict(found.values) == counts
            assert [n for _, n in found.values] == sorted(counts.values(), reverse=True)
            assert found.documents == len(among)
            assert found.missing == sum(one.get(field) is None for one in among)
    with pytest.raises(FilterError):
        snapshot.facet("mixed")


def test_many_fields_are_no_problem(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(
        [Document(f"d{n}", "x", metadata={f"own {n}": n, "n": n}) for n in range(1200)],
        FakeEncode(),
    )
    assert len(store.describe().fields) == 1000
    assert selected(store, Eq("own 1199", 1199)) == {"d1199"}
