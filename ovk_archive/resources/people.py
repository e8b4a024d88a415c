"""The account itself, and everybody that anything refers to.

Methods: account.getProfileInfo, users.get, groups.getById (help/openvk-api.md, People and privacy).
"""

from collections.abc import Iterator

from ovk_archive.api.paging.single import Single
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    address,
    content,
    counter,
    moment,
    number,
    user,
    viewer,
    yes_no,
)
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Lookup, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Media, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import alone

#: What [A] answers for profile fields that privacy hides.
FAKES = frozenset({"secret", "secret@gmail.com", "@secret", values.FAKE_CITY})
FAKE_RATING = 22
#: What [B] answers for a hidden date of birth.
FAKE_BIRTHDAY = "01.01.1970"

PROFILE_FIELDS = (
    "verified,sex,has_photo,photo_max,status,screen_name,last_seen,music,movies,tv,books,city,"
    "interests,quotes,email,telegram,about,rating,bdate,nickname,home_town"
)
GROUP_FIELDS = "verified,description,site,photo_max,photo_200,members_count,contacts,start_date"


def full_name(record: Record) -> str:
    """First and last name, as one label."""
    names = (record.get("first_name"), record.get("last_name"))
    return " ".join(name for name in names if isinstance(name, str)).strip()


#: The largest thumbnail: the API tells no other address (help/openvk-api.md, Files and thumbnails).
AVATAR = Media(kind="avatars", column="photo_url")

ACCOUNT = Table(
    name="account",
    title="The account",
    doc="Whose archive this is: the profile as only its owner sees it.",
    key=("id",),
    columns=(
        user("id", "The account's user id"),
        content("name", str, "First and last name", (), read=full_name),
        content("first_name", str, "First name"),
        content("last_name", str, "Last name"),
        content("nickname", str, "Middle name or nickname ([B] only)"),
        content("screen_name", str, "Short address of the page ([B] only)"),
        content("status", str, "Status line"),
        content("home_town", str, "Home town"),
        content("bdate", str, "Date of birth as the server writes it; 01.01.1970 if unset"),
        number("bdate_visibility", "Who may see the date of birth"),
        content("phone", str, "Phone number with stars, as the server shows it"),
        number("sex", "1 female, 2 male, 0 neither"),
        number("relation", "Marital status, VK's numbering"),
    ),
    label="name",
)

USERS = Table(
    name="users",
    title="People",
    doc="Everybody whom a record of the archive refers to.",
    key=("id",),
    columns=(
        number("id", "User id"),
        content("name", str, "First and last name", (), read=full_name),
        content("first_name", str, "First name; DELETED if the account was deleted"),
        content("last_name", str, "Last name"),
        content("nickname", str, "Middle name or nickname ([B] only)"),
        content("screen_name", str, "Short address of the page"),
        content("deactivated", str, "`deleted` or `banned`, if the account is"),
        content("ban_reason", str, "Why the account is banned"),
        number("sex", "1 female, 2 male, 0 neither"),
        content("bdate", str, "Date of birth as the server writes it ([B] only)"),
        content("status", str, "Status line"),
        content("city", str, "City", ("city",), read=values.city),
        content("home_town", str, "Home town ([B] only)"),
        content("about", str, "About oneself"),
        content("interests", str, "Interests"),
        content("music", str, "Favourite music"),
        content("movies", str, "Favourite films"),
        content("tv", str, "Favourite shows"),
        content("books", str, "Favourite books"),
        content("quotes", str, "Favourite quotations"),
        content("email", str, "Public e-mail address"),
        content("telegram", str, "Telegram name"),
        address("photo_url", "The avatar, largest rendering", ("photo_max",)),
        yes_no("has_photo", "Has an avatar"),
        yes_no("verified", "Verified by the instance"),
        yes_no("is_closed", "The profile is closed to strangers"),
        viewer("can_access_closed", "The account may see the closed profile"),
        counter("rating", "Rating"),
        counter("online", "Online when last read", read=values.flag, flag=True),
        moment("last_seen", "When last seen", ("last_seen", "time"), kind=Kind.VOLATILE),
    ),
    known=frozenset(
        {"online_mobile", "blacklisted", "blacklisted_by_me", "photo_max_orig", "user_id"}
    ),
    indexes=(("screen_name",),),
    label="name",
    facets=("deactivated", "sex"),
    media=(AVATAR,),
    search=Search(
        columns={
            "name": 4.0,
            "nickname": 3.0,
            "screen_name": 3.0,
            "status": 1.0,
            "city": 1.0,
            "home_town": 1.0,
            "about": 1.0,
            "interests": 1.0,
            "music": 1.0,
            "movies": 1.0,
            "tv": 1.0,
            "books": 1.0,
            "quotes": 1.0,
        },
        who="id",
        owner="id",
    ),
)

GROUPS = Table(
    name="groups",
    title="Groups",
    doc="Every group that a record of the archive refers to.",
    key=("id",),
    columns=(
        number("id", "Group id, positive; negative as an owner or author elsewhere"),
        content("name", str, "Name; DELETED if the group was deleted"),
        content("screen_name", str, "Short address of the page"),
        content("type", str, "`group` or `event`"),
        content("description", str, "Description"),
        content("site", str, "Web site"),
        content("deactivated", str, "Set if the group is banned ([B] only)"),
        content("contacts", str, "Contact persons, JSON", ("contacts",), read=values.as_json),
        address("photo_url", "The avatar", ("photo_max",), also=(("photo_200",),)),
        moment("start_date", "When an event begins ([B] only)"),
        yes_no("verified", "Verified by the instance"),
        yes_no("is_closed", "Closed to strangers"),
        counter("members_count", "Members"),
        viewer("can_access_closed", "The account may see the closed group"),
        viewer("is_member", "The account is a member"),
        viewer("is_admin", "The account is an administrator ([B] only)"),
    ),
    known=frozenset({"photo_50", "photo_100"}),
    indexes=(("screen_name",),),
    label="name",
    facets=("type",),
    media=(AVATAR,),
    search=Search(
        columns={"name": 4.0, "screen_name": 3.0, "description": 1.0}, who="-id", owner="-id"
    ),
)


def without_fakes(record: Record) -> Record:
    """A closed profile without what the server makes up for the fields it hides."""
    if record.get("can_access_closed") or "can_access_closed" not in record:
        return record
    return {
        name: value
        for name, value in record.items()
        if not (isinstance(value, str) and value in FAKES)
        and (name, value) not in (("rating", FAKE_RATING), ("bdate", FAKE_BIRTHDAY))
    }


def user_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A person."""
    del context
    yield USERS.row(without_fakes(record))


PROFILE = Resource(
    name="profile",
    section="profile",
    title="the account's profile",
    method="account.getProfileInfo",
    table=ACCOUNT,
    paginator=Single(),
    answer=alone,
    rows=own_rows(ACCOUNT),
    key=lambda record: str(record["id"]),
)

PEOPLE = Lookup(
    name="users",
    section="people",
    title="people",
    method="users.get",
    param="user_ids",
    params={"fields": PROFILE_FIELDS},
    table=USERS,
    rows=user_rows,
)

CLUBS = Lookup(
    name="groups",
    section="people",
    title="groups",
    method="groups.getById",
    param="group_ids",
    params={"fields": GROUP_FIELDS},
    table=GROUPS,
    rows=own_rows(GROUPS),
)
