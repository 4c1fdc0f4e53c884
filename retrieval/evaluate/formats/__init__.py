"""Files of judgments and runs: read by their content, written by their names."""

from __future__ import annotations

from retrieval.evaluate.formats.reading import looks_like_run, read_qrels, read_run
from retrieval.evaluate.formats.writing import write_qrels, write_run

__all__ = ["looks_like_run", "read_qrels", "read_run", "write_qrels", "write_run"]
