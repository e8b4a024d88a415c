"""With whom the account has exchanged messages, and what was last said."""

from dataclasses import dataclass

from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import whole, words

#: Conversations on one page.
PAGE = 50
_DIALOGS = """
select c.peer_id, c.gone_at, m.date, m.out, m.text, m.gone_at
from conversations c left join messages m on m.id = (
    select id from messages where peer_id = c.peer_id order by date desc, id desc limit 1
)
where ?1 is null or (ifnull(m.date, 0), c.peer_id) < (?1, ?2)
order by ifnull(m.date, 0) desc, c.peer_id desc limit ?3
"""
#: Letters of the last message that are shown.
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Dialog:
    """A conversation.

    Attributes:
        date: when the last message in it was written; likewise what follows.
        is_mine: the account wrote that.
        text: how it begins.
        last_gone_at: since when it is deleted.
        gone_at: since when the conversation is no longer listed.
    """

    peer: Person
    date: int | None
    is_mine: bool
    text: str
    last_gone_at: str | None
    gone_at: str | None


def dialogs(db: Reading, after: tuple[int, int] | None = None) -> list[Dialog]:
    """Those in which something was said last come first; one more than fits, if there is more.

    `after` is the date and the peer of the last one that was shown.
    """
    rows = db.execute(_DIALOGS, (*(after or (None, None)), PAGE + 1)).fetchall()
    known = people(db, [row[0] for row in rows])
    return [
        Dialog(
            peer=known[peer],
            date=whole(date),
            is_mine=bool(out),
            text=" ".join(words(text)[: 2 * _SHOWN].split())[:_SHOWN],
            last_gone_at=last_gone,
            gone_at=gone,
        )
        for peer, gone, date, out, text, last_gone in rows
    ]
