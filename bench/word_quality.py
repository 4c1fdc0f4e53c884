"""What words are worth beside meaning: SciFact, Cranfield, CISI and TrecQA, nDCG@10 and AP.

Default mode and weight were chosen on SciFact's train and Cranfield's odd-numbered queries, so
Cranfield is judged on the even ones. TrecQA ranks the sentences judged for each question.
Targets: SciFact test, whole documents: BM25 >= 0.675, hybrid >= 0.72.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import retrieval
from bench.provenance import data_folder, record

COLLECTIONS = {"scifact": "all", "cranfield": "all", "cisi": "all", "trecqa": "qrels"}
"""Each with the documents that are ranked."""
MEASURES = ("nDCG@10", "AP")
COMPARE = ("lexical=lexical", "hybrid=hybrid", "rrf=hybrid,fusion=rrf")


def judgments(collection: str, folder: Path) -> retrieval.JudgmentOptions:
    """Return the test judgments of a collection; of Cranfield the even-numbered queries."""
    if collection != "cranfield":
        return retrieval.JudgmentOptions()
    source = data_folder() / collection
    header, *rows = (source / "qrels" / "test.tsv").read_text().splitlines(keepends=True)
    even = [row for row in rows if int(row.split("\t")[0]) % 2 == 0]
    path = folder / "even.tsv"
    path.write_text(header + "".join(even))
    return retrieval.JudgmentOptions(qrels=path, queries=source / "queries.jsonl")


def measured(collection: str, passages: str, home: Path, folder: Path) -> dict[str, Any]:
    """Return mean, bounds and the comparison with dense of every system and measure."""
    with retrieval.open_beir(data_folder() / collection, home=home, passages=passages) as index:
        done = retrieval.bench(
            index,
            judgments=judgments(collection, folder),
            measures=MEASURES,
            compare=COMPARE,
            candidates=COLLECTIONS[collection],
        )
    report = done.report.to_json()
    return {
        name: {
            measure: {key: round(value[key], 4) for key in ("mean", "low", "high")}
            | {"queries": value["n_judged"]}
            for measure, value in system["measures"].items()
        }
        for name, system in report["runs"].items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="Keep the indexes here.")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for collection in COLLECTIONS:
            for passages in ("whole", "windows"):
                figures[f"{collection}_{passages}"] = measured(
                    collection, passages, chosen.home or Path(folder), Path(folder)
                )
    record("word_quality", figures)


if __name__ == "__main__":
    main()
