"""Which format a file of judgments or hits has, by its first line."""

from __future__ import annotations

from enum import StrEnum

import orjson

from retrieval.corpus.streams import InputStream
from retrieval.errors import InputError

EXPECTED = (
    "Judgments are TREC qrels (query, 0, document, grade), BEIR qrels (a first line"
    " query-id, corpus-id, score, then tab-separated rows) or JSON Lines with query_id,"
    " doc_id and grade; runs are TREC runs (query, Q0, document, rank, score, tag) or the"
    " JSON Lines of `retrieve query --json` with query_id, doc_id and score."
)


class Layout(StrEnum):
    """A format, in words."""

    TREC_QRELS = "TREC qrels"
    BEIR_QRELS = "BEIR qrels"
    JSON_QRELS = "JSON Lines of judgments"
    TREC_RUN = "a TREC run"
    JSON_RUN = "JSON Lines of hits"

    @property
    def is_run(self) -> bool:
        """Whether it holds hits, not judgments."""
        return self in {Layout.TREC_RUN, Layout.JSON_RUN}


def recognise(stream: InputStream) -> Layout:
    """Return the format of a file, from its first line that is not blank.

    Args:
        stream: Read up to that line.

    Raises:
        InputError: The file is empty, cannot be read, or is of no known format.
    """
    for line in stream.lines():
        if line.content is None or not line.content.strip():
            continue
        layout = _layout(line.content)
        if layout is None:
            shown = line.content[:80].decode("utf-8", "replace")
            raise InputError(
                f"{stream.path}:{line.number}: neither judgments nor a run; found {shown!r}.",
                fix=EXPECTED,
            )
        return layout
    raise InputError(f"{stream.path} is empty.", fix=EXPECTED)


def _layout(line: bytes) -> Layout | None:
    if line.lstrip().startswith(b"{"):
        return _json_layout(line)
    columns = line.split()
    names = [one.lower().replace(b"_", b"-") for one in columns]
    if names == [b"query-id", b"corpus-id", b"score"]:
        return Layout.BEIR_QRELS
    return {4: Layout.TREC_QRELS, 6: Layout.TREC_RUN}.get(len(columns))


def _json_layout(line: bytes) -> Layout | None:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not {"query_id", "doc_id"} <= row.keys():
        return None
    if "grade" in row:
        return Layout.JSON_QRELS
    return Layout.JSON_RUN if "score" in row else None
