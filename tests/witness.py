"""A witness of a life: knows what has been true, and says where an archive contradicts it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lives import contents, present
from syncing import held, query
from truth import truth_of

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.rebuild import rebuild
from ovk_archive.archive.tables.schema import key_as_sql
from ovk_archive.checks.consistency import check_consistency
from ovk_archive.checks.ledger import ledger
from ovk_archive.checks.verify import Part, check_database, check_files
from ovk_archive.cli.local.rebuild import digests
from ovk_archive.demo import World
from ovk_archive.media.vault import Vault
from ovk_archive.resources import DERIVED

#: A table, and a key as `_versions` writes it.
Row = tuple[str, str]
_TABLES = {table.name: table for table in DERIVED}
#: What is said of a record, by table; `title` for the rest, and nothing of photos.
_TEXTS = dict.fromkeys(("posts", "comments", "messages", "notes"), "text")
#: Facts of which all that is there is present, and nothing else; those of `--all` apart.
_EXACT = ("followers", "friend_requests", "memberships", "blacklist", "newsfeed_banned")
_EXACT_IN_ALL = ("group_members", "likes", "poll_votes")
#: Facts of which nothing is ever marked as gone, or of which the archive may know more.
_LASTING = ("gifts", "lyrics", "notifications", "polls", "statuses", "conversations")
#: As many rows of a kind are named.
_EXAMPLES = 5


class Witness:
    """Goes along with one world and its archive.

    `restored` shows the world as if nobody were banned: what cannot be read has not gone.
    """

    def __init__(
        self,
        world: World,
        dialect: str,
        path: Path,
        owners: tuple[int, ...],
        restored: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.verified = 0
        self._world = world
        self._dialect = dialect
        self._path = path
        self._owners = owners
        self._restored = restored
        self._known: set[Row] = set()
        self._was_away: set[Row] = set()
        self._versions: set[tuple[Any, ...]] = set()

    def look(self) -> None:
        """See what is there now."""
        now = self._present()
        self._was_away |= self._known - now
        self._known |= now

    def _present(self) -> set[Row]:
        with self._restored():
            facts = present(self._world, self._dialect, self._owners)
        return {(table, key) for table, keys in facts.items() for key in keys}

    def objections(self) -> Iterator[str]:
        """What is wrong after any stop: damage, a loss, a mark on what has always been there."""
        if not query(self._path, "select 1 from sqlite_master where name = '_archive'"):
            return  # Killed before anything was made.
        yield from self._damage()
        yield from self._losses()
        wrong = self._present() - self._was_away
        if marked := sorted(wrong & _rows(self._path, "gone_at is not null")):
            yield f"{len(marked)} rows are marked that never were away: {marked[:_EXAMPLES]}"

    def _damage(self) -> Iterator[str]:
        self.verified += 1
        with Archive.read(self._path) as archive:
            if complaints := check_database(archive):
                yield f"SQLite says: {complaints}"
                return
            inner = check_consistency(archive, lambda: None)
            vault = Vault(folder_of(self._path))
            _, damaged = check_files(archive, vault, Part(), lambda: None)
        if not inner.is_given:
            yield f"verify says: {[*inner.positions, *inner.rows]}"
        if damaged:
            yield f"files are damaged: {damaged[:_EXAMPLES]}"

    def _losses(self) -> Iterator[str]:
        versions = set(
            query(self._path, "select resource, record_key, embedded, content from _versions")
        )
        if lost := self._versions - versions:
            yield f"{len(lost)} versions are lost: {sorted(lost)[:_EXAMPLES]}"
        self._versions = versions

    # The end

    def differences(self, *, everything: bool) -> Iterator[str]:
        """Where the archive is not the world; `everything` says that its syncs were `--all`."""
        here = _rows(self._path, "gone_at is null and " + _LISTED)
        there = self._present()
        tables = {table for table, _ in there}
        yield from _told("is not live in the archive", there - here)
        yield from _told("is live and does not exist", {r for r in here - there if r[0] in tables})
        yield from self._other_facts(everything=everything)
        yield from self._texts()

    def _other_facts(self, *, everything: bool) -> Iterator[str]:
        truth, here = truth_of(self._world, self._dialect, self._owners), held(self._path)
        exact = (*_EXACT, *(_EXACT_IN_ALL if everything else ()))
        lasting = (*_LASTING, *(("newsfeed",) if everything else ()))
        for name in (*exact, *lasting):
            if lacking := truth[name] - here[name]:
                yield f"{name} lacks {sorted(lacking, key=str)[:_EXAMPLES]}"
        for name in exact:
            # On [A] the last group that is left makes the list a crash.
            is_crash = self._dialect == "A" and name == "memberships"
            beyond = here[name] - truth[name]
            if name == "poll_votes":
                # A poll outlives the post that it hung on.
                beyond = {vote for vote in beyond if vote[0] in truth["polls"]}
            if beyond and not is_crash:
                yield f"{name} has beyond the truth {sorted(beyond, key=str)[:_EXAMPLES]}"

    def _texts(self) -> Iterator[str]:
        expected = contents(self._world, self._dialect, self._owners)
        for table in {table for table, _ in expected} - {"photos"}:
            column = _TEXTS.get(table, "title")
            key = key_as_sql(_TABLES[table])
            said = dict(query(self._path, f'select {key}, "{column}" from "{table}"'))
            for (name, one), text in expected.items():
                if name == table and (said.get(one) or "") != text:
                    yield f"{table} {one} says {said.get(one)!r} instead of {text!r}"

    def rebuilt(self) -> Iterator[str]:
        """What a rebuild changes; `status` says before that nothing is lacking."""
        with Archive.read(self._path) as archive:
            identity, book = archive.identity(), ledger(archive)
        # What hangs on a thing that was deleted may never have been had.
        if not (book.complete or any(line.refused for line in book.lists)):
            yield f"status says: {book.sentence}"
        with Archive.open(self._path, identity) as archive:
            before = digests(archive)
            rebuild(archive, lambda _table, _count: None)
            after = digests(archive)
        if changed := [name for name in before if before[name] != after[name]]:
            yield f"rebuild changes {changed}"


def _told(what: str, rows: set[Row]) -> Iterator[str]:
    if rows:
        yield f"{len(rows)}: {sorted(rows)[:_EXAMPLES]} {what}"


#: A row was seen in a list of its own, and not as an attachment only.
_LISTED = (
    "exists (select 1 from _versions v where v.resource = '{table}' and v.record_key = {key} "
    "and v.embedded = 0)"
)


def _rows(path: Path, where: str) -> set[Row]:
    keys = {name: key_as_sql(table, f'"{name}"') for name, table in _TABLES.items()}
    rows = (
        f"select '{name}', cast({key} as text) from \"{name}\" "
        f"where {where.format(table=name, key=key)}"
        for name, key in keys.items()
    )
    return set(query(path, " union all ".join(rows)))
