"""The use case of adding documents that a program holds, to an index or as a new one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from retrieval.corpus.rows import document_from_row
from retrieval.encode.devices import read_devices
from retrieval.encode.precision import Precision, as_precision
from retrieval.engine.building import build_report, known_manifest
from retrieval.engine.finding import DEFAULT_HOME, index_path
from retrieval.engine.index import Index
from retrieval.engine.precision import passage_precision
from retrieval.engine.recall import building_for
from retrieval.engine.wanted_model import WantedModel, open_model
from retrieval.engine.writing import plan_writing
from retrieval.errors import InputError
from retrieval.observer import SILENT, Observer
from retrieval.records import Document, PassageOptions
from retrieval.store.local import LocalStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.engine.reports import BuildReport
    from retrieval.engine.wanted_model import GivenEncoder
    from retrieval.engine.writing import Writing


def upsert(
    index: Index,
    documents: Iterable[Document | Mapping[str, object]],
    vectors: NDArray[np.floating] | None,
    wanted: WantedModel,
) -> BuildReport:
    """Add documents to an open index; see ``Index.upsert``."""
    started = time.monotonic()
    distinct, rows = _distinct(documents, vectors)
    manifest = index.snapshot.manifest
    # the model that is open will do, but for an index whose passages are computed otherwise
    if passage_precision(manifest, None, index.path) is Precision.INT8:
        passing = replace(wanted, precision=Precision.INT8)
        opened = partial(open_model, manifest.model, passing, where=index.path)
    else:
        opened = partial(_as_it_is, index)
    writing = plan_writing(
        manifest,
        open_encoder=opened,
        is_named=wanted.is_named,
        vectors=rows,
        passages=None,
        where=index.path,
        observer=wanted.observer,
    )
    store = LocalStore(index.path, writing.settings, building=building_for(wanted.observer))
    report = _committed(index.name, store, distinct, writing, started)
    index.refresh()
    return report


def _as_it_is(index: Index) -> tuple[Encoder, Callable[[], None]]:
    return index.encoder, lambda: None


def index_documents(
    documents: Iterable[Document | Mapping[str, object]],
    index: str | os.PathLike[str],
    *,
    home: str | os.PathLike[str] = DEFAULT_HOME,
    model: str | None = None,
    encoder: GivenEncoder | None = None,
    encoder_name: str | None = None,
    vectors: NDArray[np.floating] | None = None,
    passages: PassageOptions | None = None,
    precision: str | None = None,
    devices: str | int | None = None,
    offline: bool = False,
    observer: Observer = SILENT,
) -> Index:
    """Index documents that a program holds, into a new index or one that is there.

    Args:
        documents: As for ``Index.upsert``; at least one for a new index.
        index: Name under ``home``, or a path.
        home: Folder of the indexes.
        model: Bi-encoder by name or folder; None for the index's own, else the bundled.
        encoder: An encoder, or a function from a list of texts to vectors, in its stead.
        encoder_name: What such a function is called; its own name by default.
        vectors: Floating (documents, dim), their vectors in this order; None to encode.
        passages: How documents are cut; None for the index's own, else windows.
        precision: What passages are computed in; as for ``build``.
        devices: Where; as for ``build``.
        offline: Never ask a model hub.
        observer: Follows the work.

    Returns:
        The index, open, its ``report`` telling what was done; durable when it is returned.

    Raises:
        InputError: No document for a new index, one that cannot be used, or vectors that
            do not fit.
        ModelMismatchError, ModelError: The model is another, or cannot be had.
        LockedError, FileSystemError: Nothing was committed.
    """
    started = time.monotonic()
    wanted = WantedModel(
        model=model,
        encoder=encoder,
        encoder_name=encoder_name,
        offline=offline,
        observer=observer,
    )
    folder = index_path(index, home)
    known = known_manifest(folder)
    distinct, rows = _distinct(documents, vectors)
    passing = replace(
        wanted,
        precision=passage_precision(known, as_precision(precision), folder),
        devices=read_devices(devices),
    )
    writing = plan_writing(
        known,
        open_encoder=lambda: open_model(known.model if known else None, passing, where=folder),
        is_named=wanted.is_named,
        vectors=rows,
        passages=passages,
        where=folder,
        observer=observer,
    )
    store = LocalStore(folder, writing.settings, building=building_for(observer))
    report = _committed(folder.name, store, distinct, writing, started)
    built = Index(folder, wanted)
    built.report = report
    return built


def _committed(
    name: str, store: LocalStore, documents: Sequence[Document], writing: Writing, started: float
) -> BuildReport:
    """Add documents in one commit and report it, in seconds since ``started``."""
    receipt = store.upsert(
        documents, writing.encode, encoded=writing.finish, renewed=writing.renewed
    )
    return build_report(
        name,
        store,
        receipt,
        rejected=0,
        rejects_path=None,
        repeated=writing.repeated(),
        seconds=time.monotonic() - started,
    )


def _distinct(
    documents: Iterable[Document | Mapping[str, object]], vectors: NDArray[np.floating] | None
) -> tuple[list[Document], NDArray[np.floating] | None]:
    """Return documents of distinct ids, the last of each, and the rows that are theirs."""
    given = [one if isinstance(one, Document) else document_from_row(one) for one in documents]
    last = {one.doc_id: number for number, one in enumerate(given)}
    kept = sorted(last.values())
    if vectors is None:
        return [given[number] for number in kept], None
    if len(vectors) != len(given):
        raise InputError(
            f"{len(given)} documents came with {len(vectors)} vectors; one each is needed."
        )
    return [given[number] for number in kept], vectors if len(kept) == len(given) else vectors[kept]
