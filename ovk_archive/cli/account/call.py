"""`ovk-archive call`: one API method, its answer as JSON."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ovk_archive.api.methods import METHODS, always, known, only_reads
from ovk_archive.api.paging.windows import Window
from ovk_archive.cli.options import account_option
from ovk_archive.cli.words.output import print_json, print_raw
from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.resources.uses import addressing

if TYPE_CHECKING:
    from ovk_archive.api.client import Client

T = TypeVar("T")


@click.command()
@click.argument("method")
@click.argument("parameters", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--paginate",
    is_flag=True,
    help="Read a list to its end, and print one JSON array of its records. `count` is the size of "
    "a page.",
)
@account_option
@click.option("--raw", is_flag=True, help="Print the answer byte for byte as it came.")
@click.option(
    "--allow-write",
    is_flag=True,
    help="Call a method that may change something, or that this program does not know; once.",
)
def call(
    method: str,
    parameters: tuple[str, ...],
    *,
    paginate: bool,
    raw: bool,
    allow_write: bool,
    account: str | None,
) -> None:
    """Call a METHOD of the API, print its answer as JSON.

    It sends the saved token. It calls only methods that are known to read and nothing else, unless
    you allow others.

    \b
    ovk-archive call users.get user_ids=1,2 fields=status
    ovk-archive call friends.get --paginate
    """  # noqa: D301 - click wants the character, not the letters
    if paginate and raw:
        raise click.UsageError("--paginate and --raw exclude each other.")
    form = dict(_pair(text) for text in parameters)
    if not allow_write:
        _check(method, form)
    if paginate:
        print_json(_all_records(account, method, form))
    elif raw:
        _print_raw(account, method, form)
    else:
        print_json(_asking(account, method, lambda client: client.call(method, form)))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.UsageError(f"A parameter is written key=value, not {text}.")
    return key, value


def _guess(method: str) -> str:
    # Names differ in their case, and a guess is looked for in lower case.
    names = {one.name.lower(): one.name for one in METHODS}
    return "" if known(method) else did_you_mean(method, names)


def _check(method: str, form: Mapping[str, str]) -> None:
    if not only_reads(method):
        raise click.UsageError(
            f"{method} may change something, or this program does not know it: --allow-write calls "
            f"it anyway.{_guess(method)}"
        )
    # The client sends these, unless it is told something else.
    for name, value in always(method).items():
        if form.get(name, str(value)) != str(value):
            raise click.UsageError(f"Without --allow-write, {method} is sent {name}={value}.")


def _all_records(account: str | None, method: str, form: Mapping[str, str]) -> list[Any]:
    from ovk_archive.cli.account.all_pages import PAGE, all_records

    if not only_reads(method):
        raise click.UsageError(f"--paginate is for methods that only read; {method} may not.")
    for name in addressing(method).params(Window(0, 1)):
        if name in form and name != "count":
            raise click.UsageError(f"--paginate sets {name} itself: leave it out.")
    size = _page_size(form.get("count", str(PAGE)))

    def read(client: "Client") -> Awaitable[list[Any]]:
        return all_records(method, lambda page: client.call(method, {**form, **page}), size)

    return _asking(account, method, read)


def _page_size(count: str) -> int:
    if not count.isdecimal() or not int(count):
        raise click.UsageError(f"With --paginate, count is the size of a page, not {count}.")
    return int(count)


def _print_raw(account: str | None, method: str, form: Mapping[str, str]) -> None:
    bodies: list[bytes] = []

    async def listen(client: "Client") -> None:
        def hear(asked: str, body: bytes) -> None:
            # After some refusals the client asks whether the account still lives.
            if asked == method:
                bodies[:] = [body]

        client.heard = hear
        await client.call(method, form)

    try:
        _asking(account, method, listen)
    finally:
        for body in bodies:
            print_raw(body)


def _asking(account: str | None, method: str, question: "Callable[[Client], Awaitable[T]]") -> T:
    import asyncio

    from ovk_archive.api.client import Client
    from ovk_archive.api.retries import Retries
    from ovk_archive.cli.account.current_account import asking, saved

    credentials = saved(account)

    async def ask() -> T:
        instance, token = credentials.instance, credentials.token
        # A write that seems to have failed may have been done: it is never sent twice.
        once = Client(instance, token, retries=Retries(attempts=1))
        async with asking(instance, token) if only_reads(method) else once as client:
            return await question(client)

    return asyncio.run(ask())
