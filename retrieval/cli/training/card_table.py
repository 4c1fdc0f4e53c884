"""A training card drawn for a person."""

from __future__ import annotations

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count, duration
from retrieval.train.card import TrainingCard


def show_card(call: Call, card: TrainingCard, folder: str) -> None:
    """Write a card as JSON, or draw it."""
    if call.as_json:
        write_report({"folder": folder, **card.to_json()})
    else:
        write_card(folder, card)


def write_card(folder: str, card: TrainingCard) -> None:
    """Write what was trained and how it went."""
    rows, options = card.rows, card.options
    held_out = rows["validation_rows"]
    write_table(
        [
            ("model", folder),
            ("trained", f"{card.kind}, {card.objective}, from {card.base['name']}"),
            (
                "rows",
                f"{rows['rows']:,} from {rows['source']}"
                + (f"; {held_out:,} to validate on ({rows['split']})" if held_out else ""),
            ),
            (
                "steps",
                f"{card.steps:,} in {duration(card.seconds)}: {count(options['epochs'], 'epoch')},"
                f" {options['batch_size']} rows a step, learning rate"
                f" {options['learning_rate']:g}, {card.precision} on {card.device}"
                + (", stopped early" if card.stopped_early else "")
                + (f", taken up again {count(card.resumed, 'time')}" if card.resumed else ""),
            ),
            *_curve(card),
            *((name.replace("_", " "), str(value)) for name, value in card.checks.items()),
            ("card", f"{folder}/training.json, {folder}/README.md"),
        ]
    )


def _curve(card: TrainingCard) -> list[tuple[str, str]]:
    """Return one row a validation."""
    found = []
    for point in card.curve:
        told = f"loss {point.loss:.4f}"
        if point.value is not None:
            told += f", {card.measure} {point.value:.4f}"
        for name, value in point.also.items():
            told += f", {name} {value:g}" if value >= 2 else f", {name} {value:.4f}"
        kept = " (kept)" if point.step == card.best_step else ""
        found.append((f"epoch {point.epoch:g}", told + kept))
    return found
