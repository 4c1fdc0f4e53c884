"""The use case of indexing: files in, a committed index out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from retrieval.corpus.corpus import Corpus
from retrieval.corpus.fields import FieldNames
from retrieval.encode.devices import read_devices
from retrieval.encode.precision import as_precision
from retrieval.engine.finding import DEFAULT_HOME, index_path, shown_path
from retrieval.engine.index import Index
from retrieval.engine.precision import passage_precision
from retrieval.engine.recall import building_for, recall_options
from retrieval.engine.rejected import RejectFile
from retrieval.engine.reports import BuildReport
from retrieval.engine.wanted_model import WantedModel, open_model
from retrieval.engine.writing import Writing, plan_writing
from retrieval.errors import IndexNotFoundError, InterruptedWorkError, NameTakenError, UsageError
from retrieval.fsops import LocalFiles
from retrieval.observer import SILENT, Observer
from retrieval.records import Document, PassageOptions
from retrieval.store.local import LocalStore
from retrieval.store.manifest import Manifest, SourceRecord, list_generations, read_manifest
from retrieval.store.protocol import UpsertReceipt

if TYPE_CHECKING:
    from retrieval.engine.wanted_model import GivenEncoder
    from retrieval.engine.writing import GivenRows
    from retrieval.store.precision_cost import PrecisionCost


def build(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    index: str | None = None,
    home: str | os.PathLike[str] = DEFAULT_HOME,
    model: str | None = None,
    encoder: GivenEncoder | None = None,
    encoder_name: str | None = None,
    vectors: GivenRows | None = None,
    precision: str | None = None,
    devices: str | int | None = None,
    offline: bool = False,
    fields: FieldNames | None = None,
    passages: PassageOptions | None = None,
    language: str | None = None,
    recall: float | str | None = None,
    memory: int | str | None = None,
    recall_queries: str | os.PathLike[str] | None = None,
    add: bool = False,
    sync: bool = False,
    strict: bool = False,
    commit_every: int | None = None,
    stdin: BinaryIO | None = None,
    observer: Observer = SILENT,
) -> Index:
    """Index files of texts: new documents are added, changed ones replaced.

    Args:
        inputs: A path or several, ``-`` for ``stdin``: JSON Lines, CSV, TSV, Parquet,
            plain text, Markdown, folders of these, BEIR folders; each also ``.gz``.
        index: Name under ``home``, or a path; None for the first input's name.
        home: Folder of the indexes.
        model: Bi-encoder by name or folder; None for the index's own, else the bundled.
        encoder: An encoder, or a function from a list of texts to vectors, in its stead.
        encoder_name: What such a function is called; its own name by default.
        vectors: Vectors of the documents, a file ``.npy`` or an array: floating
            (documents, dim), in the order of the input; without a model the index then
            answers texts by words alone.
        precision: What passages are computed in: ``auto``, ``fp32``, ``bf16`` or ``int8``; None
            for what the index has, else ``auto``. The cost of ``int8`` is measured and kept.
        devices: Where: ``cpu``, a number of processes, ``cuda`` or ``cuda:0,cuda:1``.
        offline: Never ask a model hub.
        fields: Which fields hold id, text and title; None to find them by name.
        passages: How documents are cut; None for the index's own, else windows.
        language: What the words are stemmed by, for searches by words: an ISO 639-1 code, or
            ``none`` for no stemming and no stop words, kept from then on; ``auto`` to tell it
            from the documents again; None for the index's own, else told from them. Another
            one makes the words anew, and encodes nothing.
        recall: The share of the 10 nearest that searches by meaning find at least, on average,
            above 0 and at most 1, or ``exact``; kept from then on. None for the index's own,
            else 0.99. Only large segments are searched approximately.
        memory: What an approximate index may take while it is built and searched: bytes, or a
            text such as ``8GB``; kept from then on. None for the index's own, else no bound.
        recall_queries: A file of real queries (lines or JSON Lines) to tune and measure
            approximate indexes with, beside ones drawn from the documents; their vectors are
            kept, and measured with again. ``none`` forgets them; None for those kept.
        add: Let documents of other files into an existing index.
        sync: Delete documents that the input no longer has; not if rows were rejected.
        strict: Stop at the first bad row, with nothing committed.
        commit_every: Make a partial commit after so many changed documents.
        stdin: Where ``-`` reads.
        observer: Follows the work.

    Returns:
        The index, open, its ``report`` telling what was done.

    Raises:
        InputError: An input cannot be read, or holds no document.
        BadRowError: A bad row, under ``strict``.
        NameTakenError: The index was built from other input.
        ModelMismatchError, ModelError: The model or its precision is another, or cannot be had.
        LockedError: Another process writes to the index.
        FileSystemError: The machine refused to write; the index is as it was.
        InterruptedWorkError: Interrupted; finished work is kept for the next run.
        UsageError: Options that do not go together.
    """
    started = time.monotonic()
    if commit_every is not None and commit_every < 1:
        raise UsageError(f"--commit-every is {commit_every}; it has to be at least 1.")
    language = _language(language)
    if commit_every is not None and vectors is not None:
        raise UsageError(
            "--commit-every and --vectors do not go together: whether every document has its row"
            " is known only at the end.",
            fix="Leave one of them out.",
        )
    files = LocalFiles()
    # a row left out would give every later document the vector of another
    rejects = RejectFile(files, strict=strict or vectors is not None)
    corpus = Corpus(
        inputs,
        fields=fields or FieldNames(),
        stdin=stdin,
        note=observer.note,
        reject=rejects.add,
    )
    folder = index_path(index if index is not None else corpus.default_name, home)
    rejects.folder = folder
    known = known_manifest(folder)
    given = tuple(SourceRecord(path=one.path, kind=str(one.kind)) for one in corpus.sources)
    sources = _sources(folder, known, given, add=add, sync=sync)
    wanted = WantedModel(
        model=model,
        encoder=encoder,
        encoder_name=encoder_name,
        offline=offline,
        observer=observer,
    )
    asked = as_precision(precision)
    passing = replace(
        wanted,
        precision=passage_precision(known, asked, folder),
        devices=read_devices(devices),
    )
    writing = plan_writing(
        known,
        open_encoder=lambda: open_model(known.model if known else None, passing, where=folder),
        is_named=wanted.is_named,
        vectors=vectors,
        passages=passages,
        where=folder,
        observer=observer,
    )
    store = LocalStore(
        folder,
        replace(writing.settings, language=language, recall=recall_options(known, recall, memory)),
        building=building_for(observer, queries=recall_queries, writing=writing),
    )
    try:
        receipt = store.upsert(
            _followed(corpus, observer),
            writing.encode,
            sources=sources,
            sync=sync,
            commit_every=commit_every,
            may_sync=lambda: _may_sync(rejects, observer),
            encoded=_finished(writing, observer),
            renewed=writing.renewed,
        )
    except KeyboardInterrupt:
        rejects.abandon()
        raise InterruptedWorkError(
            f"Interrupted while indexing into {folder}; what was encoded is kept.",
            fix="Run the same command again: it resumes.",
        ) from None
    except BaseException:
        rejects.abandon()
        raise
    built = Index(folder, wanted)
    built.report = build_report(
        folder.name,
        store,
        receipt,
        rejected=rejects.count,
        rejects_path=rejects.finish(),
        repeated=writing.repeated(),
        seconds=time.monotonic() - started,
    )
    return built


def _language(given: str | None) -> str | None:
    """Return a language as a writer takes it.

    Raises:
        UsageError: There are no rules for it.
    """
    if given is None:
        return None
    from retrieval.lexical.analyzer import ALGORITHMS, NO_LANGUAGE
    from retrieval.store.wording import TOLD_ANEW

    known = (*ALGORITHMS, NO_LANGUAGE, TOLD_ANEW)
    if given.lower() not in known:
        raise UsageError(
            f"There are no rules for the language {given!r}; there are some for"
            f" {', '.join(ALGORITHMS)}.",
            fix=f"Give one of these codes, {NO_LANGUAGE} for neither stemming nor stop words, or"
            f" {TOLD_ANEW} to have it told from the documents.",
        )
    return given.lower()


def known_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of an index that is there already."""
    files = LocalFiles()
    try:
        generation = list_generations(files, folder)[-1]
    except IndexNotFoundError:
        return None
    return read_manifest(files, folder, generation)


def _sources(
    folder: Path,
    known: Manifest | None,
    given: tuple[SourceRecord, ...],
    *,
    add: bool,
    sync: bool,
) -> tuple[SourceRecord, ...]:
    """Return the sources of the next generation, or refuse input of another origin."""
    if known is None:
        return given
    paths = {one.path for one in known.sources}
    others = [one for one in given if one.path not in paths]
    if others and known.sources and not add:
        raise NameTakenError(
            f"{folder} was built from {_listed(known.sources)}; {_listed(others)} is other input.",
            fix="Add it to that index with --add, or build another with --index NAME.",
        )
    if sync and len(given) < len(paths | {one.path for one in given}):
        missing = [one for one in known.sources if one.path not in {two.path for two in given}]
        raise UsageError(
            f"--sync would delete what came from {_listed(missing)}: {folder} was built from it"
            " too, and it is not among the inputs.",
            fix="Give all inputs of the index, or leave --sync out.",
        )
    return (*known.sources, *others)


def _listed(sources: Sequence[SourceRecord]) -> str:
    shown = [shown_path(one.path) for one in sources[:3]]
    return ", ".join(shown) + (f" and {len(sources) - 3} more" if len(sources) > 3 else "")


def _followed(corpus: Corpus, observer: Observer) -> Iterator[Document]:
    """Yield the documents of a corpus, telling how much of its files was read."""
    for document in corpus:
        yield document
        observer.progress("reading", corpus.bytes_read, corpus.size_bytes, "bytes")


def _may_sync(rejects: RejectFile, observer: Observer) -> bool:
    if rejects.count:
        rejected = "1 row was" if rejects.count == 1 else f"{rejects.count} rows were"
        observer.warn(
            f"--sync deleted nothing: {rejected} rejected, and a document"
            " whose row cannot be read must not be taken for one that is gone."
        )
    return rejects.count == 0


def _finished(writing: Writing, observer: Observer) -> Callable[[], PrecisionCost | None]:
    """Return what frees the model's memory before the commit merges what was encoded."""

    def finished() -> PrecisionCost | None:
        cost = writing.finish()
        observer.progress("committing", 0, None, "documents")
        return cost

    return finished


def build_report(
    name: str,
    store: LocalStore,
    receipt: UpsertReceipt,
    *,
    rejected: int,
    rejects_path: str | None,
    repeated: int,
    seconds: float,
) -> BuildReport:
    """Return what an upsert did, together with what the index holds now."""
    manifest = store.describe()
    segments, cost = manifest.segments, manifest.cost
    return BuildReport(
        index=name,
        path=str(store.folder),
        generation=receipt.generation,
        committed=receipt.committed,
        read=receipt.read,
        added=receipt.added,
        replaced=receipt.replaced,
        unchanged=receipt.unchanged,
        removed=receipt.removed,
        rejected=rejected,
        empty=receipt.empty,
        encoded_passages=receipt.encoded_passages,
        repeated_passages=repeated,
        resumed_passages=receipt.resumed_passages,
        documents=sum(one.live_documents for one in segments),
        passages=sum(one.live_passages for one in segments),
        unseen_tokens=sum(one.unseen_tokens for one in segments),
        truncated_documents=sum(one.truncated_documents for one in segments),
        mixed_fields={one.name: one.sorts for one in manifest.fields if one.sorts},
        cost=None if cost is None else asdict(cost),
        rejects_path=rejects_path,
        seconds=round(seconds, 3),
    )
