"""What an open index can be asked about the metadata of its documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from retrieval.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from retrieval.observer import Observer
    from retrieval.query.filter_parsing import GivenFilter
    from retrieval.records import JsonValue
    from retrieval.store.local import LocalStore
    from retrieval.store.reader import Snapshot
    from retrieval.store.selection import Facet


class MetadataMethods:
    """The part of ``Index`` that filters and counts by metadata, and changes it."""

    name: str
    path: Path
    _store: LocalStore
    _observer: Observer

    if TYPE_CHECKING:

        @property
        def snapshot(self) -> Snapshot: ...

        def refresh(self) -> int: ...

    def count(self, where: GivenFilter = None) -> int:
        """Return how many documents a filter lets through; all of them for no filter.

        Args:
            where: A filter, as a text or a tree; ``docs/filters.md`` has the language.

        Raises:
            FilterError: It cannot be read, or does not fit the fields.
            ColumnsMissingError: The index was made before there were columns.
        """
        from retrieval.query.filter_parsing import filter_of

        chosen = self._store.snapshot.select(filter_of(where))
        if chosen is not None:
            return chosen.count
        return sum(one.live_documents for one in self._store.describe().segments)

    def facets(self, fields: Sequence[str], where: GivenFilter = None) -> list[Facet]:
        """Count the values of fields among the documents that a filter lets through.

        Args:
            fields: Names of fields.
            where: A filter; None for all documents. No query and no number of hits changes
                what is counted.

        Returns:
            One record a field, in the order given.

        Raises:
            UsageError: A single string was given instead of several fields.
            FilterError: The filter cannot be read; or a field is unknown, mixed or nested.
            ColumnsMissingError: The index was made before there were columns.
        """
        from retrieval.query.filter_parsing import filter_of

        if isinstance(fields, str):
            raise UsageError(f"facets takes several fields; write facets([{fields!r}]).")
        snapshot = self._store.snapshot
        chosen = snapshot.select(filter_of(where))
        return [snapshot.facet(field, chosen) for field in fields]

    def update_metadata(
        self,
        changes: Mapping[str, JsonValue],
        *,
        ids: Iterable[str] | None = None,
        where: GivenFilter = None,
    ) -> int:
        """Set metadata fields of documents, in one commit; nothing is encoded.

        Indexing a document again with the same text and other metadata keeps its vectors too;
        this needs neither its text nor the model.

        Args:
            changes: New values by field; None takes a field away.
            ids: The documents; ids that are not there are passed over.
            where: The documents, by a filter, instead of ids.

        Returns:
            Documents changed; durable when it is returned.

        Raises:
            UsageError: Neither ids nor a filter, or both; or a name that cannot be a field.
            FilterError: The filter cannot be read, or does not fit the fields.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.engine.recall import building_for
        from retrieval.engine.relabelling import relabel
        from retrieval.query.filter_parsing import filter_of

        tree = filter_of(where)
        if (ids is None) == (tree is None):
            raise UsageError("update_metadata takes ids or a filter.", fix="Give one of them.")
        if isinstance(ids, str):
            raise UsageError(f"update_metadata takes several ids; write ids=[{ids!r}].")
        building = building_for(self._observer)()
        changed = relabel(self.path, changes, ids=ids, where=tree, building=building)
        self.refresh()
        return changed
