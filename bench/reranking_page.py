"""The figures of reranking as the end of docs/reranking.md, from what is in bench/results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.provenance import RESULTS

MARK = "<!-- figures: made by `python -m bench.reranking`, do not edit below -->"
_NAMES = {
    "hybrid": "hybrid",
    "rerank": "hybrid, reranked",
    "rerank_only": "reranker alone",
    "memory": "memory, then hybrid (no reranker)",
}


def write_figures(page: Path) -> None:
    """Replace what is below the mark."""
    above, _, _ = page.read_text(encoding="utf-8").partition(MARK)
    page.write_text(above + MARK + "\n\n" + "\n".join(_lines()) + "\n", encoding="utf-8")


def _lines() -> Iterator[str]:
    yield "## Figures"
    for name in ("reranking", "reranking_small"):
        path = RESULTS / f"{name}.json"
        if path.exists():
            content = json.loads(path.read_text(encoding="utf-8"))
            yield ""
            yield from _of_quality(content["figures"], content["provenance"])
    path = RESULTS / "rerank_speed.json"
    if path.exists():
        yield ""
        yield from _of_speed(json.loads(path.read_text(encoding="utf-8"))["figures"])


def _of_quality(figures: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[str]:
    model = figures["model"]
    yield f"### Quality: {_title(model)}"
    yield ""
    if not model["published"]:
        yield (
            f"The training on {' and '.join(model['trained_on'])} (train), epochs:"
            f" {model['epochs']}, at most {model['max_length']} tokens a pair, published nothing:"
            f" {model['refused']}"
        )
        yield ""
        yield "What a reranker would have to be better than:"
        yield ""
    if "validation" in model:
        own = model["validation"]
        trained_on = " and ".join(model["trained_on"])
        beside = f"{own['difference']:+.3f}, {own['low']:+.3f} to {own['high']:+.3f}"
        yield (
            f"Trained on {trained_on} (train): {model['pairs']:,} pairs of at most"
            f" {model['max_length']} tokens, epochs: {model['epochs']}, {model['steps']:,} steps in"
            f" {model['seconds']:,.0f} s. On {own['queries']} validation queries {own['measure']}"
            f" is {own['value']:.3f} with it and {own['first']:.3f} with the first stage alone"
            f" (difference {beside}); its share is {own['weight']:g}."
        )
        yield ""
    candidates = f"{figures['candidates']} candidates of a hybrid search; "
    yield (
        f"{candidates if model['published'] else ''}95 % bootstrap intervals, paired"
        f" where two are compared. Measured on {made['date'][:10]} at commit {made['commit']}."
    )
    yield ""
    yield "| queries | system | measure | value | less hybrid |"
    yield "|---|---|---|---|---|"
    for collection in ("scifact", "trecqa"):
        found = figures.get(collection, {})
        for part, told in found.items():
            if isinstance(told, Mapping):
                yield from _rows(f"{collection}, {part}", told, found["measure"])


def _title(model: Mapping[str, Any]) -> str:
    if model["training"] == "none":
        return "another model"
    small = model["training"] == "--small"
    return "a small training, which says little" if small else "the full training"


def _rows(part: str, told: Mapping[str, Any], measure: str) -> Iterator[str]:
    for system, name in _NAMES.items():
        if system not in told:
            continue
        one = told[system]
        beside = one.get("over_hybrid")
        less = (
            f"{beside['difference']:+.3f} ({beside['low']:+.3f} to {beside['high']:+.3f})"
            if beside
            else ""
        )
        value = f"{one['mean']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
        yield f"| {part} ({told['queries']}) | {name} | {measure} | {value} | {less} |"


def _of_speed(figures: Mapping[str, Any]) -> Iterator[str]:
    speed, besides = figures["speed"], figures["besides"]
    rates, over = speed["pairs_a_second"], speed["ours_over_predict"]
    yield "### Speed"
    yield ""
    yield (
        f"{speed['pairs']} pairs of {speed['tokens_a_pair']:g} tokens, both on"
        f" {speed['torch_threads']} threads, in turn: `CrossEncoder.predict`"
        f" {rates['predict']['median']:.1f} a second, here {rates['ours']['median']:.1f},"
        f" {over['median']:.2f} times as many ({over['min']:.2f} to {over['max']:.2f}); scores"
        f" differ by at most {speed['greatest_difference']:.1e}."
    )
    yield ""
    times, rest = besides["median_ms"], besides["all_but_both_models_ms"]
    yield (
        f"A hybrid query on {besides['passages']:,} passages, warm, with a reranker of"
        f" {besides['candidates']} that answers at once: {times['hybrid_rerank']['median']:.1f} ms"
        f" ({times['hybrid']['median']:.1f} without reranking), of which encoding the query is"
        f" {times['encoding']['median']:.1f}; all but the two models {rest['median']:.1f} ms"
        f" ({rest['min']:.1f} to {rest['max']:.1f})."
    )
