from __future__ import annotations

from retrieval.cli.precision_cost import precision_cost


def test_a_cost_is_told_in_one_sentence() -> None:
    told = precision_cost(
        {
            "precision": "int8",
            "depth": 10,
            "overlap": 0.884,
            "low": 0.8786,
            "high": 0.8894,
            "passages": 1000,
        }
    )
    assert told == (
        "int8: 88.4% of the 10 nearest passages are those of fp32 (87.9% to 88.9%; 1,000 drawn)"
    )


def test_what_is_exact_costs_nothing_worth_telling() -> None:
    assert precision_cost(None) == ""
