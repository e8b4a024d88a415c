"""Whose rows may be told, where only some people have consented: conditions on tables.

A row is left out if it belongs to somebody else, is by somebody else, or tells of somebody else;
with it goes what is part of it. Whom it only mentions is replaced when it is written.
"""

from collections.abc import Iterator

from ovk_archive.export.pseudonyms.rules import MENTIONED, RULES

#: What a rule calls columns with people; of owners and authors, groups are negative.
_WHO = ("person", "owner")


def only_theirs(table: str) -> Iterator[str]:
    """Conditions that a row tells of nobody else; each binds a JSON list of people's ids.

    Groups, and nobody in particular, are no people.
    """
    for column, rule in RULES.get(table, {}).items():
        if rule in _WHO and (table, column) not in MENTIONED:
            yield (
                f'("{column}" is null or "{column}" <= 0 '
                f'or "{column}" in (select value from json_each(?)))'
            )
