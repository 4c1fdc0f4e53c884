"""The judgments that belong to an index: its BEIR folder, files, or a label field."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.corpus.sources import SourceKind
from retrieval.engine.benchmark.labels import label_task
from retrieval.engine.benchmark.task import Task
from retrieval.engine.finding import shown_path
from retrieval.engine.index import Index
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.formats import read_qrels
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import TaskKind
from retrieval.query.batch import QueryText, read_queries

DEFAULT_SPLIT = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentOptions:
    """Where judgments are to be taken from; nothing said takes those of the index.

    Attributes:
        qrels: File of judgments.
        queries: File of queries, for ``qrels``.
        split: Part of a BEIR folder's judgments; None for ``test``.
        label_field: Field whose values are labels; beside files, only the groups of the
            silhouette.
        label_queries: File with the text to ask for each label, its id the label.
        label_template: Text to ask for a label, ``{label}`` in it.
    """

    qrels: str | os.PathLike[str] | None = None
    queries: str | os.PathLike[str] | None = None
    split: str | None = None
    label_field: str | None = None
    label_queries: str | os.PathLike[str] | None = None
    label_template: str | None = None

    def __post_init__(self) -> None:
        by_file = {"--qrels": self.qrels, "--queries": self.queries, "--split": self.split}
        by_label = {
            "--label-queries": self.label_queries,
            "--label-template": self.label_template,
        }
        files = [name for name, value in by_file.items() if value is not None]
        labels = [name for name, value in by_label.items() if value is not None]
        if files and labels:
            raise UsageError(
                f"{files[0]} and {labels[0]} do not go together: judgments come from files or"
                " from labels.",
                fix="Leave one of them out.",
            )
        if self.label_queries is not None and self.label_template is not None:
            raise UsageError(
                "--label-queries and --label-template both say what to ask for a label.",
                fix="Leave one of them out.",
            )
        if self.label_template is not None and "{label}" not in self.label_template:
            raise UsageError(
                f"The label template {self.label_template!r} has no {{label}} in it.",
                fix="Write it like: --label-template '{label} review'",
            )
        if self.qrels is not None and self.split is not None:
            raise UsageError(
                "--split chooses among a BEIR folder's judgments; --qrels names a file.",
                fix="Leave one of them out.",
            )

    @property
    def wants_labels(self) -> bool:
        """Whether labels were asked for as judgments."""
        return not self.names_files and any(
            (self.label_field, self.label_queries, self.label_template)
        )

    @property
    def names_files(self) -> bool:
        """Whether judgments are to come from files or a BEIR folder."""
        return self.qrels is not None or self.split is not None


def find_task(index: Index, options: JudgmentOptions) -> Task:
    """Find what an index is to be measured on.

    Files win if they are named, then labels if they are asked for; otherwise the BEIR
    folder the index was built from, then the one field that looks like a label.

    Args:
        index: The open index.
        options: What was said about judgments.

    Raises:
        UsageError: Nothing judges this index, or several fields could be labels.
        InputError: A file is missing or malformed.
    """
    folder = _beir_folder(index)
    if options.qrels is not None:
        return _file_task(options, folder)
    if options.queries is not None:
        raise UsageError(
            "--queries was given without --qrels: queries without judgments measure nothing.",
            fix="Give the file of judgments with --qrels FILE.",
        )
    if options.wants_labels:
        return label_task(index, options.label_field, options.label_queries, options.label_template)
    if folder is not None:
        return _beir_task(folder, options.split)
    if options.split is not None:
        raise UsageError(
            f"{index.name} was not built from a BEIR folder, so it has no split {options.split!r}.",
            fix="Give the judgments with --qrels FILE --queries FILE.",
        )
    return label_task(index, None, None, None)


def _beir_folder(index: Index) -> Path | None:
    """Return the one BEIR folder an index was built from, if there is just one."""
    sources = index.snapshot.manifest.sources
    folders = [Path(one.path) for one in sources if one.kind == SourceKind.BEIR]
    return folders[0] if len(folders) == 1 else None


def _beir_task(folder: Path, split: str | None) -> Task:
    wanted = split or DEFAULT_SPLIT
    shown = shown_path(str(folder))
    if not folder.is_dir():
        raise InputError(
            f"The BEIR folder {shown} that the index was built from is not there any more.",
            fix="Bring it back, or give --qrels FILE --queries FILE.",
        )
    there = sorted((folder / "qrels").glob("*.tsv*")) if (folder / "qrels").is_dir() else []
    chosen = [one for one in there if one.name in {f"{wanted}.tsv", f"{wanted}.tsv.gz"}]
    if not chosen:
        names = ", ".join(one.name.partition(".")[0] for one in there)
        raise InputError(
            f"{shown} has no judgments of a split {wanted!r}."
            + (f" It has: {names}." if names else ""),
            fix="Choose one with --split NAME." if names else "Give --qrels FILE --queries FILE.",
        )
    return _judged_task(chosen[0], _beir_queries(folder), split=wanted)


def _beir_queries(folder: Path) -> Path:
    for name in ("queries.jsonl", "queries.jsonl.gz"):
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{shown_path(str(folder))} has no queries.jsonl.")


def _file_task(options: JudgmentOptions, folder: Path | None) -> Task:
    assert options.qrels is not None  # the caller looked
    if options.queries is None and folder is None:
        raise UsageError(
            "--qrels says which documents are relevant to which query id, not what the query is.",
            fix="Give the texts with --queries FILE (JSON Lines with _id and text).",
        )
    queries = (
        Path(options.queries) if options.queries is not None else _beir_queries(folder or Path())
    )
    return _judged_task(Path(options.qrels), queries, split="")


def _judged_task(path: Path, queries_path: Path, *, split: str) -> Task:
    qrels = read_qrels(path)
    texts = {one.query_id: one for one in read_queries(queries_path)}
    asked = tuple(texts[one] for one in qrels.query_ids if one in texts)
    if not asked:
        raise InputError(
            f"No query of {queries_path} is judged in {path}: their ids have nothing in common"
            f" (for instance {next(iter(texts))!r} and {qrels.query_ids[0]!r}).",
            fix="Check that the two files belong together.",
        )
    return Task(
        kind=TaskKind.QUERIES,
        queries=asked,
        qrels=qrels,
        judgments=shown_path(str(path.absolute())),
        split=split,
        excluded={},
        notes=tuple(_notes(qrels, asked, len(texts), queries_path)),
    )


def _notes(qrels: Qrels, asked: Sequence[QueryText], texts: int, path: Path) -> list[str]:
    notes = []
    missing = len(qrels.query_ids) - len(asked)
    if missing:
        notes.append(
            f"Judged queries without a text in {path.name}, which score 0 as unanswered: {missing}."
        )
    if texts > len(asked):
        unjudged = texts - len(asked)
        notes.append(f"Queries of {path.name} that are not judged and not asked: {unjudged:,}.")
    twice = sum(times - 1 for times in Counter(one.text.strip() for one in asked).values())
    if twice:
        notes.append(f"Queries with the same text as another: {twice}.")
    return notes
