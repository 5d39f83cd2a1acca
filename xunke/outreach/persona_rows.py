"""What a persona is made of: the posts of some people with what analysis found in them, and who these people are.

Reading only; ``outreach/personas.py`` makes a picture of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from xunke.errors import BadInput
from xunke.storage import Project, rows
from xunke.storage.persons import own_accounts, people_map

from . import lists
from .people import barred, barred_all
from .told import AD

EACH: Final = 200
"""Of one person the newest posts are read, not more than this."""
MOST: Final = 40_000
"""Of a group not more posts than this, the newest ones."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """A post, comment or repost of somebody; ``detail`` and ``label`` are None where it has not been analysed."""

    id: int
    author: int
    platform: str
    native_id: str
    kind: str
    text: str
    created: int | None
    media: str | None
    engagement: int
    url: str | None
    label: str | None
    detail: Mapping[str, Any] | None

    @property
    def ref(self) -> str:
        """How rows are named everywhere: ``post:PLATFORM:ID``."""
        return f"post:{self.platform}:{self.native_id}"


_CHOSEN: Final = (
    "select id, created, spam from (select p.id, p.created, coalesce(e.spam, 0) as spam, "
    "row_number() over (partition by p.author order by p.created desc, p.id desc) as place "
    "from post p left join feature e on e.post = p.id "
    "where p.gone is null and p.author in (select value from json_each(:who)) "
    "and (p.created is null or p.created <= :until) and (:since is null or p.created >= :since)) "
    "where place <= :each order by created desc, id desc limit :most"
)
"""The newest posts of each, and of these the newest: numbers only, as all of them are put in order."""
_POSTS: Final = (
    "select p.id, p.author, f.name, k.native_id, p.kind, coalesce(p.title || ' ', '') || p.text, "
    "p.created, p.media, coalesce(p.likes, 0) + coalesce(p.comments, 0) + coalesce(p.shares, 0) + coalesce(p.saves, 0),"
    f" p.url, e.label, e.detail from ({_CHOSEN}) c join post p on p.id = c.id join post_key k on k.id = p.id "
    "join platform f on f.id = k.platform left join feature e on e.post = p.id where c.spam < :ad "
    "order by c.created desc, c.id desc"
)


def posts_of(project: Project, accounts: Sequence[int], until: int, since: int | None = None) -> list[Wrote]:
    """What these accounts wrote, newest first, without advertising as far as it has been analysed."""
    read = msgspec.json.Decoder(dict[str, Any]).decode
    rows = project.each(_POSTS, _asked(accounts, until, since))
    return [Wrote(*(*row[:11], read(row[11]) if row[11] else None)) for row in rows]


def ids_of(project: Project, accounts: Sequence[int], until: int) -> list[int]:
    """Our numbers of the posts of ``posts_of``."""
    rows = project.query(f"select id from ({_CHOSEN}) where spam < :ad", _asked(accounts, until, None))
    return [row[0] for row in rows]


def _asked(accounts: Sequence[int], until: int, since: int | None) -> dict[str, object]:
    return {"who": json.dumps(list(accounts)), "until": until, "since": since, "each": EACH, "most": MOST, "ad": AD}


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a persona is about. ``kind``: person, segment, list, result, starter, project; ``accounts``: one for each
    person, ``left_out``: {reason key: people that must appear nowhere}; ``key``: our number of the segment or list.
    """

    kind: str
    name: str
    accounts: tuple[int, ...]
    left_out: Mapping[str, int]
    key: int | None = None
    spec: Mapping[str, Any] | None = None


def whom_of(
    project: Project, kind: str, name: str, accounts: Sequence[int], key: int | None = None, spec: Any = None
) -> Whom:
    """These accounts as people, each once, without those who must appear nowhere and our own accounts; of a list or a
    segment also without those who ask not to be approached."""
    persons = people_map(project)
    once = list(dict.fromkeys(persons.one(account) for account in accounts))
    never = (barred_all if kind in ("list", "segment") else barred)(project, once)
    out: dict[str, int] = {}
    for reason in never.values():
        out[reason] = out.get(reason, 0) + 1
    own = set(own_accounts(project))
    if kind != "person":
        once = [account for account in once if account not in own]
    return Whom(kind, name, tuple(a for a in once if a not in never), out, key, spec)


def person(project: Project, who: str) -> Whom:
    """One person. Raises BadInput("person.unknown"), or ("persona.barred") for somebody who must appear nowhere."""
    found = rows.find_account(project, who)
    if not found:
        raise BadInput("person.unknown", who=who)
    whom = whom_of(project, "person", found[0].name or found[0].native_id, [found[0].id], found[0].id)
    if not whom.accounts:
        raise BadInput("persona.barred")
    return whom


def segment(project: Project, name: str) -> Whom:
    """A kept segment, or one of the newest result that was cut into segments. Raises BadInput("persona.no_segment")."""
    kept = project.query("select id, name, spec from segment where name = ?1 or cast(id as text) = ?1", (name,))
    if kept:
        number, title, spec = kept[0]
        members = project.query("select account from segment_member where segment = ? order by account", (number,))
        return whom_of(project, "segment", title, [row[0] for row in members], number, spec)
    from .exports import table_name
    from .facets import segments

    named = segments(project)
    wanted = {one for one in set(named.values()) if name in (one, _shown(table_name, one))}
    if not wanted:
        known = [row[0] for row in project.query("select name from segment order by id desc limit 10")]
        shown = known + sorted({_shown(table_name, one) for one in named.values()})[:10]
        raise BadInput("persona.no_segment", name=name, known="、".join(shown) or "—")
    return whom_of(project, "segment", name, [a for a, one in sorted(named.items()) if one in wanted])


def _shown(table_name: Any, name: str) -> str:
    from xunke.i18n import Catalogue

    return str(table_name(name, Catalogue()))


def of_list(project: Project, name: str, now: int) -> Whom:
    """The people of a saved list. Raises BadInput("list.unknown" / "persona.not_people"), NeedsAnswer("list.renew")."""
    entry = lists.by_name(project, name, now)
    if entry.target != "people":
        raise BadInput("persona.not_people", name=entry.name)
    return whom_of(project, "list", entry.name, lists.members(project, entry.id), entry.id)


def result(project: Project, number: int | None) -> Whom:
    """The people of a result (None: the newest of people). Raises BadInput("persona.no_result")."""
    found = project.query(
        "select id, title from result where target = 'people' and id = coalesce(?, id) order by id desc limit 1",
        (number,),
    )
    if not found:
        raise BadInput("persona.no_result", n=number if number is not None else "—")
    items = project.query("select item from score where result = ? order by rank", (found[0][0],))
    title = found[0][1] if found[0][1] not in (None, "", "-") else f"#{found[0][0]}"  # a cut of everybody asked nothing
    return whom_of(project, "result", str(title), [row[0] for row in items], int(found[0][0]))


def everybody(project: Project) -> Whom:
    """All people of the project who may appear."""
    return whom_of(project, "project", "", [row[0] for row in project.query("select id from account order by id")])
