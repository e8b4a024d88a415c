"""The tables of the machinery: where lists stand, what was missed, how runs ended."""

#: Machinery: table -> (columns, key, what it is).
MACHINERY: dict[str, tuple[dict[str, type], tuple[str, ...], str]] = {
    "_archive": (
        {"name": str, "value": str},
        ("name",),
        "What this archive belongs to: instance, account, version that made it.",
    ),
    "_versions": (
        {
            "id": int,
            "resource": str,
            "record_key": str,
            "embedded": int,
            "content": str,
            "first_seen_at": str,
            "record": str,
            "last_seen_at": str,
            "gone_at": str,
            "state": str,
            "last_seen_in": int,
            "rest": str,
        },
        ("id",),
        (
            "Every distinct content of a record ever seen: the full JSON, when first and last "
            "seen, and when it was found missing after that. `embedded` is 1 for what came as an "
            "attachment and knows less than its own list. All tables but `media` follow from it. "
            "It is a view of the next two."
        ),
    ),
    "_records": (
        {
            "id": int,
            "resource": str,
            "record_key": str,
            "embedded": int,
            "content": bytes,
            "first_seen": int,
            "record": str,
            "repeats": str,
            "state": str,
            "rest": bytes,
        },
        ("id",),
        "What `_versions` shows of each content, as it is stored.",
    ),
    "_sightings": (
        {"id": int, "last_seen": int, "last_seen_in": int, "gone_at": str},
        ("id",),
        "When each content was seen last: apart, since it changes with every reading.",
    ),
    "_cursors": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "position": str,
            "stamp": str,
            "done": int,
            "counted": int,
            "refused": str,
            "refused_code": int,
            "updated_at": str,
            "finished_at": str,
            "walk_began_at": str,
            "updated_in": int,
            "walk_began_in": int,
            "tries": int,
            "failed_at": str,
            "met": int,
            "met_of": int,
        },
        ("resource", "partition"),
        (
            "Where each list stands: the position of the next request, what the server counts, and "
            "why it was refused."
        ),
    ),
    "_runs": (
        {
            "id": int,
            "started_at": str,
            "began_in": int,
            "finished_at": str,
            "version": str,
            "arguments": str,
            "outcome": str,
            "exit_code": int,
            "requests": int,
            "failures": int,
            "report": str,
        },
        ("id",),
        "Each run: what was asked for, how it ended, how many requests it took.",
    ),
    "_skipped": (
        {
            "resource": str,
            "partition": str,
            "place": str,
            "after_key": str,
            "reason": str,
            "tries": int,
            "first_at": str,
            "last_at": str,
            "resolved_at": str,
            "last_in": int,
            "row": int,
            "before_key": str,
            "record": str,
        },
        ("resource", "partition", "place"),
        (
            "Records that crash the server, or that this program could not read: where they stand, "
            "how often they were tried, and when they were read after all. Under the name "
            "`hydrate`, things that were asked for by number and that the instance did not give."
        ),
    ),
    "_absences": (
        {
            "resource": str,
            "record_key": str,
            "missed_at": str,
            "gone_at": str,
            "back_at": str,
            "missed_in": int,
            "gone_in": int,
            "hidden": int,
        },
        ("resource", "record_key", "missed_at"),
        (
            "Rows that a list no longer showed: when they were first missed, when a later run "
            "confirmed it, and when they came back."
        ),
    ),
    "_rounds": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "position": str,
            "began_at": str,
            "finished_at": str,
            "began_in": int,
            "finished_in": int,
            "refused": str,
            "tries": int,
            "failed_at": str,
        },
        ("resource", "partition"),
        (
            "Lists that are read again, some by each run, to find edits and deletions: where the "
            "round that is under way stands, and when the last one ended."
        ),
    ),
    "_coverage": (
        {
            "resource": str,
            "partition": str,
            "owner_id": int,
            "counted": int,
            "counts_dead": int,
            "held": int,
            "gone": int,
            "missed": int,
            "unexplained": int,
            "skipped": int,
            "refused": str,
            "spanned": int,
            "read_at": str,
            "reread_at": str,
            "as_of": str,
        },
        ("resource", "partition"),
        (
            "The ledger, list by list: what the server counts, and what is here, gone, missed, "
            "skipped or refused."
        ),
    ),
    "_fields": (
        {"resource": str, "name": str, "first_seen_at": str, "misfit": int},
        ("resource", "name"),
        (
            "Fields of records that no column of this version keeps, and columns that could not "
            "keep some value; `_versions` has the values."
        ),
    ),
    "_pace": (
        {"name": str, "state": str},
        ("name",),
        "How fast this instance lets itself be asked, as far as it has taught us.",
    ),
    "_unindexed": (
        {"resource": str, "item": int, "was": bytes},
        ("resource", "item"),
        (
            "Rows whose texts changed since their words were put into the search index: empty, but "
            "where another program wrote. `was` are the texts that the index knows."
        ),
    ),
    "_unindexed_records": (
        {"resource": str, "record_key": str},
        ("resource", "record_key"),
        "Records with versions that the search index has not looked at: empty in the same way.",
    ),
    "_former_texts": (
        {"id": int, "resource": str, "item": int, "texts": str},
        ("id",),
        "Texts that were overwritten, as the search index has them: `id` is that in `_versions`.",
    ),
}

#: Of these, what the search index makes itself (`archive/search/declared.py`).
OF_INDEX = ("_unindexed", "_unindexed_records", "_former_texts")

#: And what the versions are stored in (`archive/versions/layout.py`).
OF_VERSIONS = ("_records", "_sightings")

#: Indexes of machinery that a run could not do without, nor the page of what was deleted.
MACHINERY_INDEXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("_records", ("resource", "record_key", "embedded")),
    ("_cursors", ("resource", "owner_id")),
    ("_absences", ("missed_at", "resource", "record_key")),
)
