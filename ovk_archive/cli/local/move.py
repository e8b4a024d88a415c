"""`ovk-archive move`: the instance of an archive has a new name."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option

if TYPE_CHECKING:
    from ovk_archive.api.address import Instance
    from ovk_archive.archive.archive import Archive
    from ovk_archive.checks.moving import Likeness
    from ovk_archive.cli.account.credentials import Credentials


@click.command()
@archive_argument
@click.argument("instance")
@json_option
def move(archive: Path, instance: str, as_json: bool) -> None:
    """Tell ARCHIVE that its instance has a new name: INSTANCE.

    Log in there first, for a token is never sent to another name. The account there must be the
    same, and the newest records and a sample of older ones must be as in the archive. If the
    instance had named INSTANCE as its mirror, a few records are enough. Then the archive notes the
    new name beside the old ones. No record gets a new version, and no file is fetched again. Exit
    code 33: INSTANCE is not the same instance; nothing was changed.
    """
    import asyncio

    from ovk_archive.api.address import parse_instance
    from ovk_archive.archive import names
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.opening import Identity
    from ovk_archive.cli.words.output import print_json, say

    where = parse_instance(instance)
    with Archive.read(archive) as held:
        before = held.identity()
        if before.instance == where.key:
            say(f"{archive} belongs to {where.key} already.")
            return
        likeness = asyncio.run(_compared(held, where))
    with Archive.open(archive, before) as held:
        names.move(held, Identity(where.key, before.account_id, where.url))
    if as_json:
        print_json({"instance": where.key, "before": before.instance, **likeness.to_json()})
    else:
        say(_told(archive, where, before.instance, likeness))


def _told(archive: Path, where: "Instance", before: str, likeness: "Likeness") -> str:
    mirror = ", which the old one had named as its mirror" if likeness.is_mirror else ""
    return (
        f"{archive} goes on with {where}{mirror}: the account is the same, and "
        f"{likeness.equal} of {likeness.compared} compared records are equal. "
        f"The archive remembers {before} as the old name."
    )


async def _compared(archive: "Archive", where: "Instance") -> "Likeness":
    from ovk_archive.checks.moving import compare
    from ovk_archive.cli.account.current_account import asking, warn_if_plain, whose

    credentials = _credentials(where, archive.identity().account_id)
    warn_if_plain(credentials.instance)
    async with asking(credentials.instance, credentials.token) as client:
        account = await whose(client)
        return await compare(archive, client, account.id, where.key)


def _credentials(where: "Instance", account_id: int) -> "Credentials":
    """The token that was given for the new name, if several were, that of the account."""
    import os

    from ovk_archive.api.address import parse_instance
    from ovk_archive.cli.account import credentials
    from ovk_archive.errors import AuthError, BadInputError

    named = os.environ.get("OVK_INSTANCE")
    if named and parse_instance(named).key != where.key:
        raise BadInputError(
            f"OVK_INSTANCE is not {where.key}, and its token is sent to no other instance."
        )
    found = credentials.load(
        {**os.environ, "OVK_INSTANCE": where.url}, owner=(where.key, account_id)
    )
    if found is None:
        raise AuthError(
            f"There is no token for {where}: run `ovk-archive login --instance {where}`."
        )
    return found
