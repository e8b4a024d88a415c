"""The `ovk-archive` command: finds its commands when they are called, ends with their exit code."""

import importlib
import logging
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING

import click
import click.utils

from ovk_archive import __version__
from ovk_archive.archive.search.telling import listener
from ovk_archive.cli.words.output import Words, complain, complain_of_usage, say
from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.errors import ArchiveError, StorageError
from ovk_archive.resources import SECTIONS

if TYPE_CHECKING:
    from ovk_archive.cli.words.row_bar import RowBar

__all__ = ["cli", "main"]

_NO_SQLITE = (
    "This Python was built without SQLite: install this program with another one, for example from "
    "your system's packages or by `uv python install`."
)
#: Exit code after Ctrl-C.
_INTERRUPTED = 130

#: Command -> module and attribute; a module is imported only when its command is needed.
_COMMANDS = {
    "login": ("account.login", "login"),
    "logout": ("account.logout", "logout"),
    "whoami": ("account.whoami", "whoami"),
    "sync": ("backup.sync", "sync"),
    **{section: ("backup.sections", f"COMMANDS.{section}") for section in SECTIONS},
    "audit": ("backup.audit", "audit"),
    "media": ("backup.media", "media"),
    "hydrate": ("backup.hydrate", "hydrate"),
    "status": ("local.status", "status"),
    "search": ("local.search", "search"),
    "history": ("local.history", "history"),
    "verify": ("local.verify", "verify"),
    "rebuild": ("local.rebuild", "rebuild"),
    "move": ("local.move", "move"),
    "export": ("local.export", "export"),
    "snapshot": ("local.snapshot", "snapshot"),
    "browse": ("local.browse", "browse"),
    "call": ("account.call", "call"),
    "demo": ("demo", "demo"),
    "help": ("help", "help_"),
}


class _Lazy(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which a person meets them."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, or None."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, path = _COMMANDS[cmd_name]
        name, _, key = path.partition(".")
        found = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        command: click.Command = found[key] if key else found
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant, or a guess of what was."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            guess = did_you_mean(args[0], _COMMANDS)
            raise click.UsageError(f"There is no command {args[0]!r}.{guess}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ovk-archive")
def cli() -> None:
    """Back up an OpenVK account into one SQLite file.

    \b
    ovk-archive login
    ovk-archive sync archive.db
    ovk-archive browse archive.db
    ovk-archive help
    """  # noqa: D301 - click wants the character, not the letters


def main() -> None:
    """Run the command line; the process ends with the exit code."""
    if not sys.warnoptions:
        # Warnings are for programmers: those of libraries mean nothing to people.
        warnings.simplefilter("ignore")
    logging.getLogger("ovk_archive").addHandler(Words())
    listener.set(_row_bar)
    code = _written(_exit_code())
    if code == _INTERRUPTED:
        # All is said and saved; another Ctrl-C while Python clears up would be told as a crash.
        os._exit(code)
    sys.exit(code)


def _row_bar() -> "RowBar":
    """Shows how far the making of a search index has come."""
    from ovk_archive.cli.words.row_bar import RowBar

    context = click.get_current_context(silent=True)
    return RowBar(quiet=bool(context and context.params.get("quiet")))


def _written(code: int) -> int:
    """The exit code, once all that was printed has gone out."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        code = _unwritable(error) or code
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        sys.stderr = None
    return code


def _unwritable(error: OSError) -> int:
    """What was printed could not be written; nobody is told who closed the pipe himself."""
    # Else Python tries once more while it ends, and complains.
    sys.stdout = None
    if not isinstance(error, BrokenPipeError):
        complain(f"The output cannot be written: {error.strerror}", 1)
    return 1


def _exit_code() -> int:
    try:
        # What a command returns is its exit code.
        return int(cli.main(prog_name="ovk-archive", standalone_mode=False) or 0)
    except ArchiveError as error:
        complain(str(error), error.exit_code)
        return error.exit_code
    except ModuleNotFoundError as error:
        # So Python is built on machines that lack what SQLite is built from.
        if error.name != "_sqlite3":
            raise
        complain(_NO_SQLITE, StorageError.exit_code)
        return StorageError.exit_code
    except click.ClickException as error:
        complain_of_usage(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted.")
        return _INTERRUPTED
    except OSError as error:
        if not _is_of_output(error):
            raise
        return _unwritable(error)


def _is_of_output(error: OSError) -> bool:
    """It came of printing: the end of a pipe has gone, or the disk under stdout is full."""
    # Files are opened nowhere else in that module.
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_filename == click.utils.__file__ for frame, _ in frames)
