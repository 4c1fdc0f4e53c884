"""Words beside bm25s, SQLite FTS5 and plain dictionaries: the same ranking, and how fast.

200,000 sentences of film reviews; queries are eight words of every 2,000th. Ours is asked as
`retrieve query --mode lexical` asks it, from text to ranking, in an index on disk; bm25s from
tokens made before (`retrieve()` alone, numpy and numba), FTS5 from a MATCH with its Porter
stemmer. Building is from texts to postings in memory; FTS5's in memory too.
Targets: top 10 <= 0.5 x bm25s, <= 0.1 x FTS5; building <= 1.5 x bm25s; scores within 1e-5.
"""

from __future__ import annotations

import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer

from bench.pairing import in_turn, ratio, summary
from bench.provenance import record
from bench.texts import sentences_of_reviews
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.bm25 import Bm25Options
from retrieval.lexical.postings import build_postings
from retrieval.lexical.reference import reference_scores
from retrieval.records import Document, ModelIdentity, Numerics, PassageOptions, Span
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.reader import Snapshot
from retrieval.store.session import WriterSettings

COUNT = 200_000
EVERY = 2000
REFERENCE_COUNT = 5000
K = 10
ROUNDS = 5
STEMMER = Stemmer.Stemmer("english")


def texts_and_queries() -> tuple[list[str], list[str]]:
    every = itertools.chain(sentences_of_reviews("train"), sentences_of_reviews("test"))
    texts = list(itertools.islice(every, COUNT))
    queries = [" ".join(text.split()[:8]) for text in texts[::EVERY]]
    # bm25s refuses a query of function words alone
    return texts, [query for query in queries if all(bm25s_tokens([query], ids=False))]


def stored(texts: Sequence[str], folder: Path) -> Snapshot:
    """Put texts into an index, each with the same vector, since only words are asked."""
    identity = ModelIdentity(
        name="none",
        weights_sha256="",
        tokenizer_sha256="",
        pooling="mean",
        normalized=True,
        query_prompt="",
        passage_prompt="",
        dim=2,
        max_tokens=256,
    )
    settings = WriterSettings(
        model=identity,
        passages=PassageOptions(),
        numerics=Numerics(precision="fp32", runtime="none"),
    )
    row = np.array([[1, 0]], dtype=np.float32)

    def encode(documents: Sequence[Document]) -> list[Passages]:
        return [Passages((Span(0, len(one.text)),), row, 0) for one in documents]

    store = LocalStore(folder, settings)
    store.upsert((Document(f"t{number:07d}", text) for number, text in enumerate(texts)), encode)
    return store.snapshot


def ours_built(texts: Sequence[str]) -> float:
    started = time.perf_counter()
    build_postings(Analyzer(AnalyzerSettings.of_language("en")), texts)
    return time.perf_counter() - started


def bm25s_index(tokens: Any, backend: str) -> Any:
    index = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend=backend)
    index.index(tokens, show_progress=False)
    return index


def bm25s_tokens(texts: Sequence[str], *, ids: bool) -> Any:
    return bm25s.tokenize(
        texts, stopwords="en", stemmer=STEMMER, show_progress=False, return_ids=ids
    )


def bm25s_built(texts: Sequence[str]) -> float:
    started = time.perf_counter()
    bm25s_index(bm25s_tokens(list(texts), ids=True), "numpy")
    return time.perf_counter() - started


def fts5(texts: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE d USING fts5(text, tokenize='porter unicode61')")
    connection.executemany("INSERT INTO d(rowid, text) VALUES (?, ?)", enumerate(texts))
    connection.commit()
    return connection


def fts5_built(texts: Sequence[str]) -> float:
    started = time.perf_counter()
    fts5(texts).close()
    return time.perf_counter() - started


def median_ms(ask: Callable[[int], object], count: int) -> float:
    """Return the median time of a query alone, in milliseconds."""
    times = []
    for number in range(count):
        started = time.perf_counter()
        ask(number)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def greatest_difference(texts: Sequence[str], queries: Sequence[str], folder: Path) -> float:
    """Compare with plain dictionaries after updates and deletions; return the worst score."""
    snapshot = stored([*texts[:REFERENCE_COUNT]], folder)
    store = LocalStore(folder)
    store.delete([f"t{number:07d}" for number in range(0, REFERENCE_COUNT, 3)])
    snapshot = store.snapshot
    kept = [one.document.text for one in snapshot.scan()]
    analyzer, options = snapshot.words.analyzer, Bm25Options()
    worst = 0.0
    for query in queries:
        wanted = np.array(reference_scores(analyzer, kept, query, options))
        (scores,) = snapshot.words.score(query, options)
        live = scores[~snapshot.segments[0].deleted]
        worst = max(worst, float(np.abs(live - wanted).max()))
        if (np.argsort(-live, kind="stable") != np.argsort(-wanted, kind="stable"))[:K].any():
            raise SystemExit(f"Another ranking than the plain one's for {query!r}.")
    return worst


def bm25s_agreement(snapshot: Snapshot, texts: Sequence[str], queries: Sequence[str]) -> float:
    """Give bm25s our terms; return the greatest difference of the ten best scores."""
    analyzer = snapshot.words.analyzer
    index = bm25s_index([analyzer.terms(text) for text in texts], "numpy")
    worst = 0.0
    for query in queries:
        (ours,) = snapshot.search_words([query], K)
        if len(ours) == K:
            _, scores = index.retrieve([analyzer.terms(query)], k=K, show_progress=False)
            worst = max(worst, float(np.abs(np.asarray(scores)[0] - ours.scores).max()))
    return worst


def main() -> None:
    texts, queries = texts_and_queries()
    analyzer = Analyzer(AnalyzerSettings.of_language("en"))
    with tempfile.TemporaryDirectory() as folder:
        difference = greatest_difference(texts, queries[:20], Path(folder) / "small")
        snapshot = stored(texts, Path(folder) / "all")
        agreement = bm25s_agreement(snapshot, texts, queries)
        tokens = bm25s_tokens(texts, ids=True)
        peers = {name: bm25s_index(tokens, name) for name in ("numpy", "numba")}
        asked = [bm25s_tokens([query], ids=False) for query in queries]
        database = fts5(texts)
        matches = [" OR ".join(f'"{one}"' for one in set(analyzer.terms(q))) for q in queries]
        statement = "SELECT rowid FROM d WHERE d MATCH ? ORDER BY rank LIMIT 10"

        def bm25s_ask(name: str) -> Callable[[int], object]:
            return lambda at: peers[name].retrieve(asked[at], k=K, show_progress=False, n_threads=0)

        asks: dict[str, Callable[[int], object]] = {
            "ours": lambda at: snapshot.search_words([queries[at]], K),
            "bm25s_numpy": bm25s_ask("numpy"),
            "bm25s_numba": bm25s_ask("numba"),
            "fts5": lambda at: database.execute(statement, (matches[at],)).fetchall(),
        }
        asking = in_turn(
            {name: lambda one=ask: median_ms(one, len(queries)) for name, ask in asks.items()},  # type: ignore[misc]
            ROUNDS,
        )
    building = in_turn(
        {
            "ours": lambda: ours_built(texts),
            "bm25s": lambda: bm25s_built(texts),
            "fts5": lambda: fts5_built(texts),
        },
        3,
        warmups=0,
    )
    record(
        "words",
        {
            "passages": len(texts),
            "queries": len(queries),
            "greatest_difference": {"dictionaries": difference, "bm25s": agreement},
            "top_10_ms": {name: summary(one) for name, one in asking.items()},
            "ours_over": {
                name: ratio(asking["ours"], asking[name]) for name in asking if name != "ours"
            },
            "building_s": {name: summary(one) for name, one in building.items()},
            "building_over_bm25s": ratio(building["ours"], building["bm25s"]),
        },
    )


if __name__ == "__main__":
    main()
