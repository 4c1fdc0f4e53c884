"""The tree of commands, which knows their names without importing them."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import cast

import click

from retrieval.cli.call import Call
from retrieval.cli.options import debug_option
from retrieval.cli.project_file import read_project_file
from retrieval.errors import UsageError

SUMMARIES = {
    "index": "Index files of texts, or bring an index up to date.",
    "query": "Find the documents closest in meaning to a text.",
    "concept": "Learn a query from labels, and keep it in an index.",
    "train": "Train a model on rows of texts, and publish it as a folder.",
    "bench": "Measure how good the answers of an index are.",
    "tune": "Learn from judgments how much meaning and how much words count.",
    "calibrate": "Learn from judgments how probable it is that a hit is relevant.",
    "evaluate": "Measure files of hits against a file of judgments.",
    "cluster": "Group the documents of an index by meaning, and name the groups.",
    "pairs": "Find the most similar documents, and groups of near duplicates.",
    "classify": "Tell the class of texts with a trained classifier, or measure it.",
    "status": "Show what an index holds and what it was built with.",
    "verify": "Check every byte of an index against its checksums.",
    "recover": "Go back to an older generation of an index.",
    "get": "Show documents of an index by id.",
    "export": "Write the documents of an index, and their vectors, to files.",
    "delete": "Remove documents from an index, by id or by a filter.",
    "update": "Change the metadata of documents, and encode nothing.",
    "models": "List the models that are here and what they cost.",
    "resident": "Show or end the resident helpers of RETRIEVE_DAEMON=auto.",
    "doctor": "Show versions, model cache, processor, disk and extras.",
}
"""Every command with its line in ``retrieve --help``."""

_HELP = """\
Search texts by meaning: index a file, then ask it.

\b
  retrieve index reviews.jsonl
  retrieve query "positive review"
"""

_EPILOG = """\
A table on a terminal, JSON when piped or with --json. Exit codes: 0 done, 1 no hits,
2 refused, 3 done but incomplete, 70 a bug. Options can be set by RETRIEVE_<COMMAND>_<OPTION>
in the environment or in retrieve.toml. More: retrieve COMMAND --help.
"""


class CommandTree(click.Group):
    """A group whose commands are modules of ``retrieval.cli.commands``, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        module = importlib.import_module(f"retrieval.cli.commands.{cmd_name}")
        return cast("click.Command", module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in SUMMARIES:
            raise UsageError(f"There is no command {args[0]!r}.", fix=_ways_on(args))
        return super().resolve_command(ctx, args)


@click.group(
    cls=CommandTree,
    name="retrieve",
    help=_HELP,
    epilog=_EPILOG,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "RETRIEVE",
        "max_content_width": 100,
    },
)
@click.version_option(package_name="retrieval", message="retrieve %(version)s")
@debug_option
@click.pass_context
def root(ctx: click.Context) -> None:
    """Read the project file, or show the help when no command is named."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        return
    call = ctx.find_object(Call)
    if call is not None and (call.typed("--help") or call.typed("-h")):
        return  # help is shown whatever the project file says
    ctx.default_map = read_project_file(lambda name: root.get_command(ctx, name), SUMMARIES)


def _ways_on(args: Sequence[str]) -> str:
    """Return what a person who typed a word that is no command may have meant."""
    import difflib

    word = args[0]
    near = difflib.get_close_matches(word, SUMMARIES, n=1)
    if near:
        return f"Did you mean: retrieve {near[0]}"
    if word == "-" or os.path.exists(word):  # noqa: PTH110 -- pathlib costs milliseconds here
        return f"To index it: retrieve index {word}"
    if " " in word:
        return f'To search for it: retrieve query "{word}"'
    return f"The commands are {', '.join(SUMMARIES)}; see: retrieve --help"
