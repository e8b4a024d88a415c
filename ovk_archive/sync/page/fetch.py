"""One window of one list: asked for, and where a record crashes the server, halved around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.paging.positions import Key, Page
from ovk_archive.api.paging.windows import Addressing, Window
from ovk_archive.api.waiting_calls import expecting
from ovk_archive.archive.lists.holes import Hole, Known, Slot, placed
from ovk_archive.errors import NonsenseError, ServerFaultError
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.shapes import ListAnswer, nonsense_of, taken_apart
from ovk_archive.sync.page.around import Around
from ovk_archive.sync.page.ties import Search

#: As many records of one page may crash the server; if more do, it is the method that fails.
MOST_HOLES = 5
#: Rows of such a page; a larger one may have more of them.
_PAGE = 100
#: Why a record is listed of which no row can be made.
STRANGE = "a record of a shape that this version cannot read"
#: The places of a list that says only that more follows: more than any has.
ENDLESS = 2**62


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a window held.

    Attributes:
        page: what the paginator needs to know.
        records: the rows, in order, with those out of order first.
        holes: what could not be read.
        meaning: what `offset` has turned out to mean here.
        counted: rows of the whole list by the answer's own count, where it has one.
    """

    page: Page
    records: tuple[Record, ...]
    holes: tuple[Hole, ...] = ()
    meaning: str | None = None
    counted: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A list, and all parameters but the window's.

    Attributes:
        total: rows by the server's count, where another call or the parent told it.
        dead: that count includes dead rows, which keep their places.
        had: the list had rows when it was last read.
        newest: the number of the list's newest row, where the parent told it.
        top: the window is the list's first, so that it has rows if there are any.
        known: rows that have crashed the server before.
        meaning: what `offset` means here, where servers differ and it has been learnt.
    """

    resource: Resource
    params: Mapping[str, Any]
    total: int | None = None
    dead: bool = False
    had: bool = False
    newest: int | None = None
    top: bool = False
    known: tuple[Known, ...] = ()
    meaning: str | None = None


async def fetch(client: Client, question: Question, window: Window) -> Fetched:
    """Read a window.

    Raises:
        ApiError: the instance refused.
        ServerFaultError: so many records crash the server that it must be the method itself.
        NonsenseError: what it answered proves nothing.
        TransportError: no answer.
    """
    reader = _Reader(client, question, MOST_HOLES * max(1, window.size // _PAGE))
    known = [one for one in question.known if window.start <= one.row < window.end]
    if known:
        slots = await Around(reader, window).read(known)
    else:
        slots = await reader.read(window, isolating=False)
    if slots and (known or reader.crashed):
        search = Search(reader, window, reader.crashed, _living(question, reader))
        slots, reader.lost = await search.all_met(slots)
    if question.top and not slots and reader.counted and _counts_living(question):
        raise nonsense_of(question.resource.method, f"a count of {reader.counted} and no rows")
    return _fetched(question, slots, reader)


def _living(question: Question, reader: "_Reader") -> int | None:
    """How many rows of the list can be shown, by the answer's own count."""
    return reader.counted if _counts_living(question) else None


def _counts_living(question: Question) -> bool:
    """Each row that the answer counts can be shown."""
    resource = question.resource
    return not (question.dead or resource.counts.dead or resource.counts.loose)


class _Reader:
    def __init__(self, client: Client, question: Question, most: int) -> None:
        self._client = client
        self._question = question
        self._most = most
        self._holes = 0
        self.counted: int | None = None
        self.more = False
        self.crashed = ""
        self.lost = 0
        self.meanings = question.resource.paginator.addressing.meanings
        self.meaning = question.meaning

    @property
    def addressing(self) -> Addressing:
        """What `offset` and `count` mean, as far as is known."""
        return self.meanings.get(self.meaning or "", self._question.resource.paginator.addressing)

    async def read(self, window: Window, *, isolating: bool) -> list[Slot]:
        """The records of a window, with a hole in the place of each that crashes the server."""
        try:
            answer = await self._ask(window, {}, isolating=isolating)
        except NonsenseError:
            raise  # It is not about one record.
        except ServerFaultError as error:
            if self._question.resource.quirks.crashes_empty and await self._is_empty(window):
                return []
            if window.size == 1:
                return await self._alone(window, error)
            self.crashed = str(error)
            return await self._parts(window, error, isolating=isolating)
        return self._taken(answer)

    async def _is_empty(self, window: Window) -> bool:
        """A page of this list has crashed: because the list is empty, or ends before the page?

        Not if it had rows before, or counts more: then a record crashes it. Nor if a row past the
        end is answered, which is how servers answer that do not crash there.
        """
        # Of a list that was counted in this reading it need not be known whether it had rows.
        had = self._question.had if self.counted is None else window.start < self.counted
        if had:
            return False
        for row in (window.start, window.start + 1):
            try:
                await self._ask(Window(row, 1), {}, isolating=True)
            except NonsenseError:
                raise
            except ServerFaultError:
                continue
            return False
        return True

    async def ask(self, window: Window, addressing: Addressing) -> list[Slot]:
        """The records of a window, if none of them crashes the server."""
        return self._taken(await self._ask(window, {}, isolating=True, addressing=addressing))

    def _taken(self, answer: ListAnswer) -> list[Slot]:
        if answer.total is not None:
            self.counted = answer.total
        self.more = answer.more
        return list(answer.records)

    def key(self, slot: Slot) -> Key | None:
        """The key of a record that can be read and has its place in the list's order."""
        resource = self._question.resource
        if isinstance(slot, Hole) or not resource.can_place(slot):
            return None
        stands_out = resource.order.aside is not None and resource.order.aside(slot)
        return None if stands_out else resource.key(slot)

    def name(self, record: Record) -> str:
        """What names a record in its list, whatever its shape."""
        resource = self._question.resource
        # Of a shape that nobody knows: like no other.
        return resource.key(record) if resource.can_place(record) else f"at {id(record)}"

    def hole(self, row: int, error: ServerFaultError, *, tried: bool = True) -> Hole:
        """A hole in the place of a row.

        Raises:
            ServerFaultError: there are so many that it is not about single records.
        """
        self._holes += 1
        if self._holes > self._most:
            raise error
        return Hole(row, str(error), row=row, tried=tried)

    def ends(self, some: Sequence[Slot]) -> bool:
        """An answer without records is the end of the list, unless dead rows keep their places."""
        return not (some or self._question.dead or self.more)

    async def _ask(
        self,
        window: Window,
        more: Mapping[str, Any],
        *,
        isolating: bool,
        addressing: Addressing | None = None,
    ) -> ListAnswer:
        resource = self._question.resource
        paging = (addressing or self.addressing).params(window)
        params: Mapping[str, Any] = {**resource.params, **self._question.params, **paging, **more}
        if resource.quirks.request:
            params = resource.quirks.request(params)
        total = self._question.total
        with expecting(None if total is None else total - window.start):
            response = await self._client.call(resource.method, params, isolating=isolating)
        return taken_apart(resource.method, resource.answer, response)

    async def _alone(self, window: Window, error: ServerFaultError) -> list[Slot]:
        fallback = self._question.resource.quirks.fallback
        try:
            if fallback:
                return list((await self._ask(window, fallback, isolating=True)).records)
        except NonsenseError:
            raise
        except ServerFaultError as again:
            error = again
        return [self.hole(window.start, error)]

    async def _parts(
        self, window: Window, error: ServerFaultError, *, isolating: bool
    ) -> list[Slot]:
        slots: list[Slot] = []
        for part in self.addressing.split(window):
            some = await self.read(part, isolating=True)
            if part.size == 1 and self.ends(some):
                break  # Past the end: further rows of this window do not exist.
            slots += some
        # Of two rows of one second, whose order is unsettled, one may have been met twice.
        most = 2 if isolating else 1
        if len(slots) > most and all(isinstance(slot, Hole) for slot in slots):
            raise error  # Nothing of several rows can be had: it is not about one record.
        return slots


def _fetched(question: Question, slots: Sequence[Slot], reader: _Reader) -> Fetched:
    resource = question.resource
    aside: list[Record] = []
    records: list[Record] = []
    holes: list[tuple[Hole, int]] = []
    for slot in slots:
        if isinstance(slot, Hole):
            holes.append((slot, len(records)))
        elif not resource.can_place(slot):
            holes.append((Hole(len(records), STRANGE, record=slot), len(records)))
        elif resource.order.aside and resource.order.aside(slot):
            aside.append(slot)
        else:
            records.append(slot)
    total = reader.counted if reader.counted is not None else question.total
    keys = tuple(resource.key(record) for record in records)
    page = Page(
        keys=keys,
        dates=tuple(record[resource.order.moment] for record in records)
        if resource.order.moment
        else (),
        ids=tuple(record["id"] for record in records) if resource.order.moment else (),
        aside=len(aside),
        holes=len(holes),
        lost=reader.lost,
        total=total,
        newest=question.newest,
        slots=ENDLESS if reader.more else question.total if question.dead else None,
    )
    return Fetched(page, (*aside, *records), placed(holes, keys), reader.meaning, reader.counted)
