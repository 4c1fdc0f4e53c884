"""Efficiency: the most similar pair among 10,000 sentences, as Reimers and Gurevych (2019) ask."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import retrieval
from bench import texts
from bench.cold_query import bundled
from bench.study.system import System, run_facts
from bench.study.work import Outcome, Work

SENTENCES = 10_000
SAMPLE_PAIRS = 1_000
SYSTEMS = (
    System(name="embeddings", told="`retrieve index` and `retrieve pairs`, all measured"),
    System(
        name="cross-encoder",
        told="a cross-encoder on every pair, extrapolated from a sample",
    ),
)


def measure(name: str, chosen: set[str], work: Work) -> dict[str, Any]:
    """Run both ways, or take what they gave before.

    Args:
        name: Of the collection; there is one.
        chosen: Names of systems.
        work: The choices; ``rows`` is the number of sentences, where it is given.
    """
    count = work.rows or SENTENCES
    pairs = count * (count - 1) // 2
    systems: dict[str, Any] = {}
    for system in SYSTEMS:
        if system.name not in chosen:
            continue
        outcome = work.kept(
            f"efficiency/{name}/{system.name}",
            0,
            lambda system=system: run(system, count, work),  # type: ignore[misc]
        )
        seconds = outcome.facts["seconds"]
        measured = outcome.facts["pairs"]
        systems[system.name] = {
            "seconds": round(seconds / measured * pairs, 1),
            "measured_seconds": round(seconds, 2),
            "measured_pairs": measured,
            "extrapolated": measured < pairs,
            **{name: outcome.facts[name] for name in ("first", "second") if name in outcome.facts},
            "from": run_facts(system, [outcome], work, SENTENCES),
        }
    found: dict[str, Any] = {
        "split": {"told": "pieces of film reviews of 3 to 8 words, no two of them equal"},
        "sentences": count,
        "pairs": pairs,
        "systems": systems,
    }
    return found


def run(system: System, count: int, work: Work) -> Outcome:
    """Run one way once."""
    sentences = texts.short_pieces(count)
    if system.name == "embeddings":
        work.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work.folder) as folder:
            corpus = texts.write_corpus(Path(folder) / "sentences.jsonl", sentences)
            started = time.perf_counter()
            with retrieval.build(
                corpus, home=Path(folder) / "home", model=work.base, offline=True
            ) as index:
                best = retrieval.similar_pairs(index, 1, least=-1.0).pairs[0]
            seconds = time.perf_counter() - started
        facts = {"first": best.first_text, "second": best.second_text}
        every = count * (count - 1) // 2
        return Outcome(arrays={}, facts={"seconds": seconds, "pairs": every, **facts})
    from sentence_transformers import CrossEncoder

    # its layer is untrained: what it says is of no use, and what it costs is the same
    model = CrossEncoder(work.base or str(bundled()), num_labels=1)
    drawn = np.random.default_rng(0).integers(0, count, (SAMPLE_PAIRS, 2)).tolist()
    asked = [(sentences[one], sentences[other]) for one, other in drawn]
    model.predict(asked[:64], show_progress_bar=False)
    started = time.perf_counter()
    model.predict(asked, batch_size=64, show_progress_bar=False)
    seconds = time.perf_counter() - started
    return Outcome(arrays={}, facts={"seconds": seconds, "pairs": len(asked)})
