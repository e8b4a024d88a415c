"""Every way a command can end badly, classed by what happens next.

* ArchiveError (1)               an error without a class of its own
  * BadInputError (2)            what the user gave cannot be used       -> stop, say what would do
  * ApiError (10)                the instance answered, and refused      -> stop, or skip the list
    * AccessDeniedError (10)     this list is closed to the account      -> record, go on
    * NoSuchMethodError (10)     this instance has no such section       -> record, go on
    * AuthError (11)             token missing, wrong or revoked         -> stop, say how to log in
      * SecondFactorError (11)   the account wants a 2FA code            -> ask for it
    * RateLimitedError (13)      refused twice for being too fast        -> stop, come back later
  * TransportError (20)          no answer, or one that is not the API's -> retry, then stop
    * ServerFaultError (20)      the server crashed on this request      -> halve, then skip
      * NonsenseError (20)       it answered what no list looks like     -> record, go on
    * TooOftenError (13)         a server of files: too many requests    -> retry, then stop
  * StorageError (30)            the archive cannot be read or written   -> stop
    * DamagedError (30)          the file is not as SQLite wrote it      -> stop, go back to a copy
    * SchemaTooNewError (31)     the archive was made by a newer version -> stop
    * ArchiveLockedError (32)    another sync is running                 -> stop
    * WrongArchiveError (33)     it is of another instance or account    -> stop
  * MediaError (40)              a file could not be fetched             -> note it, try again later
    * IncompleteFileError (40)   what came was not all of it             -> retry, then note it
    * FileGoneError (40)         the server no longer has it             -> note it
    * FileRefusedError (40)      it is closed, or not fetched from there -> note it
      * FileTooLargeError (40)   it is larger than what was allowed      -> note how large
    * PlaceholderError (40)      something stands in its place           -> note it
  * StoppedError (75)            --max-requests or --max-duration is used up -> end at a checkpoint
    * InterruptedSyncError (130) Ctrl-C                                  -> end at a checkpoint

Messages are for people: what happened, where, and what to do next. They never
hold a token, a password or the parameters of a request.
"""

from typing import ClassVar

#: Exit code of a sync that is complete except for what it lists as refused or skipped.
EXIT_REFUSED = 3

#: Codes by which an instance says that it has no such section, or has switched it off: unknown
#: method; no store of events; no gifts (help/openvk-api.md, Errors).
ABSENT_CODES = frozenset({3, 1289, 105, -105})

#: How a run ends, in words, by its exit code; archives of every age are told of in these.
OUTCOMES = {
    0: "complete",
    1: "ended by an error",
    2: "the input could not be used",
    EXIT_REFUSED: "complete, but not everything could be read",
    10: "the instance refused",
    11: "the token was not accepted",
    13: "the instance got too many requests",
    20: "the instance could not be reached",
    30: "the archive could not be read or written",
    31: "a newer version has made the archive",
    32: "another sync was running",
    33: "the archive belongs to another account or instance",
    40: "some files could not be fetched",
    75: "stopped when its budget was used up",
    130: "interrupted",
}


def is_absent(code: int | None) -> bool:
    """Whether a refusal says that the instance lacks something, rather than that it is closed."""
    return code in ABSENT_CODES


class ArchiveError(Exception):
    """An error without a class of its own.

    Attributes:
        sentence: what is said, with `%(name)s` where a value stands: who translates it needs both.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, sentence: str = "", **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence, self.values = sentence, values


class BadInputError(ArchiveError):
    """What the user gave cannot be used."""

    exit_code = 2


class ApiError(ArchiveError):
    """The instance answered, and refused.

    Attributes:
        code: the API's `error_code` (help/openvk-api.md, Errors), or None.
    """

    exit_code = 10

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class AccessDeniedError(ApiError):
    """This list or record is closed to the account, or does not exist."""


class NoSuchMethodError(ApiError):
    """The instance does not know the method (error 3): an older generation, or switched off."""


class AuthError(ApiError):
    """The token is missing, wrong or revoked, or the login was refused."""

    exit_code = 11


class SecondFactorError(AuthError):
    """The account has two-factor authentication and no code was given."""


class RateLimitedError(ApiError):
    """The instance refused too many requests in a short time (error 29, HTTP 429), repeatedly.

    Attributes:
        after: the pause in seconds that it asks for, if it asks for one.
    """

    exit_code = 13

    def __init__(self, message: str, code: int | None = None, after: float | None = None) -> None:
        super().__init__(message, code)
        self.after = after


class TransportError(ArchiveError):
    """No answer, or one that is not the API's: refused connection, HTML, cut JSON, 302, 502.

    Attributes:
        after: the pause in seconds that the server asks for, if it asks for one.
    """

    exit_code = 20

    def __init__(self, message: str = "", after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class ServerFaultError(TransportError):
    """The server crashed on this very request (HTTP 500), twice."""


class NonsenseError(ServerFaultError):
    """The server answered with something that its method never answers: it proves nothing."""


class TooOftenError(TransportError):
    """A server of files repeatedly refused too many requests (HTTP 429)."""

    exit_code = 13


class StorageError(ArchiveError):
    """The archive cannot be read or written."""

    exit_code = 30


class DamagedError(StorageError):
    """The file of the archive is not as it was written.

    Attributes:
        what: is damaged, without any text of the archive.
    """

    def __init__(self, message: str, what: str) -> None:
        super().__init__(message)
        self.what = what


class SchemaTooNewError(StorageError):
    """The archive was made by a newer version of the program."""

    exit_code = 31


class ArchiveLockedError(StorageError):
    """Another sync of this archive is running."""

    exit_code = 32


class WrongArchiveError(StorageError):
    """The archive belongs to another instance or account."""

    exit_code = 33


class MediaError(ArchiveError):
    """A file could not be fetched: what came is not the file, or not all of it.

    Attributes:
        state: what table `media` calls it.
    """

    exit_code = 40
    state: ClassVar[str] = "failed"


class IncompleteFileError(MediaError):
    """What came is not all of the file, or not of the length that was told."""


class FileGoneError(MediaError):
    """The server says that it no longer has the file."""

    state = "gone"


class FileRefusedError(MediaError):
    """The server does not give the file away, or it is at an address that is never asked."""

    state = "refused"


class FileTooLargeError(FileRefusedError):
    """The file is larger than what was allowed.

    Attributes:
        size: bytes it has at least.
    """

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class PlaceholderError(MediaError):
    """What the address leads to only stands in the place of a file."""

    state = "unavailable"


class StoppedError(ArchiveError):
    """A budget (`--max-requests`, `--max-duration`) is used up; there is more to do."""

    exit_code = 75


class InterruptedSyncError(StoppedError):
    """The user pressed Ctrl-C."""

    exit_code = 130


def worst(group: BaseExceptionGroup[ArchiveError]) -> ArchiveError:
    """The error to speak of: a real one rather than that the run was stopped."""
    errors: list[ArchiveError] = []
    for error in group.exceptions:
        errors += [worst(error)] if isinstance(error, BaseExceptionGroup) else [error]
    return min(errors, key=lambda error: isinstance(error, StoppedError))
