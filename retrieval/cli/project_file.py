"""``retrieve.toml`` in the current folder: options a project keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias

import click

from retrieval.errors import InputError, UsageError

NAME = "retrieve.toml"
SHARED = ("home", "model", "offline")
"""Keys at the top of the file: options of every command that has them."""

_NEVER = {"help", "debug", "version"}

CommandLookup: TypeAlias = Callable[[str], click.Command | None]


def read_project_file(
    command: CommandLookup, names: Collection[str]
) -> dict[str, dict[str, Any]] | None:
    """Read the project file of the current folder, if there is one.

    Args:
        command: Gives the command of a name.
        names: Names of all commands.

    Returns:
        For each command its options by parameter name, as click's default map; None
        without a file.

    Raises:
        InputError: The file cannot be read or is no TOML.
        UsageError: A key is unknown or a value is not one its option takes; all of them
            are named.
    """
    try:
        with open(NAME, "rb") as source:
            content = source.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"{NAME} in this folder cannot be read ({error.strerror}).",
            fix="Make it readable, or run the command in another folder.",
        ) from error
    tables = _parse(content)
    shared = {key: value for key, value in tables.items() if key in SHARED}
    problems = _unknown_at_top(tables, names)
    defaults: dict[str, dict[str, Any]] = {}
    for name in names:
        given = tables.get(name, {})
        if not isinstance(given, dict):
            problems.append(f"{name} is {given!r}, and a table is expected: [{name}].")
            given = {}
        defaults[name] = {**shared, **given}
        if given or shared:
            found = command(name)
            if isinstance(found, click.Group):
                defaults[name] = _nested(name, found, given, shared, problems)
            else:
                problems.extend(_problems(f"[{name}] ", given, _options(found)))
    # every command that has a shared option takes the same values for it
    problems.extend(_problems("", shared, _options(command("index"))))
    if problems:
        raise UsageError(f"{NAME}: " + " ".join(problems), fix=f"Correct {NAME} in this folder.")
    return defaults


def _nested(
    name: str,
    group: click.Group,
    given: Mapping[str, Any],
    shared: Mapping[str, Any],
    problems: list[str],
) -> dict[str, Any]:
    """Return the options of each command of a group, from tables such as [concept.fit]."""
    for key, table in given.items():
        if key not in group.commands:
            problems.append(f"[{name}] {key!r} is not known{_nearest(key, group.commands)}.")
        elif not isinstance(table, dict):
            problems.append(f"{name}.{key} is {table!r}, and a table is expected.")
        else:
            options = _options(group.commands[key])
            problems.extend(_problems(f"[{name}.{key}] ", table, options))
    tables = {key: given.get(key) for key in group.commands}
    return {
        key: {**shared, **(table if isinstance(table, dict) else {})}
        for key, table in tables.items()
    }


def _parse(content: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{NAME} in this folder is not valid TOML: {error}.",
            fix="Correct it; for example: [query] on one line and k = 5 on the next.",
        ) from error


def _unknown_at_top(tables: Mapping[str, Any], names: Collection[str]) -> list[str]:
    known = [*SHARED, *names]
    return [f"{key!r} is not known{_nearest(key, known)}." for key in tables if key not in known]


def _options(command: click.Command | None) -> dict[str, click.Option]:
    params: Iterable[click.Parameter] = command.params if command else ()
    return {
        option.name: option
        for option in params
        if isinstance(option, click.Option) and option.name and option.name not in _NEVER
    }


def _problems(
    where: str, given: Mapping[str, Any], options: Mapping[str, click.Option]
) -> list[str]:
    problems: list[str] = []
    for key, value in given.items():
        option = options.get(key)
        if option is None:
            problems.append(f"{where}{key} is no option{_nearest(key, options)}.")
        elif option.is_flag != isinstance(value, bool):
            wanted = "true or false" if option.is_flag else "a number or a text"
            problems.append(f"{where}{key} = {value!r}: {wanted} is expected.")
        else:
            try:
                option.type.convert(value, option, None)
            except click.BadParameter as error:
                problems.append(f"{where}{key} = {value!r}: {error.message}")
    return problems


def _nearest(word: str, known: Iterable[str]) -> str:
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"
