"""The ladder's acts as events: the day's queue, what was done and what came, drafts, checks, limits, the four rights.

The command line, the chat and the screens call these; ``now`` is UTC seconds, ``who`` a person's name, id or the number
of a line of the queue that was shown last.
"""

from __future__ import annotations

from typing import Any

from xunke.clock import DAY, iso_day, moment, stamp
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Done, Event, Table, Warned
from xunke.outreach import campaigns, checks, daily, gate, limits, lists, preflight, reactions, segment_store, touches
from xunke.outreach.daily import Item
from xunke.outreach.people import barred
from xunke.outreach.touch_words import kind_of, step_of
from xunke.storage import Project, acts, rows
from xunke.storage.persons import own_accounts
from xunke.storage.project import write_audit

from .common import one_account


def find(project: Project, who: str) -> tuple[int, Item | None]:
    """The account that ``who`` means, and the line of the queue if it is a line's number.

    A short number is always a line: a row's number in the database, seen nowhere, would name a stranger.
    """
    word = who.strip().lstrip("#")
    if word.isdigit() and len(word) <= 3:
        if (item := daily.line(project, int(word))) is None:
            raise BadInput("touch.no_line", n=word)
        return item.account, item
    return one_account(project, who.strip().lstrip("@＠")).id, None


def names(project: Project, accounts: list[int]) -> dict[int, str]:
    """How people are shown."""
    return {one.id: one.name or one.handle or one.native_id for one in rows.people(project, accounts)}


# -- the queue -----------------------------------------------------------------------------------------------------


def today(
    project: Project,
    *,
    now: int,
    minutes: float | None = None,
    list_name: str | None = None,
    segment: str | None = None,
    campaign: str | None = None,
    limit: int = daily.MOST,
    own_first: bool = False,
    index: int = 0,
) -> list[Event]:
    """The queue of the day; remembers its numbers. Reactions found in collected rows are written down before."""
    new = 0 if project.readonly else reactions.take(project, now)
    found = daily.queue(
        project, now, minutes=minutes, limit=limit,
        list_id=lists.by_name(project, list_name, now).id if list_name else None,
        segment=segment_number(project, segment), campaign=campaign_number(project, campaign),
        own_first=own_first,
    )  # fmt: skip
    if not project.readonly:
        daily.keep(project, found)
    events: list[Event] = [Warned("queue.reactions", {"n": new})] if new else []
    if not found.items and not found.people:
        return [*events, Warned("queue.nobody")]
    caps = limits.limits_of(project)
    if (ends := limits.quiet_until(now, caps["quiet_from"], caps["quiet_to"])) is not None:
        events.append(Warned("queue.quiet", {"until": moment(ends).strftime("%H:%M")}))
    shown = names(project, [one.account for one in found.items])
    body = [
        [one.n, shown.get(one.account, "?"), _step(one.step), _why(one.why), one.best, one.minutes, _state(one)]
        for one in found.items
    ]
    params = {"n": len(body), "minutes": f"{found.minutes:g}", "items": [_json(one, shown) for one in found.items]}
    title = "queue.title" if body else "queue.empty"
    columns = ["line", "who", "ladder_step", "why_now", "best_time", "takes", "draft_state"]
    events.append(Table(title, columns, body, params, index))
    events += [Warned(key, {"n": n}) for key, n in found.left_out.items()]
    if body:
        events.append(Done("queue.next"))
    return events


def segment_number(project: Project, name: str | None) -> int | None:
    """The number of the segment called ``name``; None for None."""
    return None if name is None else segment_store.by_name(project, name).id


def campaign_number(project: Project, name: str | None) -> int | None:
    """The number of the campaign called ``name``; None for None."""
    return None if name is None else campaigns.by_name(project, name).id


def _step(step: str) -> dict[str, Any]:
    return {"key": f"step.{step}"}


def _why(why: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"key": why[0], "params": why[1]}


def _state(item: Item) -> dict[str, Any] | None:
    if item.draft is None:
        return None
    return {"key": "queue.ready" if item.ready else "queue.gap"}


def _json(item: Item, shown: dict[int, str]) -> dict[str, Any]:
    return {
        "n": item.n, "account": item.account, "name": shown.get(item.account), "step": item.step,
        "why": {"key": item.why[0], **item.why[1]}, "rank": item.rank, "gain": round(item.gain, 4),
        "minutes": item.minutes, "best_time": item.best, "post": item.post, "url": item.url, "draft": item.draft,
        "ready": item.ready, "expires": item.expires, "campaign": item.campaign, "list": item.list_id,
        "note": item.note, "advice": list(item.advice),
    }  # fmt: skip


# -- what was done and what came -----------------------------------------------------------------------------------


def done(
    project: Project,
    who: str,
    *,
    now: int,
    step: str | None = None,
    channel: str | None = None,
    minutes: float | None = None,
    variant: str | None = None,
    campaign: str | None = None,
    text: str | None = None,
    note: str | None = None,
    owner: str | None = None,
    outside: bool = False,
) -> list[Event]:
    """Write down that a step was taken. ``outside``: it happened whatever the limits say, and is only recorded."""
    from xunke.outreach import notes

    account, item = find(project, who)
    name = names(project, [account]).get(account, who)
    if item is not None and item.step == "note" and step is None:
        if item.note is not None:
            notes.finish(project, item.note, now)
        return [Done("note.done", {"name": name})]
    chosen = step_of(step) or (item.step if item is not None else None)
    if chosen is None:
        raise NeedsAnswer("touch.which_step", name=name)
    draft = text
    if draft is None and item is not None and item.post is not None and chosen != "follow":
        made = daily.draft_for(project, account, chosen, now=now, post=item.post)
        draft = made.text if made is not None and not checks.GAP.search(made.text) else None
    of = campaign_number(project, campaign) or (item.campaign if item else None)
    number = touches.log(
        project, account, chosen, t=now, channel=channel, minutes=minutes, note=note, owner=owner, draft=draft,
        campaign=of, list_id=item.list_id if item else None,
        variant=campaigns.variant_called(project, variant, of).id if variant else None,
        post=item.post if item else None, force=outside,
    )  # fmt: skip
    if item is not None and item.note is not None:
        notes.finish(project, item.note, now)
    key = "touch.recorded" if outside else "touch.done"
    return [Done(key, {"name": name, "what": f"step.{chosen}", "touch": number})]


def skip(project: Project, who: str, *, now: int, days: int = 7) -> list[Event]:
    """Leave somebody out for ``days``; the ladder goes on from where it was."""
    account, item = find(project, who)
    step = item.step if item is not None and item.step in touches.STEPS else "reply"
    touches.log(project, account, step, t=now, state="skipped", post=item.post if item else None)
    _hide(project, account, "skipped", now + days * DAY, now)
    return [Done("touch.skipped", {"name": names(project, [account]).get(account, who), "days": days})]


def later(project: Project, who: str, *, now: int, days: int = 3) -> list[Event]:
    """Put somebody off for ``days``."""
    if days < 1:
        raise BadInput("touch.days", value=days)
    account, _ = find(project, who)
    _hide(project, account, "later", now + days * DAY, now)
    day = moment(now + days * DAY).date().isoformat()
    return [Done("touch.later", {"name": names(project, [account]).get(account, who), "day": day})]


def _hide(project: Project, account: int, state: str, until: int, now: int) -> None:
    before = project.query("select state, until, t from queue_state where queue = 'touch' and item = ?", (account,))

    def write(db: Any) -> None:
        db.execute("insert or replace into queue_state values ('touch', ?, ?, ?, ?)", (account, state, until, now))
        acts.note(db, "touch_later", {"account": account, "before": list(before[0]) if before else None})

    project.writer.call(write)


def outcome(
    project: Project, who: str, kind: str, *, now: int, value: float | None = None, note: str | None = None
) -> list[Event]:
    """Write down what came of it; who wants no more contact is never approached again."""
    account, _ = find(project, who)
    came = kind_of(kind)
    number = touches.outcome(project, account, came, t=now, value=value, note=note)
    name = names(project, [account]).get(account, who)
    events: list[Event] = [Done("outcome.done", {"name": name, "what": f"outcome.{came}", "outcome": number})]
    hint = {"complaint": "outcome.complaint_first", "opt_out": "outcome.never_again", "reply": "outcome.answer_soon"}
    if came in hint:
        events.append(Warned(hint[came], {"name": name}))
    return events


def undo(project: Project) -> list[Event]:
    """Take back the newest touch, outcome, note, limit or useful thing."""
    from .undo import INVERSES

    kinds = ("touch", "outcome", "touch_later", "touch_limit", "touch_value", "note", "note_done")
    act = next((one for one in acts.listing(project.reader) if one.kind in kinds), None)
    if act is None:
        return [Done("undo.nothing")]

    def write(db: Any) -> dict[str, Any]:
        params = INVERSES[act.kind](db, act.detail)
        acts.done(db, act.id)
        write_audit(db, "undo", {"kind": act.kind})
        return params

    return [Done(f"undo.done.{act.kind}", {"said": "", **project.writer.call(write)})]


def history(project: Project, who: str | None = None, *, limit: int = 50, index: int = 0) -> list[Event]:
    """What was done and what came, the newest first; of one person or of all."""
    account = find(project, who)[0] if who else None
    done_, came = touches.touches(project, account=account), touches.outcomes(project, account=account)
    everyone = sorted({one.account for one in done_} | {one.account for one in came})
    kept_out = barred(project, everyone)
    done_ = [one for one in done_ if one.account not in kept_out]
    came = [one for one in came if one.account not in kept_out]
    shown = names(project, [one for one in everyone if one not in kept_out])
    table: list[tuple[int, int, list[Any], dict[str, Any]]] = []
    for one in done_:
        line = [
            stamp(one.t),
            shown.get(one.account, "?"),
            _step(one.step),
            {"key": f"touch.state.{one.state}"},
            one.note,
        ]
        table.append((one.t, one.id, line, {name: getattr(one, name) for name in type(one).__slots__}))
    for got in came:
        line = [stamp(got.t), shown.get(got.account, "?"), {"key": f"outcome.{got.kind}"},
                {"key": f"outcome.source.{got.source}"}, got.note]  # fmt: skip
        table.append((got.t, got.id, line, {name: getattr(got, name) for name in type(got).__slots__}))
    table.sort(key=lambda row: (-row[0], -row[1]))
    left: list[Event] = [Warned("touch.left_out", {"n": len(kept_out)})] if kept_out else []
    if not table:
        return left or [Done("touch.no_history")]
    body, items = [row[2] for row in table[:limit]], [row[3] for row in table[:limit]]
    title, columns = "touch.history", ["time", "who", "what", "touch_state", "touch_note"]
    events: list[Event] = [Table(title, columns, body, {"n": len(done_), "outcomes": len(came), "items": items}, index)]
    return [*events, *left]


# -- words ---------------------------------------------------------------------------------------------------------


def draft(
    project: Project, who: str, *, now: int, post: int | None = None, step: str | None = None, turn: int = 0,
    index: int = 0,
) -> list[Event]:  # fmt: skip
    """A draft from their own post, and what the check says of it."""
    account, item = find(project, who)
    chosen = step_of(step) or (item.step if item is not None and item.step in touches.STEPS else "reply")
    chosen = "reply" if chosen == "follow" else chosen
    name = names(project, [account]).get(account, who)
    if (reason := gate.never(project, account, chosen, now=now)) is not None:
        return [Warned("gate.may_not", {"name": name, "what": f"step.{chosen}"}), Warned(reason)]
    about = post if post is not None else item.post if item is not None else None
    made = daily.draft_for(project, account, chosen, now=now, post=about, turn=turn)
    if made is None:
        return [Warned("draft.no_post", {"name": name})]
    said = project.one("select text from post where id = ?", (made.post,))
    parts = {"blocks": dict(made.blocks), "text": made.text, "post": made.post, "need": made.need, "value": made.value}
    body = [
        [{"key": "draft.theirs"}, _why(("draft.words", {"text": said}))],
        [{"key": "draft.ours"}, _why(("draft.words", {"text": made.text}))],
    ]
    events: list[Event] = [
        Table("draft.title", ["draft_part", "draft_words"], body, {"name": name, "items": [parts]}, index)
    ]
    return events + check(project, made.text, who, now=now, step=chosen, post=made.post, index=index)


def check(
    project: Project,
    text: str,
    who: str | None = None,
    *,
    now: int,
    step: str | None = None,
    channel: str | None = None,
    post: int | None = None,
    segment: str | None = None,
    index: int = 0,
) -> list[Event]:
    """What stands against a text for a person, or for a ``segment`` (its relevance is to what its people write about);
    the last event is Done("check.ready") or Warned("check.not_ready"). Without a ``post`` the text may answer the
    newest one or the one that ``draft`` takes up: it is judged by that which it bears on more.
    """
    chosen = step_of(step) or "reply"
    if who is None:
        of = segment_number(project, segment)
        about = checks.words_of_segment(project, of) if of is not None else ()
        asked = checks.Text(text, chosen, touches.channel_of(channel), recent=checks.recent(project, now), about=about)
    else:
        account, item = find(project, who)
        if (reason := gate.never(project, account, chosen, now=now)) is not None:
            told_of = {"name": names(project, [account]).get(account, who), "what": f"step.{chosen}"}
            return [Warned("gate.may_not", told_of), Warned(reason)]
        one = post if post is not None else item.post if item is not None else None
        asked = checks.for_person(project, text, account, now=now, step=chosen, channel=channel, post=one)
    report = checks.judge(asked)
    if who is not None and one is None and (made := daily.draft_for(project, account, chosen, now=now)) is not None:
        other = checks.for_person(project, text, account, now=now, step=chosen, channel=channel, post=made.post)
        report = max(report, checks.judge(other), key=lambda found: found.relevance or 0.0)
    body = [[{"key": f"check.level.{one.level}"}, _why((one.key, one.params))] for one in report.findings]
    items = [{"level": one.level, "key": one.key, **one.params} for one in report.findings]
    told = {
        "relevance": "—" if report.relevance is None else f"{report.relevance:.0%}", "value": f"{report.value:.0%}",
        "n": len(body),
    }  # fmt: skip
    events: list[Event] = [
        Table("check.title", ["finding_level", "check_finding"], body, {**told, "items": items}, index)
    ]
    return [*events, Done("check.ready", told) if report.ready else Warned("check.not_ready", told)]


# -- limits and the four rights ------------------------------------------------------------------------------------


def _limit(name: str, value: float) -> str | float:
    text = limits.shown(name, value)
    return text if ":" in text else int(value) if value == int(value) else value


def limit_table(project: Project, *, index: int = 0) -> Table:
    """All limits with what they are now and by default."""
    now = limits.limits_of(project)
    body = [
        [name, {"key": f"limit.{name}"}, _limit(name, now[name]), _limit(name, one.default)]
        for name, one in limits.LIMITS.items()
    ]
    return Table("limits.title", ["limit_name", "what", "limit_now", "limit_usual"], body, {"n": len(body)}, index)


def set_limits(project: Project, settings: list[str]) -> list[Event]:
    """``name=value`` each. Raises BadInput for a name or value that cannot be."""
    out: list[Event] = []
    for one in settings:
        name, equal, value = one.partition("=")
        if not equal:
            raise BadInput("limits.form", value=one)
        number = limits.set_limit(project, name.strip(), value)
        params = {"what": f"limit.{name.strip()}", "value": limits.shown(name.strip(), number)}
        out.append(Done("limits.set", params))
    return out


def allowed(project: Project, who: str, step: str, *, now: int, channel: str | None = None) -> list[Event]:
    """Whether a step towards somebody may happen now, with everything that stands against it."""
    account, item = find(project, who)
    chosen = step_of(step) or "reply"
    no = gate.against(
        project, account, chosen, now=now, campaign=item.campaign if item else None,
        list_id=item.list_id if item else None, channel=channel,
    )  # fmt: skip
    told = {"name": names(project, [account]).get(account, who), "what": f"step.{chosen}"}
    if not no:
        return [Done("gate.may", told)]
    return [Warned("gate.may_not", told), *(Warned(reason, params) for reason, params, _ in no)]


def four_rights(
    project: Project,
    list_name: str,
    *,
    now: int,
    step: str | None = None,
    channel: str | None = None,
    text: str | None = None,
    index: int = 0,
) -> list[Event]:
    """对的人、对的话、对的渠道、对的时间, for each person of a list."""
    entry = lists.by_name(project, list_name)
    if entry.target != "people":
        raise BadInput("preflight.no_people", name=entry.name)
    found = preflight.check(project, entry.id, now=now, step=step_of(step), channel=channel, text=text)
    shown = names(project, [one.account for one in found])
    body, items = [], []
    for one in found:
        first = next((right for right in one.rights.values() if right.mark != "yes"), None)
        worst = next((right for right in one.rights.values() if right.mark == "no"), first)
        why = _why(worst.reasons[0]) if worst is not None and worst.reasons else None
        marks = [{"key": f"preflight.mark.{one.rights[right].mark}"} for right in preflight.RIGHTS]
        body.append([shown.get(one.account, "?"), _step(one.step), *marks, why])
        items.append({
            "account": one.account, "name": shown.get(one.account), "step": one.step, "mark": one.mark,
            **{r: {"mark": right.mark, "reasons": [{"key": k, **p} for k, p in right.reasons]}
               for r, right in one.rights.items()},
        })  # fmt: skip
    count = {mark: sum(one.mark == mark for one in found) for mark in ("yes", "warn", "no")}
    metric = preflight.metric(project, entry.id)
    columns = ["who", "ladder_step", "right_person", "right_message", "right_channel", "right_time", "why_now"]
    params = {"name": entry.name, "n": len(found), **count, "metric": metric, "items": items}
    out: list[Event] = [Table("preflight.title", columns, body, params, index)]
    left = len(lists.members(project, entry.id)) - len(found)
    if left:
        out.append(Warned("touch.left_out", {"n": left}))
    return out if metric else [*out, Warned("preflight.no_metric", {"name": entry.name})]


def neglected(project: Project, *, now: int, limit: int = 20, everyone: bool = False, index: int = 0) -> list[Event]:
    """Whose turn it is with us (``everyone``: all relations), with trust and pressure."""
    from xunke.outreach import relation

    if not own_accounts(project):
        raise NeedsAnswer("clarify.own_account")
    found = [one for one in relation.relations(project, now) if everyone or one.neglected][:limit]
    shown = names(project, [one.account for one in found])
    body = [
        [shown.get(one.account, "?"), round(one.trust, 2), {"key": f"relation.pressure.{one.pressed}"},
         iso_day(one.last_ours), iso_day(one.last_theirs), one.acts, {"key": one.neglected} if one.neglected else None]
        for one in found
    ]  # fmt: skip
    items = [{name: getattr(one, name) for name in type(one).__slots__} for one in found]
    columns = ["who", "trust", "pressure", "last_ours", "last_theirs", "acts_both", "why_now"]
    title = "relation.all" if everyone else "relation.neglected"
    return [Table(title if body else "relation.none", columns, body, {"n": len(body), "items": items}, index)]


def address(project: Project, who: str, *, now: int) -> tuple[str | None, list[Event]]:
    """Where a line of the queue or a person is to be found on the platform, and what to say if nobody told."""
    account, item = find(project, who)
    if reason := gate.never(project, account, item.step if item and item.step in touches.STEPS else "reply", now=now):
        told = {"name": names(project, [account]).get(account, who), "what": "step.reply"}
        return None, [Warned("gate.may_not", told), Warned(reason)]
    post = item.post if item is not None else None
    url = project.one(
        "select coalesce((select url from post where id = ?), (select url from account where id = ?))", (post, account)
    )
    if url is not None:
        return str(url), []
    person = rows.people(project, [account])[0]
    name = person.handle or person.name or person.native_id
    return None, [Warned("touch.no_address", {"name": name, "platform": person.platform, "id": person.native_id})]
