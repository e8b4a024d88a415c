"""`ovk-archive login`: buys a token with a password, or takes one, and saves it."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ovk_archive.instance import Instance


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
    from ovk_archive.cli.account import warn_if_plain
    from ovk_archive.instance import parse_instance

    if instance is None and token_stdin:
        raise click.UsageError("--token-stdin needs --instance: whose token is it?")
    where = parse_instance(instance or _ask("Instance (for example ovk.to)"))
    warn_if_plain(where)
    token = _given_token() if token_stdin else _bought_token(where)
    _save(where, token)


def _ask(question: str, *, hidden: bool = False) -> str:
    # Where nobody types there is nothing to hide, and getpass would complain.
    hide = hidden and sys.stdin.isatty()
    return str(click.prompt(question, hide_input=hide, err=True))


def _given_token() -> str:
    from ovk_archive.errors import BadInputError

    token = sys.stdin.readline().strip()
    if not token:
        raise BadInputError("There was no token on standard input.")
    return token


def _bought_token(instance: "Instance") -> str:
    import asyncio

    from ovk_archive.client import sign_in
    from ovk_archive.errors import SecondFactorError

    name = _ask("Login (e-mail)")
    password = _ask("Password", hidden=True)
    try:
        return asyncio.run(sign_in(instance, name, password)).token
    except SecondFactorError:
        code = _ask("Code of the second factor (2FA)").strip()
    return asyncio.run(sign_in(instance, name, password, code=code)).token


def _save(instance: "Instance", token: str) -> None:
    """Save a token that the instance accepts."""
    import asyncio

    from ovk_archive import credentials
    from ovk_archive.cli.account import Account, asking, whose
    from ovk_archive.cli.output import say

    async def check() -> Account:
        async with asking(instance, token) as client:
            return await whose(client)

    account = asyncio.run(check())
    file = credentials.save(credentials.Credentials(instance.url, account.id, token))
    say(f"Logged in to {instance} as {account.name} (id {account.id}); the token is in {file}.")
