"""Options that several commands share, each defined once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import click

from retrieval.cli.call import Call

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Decorator: TypeAlias = Callable[[Decorated], Decorated]

DEFAULT_HOME = "indexes"


class Count(click.IntRange):
    """A whole number from a least value up, refused in words."""

    def __init__(self, least: int) -> None:
        super().__init__(min=least)
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value) if not isinstance(value, bool | float) else None
        except (TypeError, ValueError):
            number = None
        if number is None or number < self.least:
            expected = f"a whole number from {self.least} up is expected"
            self.fail(f"{value} was given; {expected}.", param, ctx)
        return number


class SharedOption(click.Option):
    """An option set for every command by ``RETRIEVE_<OPTION>``, for one by its longer name."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        own = os.environ.get(f"{ctx.auto_envvar_prefix}_{(self.name or '').upper()}")
        return own or super().resolve_envvar_value(ctx)


def _note_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    call = ctx.find_object(Call)
    if value and call is not None:
        call.json = True
    return value


json_option = click.option(
    "--json",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_note_json,
    help="Write JSON, as when the output is piped.",
)

# read by Call from the words themselves, so that it holds for every error
debug_option = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    allow_from_autoenv=False,
    help="Show the traceback of an error.",
)

home_option = click.option(
    "--home",
    cls=SharedOption,
    envvar="RETRIEVE_HOME",
    default=DEFAULT_HOME,
    show_default=True,
    metavar="DIR",
    help="Folder that holds the indexes.",
)

index_option = click.option(
    "--index",
    metavar="NAME|PATH",
    help="Which index; needed when there are several. A name in the home folder, or a path.",
)

recall_option = click.option(
    "--recall",
    metavar="R|exact",
    help="Share of the nearest vectors that is found at least, on average; by default what the"
    " index promises.",
)

model_option = click.option(
    "--model",
    cls=SharedOption,
    envvar="RETRIEVE_MODEL",
    metavar="NAME|PATH",
    help="Model to encode with: a name on the hub or a folder.",
)

offline_option = click.option(
    "--offline",
    cls=SharedOption,
    envvar="RETRIEVE_OFFLINE",
    is_flag=True,
    help="Use only models that are on this machine.",
)

precision_option = click.option(
    "--precision",
    cls=SharedOption,
    envvar="RETRIEVE_PRECISION",
    type=click.Choice(["auto", "fp32", "bf16", "int8"]),
    help="What passages are computed in; by default the fastest exact one. int8 is faster and"
    " loses some neighbours: how many is measured and shown.",
)

devices_option = click.option(
    "--devices",
    cls=SharedOption,
    envvar="RETRIEVE_DEVICES",
    metavar="cpu|N|cuda[:N],...",
    help="Where passages are encoded: the processor (default), N processes, or accelerators.",
)
