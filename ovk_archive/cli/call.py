"""`ovk-archive call`: one API method, its answer as JSON."""

import click

from ovk_archive.cli.methods import only_reads
from ovk_archive.cli.output import print_json


@click.command()
@click.argument("method")
@click.argument("parameters", metavar="[KEY=VALUE]...", nargs=-1)
def call(method: str, parameters: tuple[str, ...]) -> None:
    """Call a METHOD of the API, print its answer as JSON.

    The saved token is used. Only methods that are known to change nothing are called.

    \b
    ovk-archive call users.get user_ids=1,2 fields=status
    """  # noqa: D301 - click wants the character, not the letters
    if not only_reads(method):
        raise click.UsageError(f"{method} is not known to change nothing, so it is not called.")
    print_json(_answer(method, dict(_pair(text) for text in parameters)))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.UsageError(f"A parameter is written key=value, not {text}.")
    return key, value


def _answer(method: str, parameters: dict[str, str]) -> object:
    import asyncio

    from ovk_archive.cli.account import asking, saved

    credentials = saved()

    async def ask() -> object:
        async with asking(credentials.instance, credentials.token) as client:
            return await client.call(method, parameters)

    return asyncio.run(ask())
