"""The command reference as Markdown, generated from the commands themselves, for the README."""

from collections.abc import Iterator

import click

from ovk_archive.cli import cli

#: So that the text does not depend on the terminal it is made in.
_WIDTH = 90


def commands() -> str:
    """The help of every command, in the order of `ovk-archive --help`."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    root = _context(cli, "ovk-archive")
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None  # noqa: S101 - it was listed
        context = _context(command, name, root)
        yield f"### `ovk-archive {name}`\n\n```text\n{command.get_help(context)}\n```\n"


def _context(
    command: click.Command, name: str, parent: click.Context | None = None
) -> click.Context:
    return click.Context(
        command,
        parent,
        info_name=name,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        **command.context_settings,
    )
