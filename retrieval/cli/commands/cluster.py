"""``retrieve cluster``: which documents belong together, and under what name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.figures import count
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import Count, debug_option, home_option, index_option, json_option
from retrieval.cli.streams import stdout_is_terminal
from retrieval.errors import DamagedIndexError, UsageError

if TYPE_CHECKING:
    from retrieval.concept.artefact import Concept
    from retrieval.engine import Index
    from retrieval.engine.clustering import Clustering, ClusterReport

AUTO = "auto"

_HELP = """\
Group the documents of an index by meaning, and name the groups.

Spherical k-means on the documents, each the mean of its passages; a cluster is named by the
words that tell it from the others, and shown by the documents nearest to its middle. The
same documents and seed give the same clusters and numbers. --k auto tries a range and
chooses by silhouette and stability.

\b
  retrieve cluster --k 41
  retrieve cluster --k auto --k-range 2:30 --label-field category
  retrieve cluster --k 8 --store cluster --html map.html
  retrieve cluster --k 8 --html map.html --colour-concept "positive review"
"""


@click.command("cluster", help=_HELP)
@click.option(
    "--k",
    "k_text",
    default=AUTO,
    show_default=True,
    metavar="N|auto",
    help="Number of clusters, at least 2.",
)
@click.option(
    "--k-range",
    default="2:60",
    show_default=True,
    metavar="LOW:HIGH",
    help="With --k auto: least and greatest number of clusters.",
)
@click.option(
    "--seed", type=Count(0), default=0, show_default=True, metavar="N", help="Seed of every draw."
)
@click.option(
    "--restarts",
    type=Count(1),
    default=4,
    show_default=True,
    metavar="N",
    help="First centroids tried; the best is kept.",
)
@click.option(
    "--words",
    type=Count(1),
    default=8,
    show_default=True,
    metavar="N",
    help="Distinctive words of each cluster.",
)
@click.option(
    "--exemplars",
    type=Count(0),
    default=3,
    show_default=True,
    metavar="N",
    help="Documents shown of each cluster.",
)
@click.option("--label-field", metavar="FIELD", help="Field to compare the clusters with.")
@click.option(
    "--store", metavar="FIELD", help="Write each document's cluster into this metadata field."
)
@click.option("--replace", is_flag=True, help="Let --store replace values that are there already.")
@click.option("--html", metavar="FILE", help="Write a map of the corpus as one HTML file, too.")
@click.option(
    "--colour-concept",
    metavar="NAME",
    help="Open the map coloured by this concept's score; it can always be chosen there.",
)
@index_option
@home_option
@json_option
@debug_option
@click.pass_obj
def command(
    call: Call,
    *,
    k_text: str,
    k_range: str,
    seed: int,
    restarts: int,
    words: int,
    exemplars: int,
    label_field: str | None,
    store: str | None,
    replace: bool,
    html: str | None,
    colour_concept: str | None,
    index: str | None,
    home: str,
) -> None:
    """Cluster, store if asked, and show what was found."""
    k, span = _parse_k(k_text), _parse_range(k_range)
    if replace and store is None:
        raise UsageError("--replace goes with --store.", fix="Add --store FIELD, or leave it out.")
    if colour_concept is not None and html is None:
        raise UsageError("--colour-concept colours the map.", fix="Add --html FILE.")
    from retrieval import engine

    with CommandObserver() as observer:
        # what changes an index is never aimed at one by guessing
        interactive = stdout_is_terminal() and store is None
        path, note = engine.find_index(index, home, interactive=interactive)
        if note:
            observer.note(note)
        with engine.open(path, observer=observer) as opened:
            coloured_by = None if colour_concept is None else opened.concept(colour_concept)
            done = engine.find_clusters(
                opened,
                k,
                k_range=span,
                seed=seed,
                restarts=restarts,
                label_field=label_field,
                words=words,
                exemplars=exemplars,
                observer=observer,
            )
            _tell(done.report, observer)
            if store is not None:
                changed = engine.store_clusters(
                    opened, done, store, replace_field=replace, observer=observer
                )
                told = count(changed, "document") if changed else "no document"
                observer.note(f"Stored in field {store!r}: {told} changed.")
            if html is not None:
                concepts = _concepts(opened, coloured_by, observer)
                _write_map(html, done, concepts, coloured_by, observer)
    if call.as_json:
        write_report(done.report.to_json())
    else:
        from retrieval.cli.report.cluster_table import write_clusters

        write_clusters(done.report)


def _concepts(
    index: Index, coloured_by: Concept | None, observer: CommandObserver
) -> list[Concept]:
    """Return the concepts of an index, the one asked for among them; damaged ones are told."""
    found = []
    for entry in index.snapshot.manifest.concepts:
        if coloured_by is not None and entry.name == coloured_by.name:
            found.append(coloured_by)
            continue
        try:
            found.append(index.concept(entry.name))
        except DamagedIndexError as error:
            observer.warn(f"The map is without the concept {entry.name!r}: {error.what}")
    return found


def _write_map(
    path: str,
    done: Clustering,
    concepts: Sequence[Concept],
    coloured_by: Concept | None,
    observer: CommandObserver,
) -> None:
    from pathlib import Path

    from retrieval.cli.report.files import put_text
    from retrieval.cli.report.map_page import map_page
    from retrieval.engine.mapping import map_clusters

    observer.progress("drawing the map", 0, len(done.documents), "documents")
    points = map_clusters(done, concepts, coloured_by=coloured_by)
    put_text(Path(path), map_page(done.report, points))


def _tell(report: ClusterReport, observer: CommandObserver) -> None:
    if report.tried is not None:
        tried = ", ".join(str(one.k) for one in report.tried)
        observer.note(f"k = {report.k} was chosen of {tried}, by silhouette times stability.")
    if report.empty:
        observer.note(f"{count(report.empty, 'document')} without text left out.")


def _parse_k(text: str) -> int | None:
    if text.strip().lower() == AUTO:
        return None
    try:
        return int(text)
    except ValueError:
        raise UsageError(
            f"--k is {text!r}; a whole number or {AUTO} is expected.", fix="Try: --k 20"
        ) from None


def _parse_range(text: str) -> tuple[int, int]:
    low, colon, high = text.partition(":")
    try:
        if colon:
            return int(low), int(high)
    except ValueError:
        pass
    raise UsageError(
        f"--k-range is {text!r}; LOW:HIGH in whole numbers is expected.", fix="Try: --k-range 2:60"
    )
