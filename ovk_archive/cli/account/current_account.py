"""Who asks: the saved token, and the account that it belongs to."""

import os.path
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ovk_archive.api.address import Instance
from ovk_archive.api.client import Client
from ovk_archive.api.retries import Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials, Owned
from ovk_archive.cli.words.output import say
from ovk_archive.cli.words.waiting import WaitWords
from ovk_archive.errors import ArchiveError, AuthError, TransportError


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a token belongs to."""

    id: int
    name: str


def saved(account: str | None = None, archive: Path | None = None) -> Credentials:
    """The credentials to use, after a warning if they will cross a network unencrypted.

    An archive finds those of its own account.

    Raises:
        AuthError: there are none.
        BadInputError: no saved account is meant, or several are.
    """
    found = credentials.load(account=account, owner=_owner(archive) if archive else None)
    if found is None:
        raise AuthError("There is no saved token: run `ovk-archive login` first.")
    warn_if_plain(found.instance)
    return found


def _owner(archive: Path) -> Owned | None:
    """Whose archive it is, if that decides; what is wrong with it is told by who opens it."""
    if credentials.is_given() or len(credentials.every()) <= 1:
        return None
    # A path that cannot be looked at is no file here.
    if not os.path.isfile(archive):  # noqa: PTH113 - pathlib raises for names that are too long
        return None
    with suppress(ArchiveError), Archive.read(archive) as held:
        identity = held.identity()
        return identity.instance, identity.account_id
    return None


def warn_if_plain(instance: Instance) -> None:
    """Warn before a secret is sent where others can read it."""
    if instance.is_plain_http_abroad:
        say(
            f"Warning: {instance} is not encrypted, so others on the way can read your token: "
            "use https:// if the instance has it."
        )


async def whose(client: Client) -> Account:
    """The account whose token the client sends.

    Raises:
        AuthError: the token is refused.
        TransportError: no answer, or not the API's.
    """
    answer = await client.call("account.getProfileInfo")
    match answer:
        case {"id": int(number)}:
            names = (answer.get("first_name"), answer.get("last_name"))
            return Account(number, " ".join(str(name) for name in names if name))
    raise TransportError(f"{client.instance.key} does not say whose token this is.")


def asking(instance: Instance, token: str) -> Client:
    """A client for a question that a person waits for: it does not try for long, and tells."""
    client = Client(instance, token, retries=Retries(attempts=2))
    client.waits = WaitWords()
    return client
