"""The command reference as Markdown, generated from the commands themselves, for the help.

An option that several commands share is described once, with the commands that have it.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import click

from ovk_archive.browse.datamodel import markdown_table
from ovk_archive.cli import cli
from ovk_archive.resources import RESOURCES, SECTIONS

#: From so many commands on an option is described with those that they share.
_MANY = 3
#: The name of all sections' commands, which differ in nothing but their section.
_ALL_SECTIONS = "sections"

#: How an option is written, and what it does.
Option = tuple[str, str]


def commands() -> str:
    """All commands in the order of `ovk-archive --help`, then the options that they share."""
    own = _options()
    shared = _shared(own)
    parts = [_command(name, own[name], shared) for name in own if name != _ALL_SECTIONS]
    return "\n".join([*parts, _of_sections(own[_ALL_SECTIONS]), _of_many(shared)])


def _options() -> dict[str, list[Option]]:
    """Command -> its options; all sections are one command."""
    found: dict[str, list[Option]] = {}
    for name, context in _contexts():
        params = context.command.get_params(context)
        records = [one.get_help_record(context) for one in params if isinstance(one, click.Option)]
        # A hidden option has no record.
        options = [one for one in records if one]
        key = _ALL_SECTIONS if name in SECTIONS else name
        assert found.setdefault(key, options) == options  # noqa: S101 - or they are no one command
    return found


def _contexts() -> Iterator[tuple[str, click.Context]]:
    root = click.Context(cli, info_name="ovk-archive", **cli.context_settings)
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None  # noqa: S101 - it was listed
        yield name, click.Context(command, root, name, **command.context_settings)


def _shared(own: Mapping[str, list[Option]]) -> dict[Option, list[str]]:
    """Option -> the commands that have it, if these are many."""
    found: dict[Option, list[str]] = defaultdict(list)
    for name, options in own.items():
        for option in options:
            found[option].append(name)
    return {option: names for option, names in found.items() if len(names) >= _MANY}


def _command(name: str, options: list[Option], shared: Mapping[Option, list[str]]) -> str:
    context = dict(_contexts())[name]
    alone = [option for option in options if option not in shared]
    parts = [f"## `{_usage(context)}`", *_paragraphs(context.command.help or "")]
    if alone:
        parts.append(_described(alone))
    if others := _names([option for option in options if option in shared]):
        parts.append(f"{'And also' if alone else 'Options'}: {others}.")
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _usage(context: click.Context) -> str:
    pieces = [one for one in context.command.collect_usage_pieces(context) if one != "[OPTIONS]"]
    # The names of all sections would fill two lines, and stand in a table of their own.
    text = " ".join(pieces).replace("|".join(SECTIONS), "SECTION")
    return f"{context.command_path} {text}".rstrip()


def _paragraphs(text: str) -> Iterator[str]:
    """A docstring's paragraphs; those whose lines must stay as they are as code."""
    for part in inspect.cleandoc(text).split("\n\n"):
        if part.startswith("\b\n"):
            yield f"```sh\n{part.removeprefix(chr(8)).strip()}\n```"
        else:
            yield " ".join(part.split())


def _of_sections(options: list[Option]) -> str:
    titles = [", ".join(one.title for one in RESOURCES if one.section == name) for name in SECTIONS]
    table = markdown_table(
        ("command", "what it reads"),
        [(f"`ovk-archive {name}`", what) for name, what in zip(SECTIONS, titles, strict=True)],
    )
    return (
        "## One section\n\nEach section has a command of its own. "
        "`ovk-archive wall archive.db` does the same as `ovk-archive sync archive.db wall`.\n\n"
        f"{table}\n"
        f"Options: {_names(options)}.\n"
    )


def _of_many(shared: Mapping[Option, list[str]]) -> str:
    rows = [
        (f"`{names}`", "all" if len(known) == len(_options()) else ", ".join(known), text)
        for (names, text), known in shared.items()
    ]
    return "## Options that several commands share\n\n" + markdown_table(
        ("option", "commands", "what it does"), rows
    )


def _described(options: list[Option]) -> str:
    return markdown_table(
        ("option", "what it does"), [(f"`{names}`", text) for names, text in options]
    )


def _names(options: list[Option]) -> str:
    """The options by their long names; each command has --help, which is not said of each."""
    found = [re.search(r"--[a-z][a-z-]*", names) for names, _ in options]
    return ", ".join(f"`{one[0]}`" for one in found if one and one[0] != "--help")
