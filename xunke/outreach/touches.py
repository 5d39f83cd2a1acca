"""What we did towards people and what came of it: the rows that every number about outreach is counted from.

A touch is one act of ours, done by a person (the program sends nothing); an outcome is what the other side did, as the
user says, as a file says, or as seen in rows that were collected. Rows that were taken back (``undone``) count nowhere.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from xunke.errors import BadInput
from xunke.storage import Project, acts, suppression
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.project import write_audit

LADDER: Final = ("follow", "reply", "engage", "talk", "offer")
"""主动关注, 有价值的转评, 互动, 沟通, and what is proposed at the end; in this order."""
STEPS: Final = (*LADDER, "service")
"""The ladder, and an answer to a complaint or question, which stands outside of it."""
STATES: Final = ("done", "done_outside", "imported", "skipped")
"""``done_outside`` and ``imported``: happened without having been asked for here; they count like ``done``."""
HAPPENED: Final = ("done", "done_outside", "imported")
IS_TRUE: Final = "undone is null and state in ('done', 'done_outside', 'imported')"
"""The same for SQL about the table ``touch``."""
GOOD: Final = ("follow_back", "like", "reply", "positive", "click", "converted", "bought")
"""Outcomes that are a reaction for us."""
BAD: Final = ("negative", "complaint", "opt_out")
"""Outcomes that are a reaction against us."""
KINDS: Final = ("seen", *GOOD, *BAD, "resolved", "none")
"""``seen``: they read it; ``resolved``: what they complained of is settled; ``none``: nothing came."""
SOURCES: Final = ("user", "file", "seen")
MOST: Final = 1e12
"""So much money (CNY) one outcome may stand for, either way; what is more was mistyped."""
CHANNELS: Final = ("dm", "sms", "phone", "email", "wechat", "meeting")
"""Ways beside the platforms themselves (whose names are channels too: what is said in public there)."""
_CHANNEL_WORDS: Final = {
    "私信": "dm", "短信": "sms", "电话": "phone", "邮件": "email", "邮箱": "email", "edm": "email", "微信": "wechat",
    "面谈": "meeting", "见面": "meeting", "mail": "email", "call": "phone", "message": "dm",
}  # fmt: skip
_TOUCH: Final = (
    "id, account, t, step, channel, state, campaign, list, experiment, variant, post, draft, minutes, owner, note"
)
_OUTCOME: Final = "id, account, t, kind, value, touch, campaign, variant, post, source, note"


@dataclass(frozen=True, slots=True)
class Touch:
    """One act of ours. ``t``: UTC seconds; ``post``: our number of the post it was about; ``minutes`` it took."""

    id: int
    account: int
    t: int
    step: str
    channel: str | None
    state: str
    campaign: int | None
    list_id: int | None
    experiment: int | None
    variant: int | None
    post: int | None
    draft: str | None
    minutes: float | None
    owner: str | None
    note: str | None

    @property
    def happened(self) -> bool:
        """Whether it was done, here or elsewhere, and not skipped."""
        return self.state in HAPPENED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody did after (``touch``) or without a touch. ``value``: money (CNY) or a score where there is one."""

    id: int
    account: int
    t: int
    kind: str
    value: float | None
    touch: int | None
    campaign: int | None
    variant: int | None
    post: int | None
    source: str
    note: str | None


def channel_of(word: str | None) -> str | None:
    """The channel that a word means: one of ``CHANNELS``, else the word itself (a platform), folded."""
    from xunke.text import fold

    if word is None or not word.strip():
        return None
    folded = fold(word.strip())
    return _CHANNEL_WORDS.get(folded, folded)


def log(
    project: Project,
    account: int,
    step: str,
    *,
    t: int,
    state: str = "done",
    channel: str | None = None,
    campaign: int | None = None,
    list_id: int | None = None,
    experiment: int | None = None,
    variant: int | None = None,
    post: int | None = None,
    draft: str | None = None,
    minutes: float | None = None,
    owner: str | None = None,
    note: str | None = None,
    force: bool = False,
) -> int:
    """Write down a touch; its number.

    What is ``done`` here must be allowed at ``t`` by ``gate.may``, or BadInput with the gate's reason is raised; the
    look and the row are one transaction, also between processes. ``force`` is for what happened already and is only
    recorded: it makes ``done`` into ``done_outside``. Raises BadInput("touch.step" | "touch.state").
    """
    from . import gate

    if force and state == "done":
        state = "done_outside"
    if state == "done":

        def write(db: sqlite3.Connection) -> int:  # the file is locked: what the gate reads stays true until the row
            verdict = gate.may(project, account, step, now=t, campaign=campaign, list_id=list_id, channel=channel)
            if not verdict.ok:
                raise BadInput(verdict.reason or "gate.no", **verdict.params)
            return insert(db, *row)
    else:

        def write(db: sqlite3.Connection) -> int:
            return insert(db, *row)

    _known(step, STEPS, "touch.step")
    _known(state, STATES, "touch.state")
    way = channel_of(channel) or _platform(project, account)
    row = (
        account, t, step, way, state, campaign, list_id, experiment, variant, post, draft, minutes, owner, note,
    )  # fmt: skip
    return project.writer.call(write)


def insert(db: sqlite3.Connection, *row: Any, noted: bool = True) -> int:
    """A touch inside a transaction, as the columns stand in ``Touch`` (without its number); nothing is asked."""
    number = db.execute(
        f"insert into touch({_TOUCH.removeprefix('id, ')}, created) values ({', '.join('?' * 14)}, ?) returning id",
        (*row, int(time.time())),
    ).fetchone()[0]
    if noted:
        acts.note(db, "touch", {"touch": number})
    return int(number)


def outcome(
    project: Project,
    account: int,
    kind: str,
    *,
    t: int,
    value: float | None = None,
    touch: int | None = None,
    campaign: int | None = None,
    variant: int | None = None,
    post: int | None = None,
    source: str = "user",
    note: str | None = None,
) -> int:
    """Write down what came; its number. Without ``touch`` it belongs to the newest one of the person before it, whose
    campaign and variant it takes over where none are named. Raises BadInput("outcome.kind" | "outcome.source" |
    "outcome.value"), and "gate.own" for an account of our own: what we do ourselves is no answer.
    """
    _known(kind, KINDS, "outcome.kind")
    _known(source, SOURCES, "outcome.source")
    if value is not None and not abs(value) <= MOST:  # also what is no number
        raise BadInput("outcome.value", value=value)
    if account in own_accounts(project):
        raise BadInput("gate.own")
    before = _touch_before(project, account, t) if touch is None else by_id(project, touch)
    if before is not None:
        touch, campaign = before.id, before.campaign if campaign is None else campaign
        variant = before.variant if variant is None else variant

    def write(db: sqlite3.Connection) -> int:
        number = insert_outcome(db, account, t, kind, value, touch, campaign, variant, post, source, note)
        acts.note(db, "outcome", {"outcome": number})
        return number

    return project.writer.call(write)


def insert_outcome(db: sqlite3.Connection, *row: Any) -> int:
    """An outcome inside a transaction, as the columns stand in ``Outcome`` (without its number).

    Whoever wants no more contact (``opt_out``) goes on the do-not-contact list in the same transaction, with all of
    their accounts. Taking the outcome back leaves them there: only ``suppress remove`` takes somebody off.
    """
    names = _OUTCOME.removeprefix("id, ")
    if row[2] == "opt_out":
        _never_again(db, row[0])
    found = db.execute(
        f"insert into outcome({names}, created) values ({', '.join('?' * 10)}, ?) returning id",
        (*row, int(time.time())),
    ).fetchone()
    return int(found[0])


def _never_again(db: sqlite3.Connection, account: int) -> None:
    """Put a person on the do-not-contact list, by ids and handles: no namesake is kept out."""
    found = db.execute(
        "select p.name, k.native_id, null, a.handle from account_key k join platform p on p.id = k.platform "
        "left join account a on a.id = k.id where k.id = ?1 or a.person = "
        "(select person from account where id = ?1) order by k.id", (account,),
    ).fetchall()  # fmt: skip
    if suppression.add(db, found, "opt_out"):
        write_audit(db, "suppress.add", {"n": 1, "origin": "opt_out"})


def by_id(project: Project, number: int) -> Touch | None:
    """The touch of this number, also one that was taken back."""
    rows = project.query(f"select {_TOUCH} from touch where id = ?", (number,))
    return Touch(*rows[0]) if rows else None


def touches(
    project: Project, *, account: int | None = None, campaign: int | None = None, since: int | None = None,
    until: int | None = None, among: Iterable[int] | None = None,
) -> list[Touch]:  # fmt: skip
    """Touches in the order of time, those taken back left out. ``account``: the whole person's; ``among``: those of
    these accounts; bounds inclusive.
    """
    among = people_map(project).all(account) if account is not None else among
    return [Touch(*row) for row in _rows(project, "touch", _TOUCH, among, campaign, since, until)]


def outcomes(
    project: Project, *, account: int | None = None, campaign: int | None = None, since: int | None = None,
    until: int | None = None, among: Iterable[int] | None = None,
) -> list[Outcome]:  # fmt: skip
    """Outcomes, as ``touches``."""
    among = people_map(project).all(account) if account is not None else among
    return [Outcome(*row) for row in _rows(project, "outcome", _OUTCOME, among, campaign, since, until)]


def _rows(
    project: Project, table: str, columns: str, among: Iterable[int] | None, campaign: int | None,
    since: int | None, until: int | None,
) -> list[tuple[Any, ...]]:  # fmt: skip
    parts, params = ["undone is null"], dict[str, Any]()
    if among is not None:
        parts.append("account in (select value from json_each(:among))")
        params["among"] = json.dumps(list(among))
    bounds = {"campaign = :campaign": campaign, "t >= :since": since, "t <= :until": until}
    for part, value in bounds.items():
        if value is not None:
            parts.append(part)
            params[part.rpartition(":")[2]] = value
    return project.query(f"select {columns} from {table} where {' and '.join(parts)} order by t, id", params)


def take_back(db: sqlite3.Connection, table: str, number: int) -> None:
    """Mark a row of ``touch`` or ``outcome`` as undone, inside a transaction."""
    db.execute(f"update {table} set undone = ? where id = ? and undone is null", (int(time.time()), number))


def _known(word: str, known: Iterable[str], key: str) -> None:
    if word not in known:
        raise BadInput(key, value=word, known=", ".join(known))


def _platform(project: Project, account: int) -> str | None:
    name = project.one(
        "select p.name from account_key k join platform p on p.id = k.platform where k.id = ?", (account,)
    )
    return None if name is None else str(name)


def _touch_before(project: Project, account: int, t: int) -> Touch | None:
    found = [one for one in touches(project, account=account, until=t) if one.happened]
    return found[-1] if found else None
