"""Several trainings side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import InputError, UsageError
from retrieval.train.card import CARD_NAME
from retrieval.train.curves import read_curves
from tests.train.cards import made_card, write_card


def test_a_measure_is_found_where_it_decided_and_where_it_did_not(tmp_path: Path) -> None:
    first = write_card(tmp_path / "a", made_card([0.7, 0.8], also={"AP": 0.9}))
    second = write_card(tmp_path / "b", made_card([0.6], measure="AP", also={"accuracy": 0.5}))
    found = read_curves([first, second])
    assert found.measures == ("AP", "accuracy")
    assert found.warnings == ()
    told = [
        [[one.value(point, name) for name in found.measures] for point in one.card.curve]
        for one in found.systems
    ]
    assert told == [[[0.9, 0.7], [0.9, 0.8]], [[0.6, 0.5]]]
    kept = [one.kept for one in found.systems]
    assert [one.step if one else None for one in kept] == [20, 10]


def test_usual_measures_come_first_and_losses_are_none(tmp_path: Path) -> None:
    also = {"validation loss": 0.3, "macro F1": 0.5, "AP": 0.1}
    folder = write_card(tmp_path / "a", made_card([0.7], also=also))
    assert read_curves([folder]).measures == ("AP", "accuracy", "macro F1")


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    places = [write_card(tmp_path / one / "m", made_card([0.7])) for one in ("a", "b")]
    assert [one.name for one in read_curves(places).systems] == ["a/m", "b/m"]


def test_what_may_not_be_compared_is_said(tmp_path: Path) -> None:
    cards = [
        made_card([0.7], validated_on="these", settings={"positive": "pos"}),
        made_card([0.7], validated_on="those", settings={"positive": "neg"}),
    ]
    places = [write_card(tmp_path / str(at), card) for at, card in enumerate(cards)]
    told = read_curves(places).warnings
    assert "not validated on the same rows" in told[0]
    assert "'neg', 'pos'" in told[1]


def test_a_training_without_validation_has_no_measures(tmp_path: Path) -> None:
    folder = write_card(tmp_path / "a", made_card([None, None]))
    found = read_curves([folder])
    assert found.measures == ()
    assert found.systems[0].kept is found.systems[0].card.curve[1]


def test_what_is_no_trained_model_is_refused(tmp_path: Path) -> None:
    folder = write_card(tmp_path / "a", made_card([0.7]))
    with pytest.raises(UsageError, match="twice"):
        read_curves([folder, f"{folder}/../a"])
    with pytest.raises(UsageError, match="No folder"):
        read_curves([])
    with pytest.raises(InputError, match=CARD_NAME):
        read_curves([folder, tmp_path])
    (tmp_path / "a" / CARD_NAME).write_text("{}")
    with pytest.raises(InputError):
        read_curves([folder])
