"""`ovk-archive logout`: forgets the saved token."""

import click

from ovk_archive.cli.output import say


@click.command()
def logout() -> None:
    """Remove the saved token from this computer.

    The instance goes on accepting it: to end that, use "end all sessions" in its settings.
    """
    from ovk_archive import credentials

    if credentials.forget():
        say(
            "The token is removed from this computer. The instance goes on accepting it until you "
            "end all sessions in its settings."
        )
    else:
        say("There was no saved token.")
