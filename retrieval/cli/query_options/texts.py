"""Plain texts as what is looked for, one or a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.lookup import Answered

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.modes import ModeOptions
    from retrieval.query.search_options import Refinements


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLookup:
    """Query texts.

    Attributes:
        asked: The texts with their ids.
        mode: By what documents are ranked; None for the usual.
        syntax: Whether operators in them are read.
    """

    asked: Sequence[QueryText]
    mode: ModeOptions | None
    syntax: bool

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Ask with every text in one batch; see ``Lookup.search``."""
        rankings = index.search_many(
            [one.text for one in self.asked],
            k,
            query_ids=[one.query_id for one in self.asked],
            mode=self.mode,
            syntax=self.syntax,
            **refine,
        )
        several = len(self.asked) > 1
        return [
            Answered(
                hits=hits,
                query_id=one.query_id,
                query=one.text,
                heading=f"{one.query_id}: {one.text}" if several else "",
                name=f"for {one.text!r}",
            )
            for one, hits in zip(self.asked, rankings, strict=True)
        ]
