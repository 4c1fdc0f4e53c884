"""What ``retrieve query`` was asked, whatever it is, and how its answer is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from retrieval.cli.answer import write_lines
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.hits import write_hit_lines
from retrieval.cli.query_options.refining import why_none

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.engine import Index
    from retrieval.query.search_options import Refinements
    from retrieval.records import Hit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answered:
    """What one question found.

    Attributes:
        hits: Best first.
        query_id: Its id in a batch.
        query: What was asked, in words.
        row: float32 (dim,), what the sentences shown are to be near to; None for the query.
        heading: A line above its hits; empty for none.
        name: What it is called where it has no hits, such as ``for 'soup'``; may be empty.
        remark: A note below its hits; empty for none.
    """

    hits: Sequence[Hit]
    query_id: str = "1"
    query: str = ""
    row: NDArray[np.float32] | None = None
    heading: str = ""
    name: str = ""
    remark: str = ""


class Lookup(Protocol):
    """One or several questions of one kind."""

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Ask an index.

        Args:
            index: The index.
            k: Most hits of each question.
            refine: What else is asked of them.
            observer: Is told what a person should know.
        """
        ...


def show(
    call: Call,
    index: Index,
    answers: Sequence[Answered],
    *,
    fields: Sequence[str] | None,
    observer: CommandObserver,
    refine: Refinements,
) -> int:
    """Show what was found; return 1 when no question has a hit.

    Args:
        call: How the answer is wanted.
        index: The index that was asked.
        answers: What each question found.
        fields: Parts of a hit to show; None for the usual ones.
        observer: Is told of questions without hits.
        refine: What was asked of hits.
    """
    if call.as_json:
        write_hit_lines([one.hits for one in answers], fields)
    else:
        from retrieval.cli.hit_table import write_hits

        for number, one in enumerate(answers):
            if not one.hits:
                name = f" {one.name}" if one.name else ""
                observer.note(f"No hits{name}: {why_none(index, refine)}.")
                continue
            if number:
                write_lines([""])
            sentences = index.best_sentences(one.hits, row=one.row)
            write_hits(one.hits, sentences, fields, heading=one.heading)
            if one.remark:
                observer.note(one.remark)
    return ExitCode.DONE if any(one.hits for one in answers) else ExitCode.NO_HITS
