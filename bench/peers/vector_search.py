"""Search vectors with one library whenever a line comes in: ours, hnswlib, usearch or FAISS.

Usage: python -m bench.peers.vector_search NAME WORK ROWS [MEMORY_BYTES]

The index is built where WORK has none yet, and kept there. A line ``EFFORT MODE`` searches the
10 nearest rows of every query at an effort and answers with the queries per second; MODE is
``alone`` (one query a call, one thread), ``batch`` (all in one call, one thread), ``cores`` (all
in one call, every core), or ``found``, which answers with the rows instead. A line ``memory``
answers with the resident memory of this process, its own and that of mapped files, in MiB.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.embeddings import made_rows
from retrieval.fsops import LocalFiles
from retrieval.index.ann_part import open_approximate, write_approximate
from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import BuildPhase, Contract, build_approximate
from retrieval.index.plan import choose_plan
from retrieval.index.scattered import ScatteredRows
from retrieval.vectors import FloatRows

K = 10
QUERIES = 1000
EFFORTS = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768]
LINKS, BUILD_BREADTH = 32, 200
"""What hnswlib and usearch are built with; FAISS has the links, and its own breadth of 40."""


class Contestant(Protocol):
    """A library with an index of the rows."""

    efforts: list[int]

    def find(self, queries: FloatRows, effort: int, threads: int) -> NDArray[np.int64]:
        """Return int64 (n_queries, K)."""
        ...


class Hnswlib:
    """hnswlib, inner product, float32."""

    def __init__(self, rows: FloatRows, kept: Path, memory: int | None) -> None:
        self.efforts = EFFORTS
        self.library = importlib.import_module("hnswlib")
        self.index = self.library.Index(space="ip", dim=rows.shape[1])
        if kept.exists():
            self.index.load_index(str(kept))
        else:
            self.index.init_index(
                max_elements=len(rows), M=LINKS, ef_construction=BUILD_BREADTH, random_seed=0
            )
            for start in range(0, len(rows), 65_536):
                self.index.add_items(rows[start : start + 65_536])
            self.index.save_index(str(kept))

    def find(self, queries: FloatRows, effort: int, threads: int) -> NDArray[np.int64]:
        self.index.set_ef(max(effort, K))
        found, _ = self.index.knn_query(queries, k=K, num_threads=threads)
        return np.asarray(found, dtype=np.int64)


class Usearch:
    """usearch, inner product, float32."""

    def __init__(self, rows: FloatRows, kept: Path, memory: int | None) -> None:
        self.efforts = EFFORTS
        library = importlib.import_module("usearch.index")
        self.index: Any = library.Index(
            ndim=rows.shape[1],
            metric="ip",
            dtype="f32",
            connectivity=LINKS,
            expansion_add=BUILD_BREADTH,
        )
        if kept.exists():
            self.index.load(str(kept))
        else:
            for start in range(0, len(rows), 65_536):
                block = np.ascontiguousarray(rows[start : start + 65_536])
                self.index.add(np.arange(start, start + len(block)), block)
            self.index.save(str(kept))

    def find(self, queries: FloatRows, effort: int, threads: int) -> NDArray[np.int64]:
        self.index.expansion_search = max(effort, K)
        found = self.index.search(queries, K, threads=threads)
        return np.asarray(found.keys, dtype=np.int64).reshape(len(queries), K)


class FaissGraph:
    """FAISS's HNSW32 over float32."""

    def __init__(self, rows: FloatRows, kept: Path, memory: int | None) -> None:
        self.efforts = EFFORTS
        self.library = importlib.import_module("faiss")
        if kept.exists():
            self.index = self.library.read_index(str(kept))
        else:
            inner = self.library.METRIC_INNER_PRODUCT
            self.index = self.library.IndexHNSWFlat(rows.shape[1], LINKS, inner)
            for start in range(0, len(rows), 65_536):
                self.index.add(np.ascontiguousarray(rows[start : start + 65_536]))
            self.library.write_index(self.index, str(kept))

    def find(self, queries: FloatRows, effort: int, threads: int) -> NDArray[np.int64]:
        self.library.omp_set_num_threads(threads)
        parameters = self.library.SearchParametersHNSW(efSearch=max(effort, K))
        return np.asarray(self.index.search(queries, K, params=parameters)[1])


class Ours:
    """This package: what it keeps beside the rows, and the rows themselves as a map."""

    def __init__(self, rows: FloatRows, kept: Path, memory: int | None) -> None:
        self.library = importlib.import_module("faiss")
        if not kept.exists():
            build_ours(rows, kept, memory)
        files = LocalFiles()
        place, offset = Path(rows.filename), rows.offset  # type: ignore[attr-defined]  # a memmap's
        scattered = ScatteredRows(files.open(place), offset, rows.shape)
        view = files.map(kept)
        self.index = open_approximate(view, rows, kept.name, scattered=scattered)
        self.curve = {one.effort.breadth: one.effort for one in self.index.certificate.curve}
        self.efforts = sorted(self.curve)

    def find(self, queries: FloatRows, effort: int, threads: int) -> NDArray[np.int64]:
        self.library.omp_set_num_threads(threads)
        found = self.index.at(self.curve[effort]).search(queries, K)
        return np.stack([one.rows for one in found])


def build_ours(rows: FloatRows, kept: Path, memory: int | None) -> None:
    """Build by the package's own choice, and keep it."""
    choice = choose_plan(len(rows), rows.shape[1], memory, exact_rows=0)
    if choice.plan is None:
        raise SystemExit(choice.reason)
    print(choice.reason, file=sys.stderr)
    path, offset = Path(rows.filename), rows.offset  # type: ignore[attr-defined]  # a memmap's

    def read(start: int, end: int) -> FloatRows:
        width = rows.shape[1]
        flat = np.fromfile(
            path, dtype=np.float32, count=(end - start) * width, offset=offset + 4 * start * width
        )
        return flat.reshape(-1, width)

    begun = time.perf_counter()

    def show(phase: BuildPhase, done: int, total: int) -> None:
        taken = time.perf_counter() - begun
        print(f"\r{phase} {done:,} of {total:,}, {taken:.0f} s ", end="", file=sys.stderr)

    made = build_approximate(rows, choice.plan, Contract(), read=read, progress=show)
    with kept.open("wb") as output:

        def keep(block: bytes) -> None:
            output.write(block)

        write_approximate(made, keep)


LIBRARIES: dict[str, Callable[[FloatRows, Path, int | None], Contestant]] = {
    "ours": Ours,
    "hnswlib": Hnswlib,
    "usearch": Usearch,
    "faiss": FaissGraph,
}


def resident_mib() -> dict[str, float]:
    """Return this process's resident memory: its own, and of mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Rss")}
    return {"own": round(kib["RssAnon"] / 1024, 1), "mapped": round(kib["RssFile"] / 1024, 1)}


def searched(
    contestant: Contestant, queries: FloatRows, effort: int, mode: str
) -> tuple[float, NDArray[np.int64]]:
    """Return the queries a second, and the rows found."""
    threads = 1 if mode in {"alone", "batch"} else os.cpu_count() or 1
    started = time.perf_counter()
    if mode == "alone":
        found = np.concatenate(
            [contestant.find(queries[at : at + 1], effort, 1) for at in range(len(queries))]
        )
    else:
        found = contestant.find(queries, effort, threads)
    return len(queries) / (time.perf_counter() - started), found


def main(name: str, work: Path, count: int, memory: int | None) -> None:
    before = resident_mib()
    rows = made_rows(work, count, 0)
    queries = np.array(made_rows(work, QUERIES, 1))
    kept = work / f"{name}-{count}{'' if memory is None else f'-{memory >> 20}'}.index"
    seconds = kept.with_suffix(".seconds")
    began, new = time.perf_counter(), not kept.exists()
    # under its name only when it is whole: an interrupted run begins anew
    place = kept.with_suffix(".partial") if new else kept
    if new:
        place.unlink(missing_ok=True)
    contestant = LIBRARIES[name](rows, place, memory)
    if new:
        place.rename(kept)
        seconds.write_text(f"{time.perf_counter() - began:.1f}")
    print(json.dumps({
        "built_now": new,
        "efforts": contestant.efforts,
        "build_s": float(seconds.read_text()),
        "size_mib": round(kept.stat().st_size / 2**20, 1),
        **({"certificate": described(contestant.index)} if isinstance(contestant, Ours) else {}),
    }), flush=True)  # fmt: skip
    for line in sys.stdin:
        if line.strip() == "memory":
            now = resident_mib()
            answer: dict[str, Any] = {key: round(now[key] - before[key], 1) for key in now}
        else:
            effort, mode = line.split()
            per_second, found = searched(contestant, queries, int(effort), mode)
            answer = {"per_second": round(per_second, 1)}
            if mode == "found":
                answer = {"rows": found.tolist()}
        print(json.dumps(answer), flush=True)


def described(index: ApproximateIndex) -> dict[str, Any]:
    """Return what is known of an index, but for the rows it was measured with."""
    found = index.certificate.to_json()
    return {**found, "held_out": len(found["held_out"])}


if __name__ == "__main__":
    sys.argv += ["0"]
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]) or None)
