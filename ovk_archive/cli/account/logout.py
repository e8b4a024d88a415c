"""`ovk-archive logout`: forgets a saved token."""

import click

from ovk_archive.cli.options import account_option
from ovk_archive.cli.words.output import say


@click.command()
@account_option
@click.option("--all", "everybody", is_flag=True, help="Remove the tokens of all saved accounts.")
def logout(account: str | None, *, everybody: bool) -> None:
    """Remove the saved token from this computer.

    The instance still accepts the token: to end that, use "end all sessions" in its settings. If
    several accounts are saved, say which: --account, or --all.
    """
    from ovk_archive.cli.account import credentials

    # What is broken goes as a whole.
    saved = credentials.every() if not everybody else []
    if len(saved) > 1 and not account:
        those = ", ".join(one.named for one in saved)
        raise click.UsageError(f"Several accounts are saved ({those}): --account ID@HOST or --all.")
    if credentials.forget(account=account if saved else None):
        say(
            "The token is removed from this computer. The instance still accepts it until you "
            "end all sessions in its settings."
        )
    else:
        say("There was no saved token.")
