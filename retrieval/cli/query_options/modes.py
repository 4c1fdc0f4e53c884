"""The options that say by what documents are ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.query_options.bundle import bundle

if TYPE_CHECKING:
    from retrieval.query.modes import ModeOptions

mode_options = bundle(
    click.option(
        "--mode",
        type=click.Choice(["dense", "lexical", "hybrid"]),
        help="Rank by meaning (the default), by words, or by both.",
    ),
    click.option(
        "--fusion",
        type=click.Choice(["convex", "rrf"]),
        help="With --mode hybrid: fuse scores (the default), or reciprocal ranks.",
    ),
    click.option(
        "--weight",
        type=float,
        metavar="W",
        help="With convex fusion: the share of meaning, 0 to 1.",
    ),
    click.option("--k1", type=float, metavar="X", help="BM25: how repetition counts; 1.2."),
    click.option("--b", type=float, metavar="X", help="BM25: how length counts, 0 to 1; 0.75."),
)


def mode_given(given: dict[str, Any]) -> ModeOptions | None:
    """Take what these options were given out of the keywords of a command; see ``parse_mode``."""
    names = ("mode", "fusion", "weight", "k1", "b")
    return parse_mode(**{name: given.pop(name) for name in names})


def parse_mode(
    mode: str | None,
    *,
    fusion: str | None,
    weight: float | None,
    k1: float | None,
    b: float | None,
) -> ModeOptions | None:
    """Return what the options say; None where nothing was said, or only ``dense``.

    Raises:
        UsageError: Options that do not go together, or a number out of range.
    """
    if mode in {None, "dense"} and all(one is None for one in (fusion, weight, k1, b)):
        return None
    from retrieval.errors import UsageError
    from retrieval.lexical.bm25 import Bm25Options
    from retrieval.query.modes import ModeOptions

    given = {name: value for name, value in (("k1", k1), ("b", b)) if value is not None}
    if mode in {None, "dense"} and given:
        raise UsageError(
            "--k1 and --b are BM25's, and a search by meaning has none.",
            fix="Leave them out, or give --mode lexical or hybrid.",
        )
    return ModeOptions.named(mode, fusion=fusion, weight=weight, bm25=Bm25Options(**given))
