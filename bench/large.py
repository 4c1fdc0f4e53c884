"""Indexes of many documents for benchmarks: short real texts with vectors given.

The texts are pieces of film reviews; beyond their number they come again, numbered. The
vectors are real embeddings resampled with noise (``embeddings``), not those of the texts: so
such an index says how long things take, and nothing of what is relevant. Corpus and index
are kept in a work folder, for the next benchmark.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench import embeddings, pairing, provenance
from bench.cold_query import RETRIEVE
from bench.pairing import Command, Spent
from bench.products import OFFLINE
from bench.texts import sentences_of_reviews

WORDS = 8
SEED, QUERY_SEED = 0, 1
WORK = provenance.WORK / "large"


def written_corpus(work: Path, count: int) -> Path:
    """Return JSON Lines of so many short documents; kept in ``work``."""
    path = work / f"texts-{count}.jsonl"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as output:
            for number, text in enumerate(itertools.islice(_texts(), count)):
                output.write(json.dumps({"id": f"t{number:08d}", "text": text}) + "\n")
        partial.rename(path)
    return path


def _texts() -> Iterator[str]:
    """Yield every piece there is, again and again, numbered but for the first time."""
    for number in itertools.count():
        behind = f" {number}" if number else ""
        seen: set[str] = set()
        for split in ("train", "test"):
            for sentence in sentences_of_reviews(split):
                every = sentence.split()
                for start in range(0, len(every), WORDS):
                    piece = " ".join(every[start : start + WORDS])
                    if piece.count(" ") >= 2 and piece not in seen:
                        seen.add(piece)
                        yield piece + behind


def index_folder(work: Path, count: int) -> Path:
    """Return where an index of so many documents lies or will lie."""
    return work / "indexes" / f"n{count}"


def build(work: Path, count: int) -> Spent:
    """Index so many documents anew; return what it took."""
    corpus = written_corpus(work, count)
    embeddings.made_rows(work, count, SEED)
    folder = index_folder(work, count)
    shutil.rmtree(folder, ignore_errors=True)
    command: Command = [RETRIEVE, "index", corpus, "--index", folder.name, "--quiet"]
    given: Command = ["--home", folder.parent, "--vectors", work / f"rows-{count}-{SEED}.npy"]
    return pairing.spent([*command, *given], OFFLINE)


def built(work: Path, count: int) -> Path:
    """Return the folder of an index of so many documents, made if it is not there."""
    folder = index_folder(work, count)
    if not any(folder.glob("manifest-*.json")):
        build(work, count)
    return folder
