"""Who came, left, sleeps, speaks for us; curves and rates: worked by hand on a small invented project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xunke.clock import DAY, start_of
from xunke.model import Account, Follower, Interaction, Post, Provenance
from xunke.outreach import cohorts, curve, fans, followers, rates, timeline, touches
from xunke.outreach.experiments import wilson
from xunke.storage import Project, suppression
from xunke.storage.persons import rebuild

TODAY = date(2026, 11, 22)
OWN = Account("weibo", "own", name="轻氧食验室", followers=4)
W1, W2, W3 = (date(2026, 11, d) for d in (2, 9, 16))


def day(back: int, hour: int = 12) -> int:
    return start_of(TODAY - timedelta(days=back)) + hour * 3600


def who(name: str) -> Account:
    return Account("weibo", name, name=name)


def listed(when: date, *names: str, whole: bool = True) -> Iterator[Follower]:
    return (Follower(who(n), start_of(when), "weibo:own", whole=whole) for n in names)


def words(n: int, name: str, t: int, text: str, to: str = "w1") -> Post:
    return Post("weibo", f"c{n}", text, author=who(name), created=t, zone="+08:00", kind="comment", reply_to=to)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as project:
        project.add([OWN], Provenance("file", "x", fetched=1))
        project.set_meta("own_accounts", "[1]")
        yield project


def number(project: Project, name: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (name,)))


def add(project: Project, *records: object) -> None:
    project.add(records, Provenance("file", "y", fetched=day(0)))  # type: ignore[arg-type]


def moves(project: Project, found: followers.Moves) -> list[tuple[str, int, int, bool]]:
    names = followers.names(project, [m.account for m in found.found])
    return [(names[m.account][1], m.after, m.by, m.again) for m in found.found]


# -- who came and left -----------------------------------------------------------------------------------------------


def test_between_which_lists_and_back_again(project: Project) -> None:
    add(project, *listed(W1, "a", "b", "c"), *listed(W2, "a", "c", "d"), *listed(W3, "a", "b", "d"))
    one, two, three = (start_of(d) for d in (W1, W2, W3))
    assert moves(project, followers.came(project, 1)) == [("b", two, three, True), ("d", one, two, False)]
    assert moves(project, followers.left(project, 1)) == [("c", two, three, False), ("b", one, two, True)]
    assert [(one.whole, one.size) for one in followers.lists(project, 1)] == [(True, 3)] * 3


def test_who_is_barred_is_counted_not_named(project: Project) -> None:
    add(project, *listed(W1, "a", "b"), *listed(W2, "a"))
    project.writer.call(lambda db: suppression.add(db, [("weibo", "b", None, None)], "test"))
    assert followers.left(project, 1) == followers.Moves((), 1)


def test_with_one_account_gone_and_another_there_nobody_left(project: Project) -> None:
    add(project, *listed(W1, "a", "a2", "b"), *listed(W2, "a2"))
    pair = (number(project, "a"), number(project, "a2"))

    def join(db: object) -> None:
        db.execute(  # type: ignore[attr-defined]
            "insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, 1, 1, '{}', 'accepted', 1)", pair
        )
        rebuild(db)  # type: ignore[arg-type]

    project.writer.call(join)
    assert moves(project, followers.left(project, 1)) == [("b", start_of(W1), start_of(W2), False)]


# -- the curve -------------------------------------------------------------------------------------------------------


def series(changes: list[int], step: int = 1) -> list[tuple[date, int]]:
    counts = [(date(2026, 1, 1), 1000)]
    for change in changes:
        counts.append((counts[-1][0] + timedelta(days=step), counts[-1][1] + change))
    return counts


def test_one_odd_day_by_hand() -> None:
    """Changes 1, 3, 1, 3 …: median 2, every distance from it 1 but for +40."""
    changes = [1, 3] * 10
    changes[13] = 40
    found = curve.read(series(changes, step=2))
    assert (found.every, found.judged, found.usual) == (2, 20, 2.0)
    assert [(one.change, one.usual, one.z) for one in found.odd] == [(40, 2.0, round(0.6745 * 38, 2))]
    assert found.burst  # twelve days before the end
    assert found.season is None


def test_too_little_says_nothing() -> None:
    found = curve.read(series([100] * 13))
    assert (found.enough, found.odd, found.trend) == (False, (), None)
    assert curve.read([]).every is None


def test_a_weekly_rhythm_is_no_anomaly() -> None:
    """Every Saturday +20: with six weeks it is the rhythm; one Saturday without it stands out."""
    first = date(2026, 1, 1)
    changes = [20 if (first + timedelta(days=n + 1)).weekday() == 5 else n % 3 for n in range(49)]
    assert not curve.read(series(changes)).odd
    assert curve.read(series(changes)).season == pytest.approx({0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 20, 6: 1})
    dropped = next(n for n in range(20, 49) if changes[n] == 20)
    changes[dropped] = -5
    assert [one.change for one in curve.read(series(changes)).odd] == [-5]


def test_trend_by_signs() -> None:
    assert curve.sign_p(8, 0) == pytest.approx(2 / 256)
    assert curve.trend([1] * 6) == "up"  # 2 / 64 < 0.05
    assert curve.trend([1] * 5) == "flat"  # 2 / 32
    assert curve.trend([-3, -1, 0, 0, -1, -9, -2, -2]) == "down"


@given(st.lists(st.integers(-5, 5), min_size=0, max_size=120))
def test_the_reading_never_breaks_and_odd_days_are_of_the_curve(changes: list[int]) -> None:
    found = curve.read(series(changes))
    assert {one.day for one in found.odd} <= {one.day for one in found.changes}
    assert sum(one.change for one in found.changes) == sum(changes)


# -- staying and sleeping --------------------------------------------------------------------------------------------


def test_retention_by_hand() -> None:
    """Twenty known for 90 days, of whom ten act in month 1 and five in month 2; five new ones do not count."""
    first = TODAY - timedelta(days=90)
    second, third = first + timedelta(days=40), first + timedelta(days=70)
    old = {n: [first, *([second] if n < 10 else []), *([third] if n < 5 else [])] for n in range(20)}
    new = {100 + n: [TODAY - timedelta(days=10)] for n in range(5)}
    found = cohorts.retention(old | new, TODAY)
    assert [(k.month, k.n, k.kept, k.share) for k in found] == [(1, 20, 10, 0.5), (2, 20, 5, 0.25)]
    assert found[0].low < 0.5 < found[0].high
    assert cohorts.retention({n: old[n] for n in range(19)}, TODAY) == []
    assert {k.cohort for k in cohorts.retention(old, TODAY, by="month")} == {first.strftime("%Y-%m")}


def test_what_a_person_is_worth_by_hand_and_by_scipy() -> None:
    """Twenty known for 90 days: all act on day 0, ten on day 40 too; one pays 30 on day 10 and 50 on day 95."""
    first = TODAY - timedelta(days=90)
    found = {n: [first, *([first + timedelta(days=40)] if n < 10 else [])] for n in range(20)}
    found[99] = [TODAY - timedelta(days=5)]
    paid = {0: [(first + timedelta(days=day), cny) for day, cny in ((10, 30.0), (95, 50.0), (-1, 9.0))]}
    one, three = cohorts.worth(found, paid, TODAY)
    assert (one.months, one.n, one.days, one.days_low, one.days_high, one.money) == (1, 20, 1.0, 1.0, 1.0, 1.5)
    assert (three.months, three.n, three.days, three.money) == (3, 20, 1.5, 1.5)
    low, high = stats.t.interval(0.95, 19, loc=1.5, scale=stats.sem([2] * 10 + [1] * 10))
    assert (three.days_low, three.days_high) == (pytest.approx(low), pytest.approx(high))
    assert three.money_low == 0.0
    assert cohorts.worth({n: found[n] for n in range(19)}, paid, TODAY) == []


@pytest.mark.parametrize(
    ("touched", "alone", "said"),
    [
        ((9, 9), (50, 5), ("few", "few")), ((20, 12), (9, 0), ("above", "few")), ((20, 5), (20, 5), ("near", "same")),
        ((60, 4), (60, 20), ("below", "less")), ((40, 24), (40, 8), ("above", "more")),
    ],
)  # fmt: skip
def test_the_return_beside_the_saying_and_those_left_alone(
    touched: tuple[int, int], alone: tuple[int, int], said: tuple[str, str]
) -> None:
    rows = [fans.Woken(name, n, back, back / n, *wilson(back, n))
            for name, (n, back) in (("touched", touched), ("alone", alone))]  # fmt: skip
    assert fans.against(rows) == said


def test_half_life_by_hand() -> None:
    """Four lives: 10 and 20 days ended, 30 and 40 still open. After 20 days half are through."""
    acted = {
        1: [TODAY - timedelta(days=110), TODAY - timedelta(days=100)],
        2: [TODAY - timedelta(days=120), TODAY - timedelta(days=100)],
        3: [TODAY - timedelta(days=35), TODAY - timedelta(days=5)],
        4: [TODAY - timedelta(days=41), TODAY - timedelta(days=1)],
    }
    found = cohorts.half_life(acted, TODAY)
    assert (found.days, found.n, found.ended) == (20, 4, 2)
    assert cohorts.half_life({3: acted[3]}, TODAY).days is None


def test_sleepers_by_value_and_what_waking_brought(project: Project) -> None:
    names = [f"s{n}" for n in range(6)]
    acts = [Interaction("weibo", who(n), OWN, "like", time=day(100 + d), post=f"p{d}")
            for i, n in enumerate(names) for d in range(i + 1)]  # fmt: skip
    awake = Interaction("weibo", who("awake"), OWN, "like", time=day(3))
    add(project, *acts, awake, Account("weibo", "s5", bio="谢绝推广"))
    chosen = fans.sleepers(project, 1, TODAY)
    found = chosen.found
    by_name = {followers.names(project, [s.account])[s.account][1]: (s.split, s.acts) for s in found}
    assert (chosen.declined, chosen.unwanted) == (1, 0)
    assert by_name == {"s4": ("high", 5), "s3": ("high", 4), "s2": ("middle", 3), "s1": ("middle", 2), "s0": ("low", 1)}
    for name, back in (("s0", True), ("s1", False)):
        touches.log(project, number(project, name), "talk", t=day(40), state="imported")
        if back:
            add(project, Interaction("weibo", who(name), OWN, "like", time=day(30)))
    woken = {w.group: (w.n, w.back) for w in fans.woken(project, 1, TODAY)}
    assert woken["touched"] == (2, 1)
    assert woken["alone"] == (4, 0)
    late = touches.log(project, number(project, "s2"), "talk", t=day(5), state="imported")
    assert late
    assert {w.group: w.n for w in fans.woken(project, 1, TODAY)}["touched"] == 2  # too early to say


def test_clues_why_somebody_went(project: Project) -> None:
    add(
        project, *listed(W1, "silent", "angry", "busy", "stays"), *listed(W2, "stays"),
        Post("weibo", "w1", "新品", author=OWN, created=day(30), zone="+08:00"),
        words(1, "angry", day(25), "太难吃了，避雷"), words(2, "stays", day(25), "好吃"),
        Post("weibo", "x1", "出门", author=who("busy"), created=day(4), zone="+08:00"),
        Post("weibo", "x2", "出门", author=who("silent"), created=day(80), zone="+08:00"),
    )  # fmt: skip
    project.writer.call(
        lambda db: db.execute(
            "insert into feature(post, model, label, detail) select id, 't', 'negative', '{}' from post_key "
            "where native_id = 'c1'"
        )
    )
    told = {followers.names(project, [one.account])[one.account][1]: one for one in fans.lost(project, 1, TODAY)}
    assert {name: one.reasons for name, one in told.items()} == {
        "angry": ("complaint",), "busy": ("elsewhere",), "silent": ("inactive",),
    }  # fmt: skip
    assert len(told["angry"].posts) == 1
    touches.log(project, number(project, "angry"), "service", t=day(24), state="imported")
    again = {one.account: one.reasons for one in fans.lost(project, 1, TODAY)}
    assert again[number(project, "angry")] == ("unknown",)


# -- who speaks for us -----------------------------------------------------------------------------------------------


def test_advocates_are_unpaid_and_without_a_complaint(project: Project) -> None:
    said = [
        words(1, "fan", day(40), "真好吃"), words(2, "fan", day(35), "又回购了"),
        words(3, "paid", day(40), "好吃 #合作"), words(4, "paid", day(35), "推荐"),
        words(5, "torn", day(40), "好吃"), words(6, "torn", day(39), "也好吃"), words(7, "torn", day(30), "这次太差"),
        words(8, "once", day(40), "好吃"),
    ]  # fmt: skip
    friend = Interaction("weibo", who("friend"), who("fan"), "like", time=day(34), post="c2")
    later = Interaction("weibo", who("friend"), OWN, "like", time=day(20))
    add(project, Post("weibo", "w1", "新品", author=OWN, created=day(50), zone="+08:00"), *said, friend, later)
    labels = {f"c{n}": "negative" if n == 7 else "positive" for n in range(1, 9)}
    for native_id, label in labels.items():
        project.writer.call(
            lambda db, native_id=native_id, label=label: db.execute(  # type: ignore[misc]
                "insert into feature(post, model, label, detail) select id, 't', ?, '{}' from post_key "
                "where native_id = ?", (label, native_id),
            )
        )  # fmt: skip
    found, paid = fans.advocates(project, 1, TODAY)
    assert [(a.account, len(a.posts), a.others, a.brought, a.due) for a in found] == [
        (number(project, "fan"), 2, 1, 1, True)
    ]
    assert paid == 1
    touches.log(project, number(project, "fan"), "reply", t=day(1), state="imported")
    assert not fans.advocates(project, 1, TODAY)[0][0].due


def test_tiers(project: Project) -> None:
    often = [Interaction("weibo", who("core"), OWN, "like", time=day(d), post=f"p{d}") for d in range(6)]
    add(project, *listed(W1, "core", "quiet"), *often, who("stranger"),
        Interaction("weibo", who("light"), OWN, "like", time=day(80)),
        Interaction("weibo", who("asleep"), OWN, "like", time=day(200)))  # fmt: skip
    groups = fans.tiers(project, 1, TODAY)
    names = {tier: [followers.names(project, [a])[a][1] for a in members] for tier, members in groups.items()}
    assert names == {"core": ["core"], "active": [], "light": [], "asleep": ["light", "asleep"], "quiet": ["quiet"]}


# -- answers ---------------------------------------------------------------------------------------------------------


def test_answers_by_step_count_people_and_wait(project: Project) -> None:
    names = [f"r{n}" for n in range(6)]
    add(project, *(who(n) for n in names))
    for place, name in enumerate(names):
        back = 2 if place == 5 else 40
        touches.log(project, number(project, name), "follow", t=day(back), state="imported")
        touches.log(project, number(project, name), "follow", t=day(back - 1), state="imported")
    touches.outcome(project, number(project, "r0"), "follow_back", t=day(38))
    touches.outcome(project, number(project, "r1"), "negative", t=day(38))
    touches.outcome(project, number(project, "r2"), "like", t=day(20))  # twenty days after: too late
    add(project, *listed(W1, "x"), *listed(W2, "x", "r3"))
    found = {one.step: one for one in rates.by_step(project, TODAY)}
    answers, backs = found["follow"], found["follow_back"]
    assert (answers.n, answers.hits, answers.good, answers.bad, answers.waiting) == (5, 2, 1, 1, 1)
    assert answers.share == 0.4
    assert (backs.n, backs.hits) == (5, 2)  # r0 by its outcome, r3 by the list
    assert len(answers.touches) == 10


def test_hours_beside_everybody_else(project: Project) -> None:
    mine = [Post("weibo", f"a{n}", "早", author=who("early"), created=day(n, 6), zone="+08:00") for n in range(40)]
    rest = [Post("weibo", f"b{n}", "晚", author=who(f"o{n % 9}"), created=day(n % 50, n % 24), zone="+08:00")
            for n in range(240)]  # fmt: skip
    add(project, *mine, *rest)
    slots, n = rates.hours(project, [number(project, "early")], [1])
    assert n == 40
    assert [(s.value, s.acts, s.base) for s in slots if s.clear] == [(6, 40, 0.125)]
    assert rates.hours(project, [number(project, "o1")], [1]) == ([], 27)


# -- one line of time ------------------------------------------------------------------------------------------------


def test_all_dealings_of_both_accounts_newest_first(project: Project) -> None:
    add(
        project, *listed(W1, "z"), *listed(W2, "a", "z"), *listed(W3, "z"),
        Post("weibo", "w1", "新品", author=OWN, created=day(30), zone="+08:00"), words(1, "a", day(29), "想要"),
        Post("weibo", "o1", "谢谢", author=OWN, created=day(28), zone="+08:00", kind="comment", reply_to="c1"),
        Interaction("weibo", who("b"), OWN, "like", time=day(3), post="w1"),
    )  # fmt: skip
    a, b = number(project, "a"), number(project, "b")

    def fill(db: object) -> None:
        run = db.execute  # type: ignore[attr-defined]
        run("insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, 1, 1, '{}', 'accepted', 1)",
            (min(a, b), max(a, b)))  # fmt: skip
        rebuild(db)  # type: ignore[arg-type]
        run("insert into purchase(account, t, amount, what) values (?, ?, 39, '卡')", (b, day(2)))
        run("insert into note(account, t, kind, body) values (?, ?, 'note', '喜欢咸的')", (a, day(1)))
        run("insert into saved_list(id, name, target, purpose, created) values (1, '寄样', 'people', '试吃', 1)")
        run("insert into list_member(list, item, rank, added) values (1, ?, 1, ?)", (a, day(10)))

    project.writer.call(fill)
    touches.log(project, a, "talk", t=day(5), state="imported", note="聊过")
    touches.outcome(project, a, "positive", t=day(4))
    found = timeline.timeline(project, b, [1])
    assert [(e.kind, e.way) for e in found] == [
        ("note", "about"), ("purchase", "in"), ("like", "in"), ("outcome_positive", "in"), ("touch_talk", "out"),
        ("listed", "about"), ("left", "in"), ("came", "in"), ("reply", "out"), ("reply", "in"),
    ]  # fmt: skip
    assert [e.text for e in found if e.kind == "reply"] == ["谢谢", "想要"]
    assert all(e.ref for e in found)
    assert [e.kind for e in timeline.timeline(project, a, [1], kinds=["touch", "note"])] == ["note", "touch_talk"]
    early = timeline.timeline(project, a, [1], until=day(20))
    assert {e.kind for e in early} == {"came", "reply"}
    assert timeline.timeline(project, a, [1], since=day(0) + DAY) == []
