"""`ovk-archive login`: buys a token with a password, or takes one, and saves it."""

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.words.prompts import ask, ask_secret, tried

if TYPE_CHECKING:
    from ovk_archive.api.address import Instance

#: No token is longer, whatever is around it.
_MOST_BYTES = 1 << 20


@click.command()
@click.option(
    "--instance",
    metavar="HOST",
    envvar="OVK_INSTANCE",
    help="The OpenVK instance, for example ovk.to. Asked for if not given.",
)
@click.option(
    "--token-stdin",
    is_flag=True,
    help="Read a token from standard input instead of asking for login and password.",
)
def login(instance: str | None, token_stdin: bool) -> None:
    """Log in to an OpenVK instance, and save the token.

    The password is used once and kept nowhere. The token is saved in a file that only you can
    read.
    """
    from ovk_archive.api.address import parse_instance
    from ovk_archive.cli.account.current_account import warn_if_plain

    if instance is None and token_stdin:
        raise click.UsageError("--token-stdin needs --instance: which instance gave the token?")
    where = parse_instance(instance or ask("Instance (for example ovk.to)"))
    warn_if_plain(where)
    token = _given_token() if token_stdin else _bought_token(where)
    _save(where, token)


def _given_token() -> str:
    from ovk_archive.cli.account.pasted_token import decoded, token_in

    stdin = sys.stdin.buffer
    # A person types a line; a file may be JSON of many lines.
    raw = stdin.readline() if sys.stdin.isatty() else stdin.read(_MOST_BYTES)
    return token_in(decoded(raw))


def _bought_token(instance: "Instance") -> str:
    """A token for a login and its password, and for a code where the account wants one."""
    from ovk_archive.api.login import is_wrong_login
    from ovk_archive.errors import SecondFactorError

    given = _Given()

    def with_password() -> str | None:
        given.name = ask("Login (e-mail)", default=given.name)
        given.password = ask_secret("Password")
        try:
            return _buy(instance, given)
        except SecondFactorError:
            return None

    def with_code() -> str:
        # Apps show it in two halves.
        code = "".join(ask("Code of the second factor (2FA)").split())
        return _buy(instance, given, code)

    return tried(with_password, again=is_wrong_login) or tried(with_code, again=is_wrong_login)


@dataclass
class _Given:
    """What a person has typed."""

    name: str | None = None
    password: str = field(default="", repr=False)


def _buy(instance: "Instance", given: _Given, code: str | None = None) -> str:
    import asyncio

    from ovk_archive.api.login import sign_in

    return asyncio.run(sign_in(instance, given.name or "", given.password, code=code)).token


def _save(instance: "Instance", token: str) -> None:
    """Save a token that the instance accepts."""
    import asyncio

    from ovk_archive.cli.account import credentials
    from ovk_archive.cli.account.current_account import Account, asking, whose
    from ovk_archive.cli.words.output import say

    async def check() -> Account:
        async with asking(instance, token) as client:
            return await whose(client)

    account = asyncio.run(check())
    file = credentials.save(credentials.Credentials(instance.url, account.id, token))
    say(f"Logged in to {instance} as {account.name} (id {account.id}); the token is in {file}.")
