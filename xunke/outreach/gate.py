"""The one place that says whether a step towards somebody may happen now.

In this order: who is never approached; complaint first; the campaign and the list; consent for channels that need it;
the ladder's pace; what to do after silence; how often, over all campaigns; quiet hours. ``touches.log`` asks here in
the transaction that writes, so two processes together keep the limits that each keeps alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xunke.clock import DAY, day_of, end_of, moment
from xunke.errors import BadInput
from xunke.storage import Project

from . import limits, touches
from .days import solemn
from .gate_facts import Known
from .touches import BAD, GOOD, STEPS, Outcome, Touch

CONSENT: Final = frozenset({"sms", "phone", "email"})
"""Channels for which somebody must have agreed first: 《广告法》 43, 《通信短信息服务管理规定》 18,
《互联网电子邮件服务管理办法》 13."""
ANSWERS: Final = ("reply", "positive", "click", "converted", "bought")
"""Reactions that are an answer: after one of them something may be proposed."""
_ASKS: Final = ("talk", "offer")
_SPOKEN: Final = ("reply", "engage", "talk", "offer")
_SILENT: Final = frozenset({"follow", "service"})
"""Steps that may come right after or before another: a follow says nothing, a complaint does not wait."""
_ONGOING: Final = 14 * DAY
"""So long after their last reaction an exchange counts as going on: the gap between touches does not hold it up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may happen. ``reason``: message key of the first thing against it; ``not_before``: the second (UTC)
    from which that no longer stands, None if waiting does not help; ``advice``: what to mind if it is done.
    """

    ok: bool
    reason: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    not_before: int | None = None
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What the rules look at: the step, when, and all that was done and came before, of the person (``done``,
    ``came``: undone and skipped ones left out, in the order of time).
    """

    known: Known
    account: int
    everyone: tuple[int, ...]
    step: str
    now: int
    campaign: int | None
    list_id: int | None
    channel: str | None
    done: Sequence[Touch]
    came: Sequence[Outcome]

    @property
    def reacted(self) -> int | None:
        """When they last reacted, before ``now``."""
        found = [one.t for one in self.came if one.t <= self.now and one.kind in (*GOOD, *BAD)]
        return found[-1] if found else None


No = tuple[str, dict[str, Any], int | None]
"""Reason, parameters, not before."""


def may(
    project: Project,
    account: int,
    step: str,
    *,
    now: int,
    campaign: int | None = None,
    list_id: int | None = None,
    channel: str | None = None,
    known: Known | None = None,
) -> Verdict:
    """Whether ``step`` towards ``account`` may happen at ``now`` (UTC seconds), and if not, why and until when.

    ``known``: what was read about them, for questions about many people. Raises BadInput("touch.step") for a step that
    is none.
    """
    ask = _ask(known or Known(project, [account]), account, step, now, campaign, list_id, channel)
    for rule in RULES:
        for reason, params, until in rule(ask):
            return Verdict(False, reason, params, until)
    return Verdict(True, advice=tuple(_advice(ask)))


def never(project: Project, account: int, step: str, *, now: int) -> str | None:
    """Message key of why nobody turns to ``account`` at all, however long one waits; None if somebody may. For what is
    no touch yet: drafts, checks, links.
    """
    ask = _ask(Known(project, [account]), account, step, now, None, None, None)
    return next((reason for reason, _, _ in _who(ask)), None)


def against(
    project: Project, account: int, step: str, *, now: int, campaign: int | None = None, list_id: int | None = None,
    channel: str | None = None, known: Known | None = None,
) -> list[No]:  # fmt: skip
    """Everything that stands against a step, in the order of the rules; ``may`` tells the first of it."""
    ask = _ask(known or Known(project, [account]), account, step, now, campaign, list_id, channel)
    return [no for rule in RULES for no in rule(ask)]


def _ask(
    known: Known, account: int, step: str, now: int, campaign: int | None, list_id: int | None, channel: str | None
) -> Ask:
    if step not in STEPS:
        raise BadInput("touch.step", value=step, known=[f"step.{one}" for one in STEPS])
    went = known.dealings(account)
    return Ask(
        known, account, known.all(account), step, now, campaign, list_id, touches.channel_of(channel), went.done,
        went.came,
    )  # fmt: skip


# -- who is never approached ---------------------------------------------------------------------------------------


def _who(ask: Ask) -> Iterator[No]:
    known, everyone = ask.known, ask.everyone
    if known.own.intersection(everyone):
        yield "gate.own", {}, None
    people = [known.people[account] for account in everyone if account in known.people]
    if ask.account not in known.people:
        yield "gate.unknown", {}, None
    if any(one.kind == "opt_out" for one in ask.came):
        yield "gate.opt_out", {}, None
    if reasons := [known.barred[account] for account in everyone if account in known.barred]:
        yield f"gate.{max(reasons).removeprefix('funnel.')}", {}, None
    if any(person.declines for person in people):
        yield "gate.declines", {}, None
    if any(person.listed is not None and not person.listed for person in people):
        yield "gate.unlisted", {}, None
    if any(person.kind in ("bot", "group") for person in people) or known.spam.intersection(everyone):
        yield "gate.fake", {}, None
    if ask.step == "service":
        return
    if any((account, number) in known.bad for account in everyone for number in (0, ask.list_id or 0)):
        yield "gate.bad", {}, None
    if known.held_out.intersection(everyone):
        yield "gate.held_out", {}, None


# -- complaint first -----------------------------------------------------------------------------------------------


def _calm(ask: Ask) -> Iterator[No]:
    if ask.step == "service":
        return
    if (since := complaint(ask.came, ask.now)) is not None:
        yield "gate.complaint", {"day": day_of(since).isoformat()}, None
    days = int(ask.known.limits["angry_days"])
    mood = ask.known.angry(ask.everyone, ask.now - days * DAY, ask.now)
    settled = [one.t for one in ask.came if one.kind in ("resolved", "positive") and one.t <= ask.now]
    if mood is not None and not any(t >= mood for t in settled):
        yield "gate.angry", {"day": day_of(mood).isoformat()}, mood + days * DAY


def complaint(came: Sequence[Outcome], now: int) -> int | None:
    """When a complaint came that was not settled by ``now``, or None."""
    since: int | None = None
    for one in came:
        if one.t <= now:
            if one.kind == "complaint":
                since = one.t
            elif one.kind in ("resolved", "positive", "bought"):
                since = None
    return since


# -- for what ------------------------------------------------------------------------------------------------------


def _purpose(ask: Ask) -> Iterator[No]:
    if ask.list_id is not None:
        expires = ask.known.lists.get(ask.list_id)
        if ask.list_id not in ask.known.lists:
            yield "gate.no_list", {}, None
        elif expires is not None and expires < ask.now:
            yield "gate.list_expired", {"day": day_of(expires).isoformat()}, None
    if ask.campaign is not None and ask.step != "service":
        state, since, until = ask.known.campaigns.get(ask.campaign, ("ended", None, None))
        today = day_of(ask.now).isoformat()
        if state == "ended" or (until is not None and today > until):
            yield "gate.campaign_ended", {}, None
        elif since is not None and today < since:
            yield "gate.campaign_later", {"day": since}, None


def _consent(ask: Ask) -> Iterator[No]:
    if ask.channel is None:
        return
    no, yes = ask.known.consents(ask.channel)
    # whatever the channel: who took a yes back meant it
    if ask.account in no or (ask.channel in CONSENT and ask.account not in yes):
        yield "gate.consent", {"what": f"channel.{ask.channel}"}, None


# -- the ladder ----------------------------------------------------------------------------------------------------


def _pace(ask: Ask) -> Iterator[No]:
    before = [one for one in ask.done if one.t <= ask.now]
    answered = any(one.kind in ANSWERS and one.t <= ask.now for one in ask.came)
    if ask.step == "engage" and not before and not answered:
        yield "gate.engage_first", {}, None
    if ask.step == "talk" and not answered:
        useful = sum(one.step in ("reply", "engage") for one in before)
        least = int(ask.known.limits["replies_before_talk"])
        if useful < least:
            yield "gate.replies_first", {"n": least, "have": useful}, None
        days = int(ask.known.limits["days_before_talk"])
        if days and before and ask.now < before[0].t + days * DAY:
            yield "gate.too_early", {"days": days}, before[0].t + days * DAY
    if ask.step == "offer" and not answered:
        yield "gate.no_answer_yet", {}, None


def _silence(ask: Ask) -> Iterator[No]:
    """After no reaction something else is proposed once; after that nothing until they act, or a long rest is over."""
    if ask.step == "service":
        return
    since = ask.reacted if ask.reacted is not None else -1
    open_ = [one for one in ask.done if since < one.t]  # later ones too: a clock that was set back opens no door
    rest = int(ask.known.limits["rest_days"]) * DAY
    for steps, most, reason in (
        (_ASKS, int(ask.known.limits["talks_unanswered"]), "gate.no_reaction"),
        (_SPOKEN, int(ask.known.limits["replies_unanswered"]), "gate.replies_ignored"),
    ):
        unanswered = [one.t for one in open_ if one.step in steps]
        if len(unanswered) >= most and ask.now < unanswered[-1] + rest:
            yield reason, {"n": len(unanswered)}, unanswered[-1] + rest
    asked = [one.t for one in open_ if one.step in _ASKS]
    wait = int(ask.known.limits["days_after_talk"]) * DAY
    if ask.step in _ASKS and asked and ask.now < asked[-1] + wait:
        yield "gate.wait_answer", {"days": wait // DAY}, asked[-1] + wait


def _advice(ask: Ask) -> Iterator[str]:
    since = ask.reacted if ask.reacted is not None else -1
    if ask.step in _ASKS and any(since < one.t <= ask.now and one.step in _ASKS for one in ask.done):
        yield "gate.other_need"
    if ask.step == "offer":
        yield "gate.say_ad"


# -- how often and when --------------------------------------------------------------------------------------------


def _often(ask: Ask) -> Iterator[No]:
    times = [one.t for one in ask.done]
    for name, window in limits.WINDOWS.items():
        yield from _capped(ask, f"person_{name}", times, window)
    named = f"person_{ask.step}_month"
    if named in ask.known.limits:
        own = [one.t for one in ask.done if one.step == ask.step]
        yield from _capped(ask, named, own, limits.WINDOWS["month"])
    yield from _capped(ask, f"{ask.step}_day", ours(ask), DAY)
    gap = round(ask.known.limits["person_gap_hours"] * 3600)
    near = (one.t for one in ask.done if one.step != "follow" and one.t < ask.now + gap)  # later ones: as above
    last = max(near, default=None)
    ongoing = ask.reacted is not None and last is not None and ask.reacted >= last and ask.now - ask.reacted < _ONGOING
    if ask.step not in _SILENT and last is not None and ask.now < last + gap and not ongoing:
        yield "gate.gap", {"hours": f"{gap / 3600:g}"}, last + gap


def _capped(ask: Ask, name: str, times: Sequence[int], window: int) -> Iterator[No]:
    cap = int(ask.known.limits[name])
    free = limits.over(times, ask.now, cap, window)
    if free is not None:
        yield "gate.cap", {"what": f"limit.{name}", "n": cap}, free


def ours(ask: Ask) -> list[int]:
    """When the step was done towards anybody on the same channel, within a day of ``now``."""
    channel = ask.channel or ask.known.platform(ask.account)
    return ask.known.taken(ask.step, channel, ask.now - DAY, ask.now + DAY)


def _hours(ask: Ask) -> Iterator[No]:
    ends = limits.quiet_until(ask.now, ask.known.limits["quiet_from"], ask.known.limits["quiet_to"])
    if ends is not None:
        yield "gate.quiet", {"until": moment(ends).strftime("%H:%M")}, ends
    today = day_of(ask.now)
    if ask.step == "offer" and (name := solemn(today)) is not None:
        yield "gate.solemn", {"what": f"day.{name}"}, end_of(today) + 1


Rule = Callable[[Ask], Iterator[No]]
RULES: Final[tuple[Rule, ...]] = (_who, _calm, _purpose, _consent, _pace, _silence, _often, _hours)
"""The first that has something against it decides."""
