"""Everything between one person and us on one line of time: interactions both ways, touches and what came of them,
notes, follows, lists and campaigns, purchases, consent. Every entry names the row that it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from . import touches

Way = Literal["in", "out", "about"]
"""They towards us, we towards them, or what was noted about them."""
_NAMES: Final = {code: name for name, code in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``t``: UTC seconds (None: not known when; ``until``: it lies between the two).

    ``kind``: of interaction, touch step, outcome …; ``ref``: the row it is, as ``table:number``; ``post``: our number
    of the post concerned; ``account``: which of the person's accounts.
    """

    t: int | None
    way: Way
    kind: str
    text: str | None
    ref: str
    account: int
    post: int | None = None
    until: int | None = None


def timeline(
    project: Project, account: int, own: Sequence[int], *, since: int = 0, until: int = 2**40,
    kinds: Sequence[str] = (),
) -> list[Entry]:  # fmt: skip
    """All dealings of the person behind ``account`` with the accounts ``own``, newest first; undated ones last.

    ``kinds``: only these (a kind, or the name of a table).
    """
    everybody = people_map(project).all(account)
    found = [
        *_interactions(project, everybody, own), *_touches(project, account), *_notes(project, everybody),
        *_following(project, everybody, own), *_lists(project, everybody), *_bought(project, everybody),
        *_consent(project, everybody),
    ]  # fmt: skip
    wanted = set(kinds)
    kept = [
        one
        for one in found
        if (one.t is None or since <= one.t <= until)
        and (not wanted or one.kind in wanted or one.ref.partition(":")[0] in wanted)
    ]
    return sorted(kept, key=lambda e: (-(e.t or 0), e.ref))


def _interactions(project: Project, accounts: Sequence[int], own: Sequence[int]) -> Iterator[Entry]:
    """The words are those of the post that the act itself is (a comment, a repost), else of the post concerned."""
    rows = project.query(
        "select i.t, i.kind, i.actor, i.target, i.post, p.created, p.text, "
        "(select c.id from post c where c.author = i.actor and c.created = i.t order by c.id limit 1) "
        "from interaction i left join post p on p.id = i.post where "
        "(i.actor in (select value from json_each(:who)) and i.target in (select value from json_each(:own))) or "
        "(i.target in (select value from json_each(:who)) and i.actor in (select value from json_each(:own)))",
        {"who": json.dumps(list(accounts)), "own": json.dumps(list(own))},
    )
    theirs = set(accounts)
    said: dict[int, str] = {}
    if ids := sorted({row[7] for row in rows if row[7]}):
        said = dict(project.query("select id, text from post where id in (select value from json_each(?))",
                                  (json.dumps(ids),)))  # fmt: skip
    for t, kind, actor, target, post, created, text, act in rows:
        them = actor if actor in theirs else target
        words = said.get(act) if act else text
        when = t or created
        way: Way = "in" if actor in theirs else "out"
        ref = f"interaction:{target}/{t}/{actor}/{kind}/{post}"
        yield Entry(when or None, way, _NAMES[kind], words, ref, them, act or post or None)


def _touches(project: Project, account: int) -> Iterator[Entry]:
    campaigns = dict(project.query("select id, name from campaign"))
    for one in touches.touches(project, account=account):
        told = "；".join(str(p) for p in (campaigns.get(one.campaign), one.draft, one.note) if p) or None
        yield Entry(one.t, "out", f"touch_{one.step}" if one.happened else "skipped", told, f"touch:{one.id}",
                    one.account, one.post)  # fmt: skip
    for came in touches.outcomes(project, account=account):
        told = "；".join(str(p) for p in (came.value, came.note) if p is not None) or None
        yield Entry(came.t, "in", f"outcome_{came.kind}", told, f"outcome:{came.id}", came.account, came.post)


def _notes(project: Project, accounts: Sequence[int]) -> Iterator[Entry]:
    for number, account, t, body, due in _of(project, "select id, account, t, body, due from note "
                                             "where undone is null and account", accounts):  # fmt: skip
        yield Entry(t, "about", "note", f"{body}（{due}）" if due else body, f"note:{number}", account)


def _following(project: Project, accounts: Sequence[int], own: Sequence[int]) -> Iterator[Entry]:
    """Came and left as lists show it: between two of them."""
    whole = {
        o: [row[0] for row in project.query(
            "select t from follower_list where own = ? and complete = 1 order by t", (o,))]
        for o in own
    }  # fmt: skip
    for us, account, first, last, gone in _of(
        project, "select own, account, first, last, gone from follower where account", accounts
    ):
        if us not in whole:
            continue
        ref = f"follower:{us}/{account}/{first}"
        before = [t for t in whole[us] if t < first]
        yield Entry(before[-1] if before else first, "in", "came" if before else "follows", None, ref, account,
                    until=first if before else None)  # fmt: skip
        if gone is not None:
            yield Entry(last, "in", "left", None, ref, account, until=gone)


def _lists(project: Project, accounts: Sequence[int]) -> Iterator[Entry]:
    rows = _of(
        project, "select l.id, m.item, m.added, l.name, l.purpose from list_member m "
        "join saved_list l on l.id = m.list where l.target = 'people' and m.item", accounts,
    )  # fmt: skip
    numbers = {row[0] for row in rows}
    for number, account, t, name, purpose in rows:
        yield Entry(t, "about", "listed", f"{name}：{purpose}" if purpose else name, f"saved_list:{number}", account)
    for number, campaign, name, created in project.query(
        "select c.list, g.id, g.name, g.created from campaign_list c join campaign g on g.id = c.campaign"
    ):
        for member, account, t, *_ in rows:
            if member == number and number in numbers:
                yield Entry(max(t, created), "about", "campaign", name, f"campaign:{campaign}", account)


def _bought(project: Project, accounts: Sequence[int]) -> Iterator[Entry]:
    for number, account, t, amount, currency, what in _of(
        project, "select id, account, t, amount, currency, what from purchase where account", accounts
    ):
        told = f"{what or ''} {amount:g} {currency or 'CNY'}".strip()
        yield Entry(t, "in", "purchase", told, f"purchase:{number}", account)


def _consent(project: Project, accounts: Sequence[int]) -> Iterator[Entry]:
    for account, kind, t, evidence, withdrawn in _of(
        project, "select account, kind, t, evidence, withdrawn from consent where account", accounts
    ):
        yield Entry(t, "in", "consent", evidence, f"consent:{account}/{kind}", account)
        if withdrawn is not None:
            yield Entry(withdrawn, "in", "withdrawn", None, f"consent:{account}/{kind}", account)


def _of(project: Project, sql: str, accounts: Sequence[int]) -> list[tuple[Any, ...]]:
    return project.query(f"{sql} in (select value from json_each(?))", (json.dumps(list(accounts)),))
