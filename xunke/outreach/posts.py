"""From the filters of a step to posts: full-text candidates first, then one pass of the other conditions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.clock import end_of, start_of
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.search import holds, match
from xunke.text import fold
from xunke.wants import bare

from .told import telling

COMPLAIN: Final = "complain"
Funnel = list[tuple[str, int, dict[str, Any]]]
"""What was left after each filter: (message key, count, parameters)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be asked for; only what filters and rankings need. ``created`` is UTC seconds or None."""

    id: int
    author: int | None
    kind: str
    created: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    views: int | None
    media: str | None
    lang: str | None
    text: str
    label: str | None
    spam: float | None

    @property
    def engagement(self) -> int:
        """Likes, comments, shares and saves together; what the platform does not say counts as none."""
        return (self.likes or 0) + (self.comments or 0) + (self.shares or 0) + (self.saves or 0)


_COLUMNS = (
    "t.id, t.author, t.kind, t.created, t.likes, t.comments, t.shares, t.saves, t.views, t.media, t.lang, "
    "coalesce(t.title || ' ', '') || t.text, f.label, f.spam"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The posts that pass, and how the filters thinned them out. ``loose``: no post held a topic's words together."""

    posts: list[Candidate]
    funnel: Funnel
    loose: tuple[str, ...] = ()


def has_subject(step: Step) -> bool:
    """Whether the step says what posts are about."""
    return bool(step.tags or step.topics or step.keywords or step.groups)


def window(step: Step, today: date) -> tuple[int | None, int]:
    """The step's time as UTC seconds, both inclusive; without an end, the end of ``today``."""
    return (
        None if step.since is None else start_of(step.since),
        end_of(step.until if step.until is not None else today),
    )


def select(project: Project, step: Step, today: date, *, among: Sequence[int] | None = None) -> Found:
    """Posts that pass the post filters of ``step`` (among ``among``, if given), unordered.

    Sentiment and spam filters look at features that have been computed already; see ``needs_features``.
    """
    funnel: Funnel = []
    subject, loose = _subject(project, step)
    conditions, params = _conditions(step, today)
    total = project.one("select count(*) from post where gone is null") or 0
    funnel.append(("funnel.posts_all", total, {}))
    if subject is not None and among is not None:
        subject &= set(among)
    elif among is not None:
        subject = set(among)
    if subject is None:
        sql = f"select {_COLUMNS} from post t left join feature f on f.post = t.id where {conditions}"
        rows = project.each(sql, params)
    else:
        sql = (
            f"select {_COLUMNS} from post t left join feature f on f.post = t.id "
            f"where t.id in (select value from json_each(:ids)) and {conditions}"
        )
        rows = project.each(sql, {**params, "ids": json.dumps(sorted(subject))})
    posts = [Candidate(*row) for row in rows]
    if subject is not None:
        funnel.append(("funnel.posts_subject", len(subject), {}))
    if len(posts) != (total if subject is None else len(subject)):
        funnel.append(("funnel.posts_when", len(posts), {}))
    for key, keep in _checks(step):
        before = len(posts)
        posts = [post for post in posts if keep(post)]
        if len(posts) != before:
            funnel.append((key, len(posts), {"removed": before - len(posts)}))
    for key, kept in _tell(project, step, posts):
        before = len(posts)
        posts = [post for post in posts if post.id in kept]
        if len(posts) != before:
            funnel.append((key, len(posts), {"removed": before - len(posts)}))
    if "duplicates" in step.drop:
        posts = _distinct(posts)
        funnel.append(("funnel.posts_distinct", len(posts), {}))
    return Found(posts, funnel, loose)


def needs_features(step: Step) -> bool:
    """Whether the step's filters look at sentiment or spam, so that features must be computed first."""
    return bool(step.sentiment or step.needs or step.life_events or {"ads", "marketing"} & set(step.drop))


def without_features(step: Step) -> Step:
    """The same step without the filters that look at features."""
    import msgspec

    drop = tuple(d for d in step.drop if d not in ("ads", "marketing"))
    topics = bare(step.topics, step.life_events)
    return msgspec.structs.replace(step, sentiment=None, needs=(), life_events=(), topics=topics, drop=drop)


def _conditions(step: Step, today: date) -> tuple[str, dict[str, Any]]:
    since, until = window(step, today)
    parts, params = ["t.gone is null", "(t.created is null or t.created <= :until)"], dict[str, Any](until=until)
    if since is not None:
        parts[1] = "t.created between :since and :until"
        params["since"] = since
    platforms = [p for p in step.platforms if p not in ("all", "llm")]
    if platforms:
        parts.append(
            "t.id in (select k.id from post_key k join platform p on p.id = k.platform "
            "where p.name in (select value from json_each(:platforms)))"
        )
        params["platforms"] = json.dumps(platforms)
    if step.target == "comments":
        parts.append("t.kind = 'comment'")
    elif step.target == "posts":
        parts.append("t.kind <> 'comment'")
    if step.accounts:
        parts.append(
            "t.author in (select id from account where name in (select value from json_each(:accounts)) "
            "or handle in (select value from json_each(:accounts)))"
        )
        params["accounts"] = json.dumps(list(step.accounts), ensure_ascii=False)
    return " and ".join(parts), params


def _checks(step: Step) -> Iterable[tuple[str, Callable[[Candidate], bool]]]:
    if step.exclude:
        yield "funnel.exclude", lambda post: not any(holds(post.text, word) for word in step.exclude)
    if step.media:
        yield "funnel.media", lambda post: post.media == step.media
    if step.content_lang:
        yield "funnel.lang", lambda post: post.lang == step.content_lang
    if "reposts" in step.drop:
        yield "funnel.originals", lambda post: post.kind != "repost"
    for slot, least in (
        ("likes", step.likes_min),
        ("comments", step.comments_min),
        ("shares", step.shares_min),
        ("saves", step.saves_min),
        ("views", step.views_min),
    ):
        if least is not None:
            yield f"funnel.{slot}", _at_least(slot, least)
    if {"ads", "marketing"} & set(step.drop):
        yield "funnel.ads", lambda post: (post.spam or 0) < 0.5


def _tell(project: Project, step: Step, posts: Sequence[Candidate]) -> Iterator[tuple[str, set[int]]]:
    """Filters on mood, needs and life events: the ids that pass each.

    Who complains (抱怨, 吐槽) is asked for by a mood and by a need: a post that shows either will do.
    """
    ids, needs = [post.id for post in posts], list(step.needs)
    if step.sentiment is not None:
        kept = {post.id for post in posts if post.label == step.sentiment}
        if step.sentiment == "negative" and COMPLAIN in needs:
            needs.remove(COMPLAIN)
            kept |= telling(project, ids, "needs", [COMPLAIN])
        yield "funnel.sentiment", kept
    if needs:
        yield "funnel.needs", telling(project, ids, "needs", needs)
    if step.life_events:
        yield "funnel.life_events", telling(project, ids, "life_events", step.life_events)


def _at_least(slot: str, least: int) -> Callable[[Candidate], bool]:
    return lambda post: (getattr(post, slot) or 0) >= least


def _distinct(posts: list[Candidate]) -> list[Candidate]:
    """The earliest of posts that say the same."""
    seen: dict[str, Candidate] = {}
    for post in sorted(posts, key=lambda p: (p.created or 0, p.id)):
        seen.setdefault(fold(post.text), post)
    return list(seen.values())


def _subject(project: Project, step: Step) -> tuple[set[int] | None, tuple[str, ...]]:
    """Ids of posts about what the step names; None if it names nothing. Kinds of words must all be met."""
    sets: list[set[int]] = []
    loose: list[str] = []
    if step.tags:
        tagged = [_tagged(project, tag) for tag in step.tags]
        sets.append(set.intersection(*tagged) if step.match == "all" else set.union(*tagged))
    if topics := bare(step.topics, step.life_events):
        about: set[int] = set()
        for topic in topics:
            found, is_loose = _about(project, topic)
            about |= found
            if is_loose:
                loose.append(topic)
        sets.append(about)
    if step.keywords:
        sets.append(set.union(*(_holding(project, word) for word in step.keywords)))
    if step.groups:
        sets.append(set.union(*(_in_group(project, name) for name in step.groups)))
    return (set.intersection(*sets) if sets else None), tuple(loose)


def _tagged(project: Project, tag: str) -> set[int]:
    sql = "select pt.post from post_tag pt join tag g on g.id = pt.tag where g.folded = ?"
    return {row[0] for row in project.query(sql, (fold(tag.strip("#＃")),))}


def _about(project: Project, topic: str) -> tuple[set[int], bool]:
    """Posts that hold the topic in tags, title or text; failing that, posts that hold all its pairs of characters."""
    found = _tagged(project, topic) | _holding(project, topic)
    if found:
        return found, False
    expression = match(topic)
    if expression is None or len(topic) < 4:
        return set(), False
    return {row[0] for row in project.query("select rowid from post_fts where post_fts match ?", (expression,))}, True


def _holding(project: Project, word: str) -> set[int]:
    expression = match(word)
    if expression is None:
        rows = project.query("select id, coalesce(title, '') || char(10) || text from post")
    else:
        rows = project.query(
            "select t.id, coalesce(t.title, '') || char(10) || t.text || char(10) || coalesce(t.tags, '') "
            "from post_fts f join post t on t.id = f.rowid where post_fts match ?",
            (expression,),
        )
    return {number for number, text in rows if holds(text, word)}


def _in_group(project: Project, name: str) -> set[int]:
    sql = "select t.id from post t join group_ g on g.id = t.group_ where g.name in (?, ?, ?)"
    return {row[0] for row in project.query(sql, group_names(name))}


def group_names(name: str) -> tuple[str, str, str]:
    """The names that a group may be stored under: as said, without 超话, 小组 or 吧, and with 吧."""
    bare = name.removesuffix("超话").removesuffix("小组").removesuffix("吧")
    return name, bare, bare + "吧"
