"""What pseudonyms promise, and what they cannot: sentences for people."""

#: What was done, and what that cannot promise.
_PROMISES = (
    (
        "Ids of people and groups are replaced by keyed hashes (BLAKE2b), the same in all exports "
        "of this instance that were made with the same key."
    ),
    (
        "Numbers of comments, tracks, playlists, polls and their answers, gifts and notifications "
        "are replaced by keyed hashes; those of posts, photos, videos, notes, topics, albums, "
        "documents and messages are kept."
    ),
    (
        "Names, screen names, profiles, contacts, birthdays, places, addresses, files and titles "
        "of groups are left out; so are the tables account, statuses, settings, instance, media "
        "and former contents."
    ),
    (
        "In texts, mentions, links, e-mail addresses, telephone numbers, screen names and the "
        "names of all people and groups the archive has ever known are replaced, in Russian forms "
        "too: by a pseudonym where it is clear who is meant, else by [name], [link], [mail] or "
        "[phone]."
    ),
    (
        "These are pseudonyms, not anonymity: whoever has the key can tell who is who, and the "
        "data stays personal data."
    ),
    (
        "Not found in texts are: names of people whom the archive does not know, of places, "
        "schools and employers, diminutives, misspellings, other alphabets, common words that are "
        "also names (only as part of the whole name), and names of which nothing but signs is left."
    ),
    (
        "Who is meant by a name is a guess where only one person in the archive bears it; "
        "ordinary words that are also names are replaced as well."
    ),
    (
        "Stories and rare facts in texts can tell who somebody is, and a text that is public can "
        "be found by its words."
    ),
    (
        "When the archive saw a row is told to the day. "
        "Times, counts, sizes, lengths and the numbers that were kept are exact: whoever can read "
        "the instance can find the same post there, and with it its author."
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


def promises() -> list[str]:
    """What was done, and what that cannot promise: sentences for the manifest."""
    return list(_PROMISES)
