"""Ten measures of a run of MS MARCO's size, beside ranx.

Target: 6,980 queries x 1,000 hits in at most 1.5 x the time of `ranx.evaluate` after its
warm-up. Both start from their own run and judgments in memory; both means must agree.
ranx comes with the extra `bench`; `--peer-python` names another interpreter that has it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench import pairing, provenance
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

PEER = Path(__file__).parent / "peers" / "ranx_measures.py"
MEASURES = {
    "AP": "map",
    "AP@100": "map@100",
    "P@10": "precision@10",
    "R@100": "recall@100",
    "F1@10": "f1@10",
    "RR": "mrr",
    "RR@10": "mrr@10",
    "nDCG@10": "ndcg@10",
    "nDCG@100": "ndcg@100",
    "Rprec": "r-precision",
}
SEED = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=6980)
    parser.add_argument("--hits", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument(
        "--judged", type=int, nargs="+", default=[1, 20], help="a query, on average"
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--peer-python", default=sys.executable)
    chosen = parser.parse_args()
    columns = random_columns(chosen.queries, chosen.hits, chosen.documents)
    names = [f"d{number:07d}" for number in range(chosen.documents)]
    query_ids = [str(number) for number in range(chosen.queries)]
    starts = np.arange(chosen.queries + 1) * chosen.hits
    run = Run.from_columns("random", query_ids, starts, names, *columns)
    figures: dict[str, Any] = {
        "queries": chosen.queries,
        "hits": chosen.hits,
        "documents": chosen.documents,
        "measures": list(MEASURES),
        "judged": {
            str(judged): beside_ranx(run, judged, chosen.runs, chosen.peer_python)
            for judged in chosen.judged
        },
    }
    provenance.record("measures", figures)


def random_columns(queries: int, hits: int, documents: int) -> tuple[Any, Any]:
    """Return document codes and strictly decreasing scores of each query's hits, flat."""
    chance = np.random.default_rng(SEED)
    codes = np.concatenate(
        [chance.choice(documents, hits, replace=False, shuffle=False) for _ in range(queries)]
    )
    return codes, np.tile(np.arange(hits, 0, -1) / hits, queries)


def random_judgments(run: Run, judged: int) -> Qrels:
    """Judge documents of each query: one at least, half of them found, the early ones rather."""
    chance = np.random.default_rng(SEED + judged)
    judgments = {}
    for at, query_id in enumerate(run.query_ids):
        count = 1 + int(chance.poisson(judged - 1))
        codes = run.doc_codes[run.starts[at] : run.starts[at + 1]]
        depth = len(codes)
        ranks = np.unique((depth * chance.random(count) ** 3).astype(int))
        others = chance.integers(0, len(run.doc_table), len(ranks))
        found = chance.random(len(ranks)) < 0.5
        chosen = np.unique(np.where(found, codes[ranks], others))
        grades = chance.integers(1 if judged == 1 else 0, 4, len(chosen)).tolist()
        grades[0] = max(grades[0], 1)
        documents = [run.doc_table[code] for code in chosen]
        judgments[query_id] = dict(zip(documents, grades, strict=True))
    return Qrels.from_mapping(judgments)


def beside_ranx(run: Run, judged: int, rounds: int, python: str) -> dict[str, Any]:
    """Measure both in turn with so many judgments a query."""
    qrels = random_judgments(run, judged)
    measures = [Measure.parse(name) for name in MEASURES]

    def ours() -> float:
        started = time.perf_counter()
        evaluate(qrels, run, measures).means()
        return time.perf_counter() - started

    with tempfile.TemporaryDirectory() as folder, peer(run, qrels, Path(folder), python) as ask:
        seconds = pairing.in_turn(
            {
                "ours": ours,
                "ranx": lambda: float(ask("objects")["seconds"]),
                "ranx_arrays": lambda: float(ask("arrays")["seconds"]),
            },
            rounds,
        )
        last = ask("objects")
    means = evaluate(qrels, run, measures).means()
    wanted = np.array([last["means"][name] for name in MEASURES.values()])
    return {
        "judgments": len(qrels),
        "ranx": last["version"],
        "seconds": {name: pairing.summary(values) for name, values in seconds.items()},
        "ours_over_ranx": pairing.ratio(seconds["ours"], seconds["ranx"]),
        "ours_over_ranx_arrays": pairing.ratio(seconds["ours"], seconds["ranx_arrays"]),
        "greatest_difference_of_means": float(np.abs(means - wanted).max()),
    }


@contextlib.contextmanager
def peer(
    run: Run, qrels: Qrels, folder: Path, python: str
) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Start ranx in a process of its own, warmed up; each word sent to it is one evaluation."""
    np.savez(
        folder / "columns.npz",
        starts=run.starts,
        codes=run.doc_codes,
        scores=run.scores,
        judged_starts=qrels.starts,
        judged_codes=run.codes_of(qrels.doc_ids),
        grades=qrels.grades,
    )
    words = [python, PEER, folder / "columns.npz", ",".join(MEASURES.values())]
    with subprocess.Popen(
        list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        to_child, from_child = child.stdin, child.stdout

        def ask(word: str) -> dict[str, Any]:
            to_child.write(f"{word}\n")
            to_child.flush()
            answer = from_child.readline()
            if not answer:
                raise SystemExit("ranx ended early; is it installed? pip install -e '.[bench]'")
            found: dict[str, Any] = json.loads(answer)
            return found

        ask("objects")
        yield ask
        to_child.close()


if __name__ == "__main__":
    main()
