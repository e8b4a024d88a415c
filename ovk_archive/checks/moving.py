"""Whether an instance is the same under a new name: the account, and records as they are there.

The server can say nothing that proves it; but who else would have these records?
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.names import mirrors
from ovk_archive.checks.sampling import Sampled, choose, look_at, newest
from ovk_archive.errors import WrongArchiveError

#: Records of each kind with the highest numbers, and others chosen at random.
NEWEST, OLDER = 10, 60
#: The same of a name that the instance itself has told as another of its own.
NEWEST_OF_MIRROR, OLDER_OF_MIRROR = 3, 0
#: So much of what is compared has to be as it is here; the rest may have been edited since.
_ENOUGH = 0.75


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was compared, and what came of it.

    Attributes:
        newest: records with the highest numbers: an instance that was set back has others there.
        older: records of any time.
        is_mirror: the instance had told this name, so less was compared.
    """

    newest: tuple[Sampled, ...]
    older: tuple[Sampled, ...]
    is_mirror: bool

    @property
    def compared(self) -> int:
        """How many records were compared."""
        return _compared(self.newest) + _compared(self.older)

    @property
    def equal(self) -> int:
        """How many of them are as here."""
        return _equal(self.newest) + _equal(self.older)

    @property
    def is_given(self) -> bool:
        """It is the same instance."""
        parts = [part for part in (self.newest, self.older) if _compared(part)]
        return bool(parts) and all(_equal(one) >= _ENOUGH * _compared(one) for one in parts)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**asdict(self), "compared": self.compared, "equal": self.equal}


async def compare(archive: Archive, client: Client, account_id: int, host: str) -> Likeness:
    """Compare an archive with what answers under another name of its instance.

    Args:
        archive: is only read.
        client: asks under the new name.
        account_id: whose token that is.
        host: the new name, as mirrors are told.

    Raises:
        WrongArchiveError: it is not the same account, or not the same instance.
        AuthError: the token is refused.
        TransportError: no answer.
    """
    identity = archive.identity()
    if account_id != identity.account_id:
        raise WrongArchiveError(
            f"{archive.path} is the archive of account {identity.account_id}, but this is the "
            f"token of account {account_id} on {client.instance.key}: nothing was changed."
        )
    is_mirror = host in mirrors(archive)
    first, rest = (NEWEST_OF_MIRROR, OLDER_OF_MIRROR) if is_mirror else (NEWEST, OLDER)
    # Which records a sample has is no secret.
    sample = choose(archive, rest, random.Random())  # noqa: S311
    highest = await look_at(archive, client, newest(archive, first))
    likeness = Likeness(highest, await look_at(archive, client, sample), is_mirror)
    if not likeness.is_given:
        raise _is_another(archive, client, likeness)
    return likeness


def _is_another(archive: Archive, client: Client, likeness: Likeness) -> WrongArchiveError:
    return WrongArchiveError(
        f"{client.instance.key} does not seem to be {archive.identity().instance} under another "
        f"name: of {likeness.compared} compared records, {likeness.equal} are as in "
        f"{archive.path}. "
        "Nothing was changed."
    )


def _compared(part: Sequence[Sampled]) -> int:
    return sum(len(one.equal) + len(one.differ) + len(one.missing) for one in part)


def _equal(part: Sequence[Sampled]) -> int:
    return sum(len(one.equal) for one in part)
