"""Saves what was read: a page together with its cursor, or rows that no cursor follows."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.api.paging.keyset import Shown
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists import absences, cursors, rounds, skips
from ovk_archive.archive.lists.cursors import Standing
from ovk_archive.archive.lists.list_rows import Rows, between, comparable, rows_of
from ovk_archive.archive.lists.losses import Look, Losses
from ovk_archive.archive.lists.names import list_key
from ovk_archive.archive.lists.rounds import SWEEPING, UnderWay
from ovk_archive.archive.lists.skips import Skip
from ovk_archive.archive.tables.store import Stored, store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import Moment
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Row, Trim


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A page and the cursor behind it, saved together.

    Attributes:
        position: the paginator's position after the page, as JSON.
        counted: rows of the list by the server's count.
        skips: records of the page that could not be read.
        began: the checkpoint with which the run began; a record skipped twice in one run was
            tried once.
        whole: this walk reads the whole list, so at its end every record skipped by an earlier run,
            and not by this one, has been had after all.
        fresh: a walk begins with this page, at the beginning of the list.
        round: the position is that of the list's round, not of its cursor.
        shown: of which rows the page shows all that there are, in a list that is read by number.
        lacks: the server counts more rows than it has shown.
        accept: missing rows are believed to be deleted, however many they are.
        later: much that is known is read again, so rows are told later that they were seen.
    """

    resource: Resource
    partition: Mapping[str, Any]
    owner_id: int | None
    parts: Iterable[Row | Trim]
    position: Mapping[str, Any]
    stamp: str | None = None
    counted: int | None = None
    skips: tuple[Skip, ...] = ()
    began: int = 0
    whole: bool = False
    fresh: bool = False
    round: bool = False
    shown: Shown | None = None
    lacks: bool = False
    accept: bool = False
    later: bool = False

    @property
    def named(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return list_key(self.resource.name, self.partition)

    @property
    def done(self) -> bool:
        """The list has been read to its end."""
        return bool(self.position.get("done"))

    @property
    def is_of_nothing(self) -> bool:
        """A walk through the whole list has been shown nothing."""
        rows = (self.position.get("read"), self.position.get("aside"))
        return self.whole and self.done and not any(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for by number, and answered without a crash.

    Attributes:
        name: the list, or the lookup.
        compared: the rows that would have been answered; one that was not is gone.
        whole: all rows of their list.
    """

    name: str
    partition: Mapping[str, Any]
    numbers: Sequence[int]
    compared: Rows | None = None
    whole: Rows | None = None
    began: int = 0
    accept: bool = False

    @property
    def named(self) -> tuple[str, str]:
        """The list, as cursors name it."""
        return list_key(self.name, self.partition)


def checkpoint(archive: Archive, page: Checkpoint) -> Stored:
    """Save a page and the position that follows it: both, or neither."""
    with archive.transaction() as db:
        now = checkpoints.now(db)
        stored = store(db, page.parts, now, later=page.later)
        began = _save_position(db, page, now)
        met = [skips.note(db, page.named, skip, page.began, now) for skip in page.skips]
        stored.skipped = sum(one.first for one in met)
        stored.skipped_new = sum(one.new for one in met)
        stored.unreadable_new = sum(one.new and one.came for one in met)
        if page.whole and page.done:
            skips.resolve_walked(db, page.named, (page.round and began) or page.began, now)
        losses = _losses(db, page, began, now)
        # What a list with a sweep has is known only when the numbers were asked for, too.
        if page.whole and page.done and began and not page.resource.sweep:
            _measure(db, page.resource, page.partition, began)
    return _with(stored, losses, page.named)


def save_rows(archive: Archive, parts: Iterable[Row | Trim], asked: Asked) -> Stored:
    """Save rows that no cursor follows, asked for by number."""
    with archive.transaction() as db:
        now = checkpoints.now(db)
        skips.resolve_numbers(db, asked.named, asked.numbers, now)
        stored = store(db, parts, now)
        losses = Losses()
        if asked.compared is not None:
            look = Look(since=now.number, run_began=asked.began, now=now, accept=asked.accept)
            losses = absences.compare(db, asked.compared, asked.whole or asked.compared, look)
        return _with(stored, losses, asked.named)


def save_round(
    archive: Archive,
    resource: Resource,
    partition: Mapping[str, Any],
    owner: int | None,
    position: Mapping[str, Any],
) -> None:
    """Save where the round of a list stands."""
    with archive.transaction() as db:
        named = list_key(resource.name, partition)
        began = rounds.save(db, named, UnderWay(owner, position), checkpoints.now(db))
        if position.get("done"):
            _measure(db, resource, partition, began)


def _save_position(db: sqlite3.Connection, page: Checkpoint, now: Moment) -> int | None:
    """Save where the list stands, or its round; the checkpoint in which this walk began."""
    if page.round:
        # Numbers that the walk has not met are asked for after it: the round is not over yet.
        position = SWEEPING if page.done and page.resource.sweep else page.position
        if page.done:
            cursors.note_count(db, page.named, page.counted)
        return rounds.save(db, page.named, UnderWay(page.owner_id, position, page.fresh), now)
    standing = Standing(
        owner_id=page.owner_id,
        position=page.position,
        stamp=page.stamp,
        counted=page.counted,
        fresh=page.fresh,
    )
    cursors.save(db, page.named, standing, now)
    began = cursors.walk_began(db, page.named)
    if page.whole and page.done and page.resource.in_rounds:
        _end_round(db, page, began, now)
    return began


def _measure(
    db: sqlite3.Connection, resource: Resource, partition: Mapping[str, Any], began: int
) -> None:
    """Note how many rows a whole reading has met, where rows can be told to be of a list."""
    if resource.compared:
        met = absences.met(db, rows_of(resource, partition), began)
        cursors.note_met(db, list_key(resource.name, partition), met)


def _end_round(db: sqlite3.Connection, page: Checkpoint, began: int | None, now: Moment) -> None:
    """A list was read whole: that was its round, or the first part of it."""
    if page.resource.sweep and began:
        rounds.save(db, page.named, UnderWay(page.owner_id, SWEEPING, began=began), now)
    else:
        rounds.end(db, page.named, page.owner_id, now)


def _losses(db: sqlite3.Connection, page: Checkpoint, began: int | None, now: Moment) -> Losses:
    """What a page or a whole walk has not met, if it is to be believed."""
    resource = page.resource
    seen_all = page.shown is not None or (page.whole and page.done)
    # Rows of a list with a sweep are asked for by number: a list may hide what is there still.
    if not (resource.compared and seen_all and began) or resource.sweep:
        return Losses()
    # Who counts more than was shown has not shown all.
    if page.lacks or skips.are_open(db, page.named):
        return Losses()
    since, run_began = began, page.began
    whole = rows_of(resource, page.partition)
    looked_for = comparable(resource, page.partition)
    if page.shown is not None:
        looked_for = between(resource, page.partition, page.shown)
        if page.shown.walked:
            # What a page of this very walk has missed is not missed a second time.
            run_began = min(began, run_began)
        else:
            since = now.number
    look = Look(
        since=since, run_began=run_began, now=now, accept=page.accept, empty=page.is_of_nothing
    )
    if resource.elsewhere:
        absences.note_hidden(db, resource, page.partition, look)
    return absences.compare(db, looked_for, whole, look)


def _with(stored: Stored, losses: Losses, named: tuple[str, str]) -> Stored:
    withheld = {named[1]: losses.withheld} if losses.withheld else {}
    return replace(stored, gone=losses.gone, withheld=withheld)
