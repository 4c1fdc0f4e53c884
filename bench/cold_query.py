"""A cold `retrieve query`, whole process, beside the least it could cost and the usual way.

Target: at most 1.4 x a bare script with the same libraries and model, at least 15 x faster
than the same through sentence_transformers; `--help` and `status` under half a cold query.
Beside the target: the bare script with our own quick session (``bare_quick``).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import pairing, provenance, texts
from bench.pairing import Command

RETRIEVE = Path(sys.executable).parent / "retrieve"
PEERS = Path(__file__).parent / "peers"
QUERY = "a film with a great soundtrack"


def exported_folder() -> Path:
    """Return the folder of the bundled model as it was exported."""
    import retrieval

    return next(Path(one.folder) for one in retrieval.models() if one.bundled and one.exported)


def bundled() -> Path:
    """Return the folder of the bundled model as it was packaged."""
    from retrieval.encode.bundled import bundled_folder

    folder = bundled_folder()
    if folder is None:
        raise SystemExit("The bundled model is not installed.")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--slow-runs", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "indexes"
        corpus = texts.write_corpus(Path(folder) / "c.jsonl", texts.passages(chosen.passages))
        pairing.wall_s([RETRIEVE, "index", corpus, "--home", home, "--quiet"])
        figures = measure(home, chosen.runs, chosen.slow_runs)
        provenance.record("cold_query", {"passages": chosen.passages, **figures})


def measure(home: Path, runs: int, slow_runs: int) -> dict[str, Any]:
    """Return the figures of an index named ``c`` under ``home``."""
    (vectors,) = (home / "c").glob("*.vectors")
    bare: Command = [sys.executable, PEERS / "bare_query.py", exported_folder(), vectors, QUERY]
    slow: Command = [sys.executable, PEERS / "st_query.py", bundled(), vectors, QUERY]
    ours: Command = [RETRIEVE, "query", QUERY, "--home", home]
    quick = pairing.in_turn(
        {
            "query": lambda: pairing.wall_s(ours),
            "bare": lambda: pairing.wall_s(bare),
            "bare_quick": lambda: pairing.wall_s([*bare, "quick"]),
            "help": lambda: pairing.wall_s([RETRIEVE, "--help"]),
            "status": lambda: pairing.wall_s([RETRIEVE, "status", "--home", home]),
        },
        runs,
    )
    usual = pairing.in_turn(
        {
            "query": lambda: pairing.wall_s(ours),
            "sentence_transformers": lambda: pairing.wall_s(slow),
        },
        slow_runs,
    )
    return {
        "seconds": {name: pairing.summary(values) for name, values in quick.items()},
        "seconds_sentence_transformers": pairing.summary(usual["sentence_transformers"]),
        "query_over_bare": pairing.ratio(quick["query"], quick["bare"]),
        "query_over_bare_quick": pairing.ratio(quick["query"], quick["bare_quick"]),
        "sentence_transformers_over_query": pairing.ratio(
            usual["sentence_transformers"], usual["query"]
        ),
        "help_over_query": pairing.ratio(quick["help"], quick["query"]),
        "status_over_query": pairing.ratio(quick["status"], quick["query"]),
    }


if __name__ == "__main__":
    main()
