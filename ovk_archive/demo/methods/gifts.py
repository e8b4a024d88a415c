"""gifts.*: what people were given, and the catalogue."""

from dataclasses import dataclass
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.php import ApiFault, Crash, window
from ovk_archive.demo.world.owned import Gift

#: When the pictures were changed last: a part of their addresses.
UPDATED = 1_700_000_000
PER_PAGE = 10


@dataclass(frozen=True)
class Category:
    """A shelf of the catalogue: names, and the gifts on it."""

    id: int
    name: str
    description: str
    english: tuple[str, str]
    gifts: tuple[int, ...]


@dataclass(frozen=True)
class Offer:
    """A gift that one can give; `limit` is how often, 0 for as often as one likes."""

    name: str
    price: int
    limit: int = 0


CATEGORIES = (
    Category(1, "Праздник", "Подарки к празднику", ("Holiday", "Gifts"), (1, 2, 3)),
    Category(2, "Прочее", "", ("Прочее", ""), (4,)),
)
OFFERS = {
    1: Offer("Торт", 0),
    2: Offer("Кот", 5),
    3: Offer("Дорогой", 90),
    4: Offer("Лимит 2", 1, 2),
}
LANGUAGES = {
    "A": "ru en uk by by_lat pl de hy sr_cyr sr_lat tr kk ru_old eo ru_sov ru_lat udm id qqx",
    "B": (
        "ru en uk by by_lat pl lv lt de es hy sr_cyr sr_lat tr kk kk_lat ru_old eo ru_sov "
        "ru_lat udm zh-Hans id qqx"
    ),
}


def get(call: Call) -> Any:
    """List gifts, newest first: the first `count` rows, of which `offset` are then dropped.

    [A] shows a bare list, whose ids are no more than places in the whole list.
    """
    owner = call.params.number("user_id")
    if owner == 0 or (call.newer and owner < 0):
        owner = call.viewer or 0
    privacy.gifts(call.world, call.dialect, owner)
    rows = call.world.gifts_of(owner)
    offset, count = call.params.number("offset"), call.params.number("count", 10)
    if count < 0:
        raise Crash
    shown = [gift_object(call, gift, n) for n, gift in enumerate(rows[:count][offset:], offset)]
    return {"count": len(rows), "items": shown} if call.newer else shown


def gift_object(call: Call, gift: Gift, place: int) -> dict[str, Any]:
    """Show a gift; one from nobody says so twice in [B]."""
    call.guard("gifts", gift.id)
    image = _image(call, gift.gift_id)
    return {
        "id": gift.id if call.newer else place,
        "from_id": 0 if gift.anonymous else gift.from_id,
        "message": gift.message,
        "date": gift.date,
        "privacy": int(call.newer and gift.anonymous),
        "gift": {
            "id": gift.gift_id,
            **dict.fromkeys(("thumb_256", "thumb_96", "thumb_48"), image),
        },
    }


def get_categories(call: Call) -> list[dict[str, Any]]:
    """Show the shelves of the catalogue."""
    _check_commerce(call)
    page = window(CATEGORIES, (call.params.number("page", 1) - 1) * PER_PAGE, PER_PAGE)
    return [_category(call, category) for category in page]


def get_gifts_in_category(call: Call) -> list[dict[str, Any]]:
    """Show what is on a shelf; here the pictures are relative in both dialects."""
    _check_commerce(call)
    number = call.params.number("id")
    category = next((category for category in CATEGORIES if category.id == number), None)
    if category is None:
        raise ApiFault(15 if call.newer else 177, "Category not found")
    page = window(category.gifts, (call.params.number("page", 1) - 1) * PER_PAGE, PER_PAGE)
    return [
        {
            "name": OFFERS[gift].name,
            "image": _path(gift),
            "usages_left": OFFERS[gift].limit,
            "price": OFFERS[gift].price,
            "is_free": OFFERS[gift].price == 0,
        }
        for gift in page
    ]


def _check_commerce(call: Call) -> None:
    if not call.world.commerce:
        raise ApiFault(-105 if call.newer else 105, "Commerce is disabled on this instance")


def _category(call: Call, category: Category) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": category.name,
        "description": category.description,
        "id": category.id,
        "thumbnail": _image(call, category.gifts[0]),
    }
    if call.params.flag("extended"):
        native = {"name": category.name, "desc": category.description}
        texts = dict.fromkeys(LANGUAGES[call.dialect].split(), native)
        name, description = category.english
        shown["localizations"] = texts | {"en": {"name": name, "desc": description}}
    return shown


def _image(call: Call, gift_id: int) -> str:
    return call.url(_path(gift_id)) if call.newer else _path(gift_id)


def _path(gift_id: int) -> str:
    return f"/gift{gift_id}_{UPDATED}.png"


METHODS = {
    "gifts.get": Method(get),
    "gifts.getCategories": Method(get_categories, anonymous="A"),
    "gifts.getGiftsInCategory": Method(get_gifts_in_category, needs=("id",)),
}
