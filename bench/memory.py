"""Peak memory of `retrieve index` on many short documents, and on twice as many.

Target: under 1.2 GB for 200,000, and at most 20 MB more for 400,000. The documents are
sentences of real film reviews, the longer ones in pieces of eight words.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench import pairing, provenance, texts
from bench.cold_query import RETRIEVE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=200_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        provenance.record("memory", measure(Path(folder), chosen.documents))


def measure(folder: Path, count: int) -> dict[str, Any]:
    short = texts.short_pieces(2 * count)
    once = texts.write_corpus(folder / "once.jsonl", short[:count])
    twice = texts.write_corpus(folder / "twice.jsonl", short)
    peaks = {
        path.stem: pairing.peak_mib([RETRIEVE, "index", path, "--home", folder, "--quiet"])
        for path in (once, twice)
    }
    return {
        "documents": {"once": count, "twice": 2 * count},
        "peak_mib": {name: round(peak, 1) for name, peak in peaks.items()},
        "more_mib": round(peaks["twice"] - peaks["once"], 1),
    }


if __name__ == "__main__":
    main()
