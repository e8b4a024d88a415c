"""`ovk-archive browse`: Datasette on an archive."""

import ipaddress
from pathlib import Path

import click

from ovk_archive.cli.options import archive_argument
from ovk_archive.cli.output import say


@click.command()
@archive_argument
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0: any free."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in the web browser.")
def browse(archive: Path, port: int, host: str, open_browser: bool) -> None:
    """Look at ARCHIVE in a web browser.

    Datasette shows it until Ctrl-C; a sync may run meanwhile.
    """
    show(archive, port, host, open_browser=open_browser)


def show(archive: Path, port: int, host: str, *, open_browser: bool) -> None:
    """Serve an archive until Ctrl-C."""
    import webbrowser

    from ovk_archive.browse.serving import application, listen, serve

    datasette = application(archive)
    with listen(host, port) as listener:
        if not _is_loopback(host):
            say(f"Warning: everyone who reaches {host} can read this archive, messages included.")
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listener.getsockname()[1]}/"
        say(f"The archive is at {address} (Ctrl-C ends it).")
        if open_browser:
            webbrowser.open(address)
        serve(datasette, listener)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
