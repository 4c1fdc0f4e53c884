"""Similarity: how near two sentences are, before and after training on pairs."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study import training
from bench.study.binary import over_documents
from bench.study.duplicates import shared_texts
from bench.study.encoding import base_encoder, tuned_encoder
from bench.study.splits import read_table
from bench.study.system import Runs, System, run_facts, spread
from bench.study.work import Outcome, Work
from retrieval.encode.protocol import Encoder
from retrieval.evaluate.pairs import spearman
from retrieval.train.biencoder.head import read_head

TOP_SCORE = 5.0
RESAMPLES = 1000
SYSTEMS = (
    System(name="before", told="nothing trained"),
    System(
        name="cosine",
        told="`cosine` on the training part of STS-B",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="softmax",
        told="`softmax` on the validation part of SNLI, a tenth of its pairs held out",
        runs=Runs.SEEDS,
        trains=True,
    ),
)


def measure(name: str, chosen: set[str], work: Work) -> dict[str, Any]:
    """Run systems on STS-B and SNLI, or take what they gave before.

    Args:
        name: Of the collection; there is one.
        chosen: Names of systems.
        work: The choices.
    """
    tables = cache(lambda part: read_table(f"stsb/stsb_{part}.csv.gz"))
    gold = np.array([float(one["score"]) for one in tables("test")])
    inference = {part: read_table(f"snli/{part}.tsv.gz", "\t") for part in ("validation", "test")}
    full = {"cosine": len(tables("train")), "softmax": len(inference["validation"]), "before": 0}
    classes = np.array([one["label"] for one in inference["test"]])
    systems: dict[str, Any] = {}
    for system in SYSTEMS:
        if system.name not in chosen:
            continue
        outcomes = [
            work.kept(
                f"similarity/{name}/{system.name}",
                seed,
                lambda system=system, seed=seed: run(system, work, seed),  # type: ignore[misc]
            )
            for seed in range(system.count(work))
        ]
        told = run_facts(system, outcomes, work, full[system.name])
        figures: dict[str, Any] = {"spearman": correlation(outcomes, gold), "from": told}
        if system.name == "softmax":
            right = np.stack([one.arrays["classes"] == classes for one in outcomes])
            each = right.mean(axis=1).tolist()
            figures["snli_accuracy"] = {**spread(each), **over_documents(right.mean(axis=0))}
        systems[system.name] = figures
    return {
        "split": {
            "told": "the published parts of STS-B and SNLI",
            "test": len(gold),
            "snli_test": len(classes),
            "duplicates": {
                "same_text": shared_pairs(tables("train"), tables("test")),
                "same_sentence": shared_texts(
                    [one[key] for one in tables("train") for key in ("sentence1", "sentence2")],
                    [one[key] for one in tables("test") for key in ("sentence1", "sentence2")],
                ),
                "snli_same_premise": shared_texts(
                    [one["premise"] for one in inference["validation"]],
                    [one["premise"] for one in inference["test"]],
                ),
            },
        },
        "systems": systems,
    }


def shared_pairs(known: list[dict[str, str]], asked: list[dict[str, str]]) -> int:
    """Return how many asked pairs are, once folded, among the known ones."""

    def texts(rows: list[dict[str, str]]) -> list[str]:
        return ["\n".join(sorted((one["sentence1"], one["sentence2"]))) for one in rows]

    return shared_texts(texts(known), texts(asked))


def run(system: System, work: Work, seed: int) -> Outcome:
    """Run a system once."""
    name = f"similarity/stsb/{system.name}"
    rows = work.folder / "rows" / work.choices() / name
    if system.name == "before":
        encoder = base_encoder(work)
        try:
            return Outcome(arrays={"test": cosines(encoder)}, facts={})
        finally:
            encoder.close()
    if system.name == "cosine":
        train, dev = (read_table(f"stsb/stsb_{part}.csv.gz") for part in ("train", "dev"))
        files = [
            str(
                training.write_rows(
                    rows / f"{part}.jsonl",
                    (
                        {
                            "first": one["sentence1"],
                            "second": one["sentence2"],
                            "label": float(one["score"]),
                        }
                        for one in every
                    ),
                )
            )
            for part, every in (("train", train[: work.rows]), ("validation", dev))
        ]
        folder, facts = training.pair_biencoder(
            "cosine", (files[0], files[1]), work, name, seed, TOP_SCORE
        )
        with tuned_encoder(folder, work) as encoder:
            return Outcome(arrays={"test": cosines(encoder)}, facts=facts)
    every = read_table("snli/validation.tsv.gz", "\t")[: work.rows]
    file = training.write_rows(
        rows / "train.jsonl",
        (
            {"first": one["premise"], "second": one["hypothesis"], "label": one["label"]}
            for one in every
        ),
    )
    folder, facts = training.pair_biencoder("softmax", (str(file), 0.1), work, name, seed)
    head = read_head(folder)
    asked = read_table("snli/test.tsv.gz", "\t")
    with tuned_encoder(folder, work) as encoder:
        one, other = (
            encoder.encode_passages([row[key] for row in asked])
            for key in ("premise", "hypothesis")
        )
        given = np.array(head.labels)[head.logits(one, other).argmax(axis=1)]
        return Outcome(arrays={"test": cosines(encoder), "classes": given}, facts=facts)


def cosines(encoder: Encoder) -> NDArray[np.float64]:
    """Return the cosine of each test pair: float64 (n,)."""
    asked = read_table("stsb/stsb_test.csv.gz")
    one, other = (
        encoder.encode_passages([row[key] for row in asked]) for key in ("sentence1", "sentence2")
    )
    found: NDArray[np.float64] = np.einsum("ij,ij->i", one, other).astype(np.float64)
    return found


def correlation(outcomes: list[Outcome], gold: NDArray[np.float64]) -> dict[str, float]:
    """Return Spearman's correlation of the runs, with its bootstrap interval over pairs."""
    each = [spearman(one.arrays["test"], gold) for one in outcomes]
    generator = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        pairs = generator.integers(0, len(gold), len(gold))
        drawn.append(
            np.mean([spearman(one.arrays["test"][pairs], gold[pairs]) for one in outcomes])
        )
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {**spread(each), "low": round(float(low), 4), "high": round(float(high), 4)}
