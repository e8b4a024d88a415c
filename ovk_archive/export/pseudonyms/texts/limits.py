"""What is replaced in texts, and what is not found there: sentences for people."""

#: What is replaced, and what is more than it should be.
REPLACED = (
    (
        "In texts, mentions, links, e-mail addresses, telephone and ICQ numbers, coordinates, "
        "pages on other networks, screen names and the names of all people and groups the archive "
        "has ever known are replaced: in Russian forms, as possessives, joined to one word "
        "(#АннаАрхивова, Анна123) and in Latin letters too. What is written instead is a pseudonym "
        "where it is clear who is meant, else [name], [link], [mail], [phone], [date] or [place]."
    ),
    (
        "Full dates until 2012 become [date], for they may be birthdays; later ones, and dates "
        "without a year, only beside a word of birth."
    ),
    (
        "Who is meant by a name is a guess where only one person in the archive bears it; "
        "ordinary words that are also names are replaced as well, and numbers that only look like "
        "a telephone number."
    ),
)

#: What is not found. `tests/export/test_export_texts.py` has examples of each.
NOT_FOUND = (
    "Not found in texts are names of people and groups whom the archive does not know.",
    "Not found in texts are postal addresses, and names of places, schools and employers.",
    "Not found in texts are diminutives, but for those such as Сашка written with a capital.",
    "Not found in texts are misspelt names, initials, and names in part.",
    (
        "Not found in texts are names in other letters than the archive knows them in, but for "
        "Russian names in Latin letters, spelt in a usual way."
    ),
    "Not found in texts are common words that are also names, but as part of the whole name.",
    "Not found in texts are names of which nothing but signs is left.",
    "Not found in texts are screen names elsewhere that the archive does not know, without an @.",
    (
        "Not found in texts are telephone numbers in words, with letters between their digits, or "
        "of fewer than ten digits that are not written in groups."
    ),
    "Not found in texts are ICQ numbers without a word before them that says so.",
    (
        "Not found in texts are birthdays after 2012 or without a year, if no word of birth is "
        "beside them, and ages."
    ),
    (
        "Not found in texts are coordinates with fewer than four digits behind the point, and "
        "places in other codes."
    ),
)
