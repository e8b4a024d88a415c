"""How pages, links, mentions and e-mail addresses look, as regular expressions. Pure."""

import re

#: Pages of people and groups, by what their addresses begin with: 1 for a person.
PAGES = {"id": 1, "club": -1, "public": -1, "event": -1, "group": -1}
#: Things with a number among their owner's, which is kept.
COUNTED = ("wall", "photo", "video", "note", "topic")
_OTHERS = ("albums?", "audios?", "playlists?", "docs?", "boards?", "gifts?", "friends", "followers",
           "subscriptions", "members", "groups", "photos", "videos", "notes", "topics", "market",
           "clips?", "story")  # fmt: skip

#: Before the number of a page.
ID = "u?id|айди"
_PAGE = (
    rf"(?<![^\W_])(?:(?P<page>{'|'.join(PAGES)})[:=#№]?|(?:{ID})(?:[^\S\n]|[:=#№–—-]){{0,3}})"
    r"(?P<number>\d{1,18})(?![a-z\d])"
)
#: Without a number of its own this is no page: photo5, but wall5.
_NO_PAGE = r"(?!(?:photo|video|note|topic|story)\d+(?![\d_]))"
_THING = (
    rf"(?<![^\W_]){_NO_PAGE}(?P<kind>{'|'.join((*COUNTED, *_OTHERS))})(?P<owner>-?\d{{1,18}})"
    r"(?:_(?P<count>\d{1,18}))?(?:_\w{1,80})?(?![^\W_])"
)
PLACE = f"(?P<a_page>{_PAGE})|(?P<a_thing>{_THING})"

#: Where people have pages of which this instance knows nothing.
NETWORKS = (
    r"vk|вк|вконтакт[еу]?|vkontakte|facebook|fb|фб|фейсбук[еу]?|twitter|твиттере?|tg|тг|telegram"
    r"|телеграмм?е?|телег[еау]|insta(?:gram)?|инст(?:аграмм?)?[аеу]?|odnoklassniki|одноклассник\w{1,3}"
    r"|steam|стиме?|discord|дискорде?|tiktok|тикток[еу]?|youtube|ютуб[еу]?|skype|скайпе?|livejournal"
    r"|жж"
)
_SOMEWHERE = re.sub(r"\(\?P<\w+>", "(?:", PLACE)
_ABROAD = (
    rf"(?P<abroad>(?<![^\W_])(?:{NETWORKS})(?![^\W_])"
    r"(?:[^\S\n]|[:;,=/()–—-]|(?:мо[йя]|страница|page|profile|профиль)(?![^\W_])){1,6})"
    rf"[@*]?(?:{_SOMEWHERE})"
    rf"|(?P<far>(?:{_SOMEWHERE})(?=[^\S\n]{{1,3}}(?:(?:во?|из|на|in|on|from)[^\S\n]{{1,3}})?"
    rf"(?:{NETWORKS})(?![^\W_])))"
)
_SITES = (
    "ru|su|рф|com|org|net|info|io|me|ua|by|kz|de|uk|eu|tv|cc|co|to|xyz|site|online|club|ee|dev|app"
    "|pro|top|space|moe|gg|ai|pw|tk|fm|fun|art|blog|store|live|life|pl|fr|lv|lt|ge|рус|онлайн"
    "|москва|сайт|бел|укр"
)
_ENDS = r"[^\s<>\"]*"
_SCHEME = rf"(?:(?<![a-z])[a-z][a-z0-9+.-]{{1,20}}|https?)://{_ENDS}"
_URL = (
    rf"(?<![:\w])//[\w-]+\.{_ENDS}"
    rf"|(?<!\w)/?away\.php\?{_ENDS}"
    rf"|(?<![\w.])(?:www\.|(?:mailto|tel|tg):){_ENDS}"
    # With a path any name of a host will do, and without one a usual one.
    r"|(?<![\w.])(?:[\w-]{1,63}\.){1,8}"
    rf"(?:[a-z]{{2,24}}(?:(?::\d+)?/|\?\w+=)|(?:{_SITES}|xn--\w+)(?!\w)){_ENDS}"
    rf"|(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?!\w){_ENDS}"
    rf"|(?<![\w.])localhost(?!\w){_ENDS}"
)
_MENTION = r"\[(?P<target>[a-z][\w.:/?=&%#-]{0,300})\|[^\[\]]{0,300}\]"
_MAIL = r"(?<![\w.+-])[\w.+%-]{1,256}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_AT = (
    r"(?:(?<![a-z\d_@*])@(?P<handle>[a-z][\w.]{1,64})"
    rf"|(?<![\w@*])\*(?P<star>(?:{'|'.join(PAGES)})\d{{1,18}}|[a-z][\w.]{{1,64}}(?=[ ]?\()))"
    r"(?:[ ]?\([^()\n]{0,100}\))?"
)


def addresses(hosts: str, *, abroad: bool) -> str:
    """All of it, as one alternative of named groups.

    Args:
        hosts: finds the instance's own.
        abroad: whether other networks may be named.
    """
    # Most letters stand within words, where the first line of each of these fails already.
    return (
        rf"(?=[\[@*])(?:(?P<mention>{_MENTION})|(?P<at>{_AT}))"
        rf"|(?<![^\W_])(?:(?P<mail>{_MAIL})"
        rf"|(?P<url>{_URL}|(?<![\w.-])(?:{hosts})(?![\w-]){_ENDS})"
        f"|{_ABROAD if abroad else '(?!)'}|(?=[a-zай])(?:{PLACE}))"
        f"|(?P<scheme>{_SCHEME})"
    )
