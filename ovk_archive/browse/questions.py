"""Questions that people ask of an archive, ready to be asked again: Datasette's canned queries."""

from typing import Any

#: Name -> title, what it tells, SQL. Times are UTC.
_QUESTIONS: dict[str, tuple[str, str, str]] = {
    "my_years": (
        "My years in numbers",
        "How much was written in each year.",
        (
            "with me (id) as (select value from _archive where name = 'account_id') "
            "select year, sum(posts) as posts, sum(messages) as messages, sum(photos) as photos, "
            "sum(notes) as notes from ("
            "select strftime('%Y', date, 'unixepoch') as year, 1 as posts, 0 as messages, "
            "0 as photos, 0 as notes from posts where owner_id = (select id from me) union all "
            "select strftime('%Y', date, 'unixepoch'), 0, 1, 0, 0 from messages union all "
            "select strftime('%Y', date, 'unixepoch'), 0, 0, 1, 0 from photos "
            "where owner_id = (select id from me) union all "
            "select strftime('%Y', date, 'unixepoch'), 0, 0, 0, 1 from notes "
            "where owner_id = (select id from me)"
            ") where year is not null group by year order by year"
        ),
    ),
    "who_wrote_me_most": (
        "Who wrote me most",
        "Messages in each conversation: theirs, mine, and over which time.",
        (
            "select m.peer_id, coalesce(u.name, '-') as name, sum(not m.out) as theirs, "
            "sum(m.out) as mine, date(min(m.date), 'unixepoch') as first, "
            "date(max(m.date), 'unixepoch') as last from messages m "
            "left join users u on u.id = m.peer_id group by m.peer_id order by theirs desc "
            "limit 100"
        ),
    ),
    "longest_silences": (
        "Longest silences",
        "The longest pauses within conversations, and who wrote first again.",
        (
            "select m.peer_id, coalesce(u.name, '-') as name, "
            "date(m.before, 'unixepoch') as since, date(m.date, 'unixepoch') as until, "
            "(m.date - m.before) / 86400 as days, case when m.out then 'I' else 'they' end "
            "as began "
            "from (select peer_id, date, out, lag(date) over (partition by peer_id order "
            "by date, id) "
            "as before from messages) m left join users u on u.id = m.peer_id "
            "where m.before is not null order by days desc limit 50"
        ),
    ),
    "most_liked_posts": (
        "Posts with the most likes",
        "Of all walls that are here.",
        (
            "select owner_id, id, datetime(date, 'unixepoch') as date, likes, reposts, text "
            "from posts order by likes desc limit 100"
        ),
    ),
    "on_this_day": (
        "On this day",
        "What was posted and written on a day of the year: today, or a month and a day (05-14).",
        (
            "select * from (select 'post' as what, owner_id, id, datetime(date, "
            "'unixepoch') as time, "
            "text from posts where strftime('%m-%d', date, 'unixepoch') = case when :day in ('', "
            "'today') then strftime('%m-%d', 'now') else :day end union all "
            "select 'message', peer_id, id, datetime(date, 'unixepoch'), text from messages "
            "where strftime('%m-%d', date, 'unixepoch') = case when :day in ('', 'today') "
            "then strftime('%m-%d', 'now') else :day end) order by time desc limit 500"
        ),
    ),
    "deleted_since": (
        "Deleted since it was archived",
        "What is here and was deleted on the instance, the newest first.",
        (
            "select a.gone_at, a.resource, a.record_key, "
            "(select json_extract(record, '$.text') from _versions v where v.resource = a.resource "
            "and v.record_key = a.record_key order by v.id desc limit 1) as text from _absences a "
            "where a.gone_at is not null and a.back_at is null order by a.gone_at desc limit 500"
        ),
    ),
    "hours_and_weekdays": (
        "Activity by hour and weekday",
        "Messages and posts of the account by weekday (0 is Sunday) and hour, UTC.",
        (
            "select weekday, hour, count(*) as written from ("
            "select strftime('%w', date, 'unixepoch') as weekday, strftime('%H', date, "
            "'unixepoch') "
            "as hour from messages where out union all select strftime('%w', date, 'unixepoch'), "
            "strftime('%H', date, 'unixepoch') from posts where from_id = (select value "
            "from _archive "
            "where name = 'account_id')) where hour is not null "
            "group by weekday, hour order by weekday, hour"
        ),
    ),
    "words_of_year": (
        "Words of a year",
        (
            "What the account wrote most in a year (the last one, if none is given), common words "
            "left out. Of a year with more messages about 20,000 are looked at."
        ),
        (
            "with me as (select cast(value as integer) as id from _archive where name = "
            "'account_id'), "
            "chosen as (select case when :year glob '[12][0-9][0-9][0-9]' then :year else "
            "(select strftime('%Y', max(date), 'unixepoch') from (select max(date) as date "
            "from messages where date < cast(strftime('%s', 'now') as integer) "
            "union all select max(date) from posts "
            "where date < cast(strftime('%s', 'now') as integer))) end as year), "
            "span as (select cast(strftime('%s', year || '-01-01') as integer) as since, "
            "cast(strftime('%s', year || '-01-01', '+1 year') as integer) as until from chosen), "
            # The index alone counts them; texts are read of so many. Numbers take turns in a talk,
            # so that every second one would be of one person: what is left of a division does not.
            "every as (select 1 + count(*) / 20000 as n from span, messages m "
            "where m.date >= since and m.date < until), "
            "texts as (select m.text from span, every, messages m where m.date >= since "
            "and m.date < until and m.id * 7919 % 10007 % n = 0 and m.out union all "
            "select text from (select p.text from span, me, posts p where p.date >= since and "
            "p.date < until and p.from_id = me.id limit 20000)) "
            "select json_extract(value, '$[0]') as word, json_extract(value, '$[1]') as times "
            "from json_each((select ovk_words(text) from texts))"
        ),
    ),
}


def questions() -> dict[str, dict[str, Any]]:
    """The questions, as Datasette takes them."""
    return {
        name: {"sql": sql, "title": title, "description": doc, "hide_sql": True}
        for name, (title, doc, sql) in _QUESTIONS.items()
    }
