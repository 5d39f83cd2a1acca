"""Accounts that may be one person's: found, shown with their arithmetic, accepted by a person, and taken back.

Nothing is merged here but what a user accepts. People who are barred are not compared and not shown.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from xunke.errors import BadInput
from xunke.storage import Project
from xunke.storage.persons import components, rebuild
from xunke.storage.project import write_audit
from xunke.text import fold

from .linkage import Field, Match, Profile, link_of, link_up
from .people import barred

LEAST: Final = 0.1
"""Pairs less likely than this are not kept."""
MOST: Final = 50_000
SURE_P: Final = 0.99
"""A name on a platform that exactly one stored account bears is taken as that account's: offered as sure."""
NAMED_P: Final = 0.9
"""Shared among the holders, where there are several, or where the placeholder's name may be a namesake's."""
_TAGS: Final = 12
_CALLED: Final = {
    "weibo": ("微博", "weibo", "wb"), "xiaohongshu": ("小红书", "红薯", "xhs"), "douyin": ("抖音", "douyin", "dy"),
    "bilibili": ("b站", "bilibili", "哔哩哔哩"), "zhihu": ("知乎",), "douban": ("豆瓣",), "kuaishou": ("快手",),
    "tieba": ("贴吧",), "wechat_mp": ("公众号", "公号"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accounts (a < b) that may be one person's. ``detail``: prior and fields in bits, or the holders of a name.

    ``flags``: ``platform`` two accounts of one platform would be one person; ``rejected`` a pair in the group was
    rejected; ``linked`` the two are one person already by other pairs.
    """

    id: int
    a: int
    b: int
    p: float
    sure: bool
    state: str
    detail: dict[str, Any]
    flags: tuple[str, ...] = ()


# -- finding -------------------------------------------------------------------------------------------------------


def profiles(project: Project) -> list[Profile]:
    """What is compared of every account that is known by an id of the platform's and may appear."""
    table = project.query(
        "select a.id, p.name, k.native_id, a.name, a.handle, a.bio, a.url, a.tags from account a "
        "join account_key k on k.id = a.id join platform p on p.id = k.platform "
        "where k.native_id not like 'name:%' and coalesce(a.kind, '') not in ('bot', 'group') order by a.id"
    )
    never = barred(project, [row[0] for row in table])
    region: dict[int, set[str]] = defaultdict(set)
    for account, value in project.query("select account, value from profile_fact where fact = 'region'"):
        region[account].add(value)
    tags: dict[int, list[str]] = defaultdict(list)
    for account, tag in project.query(
        "select t.author, g.folded from post t join post_tag pt on pt.post = t.id join tag g on g.id = pt.tag "
        "where t.author is not null group by t.author, g.id order by t.author, count(*) desc, g.id"
    ):
        if len(tags[account]) < _TAGS:
            tags[account].append(tag)
    out = []
    for account, platform, native, name, handle, bio, url, shown in table:
        if account in never:
            continue
        masked = name is not None and "*" in name  # 李** is nobody's name
        called = "" if name is None or masked else fold(name)
        at = fold(handle).lstrip("@") if handle else ""
        out.append(Profile(
            account, platform, called, at, fold(bio or ""),
            link_of(url or "") | _calls(platform, {called, at, native}),
            link_of(bio or "") | _called(bio or ""),
            frozenset(region.get(account, ())),
            frozenset([*tags.get(account, ()), *(fold(t) for t in json.loads(shown or "[]"))]),
        ))  # fmt: skip
    return out


def _calls(platform: str, names: Iterable[str]) -> frozenset[str]:
    """How others' bios name this account: ``weibo@name``."""
    return frozenset(f"{platform}@{name}" for name in names if len(name) >= 3)


def _called(bio: str) -> frozenset[str]:
    """Accounts that a bio names with their platform: 微博@小鹿, B站：小鹿."""
    import re

    found = set()
    for platform, words in _CALLED.items():
        said = "|".join(map(re.escape, words))
        for match in re.finditer(rf"(?:{said})\s*(?:id|号)?\s*[:：@＠]+\s*([\w\u4e00-\u9fff-]{{3,24}})", bio, re.I):
            found.add(f"{platform}@{fold(match[1])}")
    return frozenset(found)


def placeholders(project: Project) -> list[tuple[int, int, int, bool]]:
    """(placeholder, holder, number of holders, by name) of accounts that stand for somebody of the same platform.

    By name: all that a source said was the name (@mentions, reposts of Weibo). Else a source that hides ids behind a
    hash of its own: the name beside it may be a namesake's.
    """
    table = project.query(
        "select k.id, k.platform, case when k.native_id like 'name:%' then substr(k.native_id, 6) else a.name end, "
        "k.native_id like 'name:%' from account_key k left join account a on a.id = k.id "
        "where k.native_id like 'name:%' or (k.native_id like 'hash:%' and a.name is not null) order by k.id"
    )
    if not table:
        return []
    holders: dict[tuple[int, str], list[int]] = defaultdict(list)
    for account, platform, name in project.query(
        "select k.id, k.platform, a.name from account a join account_key k on k.id = a.id "
        "where a.name is not null and k.native_id not like 'name:%' and k.native_id not like 'hash:%' order by k.id"
    ):
        holders[platform, fold(name)].append(account)
    out = []
    for account, platform, name, named in table:
        those = holders.get((platform, fold(name)), []) if "*" not in name else []
        out += [(account, who, len(those), bool(named)) for who in those[:3]]
    never = barred(project, [account for row in out for account in row[:2]])
    return [row for row in out if row[0] not in never and row[1] not in never]


def find(project: Project) -> int:
    """Look for pairs again; returns how many are waiting. Decided pairs stay as decided."""
    kept: dict[tuple[int, int], tuple[float, bool, dict[str, Any]]] = {}
    for match in link_up(profiles(project)):
        if match.p >= LEAST and len(kept) < MOST:
            kept[match.a, match.b] = (round(match.p, 6), False, _detail(match))
    for account, holder, holders, named in placeholders(project):
        a, b = sorted((account, holder))
        sure = named and holders == 1
        kept[a, b] = (SURE_P if sure else round(NAMED_P / holders, 6), sure, {"holders": holders})
    now = int(time.time())

    def write(db: sqlite3.Connection) -> int:
        db.execute(
            "delete from same_pair where state = 'open' and (a || ' ' || b) not in (select value from json_each(?))",
            (json.dumps([f"{a} {b}" for a, b in kept]),),
        )
        db.executemany(
            "insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, ?, ?, ?, 'open', ?) "
            "on conflict(a, b) do update set p = excluded.p, sure = excluded.sure, detail = excluded.detail "
            "where state = 'open'",
            [
                (a, b, p, sure, json.dumps(detail, sort_keys=True), now)
                for (a, b), (p, sure, detail) in sorted(kept.items(), key=lambda item: (-item[1][0], item[0]))
            ],
        )
        return int(db.execute("select count(*) from same_pair where state = 'open'").fetchone()[0])

    return project.writer.call(write)


def _detail(match: Match) -> dict[str, Any]:
    return {
        "prior": round(match.prior, 4), "bits": round(match.bits, 4),
        "fields": [{**asdict(f), "m": float(f"{f.m:.6g}"), "u": float(f"{f.u:.6g}"), "bits": round(f.bits, 4)}
                   for f in match.fields],
    }  # fmt: skip


def fields_of(pair: Pair) -> list[Field]:
    """The compared fields of a stored pair."""
    return [Field(f["field"], f["level"], f["m"], f["u"]) for f in pair.detail.get("fields", ())]


# -- the queue -----------------------------------------------------------------------------------------------------


def pairs(project: Project, state: str | None = "open", *, limit: int | None = None) -> list[Pair]:
    """Pairs in ``state`` (None: all), likeliest first, without people who are barred."""
    table = project.query(
        "select id, a, b, p, sure, state, detail from same_pair where state = coalesce(?, state) "
        "order by p desc, id", (state,),
    )  # fmt: skip
    never = barred(project, [account for row in table for account in row[1:3]])
    table = [row for row in table if row[1] not in never and row[2] not in never][:limit]
    flags = _Flags(project)
    return [
        Pair(number, a, b, p, bool(sure), status, json.loads(detail), flags.of(a, b))
        for number, a, b, p, sure, status, detail in table
    ]


def get(project: Project, number: int) -> Pair:
    """One pair; BadInput("same.unknown") if there is none that may be shown."""
    found = next((pair for pair in pairs(project, None) if pair.id == number), None)
    if found is None:
        raise BadInput("same.unknown", id=number)
    return found


class _Flags:
    """What would be odd if two accounts were taken as one person's."""

    def __init__(self, project: Project) -> None:
        decided = project.query("select a, b, state from same_pair where state <> 'open'")
        self.groups: dict[int, tuple[int, ...]] = {}
        for group in components((a, b) for a, b, state in decided if state == "accepted"):
            self.groups |= dict.fromkeys(group, group)
        self.rejected = {(a, b) for a, b, state in decided if state == "rejected"}
        self.platform = {
            row[0]: row[1]
            for row in project.query(
                "select id, platform from account_key where native_id not like 'name:%' "
                "and native_id not like 'hash:%' and id in (select a from same_pair union select b from same_pair)"
            )
        }

    def of(self, a: int, b: int) -> tuple[str, ...]:
        one, two = self.groups.get(a, (a,)), self.groups.get(b, (b,))
        together = sorted({*one, *two})
        platforms = [self.platform[x] for x in together if x in self.platform]
        flags = []
        if len(platforms) != len(set(platforms)):
            flags.append("platform")
        if any((x, y) in self.rejected and (x, y) != (a, b) for x in together for y in together):
            flags.append("rejected")
        if one == two and b in one:
            flags.append("linked")
        return tuple(flags)


def accept(project: Project, numbers: Sequence[int], *, who: str = "user") -> list[Pair]:
    """Take these pairs as one person each; returns them, with what is odd about each in ``flags``.

    Raises BadInput("same.unknown"), BadInput("same.conflict") where that would join two whom a user told apart.
    """
    chosen = [get(project, number) for number in numbers]
    for pair in chosen:
        if "rejected" in pair.flags:
            raise BadInput("same.conflict", id=pair.id)
    _decide(project, [pair.id for pair in chosen], "accepted", who)
    flags = _Flags(project)
    return [Pair(c.id, c.a, c.b, c.p, c.sure, "accepted", c.detail,
                 tuple(f for f in flags.of(c.a, c.b) if f != "linked")) for c in chosen]  # fmt: skip


def reject(project: Project, numbers: Sequence[int], *, who: str = "user") -> list[Pair]:
    """Say of these pairs that they are two people. Accepted before, they come apart."""
    chosen = [get(project, number) for number in numbers]
    _decide(project, numbers, "rejected", who)
    return chosen


def undo(project: Project, numbers: Sequence[int], *, who: str = "user") -> list[Pair]:
    """Take back what was decided of these pairs, however long ago: everything is as if it had not been."""
    chosen = [get(project, number) for number in numbers]
    for pair in chosen:
        if pair.state == "open":
            raise BadInput("same.not_decided", id=pair.id)
    _decide(project, numbers, "open", who)
    return chosen


def _decide(project: Project, numbers: Sequence[int], state: str, who: str) -> None:
    now = int(time.time())

    def write(db: sqlite3.Connection) -> None:
        for number in numbers:
            db.execute(
                "update same_pair set state = ?, decided = ? where id = ?",
                (state, None if state == "open" else now, number),
            )
        rebuild(db)
        write_audit(db, f"same.{state}", {"pairs": list(numbers), "who": who})

    project.writer.call(write)
