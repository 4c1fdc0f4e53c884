"""The example collection is what its page says."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"


def rows(name: str) -> list[dict[str, Any]]:
    lines = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def judgments() -> dict[tuple[str, str], int]:
    with (EXAMPLES / "qrels.tsv").open(encoding="utf-8", newline="") as table:
        reader = csv.DictReader(table, delimiter="\t")
        assert reader.fieldnames == ["query-id", "corpus-id", "score"]
        listed = [((row["query-id"], row["corpus-id"]), int(row["score"])) for row in reader]
    assert len(dict(listed)) == len(listed)
    return dict(listed)


def test_reviews_have_their_fields() -> None:
    reviews = rows("reviews.jsonl")
    assert len({one["id"] for one in reviews}) == len(reviews) == 300
    for one in reviews:
        assert list(one) == ["id", "text", "label", "domain", "year"]
        assert isinstance(one["year"], int)
        assert 2015 <= one["year"] <= 2025
    assert {one["year"] for one in reviews} == set(range(2015, 2026))


def test_reviews_are_balanced() -> None:
    reviews = rows("reviews.jsonl")
    assert Counter(one["label"] for one in reviews) == {"positive": 150, "negative": 150}
    domains = Counter(one["domain"] for one in reviews)
    assert domains == dict.fromkeys(("film", "book", "restaurant", "gadget"), 75)
    both = Counter((one["domain"], one["label"]) for one in reviews)
    assert set(both.values()) == {37, 38}


def test_no_sentence_is_used_twice() -> None:
    sentences = Counter(
        sentence.strip().casefold()
        for one in rows("reviews.jsonl")
        for sentence in re.split(r"(?<=[.!?])\s+", one["text"])
        if len(sentence.split()) > 3
    )
    assert [sentence for sentence, times in sentences.items() if times > 1] == []


def test_judgments_name_what_is_there() -> None:
    reviews = {one["id"] for one in rows("reviews.jsonl")}
    queries = {one["_id"]: one["text"] for one in rows("queries.jsonl")}
    assert len(queries) == 20
    found = judgments()
    assert {query for query, _ in found} == set(queries)
    assert {document for _, document in found} == reviews
    assert set(found.values()) == {0, 1, 2}


def test_every_topic_has_good_answers_and_near_misses() -> None:
    by_query: dict[str, Counter[int]] = {}
    for (query, _), grade in judgments().items():
        by_query.setdefault(query, Counter())[grade] += 1
    for query, grades in by_query.items():
        if query not in {"q01", "q02"}:
            assert 1 <= grades[2] <= 10, query
            assert 3 <= grades[1] + grades[2] <= 15, query
            assert grades[0] >= 3, query


def test_label_queries_are_judged_by_the_labels() -> None:
    labels = {one["id"]: one["label"] for one in rows("reviews.jsonl")}
    for query, label in (("q01", "positive"), ("q02", "negative")):
        judged = {one: grade for (of, one), grade in judgments().items() if of == query}
        assert judged == {one: 1 for one, has in labels.items() if has == label}
