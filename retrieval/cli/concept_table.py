"""Concepts drawn for a person."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.cli.answer import write_lines, write_table
from retrieval.cli.figures import count
from retrieval.concept.artefact import Concept
from retrieval.concept.audit import Audit
from retrieval.concept.figure import Figure


def write_concept(concept: Concept) -> None:
    """Write what a concept learned from and what it was worth."""
    report = concept.report
    errors = report.calibration
    folds = f"{report.repetitions} x {len(concept.folds)} folds"
    write_table(
        [
            ("concept", f"{concept.name}, version {concept.version}, fitted {concept.created}"),
            ("index", f"{concept.index}, generation {concept.generation}"),
            ("labels", _labels(concept)),
            ("texts", _texts(concept)),
            ("ranks", "means of documents" if concept.unit == "document" else "best passages"),
            ("AP", f"{_figure(report.average_precision)}, out of fold, {folds}"),
            ("base rate", f"{report.base_rate:.3f}"),
            ("text query", _figure(report.text)),
            ("contrast", "" if report.contrast is None else _figure(report.contrast)),
            (
                "calibration",
                f"error {errors.ece:.3f} (a perfect model would show {errors.ece_floor:.3f}),"
                f" Brier {errors.brier:.3f} ({errors.brier_floor:.3f}),"
                f" log loss {errors.log_loss:.3f} ({errors.log_loss_floor:.3f}),"
                f" of documents such as those labelled, {concept.curve.kind} curve",
            ),
            ("probability", concept.why_no_probability and f"none: {concept.why_no_probability}"),
            *_audit(concept.audit),
            *(("", warning) for warning in report.warnings),
        ]
    )


def _audit(audit: Audit | None) -> list[tuple[str, str]]:
    """Return the rows of an audit."""
    if audit is None:
        return []
    errors, ap = audit.calibration, audit.average_precision
    tops = [
        f"first {top.share:.0%}: {_figure(top.precision)} ({top.positives} of {top.judged})"
        for top in audit.tops
        if top.precision is not None
    ]
    return [
        (
            "audit",
            f"{count(len(audit.labels), 'document')} judged of {audit.drawn} drawn at random from"
            f" {audit.population:,} (seed {audit.seed}, {audit.source}), {audit.created}",
        ),
        ("prevalence", f"{_figure(audit.prevalence)}, {sum(audit.labels)} positive"),
        ("AP there", "" if ap is None else f"{_figure(ap)}, out of sample"),
        ("precision", "; ".join(tops)),
        (
            "calibration",
            f"error {errors.ece:.3f} (a perfect model would show {errors.ece_floor:.3f}),"
            f" Brier {errors.brier:.3f} ({errors.brier_floor:.3f}), of the documents judged",
        ),
    ]


def write_concepts(concepts: Sequence[Concept]) -> None:
    """Write one line a concept."""
    widest = max(len(one.name) for one in concepts)
    write_lines(
        f"{one.name.ljust(widest)}  version {one.version}"
        f"  AP {_figure(one.report.average_precision)}  {count(one.report.labels, 'label')}"
        for one in concepts
    )


def _labels(concept: Concept) -> str:
    report = concept.report
    how = "a random sample" if concept.labels_are == "random" else "chosen"
    known = "" if concept.prevalence is None else f", prevalence {concept.prevalence:g}"
    return (
        f"{report.labels:,}, {report.positives:,} of them {concept.positive!r}, from"
        f" {concept.source}; {how}{known}"
    )


def _texts(concept: Concept) -> str:
    told = ", ".join(map(repr, concept.texts))
    against = ", ".join(map(repr, concept.against))
    return f"{told} against {against}" if against else told


def _figure(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
