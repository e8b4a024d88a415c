"""Texts of pseudonymised exports: what is found in them, what stays, what is not found."""

import re
from itertools import chain
from random import Random

import pytest
from effort import SEED, some

from ovk_archive.export.pseudonyms.domains import Hiding
from ovk_archive.export.pseudonyms.promises import promises
from ovk_archive.export.pseudonyms.texts.limits import NOT_FOUND
from ovk_archive.export.pseudonyms.texts.names_in_text import Names
from ovk_archive.export.pseudonyms.texts.scrub import Scrubber


@pytest.fixture(scope="module")
def scrubber() -> Scrubber:
    """One that knows some people and a group."""
    names = Names()
    people = ("Анна Архивова", "Алиса Иванова", "Пётр Цой", "Саша Белый", "Мария Хлебникова")
    for number, name in enumerate((*people, "Маша Зимняя", "Лена Яркая", "Роман Ключ"), 1):
        names.add_person(number, *name.split())
    names.add_person(9, "Как", "Дела")
    names.add_person(10, "★", "☆☆")
    names.add_person(11, "Пётр", "Громов")
    for number, title in enumerate(("Общество старых книг", "27 дверей", "Дверь 28"), 6):
        names.add_group(number, title)
    names.add_group(5, "Клуб любителей архивов")
    names.add_handle(2, "alice")
    return Scrubber.of(names, _written, ["openvk.example"])


def _written(number: int) -> str:
    return f"{'u' if number > 0 else 'g'}_{abs(number)}"


FOUND = {
    # Names joined to one word, and with numbers.
    "#АннаАрхивова #аннаархивова #АрхивоваАнна": "#u_1 #u_1 #u_1",
    "Анна123, анна1990 и 7Алиса; alice99": "u_1, u_1 и u_2; u_2",
    "#ЛюблюАлису, #АннаСуперская, #КлубЛюбителейАрхивов": "#u_2, #u_1, #g_5",
    "#ПётрЦой7, Пётр8; написал aliceу": "#u_3, [name]; написал u_2",
    "#АннаАлиса #АннойАрхивовой #АннаАрхивову": "#[name] #u_1 #u_1",
    # In Latin letters, as screen names are.
    "annaarch, AnnaArkhivova, archivovaanna, anna_arch": "u_1, u_1, u_1, u_1_arch",
    "Anna Arkhivova, Arhivova; Pyotr, Petr; Mariya, Maria": "u_1, u_1; [name], [name]; u_5, u_5",
    "mashazim и lenayark1995": "u_6 и u_7",
    # Whose something is.
    "Аннин кот, аннина кошка, о Аннином коте": "u_1 кот, u_1 кошка, о u_1 коте",
    "Сашин дом; Сашка, Сашкин и Алискин дом": "u_4 дом; u_4, u_4 и u_2 дом",
    # Telephone numbers.
    "8/912/345/67/89 и 8_912_345_67_89, 912/345-67-89": "[phone] и [phone], [phone]",
    "+49/30/1234567, 030/1234567, 912_3456789": "[phone], [phone], [phone]",
    "345/67/89, 345_67_89, 12_34_56, тел_89123456789": "[phone], [phone], [phone], тел_[phone]",
    # ICQ.
    "icq 123456789, ICQ: 123-456-789; аська 12345": "icq [phone], ICQ: [phone]; аська [phone]",
    "моя аська у меня 334455667, UIN №55555": "моя аська у меня [phone], UIN №[phone]",
    # Birthdays.
    "12.03.1990, 12/03/1990, 1990-03-12, 12.03.90": "[date], [date], [date], [date]",
    "12 марта 1990 г., 1-го мая 2001, March 12, 1985": "[date] г., [date], [date]",
    "Родилась 12 марта, др 12.03, д.р. 5 мая 2020": "Родилась [date], др [date], д.р. [date]",
    "родился в 1990 году; 1987 г.р.; 12 марта у Анны др": (
        "родился в [date] году; [date] г.р.; [date] у u_1 др"
    ),
    "день рождения Алисы 3 июня": "день рождения u_2 [date]",
    # Places on earth.
    "55.7558, 37.6173; 55.755812 37.617301, -33.8688,151.2093": "[place]; [place], [place]",
    "55,7558 37,6173 и N55.7558 E37.6173": "[place] и [place]",
    "55°45′21″N, 37°37′04″E и 55° 45' 21'' с": "[place], [place] и [place] с",
    # People of other networks.
    "vk id123456, вк: id5, в ВК id 7": "vk [link], вк: [link], в ВК [link]",
    "vk.com/id123456, телеграм @id5, мой фб - club7": "[link], телеграм [link], мой фб - [link]",
    "id123456 в вк, а тут id5": "[link] в вк, а тут u_5",
}


@pytest.mark.parametrize(("text", "expected"), FOUND.items())
def test_what_tells_who_somebody_is_is_found(scrubber: Scrubber, text: str, expected: str) -> None:
    """Names, numbers, birthdays, places and pages elsewhere, however they are written."""
    assert scrubber.text(text) == expected


ORDINARY = (
    "Сегодня нашли в шкафу коробку старых дискет, и машина уехала в Ленинград.",
    "Цена 1 500 руб., со скидкой 1499.90; было 1000/1500/2000 и 12.500, 15.000",
    "Версия 1.12.3, Python 3.11, ядро 5.4.99, Windows 10, mp3, covid19, ps5 и x86_64",
    "Встреча 31.12.2020 в 10:30, с 09:00 до 18:00; 2020-12-31, 12 марта, 5 мая 2021 года",
    "1/2 стакана, 3/4 и 24/7; 90/60/90, 16:9, 50%, №5, §12, +25°С, 100500 раз, 1234567",
    "вк лучше, телега тоже; аська умерла, icq 5 лет нет, ок, id не помню",
    "8/12/2019 10/12/2020, 20200105123456_abc.jpg, на др ушло 2000 тыс",
    "2019/2020 и 2019/2020/2021 учебный год; IMG_20200105_123456, DSC_0042, photo_1.jpg",
    "на др было 2000 рублей, рождение идеи 100500 лет назад, родилась весом 3.5 кг",
    "YouTube, JavaScript, iPhone, ВКонтакте, #деньпобеды #люблюпитер2020 #архив",
    "машин и машина, ленин и Ленина; клюква, романтика, архив, марка, зима, лента",
    "archive, annual, marine, the park, roma tomato, keyboard, max power, alien, petrol",
    "π = 3.14159, e = 2.71828 и 0.0001 и 99.99, 192 x 108, 300 000 км/с, 1e5",
    "а/б, и/или, т.д., т.п. — 12-й, 5-го, 2-3 дня; 10-12 марта; 1-2-3, раз-два",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_stay(scrubber: Scrubber, text: str) -> None:
    """Words, prices, times, versions, fractions, years and late dates are not touched."""
    assert scrubber.text(text) == text


#: By what a sentence says is not found, in its order: whole texts of which nothing is replaced.
MISSED = dict(
    zip(
        NOT_FOUND,
        (
            ("Евграф Неведомский и клуб «Соловьи»",),
            ("улица Садовая, дом 5, квартира 7", "школа 57, МГУ, завод «Красный Октябрь»"),
            ("Анюта, Нюра, Сашуля, Санёк", "анька и сашка"),
            ("Аннна и Алииса", "А. А. и П.Ц.", "Архив. и Цо"),
            ("ანნა и Ἄννα", "Annushka, Saschenka, Ganna"),
            ("как ты", "Как скажешь"),
            ("★ ☆☆",),
            ("пиши durov или vk durov", "тг durov"),
            ("восемь девятьсот двенадцать", "8х912х345х67х89", "912345678 и 3456789"),
            ("123456789 - мой номер там",),
            ("12.03 и 12 марта", "встретим 12.03.2013, 12 марта 2015", "мне 34 года"),
            ("55.755, 37.617", "9G7V8PX8+3C"),
        ),
        strict=True,
    )
)


#: What is one thing only together with what stands beside it.
NEIGHBOURS = {
    "звони 8 - 912 - 345 - 67 - 89 да": "звони [phone] да",
    "звони 345 67 89 да": "звони [phone] да",
    "звони + 79123456789 да": "звони [phone] да",
    "там 55.7558 37.6173 да": "там [place] да",
    "Анна  Архивова и Пётр Цой": "u_1 и u_3",
    "в Обществе старых книг": "в g_6",
    "в общество_старых книг": "в g_6",
    "27 дверей": "g_7",
    "дверь 28": "g_8",
    "дверь 29 и 26 дверей": "дверь 29 и 26 дверей",
    "12 марта 1990 и 12 марта": "[date] и 12 марта",
    "id 7 и vk id 7": "u_7 и vk [link]",
    "id5 vk.com/id7": "[link] [link]",
    "[id1|Имя и Фамилия] @id2 (Имя Фамилия) да": "u_1 u_2 да",
    "анна1990 2.71828-x.org": "u_1[phone]-[link]",
    "https://x.org/a 100500 и 5": "[link] 100500 и 5",
}


@pytest.mark.parametrize(("text", "expected"), NEIGHBOURS.items())
def test_neighbours_that_are_one_thing_are_found(
    scrubber: Scrubber, text: str, expected: str
) -> None:
    """Though each word alone is harmless, or another thing."""
    assert (scrubber.text(text), scrubber.whole(text)) == (expected, expected)


@pytest.mark.parametrize("sentence", NOT_FOUND)
def test_what_is_said_not_to_be_found_is_not_found(scrubber: Scrubber, sentence: str) -> None:
    """Each sentence of the manifest on what is missed is true, and the manifest has it."""
    assert [scrubber.text(text) for text in MISSED[sentence]] == list(MISSED[sentence])
    assert sentence in promises(Hiding())


#: Whatever may be one with what stands beside it, in pieces.
PIECES = re.findall(
    r"\S+",
    " ".join(
        (
            *FOUND,
            *ORDINARY,
            *NEIGHBOURS,
            *chain(*MISSED.values()),
            "8 912 345 67 89 1990 12 000 100 7 +7 + ( ) - — . / _ : ° ' N E г. г р д. р. й",
            "[id1|Анна [alice| x] @id1 (Имя Фамилия) *id3 ( @all a@b.org \u0301 😀 клуб любителей",
            "архивов дела Дела Как Анна Архивова u_1 id айди: uid= wall1_2 wall-5_ x.org, //x.org/",
            "https://openvk.example/id7) http://x.org/клуб away.php?to=x www. tel: 55.7558 37.6173",
        )
    ),
)
GAPS = (" ", " ", " ", " ", "  ", "", "\n", "\xa0", "\t", ", ", " - ", "-")


def test_words_that_are_known_change_nothing(scrubber: Scrubber) -> None:
    """What is judged word by word becomes what the same text becomes that is read as a whole."""
    dice = Random(SEED)
    for _ in range(some(400_000, 10_000)):
        text = "".join(dice.choice(PIECES) + dice.choice(GAPS) for _ in range(dice.randint(1, 8)))

        assert scrubber.text(text) == scrubber.whole(text)
