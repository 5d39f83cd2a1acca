"""Row sources: long lists as ids first, and pages of rows when they are looked at.

``Ids`` is one indexed query; a page of 200 rows is read when a row of it is asked for and kept in a small
cache, so that a table of a million people opens at once. Sorting is another list of ids.
"""

from __future__ import annotations

import json
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

from xunke.text import fold

from . import naming
from .persons import people_map
from .project import Project

T = TypeVar("T")
_PAGE: Final = 200
_PAGES: Final = 16


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account as shown in a list. ``rank``, ``value`` and ``parts`` only in a result or list.

    ``region`` and ``gender`` are what the platform shows or, failing that, what the person states about themself.
    ``parts`` holds the score's parts and evidence as written by the engine; ``reason`` is a list member's
    reason as (message key, parameters) pairs in JSON.
    """

    id: int
    platform: str
    native_id: str
    name: str | None
    handle: str | None
    bio: str | None
    url: str | None
    region: str | None
    gender: str | None
    followers: int | None
    following: int | None
    posts: int | None
    verified: bool | None
    kind: str | None
    listed: bool | None
    tags: tuple[str, ...]
    rank: int | None = None
    value: float | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as shown. ``created`` is UTC seconds, ``zone`` the source's offset; ``label`` the sentiment.

    ``author_id`` and ``parent_id`` (what it answers, reposts or quotes) are the platform's own ids.
    """

    id: int
    platform: str
    native_id: str
    author: int | None
    author_name: str | None
    kind: str
    text: str
    title: str | None
    created: int | None
    zone: str | None
    url: str | None
    tags: tuple[str, ...]
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    views: int | None
    region: str | None
    sentiment: float | None
    label: str | None
    author_id: str | None = None
    parent_id: str | None = None
    rank: int | None = None
    value: float | None = None


class RowSource(Generic[T]):
    """``ids`` in order, rows on demand: ``len(source)``, ``source[i]``, ``source.window(a, b)``."""

    def __init__(self, ids: Sequence[int], fetch: Callable[[Sequence[int]], list[T]]) -> None:
        self.ids = array("q", ids)
        self._fetch = fetch
        self._pages: OrderedDict[int, list[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, index: int) -> T:
        return self.window(index, index + 1)[0]

    def window(self, start: int, stop: int) -> list[T]:
        """Rows ``start`` (inclusive) to ``stop`` (exclusive)."""
        stop = min(stop, len(self.ids))
        rows: list[T] = []
        for page in range(start // _PAGE, (max(start, stop - 1)) // _PAGE + 1):
            first = page * _PAGE
            rows.extend(self._page(page)[max(0, start - first) : max(0, stop - first)])
        return rows

    def reordered(self, ids: Sequence[int]) -> RowSource[T]:
        """The same rows in another order, or some of them."""
        return RowSource(ids, self._fetch)

    def position(self, row_id: int) -> int | None:
        """Where ``row_id`` stands, or None."""
        try:
            return self.ids.index(row_id)
        except ValueError:
            return None

    def _page(self, page: int) -> list[T]:
        rows = self._pages.get(page)
        if rows is None:
            rows = self._pages[page] = self._fetch(self.ids[page * _PAGE : (page + 1) * _PAGE])
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return rows


_PERSON = (
    "select a.id, p.name, k.native_id, a.name, a.handle, a.bio, a.url, coalesce("
    "  (select value from profile_fact f where f.account = a.id and f.fact = 'city' order by confidence desc limit 1), "
    " (select value from profile_fact f where f.account = a.id and f.fact = 'region' order by confidence desc limit 1),"
    " a.region), "
    " coalesce(a.gender, (select value from profile_fact f where f.account = a.id and f.fact = 'gender' limit 1)), "
    "a.followers, a.following, "
    "a.posts, a.verified, a.kind, a.listed, a.tags from account a join account_key k on k.id = a.id "
    "join platform p on p.id = k.platform "
)
_POST = (
    "select t.id, p.name, k.native_id, t.author, a.name, t.kind, t.text, t.title, t.created, t.zone, t.url, t.tags, "
    "t.likes, t.comments, t.shares, t.saves, t.views, t.region, f.sentiment, coalesce("
    "  (select value from label l where l.post = t.id and l.kind = 'sentiment' and l.name = '' and l.undone is null "
    "   order by l.id desc limit 1), f.label), w.native_id, u.native_id "
    "from post t join post_key k on k.id = t.id join platform p on p.id = k.platform "
    "left join account a on a.id = t.author left join account_key w on w.id = t.author "
    "left join post_key u on u.id = coalesce(t.reply_to, t.repost_of, t.quote_of) "
    "left join feature f on f.post = t.id "
)


def _in_order(ids: Sequence[int], rows: Iterable[tuple[Any, ...]], make: Callable[[tuple[Any, ...]], T]) -> list[T]:
    found = {row[0]: row for row in rows}
    return [make(found[i]) for i in ids if i in found]


def _person(row: tuple[Any, ...]) -> PersonRow:
    flags = [None if v is None else bool(v) for v in (row[12], row[14])]
    tags = tuple(json.loads(row[15] or "[]"))
    make: Any = PersonRow
    return cast(PersonRow, make(*row[:12], flags[0], row[13], flags[1], tags))


def _post(row: tuple[Any, ...]) -> PostRow:
    make: Any = PostRow
    return cast(PostRow, make(*row[:11], tuple(json.loads(row[11] or "[]")), *row[12:]))


def people(project: Project, ids: Sequence[int]) -> list[PersonRow]:
    """These accounts, in this order; unknown ids are left out."""
    rows = project.query(_PERSON + "where a.id in (select value from json_each(?))", (json.dumps(list(ids)),))
    return _in_order(ids, rows, _person)


def posts(project: Project, ids: Sequence[int]) -> list[PostRow]:
    """These posts, in this order; unknown ids are left out."""
    rows = project.query(_POST + "where t.id in (select value from json_each(?))", (json.dumps(list(ids)),))
    return _in_order(ids, rows, _post)


PEOPLE_ORDERS: Final = {
    "followers": "followers desc, id",
    "name": "name, id",
    "posts": "posts desc, id",
    "id": "id",
}
POST_ORDERS: Final = {
    "time": "created desc, id desc",
    "likes": "likes desc, id",
    "comments": "comments desc, id",
    "shares": "shares desc, id",
}


def all_people(project: Project, order: str = "followers") -> RowSource[PersonRow]:
    """Every account of the project."""
    ids = [row[0] for row in project.query(f"select id from account order by {PEOPLE_ORDERS[order]}")]
    return RowSource(ids, lambda part: people(project, part))


def all_posts(project: Project, order: str = "time") -> RowSource[PostRow]:
    """Every post of the project that is still shown on its platform."""
    ids = [row[0] for row in project.query(f"select id from post where gone is null order by {POST_ORDERS[order]}")]
    return RowSource(ids, lambda part: posts(project, part))


def posts_of(project: Project, account: int, limit: int = 1000) -> RowSource[PostRow]:
    """What an account wrote, newest first."""
    sql = "select id from post where author = ? order by created desc, id desc limit ?"
    ids = [row[0] for row in project.query(sql, (account, limit))]
    return RowSource(ids, lambda part: posts(project, part))


def result_people(project: Project, result: int) -> RowSource[PersonRow]:
    """The people of a result, in its order, with their scores."""
    return _scored(project, result, people)


def result_posts(project: Project, result: int) -> RowSource[PostRow]:
    """The posts of a result, in its order."""
    ids = [row[0] for row in project.query("select item from score where result = ? order by rank", (result,))]
    return RowSource(ids, lambda part: posts(project, part))


def _scored(
    project: Project, result: int, fetch: Callable[[Project, Sequence[int]], list[PersonRow]]
) -> RowSource[PersonRow]:
    ids = [row[0] for row in project.query("select item from score where result = ? order by rank", (result,))]

    def page(part: Sequence[int]) -> list[PersonRow]:
        import dataclasses

        sql = "select item, rank, value, parts from score where result = ? and item in (select value from json_each(?))"
        scores = {row[0]: row[1:] for row in project.query(sql, (result, json.dumps(list(part))))}
        return [
            dataclasses.replace(
                row, rank=scores[row.id][0], value=scores[row.id][1], parts=json.loads(scores[row.id][2] or "{}")
            )
            for row in fetch(project, part)
        ]

    return RowSource(ids, page)


def list_people(project: Project, list_id: int) -> RowSource[PersonRow]:
    """The people of a saved list, in its order, with their reasons."""
    rows = project.query("select item, rank, score, reason from list_member where list = ? order by rank", (list_id,))
    facts = {row[0]: row[1:] for row in rows}

    def page(part: Sequence[int]) -> list[PersonRow]:
        import dataclasses

        return [
            dataclasses.replace(row, rank=facts[row.id][0], value=facts[row.id][1], reason=facts[row.id][2] or "[]")
            for row in people(project, part)
        ]

    return RowSource([row[0] for row in rows], page)


def find_account(project: Project, who: str) -> list[PersonRow]:
    """Accounts that ``who`` may mean: a number of ours, platform:id, a native id, @handle, a name or a code."""
    who = who.strip().lstrip("@＠")
    platform, _, native = who.partition(":")
    sql = (
        "select a.id from account a join account_key k on k.id = a.id join platform p on p.id = k.platform where "
        "(p.name = :platform and (k.native_id = :native or a.name = :native or a.handle = :native)) "
        "or k.native_id = :who or a.name = :who or a.handle = :who order by a.followers desc, a.id limit 20"
    )
    found = [row[0] for row in project.query(sql, {"platform": platform, "native": native, "who": who})]
    if not found and who.isascii() and who.isdigit():
        found = [int(who)] if len(who) < 18 else []
    if not found and (account := naming.account_of(who)) is not None:
        found = [account]
    return people(project, found)


def people_called(project: Project, who: str, platform: str | None = None) -> list[PersonRow]:
    """The people that ``who`` may mean in somebody's file or order, one account each: whoever acts on one must find
    exactly one. A row's number, which is seen nowhere, names nobody.
    """
    persons, word = people_map(project), who.strip().lstrip("@＠")
    found: dict[int, PersonRow] = {}
    for one in find_account(project, who):
        if platform in (None, one.platform) and (str(one.id) != word or word in (one.native_id, one.name, one.handle)):
            found.setdefault(persons.one(one.id), one)
    return list(found.values())


def by_spelling(project: Project) -> dict[str, list[int]]:
    """{folded name or handle: accounts}: the same but for width, case, blanks and unseen characters. Looks at all."""
    found: dict[str, list[int]] = {}
    for account, *names in project.query("select id, name, handle from account"):
        for word in {fold(name).lstrip("@") for name in names if name} - {""}:
            found.setdefault(word, []).append(account)
    return found
