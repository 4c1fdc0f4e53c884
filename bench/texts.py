"""Real texts for the benchmarks, taken from the collections beside the project."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

from bench.provenance import data_folder


def sentences_of_reviews(split: str = "train") -> Iterator[str]:
    """Yield sentences of film reviews (IMDB), in order."""
    from retrieval.corpus.sentences import sentence_spans

    path = data_folder() / "imdb" / f"imdb_{split}.csv.gz"
    with gzip.open(path, "rb") as packed:
        for row in csv.DictReader(io.TextIOWrapper(packed, "utf-8")):
            text = row["text"].replace("<br />", " ")
            for span in sentence_spans(text):
                yield text[span.start : span.end].strip()


def short_pieces(count: int, words: int = 8) -> list[str]:
    """Return real sentences, longer ones in pieces of so many words, no two of them equal.

    Raises:
        SystemExit: The reviews have fewer.
    """
    found: dict[str, None] = {}
    for split in ("train", "test"):
        for sentence in sentences_of_reviews(split):
            every = sentence.split()
            for start in range(0, len(every), words):
                if len(piece := every[start : start + words]) >= 3:
                    found[" ".join(piece)] = None
                if len(found) == count:
                    return list(found)
    raise SystemExit(f"There are only {len(found):,} short texts, {count:,} are needed.")


def passages(count: int, words: int = 44) -> list[str]:
    """Return real passages of about 56 tokens: neighbouring sentences up to so many words."""
    found: list[str] = []
    current: list[str] = []
    for sentence in sentences_of_reviews():
        current += sentence.split()
        if len(current) >= words:
            found.append(" ".join(current[: words + 8]))
            current = []
            if len(found) == count:
                break
    return found


def of_corpus(path: Path, count: int) -> list[str]:
    """Return the first texts of a person's own JSON Lines, no two of them equal.

    Raises:
        SystemExit: It has fewer.
    """
    found: dict[str, None] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            found[json.loads(line)["text"]] = None
            if len(found) == count:
                return list(found)
    raise SystemExit(f"{path} has {len(found):,} different texts, {count:,} are needed.")


def write_corpus(path: Path, texts: list[str]) -> Path:
    """Write texts as JSON Lines with numbered ids."""
    with path.open("w", encoding="utf-8") as output:
        for number, text in enumerate(texts):
            output.write(json.dumps({"id": f"t{number:07d}", "text": text}) + "\n")
    return path
