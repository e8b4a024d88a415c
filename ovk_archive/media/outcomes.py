"""What became of a file that was asked for: stored, or why not."""

from ovk_archive.errors import (
    FileTooLargeError,
    MediaError,
    ServerFaultError,
    TransportError,
)
from ovk_archive.media import sniff
from ovk_archive.media.catalogue import Outcome, Wanted
from ovk_archive.media.vault import Partial
from ovk_archive.resources import FILES
from ovk_archive.resources.vocabulary.same_file import blob_name


class NotTheFileError(MediaError):
    """What came is whole, but it is not the file."""


def checked(one: Wanted, partial: Partial) -> Outcome:
    """The outcome of a file that is here, all of it.

    Raises:
        NotTheFileError: it is something else than the record speaks of.
    """
    found, may_be_text = partial.type, FILES[one.kind].may_be_text
    if found.is_text and not may_be_text:
        raise NotTheFileError(
            f"The server sent {found.name}, where one of the {one.kind} should be."
        )
    if one.expected and partial.size != one.expected:
        raise NotTheFileError(
            f"The server sent {partial.size} bytes, but the record says {one.expected}."
        )
    if found is sniff.HTML and not one.expected:
        raise NotTheFileError("The server sent a web page instead of the file.")
    return Outcome(
        wanted=one,
        state="stored",
        sha256=partial.sha256,
        size=partial.size,
        content_type=found.name,
        error=_remark(one, partial),
    )


def elsewhere(url: str, address: str) -> str | None:
    """The address to which a redirect led, if it names the file better than the first one."""
    name = blob_name(address)
    return address if name and name != blob_name(url) else None


def _remark(one: Wanted, partial: Partial) -> str | None:
    """What table `media` notes beside a stored file."""
    if one.sha256 not in (None, partial.sha256):
        return f"This is not the same file as before, which was {one.sha256}."
    return None if partial.is_sure else "The server did not say how long the file is."


def lacking(one: Wanted, error: MediaError | TransportError) -> Outcome:
    """The outcome of a file that is not here."""
    state = error.state if isinstance(error, MediaError) else MediaError.state
    size = error.size if isinstance(error, FileTooLargeError) else None
    return Outcome(wanted=one, state=state, size=size, error=str(error))


def is_silence(error: MediaError | TransportError, partial: Partial) -> bool:
    """The error tells nothing of the file: no answer, or a page that is shown for every file."""
    if isinstance(error, NotTheFileError):
        return partial.type is sniff.HTML
    return isinstance(error, TransportError) and not isinstance(error, ServerFaultError)
