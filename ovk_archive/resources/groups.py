"""Memberships, groups of one's own and their settings, members.

Methods: groups.get, groups.getSettings, groups.getMembers (help/openvk-api.md, Groups). The groups
themselves are read whole by groups.getById, like everything that is referred to (people.py).
"""

from collections.abc import Iterator

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import END, ROWS
from ovk_archive.resources.people import GROUP_FIELDS, GROUPS
from ovk_archive.resources.vocabulary.columns import content, given, number, yes_no
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Parent, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.shapes import alone, answer, uncounted
from ovk_archive.resources.vocabulary.traits import Quirks, Schedule


def _belonging(name: str, title: str, doc: str) -> Table:
    return Table(
        name=name,
        title=title,
        doc=doc,
        key=("user_id", "group_id"),
        columns=(
            given("user_id", int, "The person", references="users"),
            given("group_id", int, "The group", references="groups"),
        ),
        relation=True,
        indexes=(("group_id",),),
    )


MEMBERSHIPS = _belonging("memberships", "Memberships", "Who is in which group.")
MANAGED = _belonging(
    "managed_groups", "Administered groups", "Which groups the account administers."
)
MEMBERS = _belonging(
    "group_members", "Members of groups", "The members of groups, where they were asked for."
)

SETTINGS = Table(
    name="group_settings",
    title="Settings of groups",
    doc="How the groups are set up that the account administers.",
    key=("group_id",),
    columns=(
        given("group_id", int, "The group", references="groups"),
        content("title", str, "Name"),
        content("description", str, "Description"),
        content("address", str, "Short address of the page"),
        content("website", str, "Web site"),
        number("wall", "Who may write on the wall: 0 nobody, 1 everybody, 2 by suggestion"),
        yes_no("photos", "Photos are open"),
        yes_no("video", "Videos are open"),
        yes_no("audio", "Audio is open"),
        yes_no("docs", "Documents are open"),
        yes_no("topics", "The board is open"),
        number("access", "VK's access class ([A] only)"),
        number("subject", "VK's subject number ([A] only)"),
        content("obscene_words", str, "Forbidden words ([A] only)"),
    ),
    # Constants of [A], copied from VK's answers (recordings).
    known=frozenset(
        {"wiki", "messages", "obscene_filter", "obscene_stopwords", "subject_list", "rss"}
        | {"age_limits", "market"}
    ),
    label="title",
)


def group_key(record: Record) -> str:
    """The group's id."""
    return str(record["id"])


def group_rows(table: Table) -> RowFunction:
    """A group, and that the list's owner belongs to it. The list shows it in part only."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        yield GROUPS.row(record, embedded=True)
        yield table.row({}, user_id=context.partition["user_id"], group_id=record["id"])

    return rows


def settings_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A group's settings."""
    yield SETTINGS.row(record, group_id=context.partition["group_id"])


def member_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """That a person is a member. The person's own record tells more, and on [A] the truth."""
    yield MEMBERS.row({}, user_id=record["id"], group_id=context.partition["group_id"])


MEMBERSHIP_LIST = Resource(
    name="memberships",
    section="groups",
    title="memberships",
    method="groups.get",
    params={"fields": GROUP_FIELDS},
    table=MEMBERSHIPS,
    answer=answer,
    # In one window, for on [A] a page past the end is a crash.
    paginator=Growing(ROWS, size=100),
    rows=group_rows(MEMBERSHIPS),
    key=group_key,
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"user_id": "user_id"},
    quirks=Quirks(crashes_empty=True),
    compared=True,
)

MANAGED_LIST = Resource(
    name="managed_groups",
    section="groups",
    title="administered groups",
    method="groups.get",
    params={"fields": GROUP_FIELDS, "filter": "admin"},
    table=MANAGED,
    # [A] counts all groups, whatever the filter.
    answer=uncounted,
    paginator=Growing(ROWS, size=100),
    rows=group_rows(MANAGED),
    key=group_key,
    owner_param="user_id",
    owners=Owners.ACCOUNT,
    held={"user_id": "user_id"},
    quirks=Quirks(crashes_empty=True),
    compared=True,
)

#: Groups that the account administers open lists of their own.
OF_OWN_GROUPS = Parent(
    table=MANAGED,
    params={"group_id": "group_id"},
    owner="user_id",
    always=True,
    after=("groups",),
    # A group stays when the account no longer administers it.
    outlived=True,
)

GROUP_SETTINGS = Resource(
    name="group_settings",
    section="groups",
    title="settings of groups",
    method="groups.getSettings",
    table=SETTINGS,
    answer=alone,
    paginator=Single(),
    rows=settings_rows,
    key=lambda record: str(record["title"]),
    schedule=Schedule(daily=True),
    parent=OF_OWN_GROUPS,
    held={"group_id": "group_id"},
)

MEMBER_LIST = Resource(
    name="group_members",
    section="members",
    title="members of groups",
    method="groups.getMembers",
    table=MEMBERS,
    # `count` is the page's. One window from the top: END counts every row from there anyway.
    answer=uncounted,
    paginator=Growing(END, size=500),
    rows=member_rows,
    key=lambda record: str(record["id"]),
    parent=OF_OWN_GROUPS,
    owner_param="group_id",
    owners=Owners.GROUPS,
    held={"group_id": "group_id"},
    compared=True,
    schedule=Schedule(opt_in=True),
)
