"""`ovk-archive browse`: Datasette on an archive."""

import os
import sys
from functools import partial
from pathlib import Path

import click

from ovk_archive.cli.options import archive_argument
from ovk_archive.cli.words.output import say
from ovk_archive.errors import BadInputError

_VARIABLE = "OVK_BROWSE_PASSWORD"
#: Letters of a password in a file: a file that is named by mistake is not read whole.
_LONGEST = 4096


@click.command()
@archive_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="any free one",
    help="The port to listen at.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--password-stdin",
    is_flag=True,
    help=f"Ask visitors for a password, which is read from standard input. {_VARIABLE} in the "
    "environment does the same.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="Ask visitors for the password that is the first line of this file.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the archive in the web browser.")
def browse(
    archive: Path,
    *,
    port: int,
    host: str,
    password_stdin: bool,
    password_file: Path | None,
    open_browser: bool,
) -> None:
    """Look at ARCHIVE in a web browser.

    Datasette shows it until you press Ctrl-C; a sync may run meanwhile. If --host is not this
    computer, a password is needed; the command asks for it if you do not give one.
    """
    if password_stdin and password_file:
        raise BadInputError("Choose one: --password-stdin or --password-file.")
    password = (
        _first_line(password_file) if password_file else _password(host, wanted=password_stdin)
    )
    show(archive, port, host, password=password, open_browser=open_browser)


def show(
    archive: Path, port: int, host: str, *, password: str | None = None, open_browser: bool
) -> None:
    """Serve an archive until Ctrl-C."""
    import webbrowser

    from ovk_archive.browse.guard import is_loopback
    from ovk_archive.browse.serving import application, guarded, listen, serve

    datasette = application(archive)
    with listen(host, port) as listener:
        if not is_loopback(host):
            say(
                f"Warning: everyone who reaches {host} and knows the password can read this "
                "archive, messages included. The connection is not encrypted."
            )
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listener.getsockname()[1]}/"
        if open_browser:
            webbrowser.open(address)
        told = partial(say, f"The archive is at {address} (Ctrl-C ends it).")
        serve(datasette, guarded(datasette, host, password), listener, told)


def _first_line(path: Path) -> str:
    """The password in a file.

    Raises:
        BadInputError: it cannot be read, or there is none.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise BadInputError(f"The password in {path} cannot be read ({why}).") from None
    if not found:
        raise BadInputError(f"The first line of {path} is empty: write the password there.")
    return found


def _password(host: str, *, wanted: bool) -> str | None:
    """What visitors must know; None if they need not.

    Raises:
        BadInputError: there must be a password and there is none.
    """
    from ovk_archive.browse.guard import is_loopback

    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    if wanted and not at_terminal:
        given = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
        if not given:
            raise BadInputError("There was no password on standard input.")
        return given
    if not wanted and _VARIABLE in os.environ:
        # Who sets it to nothing means to have a password, and has none.
        if not os.environ[_VARIABLE]:
            raise BadInputError(f"{_VARIABLE} is empty: give it a password, or unset it.")
        return os.environ[_VARIABLE]
    if not wanted and is_loopback(host):
        return None
    if not at_terminal:
        raise BadInputError(
            f"Everyone who reaches {host} could read this archive: give it a password, in "
            f"{_VARIABLE}, with --password-file or with --password-stdin."
        )
    password: str = click.prompt("Password for visitors", hide_input=True, err=True)
    return password
