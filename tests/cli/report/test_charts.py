from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cli.report.chart import Chart
from retrieval.cli.report.charts import all_charts
from retrieval.cli.report.palette import DARK, DASHES, LIGHT, colour_number, dash
from retrieval.cli.report.scale import linear, ranks
from retrieval.evaluate.results import BenchReport, ClusterSilhouette, SilhouetteFigure
from tests.cli.report import samples


def drawn(report: BenchReport) -> dict[str, Chart]:
    return {chart.key: chart for chart in all_charts(report)}


def test_every_figure_has_its_chart() -> None:
    assert list(drawn(samples.four_systems())) == [
        "precision-recall",
        "precision-by-rank",
        "scores-dense",
        "scores-lexical",
        "scores-hybrid",
        "scores-memory",
        "silhouette",
    ]
    assert drawn(samples.nothing_to_show()) == {}


def test_a_system_keeps_its_colour_where_others_have_no_figures() -> None:
    report = samples.four_systems()
    charts = drawn(replace(report, figures=report.figures[2:]))
    assert [line.style for line in charts["precision-recall"].lines] == [2, 3]


def test_empty_and_undefined_figures_are_left_out() -> None:
    nothing = replace(
        samples.figures("dense", 0.5),
        recall=(),
        precision=(),
        rank=(1, 2),
        precision_at_rank=(math.nan, math.nan),
        relevant=(0,) * 44,
        non_relevant=(0,) * 44,
        threshold=None,
        best_f1=None,
    )
    empty = SilhouetteFigure(grouped_by="field x", mean=math.nan, groups=())
    assert drawn(samples.one_system(figures=(nothing,), silhouette=empty)) == {}


def test_a_histogram_has_one_kind_of_hits_where_there_is_only_one() -> None:
    none_relevant = replace(
        samples.figures("dense", 0.5), relevant=(0,) * 44, threshold=None, best_f1=None
    )
    chart = drawn(samples.one_system(figures=(none_relevant,)))["scores-dense"]
    assert [area.label for area in chart.areas] == ["other hits (19,934)"]
    assert chart.rules == ()


def test_each_kind_of_hits_adds_up_to_all_of_it() -> None:
    one = samples.figures("dense", 0.5)
    chart = drawn(samples.one_system(figures=(one,)))["scores-dense"]
    for area in chart.areas:
        bars = [share for _, share in area.points[1:-1:2]]
        assert sum(bars) == pytest.approx(1.0)
    assert chart.rules[0].at == one.threshold


def test_long_curves_are_thinned_and_keep_both_ends() -> None:
    many = tuple(range(1, 100_001))
    one = replace(
        samples.figures("dense", 0.5),
        rank=many,
        precision_at_rank=tuple(1 / rank for rank in many),
    )
    (line,) = drawn(samples.one_system(figures=(one,)))["precision-by-rank"].lines
    assert len(line.points) <= 301
    assert line.points[0] == (1.0, 1.0)
    assert line.points[-1] == (100_000.0, 1e-5)
    across = [rank for rank, _ in line.points]
    assert across == sorted(set(across))


def test_silhouette_groups_are_sorted_and_split_at_zero() -> None:
    groups = (
        ClusterSilhouette(name="low", size=2, mean=-0.1, values=(0.1, -0.3)),
        ClusterSilhouette(name="high", size=3, mean=0.4, values=(0.6, 0.4, 0.2)),
        ClusterSilhouette(name="empty", size=0, mean=0.0, values=()),
    )
    figure = SilhouetteFigure(grouped_by="field label", mean=0.2, groups=groups)
    chart = drawn(samples.one_system(silhouette=figure))["silhouette"]
    assert [tick.label for tick in chart.y.ticks] == ["high 3", "low 2"]
    assert chart.y.place(0.5) > chart.y.place(1.5)
    assert [area.style for area in chart.areas] == [0, 0, 1]
    assert min(x for x, _ in chart.areas[2].points) == -0.3
    assert [rule.at for rule in chart.rules] == [0.2]


def test_keys_are_safe_as_file_names_and_distinct() -> None:
    names = ["../../etc/passwd", "A b", "a-B", "a-b-2", "", "...", "x" * 300]
    report = samples.one_system(
        systems=tuple(samples.system(name, 0.5) for name in names),
        figures=tuple(samples.figures(name, 0.5) for name in names),
    )
    keys = [key for key in drawn(report) if key.startswith("scores-")]
    assert keys[:6] == [
        "scores-etc-passwd",
        "scores-A-b",
        "scores-a-B-2",
        "scores-a-b-2-2",
        "scores-system",
        "scores-system-2",
    ]
    assert len(keys[6]) < 80


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(0.0, 1e6),
    snug=st.booleans(),
)
def test_ticks_are_round_few_and_in_order(low: float, span: float, snug: bool) -> None:
    high = low + span if span > 1e-6 else low
    scale = linear("x", low, high, snug=snug)
    values = [tick.value for tick in scale.ticks]
    assert values == sorted(values)
    assert 2 <= len(values) <= 7
    tolerance = 1e-8 * max(span, 1.0)
    assert scale.low <= low + tolerance
    assert high - tolerance <= scale.high
    assert all(-1e-9 <= scale.place(value) <= 1 + 1e-9 for value in values)
    assert len({tick.label for tick in scale.ticks}) == len(values)


@given(last=st.integers(1, 10**9))
def test_rank_ticks_are_distinct_and_on_the_axis(last: int) -> None:
    scale = ranks("rank", last)
    values = [tick.value for tick in scale.ticks]
    assert values == sorted(set(values))
    assert values[0] == 1
    assert len(values) <= 10
    assert scale.place(1.0) == 0.0
    assert scale.place(float(max(last, 10))) == pytest.approx(1.0)


def test_equal_ratios_take_equal_room() -> None:
    scale = ranks("rank", 100)
    assert scale.place(10.0) == pytest.approx(0.5)
    assert scale.place(0.1) == 0.0


def test_percent_labels_have_the_decimals_they_need() -> None:
    shares = linear("share", 0.0, 0.11, percent=True)
    assert [tick.label for tick in shares.ticks] == ["0.0", "2.5", "5.0", "7.5", "10.0", "12.5"]


def test_styles_tell_thirty_six_systems_apart() -> None:
    looks = {(colour_number(style), dash(style)) for style in range(36)}
    assert len(looks) == 36
    assert len(LIGHT) == len(DARK) == len(DASHES) == 6
