"""The gate: who is never approached, the ladder's pace, how often and when. All people here are invented."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunke.clock import DAY, ZONE
from xunke.errors import BadInput
from xunke.model import Account, Post, Provenance
from xunke.outreach import gate, limits, touches
from xunke.storage import Project

TODAY = date(2026, 11, 22)
NOON = int(datetime(2026, 11, 22, 12, 0, tzinfo=ZONE).timestamp())


def account(number: int, **more: object) -> Account:
    return Account("weibo", f"{number}", name=f"虚构人{number}", **more)  # type: ignore[arg-type]


def fill(path: Path) -> Project:
    project = Project.open(path)
    people = [account(n) for n in range(1, 9)] + [account(9, bio="谢绝推广，请勿私信"), account(10, listed=False)]
    posts = [
        Post("weibo", f"p{n}", "求推荐一双越野跑鞋", author=one, created=NOON - DAY) for n, one in enumerate(people)
    ]
    own = Account("weibo", "100", name="虚构店铺")
    project.add(
        [*posts, Post("weibo", "ours", "越野跑怎么选鞋", author=own, created=NOON - 9 * DAY)], Provenance("user", "t")
    )
    project.set_meta("own_accounts", json.dumps([number(project, "100")]))
    return project


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with fill(tmp_path / "gate.db") as opened:
        yield opened


def reason(project: Project, who: str, step: str, now: int = NOON, **more: object) -> str | None:
    return gate.may(project, number(project, who), step, now=now, **more).reason  # type: ignore[arg-type]


def test_a_first_follow_at_noon_may_happen(project: Project) -> None:
    assert gate.may(project, number(project, "1"), "follow", now=NOON) == gate.Verdict(True)


def test_who_is_never_approached(project: Project) -> None:
    assert reason(project, "9", "follow") == "gate.declines"
    assert reason(project, "10", "follow") == "gate.unlisted"
    assert reason(project, "100", "follow") == "gate.own"
    assert gate.may(project, 999, "follow", now=NOON).reason == "gate.unknown"
    one = number(project, "1")
    touches.outcome(project, one, "opt_out", t=NOON - 400 * DAY)
    assert reason(project, "1", "follow") == "gate.opt_out"
    with pytest.raises(BadInput, match=r"gate\.opt_out"):
        touches.log(project, one, "follow", t=NOON)


def test_quiet_hours_are_those_of_china(project: Project) -> None:
    late = int(datetime(2026, 11, 22, 22, 0, tzinfo=ZONE).timestamp())
    verdict = gate.may(project, number(project, "1"), "follow", now=late)
    assert verdict.reason == "gate.quiet"
    assert verdict.not_before == int(datetime(2026, 11, 23, 8, 30, tzinfo=ZONE).timestamp())
    assert reason(project, "1", "follow", late - 1) is None
    assert reason(project, "1", "follow", verdict.not_before - 1) == "gate.quiet"
    assert reason(project, "1", "follow", verdict.not_before) is None
    limits.set_limit(project, "quiet_from", "23:30")
    assert reason(project, "1", "follow", late) is None


def test_the_ladder_is_climbed_step_by_step(project: Project) -> None:
    one = number(project, "1")
    assert reason(project, "1", "talk") == "gate.replies_first"
    assert reason(project, "1", "offer") == "gate.no_answer_yet"
    assert reason(project, "1", "engage") == "gate.engage_first"
    touches.log(project, one, "follow", t=NOON)
    touches.log(project, one, "reply", t=NOON + DAY)
    assert reason(project, "1", "reply", NOON + DAY + 3600) == "gate.gap"
    touches.log(project, one, "reply", t=NOON + 2 * DAY)
    assert reason(project, "1", "talk", NOON + 2 * DAY + 20 * 3600) == "gate.too_early"
    assert reason(project, "1", "talk", NOON + 3 * DAY) is None
    touches.log(project, one, "talk", t=NOON + 3 * DAY)
    assert reason(project, "1", "offer", NOON + 5 * DAY) == "gate.no_answer_yet"
    touches.outcome(project, one, "reply", t=NOON + 3 * DAY + 60)
    full = gate.may(project, one, "offer", now=NOON + 4 * DAY)
    assert (full.reason, full.params["what"], full.not_before) == ("gate.cap", "limit.person_week", NOON + 7 * DAY)
    verdict = gate.may(project, one, "offer", now=NOON + 7 * DAY)
    assert verdict == gate.Verdict(True, advice=("gate.say_ad",))


def test_after_silence_another_need_once_then_nothing(project: Project) -> None:
    one = number(project, "1")
    for day, step in ((0, "reply"), (2, "reply"), (4, "talk")):
        touches.log(project, one, step, t=NOON + day * DAY)
    assert reason(project, "1", "talk", NOON + 9 * DAY) == "gate.wait_answer"
    verdict = gate.may(project, one, "talk", now=NOON + 11 * DAY)
    assert verdict == gate.Verdict(True, advice=("gate.other_need",))
    touches.log(project, one, "talk", t=NOON + 11 * DAY)
    for step in ("follow", "reply", "talk", "offer"):
        assert reason(project, "1", step, NOON + 60 * DAY) in ("gate.no_reaction", "gate.no_answer_yet")
    touches.outcome(project, one, "reply", t=NOON + 61 * DAY)
    assert reason(project, "1", "talk", NOON + 62 * DAY) is None


def test_complaint_first(project: Project) -> None:
    one = number(project, "1")
    touches.outcome(project, one, "complaint", t=NOON - DAY)
    assert reason(project, "1", "reply") == "gate.complaint"
    assert reason(project, "1", "service") is None
    touches.outcome(project, one, "resolved", t=NOON - 60)
    assert reason(project, "1", "reply") is None


def test_somebody_angry_at_us_gets_service_only(project: Project) -> None:
    project.add(
        [Post("weibo", "angry", "垃圾，退钱", author=account(2), created=NOON - 3600, reply_to="ours")],
        Provenance("user", "t"),
    )
    post = project.one("select id from post_key where native_id = 'angry'")
    sql = "insert into feature(post, model, sentiment, label, detail) values (?, 'm', 0.05, 'negative', '{}')"
    project.writer.call(lambda db: db.execute(sql, (post,)))
    assert reason(project, "2", "talk") == "gate.angry"
    assert reason(project, "2", "service") is None
    assert reason(project, "2", "follow", NOON + 31 * DAY) is None


def test_channels_that_need_consent(project: Project) -> None:
    one = number(project, "1")
    touches.outcome(project, one, "reply", t=NOON - DAY)
    for word in ("短信", "电话", "邮件", "email"):
        assert reason(project, "1", "talk", channel=word) == "gate.consent"
    assert reason(project, "1", "talk", channel="私信") is None
    project.writer.call(
        lambda db: db.execute("insert into consent values (?, 'sms', ?, '报名表', null)", (one, NOON - 9))
    )
    assert reason(project, "1", "talk", channel="短信") is None
    assert reason(project, "1", "talk", channel="电话") == "gate.consent"
    project.writer.call(lambda db: db.execute("update consent set withdrawn = ?", (NOON,)))
    assert reason(project, "1", "talk", channel="短信") == "gate.consent"


def test_facts_that_happened_are_recorded_and_count(project: Project) -> None:
    one = number(project, "1")
    for minute in (0, 1):
        touches.log(project, one, "reply", t=NOON + minute, force=True)
    assert [t.state for t in touches.touches(project, account=one)] == ["done_outside", "done_outside"]
    assert reason(project, "1", "reply", NOON + DAY - 60) == "gate.cap"
    touches.log(project, one, "reply", t=NOON + 2, state="skipped")
    assert reason(project, "1", "reply", NOON + DAY + 1) is None


STEPS = st.sampled_from(touches.STEPS)
LOG = st.tuples(st.sampled_from("12345678"), STEPS, st.integers(0, 40 * 24 * 4), st.sampled_from([None, "reply"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LOG, max_size=60), st.integers(1, 3), st.integers(1, 4))
def test_no_sliding_window_ever_holds_more_than_its_cap(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, int, str | None]], person: int, step: int
) -> None:
    with fill(tmp_path_factory.mktemp("cap") / "p.db") as project:
        limits.set_limit(project, "person_day", str(person))
        for name in touches.STEPS:
            limits.set_limit(project, f"{name}_day", str(step))
        for who, name, quarter, came in acts:
            t, one = NOON + quarter * 900, number(project, who)
            if came:
                touches.outcome(project, one, came, t=t - 1)
            with contextlib.suppress(BadInput):
                touches.log(project, one, name, t=t)
        check(project)


def check(project: Project) -> None:
    """Every cap in every window, counted the slow way."""
    caps, rows = limits.limits_of(project), touches.touches(project)
    for name, cap in caps.items():
        subject, _, window = name.rpartition("_")
        if window not in limits.WINDOWS:
            continue
        groups: dict[object, list[int]] = {}
        for row in rows:
            if subject == "person" or (subject.startswith("person_") and row.step == subject.removeprefix("person_")):
                groups.setdefault(row.account, []).append(row.t)
            elif row.step == subject:
                groups.setdefault(row.channel, []).append(row.t)
        for times in groups.values():
            for start in times:
                assert sum(start <= t < start + limits.WINDOWS[window] for t in times) <= cap, name
    for row in rows:
        assert limits.quiet_until(row.t, caps["quiet_from"], caps["quiet_to"]) is None


def follow_all(path: str, turn: int) -> None:
    with Project.open(path) as project:
        for n in range(1, 9):
            with contextlib.suppress(BadInput):
                touches.log(project, number(project, str(n)), "follow", t=NOON + turn * 60 + n)


def test_two_processes_together_keep_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "two.db"
    with fill(path) as project:
        limits.set_limit(project, "follow_day", "5")
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=follow_all, args=(str(path), turn)) for turn in (0, 1)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    with Project.open(path) as project:
        assert len(touches.touches(project)) == 5
        check(project)


def test_a_reaction_belongs_to_the_touch_before(project: Project) -> None:
    one = number(project, "1")
    first = touches.log(project, one, "reply", t=NOON, campaign=None, variant=7)
    touches.outcome(project, one, "like", t=NOON + 60)
    (found,) = touches.outcomes(project, account=one)
    assert (found.touch, found.variant, found.source) == (first, 7, "user")
    with pytest.raises(BadInput, match=r"outcome\.kind"):
        touches.outcome(project, one, "sent", t=NOON)


EVENT = st.tuples(
    st.sampled_from("1234"),
    st.sampled_from([*touches.STEPS, "complaint", "resolved", "opt_out", "says", "we_answer"]),
    st.integers(0, 30 * 24),
)
GRUDGE = "客服没人理，要求退款，太失望了"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENT, min_size=5, max_size=40))
def test_no_schedule_reaches_who_complains_or_asked_to_be_left_alone(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str, int]]
) -> None:
    """Whatever is tried in whatever order: while a complaint is open only service goes out, after 别再联系 nothing."""
    with fill(tmp_path_factory.mktemp("grudge") / "p.db") as project:
        open_: dict[str, list[str]] = {}
        complaint: dict[str, int] = {}
        left: set[str] = set()
        for n, (who, what, hour) in enumerate(sorted(events, key=lambda e: e[2])):
            t, one = NOON + hour * 3600 + n, number(project, who)
            mad = open_.setdefault(who, [])
            if what == "says":
                post = Post("weibo", f"bad{n}", GRUDGE, author=account(int(who)), created=t, reply_to="ours")
                project.add([post], Provenance("user", "t"))
                mad.append(f"bad{n}")
            elif what == "we_answer" and mad:
                ours = Account("weibo", "100", name="虚构店铺")
                project.add([Post("weibo", f"re{n}", "抱歉，马上处理", author=ours, created=t, reply_to=mad.pop())],
                            Provenance("user", "t"))  # fmt: skip
            elif what in ("complaint", "resolved", "opt_out"):
                touches.outcome(project, one, what, t=t)
                if what == "complaint":
                    complaint[who] = t
                elif what == "resolved":
                    complaint.pop(who, None)
                    mad.clear()
                else:
                    left.add(who)
            elif what in touches.STEPS:
                try:
                    touches.log(project, one, what, t=t)
                except BadInput:
                    continue
                assert who not in left, "they said to leave them alone"
                assert what == "service" or not (complaint.get(who) or mad), "complaint first"
