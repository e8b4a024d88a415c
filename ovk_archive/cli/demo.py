"""`ovk-archive demo`: a toy instance on this machine, synced into a directory."""

from pathlib import Path

import click

from ovk_archive.cli.words.output import say

_ARCHIVE = "archive.db"


@click.command()
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path), default="demo")
@click.option(
    "--dialect",
    type=click.Choice(["a", "b"]),
    default="b",
    show_default=True,
    help="The API's generation: a as of 2024, b as of 2026.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Which world to invent.")
@click.option("--browse", is_flag=True, help="Open the archive in a browser afterwards.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def demo(directory: Path, dialect: str, seed: int, browse: bool, quiet: bool) -> int:
    """Try it without an account: sync a toy OpenVK into DIR.

    The archive is DIR/archive.db. The toy answers on 127.0.0.1 while the command runs; your saved
    token is not touched. Run it again, and it comes back at the same port and nothing new is found.
    (If that port is taken, photos count as changed: their addresses contain it.)
    """
    from ovk_archive.cli.demo_sync import sync_toy

    archive = directory / _ARCHIVE
    code = sync_toy(archive, dialect, seed, quiet=quiet)
    if code == 0 and not quiet:
        say(f"What is in it: ovk-archive status {archive}")
        say(f"Look at it:    ovk-archive browse {archive} --open")
    if browse and code == 0:
        from ovk_archive.cli.local.browse import show

        show(archive, 0, "127.0.0.1", open_browser=True)
    return code
