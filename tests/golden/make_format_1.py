"""How the index in ``format-1`` was made; run once, and never again for that format.

``python -m tests.golden.make_format_1 FOLDER`` writes one like it elsewhere.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import retrieval
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME

DOCUMENTS: list[dict[str, Any]] = [
    {"id": "soup", "title": "Soup", "text": "Leek, potato and patience.", "year": 1999},
    {
        "id": "größe",
        "text": "An id beyond ASCII. " + "A long text of many words. " * 20,
        "tags": ["a", "b"],
    },
    {"id": "bike", "text": "The chain needs oil.", "price": 1.5, "new": True, "note": None},
    {"id": "gone", "text": "Deleted in the third generation."},
    *({"id": f"filler-{at}", "text": f"Nothing of interest, number {at}."} for at in range(8)),
]


def make(folder: Path) -> None:
    """Write the documents in one generation, change one, and delete one."""
    register_fakes()
    rows = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in DOCUMENTS)
    with retrieval.build(
        "-", stdin=io.BytesIO(rows.encode()), index=str(folder.absolute()), model=HASHING_NAME
    ) as index:
        index.upsert([{**DOCUMENTS[2], "text": "The chain needs oil and the tyre air."}])
        index.delete(["gone"])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
