"""The training card as the README of a model's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from retrieval.train.card import CARD_NAME, TrainingCard

_LIBRARY = {
    "biencoder": ("sentence-transformers", "sentence-similarity"),
    "classifier": ("transformers", "text-classification"),
    "crossencoder": ("sentence-transformers", "text-ranking"),
}
_WORDS = {"biencoder": "bi-encoder", "crossencoder": "cross-encoder"}


def readme(card: TrainingCard, usage: str) -> str:
    """Return the page, with the front matter that model hubs read.

    Args:
        card: What was trained.
        usage: How the folder is used, as Markdown.
    """
    library, pipeline = _LIBRARY.get(card.kind, ("transformers", ""))
    front = ["---", f"library_name: {library}"]
    front += [f"pipeline_tag: {pipeline}"] if pipeline else []
    front += [f"base_model: {_text(card.base['name'])}", "---"]
    kind = _WORDS.get(card.kind, card.kind)
    best = ""
    if card.best is not None:
        best = (
            f" The weights are those after step {card.best_step:,}, {card.measure} {card.best:.4f}."
        )
    parts = [
        "\n".join(front),
        f"# A {kind} trained for {card.objective}",
        f"Trained from `{card.base['name']}` by `retrieve train {card.kind}`, in"
        f" {card.steps:,} steps and {card.seconds:,.0f} seconds.{best}"
        f" Everything below is in `{CARD_NAME}` as well, for programs.",
        usage,
        "## Rows\n\n" + _table(card.rows),
        "## Choices\n\n" + _table({"objective": card.objective, **card.settings, **card.options}),
        "## Curve\n\n" + _curve(card),
    ]
    if card.checks:
        parts.append("## Checks\n\n" + _table(_flat(card.checks)))
    made = {
        "base": card.base["name"],
        "weights of the base (sha256)": card.base["weights_sha256"],
        "tokenizer of the base (sha256)": card.base["tokenizer_sha256"],
        "key": card.key,
        "created": card.created,
        "device": card.device,
        "precision": card.precision,
        **card.machine,
        **card.versions,
        "taken up again": card.resumed,
    }
    parts.append("## Made with\n\n" + _table(made))
    return "\n\n".join(parts) + "\n"


def _flat(checks: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row a figure: those of a check under its name and their own, numbers rounded."""
    found = {}
    for name, value in checks.items():
        figures = value if isinstance(value, Mapping) else {"": value}
        for figure, one in figures.items():
            told = f"{name}: {figure}" if figure else name
            found[told] = f"{one:.4f}" if isinstance(one, float) else one
    return found


def _table(fields: Mapping[str, Any]) -> str:
    rows = [f"| {name.replace('_', ' ')} | {_text(value)} |" for name, value in fields.items()]
    return "\n".join(["| what | value |", "|---|---|", *rows])


def _curve(card: TrainingCard) -> str:
    also = list(dict.fromkeys(name for point in card.curve for name in point.also))
    columns = ["epoch", "step", "loss", *([card.measure] if card.measure else []), *also]
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    for point in card.curve:
        cells = [f"{point.epoch:g}", f"{point.step:,}", f"{point.loss:.4f}"]
        if card.measure:
            cells.append("" if point.value is None else f"{point.value:.4f}")
        cells += [f"{point.also[name]:.4f}" if name in point.also else "" for name in also]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping | list | tuple):
        text = orjson.dumps(value).decode()
    else:
        text = str(value)
    return text.replace("|", "\\|").replace("\n", " ")
