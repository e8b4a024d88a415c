"""`ovk-archive whoami`: to whom the saved token belongs, and on which instance."""

from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import account_option, json_option
from ovk_archive.cli.words.output import print_json, say, show

if TYPE_CHECKING:
    from ovk_archive.cli.account.credentials import Credentials


@click.command()
@account_option
@json_option
def whoami(account: str | None, *, as_json: bool) -> None:
    """Show to whom the saved token belongs, and on which instance.

    Exit code 11 means that the instance refuses the token.
    """
    import asyncio

    from ovk_archive.cli.account import credentials
    from ovk_archive.cli.account.current_account import saved

    facts = asyncio.run(_facts(saved(account)))
    others = [] if account or credentials.is_given() else credentials.every()[1:]
    if others:
        say(f"Other saved accounts: {', '.join(one.named for one in others)} (--account).")
    if as_json:
        print_json(facts)
    else:
        show(["{name} (id {id}) on {instance}, OpenVK {version}".format(**facts)])


async def _facts(credentials: "Credentials") -> dict[str, object]:
    from ovk_archive.cli.account.current_account import asking, whose

    async with asking(credentials.instance, credentials.token) as client:
        account = await whose(client)
        version = await client.call("ovk.version")
    return {
        "id": account.id,
        "name": account.name,
        "instance": credentials.instance.url,
        "version": version,
    }
