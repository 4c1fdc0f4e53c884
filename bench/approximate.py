"""Approximate search beside hnswlib, usearch and FAISS's HNSW: queries a second at equal recall.

Every contestant runs in a process of its own, builds its index of the same rows once (kept
in ``--work``), and is asked the same 1,000 queries at the least effort at which it reaches a
recall@10. Rounds go in turn. Memory is what a process that opened the index, and did not build
it, holds beyond the bare interpreter with its libraries, after it was asked: its own, and pages
of mapped files, which the system can take back. Real embeddings of headlines and reviews,
resampled with noise (``embeddings``).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import pairing, provenance
from bench.embeddings import NOISE, made_rows, real_rows
from bench.peers.vector_search import QUERIES, K
from retrieval.index.held_out import least_scores
from retrieval.index.recall import interval, recalls
from retrieval.index.rescoring import rescored

TARGETS = (0.95, 0.98, 0.99, 0.995)
MODES = ("alone", "batch", "cores")
PEERS = ("hnswlib", "usearch", "faiss")
PEER_BYTES = 300
"""What a peer keeps of a row beside its float32 components."""


class Child:
    """One contestant's process."""

    def __init__(self, name: str, work: Path, rows: int, memory: int) -> None:
        command = [sys.executable, "-m", "bench.peers.vector_search"]
        self.process = subprocess.Popen(
            [*command, name, str(work), str(rows), str(memory)],
            cwd=provenance.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.name = name
        self.told: dict[str, Any] = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with {self.process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--work", type=Path, required=True, help="room for rows and indexes")
    parser.add_argument("--memory", type=gigabytes, default=0, metavar="GB", help="e.g. 12GB")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", nargs="*", default=PEERS, metavar="PEER", choices=PEERS)
    parser.add_argument("--name", default="approximate", help="of the result")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    figures = measure(chosen.work, chosen.rows, chosen.memory, chosen.peers, chosen.runs)
    # by its size, so that nobody takes a smaller run for the one that a target is of
    provenance.record(chosen.name, {f"{chosen.rows}": figures})


def gigabytes(text: str) -> int:
    """Return the bytes that such a text as 12GB says."""
    return int(float(text.upper().removesuffix("GB")) * 10**9)


def measure(work: Path, count: int, memory: int, peers: list[str], runs: int) -> dict[str, Any]:
    rows, queries = made_rows(work, count, 0), np.array(made_rows(work, QUERIES, 1))
    least = exact_least(work, count)
    room = 0.7 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    fit = count * (4 * rows.shape[1] + PEER_BYTES) < room
    names = ["ours", *(peers if fit else [])]
    known: dict[str, Any] = {}
    children: dict[str, Child] = {}
    at_target: dict[str, dict[str, int]] = {f"{target}": {} for target in TARGETS}
    for name in names:
        # one at a time: memory holds one index that is being built
        child = Child(name, work, count, memory)
        if child.told.pop("built_now"):  # such a process has pages of all rows, and what not
            child.close()
            child = Child(name, work, count, memory)
            child.told.pop("built_now")
        children[name] = child
        curve = {}
        for effort in child.told.pop("efforts"):
            found = np.array(child.ask(f"{effort} found")["rows"])
            curve[effort] = shown(recalls(rescored(rows, queries, found), least, K))
            if curve[effort]["recall"] >= 0.999:
                break
        for target in TARGETS:
            reaching = [effort for effort, one in curve.items() if one["recall"] >= target]
            if reaching:
                at_target[f"{target}"][name] = reaching[0]
        known[name] = {**child.told, "curve": curve}
    speeds = {
        target: {mode: in_rounds(children, efforts, mode, runs) for mode in MODES}
        for target, efforts in at_target.items()
    }
    for name, child in children.items():
        known[name]["memory_mib"] = child.ask("memory")
        child.close()
    return {
        "rows": count,
        "real_rows": len(real_rows(work)),
        "noise": NOISE,
        "queries": QUERIES,
        "memory_asked": memory,
        "left_out": {} if fit else {"peers": f"float32 rows of {count:,} do not fit in memory"},
        "contestants": known,
        "at_recall": {
            target: {"efforts": at_target[target], "per_second": speeds[target]}
            for target in at_target
        },
    }


def in_rounds(
    children: dict[str, Child], efforts: dict[str, int], mode: str, runs: int
) -> dict[str, Any]:
    """Return queries a second of each that reaches the recall, and ours over each peer's."""
    figures = pairing.in_turn(
        {
            name: lambda name=name: float(  # type: ignore[misc]  # bound now
                children[name].ask(f"{efforts[name]} {mode}")["per_second"]
            )
            for name in efforts
        },
        runs,
    )
    summed: dict[str, Any] = {name: pairing.summary(one) for name, one in figures.items()}
    if "ours" in figures:
        for name in figures.keys() - {"ours"}:
            summed[f"ours_over_{name}"] = pairing.ratio(figures["ours"], figures[name])
    return summed


def shown(shares: NDArray[np.float64]) -> dict[str, float]:
    known = interval(shares, K)
    return {
        "recall": round(known.mean, 5),
        "low": round(known.low, 5),
        "high": round(known.high, 5),
    }


def exact_least(work: Path, count: int) -> NDArray[np.float64]:
    """Return the score of each query's tenth best row; kept in ``work``."""
    kept = work / f"least-{count}.npy"
    if not kept.exists():
        rows = made_rows(work, count, 0)
        least = least_scores(
            np.array(made_rows(work, QUERIES, 1)),
            K,
            read=lambda start, end: rows[start:end],
            rows=count,
            left_out=np.empty(0, dtype=np.int64),
            block_rows=65_536,
            met=lambda _: None,
        )
        np.save(kept, least)
    return np.asarray(np.load(kept), dtype=np.float64)


if __name__ == "__main__":
    main()
