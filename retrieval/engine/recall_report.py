"""What an index says of its recall, told from its manifest alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from retrieval.engine.reports import RecallReport
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Manifest
from retrieval.store.recall_entry import why_not


def recall_report(manifest: Manifest, missing: Collection[str]) -> RecallReport | None:
    """Return what was asked for and measured; None where nothing was asked.

    Args:
        manifest: The generation.
        missing: Names of files that the folder lacks.
    """
    entry = manifest.recall
    if entry is None:
        return None
    approximate = exact = 0
    reasons = []
    used: list[dict[str, Any]] = []
    for one in manifest.segments:
        part = one.parts.get(PartKind.ANN)
        if part is None:
            exact += one.live_passages
            continue
        found = entry.certificates.get(part.file)
        deleted = one.passages - one.live_passages
        reason = why_not(found, one.passages, deleted, is_there=part.file not in missing)
        if reason or found is None:
            exact += one.live_passages
            reasons.append(f"{one.live_passages:,} passages are searched exactly: {reason}")
            continue
        approximate += one.live_passages
        used.append(found.least)
    least = min(used, key=lambda one: float(one["recall"]), default=None)
    return RecallReport(
        target=entry.options.target,
        k=entry.options.k,
        memory_bytes=entry.options.memory_bytes,
        approximate_passages=approximate,
        exact_passages=exact,
        measured=None if least is None else least["recall"],
        low=None if least is None else least["low"],
        high=None if least is None else least["high"],
        queries=0 if least is None else least["queries"],
        reasons=tuple(reasons),
        certificates=tuple(one.to_json() for one in entry.certificates.values()),
    )
