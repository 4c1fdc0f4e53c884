"""The use cases that look at an index: status, verify, recover."""

from __future__ import annotations

import os
from dataclasses import asdict

from retrieval.engine.finding import index_path
from retrieval.engine.recall_report import recall_report
from retrieval.engine.reports import RecoverReport, Status, VerifyReport
from retrieval.errors import RetrievalError, UsageError
from retrieval.observer import SILENT, Observer
from retrieval.store import layout
from retrieval.store.summary import summarize


def status(path: str | os.PathLike[str]) -> Status:
    """Tell what an index holds, from its manifest alone.

    Args:
        path: Its folder, or its name under ``./indexes``.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: The newest manifest is damaged.
    """
    folder = index_path(path)
    found = summarize(folder)
    manifest = found.manifest
    segments = manifest.segments
    numerics = dict.fromkeys(one for segment in segments for one in segment.numerics)
    return Status(
        name=folder.resolve().name,
        path=str(folder),
        format=layout.FORMAT_TEXT.decode().strip(),
        generation=manifest.generation,
        created=manifest.created,
        documents=sum(one.live_documents for one in segments),
        passages=sum(one.live_passages for one in segments),
        segments=len(segments),
        deleted_documents=sum(one.documents - one.live_documents for one in segments),
        empty_documents=sum(one.empty_documents for one in segments),
        unseen_tokens=sum(one.unseen_tokens for one in segments),
        truncated_documents=sum(one.truncated_documents for one in segments),
        size_bytes=found.size_bytes,
        model=manifest.model.to_json(),
        numerics=tuple(f"{one.precision} ({one.runtime})" for one in numerics),
        cost=None if manifest.cost is None else asdict(manifest.cost),
        options=asdict(manifest.passages),
        language=None if found.words is None else found.words.language or "none",
        stemmer="" if found.words is None else found.words.stemmer,
        sources=tuple(asdict(source) for source in manifest.sources),
        fields=tuple(asdict(one) for one in manifest.fields),
        fusion=None if manifest.fusion is None else asdict(manifest.fusion),
        curves=tuple(asdict(one) for one in manifest.curves),
        recall=recall_report(manifest, found.missing_derived),
        incomplete=manifest.incomplete,
        missing_parts=(*found.missing_parts, *found.missing_derived),
        pending_spills=found.pending_spills,
    )


def verify(
    path: str | os.PathLike[str],
    *,
    sample: int = 64,
    model: str | None = None,
    offline: bool = False,
    observer: Observer = SILENT,
) -> VerifyReport:
    """Check every file of an index, how they fit, and a sample of vectors encoded anew.

    Args:
        path: Its folder, or its name under ``./indexes``.
        sample: Passages to encode again, 0 for none; drawn with a fixed seed.
        model: Bi-encoder to encode with; None for the index's own.
        offline: Never ask a model hub.
        observer: Follows the work.

    Returns:
        What was checked and every problem found.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
    """
    from retrieval.engine.sampling import reencode_sample
    from retrieval.store.verify import check_store, stray_files

    if sample < 0:
        raise UsageError(f"The sample is {sample}; it cannot be negative.")
    folder = index_path(path)
    found = check_store(
        folder, progress=lambda done, total: observer.progress("verifying", done, total, "bytes")
    )
    problems, reencoded = list(found.problems), 0
    notes = [f"{folder / name} is not part of the index." for name in stray_files(folder)]
    if not problems and sample:
        try:
            reencoded, wrong = reencode_sample(
                folder, sample, model=model, offline=offline, observer=observer
            )
            problems.extend(wrong)
        except RetrievalError as error:
            notes.append(f"No vector was encoded anew: {error}")
    return VerifyReport(
        index=folder.resolve().name,
        generation=found.generation,
        checked_files=found.checked_files,
        checked_bytes=found.checked_bytes,
        checked_documents=found.checked_documents,
        reencoded_passages=reencoded,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def recover(path: str | os.PathLike[str], generation: int) -> RecoverReport:
    """Put an earlier generation in force again, as a new one; nothing is deleted.

    Args:
        path: The index's folder, or its name under ``./indexes``.
        generation: One of the generations the index still keeps.

    Raises:
        UsageError: No such generation, or it is the newest and whole.
        DamagedIndexError: It is damaged too; nothing was changed.
        LockedError: A writer is at work.
    """
    from retrieval.store.recover import recover_generation

    folder = index_path(path)
    done = recover_generation(folder, generation)
    return RecoverReport(
        index=folder.resolve().name,
        from_generation=done.from_generation,
        generation=done.generation,
        set_aside=done.set_aside,
    )
