"""Where sentences end: rules that hold for most languages, in linear time."""

from __future__ import annotations

import re

from retrieval.records import Span

_ABBREVIATIONS = frozenset(
    {
        "approx",
        "ca",
        "cf",
        "dept",
        "dr",
        "ed",
        "eds",
        "e.g",
        "etc",
        "gen",
        "i.e",
        "inc",
        "jr",
        "lt",
        "mr",
        "mrs",
        "ms",
        "prof",
        "resp",
        "sr",
        "st",
        "vs",
        "al",
    }
)
_BEFORE_NUMBERS = frozenset(
    {"eq", "eqs", "fig", "figs", "no", "nos", "p", "pp", "ref", "refs", "sec", "vol"}
)
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS | _BEFORE_NUMBERS))
_BOUNDARY = re.compile(
    r"""
    (?P<stop>[.!?…]+) [)\]"'”’»›]* (?=\s)      # a stop, what closes with it, white space
    | [。！？｡]+ [」』”’）)】]*                  # full-width stops need no white space
    | \n [ \t]* (?=\n)                          # a blank line
    | \n (?= [ \t]* (?: [-*•#>|] | \d{1,3}[.)] ) [ \t] )   # a list entry, a heading
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"\.\s+\d")
_LAST_WORD = re.compile(r"[^\W\d_](?:[\w.]*\w)?\Z")


def sentence_spans(text: str) -> list[Span]:
    """Cut a text into sentences.

    A sentence ends at a stop before white space, unless the stop belongs to a common
    abbreviation or an initial; at a full-width stop; at a blank line; and before a list
    entry or heading. Case says nothing, since many corpora are lower-cased.

    Args:
        text: Any text.

    Returns:
        Spans that follow one another and cover the text, white space included; none
        for an empty text.
    """
    spans = []
    start = 0
    for found in _BOUNDARY.finditer(text):
        if found[0] == "." and _is_abbreviation(text, found.start()):
            continue
        if text[start : found.end()].strip():
            spans.append(Span(start, found.end()))
            start = found.end()
    if start < len(text):
        if text[start:].strip() or not spans:
            spans.append(Span(start, len(text)))
        else:
            spans[-1] = Span(spans[-1].start, len(text))
    return spans


def _is_abbreviation(text: str, stop: int) -> bool:
    """Tell whether the full stop at this place ends an abbreviation or an initial."""
    before = text[max(0, stop - _LONGEST_ABBREVIATION - 2) : stop]
    word = _LAST_WORD.search(before)
    if word is None:
        return False
    if len(word[0]) == 1:
        return word[0].isupper()
    folded = word[0].casefold()
    if folded in _BEFORE_NUMBERS:
        return _NUMBER.match(text, stop) is not None
    return folded in _ABBREVIATIONS
