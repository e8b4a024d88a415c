"""Words for an invented life: sentences, names, and texts that break careless programs."""

from random import Random

OPENINGS = (
    "Сегодня",
    "Вчера вечером",
    "Наконец-то",
    "Опять",
    "В прошлую субботу",
    "Между прочим,",
    "Говорят,",
    "Как ни странно,",
)
DEEDS = (
    "нашли в шкафу коробку старых дискет",
    "весь день разбирали фотографии с дачи",
    "ёжик пришёл пить молоко на крыльцо",
    "кот спал прямо на клавиатуре",
    "дописали главу про поезда и вокзалы",
    "пекли пирог с яблоками и корицей",
    "ходили в кино, а потом пешком через весь город",
    "электричка опоздала на сорок минут",
    "в библиотеке открыли новый читальный зал",
    "починили радиоприёмник «Спидола»",
    "переписали рецепт бабушкиного варенья",
    "учились играть на аккордеоне",
    "снег шёл до самого утра",
    "собирали грибы под Воскресенском",
)
ENDINGS = (
    ".",
    "!",
    "…",
    ", и это было прекрасно.",
    ". Кто был — тот поймёт 😀",
    ". Подробности позже.",
    " 🍎🍏",
    ". #архив #память",
    " — вот и весь рассказ.",
)
REPLIES = (
    "Согласна!",
    "А фотографии будут?",
    "Передавай привет маме",
    "ахаха 😂",
    "Не может быть",
    "Помню, как вчера",
    "Где это?",
    "Красота",
    "Ёлки-палки!",
    "Хочу так же",
    "До завтра",
    "Уже бегу",
    "Ок 👍",
    "Спасибо!",
)

#: Each of these was a bug in some archiver: entities, entities twice, combining marks,
#: surrogate pairs, joiners, right-to-left, tabs, blank lines, nothing at all.
TRICKY = (
    "Условие: a < b && c > \"d\", иначе 'e'",
    "&amp;lt; — это не тег, и &amp; тоже; а вот &lt;b&gt; и &#39;",
    "<b>жирный</b> <script>alert(1)</script> & прочее",
    "Ёжик, е\u0308жик и ёлка: е́ е̂ ё, й и и\u0306",
    "Семья 👨‍👩‍👧‍👦, флаг 🏳️‍🌈, клавиша 1️⃣, тон 👍🏽, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "первая строка\nвторая\n\n\n\nшестая\n\tс табуляцией  и  двумя  пробелами ",
    "",
    "مرحبا и שלום рядом с кириллицей, zero\u200bwidth и nbsp\u00a0тут",
    "https://example.org/путь?a=1&b=2#якорь и почта anna@example.org",
    "{{ шаблон }} %s %d {0} $HOME `код` \\n \\\\ /слэши/",
)


def sentence(random: Random) -> str:
    """Say something that nobody ever said."""
    return f"{random.choice(OPENINGS)} {random.choice(DEEDS)}{random.choice(ENDINGS)}"


def story(random: Random, sentences: int) -> str:
    """Say it at length."""
    return " ".join(sentence(random) for _ in range(sentences))


def reply(random: Random) -> str:
    """Answer shortly, or not."""
    return random.choice(REPLIES) if random.random() < 0.7 else sentence(random)


def text(random: Random, number: int) -> str:
    """Write the text with this number: the first ones are the tricky ones, one is very long."""
    if number < len(TRICKY):
        return TRICKY[number]
    return story(random, 120) if number == len(TRICKY) else story(random, random.randint(1, 3))
