"""``retrieve query --context``: the passages of an answer as the text of a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import SCHEMA_VERSION, write_json, write_lines
from retrieval.cli.call import Call
from retrieval.cli.exits import ExitCode
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import Count
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.lookup import Answered
from retrieval.errors import UsageError
from retrieval.query.context import TOKEN_BUDGET

if TYPE_CHECKING:
    from retrieval.engine import Index

context_options = bundle(
    click.option(
        "--context", is_flag=True, help="Give the passages as one cited text for a prompt."
    ),
    click.option(
        "--token-budget",
        type=Count(1),
        metavar="N",
        help=f"With --context: most tokens of the text; {TOKEN_BUDGET} by default.",
    ),
)


def context_given(given: dict[str, Any], *, fields: str | None) -> int | None:
    """Take these options out of the keywords of a command, and ask for passages.

    Args:
        given: The keywords.
        fields: What ``--fields`` was given.

    Returns:
        The token budget; None where no context is wanted.

    Raises:
        UsageError: Options that do not go together.
    """
    wanted, budget = given.pop("context"), given.pop("token_budget")
    if not wanted:
        if budget is not None:
            raise UsageError(
                "--token-budget is how long a context may be, and none is asked for.",
                fix="Add --context.",
            )
        return None
    for name, said in (("--fields", fields is not None), ("--explain", given["explain"])):
        if said:
            raise UsageError(
                f"{name} is for hits; --context gives their passages as one text.",
                fix="Leave one of them out.",
            )
    if given["unit"] == "document":
        raise UsageError(
            "A context is made of passages, not of documents.", fix="Leave --unit out."
        )
    given["unit"] = "passage"
    return TOKEN_BUDGET if budget is None else budget


def answer_context(
    call: Call,
    index: Index,
    answers: Sequence[Answered],
    token_budget: int,
    observer: CommandObserver,
) -> int:
    """Write the context of each query; return 1 when there is none.

    Args:
        call: How the answer is wanted.
        index: The index the hits are of.
        answers: The passages that each question found.
        token_budget: Most tokens of each text.
        observer: Is told what is missing.
    """
    found = [
        (one.query_id, index.context_of(one.hits, query=one.query, token_budget=token_budget))
        for one in answers
    ]
    if call.as_json:
        write_json(
            {"schema_version": SCHEMA_VERSION, "query_id": query_id, **one.to_json()}
            for query_id, one in found
        )
    else:
        for number, (_, one) in enumerate(found):
            write_lines([*([""] if number else []), *one.text.splitlines()])
            if not one.citations:
                observer.note(f"No passage for {one.query!r}.")
            if one.left_out:
                names = ", ".join(f"{left.passage_id} like {left.like}" for left in one.left_out)
                observer.note(f"Left out, as they say nearly the same: {names}.")
    return ExitCode.DONE if any(one.citations for _, one in found) else ExitCode.NO_HITS
