"""Clusters drawn for a person: figures, one row a cluster, and what k was chosen from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report.columns import Column, draw_folded, draw_rows
from retrieval.cli.report.wording import figure
from retrieval.cli.streams import answering, terminal_width

if TYPE_CHECKING:
    from retrieval.engine.clustering import ClusterReport

_SHORT = 100
"""Characters of an exemplar that the table shows."""
_COLUMNS = (
    Column(heading="cluster", justify="right", key=True),
    Column(heading="documents", justify="right", named=True),
    Column(heading="silhouette", justify="right", named=True),
    Column(heading="name", folds=True),
    Column(heading="nearest to its middle", folds=True),
)


def write_clusters(report: ClusterReport) -> None:
    """Draw a clustering on standard output.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    with answering():
        _heading(console, report)
        console.print()
        rows = [
            [
                Text(str(one.number)),
                Text(f"{one.size:,}"),
                Text(figure(one.silhouette)),
                Text(one_line(one.name)),
                Text(_shortened(one.exemplars[0].text) if one.exemplars else "", style="dim"),
            ]
            for one in report.clusters
        ]
        draw_rows(console, _COLUMNS, rows)
        _agreement(console, report)
        _tried(console, report)


def _heading(console: Console, report: ClusterReport) -> None:
    told = (
        f"{report.index}: {count(report.documents, 'document')} in {report.k:,} clusters,"
        f" silhouette {figure(report.silhouette)}, inertia {report.inertia:,.1f}"
    )
    draw_folded(console, Text(told, style="bold"), hang=2)


def _agreement(console: Console, report: ClusterReport) -> None:
    found = report.agreement
    if found is None:
        return
    console.print()
    told = (
        f"Against field {one_line(found.field)} ({count(found.labels, 'label')},"
        f" {count(found.documents, 'document')}):"
        f" ARI {figure(found.adjusted_rand)},"
        f" NMI {figure(found.normalised_mutual_information)},"
        f" V-measure {figure(found.v_measure)},"
        f" matched accuracy {figure(found.matched_accuracy)}"
    )
    draw_folded(console, Text(told), hang=2)


def _tried(console: Console, report: ClusterReport) -> None:
    if report.tried is None:
        return
    console.print()
    columns = [
        Column(heading=heading, justify="right", named=True, key=not place)
        for place, heading in enumerate(("k", "silhouette", "stability", ""))
    ]
    rows = [
        [
            Text(str(one.k)),
            Text(figure(one.silhouette)),
            Text(figure(one.stability)),
            Text("chosen" if one.k == report.k else ""),
        ]
        for one in report.tried
    ]
    draw_rows(console, columns, rows)


def _shortened(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _SHORT else line[: _SHORT - 3].rstrip() + "..."
