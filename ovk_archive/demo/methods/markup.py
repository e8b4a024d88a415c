"""The markup of notes, as each dialect serves it."""

import re
from urllib.parse import quote

from ovk_archive.demo.world.records import Note

_LINK = re.compile(r'href="(https?://[^"]*)"')


def note_html(note: Note, dialect: str) -> str:
    """Show a note's text: links lead through away.php, with the host before it in [B]."""
    host = "//localhost" if dialect == "B" else ""

    def away(match: re.Match[str]) -> str:
        target = quote(match.group(1).replace("&amp;", "&"), safe="")
        return f'href="{host}/away.php?xinf=a.href:&amp;css=&amp;to={target}"'

    return _LINK.sub(away, note.source)
