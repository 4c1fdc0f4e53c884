from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.cli.report.map_page import chart_of_tried, map_page
from retrieval.cluster.choose_k import TriedK
from retrieval.engine.clustering import ClusterReport
from retrieval.engine.mapping import CorpusMap, map_clusters
from tests.engine.corpora import built, jsonl
from tests.engine.test_clustering import topic_rows

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \u202e\u2028"


@pytest.fixture
def drawn(tmp_path: Path) -> tuple[ClusterReport, CorpusMap]:
    rows = topic_rows()
    rows[0] |= {"text": f"leek soup {HOSTILE}", "topic": HOSTILE, HOSTILE: 1}
    rows[1] |= {"id": HOSTILE, HOSTILE: 2}
    with built(jsonl(tmp_path / "topics.jsonl", rows), tmp_path) as index:
        done = retrieval.find_clusters(index, k_range=(2, 4), label_field="topic")
    return done.report, map_clusters(done)


def content(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="map-content">(.*?)</script>', page)
    found: dict[str, Any] = json.loads(text)
    return found


def test_hostile_texts_stay_texts(drawn: tuple[ClusterReport, CorpusMap]) -> None:
    page = map_page(*drawn)
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "\u202e" not in page
    assert any("</script>" in text for text in content(page)["texts"])


def test_the_page_allows_its_own_script_alone_and_loads_nothing(
    drawn: tuple[ClusterReport, CorpusMap],
) -> None:
    page = map_page(*drawn)
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;" in page
    assert "default-src &#x27;none&#x27;" in page
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", page)
    assert not re.search(r"innerHTML|eval\(|fetch\(|XMLHttp|document\.write", script)


def test_everything_that_is_drawn_is_in_the_page(drawn: tuple[ClusterReport, CorpusMap]) -> None:
    report, points = drawn
    page = map_page(report, points)
    found = content(page)
    assert len(found["ids"]) == len(found["x"]) == len(found["clusters"]) == report.documents
    assert found["names"] == [one.name for one in report.clusters]
    assert [one["cluster"] for one in found["middles"]] == list(range(1, report.k + 1))
    assert found["fields"][0]["name"] == "topic"
    assert "How many clusters" in page
    assert "drawn at random" not in page


def test_a_part_of_the_documents_is_said_to_be_one(
    drawn: tuple[ClusterReport, CorpusMap],
) -> None:
    report, points = drawn
    assert "24 drawn at random" in map_page(report, replace(points, documents=30_000))
    plain = map_page(replace(report, tried=None, agreement=None), points)
    assert "How many clusters" not in plain


def test_the_chart_shows_what_was_tried() -> None:
    tried = (
        TriedK(k=2, silhouette=-0.1, stability=0.9),
        TriedK(k=5, silhouette=0.3, stability=0.8),
    )
    chart = chart_of_tried(tried, 5)
    assert [one.label for one in chart.lines] == ["silhouette", "stability"]
    assert chart.y.low <= -0.1
    assert chart.rules[0].at == 5.0
    assert chart_of_tried(tried[:1], 2).x.high > chart_of_tried(tried[:1], 2).x.low
