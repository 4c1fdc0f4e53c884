"""Similar pairs and groups drawn for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report.columns import draw_folded
from retrieval.cli.report.wording import shortened
from retrieval.cli.streams import answering, terminal_width

if TYPE_CHECKING:
    from retrieval.engine.pairing import SimilarGroup, SimilarPair

_INDENT = 4
_IDS_SHOWN = 12


def write_pairs(pairs: Sequence[SimilarPair]) -> None:
    """Draw pairs, each as a line with its score and reason and a line a document.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    ids = [one_line(one) for pair in pairs for one in (pair.first_id, pair.second_id)]
    width = min(max(map(len, ids), default=0), console.width // 4)
    with answering():
        for pair in pairs:
            head = Text(f"{pair.rank:>3}  {pair.score:.4f}  ").append(str(pair.reason), "dim")
            draw_folded(console, head)
            for doc_id, text in (
                (pair.first_id, pair.first_text),
                (pair.second_id, pair.second_text),
            ):
                before = Text(f"{shortened(one_line(doc_id), width):<{width}}  ", style="dim")
                room = console.width - _INDENT - before.cell_len
                for line in Text(one_line(text)).wrap(console, room, overflow="fold"):
                    line.rstrip()
                    draw_folded(console, before + line, indent=_INDENT)
                    before = Text(" " * before.cell_len)


def write_groups(groups: Sequence[SimilarGroup]) -> None:
    """Draw groups, each with its size, reason, least score, first text and ids.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    with answering():
        for group in groups:
            head = f"{group.group:>3}  {count(group.size, 'document')}, at least {group.score:.4f}"
            draw_folded(console, Text(f"{head}  ").append(str(group.reason), "dim"))
            draw_folded(console, Text(one_line(group.text)), indent=_INDENT)
            more = group.size - _IDS_SHOWN
            told = ", ".join(map(one_line, group.ids[:_IDS_SHOWN]))
            told += f" and {more:,} more" if more > 0 else ""
            draw_folded(console, Text(told, style="dim"), indent=_INDENT, hang=2)
