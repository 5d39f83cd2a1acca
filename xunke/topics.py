"""Numbers about words: what marks a set of posts, what it is about, what rises, and what a group has more of.

Each function gives a table with the evidence beside every number: how many posts and people, how sure, which posts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .clock import DAY, ZONE, day_of, end_of, start_of
from .events import Event, FileWritten, Table, Warned
from .labels import user_model
from .outreach import people, posts
from .plan import Step
from .storage import Project

if TYPE_CHECKING:
    from nlp.keywords import Kind, Terms

    from .outreach.communities import Communities

BY_WORDS: Final = frozenset({"keyword", "topic", "tag"})
TIMES: Final = frozenset({"hour", "day", "week", "month"})
OVER_INDEXED: Final = ("interest", "keyword", "topic", "tag", "region", "occupation", "age", "gender")
MOST: Final = 20_000
"""So many posts, the newest, are cut into words for one table; the table says when there were more."""
DISCOVER: Final = 100_000
"""So many posts, the newest, are searched for new words."""
SPAM: Final = 0.5
"""Posts that are known to be spam with this chance make no trend and no new word."""
BACKGROUND: Final = 5_000
"""Other posts of the project that a set is held against."""
LIMIT: Final = 20
COMMUNITY_WORDS: Final = 5
"""Words by which a community is named."""
WINDOW_DAYS: Final = 7
"""The window of a trend when no time was said."""
_QUOTE: Final = 40

Measured = Callable[[str, Sequence[posts.Candidate]], float | None]
_KINDS: Final[dict[str, tuple[Kind, ...]]] = {"keyword": ("word", "phrase", "tag", "emoticon"), "tag": ("tag",)}


def shown_only(project: Project, found: Iterable[posts.Candidate], most: int = MOST) -> list[posts.Candidate]:
    """Posts whose authors may appear, newest first, at most ``most``."""
    found = list(found)
    kept_out = people.barred(project, [p.author for p in found if p.author is not None])
    kept = [p for p in found if p.author not in kept_out]
    return sorted(kept, key=lambda p: (-(p.created or 0), -p.id))[:most]


def _terms(project: Project, found: Sequence[posts.Candidate]) -> Terms:
    from nlp.keywords import terms

    return terms([p.text for p in found], own=user_model(project, learned=False).lexicon)


def _evidence(project: Project, found: Sequence[posts.Candidate], places: Sequence[int]) -> tuple[str, str]:
    """The platform's ids of example posts, and the beginning of the first."""
    from .text import one_line

    ids = [found[at].id for at in places]
    rows = project.query(
        "select k.id, p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))", (json.dumps(ids),),
    )  # fmt: skip
    names = dict(rows)
    quote = one_line(found[places[0]].text, _QUOTE) if places else ""
    return " ".join(names[i] for i in ids if i in names), quote


# -- what marks a set, what it is about ----------------------------------------------------------------------------


def keywords(
    project: Project, found: Sequence[posts.Candidate], by: str, limit: int, measures: Sequence[str],
    measured: Measured, index: int,
) -> list[Event]:  # fmt: skip
    """Terms that mark these posts against the other posts of the project; TF-IDF where there are too few others."""
    from nlp.keywords import keywords_of

    kept = shown_only(project, found)
    others = _others(project, {p.id for p in kept})
    read = _terms(project, [*kept, *others])
    mine, background = read.texts[: len(kept)], read.texts[len(kept) :]
    against = len(others) >= max(20, len(kept) // 10)
    marked = keywords_of(mine, background if against else (), read.kinds, limit, kinds=_KINDS[by])
    groups = _groups(kept, mine, {k.word for k in marked})
    rows = [
        [
            k.word, k.kind, *(measured(m, groups[k.word]) for m in measures),
            len({p.author for p in groups[k.word]}), round(k.score, 2), *_evidence(project, kept, k.examples),
        ]
        for k in marked
    ]  # fmt: skip
    params = {"n": len(kept), "all": len(list(found)), "background": len(others) if against else 0}
    columns = [by, "term_kind", *measures, "authors", "z" if against else "tfidf", "examples", "quote"]
    title = "topics.keywords" if against else "topics.keywords_alone"
    return [Table(title, columns, rows, params, index)]


def _groups(
    found: Sequence[posts.Candidate], texts: Sequence[Sequence[str]], wanted: set[str]
) -> dict[str, list[posts.Candidate]]:
    groups: dict[str, list[posts.Candidate]] = defaultdict(list)
    for post, words in zip(found, texts, strict=True):
        for word in words:
            if word in wanted:
                groups[word].append(post)
    return groups


def _others(project: Project, but: set[int]) -> list[posts.Candidate]:
    """A fixed choice of the project's other posts."""
    ids = [
        row[0]
        for row in project.query(
            "select id from post where kind <> 'repost' and id not in (select value from json_each(?)) "
            "order by (id * 2654435761) % 4294967296 limit ?", (json.dumps(sorted(but)), BACKGROUND),
        )
    ]  # fmt: skip
    from .plan import Step

    return shown_only(project, posts.select(project, Step(action="find"), date.max, among=ids).posts)


def topics(
    project: Project, found: Sequence[posts.Candidate], limit: int, measures: Sequence[str], measured: Measured,
    index: int,
) -> list[Event]:  # fmt: skip
    """What these posts are about: words that stand together."""
    from nlp.keywords import topics as clusters

    kept = shown_only(project, found)
    read = _terms(project, kept)
    made = clusters(read, limit, min_texts=max(3, min(10, len(kept) // 100)))
    rows = []
    for topic in made:
        words = set(topic.words)
        group = [p for p, text in zip(kept, read.texts, strict=True) if len(words.intersection(text)) >= 2]
        rows.append([
            topic.name, *(measured(m, group) for m in measures), len({p.author for p in group}),
            " ".join(topic.words[:10]), *_evidence(project, kept, topic.examples),
        ])  # fmt: skip
    columns = ["topic", *measures, "authors", "words", "examples", "quote"]
    return [Table("topics.topics", columns, rows, {"n": len(kept), "all": len(list(found))}, index)]


def topics_of(project: Project, found: Sequence[posts.Candidate], limit: int) -> list[tuple[str, list[int]]]:
    """Topics as their words and the posts in each; a post is in the one of which it holds most words."""
    from nlp.keywords import topics as clusters

    read = _terms(project, found)
    made = clusters(read, limit, min_texts=max(3, min(10, len(found) // 100)))
    ids: list[list[int]] = [[] for _ in made]
    for post, text in zip(found, read.texts, strict=True):
        held = [(len(set(topic.words).intersection(text)), -at) for at, topic in enumerate(made)]
        most, place = max(held, default=(0, 0))
        if most:
            ids[-place].append(post.id)
    named = [(" ".join(topic.words[:10]), some) for topic, some in zip(made, ids, strict=True) if some]
    return sorted(named, key=lambda topic: (-len(topic[1]), topic[0]))


# -- what rises ----------------------------------------------------------------------------------------------------


def rising(
    project: Project, found: Sequence[posts.Candidate], by: str, since: date | None, until: date, limit: int, index: int
) -> list[Event]:
    """Terms of the days from ``since`` (default: the last seven) to ``until`` against the days before.

    ``found``: posts of both; those without a time cannot be used.
    """
    from nlp.trends import Mention, trends

    last = day_number(until)
    first = last - WINDOW_DAYS + 1 if since is None else day_number(since)
    timed = shown_only(
        project, (p for p in found if p.created is not None and (p.spam or 0) < SPAM and p.created <= end_of(until))
    )
    length = last - first + 1
    earliest = (first - max(4 * length, 28)) * DAY - _ZONE
    timed = [p for p in timed if (p.created or 0) >= earliest]
    timed.reverse()  # the first who said a thing is the one who counts
    read = _terms(project, timed)
    kinds = _KINDS.get(by, _KINDS["keyword"])
    mentions = [
        Mention(_day(p.created or 0), p.author, [t for t in words if read.kinds[t] in kinds])
        for p, words in zip(timed, read.texts, strict=True)
    ]
    told = trends(mentions, first, last, limit=10**9)
    window = {"since": from_day(first).isoformat(), "until": until.isoformat(), "people": told.people}
    base = {"days": told.baseline_days, "before": told.baseline_people}
    if told.problem:
        return [Warned(f"topics.no_{told.problem}", {**window, **base})]
    sure = [t for t in told.rows if t.verdict != "too_few"][:limit]
    rows = [
        [
            t.term.removeprefix("#") if by == "tag" else t.term, t.authors, t.expected, t.growth, t.z, t.q,
            f"trend.{t.verdict}", from_day(t.peak).isoformat(),
            " ".join(f"{from_day(d):%m-%d}" for d in t.bursts) or None, *_evidence(project, timed, t.examples),
        ]
        for t in sure
    ]  # fmt: skip
    columns = [by, "authors", "expected", "growth", "z", "q", "trend", "peak", "bursts", "examples", "quote"]
    params = {
        **window, **base, "tested": told.tested, "rising": sum(t.verdict == "rising" for t in told.rows),
        "few": sum(t.verdict == "too_few" for t in told.rows),
    }  # fmt: skip
    return [Table("topics.rising", columns, rows, params, index)]


_ZONE: Final = int(ZONE.utcoffset(None).total_seconds())


def _day(second: int) -> int:
    return (second + _ZONE) // DAY


def day_number(day: date) -> int:
    """Days since 1970-01-01 in the project's zone."""
    return _day(start_of(day))


def from_day(number: int) -> date:
    """The date of ``day_number``."""
    return day_of(number * DAY)


# -- what a group has more of --------------------------------------------------------------------------------------


def over_indexed(
    project: Project, group: set[int], everybody: Sequence[posts.Candidate], by: str, limit: int, index: int
) -> list[Event]:
    """What the accounts in ``group`` have more often than all authors of ``everybody``; people are counted.

    Interests come from what people wrote (features must have been computed) and what they state.
    """
    from nlp.overindex import MIN_GROUP, over_index_of

    kept = shown_only(project, everybody)
    having: dict[int, set[str]] = {p.author: set() for p in kept if p.author is not None}
    for account, item in _items(project, kept, by):
        if account in having:
            having[account].add(item)
    mine = [items for account, items in having.items() if account in group]
    others = [items for account, items in having.items() if account not in group]
    if len(mine) < MIN_GROUP or len(others) < MIN_GROUP:
        return [Warned("topics.small_group", {"n": len(mine), "others": len(others), "least": MIN_GROUP})]
    told = over_index_of(mine, others)
    sure = [row for row in told if row.verdict != "too_few"][:limit]
    rows = [
        [r.item, r.having, round(r.share, 4), round(r.base_share, 4), r.index, r.low, r.high, r.z, r.q,
         f"index.{r.verdict}"]
        for r in sure
    ]  # fmt: skip
    columns = [by, "people", "share", "base_share", "index", "low", "high", "z", "q", "index_verdict"]
    few = sum(r.verdict == "too_few" for r in told)
    params = {"n": len(mine), "base": len(having), "by": by, "tested": len(told) - few, "few": few}
    return [Table("topics.over_index", columns, rows, params, index)]


def _items(project: Project, kept: Sequence[posts.Candidate], by: str) -> Iterable[tuple[int, str]]:
    """(account, item) pairs."""
    if by in ("keyword", "topic", "tag"):
        read = _terms(project, kept)
        kinds = _KINDS["tag"] if by == "tag" else _KINDS["keyword"]
        for post, words in zip(kept, read.texts, strict=True):
            if post.author is not None:
                yield from ((post.author, word) for word in words if read.kinds[word] in kinds)
        return
    yield from project.query("select account, value from profile_fact where fact = ?", (by,))
    if by == "interest":
        listed = json.dumps([p.id for p in kept])
        sql = "select post, detail from feature where post in (select value from json_each(?))"
        author = {p.id: p.author for p in kept if p.author is not None}
        for post, detail in project.query(sql, (listed,)):
            if post in author:
                yield from ((author[post], name) for name, _ in json.loads(detail).get("interests", ()))


def name_communities(project: Project, found: Communities, since: int | None, until: int) -> Communities:
    """The same communities with the words and tags that their people use more often than all others in the network.

    People are counted, not posts; those who wrote nothing in the window count on neither side. A community of too few
    writers keeps no words.
    """
    from dataclasses import replace

    from nlp.overindex import MIN_GROUP, over_index

    from .plan import Step

    number = {account: one.number for one in found.listed for account in one.members}
    said = posts.select(project, Step(action="find"), date.max).posts
    among = set(found.graph.nodes.tolist())
    kept = shown_only(
        project,
        (p for p in said if p.author in among and (p.spam or 0) < SPAM and (p.created is None or p.created <= until)
         and (since is None or (p.created or 0) >= since)),
    )  # fmt: skip
    read = _terms(project, kept)
    having: dict[int, set[str]] = defaultdict(set)
    for post, text in zip(kept, read.texts, strict=True):
        if post.author is not None:
            having[post.author].update(word for word in text if read.kinds[word] != "emoticon")
    author = {post.id: post.author for post in kept if post.author is not None}
    tags = (
        "select x.post, '#' || g.folded from post_tag x join tag g on g.id = x.tag "
        "where x.post in (select value from json_each(?))"
    )
    for tagged, tag in project.query(tags, (json.dumps(sorted(author)),)):
        having[author[tagged]].add(tag)
    everybody: Counter[str] = Counter(word for words in having.values() for word in words)
    inside: dict[int, Counter[str]] = defaultdict(Counter)
    writers: Counter[int] = Counter()
    for account, words in having.items():
        inside[number.get(account, 0)].update(words)
        writers[number.get(account, 0)] += 1
    named = []
    for one in found.listed:
        n, here = writers[one.number], inside[one.number]
        if n >= MIN_GROUP and len(having) - n >= MIN_GROUP:
            # what nobody else says is counted as if one of the others said it, or no number could be given
            told = over_index(here, n, {word: max(everybody[word], k + 1) for word, k in here.items()}, len(having))
            over = [(row.item, row.index) for row in told if row.verdict == "over" and row.index is not None]
            one = replace(one, words=tuple(over[:COMMUNITY_WORDS]))
        named.append(replace(one, writers=n))
    return replace(found, listed=tuple(named))


def discover(project: Project, limit: int) -> list[dict[str, Any]]:
    """Words that the project's posts have and no dictionary: counted by people, with example posts."""
    from nlp.newwords import new_words

    from .plan import Step

    mine = user_model(project, learned=False).lexicon
    found = posts.select(project, Step(action="find"), date.max).posts
    kept = shown_only(project, (p for p in found if (p.spam or 0) < SPAM), most=DISCOVER)
    told = new_words(
        [p.text for p in kept], limit, owners=[p.author if p.author is not None else -1 - p.id for p in kept],
        known=mine.words | mine.stop,
    )  # fmt: skip
    out = []
    for word in told:
        examples, quote = _evidence(project, kept, word.examples)
        out.append({
            "word": word.word, "authors": word.texts, "count": word.times, "cohesion": word.cohesion,
            "freedom": word.freedom, "examples": examples, "quote": quote,
        })  # fmt: skip
    return out


def until_of(step_until: date | None, today: date) -> date:
    """The last day of a trend."""
    return today if step_until is None else min(step_until, today)


__all__ = [
    "BY_WORDS", "LIMIT", "OVER_INDEXED", "TIMES", "discover", "keywords", "name_communities", "over_indexed", "rising",
    "shown_only", "topics", "topics_of", "until_of",
]  # fmt: skip


# -- what people really say, for advertising tools -------------------------------------------------------------------

PACK: Final = 500
"""So many terms make a keyword pack, unless told otherwise."""


def write_keywords(
    project: Project, target: Path, format: str, today: date, *, lang: str, platforms: tuple[Any, ...] = (),
    since: int | None = None, until: int | None = None, about: str | None = None, limit: int = PACK,
) -> FileWritten:  # fmt: skip
    """A keyword pack: the terms of the newest posts with how many posts and people use them, how they feel and how much
    the posts move. Terms of fewer people than the project's small groups are left out and counted; no person is in it.
    """
    from .export import Column, write
    from .i18n import Catalogue
    from .outreach.smallgroups import least_of

    step = Step(action="find", platforms=platforms, topics=(about,) if about else ())
    found = [
        p for p in shown_only(project, posts.select(project, step, today).posts)
        if (p.spam or 0) < SPAM and (since is None or (p.created or 0) >= since)
        and (until is None or (p.created or 0) <= until)
    ]  # fmt: skip
    read = _terms(project, found)
    words = {word for text in read.texts for word in text}
    groups = _groups(found, read.texts, words)
    rows: list[dict[str, Any]] = []
    least, few = least_of(project), 0
    for word, group in groups.items():
        people_n = len({p.author for p in group if p.author is not None})
        if people_n < least:
            few += 1
            continue
        known = [p.label for p in group if p.label]
        shares = {
            f: round(sum(x == f for x in known) / len(known), 3) if known else None for f in ("positive", "negative")
        }
        newest = max((p.created or 0 for p in group), default=0)
        rows.append({
            "term": word, "term_kind": read.kinds.get(word, "word"), "posts": len(group), "authors": people_n,
            **shares, "engagement": sum(p.engagement for p in group),
            "time": day_of(newest).isoformat() if newest else None,
        })  # fmt: skip
    rows.sort(key=lambda row: (-row["authors"], -row["posts"], row["term"]))
    cat = Catalogue(lang)
    names = ("term", "term_kind", "posts", "authors", "positive", "negative", "engagement", "time")
    columns = [Column(n, cat.t(f"column.{n}"), time=n == "time") for n in names]
    done = write(target, columns, rows[:limit], format, cat.t("export.keywords"))
    left_out = {"left_out.few_terms": few} if few else {}
    project.audit("export", file=target.name, format=format, rows=done.rows, what="keywords", people=0, purpose=None,
                  left_out=left_out)  # fmt: skip
    return FileWritten(str(target), done.rows, format, left_out)
