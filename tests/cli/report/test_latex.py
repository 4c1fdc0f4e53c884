from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from retrieval.cli.report.latex import escaped, latex_table
from retrieval.evaluate.results import BenchReport
from tests.cli.report import samples

every_sample = pytest.mark.parametrize("sample", samples.EVERY, ids=lambda one: one.__name__)
OURS = {
    "begin", "end", "centering", "caption", "label", "toprule", "midrule", "bottomrule",
    "textbf", "textsuperscript", "scriptsize", "footnotesize", "rlap", "par", "smallskip",
    "usepackage", "setlength", "tabcolsep", "textbackslash", "textless", "textgreater",
    "textbar", "textasciitilde",
    "textasciicircum", "textasciigrave", "textquotesingle",
}  # fmt: skip


@every_sample
def test_braces_balance_and_only_commands_of_ours_are_left(
    sample: Callable[[], BenchReport],
) -> None:
    source = latex_table(sample())
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", source):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert set(re.findall(r"\\([a-zA-Z]+)", source)) <= OURS


@every_sample
def test_every_row_has_a_cell_for_every_measure(sample: Callable[[], BenchReport]) -> None:
    source = latex_table(sample())
    columns = len(re.findall(r"begin\{tabular\}\{(l c*|lc*)\}", source)[0])
    rows = [line for line in source.splitlines() if re.search(r"\\\\(\[2pt\])?$", line)]
    assert rows
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {columns - 1}


def test_figures_stand_above_their_intervals() -> None:
    lines = latex_table(samples.four_systems()).splitlines()
    place = lines.index(r"lexical & 0.666 & 0.616 \\")
    assert lines[place + 1] == (
        r" & {\scriptsize [0.622, 0.710]} & {\scriptsize [0.572, 0.660]} \\[2pt]"
    )


def test_a_table_of_many_measures_is_set_more_tightly() -> None:
    assert "tabcolsep" in latex_table(samples.long_names())
    assert "tabcolsep" not in latex_table(samples.four_systems())


def test_stars_mark_what_differs_significantly_from_the_first_system() -> None:
    source = latex_table(samples.four_systems())
    assert r"hybrid & 0.714\rlap{\textsuperscript{*}} & 0.664\rlap{\textsuperscript{*}}" in source
    assert "* differs from dense: paired randomisation" in source
    assert source.count("{*}}") == 4
    assert "differs" not in latex_table(samples.one_label_query())
    assert "Not tested: The test needs 20 queries;" in latex_table(samples.one_label_query())


def test_the_caption_says_what_was_measured() -> None:
    caption = next(
        line for line in latex_table(samples.one_system()).splitlines() if "ption" in line
    )
    wanted = ("scifact/qrels/test.tsv", "split test", "300 queries", "depth 1,000", "seed 20240501")
    assert all(one in caption for one in wanted)
    assert r"95 \% bootstrap over queries" in caption


def test_in_sample_systems_are_marked_and_explained() -> None:
    source = latex_table(samples.four_systems())
    assert r"memory \textbf{IN-SAMPLE} & 0.984" in source
    assert r"\textbf{IN-SAMPLE}: graded on what it learned from" in source
    assert "IN-SAMPLE" not in latex_table(samples.one_system())


def test_cautions_and_notes_stand_below_the_table() -> None:
    source = latex_table(samples.four_systems())
    assert r"0.601\rlap{\textsuperscript{a}}" in source
    assert rf"\textsuperscript{{a}}~{samples.CAUTION}" in source
    assert "6 of 300 queries have no relevant document." in source


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b & c%", r"a\_b \& c\%"),
        ("\\input{x}", r"\textbackslash{}input\{x\}"),
        ("[x]*", "{[}x{]}{*}"),
        ("--", "-{}-{}"),
        ("$x^2$ ~ #", r"\$x\textasciicircum{}2\$ \textasciitilde{} \#"),
        ("a\n\nb\tc", "a b c"),
        ("\x1b[0m", r"\textbackslash{}x1b{[}0m"),
        ("?`<", r"?{}\textasciigrave{}\textless{}"),
        ("映画 é", "映画 é"),
    ],
)
def test_text_is_nothing_but_text(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_negative_figures_have_a_minus() -> None:
    report = samples.one_system(
        primary="silhouette", systems=(samples.system("dense", -0.1, measures=["silhouette"]),)
    )
    assert r"dense & $-$0.100 \\" in latex_table(report)
