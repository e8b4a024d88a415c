"""What a codebook says of columns that a rule has changed."""

from dataclasses import replace

from ovk_archive.export.pseudonyms.coarse import STEPS_DOC
from ovk_archive.export.pseudonyms.rules import COUNTED, MAKE_TEXT, PREFIXES
from ovk_archive.export.view import Field

#: What a rule gives, for the description of its columns; None where it does not change their kind.
DOCS = {
    "person": "keyed hash of the person",
    "group": "keyed hash of the group",
    "owner": "keyed hash of the person (u_) or the group (g_)",
    **{kind: f"keyed hash of the {kind}'s number" for kind in (*PREFIXES, *COUNTED)},
    "answers": "keyed hashes of the answers' numbers",
    "gift": "keyed hash",
    "notification": "keyed hash",
    "record": "its parts as in that table",
    "object": "as in the table of its type",
    "item": "as in the table of its kind",
    "parent": "only of posts, photos and videos",
    "turn": "the conversation, and its place among those exported of it",
    "place": "counted anew from 1",
    "text": "without names, links and contacts",
    "html": "without names, links and contacts",
    "history": "with pseudonyms, its texts without names, links and contacts",
    "named": "with pseudonyms in place of owners and numbers",
    "steps": STEPS_DOC,
    "time_day": "to the day",
    "time_month": "to the month",
    "day": "to the day",
    "month": "to the month",
}


def described(field: Field, rule: str) -> Field:
    """A column as it is after its rule."""
    doc = f"{field.doc} ({DOCS[rule]})" if rule in DOCS else field.doc
    return replace(field, doc=doc, type="string" if rule in MAKE_TEXT else field.type)
