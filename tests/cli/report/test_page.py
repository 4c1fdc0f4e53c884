from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from retrieval.cli.report.page import report_page
from retrieval.evaluate.results import BenchReport
from tests.cli.report import samples

every_sample = pytest.mark.parametrize("sample", samples.EVERY, ids=lambda one: one.__name__)
SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br", "col"}


class Reader(HTMLParser):
    """Reads a page as a browser does and keeps what a test asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src"}:
                self.links.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def read(report: BenchReport) -> Reader:
    reader = Reader()
    reader.feed(report_page(report))
    reader.close()
    assert reader.open == []
    return reader


def tree(report: BenchReport) -> ElementTree.Element:
    _, _, page = report_page(report).partition("\n")
    return ElementTree.fromstring(page)


def sections(report: BenchReport) -> dict[str, ElementTree.Element]:
    found = {}
    for section in tree(report).iter("section"):
        heading = section.find("h2")
        assert heading is not None
        found[(heading.text or "").strip()] = section
    return found


def words(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


@every_sample
def test_the_page_is_well_formed_as_html_and_as_xml(sample: Callable[[], BenchReport]) -> None:
    read(sample())
    assert tree(sample()).tag == "html"


@every_sample
def test_the_page_needs_nothing_from_outside(sample: Callable[[], BenchReport]) -> None:
    reader = read(sample())
    assert not set(reader.tags) & {"script", "link", "img", "iframe", "object", "base"}
    assert all(link.startswith("#note-") for link in reader.links)
    page = report_page(sample())
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src &#x27;none&#x27;" in page


@every_sample
def test_ids_are_unique_and_links_lead_to_them(sample: Callable[[], BenchReport]) -> None:
    reader = read(sample())
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links} <= set(reader.ids)


@every_sample
def test_every_chart_says_what_it_shows(sample: Callable[[], BenchReport]) -> None:
    for svg in tree(sample()).iter(f"{SVG}svg"):
        if svg.get("aria-hidden") == "true":
            continue
        assert svg.get("role") == "img"
        named = (svg.get("aria-labelledby") or "").split()
        texts = {one.get("id"): words(one) for one in svg if one.get("id")}
        assert [bool(texts[one]) for one in named] == [True, True]


@every_sample
def test_every_coordinate_is_a_number_within_the_chart(sample: Callable[[], BenchReport]) -> None:
    page = report_page(sample())
    assert "nan" not in re.sub(r">[^<]*<", "><", page).lower()
    assert "inf " not in page
    for svg in tree(sample()).iter(f"{SVG}svg"):
        _, _, width, height = map(float, (svg.get("viewBox") or "").split())
        for path in svg.iter(f"{SVG}path"):
            numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d") or "")
            assert numbers
            assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in numbers)


def test_a_full_report_has_every_section() -> None:
    found = sections(samples.four_systems())
    assert list(found) == [
        "Task",
        "Measures",
        "Comparisons",
        "Charts",
        "Silhouette",
        "Worst queries",
        "Provenance",
    ]
    assert "Labels" in sections(samples.one_label_query())


def test_an_empty_report_has_only_what_there_is() -> None:
    assert list(sections(samples.nothing_to_show())) == ["Task", "Measures"]
    nothing = replace(samples.nothing_to_show(), systems=())
    assert "Nothing was measured." in words(sections(nothing)["Measures"])


def test_the_headline_is_the_primary_measure_of_the_first_system() -> None:
    (header,) = tree(samples.four_systems()).iter("header")
    assert "0.645 [0.601, 0.689] dense: mean over 300 judged queries" in words(header)


def test_figures_of_every_table_are_there() -> None:
    found = sections(samples.four_systems())
    assert "0.601 [0.557, 0.645] (e)" in words(found["Measures"])
    assert "+0.0689 [+0.0379, +0.0989] <0.001 Holm 0.001 98/161/41" in words(found["Comparisons"])
    assert "versions.numpy 2.4.6" in words(found["Provenance"])
    assert "queries 300, 6 of them without relevant documents" in words(found["Task"])


def test_worst_queries_show_the_grades_of_their_hits() -> None:
    section = sections(samples.one_system())["Worst queries"]
    rows = [[words(cell) for cell in row] for row in section.iter("tr")]
    assert rows[0] == ["Rank", "Score", "Grade", "Document"]
    assert [row[:3] for row in rows[1:4]] == [
        ["1", "0.531", "not judged"],
        ["2", "0.517", "0"],
        ["3", "0.499", "1"],
    ]


def test_a_worst_query_without_hits_says_so() -> None:
    report = samples.one_system(worst=(replace(samples.worst(1)[0], hits=()),))
    assert "No hits." in words(sections(report)["Worst queries"])


def test_in_sample_is_marked_in_every_table_legend_and_chart() -> None:
    report = samples.four_systems()
    found = sections(report)
    (header,) = tree(report).iter("header")
    assert "memory IN-SAMPLE was graded on what it learned from" in words(header)
    assert words(found["Task"]).count("IN-SAMPLE") == 1
    assert words(found["Measures"]).count("memory IN-SAMPLE") == 2
    assert words(found["Comparisons"]).count("memory IN-SAMPLE") == 2
    charts = list(found["Charts"].iter("figure"))
    marked = [words(chart).count("memory IN-SAMPLE") > 0 for chart in charts]
    assert marked == [True, True, False, False, False, True]
    legends = [
        text for text in found["Charts"].iter(f"{SVG}text") if words(text) == "memory IN-SAMPLE"
    ]
    assert len(legends) == 2


def test_an_in_sample_first_system_is_marked_in_the_headline_and_above_its_queries() -> None:
    report = samples.one_system(systems=(samples.system("dense", 0.6, in_sample=True),))
    (header,) = tree(report).iter("header")
    assert "dense IN-SAMPLE : mean over" in words(header)
    assert "nDCG@10 of dense IN-SAMPLE" in words(sections(report)["Worst queries"])


def test_hostile_text_stays_text() -> None:
    page = report_page(samples.hostile())
    assert "<script" not in page
    assert "<img" not in page
    assert not set(page) & {"\x1b", "\x00", "\u202e"}
    assert '<script>alert("x")</script><img src=x' in " ".join(read(samples.hostile()).text)


def test_lines_differ_in_colour_and_in_dashes() -> None:
    charts = sections(samples.long_names())["Charts"]
    figure = next(iter(charts.iter("figure")))
    lines = [one for one in figure.iter(f"{SVG}path") if one.find(f"{SVG}title") is not None]
    looks = {(one.get("class"), one.get("stroke-dasharray")) for one in lines}
    assert len(lines) == len(looks) == len({one.get("stroke-dasharray") for one in lines}) == 6


def test_light_and_dark_and_print_are_provided_for() -> None:
    page = report_page(samples.one_system())
    assert "screen and (prefers-color-scheme: dark)" in page
    assert "@media print" in page
    assert 'content="light dark"' in page


def test_tables_have_captions_and_headers() -> None:
    for table in tree(samples.four_systems()).iter("table"):
        if table.get("class") != "hits":
            assert table.find("caption") is not None
        assert any(True for _ in table.iter("th"))
        assert all(one.get("scope") or one.get("aria-hidden") for one in table.iter("th"))


def test_what_scrolls_can_be_reached_and_is_named() -> None:
    regions = [one for one in tree(samples.four_systems()).iter("div") if one.get("tabindex")]
    named = [(one.get("role"), one.get("aria-label")) for one in regions]
    assert named == [("region", "Measures"), ("region", "Comparisons"), ("region", "Groups")]


def test_of_very_many_groups_the_best_and_worst_are_drawn_and_all_are_listed() -> None:
    report = samples.one_system(silhouette=samples.silhouette(200))
    section = sections(report)["Silhouette"]
    assert "Of 200 groups the 80 with the highest and lowest means are drawn." in words(section)
    assert len(list(section.iter("tr"))) == 201
