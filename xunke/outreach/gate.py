"""The one place that says whether a step towards somebody may happen now.

In this order: who is never approached; complaint first; the campaign and the list; consent for channels that need it;
the ladder's pace; what to do after silence; how often, over all campaigns; quiet hours. ``touches.log`` asks here in
the transaction that writes, so two processes together keep the limits that each keeps alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from xunke.clock import DAY, day_of, end_of, moment
from xunke.errors import BadInput
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from . import consent, limits, queues, touches
from .authentic import signs
from .days import solemn
from .people import barred, load
from .touches import BAD, GOOD, STEPS, Outcome, Touch
from .trials import KEPT_BACK

CONSENT: Final = frozenset({"sms", "phone", "email"})
"""Channels for which somebody must have agreed first: 《广告法》 43, 《通信短信息服务管理规定》 18,
《互联网电子邮件服务管理办法》 13."""
ANSWERS: Final = ("reply", "positive", "click", "converted", "bought")
"""Reactions that are an answer: after one of them something may be proposed."""
_ASKS: Final = ("talk", "offer")
_SPOKEN: Final = ("reply", "engage", "talk", "offer")
_SILENT: Final = frozenset({"follow", "service"})
"""Steps that may come right after or before another: a follow says nothing, a complaint does not wait."""
_ANGRY: Final = 0.15
"""Probability of a good mood (``feature.sentiment``) up to which a negative text counts as angry."""
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

    project: Project
    account: int
    everyone: tuple[int, ...]
    step: str
    now: int
    campaign: int | None
    list_id: int | None
    channel: str | None
    limits: Mapping[str, float]
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
) -> Verdict:
    """Whether ``step`` towards ``account`` may happen at ``now`` (UTC seconds), and if not, why and until when.

    Raises BadInput("touch.step") for a step that is none.
    """
    ask = _ask(project, account, step, now, campaign, list_id, channel)
    for rule in RULES:
        for reason, params, until in rule(ask):
            return Verdict(False, reason, params, until)
    return Verdict(True, advice=tuple(_advice(ask)))


def never(project: Project, account: int, step: str, *, now: int) -> str | None:
    """Message key of why nobody turns to ``account`` at all, however long one waits; None if somebody may. For what is
    no touch yet: drafts, checks, links.
    """
    return next((reason for reason, _, _ in _who(_ask(project, account, step, now, None, None, None))), None)


def against(
    project: Project, account: int, step: str, *, now: int, campaign: int | None = None, list_id: int | None = None,
    channel: str | None = None,
) -> list[No]:  # fmt: skip
    """Everything that stands against a step, in the order of the rules; ``may`` tells the first of it."""
    ask = _ask(project, account, step, now, campaign, list_id, channel)
    return [no for rule in RULES for no in rule(ask)]


def _ask(
    project: Project, account: int, step: str, now: int, campaign: int | None, list_id: int | None,
    channel: str | None,
) -> Ask:  # fmt: skip
    if step not in STEPS:
        raise BadInput("touch.step", value=step, known=", ".join(STEPS))
    everyone = people_map(project).all(account)
    return Ask(
        project, account, everyone, step, now, campaign, list_id, touches.channel_of(channel),
        limits.limits_of(project), [one for one in touches.touches(project, account=account) if one.happened],
        touches.outcomes(project, account=account),
    )  # fmt: skip


# -- who is never approached ---------------------------------------------------------------------------------------


def _who(ask: Ask) -> Iterator[No]:
    if set(ask.everyone) & set(own_accounts(ask.project)):
        yield "gate.own", {}, None
    people = load(ask.project, ask.everyone)
    if ask.account not in people:
        yield "gate.unknown", {}, None
    if any(one.kind == "opt_out" for one in ask.came):
        yield "gate.opt_out", {}, None
    if reasons := barred(ask.project, ask.everyone):
        yield f"gate.{max(reasons.values()).removeprefix('funnel.')}", {}, None
    if any(person.declines for person in people.values()):
        yield "gate.declines", {}, None
    if any(person.listed is not None and not person.listed for person in people.values()):
        yield "gate.unlisted", {}, None
    if any(person.kind in ("bot", "group") for person in people.values()) or any(
        sign.is_spam for sign in signs(ask.project, list(ask.everyone)).values()
    ):
        yield "gate.fake", {}, None
    listed = json.dumps(ask.everyone)
    bad = "select 1 from mark where good = 0 and list in (0, ?) and account in (select value from json_each(?))"
    if ask.step != "service" and ask.project.query(bad, (ask.list_id or 0, listed)):
        yield "gate.bad", {}, None
    if ask.step != "service" and held_out(ask.project, ask.everyone):
        yield "gate.held_out", {}, None


def held_out(project: Project, accounts: Sequence[int]) -> bool:
    """Whether a running experiment keeps one of them back to compare with."""
    sql = f"select 1 {KEPT_BACK} and a.account in (select value from json_each(?)) limit 1"
    return bool(project.query(sql, (json.dumps(list(accounts)),)))


# -- complaint first -----------------------------------------------------------------------------------------------


def _calm(ask: Ask) -> Iterator[No]:
    if ask.step == "service":
        return
    if (since := complaint(ask.came, ask.now)) is not None:
        yield "gate.complaint", {"day": day_of(since).isoformat()}, None
    days = int(ask.limits["angry_days"])
    mood = max(angry(ask.project, ask.everyone, ask.now - days * DAY, ask.now).values(), default=None)
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


def angry(project: Project, accounts: Sequence[int], since: int, until: int) -> dict[int, int]:
    """{account: when they last wrote something clearly negative to or about an own account, or a complaint that nobody
    of us answered (``queues.complaint_in``; noted as done in the inbox is answered)} of those who did.

    Clearly negative: analysed posts that read as negative, with 0.15 or less for a good mood.
    """
    own = own_accounts(project)
    if not own:
        return {}
    rows = project.query(
        "select p.author, p.created, f.label, f.sentiment, coalesce(p.title || ' ', '') || p.text, f.detail, "
        "exists (select 1 from post o where o.reply_to = p.id and o.gone is null "
        "and o.author in (select value from json_each(:own))) "
        "or exists (select 1 from queue_state q where q.queue = 'inbox' and q.item = p.id and q.state <> 'later') "
        "from post p left join feature f on f.post = p.id where p.author in "
        "(select value from json_each(:who)) and p.created between :since and :until and p.gone is null "
        "and p.kind <> 'repost' and ("
        "p.reply_to in (select id from post where author in (select value from json_each(:own))) "
        "or p.quote_of in (select id from post where author in (select value from json_each(:own))) "
        "or p.id in (select post from mention where account in (select value from json_each(:own)))) "
        "order by p.created",
        {"who": json.dumps(list(accounts)), "own": json.dumps(own), "since": since, "until": until},
    )
    found: dict[int, int] = {}
    for author, created, label, mood, text, detail, answered in rows:
        needs = {name for name, _ in json.loads(detail or "{}").get("needs", ())}
        complains = "complain" in needs or queues.complaint_in(text) is not None
        if (label == "negative" and mood is not None and mood <= _ANGRY) or (complains and not answered):
            found[author] = created
    return found


# -- for what ------------------------------------------------------------------------------------------------------


def _purpose(ask: Ask) -> Iterator[No]:
    if ask.list_id is not None:
        rows = ask.project.query("select expires from saved_list where id = ?", (ask.list_id,))
        if not rows:
            yield "gate.no_list", {}, None
        elif rows[0][0] is not None and rows[0][0] < ask.now:
            yield "gate.list_expired", {"day": day_of(rows[0][0]).isoformat()}, None
    if ask.campaign is not None and ask.step != "service":
        rows = ask.project.query("select state, since, until from campaign where id = ?", (ask.campaign,))
        today = day_of(ask.now).isoformat()
        if not rows or rows[0][0] == "ended" or (rows[0][2] is not None and today > rows[0][2]):
            yield "gate.campaign_ended", {}, None
        elif rows[0][1] is not None and today < rows[0][1]:
            yield "gate.campaign_later", {"day": rows[0][1]}, None


def _consent(ask: Ask) -> Iterator[No]:
    if ask.channel is None:
        return
    no = consent.refused(ask.project, [ask.account], ask.channel)  # whatever the channel: who took a yes back meant it
    if no or (ask.channel in CONSENT and not consent.may(ask.project, ask.account, ask.channel)):
        yield "gate.consent", {"what": f"channel.{ask.channel}"}, None


# -- the ladder ----------------------------------------------------------------------------------------------------


def _pace(ask: Ask) -> Iterator[No]:
    before = [one for one in ask.done if one.t <= ask.now]
    answered = any(one.kind in ANSWERS and one.t <= ask.now for one in ask.came)
    if ask.step == "engage" and not before and not answered:
        yield "gate.engage_first", {}, None
    if ask.step == "talk" and not answered:
        useful = sum(one.step in ("reply", "engage") for one in before)
        least = int(ask.limits["replies_before_talk"])
        if useful < least:
            yield "gate.replies_first", {"n": least, "have": useful}, None
        days = int(ask.limits["days_before_talk"])
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
    rest = int(ask.limits["rest_days"]) * DAY
    for steps, most, reason in (
        (_ASKS, int(ask.limits["talks_unanswered"]), "gate.no_reaction"),
        (_SPOKEN, int(ask.limits["replies_unanswered"]), "gate.replies_ignored"),
    ):
        unanswered = [one.t for one in open_ if one.step in steps]
        if len(unanswered) >= most and ask.now < unanswered[-1] + rest:
            yield reason, {"n": len(unanswered)}, unanswered[-1] + rest
    asked = [one.t for one in open_ if one.step in _ASKS]
    wait = int(ask.limits["days_after_talk"]) * DAY
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
    if named in ask.limits:
        own = [one.t for one in ask.done if one.step == ask.step]
        yield from _capped(ask, named, own, limits.WINDOWS["month"])
    yield from _capped(ask, f"{ask.step}_day", ours(ask), DAY)
    gap = round(ask.limits["person_gap_hours"] * 3600)
    near = (one.t for one in ask.done if one.step != "follow" and one.t < ask.now + gap)  # later ones: as above
    last = max(near, default=None)
    ongoing = ask.reacted is not None and last is not None and ask.reacted >= last and ask.now - ask.reacted < _ONGOING
    if ask.step not in _SILENT and last is not None and ask.now < last + gap and not ongoing:
        yield "gate.gap", {"hours": f"{gap / 3600:g}"}, last + gap


def _capped(ask: Ask, name: str, times: Sequence[int], window: int) -> Iterator[No]:
    cap = int(ask.limits[name])
    free = limits.over(times, ask.now, cap, window)
    if free is not None:
        yield "gate.cap", {"what": f"limit.{name}", "n": cap}, free


def ours(ask: Ask) -> list[int]:
    """When the step was done towards anybody on the same channel, within a day of ``now``."""
    channel = ask.channel or ask.project.one(
        "select p.name from account_key k join platform p on p.id = k.platform where k.id = ?", (ask.account,)
    )
    states = json.dumps(touches.HAPPENED)
    rows = ask.project.query(
        "select t from touch where t > ? and t < ? and step = ? and channel is ? and undone is null "
        "and state in (select value from json_each(?))", (ask.now - DAY, ask.now + DAY, ask.step, channel, states),
    )  # fmt: skip
    return [row[0] for row in rows]


def _hours(ask: Ask) -> Iterator[No]:
    ends = limits.quiet_until(ask.now, ask.limits["quiet_from"], ask.limits["quiet_to"])
    if ends is not None:
        yield "gate.quiet", {"until": moment(ends).strftime("%H:%M")}, ends
    today = day_of(ask.now)
    if ask.step == "offer" and (name := solemn(today)) is not None:
        yield "gate.solemn", {"what": f"day.{name}"}, end_of(today) + 1


Rule = Callable[[Ask], Iterator[No]]
RULES: Final[tuple[Rule, ...]] = (_who, _calm, _purpose, _consent, _pace, _silence, _often, _hours)
"""The first that has something against it decides."""
