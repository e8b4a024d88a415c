"""How telephone and ICQ numbers, birthdays and coordinates look, as regular expressions. Pure."""

_SPACE = r"[^\S\n]"
_END = r"(?![^\W_])"

#: Dates look like telephone numbers.
_DATE = (
    r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b|(?:19|20)\d\d-\d\d-\d\d|\d{1,2}/\d{1,2}/(?:19|20)\d\d\b"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.\d\d\b"
)
#: So do years one after another, and round sums.
_PLAIN = (
    r"(?<![\w.,+-])(?:(?:1[5-9]|20)\d\d(?:[\s/–—-]{1,9}(?:1[5-9]|20)\d\d)+(?!\d)"
    rf"|\d{{1,3}}(?:{_SPACE}\d{{3}})*{_SPACE}000(?!{_SPACE}?\d|-\d))"
)
_DIGIT = rf"(?:{_SPACE}|[().\-\u2010-\u2015]){{0,3}}(?!{_DATE})\d"
#: Numbers that begin as telephone numbers do are such, with these between their digits too.
_WIDE = rf"(?:{_SPACE}|[()./_\-\u2010-\u2015]){{0,3}}(?!{_DATE})\d"
#: Letters of other alphabets may touch a number: "тел.8912…", "тел_8912…", "8912…звони".
_BEFORE = rf"(?<![a-z\d])(?<![a-z\d]_)(?<!\d[.,])(?!{_DATE})"
_AFTER = r"(?!_?[a-z\d])"
_PHONE = (
    rf"{_BEFORE}(?:\+\s?7|\(?[78])(?:{_WIDE}){{10}}{_AFTER}"
    rf"|{_BEFORE}(?:\+\s?)?\(?\d(?:{_DIGIT}){{9,18}}{_AFTER}|\+\d(?:{_WIDE}){{6,18}}{_AFTER}"
    rf"|{_BEFORE}(?:\d{{3}}[/_](?:\d{{3}}[ /_.-]?\d\d[ /_.-]?\d\d)|0\d{{2,4}}[/_]\d{{5,8}}){_AFTER}"
    r"|(?<![a-z\d_/-])(?<!\d[.,])"
    r"(?:\d{3}[ /_-]\d\d[ /_-]\d\d|\d\d[_-]\d\d[_-]\d\d|\d{3}[_-]\d{4})(?![a-z\d_/-])"
)

ICQ = "icq|uin|уин|аськ[аиеуойю]{1,2}|айсикью|qip|квип[ае]?"
_ICQ = (
    rf"(?P<icq>(?<![^\W_])(?:{ICQ}){_END}(?:{_SPACE}|[:=#№.,()–—-]"
    rf"|(?:мо[йя]|номер|это|вот|у|меня|тут|is|my|number|{ICQ}){_END}){{1,8}})"
    r"\d(?:[ -]?\d){4,8}(?!\d)"
)

MONTHS = (
    "янв(?:ар[ьяе])?|фев(?:рал[ьяе])?|мар(?:т[ае]?)?|апр(?:ел[ьяе])?|ма[йяе]|ию[нл][ьяе]"
    "|авг(?:уст[ае]?)?|сент?(?:ябр[ьяе])?|окт(?:ябр[ьяе])?|ноя(?:бр[ьяе])?|дек(?:абр[ьяе])?"
    "|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
#: Of whom a date tells the age, and what is not written beside other dates.
BORN = r"родил\w{0,4}|рожд\w{2,5}|день[ ]?рожд\w{2,5}|др|д\.[ ]?р|днюх\w{1,2}|b-?day|birthday|born"
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = "(?:0?[1-9]|1[0-2])"
_DAY_MONTH = rf"{_DAY}(?:-?(?:г?о|е|th|st|nd|rd))?{_SPACE}{{1,3}}(?:{MONTHS})(?![^\W\d_])\.?"
#: Who writes in an archive of an OpenVK was born in these years, if not beside a word of birth.
_OLD = r"(?:19\d\d|20(?:0\d|1[0-2]))"
_YEAR = r"(?:19|20)\d\d"
_DIGITS_DATE = (
    rf"{_DAY}[./-]{_MONTH}[./-]{_OLD}|{_OLD}[./-](?:0[1-9]|1[0-2])[./-](?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|[12][0-9]|3[01])\.(?:0[1-9]|1[0-2])\.[4-9]\d(?![.\d])"
)
#: Beside a word of birth part of a date is enough.
_SOME_DATE = (
    rf"{_DAY_MONTH}(?:,?{_SPACE}{{0,3}}{_YEAR})?|{_DAY}[./-]{_MONTH}[./-](?:{_YEAR}|\d\d)"
    rf"|{_DAY}[./](?:0[1-9]|1[0-2])|{_YEAR}(?:-\d\d-\d\d)?"
    rf"(?!{_SPACE}?(?:[₽$€]|тыс|(?:р|руб\w*){_END}))"
)
_BESIDE = rf"(?:[^\W\d_]|{_SPACE}|[:,=()–—-]){{0,24}}"
_DATE_BEGINS = r"(?P<date>(?<![a-z\d_])(?<!\d[.,/-])"
_TOLD = (
    rf"(?P<born>(?<![^\W_])(?:{BORN}){_END}\.?{_BESIDE}(?<!\d))(?:{_SOME_DATE})(?!\d)"
    rf"|{_DATE_BEGINS}(?:(?=\d)(?:(?:{_DIGITS_DATE}|{_DAY_MONTH},?{_SPACE}{{0,3}}{_OLD})(?!\d)"
    rf"|(?:{_SOME_DATE})(?!\d)(?={_BESIDE}(?<![^\W_])(?:{BORN}){_END})"
    rf"|{_YEAR}(?={_SPACE}?(?:г\.?{_SPACE}?р(?:\.|{_END})|года{_SPACE}рожд)))"
    rf"|(?<![^\W_])(?:{MONTHS}){_SPACE}{_DAY},?{_SPACE}{_OLD}(?!\d)))"
)

#: With fewer digits behind the point these would be sums of money.
_ANGLE = r"-?\d{1,3}[.,]\d{4,15}(?!\d)°?"
_GEO = (
    rf"(?P<geo>(?<![\d.,_])(?:[NSСЮ])?(?<![^\W_]{{2}}){_ANGLE}(?:[NSСЮ](?![^\W\d_]))?[,;/]?"
    rf"{_SPACE}{{0,3}}[EWВЗ]?{_ANGLE}(?:[EW]{_END})?"
    r"|(?<![\w.,])\d{1,3}[ ]?°[ ]?\d{1,2}[ ]?['′’]"
    rf"(?:[ ]?\d{{1,2}}(?:[.,]\d{{1,6}})?[ ]?(?:[\"″”]|''))?(?:[NSEWСЮВЗ]{_END})?)"
)

#: Letters are many, and none of these begins with one, but places.
_BEGINS = r"(?=[\d+(NSСЮ-])"
_LOOKS = f"(?P<plain>{_PLAIN})|(?P<phone>{_PHONE})"
#: What numbers tell in a text that has none of the words of `TELLING`, as one alternative.
NUMBERS = f"{_BEGINS}(?:{_GEO}|{_DATE_BEGINS}(?:{_DIGITS_DATE})(?!\\d))|{_LOOKS})"
#: All of it.
TOLD_NUMBERS = f"{_BEGINS}{_GEO}|{_TOLD}|{_ICQ}|{_BEGINS}(?:{_LOOKS})"

#: Words that tell what a number near them is.
TELLING = f"{ICQ}|{MONTHS}|{BORN}|д(?=\\.)|г|гр|года|рожд\\w*"
