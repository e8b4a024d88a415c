"""Facts about the instance itself.

Methods: ovk.version, ovk.aboutInstance, ovk.getMirrors (help/openvk-api.md, Account and instance).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ovk_archive.api.paging.single import Single
from ovk_archive.errors import NonsenseError
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import content, counter, given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.shapes import ListAnswer, a_list, an_object, described
from ovk_archive.resources.vocabulary.traits import Schedule

INSTANCE = Table(
    name="instance",
    title="The instance",
    doc="What the instance says of itself.",
    key=("name",),
    columns=(
        content("name", str, "Which fact"),
        given("source", str, "The method that tells it"),
        content("value", str, "The fact; JSON where it is more than a word", read=values.fact),
        counter("count", "The fact, where it is a number that changes all the time"),
    ),
    label="name",
)


def _fact_key(record: Record) -> str:
    return str(record["name"])


def _facts(found: Mapping[str, Any]) -> ListAnswer:
    return ListAnswer(tuple({"name": name, "value": value} for name, value in found.items()))


def version(response: Any) -> ListAnswer:
    """The answer is a word."""
    if not isinstance(response, str):
        raise NonsenseError(f"{described(response)} where a text is due")
    return _facts({"version": response})


def mirrors(response: Any) -> ListAnswer:
    """The answer is a list of host names."""
    return _facts({"mirrors": list(a_list(response))})


def about(response: Any) -> ListAnswer:
    """Who runs the instance, its links, and its numbers."""
    found = an_object(response)
    facts = []
    for name in ("administrators", "links"):
        # Where the server tells nothing of them, there are none.
        items = values.records((found.get(name) or {}).get("items"))
        # Who is online changes by the minute.
        steady = [{k: v for k, v in one.items() if not k.startswith("online")} for one in items]
        facts.append({"name": name, "value": steady})
    numbers = found.get("statistics") or {}
    return ListAnswer((*facts, *({"name": k, "count": v} for k, v in numbers.items())))


def _of_instance(name: str, title: str, method: str, **more: Any) -> Resource:
    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        del context
        yield INSTANCE.row(record, source=method)

    return Resource(
        name=name,
        section="instance",
        title=title,
        method=method,
        table=INSTANCE,
        paginator=Single(),
        rows=rows,
        key=_fact_key,
        only={"source": method},
        schedule=Schedule(daily=True),
        **more,
    )


VERSION = _of_instance(
    "instance_version", "the instance's version", "ovk.version", answer=version,
)  # fmt: skip
ABOUT = _of_instance(
    "instance", "the instance", "ovk.aboutInstance", answer=about,
    # [A] crashes on the fields it shows by default.
    params={"fields": "statistics,administrators,links"},
)  # fmt: skip
MIRRORS = _of_instance(
    "instance_mirrors", "the instance's mirrors", "ovk.getMirrors", answer=mirrors,
)  # fmt: skip
