"""The measures of a benchmark as a LaTeX table, ready for a paper."""

from __future__ import annotations

import re

from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report import facts, wording
from retrieval.cli.report.footnotes import Footnotes
from retrieval.evaluate.results import BenchReport, MeasureResult, SystemResult, TaskKind

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "-": "-{}",  # no two of them become a dash
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': '{"}',
    "[": "{[}",  # no optional argument of the \\ before
    "]": "{]}",
    "*": "{*}",
    "!": "!{}",  # with a grave accent before the next letter it would be upside down
    "?": "?{}",
    ",": ",{}",  # two of them would be a low quotation mark
}
_ROOMY = 5
"""Measures that fit a page in its usual size."""
_TIGHT = (r"\footnotesize", r"\setlength{\tabcolsep}{3pt}")
_SPECIAL = re.compile("[" + re.escape("".join(_ESCAPES)) + "]")


def latex_table(report: BenchReport) -> str:
    r"""Return a table of systems by measures, each figure above its interval.

    A star marks a figure whose difference from the first system is significant: Holm-adjusted
    p < 0.05 over every test of the report. The table needs ``\usepackage{booktabs}``, and
    ``textcomp`` before LaTeX 2020; text beyond Latin letters needs LuaLaTeX or XeLaTeX.

    Args:
        report: What was found.

    Returns:
        LaTeX source that ends in a newline; all text of the report is escaped.
    """
    footnotes = Footnotes()
    measures = list(dict.fromkeys(one for system in report.systems for one in system.measures))
    body = [
        line for system in report.systems for line in _rows(report, system, measures, footnotes)
    ]
    headings = [_heading(report, measure) for measure in measures]
    caption = f"{_caption(report)}{_marks(report)}"
    notes = [escaped(note) for note in facts.task_notes(report.task)]
    notes += [rf"\textsuperscript{{{sign}}}~{escaped(text)}" for sign, text in footnotes]
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{caption}}}",
        r"\label{tab:retrieve-bench}",
        *(_TIGHT if len(measures) > _ROOMY else ()),
        rf"\begin{{tabular}}{{l{'c' * len(measures)}}}",
        r"\toprule",
        rf"{' & '.join(['System', *headings])} \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\smallskip{{\footnotesize {note}}}" for note in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text on one line in which LaTeX sees nothing but text."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], one_line(text))


def _heading(report: BenchReport, measure: str) -> str:
    shown = escaped(measure)
    return rf"\textbf{{{shown}}}" if measure == report.primary else shown


def _rows(
    report: BenchReport, system: SystemResult, measures: list[str], footnotes: Footnotes
) -> list[str]:
    """Return a system's line of figures and the line of intervals below it."""
    name = escaped(system.name)
    if system.in_sample:
        name = rf"{name} \textbf{{{wording.IN_SAMPLE}}}"
    figures, intervals = [name], [""]
    for measure in measures:
        result = system.measures.get(measure)
        if result is None:
            figures.append("--")
            intervals.append("")
            continue
        figures.append(_figure(report, system, measure, result, footnotes))
        spread = _with_minus(wording.interval(result.low, result.high))
        intervals.append(rf"{{\scriptsize {spread}}}")
    return [rf"{' & '.join(figures)} \\", rf"{' & '.join(intervals)} \\[2pt]"]


def _figure(
    report: BenchReport,
    system: SystemResult,
    measure: str,
    result: MeasureResult,
    footnotes: Footnotes,
) -> str:
    star = "*" if _stands_out(report, system.name, measure) else ""
    raised = ",".join(one for one in (star, footnotes.sign(result.caution)) if one)
    # the raised sign takes no room, so that figures stand in line
    sign = rf"\rlap{{\textsuperscript{{{raised}}}}}" if raised else ""
    return f"{_with_minus(wording.figure(result.mean))}{sign}"


def _with_minus(figures: str) -> str:
    return figures.replace("-", "$-$")


def _stands_out(report: BenchReport, system: str, measure: str) -> bool:
    return any(
        one.system == system and one.measure == measure and wording.is_significant(one)
        for one in report.comparisons
    )


def _caption(report: BenchReport) -> str:
    task = report.task
    one, many = ("query", "queries") if task.kind is TaskKind.QUERIES else ("label", "labels")
    parts = [
        f"{escaped(task.judgments)}",
        f"split {escaped(task.split)}" if task.split else "",
        count(task.queries, one, many),
        facts.depths(report),
        f"seed {escaped(str(report.provenance['seed']))}" if "seed" in report.provenance else "",
    ]
    told = ", ".join(part for part in parts if part)
    spread = escaped(facts.interval_words(report))
    return f"{told}. In brackets: {spread}." if spread else f"{told}."


def _marks(report: BenchReport) -> str:
    """Return the sentences that explain what is marked."""
    told = ""
    if any(one.p_value is not None for one in report.comparisons):
        first = escaped(report.comparisons[0].baseline)
        tests = count(sum(one.p_value is not None for one in report.comparisons), "test")
        told += (
            f" * differs from {first}: paired randomisation, Holm-adjusted $p < 0.05$ over {tests}."
        )
    refused = dict.fromkeys(one.refused for one in report.comparisons if one.refused)
    told += "".join(f" Not tested: {escaped(reason)}" for reason in refused)
    if any(system.in_sample for system in report.systems):
        told += rf" \textbf{{{wording.IN_SAMPLE}}}: graded on what it learned from."
    return told
