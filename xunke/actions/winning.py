"""What a ``work`` step does: people who were found become lists, touches, campaigns. One table of who does what.

The functions are those that the command line calls; here they get their parameters from the slots of a step.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import now_on, waking_on
from xunke.errors import NeedsAnswer
from xunke.events import Event
from xunke.plan import Step, Work
from xunke.storage import Project, rows

from .common import last_result

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

_CONSENTS: Final[Mapping[str, str]] = {
    "邮件": "email", "email": "email", "e-mail": "email", "短信": "sms", "sms": "sms", "电话": "phone",
    "phone": "phone", "calls": "phone", "私信": "dm", "messages": "dm", "名片": "vcard", "共享": "share",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A step, where it runs, and what its words mean."""

    engine: Engine
    step: Step
    index: int
    run: int | None

    @property
    def project(self) -> Project:
        return self.engine.project

    @property
    def today(self) -> date:
        return self.engine.today

    @property
    def lang(self) -> str:
        return self.engine.options.lang

    @property
    def now(self) -> int:
        """The present second; of another day than today its last one: everything of that day counts."""
        return now_on(self.today)

    @property
    def noon(self) -> int:
        """The same for what is to be done: of another day its noon, when nobody sleeps."""
        return waking_on(self.today)

    @property
    def limit(self) -> dict[str, Any]:
        return {} if self.step.limit is None else {"limit": self.step.limit}

    @property
    def name(self) -> str:
        if self.step.name is None:
            raise NeedsAnswer("clarify.referent")
        return self.step.name

    @property
    def who(self) -> str:
        """Whom the step means: by name, by place in the result on the screen, or under the cursor."""
        if self.step.accounts:
            return self.step.accounts[0]
        account = _placed(self.project, self.step.ranks[0]) if self.step.ranks else self.engine.options.picked
        found = rows.people(self.project, [account]) if account is not None else []
        if not found:
            raise NeedsAnswer("clarify.account")
        return f"{found[0].platform}:{found[0].native_id}"

    @property
    def line(self) -> str:
        """The same where a place means a line of today's queue, if there is one."""
        from xunke.outreach import daily

        if not self.step.ranks or self.step.accounts:
            return self.who
        number = self.step.ranks[0]
        return str(number) if daily.line(self.project, number) is not None else self.who

    @property
    def people(self) -> int | None:
        """The result of people on the screen, if there is one."""
        found = last_result(self.project, self.engine.options.last)
        return found[0] if found is not None and found[1] == "people" else None


def _placed(project: Project, rank: int) -> int | None:
    found = last_result(project)
    if found is None or found[1] != "people":
        return None
    item = project.one("select item from score where result = ? and rank = ?", (found[0], rank))
    return None if item is None else int(item)


Told = AsyncIterator[Event] | Iterable[Event] | Event


async def work(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The events of a ``work`` step."""
    assert step.do is not None  # noqa: S101 - plan.check
    told = _TABLE[step.do](Asked(engine, step, index, session.run))
    if isinstance(told, AsyncIterator):
        async for event in told:
            yield event
    elif isinstance(told, Iterable):
        for event in told:
            yield event
    else:
        yield told


# -- the ladder ------------------------------------------------------------------------------------------------------


def _today(a: Asked) -> Told:
    from . import ladder

    return ladder.today(a.project, now=a.noon, minutes=a.step.minutes, index=a.index, **a.limit)


def _next(a: Asked) -> Told:
    from . import reviews

    if a.step.accounts or a.step.ranks:
        return reviews.why_next(a.project, a.who, now=a.noon, index=a.index)
    return reviews.next_acts(a.project, now=a.noon, index=a.index, **a.limit)


def _touch(a: Asked) -> Told:
    from . import ladder

    match a.step.op:
        case "skip":
            return ladder.skip(a.project, a.line, now=a.noon)
        case "later":
            return ladder.later(a.project, a.line, now=a.noon, days=a.step.days or 3)
        case _:
            return ladder.done(a.project, a.line, now=a.noon, step=a.step.kind)


def _outcome(a: Asked) -> Told:
    from . import ladder

    return ladder.outcome(a.project, a.line, a.step.kind or "reply", now=a.noon, value=a.step.amount)


def _draft(a: Asked) -> Told:
    from . import ladder

    return ladder.draft(a.project, a.line, now=a.noon, index=a.index)


def _check(a: Asked) -> Told:
    from . import ladder

    return ladder.check(a.project, a.step.topic or "", now=a.noon, index=a.index)


def _preflight(a: Asked) -> Told:
    from xunke.outreach import lists

    from . import ladder

    name = a.step.name or next((one.name for one in lists.saved(a.project) if one.target == "people"), None)
    if name is None:
        raise NeedsAnswer("clarify.referent")
    return ladder.four_rights(a.project, name, now=a.noon, index=a.index)


def _limits(a: Asked) -> Told:
    from . import ladder

    return ladder.limit_table(a.project, index=a.index)


def _neglected(a: Asked) -> Told:
    from . import ladder

    return ladder.neglected(a.project, now=a.noon, index=a.index, **a.limit)


def _note(a: Asked) -> Told:
    from . import ladder_words

    if a.step.op == "add":
        return ladder_words.note(a.project, a.step.topic or "", now=a.noon, who=a.who)
    who = a.who if a.step.accounts or a.step.ranks else None
    return ladder_words.note_table(a.project, who=who, open_only=who is None, index=a.index)


# -- queues, lists, segments -----------------------------------------------------------------------------------------


def _queue(a: Asked) -> Told:
    from . import queues

    return queues.queue(a.engine, a.step.op or "all", now=a.now, topic=a.step.topic, index=a.index, **a.limit)


def _context(a: Asked) -> Told:
    from . import queues

    people = a.step.name or (None if a.people is None else str(a.people))
    return queues.meet(a.engine, now=a.now, people=people, index=a.index, **a.limit)


def _lists(a: Asked) -> Told:
    from xunke.i18n import Catalogue

    from . import lists

    match a.step.op:
        case "show":
            return lists.show(a.project, a.name, cat=Catalogue(a.lang), now=a.now, index=a.index)
        case "why_not":
            return lists.why_not(a.project, a.name, a.who, now=a.now)
        case _:
            return lists.table(a.project, now=a.now, index=a.index)


def _segments(a: Asked) -> Told:
    from . import segment_judge, segment_kept

    match a.step.op:
        case "show":
            return segment_kept.show(a.engine, a.name, index=a.index)
        case "refresh":
            return segment_kept.refresh(a.engine, a.step.name, index=a.index)
        case "check":
            return segment_judge.check(a.engine, index=a.index)
        case "choose":
            return segment_judge.choose(a.engine, index=a.index)
        case _:
            return segment_kept.listing(a.engine, index=a.index)


def _value(a: Asked) -> Told:
    from . import segment_kept

    return segment_kept.cut(a.engine, method=a.step.do, index=a.index, **a.limit)


def _persona(a: Asked) -> Told:
    from . import personas

    whom: dict[str, Any]
    if a.step.name:
        whom = {"segment": a.step.name}
    elif a.step.input == "last" and not (a.step.accounts or a.step.ranks):
        if a.people is None:
            raise NeedsAnswer("clarify.referent")
        whom = {"result": a.people}
    else:
        whom = {"person": a.who}
    return personas.card(a.project, today=a.today, lang=a.lang, index=a.index, **whom)


# -- campaigns -------------------------------------------------------------------------------------------------------


def _campaign(a: Asked) -> Told:
    from . import campaign_numbers as numbers
    from . import campaigns

    step, project, now, index = a.step, a.project, a.now, a.index
    match step.op:
        case "new":
            return campaigns.new(project, a.name, now=now, run=a.run, index=index)
        case "list":
            return campaigns.table(project, index=index)
        case "brief":
            return campaigns.worksheet(project, step.name, now=now, index=index)
        case "cost":
            amount = None if step.amount is None else f"{step.amount:g}"
            return campaigns.cost_add(project, step.name, now=now, today=a.today, amount=amount, run=a.run)
        case "kpi":
            return numbers.kpis(project, step.name, now=now, index=index)
        case "funnel":
            return numbers.funnels(project, step.name, now=now, index=index)
        case "roi":
            return numbers.roi(project, step.name, now=now, index=index)
        case "waste":
            return numbers.waste(project, step.name, now=now, index=index)
        case "hit":
            return numbers.hits(project, step.name, now=now, index=index)
        case _:
            return campaigns.show(project, step.name, index=index)


def _calendar(a: Asked) -> Told:
    from . import calendar

    since = a.step.since.isoformat() if a.step.since else None
    until = a.step.until.isoformat() if a.step.until else None
    first, last = calendar.window(today=a.today, since=since, until=until)
    return calendar.show(a.project, since=first, until=last, index=a.index)


def _experiment(a: Asked) -> Told:
    from . import trials

    if a.step.op == "result":
        return trials.result(a.project, a.name, now=a.now, index=a.index)
    return trials.listing(a.project, index=a.index)


def _review(a: Asked) -> Told:
    from . import reviews

    return reviews.review(a.project, now=a.now, campaign=a.step.name, index=a.index)


# -- followers, reports, care ----------------------------------------------------------------------------------------


def _followers(a: Asked) -> Told:
    from . import fans

    step = a.step
    return fans.fans(
        a.engine, step.op or "summary", since=step.since, until=step.until, index=a.index, **a.limit
    )  # fmt: skip


def _report(a: Asked) -> Told:
    from xunke.export import safe_name

    from . import reports
    from .keep import default_folder

    title = safe_name(a.step.name or "项目", "report")
    out = default_folder(a.project) / f"{title} {a.today.isoformat()}.html"
    return reports.report(a.project, out=out, today=a.today, lang=a.lang, what=a.step.name)


def _retention(a: Asked) -> Told:
    from . import care_retention

    if a.step.op == "run":
        return care_retention.run_retention(a.project, today=a.today, index=a.index)
    return care_retention.retention_rules(a.project, index=a.index)


def _held(a: Asked) -> Told:
    from . import care_held

    return care_held.held_about(a.project, a.who, today=a.today, index=a.index)


def _consent(a: Asked) -> Told:
    from . import care_consent

    kinds = [_CONSENTS[a.step.topic.lower()]] if a.step.topic and a.step.topic.lower() in _CONSENTS else []
    if a.step.op == "withdraw":
        return care_consent.withdraw_consent(a.project, a.who, kinds, now=a.now)
    if not kinds:
        raise NeedsAnswer("clarify.scope")
    return care_consent.give_consent(a.project, a.who, kinds, None, now=a.now)


_TABLE: Final[Mapping[Work, Callable[[Asked], Told]]] = {
    "today": _today, "next": _next, "touch": _touch, "outcome": _outcome, "draft": _draft, "check": _check,
    "preflight": _preflight, "limits": _limits, "neglected": _neglected, "note": _note, "queue": _queue,
    "context": _context, "lists": _lists, "segments": _segments, "value": _value, "stage": _value,
    "persona": _persona, "campaign": _campaign, "calendar": _calendar, "experiment": _experiment, "review": _review,
    "followers": _followers, "report": _report, "retention": _retention, "held": _held, "consent": _consent,
}  # fmt: skip
