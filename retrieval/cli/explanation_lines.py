"""Why a hit is where it is, as lines for a person: every number, and what it was made of."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from retrieval.cli.escapes import one_line
from retrieval.explanation import Explanation, FusedSide, PartShare, TermShare

_LABEL = 10
_MORE, _LESS = "green", "red"
_LONGEST_NAME = 60


def explanation_lines(one: Explanation) -> list[Text]:
    """Return an explanation as lines, each with a label before it.

    What adds to the score is green and what takes away red, where the terminal has colours.
    """
    lines: list[Text] = []
    fusion = one.fusion
    if one.dense is not None:
        where = one.dense.passage_id or "mean of its passages"
        line = Text(f"{one.dense.score:.4f} {one_line(where)}")
        lines.append(_labelled("meaning", line, None if fusion is None else fusion.dense))
    lines += [_labelled("" if at else "parts", line) for at, line in enumerate(_parts(one.parts))]
    if one.lexical is not None:
        line = Text(f"{one.lexical.score:.4f} {one_line(one.lexical.passage_id)}")
        lines.append(_labelled("words", line, None if fusion is None else fusion.lexical))
        lines += [_labelled("", line) for line in _terms(one.lexical.terms)]
    if fusion is not None:
        lines.append(_labelled("fused", Text(f"{fusion.score:.4f} {fusion.method}")))
    if one.rerank is not None:
        own = "not reached" if one.rerank.rerank is None else f"{one.rerank.rerank:.4f}"
        told = f"{own}; {one.rerank.first:.4f} before, {one.rerank.score:.4f} after"
        lines.append(_labelled("reranker", Text(told)))
    if one.probability is not None:
        lines.append(_labelled("probable", Text(f"{one.probability:.2f}")))
    return lines


def _labelled(label: str, line: Text, side: FusedSide | None = None) -> Text:
    text = Text(label.ljust(_LABEL), style="dim")
    text.append_text(Text(style="not dim").append_text(line))
    if side is not None:
        if side.scaled is not None:
            text.append(f", {side.scaled:.3f} of its scale x {side.weight:g} =", style="not dim")
        else:
            rank = "no rank" if side.rank is None else f"rank {side.rank}"
            text.append(f", {rank} =", style="not dim")
        text.append(" ").append_text(_signed(side.share))
    return text


def _terms(terms: tuple[TermShare, ...]) -> Iterator[Text]:
    """Yield the terms that are there, and a line with those that are not."""
    for one in terms:
        if one.in_passage:
            again = f" x {one.in_query}" if one.in_query > 1 else ""
            yield _signed(one.weight).append(
                f" {one_line(one.term)}{again}, tf {one.in_passage}, idf {one.idf:.2f}",
                style="not dim",
            )
    absent = [one_line(one.term) for one in terms if not one.in_passage]
    if absent:
        yield Text(f"not there: {', '.join(absent)}")


def _parts(parts: tuple[PartShare, ...]) -> Iterator[Text]:
    for one in parts:
        name = one_line(one.name)
        if len(name) > _LONGEST_NAME:
            name = name[:_LONGEST_NAME].rstrip() + "..."
        yield _signed(one.contribution).append(
            f" {one.kind} {name}: {one.cosine:.4f} x {one.weight:.3f}", style="not dim"
        )


def _signed(share: float) -> Text:
    style = "not dim" if share == 0 else f"not dim {_MORE if share > 0 else _LESS}"
    return Text(f"{share:+.4f}", style=style)
