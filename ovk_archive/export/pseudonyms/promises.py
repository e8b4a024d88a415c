"""What pseudonyms promise, and what they cannot: sentences for people."""

from ovk_archive.export.pseudonyms.domains import Hiding
from ovk_archive.export.pseudonyms.texts.limits import NOT_FOUND, REPLACED

#: What was done, and what that cannot promise.
_PROMISES = (
    (
        "Ids of people and groups are replaced by keyed hashes (BLAKE2b), the same in all exports "
        "of this instance that were made with the same key."
    ),
    (
        "Numbers of things are replaced by keyed hashes, too. A message has its conversation and "
        "its place in it instead, and places in collections and playlists are counted anew."
    ),
    (
        "Names, screen names, profiles, contacts, birthdays, places, addresses, files, titles "
        "of documents and of groups are left out; so are the tables account, statuses, settings, "
        "blacklist, newsfeed_banned, instance, media and former contents."
    ),
    *REPLACED,
    (
        "These are pseudonyms, not anonymity: whoever has the key can tell who is who, and the "
        "data stays personal data."
    ),
    *NOT_FOUND,
    (
        "Stories and rare facts in texts can tell who somebody is, and a text that is public can "
        "be found by its words."
    ),
    (
        "Counts, sizes and lengths are told in steps (3 is 3 to 5), and when the archive saw a row "
        "to the day or the month."
    ),
    (
        "Who is connected with whom is kept, and the account stands out as the one around whom "
        "all is arranged; a known circle of friends can be recognised."
    ),
    (
        "Photos, videos, recordings and documents show faces, voices and names; they must not be "
        "given along with this export."
    ),
)

#: The same, by how exactly times are told.
_TIMES = {
    "exact": (
        "Times are exact: whoever can read the instance finds each public post by its time, and "
        "with it its author."
    ),
    "day": (
        "Times are told to the day (UTC). Where a wall has one post of that day, whoever can read "
        "it finds the post, and with it its author: --times month hides more, and --k counts "
        "such rows."
    ),
    "month": (
        "Times are told to the month (UTC). Where a wall has one post of that month, whoever can "
        "read it finds the post, and with it its author: --k counts such rows."
    ),
}
_DOMAINS = (
    (
        "Messages, lists of friends and followers, friend requests, gifts, notifications and the "
        "newsfeed have pseudonyms of their own, which are others than those of what is public: the "
        "manifest says which tables share them."
    ),
    (
        "People who stand out in the same way in two of these can still be recognised: by what "
        "they write, by when they write, by how much."
    ),
    (
        "Exports with and without --one-domain together show which pseudonyms are the same "
        "person: do not give both to anybody."
    ),
)
_ONE_DOMAIN = (
    "Everybody has one pseudonym in all tables: one public comment that is recognised tells who "
    "wrote which private messages."
)
_PEOPLE = (
    "Only people of a list are told of: rows that belong to others, are by others or tell of "
    "others are left out, and where others are mentioned they are [other]."
)


def promises(hiding: Hiding) -> list[str]:
    """What was done, and what that cannot promise: sentences for the manifest."""
    domains = (_ONE_DOMAIN,) if hiding.one_domain else _DOMAINS
    people = () if hiding.people is None else (_PEOPLE,)
    return [*_PROMISES, _TIMES[hiding.times], *domains, *people]
