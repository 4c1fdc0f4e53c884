"""An index of format 1, written once: readable for ever."""

from __future__ import annotations

import shutil
from pathlib import Path

import retrieval
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME

GOLDEN = Path(__file__).parent / "format-1"


def test_it_answers_as_on_its_first_day() -> None:
    register_fakes()
    with retrieval.open(GOLDEN, model=HASHING_NAME) as index:
        assert index.snapshot.generation == 3
        (hit,) = index.search("leek potato", k=1)
        assert (hit.doc_id, hit.title, hit.text) == ("soup", "Soup", "Leek, potato and patience.")
        assert hit.metadata == {"year": 1999}
        (bike,) = index.search("tyre", k=1)
        assert bike.text == "The chain needs oil and the tyre air."
        assert bike.metadata == {"price": 1.5, "new": True, "note": None}
        (long,) = index.search("a long text of many words", k=1)
        assert long.doc_id == "größe"
        assert long.metadata == {"tags": ["a", "b"]}
        found = {one.doc_id for one in index.search("deleted in the third generation", k=20)}
        assert found == {"soup", "bike", "größe", *(f"filler-{at}" for at in range(8))}


def test_everything_in_it_is_whole() -> None:
    register_fakes()
    report = retrieval.verify(GOLDEN, model=HASHING_NAME)
    assert report.problems == ()
    assert report.reencoded_passages > 3
    status = retrieval.status(GOLDEN)
    assert (status.documents, status.deleted_documents) == (11, 2)


def test_it_can_be_gone_on_with(tmp_path: Path) -> None:
    register_fakes()
    shutil.copytree(GOLDEN, tmp_path / "format-1")
    with retrieval.open(tmp_path / "format-1", model=HASHING_NAME) as index:
        report = index.upsert([{"id": "new", "text": "A rake for leaves."}])
        assert (report.added, report.generation) == (1, 4)
        assert index.search("rake", k=1)[0].doc_id == "new"
    assert retrieval.verify(tmp_path / "format-1", model=HASHING_NAME).ok
