"""Who agreed to what, and who is known to us at first hand: followers, commenters and customers of our own.

A published post may be read; a message, a call or a card needs the person's own yes (PIPL 13(1), 15; GDPR 6(1)(a), 7).
A yes holds for one kind of contact, is kept with how we know, and ends at once when it is withdrawn.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput, PolicyRefused
from xunke.scrub import scrub
from xunke.storage import Project, acts
from xunke.storage.persons import OWN, people_map
from xunke.storage.project import write_audit
from xunke.text import clean, fold, one_line

from .people import barred

KINDS: Final = ("sms", "email", "phone", "dm", "vcard", "share")
"""What somebody may agree to: a text message, an e-mail, a call, a direct message, a card in our address book, being
handed on to a partner (an advertising platform too)."""
_WORDS: Final[Mapping[str, str]] = {
    "短信": "sms", "邮件": "email", "邮箱": "email", "电话": "phone", "私信": "dm", "名片": "vcard", "共享": "share",
    "转交": "share", "人群包": "share",
}  # fmt: skip
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("person", "account", "id", "user", "人", "账号", "用户", "用户id", "昵称", "name"),
    "platform": ("platform", "平台"), "kind": ("kind", "consent", "种类", "类型", "同意"),
    "time": ("time", "date", "时间", "日期", "同意时间"),
    "evidence": ("evidence", "source", "依据", "证据", "来源"), "withdrawn": ("withdrawn", "撤回", "撤回时间"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes of somebody; ``withdrawn``: since when no more. Times are UTC seconds."""

    account: int
    kind: str
    t: int
    evidence: str | None
    withdrawn: int | None


def kind_of(word: str) -> str:
    """The kind that a word names, in either language. Raises BadInput("consent.kind")."""
    folded = fold(word)
    found = _WORDS.get(folded, folded)
    if found not in KINDS:
        raise BadInput("consent.kind", kind=one_line(word, 40), known=[f"kind.{one}" for one in KINDS])
    return found


def add(project: Project, account: int, kind: str, evidence: str, *, t: int, withdrawn: int | None = None) -> None:
    """Note that somebody agreed at ``t`` (UTC seconds). Raises BadInput without evidence or for an unknown kind,
    PolicyRefused for somebody who is on the do-not-contact list or under 18.
    """
    kind, evidence = kind_of(kind), scrub(one_line(clean(evidence), 400))
    if not evidence:
        raise BadInput("consent.evidence")
    if reason := barred(project, [account]).get(account):
        raise PolicyRefused("consent.barred", reason=reason.replace("funnel.", "left_out."))
    project.writer.call(lambda db: _put(db, [Consent(account, kind, t, evidence, withdrawn)], "consent_add"))


def _put(db: sqlite3.Connection, found: Sequence[Consent], act: str) -> int:
    """Store, log and note how it was before, inside a transaction; how many are new or other than they were."""
    before = []
    for one in found:
        row = db.execute("select t, evidence, withdrawn from consent where account = ? and kind = ?",
                         (one.account, one.kind)).fetchone()  # fmt: skip
        if row == (one.t, one.evidence, one.withdrawn):
            continue
        before.append([one.account, one.kind, None if row is None else [row[0], row[2]]])
        db.execute(
            "insert or replace into consent(account, kind, t, evidence, withdrawn) values (?, ?, ?, ?, ?)",
            (one.account, one.kind, one.t, one.evidence, one.withdrawn),
        )
    if before:
        acts.note(db, act, {"before": before, "n": len(before)})
        kinds = sorted({str(kind) for _, kind, _ in before})
        write_audit(db, act.replace("_", "."), {"people": len({b[0] for b in before}), "kinds": kinds})
    return len(before)


def withdraw(project: Project, account: int, kind: str | None, *, t: int) -> int:
    """Note that somebody takes their yes back (``kind`` None: all of them), on all of their accounts; how many.

    What was never given can be taken back too: the no is then on record.
    """
    wanted = KINDS if kind is None else (kind_of(kind),)
    every = people_map(project).all(account)
    found = [c for c in listing(project, every) if c.kind in wanted and c.withdrawn is None]
    if not found and kind is not None and not any(c.kind in wanted for c in listing(project, every)):
        found = [Consent(account, wanted[0], t, None, t)]
    ended = [Consent(c.account, c.kind, c.t, c.evidence, t) for c in found]
    return project.writer.call(lambda db: _put(db, ended, "consent_withdraw")) if ended else 0


def take_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Undo of ``add``, ``withdraw`` and ``bring_in``, inside a transaction."""
    for account, kind, before in detail["before"]:
        if before is None:
            db.execute("delete from consent where account = ? and kind = ?", (account, kind))
        else:
            db.execute("update consent set t = ?, withdrawn = ? where account = ? and kind = ?",
                       (*before, account, kind))  # fmt: skip
    write_audit(db, "consent_undo", {"people": len({b[0] for b in detail["before"]})})
    return {"n": len(detail["before"])}


def listing(project: Project, accounts: Iterable[int] | None = None) -> list[Consent]:
    """What is on record, of these accounts or of all."""
    where = "" if accounts is None else "where account in (select value from json_each(?)) "
    params = () if accounts is None else (json.dumps(list(accounts)),)
    rows = project.query(
        f"select account, kind, t, evidence, withdrawn from consent {where}order by account, kind", params
    )
    return [Consent(*row) for row in rows]


def may(project: Project, account: int, kind: str) -> bool:
    """Whether this person agreed to ``kind`` and no account of theirs took it back or is on the do-not-contact list."""
    return account in agreed(project, [account], kind)


def agreed(project: Project, accounts: Iterable[int], kind: str) -> set[int]:
    """Those of ``accounts`` for whom ``may`` says yes."""
    asked = set(accounts)
    persons = people_map(project)
    said: dict[int, list[bool]] = defaultdict(list)
    for one in listing(project, persons.spread(asked)):
        if one.kind == kind:
            said[persons.one(one.account)].append(one.withdrawn is None)
    yes = {a for a in asked if (answers := said.get(persons.one(a))) and all(answers)}
    return yes - barred(project, yes).keys()


def refused(project: Project, accounts: Iterable[int], kind: str) -> set[int]:
    """Those of ``accounts`` who took their yes to ``kind`` back: they get none, whatever else allows it."""
    asked = set(accounts)
    persons = people_map(project)
    no = {persons.one(c.account) for c in listing(project, persons.spread(asked))
          if c.kind == kind and c.withdrawn is not None}  # fmt: skip
    return {a for a in asked if persons.one(a) in no}


# -- at first hand --------------------------------------------------------------------------------------------------

FIRST_HAND: Final[Mapping[str, str]] = {
    "follower": f"select actor from interaction where kind = 6 and target in {OWN} union select account from follower "
    f"where own in {OWN} and gone is null",
    "acted": f"select actor from interaction where kind <> 6 and target in {OWN}",
    "customer": "select account from purchase",
    "consented": "select account from consent where withdrawn is null",
    "source": "select a.id from account a join source s on s.id = a.source where s.own = 1 "
    "union select t.author from post t join source s on s.id = t.source where s.own = 1",
}
"""{how: accounts that we know ourselves}: they follow us, acted on us, bought, agreed, or stand in a file of ours."""


def first_hand(project: Project, accounts: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """{account: how we know them ourselves}, of those of ``accounts`` that are not only found elsewhere."""
    listed = json.dumps(sorted(set(accounts)))
    found: dict[int, list[str]] = defaultdict(list)
    for how, sql in FIRST_HAND.items():
        for (account,) in project.query(f"select value from json_each(?) where value in ({sql})", (listed,)):
            found[int(account)].append(how)
    return {account: tuple(hows) for account, hows in found.items()}


# -- from a file ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """What a file of consents brought; ``rejected``: (row, message key, detail), the first ones."""

    read: int
    stored: int
    unknown: int
    barred: int
    rejected: tuple[tuple[int, str, str], ...]


def bring_in(project: Project, path: Path, *, now: int) -> Read:
    """Read a table (CSV, XLSX, JSON Lines) of who agreed to what. Columns, in either language: person (or platform and
    id), kind, time, evidence, withdrawn. People who are not in the project are counted, not made: a yes is nothing to
    find people by. Twice the same file changes nothing. Raises BadInput for a file that is no such table.
    """
    from collectors.importers import sniff
    from collectors.importers.source import Source
    from xunke.storage.rows import people_called

    source = Source.open(path)
    known = {(one.account, one.kind): one.t for one in listing(project)}
    found, rejected, unknown, read = [], [], 0, 0
    for _, row, problem in sniff.reader(sniff.container(source))(source):
        read += 1
        if not isinstance(row, dict):
            rejected.append((read, (problem or ("import.bad_row", ""))[0], ""))
            continue
        cells = _cells(row)
        if "person" not in cells or "kind" not in cells:
            if read == 1:
                raise BadInput("import.missing_columns", path=str(path), columns="person, kind, evidence")
            rejected.append((read, "import.bad_row", ""))
            continue
        who = f"{cells['platform']}:{cells['person']}" if cells.get("platform") else cells["person"]
        try:
            kind, t = kind_of(cells["kind"]), _time(cells.get("time"), 0)
            ended = None if not cells.get("withdrawn") else _time(cells["withdrawn"], now)
        except BadInput as error:
            rejected.append((read, error.key, one_line(cells["kind"], 40)))
            continue
        people = people_called(project, who)
        if not people:
            unknown += 1
            continue
        if len(people) > 1:  # a yes of one is no yes of their namesakes
            rejected.append((read, "import.namesakes", one_line(who, 40)))
            continue
        evidence = scrub(one_line(cells.get("evidence", ""), 400))
        if not evidence:
            rejected.append((read, "consent.evidence", ""))
            continue
        account = people[0].id
        found.append(Consent(account, kind, t or known.get((account, kind), now), evidence, ended))
    never = barred(project, [one.account for one in found])
    kept = [one for one in found if one.account not in never]
    stored = project.writer.call(lambda db: _put(db, kept, "consent_add")) if kept else 0
    return Read(read, stored, unknown, len(found) - len(kept), tuple(rejected[:20]))


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    folded = {fold(str(name)): str(value).strip() for name, value in row.items() if value not in (None, "")}
    return {
        key: clean(next(folded[fold(n)] for n in names if fold(n) in folded))
        for key, names in _COLUMNS.items()
        if any(fold(n) in folded for n in names)
    }


def _time(text: str | None, now: int) -> int:
    """A time as written in a file, UTC seconds; nothing, or a plain yes, is ``now``. Raises BadInput."""
    from collectors.importers.values import BadValue, when

    if text is None or fold(text) in ("1", "yes", "true", "是", "已撤回"):
        return now
    try:
        found = when(text)
    except BadValue:
        raise BadInput("cli.bad_date", date=one_line(text, 40)) from None
    return now if found is None else int(found[0])
