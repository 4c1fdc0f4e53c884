from __future__ import annotations

import pytest

from retrieval.errors import UsageError
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.measures.ap import AP
from retrieval.evaluate.measures.catalogue import MEASURES
from retrieval.evaluate.measures.definition import Registry
from retrieval.evaluate.measures.parameters import Gain, Parameters, Ties


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("AP", "AP"),
        ("ap@100", "AP@100"),
        ("p@5", "P@5"),
        ("P(rel=2)@5", "P(rel=2)@5"),
        ("P@5(rel=2)", "P(rel=2)@5"),
        ("P(REL=1)@5", "P@5"),
        ("r@1000", "R@1000"),
        ("f1@10", "F1@10"),
        ("rr", "RR"),
        ("RR@10", "RR@10"),
        ("ndcg", "nDCG"),
        ("NDCG@10", "nDCG@10"),
        ("ndcg(gain=EXP)@10", "nDCG(gain=exp)@10"),
        ("nDCG(gain=linear)@10", "nDCG@10"),
        ("rprec", "Rprec"),
        ("success@5", "Success@5"),
        ("BPREF", "bpref"),
        ("RBP", "RBP(p=0.8)"),
        ("rbp(0.95)", "RBP(p=0.95)"),
        ("RBP(p=.8, rel=2)", "RBP(p=0.8,rel=2)"),
        ("judged@10", "Judged@10"),
        ("iprec@0.1", "IPrec@0.1"),
        ("IPrec@.10", "IPrec@0.1"),
        ("IPrec@1", "IPrec@1.0"),
        ("auc(ties=group)", "AUC"),
        (" AP( ties = id , rel = 2 ) ", "AP(rel=2,ties=id)"),
    ],
)
def test_a_measure_parses_in_any_case_and_prints_its_name(text: str, printed: str) -> None:
    measure = Measure.parse(text)
    assert str(measure) == printed
    assert Measure.parse(printed) == measure
    assert hash(Measure.parse(printed)) == hash(measure)


def test_a_measure_carries_its_parameters() -> None:
    measure = Measure.parse("nDCG(gain=exp,ties=id)@10")
    assert measure == Measure("nDCG", Parameters(cutoff=10, gain=Gain.EXP, ties=Ties.ID))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("map", "no measure 'map'. Did you mean AP"),
        ("ndgc@10", "Did you mean nDCG"),
        ("xyzzy", r"no measure 'xyzzy'. The measures are AP, AP@k, P@k, .*IPrec@recall, AUC"),
        ("", "is not the name of a measure"),
        ("P@", "is not the name of a measure"),
        ("P(rel=2)@5(rel=2)", "is not the name of a measure"),
        ("P", "P needs a cutoff, as in @10; 'P' has none"),
        ("IPrec", "IPrec needs a level, as in @0.1"),
        ("P@0", "cutoff of P is 0; 1 is the least"),
        ("P@-1", "'-1' in 'P@-1' is not a whole number"),
        ("P@1.5", "is not a whole number"),
        ("AUC@3", "AUC takes no cutoff"),
        ("bpref@10", "bpref takes no cutoff"),
        ("IPrec@1.5", "recall level of IPrec is 1.5; it goes from 0 to 1"),
        ("IPrec@nan", "is not a number from 0 to 1"),
        ("nDCG(rel=2)@5", "nDCG takes no parameter 'rel'.*gain=linear or gain=exp"),
        ("AP(p=0.5)", "AP takes no parameter 'p'"),
        ("AP(2)", "AP takes no parameter '2'"),
        ("P(rel=0)@5", "cannot be relevant from grade 0"),
        ("P(rel=x)@5", "'x' is no value of rel"),
        ("P(rel=1,rel=2)@5", "rel is given twice"),
        ("AP(ties=random)", "'random' is no value of ties.*ties=group or ties=id"),
        ("RBP(1.0)", "p of RBP is 1.0"),
        ("RBP(0)", "p of RBP is 0.0"),
    ],
)
def test_what_is_no_measure_is_refused_with_what_there_is(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Measure.parse(text)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("P", Parameters()),
        ("AUC", Parameters(cutoff=3)),
        ("AP", Parameters(p=0.5)),
        ("AP", Parameters(level=0.5)),
        ("nDCG", Parameters(rel=2)),
        ("IPrec", Parameters(level=2.0)),
    ],
)
def test_a_measure_made_by_hand_is_checked_too(name: str, parameters: Parameters) -> None:
    with pytest.raises(UsageError):
        Measure(name, parameters)


def test_figures_that_a_cut_run_changes_are_known() -> None:
    full = {"AP", "nDCG", "Rprec", "AUC", "bpref", "IPrec@0.1"}
    cut = {"AP@10", "nDCG@10", "P@5", "R@5", "RR", "RR@3", "RBP", "Judged@3", "Success@2", "F1@2"}
    assert all(Measure.parse(name).needs_full_depth for name in full)
    assert not any(Measure.parse(name).needs_full_depth for name in cut)


def test_every_measure_says_what_it_is() -> None:
    assert len(list(MEASURES)) == 13
    for definition in MEASURES:
        assert definition.summary
        assert definition.values.__doc__
    assert (
        Measure.parse("P@5").summary == "precision: the share of the first k hits that is relevant"
    )


def test_a_name_registered_twice_is_refused_whatever_its_case() -> None:
    registry = Registry([AP])
    with pytest.raises(UsageError, match="AP is registered already"):
        registry.add(AP)
