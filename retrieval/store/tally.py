"""Counting what an upsert does, as it goes."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.records import Document
from retrieval.store.protocol import UpsertReceipt
from retrieval.store.session import Fate, Offer


class Tally:
    """The running counts of one upsert; see ``UpsertReceipt`` for their meaning."""

    def __init__(self) -> None:
        self.commits = self.read = self.added = self.replaced = self.unchanged = 0
        self.removed = self.empty = self.encoded_passages = self.resumed_passages = 0

    def count(self, documents: Sequence[Document], offers: Sequence[Offer]) -> None:
        """Count a batch and what became of it."""
        self.read += len(documents)
        self.empty += sum(document.is_empty for document in documents)
        for offer in offers:
            self.unchanged += offer.fate is Fate.UNCHANGED
            self.resumed_passages += offer.resumed_passages
            if offer.fate is not Fate.UNCHANGED:
                self.replaced += offer.replaces is not None
                self.added += offer.replaces is None

    def receipt(self, generation: int) -> UpsertReceipt:
        """Return the counts as a record."""
        return UpsertReceipt(
            generation=generation,
            committed=self.commits > 0,
            read=self.read,
            added=self.added,
            replaced=self.replaced,
            unchanged=self.unchanged,
            removed=self.removed,
            empty=self.empty,
            encoded_passages=self.encoded_passages,
            resumed_passages=self.resumed_passages,
        )
