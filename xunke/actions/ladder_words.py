"""The user's useful things (价值库) and notes as events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from xunke.clock import moment
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import followup as following
from xunke.outreach import lists, notes, values
from xunke.outreach.people import barred
from xunke.storage import Project

from .ladder import campaign_number, find, names, segment_number


def value_add(
    project: Project, text: str, *, need: str | None = None, topic: str | None = None, segment: str | None = None,
    proof: str | None = None,
) -> list[Event]:  # fmt: skip
    """Keep a useful thing for drafts."""
    one = values.add(project, text, need=need_of(need), topic=topic, segment=segment, proof=proof)
    return [Done("values.added", {"value": one.id, "text": one.text})]


def value_remove(project: Project, number: int) -> list[Event]:
    """Take one out."""
    return [Done("values.removed", {"value": number, "text": values.remove(project, number).text})]


def value_table(project: Project, *, index: int = 0) -> list[Event]:
    """All useful things."""
    found = values.snippets(project)
    if not found:
        return [Done("values.none")]
    body = [
        [one.id, one.text, one.topic, {"key": f"nlp.need.{one.need}"} if one.need else None, one.segment, one.proof]
        for one in found
    ]
    columns = ["line", "snippet", "topic", "for_need", "segment", "snippet_proof"]
    return [Table("values.title", columns, body, {"n": len(body)}, index)]


def need_of(word: str | None) -> str | None:
    """The need that a word names, in either language; the word itself if none."""
    if word is None:
        return None
    from nlp.needs import kinds
    from xunke.i18n import messages

    for name in kinds():
        if word in (name, *messages()[f"nlp.need.{name}"].values()):
            return name
    return word


def note(
    project: Project,
    body: str,
    *,
    now: int,
    who: str | None = None,
    segment: str | None = None,
    campaign: str | None = None,
    kind: str = "note",
    due: str | None = None,
    owner: str | None = None,
) -> list[Event]:
    """Keep a note of a person, a segment or a campaign; with a day it comes up in the queue of that day."""
    account = find(project, who)[0] if who else None
    number = notes.add(
        project, body, t=now, account=account, segment=segment_number(project, segment),
        campaign=campaign_number(project, campaign), kind=kind, due=due, owner=owner,
    )  # fmt: skip
    about = names(project, [account]).get(account, "?") if account is not None else segment or campaign or "?"
    return [Done("note.kept_due" if due else "note.kept", {"name": about, "note": number, "day": due or ""})]


def note_table(
    project: Project,
    *,
    who: str | None = None,
    segment: str | None = None,
    campaign: str | None = None,
    kind: str | None = None,
    open_only: bool = False,
    index: int = 0,
) -> list[Event]:
    """Notes, those that are due first."""
    found = notes.listing(
        project, account=find(project, who)[0] if who else None, segment=segment_number(project, segment),
        campaign=campaign_number(project, campaign), kind=kind, open_only=open_only,
    )  # fmt: skip
    kept_out = barred(project, {one.account for one in found if one.account is not None})
    found = [one for one in found if one.account not in kept_out]
    left: list[Event] = [Warned("touch.left_out", {"n": len(kept_out)})] if kept_out else []
    if not found:
        return [*left, Done("note.none")]
    shown = names(project, sorted({one.account for one in found if one.account is not None}))
    of = {table: dict(project.query(f"select id, name from {table}")) for table in ("segment", "campaign")}
    body: list[list[Any]] = []
    for one in found:
        about = shown.get(one.account or 0) or of["segment"].get(one.segment) or of["campaign"].get(one.campaign)
        day = moment(one.done).date().isoformat() if one.done is not None else None
        body.append([one.id, about, {"key": f"note.kind.{one.kind}"}, one.body, one.due, day])
    items = [{name: getattr(one, name) for name in type(one).__slots__} for one in found]
    columns = ["line", "about_whom", "kind", "note_body", "note_due", "note_done"]
    return [Table("note.title", columns, body, {"n": len(body), "items": items}, index), *left]


def note_done(project: Project, number: int, *, now: int) -> list[Event]:
    """Mark a note as done."""
    found = notes.finish(project, number, now)
    return [Done("note.finished", {"note": number, "text": found.body})]


def note_template(kind: str) -> list[Event]:
    """A guide to fill in: interview, focus group, expert, customer service, second-hand material, promise."""
    from xunke.errors import BadInput

    word = {"访谈": "interview", "焦点小组": "group", "专家": "expert", "客服": "service", "资料": "material",
            "承诺": "promise"}.get(kind, kind)  # fmt: skip
    if word not in notes.TEMPLATES:
        raise BadInput("note.no_template", value=kind, known="、".join(notes.TEMPLATES))
    return [Done(f"note.template.{word}")]


def bring(project: Project, path: Path) -> list[Event]:
    """Touches and outcomes from a file (CSV, XLSX, JSONL, JSON)."""
    from xunke.jobs import books

    return books.bring(project, path)


def followup(
    project: Project, *, now: int, list_name: str | None = None, limit: int = 30, index: int = 0
) -> list[Event]:
    """Where everybody stands whom we approached: how many in each state, and what to do next with each."""
    among = None if list_name is None else lists.members(project, lists.by_name(project, list_name).id)
    found = following.standings(project, now=now, among=among)
    if not found:
        return [Done("followup.none")]
    count = Counter(one.state for one in found)
    summary = [
        [f"followup.{state}", count[state], round(count[state] / len(found), 4), f"followup.next.{state}"]
        for state in following.STATES if count[state]
    ]  # fmt: skip
    shown = found[:limit]
    named = names(project, [one.account for one in shown])
    body = [
        [named.get(one.account, "?"), f"followup.{one.state}", f"step.{one.step}", moment(one.t).date().isoformat(),
         one.n, None if one.came is None else f"outcome.{one.came}",
         None if one.until is None else moment(one.until).date().isoformat(), f"followup.next.{one.state}"]
        for one in shown
    ]  # fmt: skip
    columns = ["who", "standing", "last_step", "last_ours", "touch_count", "last_reaction", "until", "next_act"]
    return [
        Table("followup.title", ["standing", "people", "share", "next_act"], summary, {"n": len(found)}, index),
        Table("followup.people", columns, body, {"n": len(found), "shown": len(shown)}, index),
    ]
