"""Panels of logarithmic axes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bench.scaling_chart import Panel, chart, slopes

LINEAR = Panel(title="in proportion", sizes=[100, 1000, 10_000], values=[0.5, 5.0, 50.0])
FLAT = Panel(title="constant < & >", sizes=[100, 1000], values=[3.0, 3.0])


def test_growth_is_the_exponent_between_sizes() -> None:
    assert slopes(LINEAR) == pytest.approx([1.0, 1.0])
    assert slopes(FLAT) == pytest.approx([0.0])


def test_a_chart_is_well_formed_with_a_dot_a_figure() -> None:
    root = ElementTree.fromstring(chart("growth", [LINEAR, FLAT]))
    assert len(root.findall(".//{*}circle")) == 5
    assert len(root.findall(".//{*}polyline")) == 2
    assert "constant < & >" in [one.text for one in root.findall(".//{*}text")]


def test_growth_in_proportion_lies_on_its_guide() -> None:
    text = chart("growth", [LINEAR])
    (guide,) = re.findall(r"<line [^>]*stroke-dasharray[^>]*>", text)
    ends = {name: float(re.findall(rf'{name}="([\d.]+)"', guide)[0]) for name in ("x1", "y1")}
    (points,) = re.findall(r'points="([^"]*)"', text)
    x, y = map(float, points.split()[0].split(","))
    assert (ends["x1"], ends["y1"]) == (x, y)


def test_the_same_figures_give_the_same_bytes() -> None:
    assert chart("growth", [LINEAR, FLAT]) == chart("growth", [LINEAR, FLAT])
