"""What an index says of its recall, told from its manifest alone."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

from retrieval.engine.finding import list_indexes
from retrieval.engine.reports import RecallReport
from retrieval.errors import RetrievalError
from retrieval.records import JsonValue
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Manifest
from retrieval.store.recall_entry import why_not
from retrieval.store.summary import summarize


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
        measured=None if least is None else round(float(least["recall"]), 6),
        low=None if least is None else round(float(least["low"]), 6),
        high=None if least is None else round(float(least["high"]), 6),
        queries=0 if least is None else least["queries"],
        kept_queries=0 if manifest.recall_queries is None else manifest.recall_queries.rows,
        reasons=tuple(reasons),
        certificates=tuple(one.to_json() for one in entry.certificates.values()),
    )


def recall_of_indexes(
    home: str | os.PathLike[str],
) -> tuple[dict[str, JsonValue], list[JsonValue]]:
    """Return what the indexes of a folder say of their recall, and where they break their word.

    Args:
        home: Folder of the indexes.

    Returns:
        By name ``target``, ``measured``, ``low`` and ``high``, null where all is exact; and a
        sentence for every approximate index that is not searched.
    """
    found: dict[str, JsonValue] = {}
    reasons: list[JsonValue] = []
    for folder in list_indexes(home):
        try:
            known = summarize(folder)
        except RetrievalError as error:
            reasons.append(str(error))
            continue
        report = recall_report(known.manifest, known.missing_derived)
        if report is not None and (report.certificates or report.reasons):
            found[folder.name] = {
                "target": report.target,
                "measured": report.measured,
                "low": report.low,
                "high": report.high,
            }
            reasons += [f"{folder.name}: {one}." for one in report.reasons]
    return found, reasons
