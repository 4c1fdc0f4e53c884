"""The use case of training a reranker on the judgments of BEIR folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.corpus.sources import listed
from retrieval.engine.benchmark.beir import open_beir
from retrieval.engine.concepts.tuning import Followed
from retrieval.engine.finding import DEFAULT_HOME, index_path
from retrieval.engine.index import Index
from retrieval.engine.opening import open_index
from retrieval.engine.reranking.imitation import imitated_pairs
from retrieval.engine.reranking.mining import (
    MinedLists,
    MinedPairs,
    SplitTasks,
    mine_lists,
    mine_pairs,
    numbered,
    split_tasks,
)
from retrieval.engine.reranking.options import MiningOptions
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.observer import SILENT, Observer
from retrieval.train.card import TrainingCard
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.ranked import RankedLists
from retrieval.train.crossencoder.ranking import (
    RankingRows,
    starts_as_crossencoder,
    train_ranking,
)
from retrieval.train.crossencoder.rows import CrossencoderRows, ScoredPairs
from retrieval.train.plan import RowsFacts, rows_sha256

FIRST_STAGE = "hybrid"
IMITATIONS = 2
"""Sentences for each relevant passage, where nothing else is asked for."""


def train_reranker(
    folders: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    options: CrossencoderOptions | None = None,
    *,
    mining: MiningOptions | None = None,
    indexes: Sequence[str | os.PathLike[str]] = (),
    home: str | os.PathLike[str] = DEFAULT_HOME,
    observer: Observer = SILENT,
) -> TrainingCard:
    """Train a cross-encoder to rerank what a hybrid search finds, and publish it as a folder.

    Pairs come from the judged queries of BEIR folders: relevant passages, and hard negatives
    mined from an index of each folder. The model is kept by how it ranks the candidates of
    validation queries, which share no relevant document with those trained on, and published
    only if, blended with its first stage, it ranks these better than the first stage alone.
    The same call again goes on where a killed one was.

    Args:
        folders: BEIR folders; several are learned from together.
        output: The folder to be; it must not exist.
        options: Base and training; None for the usual way, with 256 tokens a pair.
        mining: How pairs are chosen; None for the usual way.
        indexes: An index of each folder, a name or a path; none to make or reuse them in
            ``home``.
        home: Folder of the indexes.
        observer: Follows the work.

    Returns:
        The training card; its ``checks`` say the learned weight and both figures.

    Raises:
        UsageError: Options do not fit each other, or the output is there already.
        InputError: No BEIR folder, no such split, or too few queries.
        TrainingError: It does not beat its first stage; nothing is kept.
        RetrievalError: As ``train_crossencoder``.
    """
    paths = listed(folders)
    chosen = options or CrossencoderOptions()
    if options is None:
        chosen = replace(chosen, train=replace(chosen.train, max_length=256))
    how = mining or MiningOptions()
    if how.imitations is None:
        fresh = not starts_as_crossencoder(chosen.base, offline=chosen.offline)
        how = replace(how, imitations=IMITATIONS if fresh else 0)
    if not paths:
        raise UsageError("No BEIR folder to learn from was named.")
    if indexes and len(indexes) != len(paths):
        raise UsageError(
            f"{len(paths)} folders came with {len(indexes)} indexes; one each is needed.",
            fix="Name an index for each folder, or none.",
        )
    measure = Measure.parse(how.measure)
    with ExitStack() as stack:
        opened: list[Index] = []
        for at, path in enumerate(paths):
            if indexes:
                index = open_index(
                    index_path(indexes[at], home), offline=chosen.offline, observer=observer
                )
            else:
                index = open_beir(path, home=home, offline=chosen.offline, observer=observer)
            opened.append(stack.enter_context(index))
        mined = mine([Path(one) for one in paths], opened, how, measure, seed=chosen.train.seed)
    return train_ranking(mined, Path(output), chosen, observer=Followed(observer))


def mine(
    paths: Sequence[Path],
    indexes: Sequence[Index],
    options: MiningOptions,
    measure: Measure,
    *,
    seed: int,
) -> RankingRows:
    """Mine the pairs and the validation queries of several folders."""
    splits = [split_tasks(index, options, seed=seed) for index in indexes]
    pairs = [
        mine_pairs(index, one.train, options, seed=seed)
        for index, one in zip(indexes, splits, strict=True)
    ]
    imitated = [
        imitated_pairs(index, one.count * (options.imitations or 0), seed=seed)
        for index, one in zip(indexes, pairs, strict=True)
    ]
    lists = [
        mine_lists(index, one.validation, options)
        for index, one in zip(indexes, splits, strict=True)
    ]
    train, held_out = _scored([*pairs, *imitated]), _scored(lists)
    if not any(one.count for one in pairs):
        raise InputError(
            "No judged query has a relevant document with a text, and others to tell it from."
        )
    ranked = _ranked(splits, lists, measure)
    names = ", ".join(one.name for one in paths)
    facts = RowsFacts(
        source=f"{names}, split {options.split}, mined from {', '.join(i.name for i in indexes)}",
        rows=len(train),
        sha256=_hash(train),
        validation_rows=len(held_out),
        validation_sha256=rows_sha256(
            [_hash(held_out), ranked.qrels.digest, ranked.groups.tolist(), ranked.first.tolist()]
        ),
        split=splits[0].told,
        labels={
            "relevant": sum(one.count for one in pairs),
            "not": sum(len(one.targets) - one.count for one in pairs),
            "imitated": sum(len(one.targets) for one in imitated),
        },
    )
    rows = CrossencoderRows(
        train=train,
        held_out=held_out,
        facts=facts,
        notes=(_note(splits, pairs, imitated, ranked, options),),
        warnings=tuple(_warnings(splits, pairs)),
    )
    groups = numbered([np.array(one.groups, dtype=np.int64) for one in (*pairs, *imitated)])
    return RankingRows(rows=rows, groups=groups, lists=ranked, settings=options.settings())


def _scored(parts: Sequence[MinedPairs] | Sequence[MinedLists]) -> ScoredPairs:
    first: list[str] = []
    second: list[str] = []
    for one in parts:
        first += one.first if isinstance(one, MinedPairs) else one.queries
        second += one.second if isinstance(one, MinedPairs) else one.passages
    targets = [target for one in parts for target in one.targets]
    return ScoredPairs(tuple(first), tuple(second), np.array(targets, dtype=np.float64))


def _ranked(
    splits: Sequence[SplitTasks], lists: Sequence[MinedLists], measure: Measure
) -> RankedLists:
    """Put the lists of several collections together; ids are numbered where there are two."""
    judged: dict[str, dict[str, int]] = {}
    owners: list[int] = []
    doc_ids: list[str] = []
    for number, (split, found) in enumerate(zip(splits, lists, strict=True)):
        before = f"{number}/" if len(splits) > 1 else ""
        owners += [one + len(judged) for one in found.owners]
        doc_ids += [before + one for one in found.doc_ids]
        for query_id, grades in split.validation.qrels.to_mapping().items():
            judged[before + query_id] = {before + one: grade for one, grade in grades.items()}
    return RankedLists(
        qrels=Qrels.from_mapping(judged),
        groups=numbered([one.groups for one in splits]),
        owners=np.array(owners, dtype=np.int64),
        doc_ids=tuple(doc_ids),
        first=np.array([score for one in lists for score in one.first], dtype=np.float64),
        measure=measure,
        first_stage=FIRST_STAGE,
        judgments=tuple(digest for one in splits for digest in one.judgments),
    )


def _note(
    splits: Sequence[SplitTasks],
    pairs: Sequence[MinedPairs],
    imitated: Sequence[MinedPairs],
    ranked: RankedLists,
    options: MiningOptions,
) -> str:
    queries = sum(len(one.train.queries) for one in splits)
    positives = sum(one.count for one in pairs)
    negatives = sum(len(one.targets) for one in pairs) - positives
    judged = sum(one.judged for one in pairs)
    guarded = sum(one.guarded for one in pairs)
    told = f", {judged:,} of them judged" if judged else ""
    sentences = sum(one.count for one in imitated)
    beside = (
        f" For {sentences:,} sentences of the corpus the first stage's order is learned as well."
        if sentences
        else ""
    )
    return (
        f"{queries:,} queries give {positives:,} relevant pairs and {negatives:,} hard negatives"
        f"{told}; {guarded:,} documents within {options.margin:g} of a relevant one were left out,"
        f" since nobody judged them.{beside} Validated on {len(ranked.qrels.query_ids):,} queries"
        f" ({splits[0].told})."
    )


def _warnings(splits: Sequence[SplitTasks], pairs: Sequence[MinedPairs]) -> list[str]:
    found = []
    dropped = sum(one.dropped for one in splits)
    if dropped:
        found.append(
            f"{dropped:,} queries share a relevant document with a validation query and are not"
            " trained on."
        )
    without = sum(one.without for one in pairs)
    if without:
        found.append(f"{without:,} queries have no relevant document with a text in the index.")
    short = sum(one.short for one in pairs)
    if short:
        found.append(f"{short:,} queries have fewer negatives than asked for.")
    return found


def _hash(pairs: ScoredPairs) -> str:
    columns = zip(pairs.first, pairs.second, pairs.targets.tolist(), strict=True)
    return rows_sha256([list(one) for one in columns])
