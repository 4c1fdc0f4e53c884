"""``retrieve index``: files of texts become a committed index."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.escapes import one_line
from retrieval.cli.exits import ExitCode
from retrieval.cli.figures import count, duration
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import (
    DEFAULT_HOME,
    Count,
    debug_option,
    devices_option,
    home_option,
    json_option,
    model_option,
    offline_option,
    precision_option,
)
from retrieval.cli.precision_cost import precision_cost
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.streams import stdin_bytes

if TYPE_CHECKING:
    from retrieval.engine import BuildReport
    from retrieval.records import PassageOptions

_HELP = """\
Index files of texts, or bring an index up to date.

INPUT is a file or folder: JSON Lines, CSV, TSV, plain text, Markdown, a BEIR folder or
Parquet, each also .gz; - is standard input. Documents already in the index and unchanged
are not encoded again. Nothing is in the index before the command ends well; when it is
interrupted, the same command goes on where it stopped.

\b
  retrieve index reviews.jsonl
  retrieve index notes/ --index notes --sync
  retrieve index shop.csv --text-field description --id-field sku
  retrieve index papers.jsonl --vectors papers.npy
"""


recall_options = bundle(
    click.option(
        "--recall",
        metavar="R|exact",
        help="Share of the 10 nearest that a search by meaning finds at least, on average; by"
        " default 0.99 where there are very many passages.",
    ),
    click.option(
        "--memory",
        metavar="SIZE",
        help="Most memory an approximate index may take, such as 8GB; no bound by default.",
    ),
    click.option(
        "--recall-queries",
        metavar="FILE",
        help="Real queries, one a line or as JSON Lines, to tune and measure the recall with, now"
        " and later; none forgets them.",
    ),
)


@click.command("index", help=_HELP)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--index",
    metavar="NAME|PATH",
    help="Name of the index; by default that of the first input.",
)
@home_option
@click.option("--id-field", metavar="FIELD", help="Field with the id; by default found by name.")
@click.option("--text-field", metavar="FIELD", help="Field with the text.")
@click.option("--title-field", metavar="FIELD", help="Field with the title.")
@click.option(
    "--passages",
    type=click.Choice(["windows", "whole"]),
    help="Cut long documents into overlapping windows (default), or encode only what of each"
    " fits the model.",
)
@click.option(
    "--passage-tokens",
    type=Count(16),
    metavar="N",
    help="Most tokens of a window; by default as many as the model reads.",
)
@click.option(
    "--overlap",
    type=Count(0),
    metavar="N",
    help="Tokens a window repeats from the one before, at most (default 32).",
)
@click.option(
    "--language",
    metavar="CODE|none|auto",
    help="Language of the texts, for searches by words; by default told from them, once.",
)
@recall_options
@click.option("--add", is_flag=True, help="Add to an index that was built from other input.")
@click.option("--sync", is_flag=True, help="Also remove documents that are not in INPUT any more.")
@click.option("--strict", is_flag=True, help="Stop at the first bad row and commit nothing.")
@click.option(
    "--commit-every",
    type=Count(1),
    metavar="N",
    help="Make documents searchable after each N, not only at the end.",
)
@click.option(
    "--vectors",
    metavar="FILE.npy",
    help="Vectors made elsewhere, a row for each document of INPUT, instead of encoding.",
)
@model_option
@precision_option
@devices_option
@offline_option
@json_option
@click.option("--quiet", is_flag=True, help="No notes and no progress; warnings stay.")
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    inputs: tuple[str, ...],
    index: str | None,
    home: str,
    id_field: str | None,
    text_field: str | None,
    title_field: str | None,
    passages: str | None,
    passage_tokens: int | None,
    overlap: int | None,
    language: str | None,
    recall: str | None,
    memory: str | None,
    recall_queries: str | None,
    add: bool,
    sync: bool,
    strict: bool,
    commit_every: int | None,
    vectors: str | None,
    model: str | None,
    precision: str | None,
    devices: str | None,
    offline: bool,
    quiet: bool,
) -> int:
    """Build or update an index; return 3 when rows were rejected."""
    options = _passage_options(passages, passage_tokens, overlap)
    from retrieval import engine
    from retrieval.corpus.fields import FieldNames

    with (
        CommandObserver(quiet=quiet) as observer,
        engine.build(
            list(inputs),
            index=index,
            home=home,
            model=model,
            vectors=vectors,
            precision=precision,
            devices=devices,
            offline=offline,
            fields=FieldNames(id=id_field, text=text_field, title=title_field),
            passages=options,
            language=language,
            recall=recall,
            memory=memory,
            recall_queries=recall_queries,
            add=add,
            sync=sync,
            strict=strict,
            commit_every=commit_every,
            stdin=stdin_bytes() if "-" in inputs else None,
            observer=observer,
        ) as built,
    ):
        report = built.report
    assert report is not None  # what build returns has one
    if call.as_json:
        write_report(report.to_json())
    else:
        write_table(_rows(report))
        if report.committed and report.generation == 1:
            CommandObserver(quiet=quiet).note(
                _next_step(report, by_vectors=vectors is not None and model is None)
            )
    return ExitCode.INCOMPLETE if report.rejected else ExitCode.DONE


def _passage_options(
    mode: str | None, tokens: int | None, overlap: int | None
) -> PassageOptions | None:
    """Return what was said about passages; None when nothing was."""
    if mode is None and tokens is None and overlap is None:
        return None
    from retrieval.records import PassageMode, PassageOptions

    usual = PassageOptions()
    return PassageOptions(
        mode=PassageMode(mode) if mode else usual.mode,
        tokens=tokens,
        overlap=usual.overlap if overlap is None else overlap,
    )


def _next_step(report: BuildReport, *, by_vectors: bool) -> str:
    usual = os.path.join(DEFAULT_HOME, report.index)  # noqa: PTH118 -- pathlib is not needed here
    name = report.index if report.path == usual else report.path
    asked = '"what you look for"'
    if by_vectors:
        asked = "--mode lexical " + asked
    return f"Ask it with: retrieve query {asked} --index {shlex.quote(name)}"


def _rows(report: BuildReport) -> list[tuple[str, str]]:
    changes = {
        "added": report.added,
        "replaced": report.replaced,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
    told = ", ".join(f"{number:,} {change}" for change, number in changes.items() if number)
    passages = f"{report.passages:,}, {report.encoded_passages:,} encoded now"
    if report.repeated_passages:
        passages += f", {report.repeated_passages:,} of them like another"
    if report.resumed_passages:
        passages += f", {report.resumed_passages:,} kept from an interrupted run"
    return [
        ("index", f"{report.index} in {report.path}"),
        ("documents", f"{report.documents:,}" + (f" ({told})" if told else "")),
        ("passages", passages),
        ("empty", f"{count(report.empty, 'document')} without text" if report.empty else ""),
        ("rejected", _rejected(report)),
        ("not seen", _not_seen(report)),
        ("precision", precision_cost(report.cost)),
        *_mixed(report),
        ("generation", _generation(report)),
        ("time", duration(report.seconds)),
    ]


def _rejected(report: BuildReport) -> str:
    if not report.rejected:
        return ""
    where = f"; each with its reason in {report.rejects_path}" if report.rejects_path else ""
    return f"{count(report.rejected, 'row')} of {report.read + report.rejected:,}{where}"


def _not_seen(report: BuildReport) -> str:
    if not report.unseen_tokens:
        return ""
    return (
        f"{count(report.unseen_tokens, 'token')} at the end of"
        f" {count(report.truncated_documents, 'document')}, longer than the model reads"
    )


def _mixed(report: BuildReport) -> list[tuple[str, str]]:
    rows = []
    for name, sorts in report.mixed_fields.items():
        told = ", ".join(f"{number:,} {sort}" for sort, number in sorts.items())
        rows.append(f"field {one_line(name)}: {told}; cannot be filtered by")
    return list(zip(["mixed", *[""] * len(rows)], rows, strict=False))


def _generation(report: BuildReport) -> str:
    return f"{report.generation}" + ("" if report.committed else " (nothing changed)")
