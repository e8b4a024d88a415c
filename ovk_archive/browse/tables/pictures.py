"""Small pictures beside addresses, where the file is here; they are loaded when they are seen."""

import json
from collections.abc import Iterable

from markupsafe import Markup

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.vocabulary.columns import Kind

#: What a browser shows as a picture.
_PICTURES = frozenset(
    ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp")
)
#: Tables and views, and their columns with addresses of files.
WITH_FILES = {
    *((table.name, one.column) for table in TABLES for one in table.media),
    *((t.name, one.name) for t in TABLES for one in t.columns if one.kind is Kind.ADDRESS),
    *((view.name, "url") for view in VIEWS),
    ("media", "url"),
}


def files(
    db: Reading, at: Addresses, words: Wording, addresses: Iterable[str]
) -> dict[str, Markup]:
    """Address -> the file that is here: a small picture, or a way to the sound or film."""
    # Without the plus SQLite would look through all files that are here.
    rows = db.execute(
        "select url, sha256, content_type from media where +state = 'stored' "
        "and sha256 is not null and url in (select value from json_each(?))",
        (json.dumps(sorted(set(addresses))),),
    )
    return {url: _shown(at, words, sha256, kind) for url, sha256, kind in rows}


def _shown(at: Addresses, words: Wording, sha256: str, content_type: str | None) -> Markup:
    _ = words.translations.gettext
    whole = at.file(sha256)
    if content_type not in _PICTURES:
        return Markup('<a class="ovk-file" href="{}">{}</a>').format(whole, _("The file"))
    return Markup(
        '<a class="ovk-thumb" href="{}"><img src="{}" alt="{}" width="64" height="64" '
        'loading="lazy"></a>'
    ).format(whole, at.page("media", sha256, small=1), _("The file"))
