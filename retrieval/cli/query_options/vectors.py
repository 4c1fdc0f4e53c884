"""The option that asks with vectors made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.lookup import Answered
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.modes import ModeOptions
    from retrieval.query.search_options import Refinements

vector_options = bundle(
    click.option(
        "--query-vector",
        metavar="FILE.npy",
        help="Ask with a vector, or with each row of several, made as those of the index were.",
    ),
)


def check_vector_options(
    query_vector: str | None, queries: str | None, *, directed: bool, concept: str | None
) -> None:
    """Refuse what a vector does not go with.

    Raises:
        UsageError: Other questions.
    """
    if query_vector is not None and (queries is not None or directed or concept is not None):
        raise UsageError(
            "--query-vector asks with vectors; --queries, --concept, --also, --against, --like,"
            " --more and --less ask otherwise.",
            fix="Leave one of them out.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorLookup:
    """The rows of a file, or its one row beside a text.

    Attributes:
        path: The file.
        asked: The text, if there is one.
        mode: By what documents are ranked; None for the usual.
    """

    path: Path
    asked: Sequence[QueryText]
    mode: ModeOptions | None

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Ask with each row; see ``Lookup.search``.

        Raises:
            InputError: The file cannot be read as numbers.
            UsageError: They are no vectors of this index, or a text came with several or
                without a hybrid mode.
        """
        from retrieval.query.vector import query_rows, read_query_vectors

        rows = query_rows(read_query_vectors(self.path), index.snapshot.manifest.model.dim)
        text = self.asked[0].text if self.asked else ""
        if text or self.mode is not None:
            hits = index.search(text, k, vector=rows, mode=self.mode, **refine)
            return [Answered(hits=hits, query=text, row=rows[0])]
        rankings = index.search_vectors(rows, k, **refine)
        several = len(rows) > 1
        return [
            Answered(
                hits=hits,
                query_id=str(number + 1),
                row=row,
                heading=f"row {number}" if several else "",
            )
            for number, (row, hits) in enumerate(zip(rows, rankings, strict=True))
        ]
