"""`ovk-archive help`: the topics, and one of them."""

import click

from ovk_archive.cli.words.output import page, show
from ovk_archive.cli.words.plain import plain
from ovk_archive.cli.words.sentences import did_you_mean, wrapped
from ovk_archive.cli.words.topics import topic, topics


@click.command("help")
@click.argument("name", metavar="[TOPIC]", required=False)
@click.pass_context
def help_(ctx: click.Context, name: str | None) -> None:
    """Explain a TOPIC at length, or list all topics.

    A command is a topic too: then its options are shown, as `--help` does.
    """
    if name is None:
        show(_listed())
    elif (wanted := name.lower().replace("_", "-")) in topics():
        page(plain(topic(wanted)))
    else:
        page(_of_command(ctx, name))


def _listed() -> list[str]:
    found = topics()
    width = max(map(len, found)) + 2
    lines = [line for name, about in found.items() for line in wrapped(about, f"{name:{width}}")]
    return [*lines, "", "`ovk-archive help TOPIC` shows one of them."]


def _of_command(ctx: click.Context, name: str) -> list[str]:
    """The lines of a command's own help.

    Raises:
        click.UsageError: there is neither a topic nor a command of this name.
    """
    root = ctx.find_root()
    assert isinstance(root.command, click.Group)  # noqa: S101 - commands stand in a group
    command = root.command.get_command(root, name)
    if command is None:
        guess = did_you_mean(name, [*topics(), *root.command.list_commands(root)])
        raise click.UsageError(f"There is no topic {name!r}.{guess}", ctx)
    return command.get_help(click.Context(command, root, name)).splitlines()
