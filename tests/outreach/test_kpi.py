"""A campaign's numbers, worked by hand. Everybody here is invented."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xunke.outreach import funnel, kpi, lifecycle, returns
from xunke.outreach.experiments import wilson
from xunke.outreach.kpi import Act, Came, Counted, Inputs

DAY = 86_400
SMALL = Inputs(
    acts=[Act(1, 10, 0), Act(2, 10, 2 * DAY), Act(3, 11, 0), Act(4, 12, 0, step="engage"), Act(5, 99, 0)],
    came=[
        Came(1, 10, DAY, "reply"), Came(2, 11, DAY, "bought", 80.0), Came(3, 11, 40 * DAY, "bought", 20.0),
        Came(4, 12, DAY, "negative"), Came(5, 10, 3 * DAY, "follow_back"),
    ],
    counted=[Counted(1, "bought", 3, 150.0), Counted(2, "refund", 1, 50.0), Counted(3, "promoter", 6),
             Counted(4, "passive", 2), Counted(5, "detractor", 2)],
    audience=frozenset({10, 11, 12, 13}), money=100.0, minutes=60.0, costs=(7,), now=60 * DAY,
)  # fmt: skip


def value(name: str) -> float | None:
    return kpi.number(SMALL, name).value


def test_reach() -> None:
    assert value("reached") == 4
    assert value("frequency") == 5 / 4
    coverage = kpi.number(SMALL, "coverage")
    assert (coverage.top, coverage.bottom, coverage.value) == (3, 4, 0.75)
    assert (coverage.low, coverage.high) == wilson(3, 4)


def test_engagement_and_conversion() -> None:
    assert value("reply_rate") == 2 / 4  # 10 replied, 12 said something bad
    assert value("reaction_rate") == 2 / 4  # 10 and 11
    assert value("negative_rate") == 1 / 4
    assert value("new_followers") == 1
    assert value("conversion_rate") == 1 / 4
    assert value("conversions") == 5  # two purchases of 11 and three by code
    assert value("revenue") == 80 + 20 + 150 - 50
    assert value("cac") == 100 / (1 + 3)
    assert value("roi") == (200 - 100) / 100


def test_what_was_never_noted_is_unknown_and_what_came_to_nothing_is_nought() -> None:
    assert value("click_rate") is None
    assert value("views") is None
    none = Inputs(acts=[Act(1, 1, 0)])
    assert kpi.number(none, "reply_rate").value == 0
    assert kpi.number(none, "cac").value is None
    assert kpi.number(Inputs(), "reply_rate").value is None


def test_relation() -> None:
    kept = kpi.number(SMALL, "retention")
    assert (kept.top, kept.bottom) == (1, 2)  # 11 bought again after 39 days, 10 did not come again
    young = Inputs(acts=SMALL.acts, came=SMALL.came, now=20 * DAY)
    assert kpi.number(young, "retention").value is None  # nobody had 30 days yet
    assert value("repeat_rate") == 1.0
    assert value("nps") == 40.0


def test_one_purchase_in_two_ledgers_is_one() -> None:
    twice = Inputs(acts=[Act(1, 1, 0)], came=[Came(1, 1, DAY, "bought", 9.0)], bought=[(1, DAY + 60)])
    assert kpi.number(twice, "repeat_rate").value == 0


def test_numbers_name_their_rows() -> None:
    assert kpi.number(SMALL, "reached").touches == (1, 2, 3, 4, 5)
    assert kpi.number(SMALL, "revenue").outcomes == (2, 3)
    assert kpi.number(SMALL, "revenue").results == (1, 2)
    assert kpi.number(SMALL, "cac").costs == (7,)


def test_progress_and_past() -> None:
    assert kpi.progress("conversions", 15, 30, None) == 0.5
    assert kpi.progress("conversions", 15, 30, 10) == 0.25
    assert kpi.progress("cac", 40, 20, None) == 0.5  # less is better
    assert kpi.progress("cac", 30, 20, 40) == 0.5
    assert kpi.past([None, 0.2, 0.4, 0.1]) == kpi.Past(0.2, 0.1, 0.4, 3)
    assert kpi.past([None]) is None


def test_the_funnel_counts_later_steps_for_earlier_ones() -> None:
    stages = funnel.response(SMALL)
    assert [(s.name, s.people) for s in stages] == [
        ("touched", 4), ("seen", 3), ("answered", 3), ("followed", 2), ("won", 1),
    ]  # fmt: skip
    assert stages[3].rate == 2 / 3
    assert stages[3].lost == 1
    assert funnel.leak(stages) is None  # four people tell no leak
    many = Inputs(acts=[Act(i, i, 0) for i in range(40)], came=[Came(i, i, DAY, "reply") for i in range(30)])
    leak = funnel.leak(funnel.response(many))
    assert leak is not None
    assert (leak.name, leak.lost) == ("followed", 30)


def test_lifecycle() -> None:
    assert [s.people for s in funnel.lifecycle(SMALL, {10: "advocate"})] == [4, 3, 3, 2, 2, 1]
    # 99 never answered but follows; a stage of now takes nothing away that an outcome proved
    stages = {10: "dormant", 12: "aware", 99: "follower", 13: "engaged"}
    assert [s.people for s in funnel.lifecycle(SMALL, stages)] == [4, 4, 4, 2, 1, 0]
    assert set(funnel.REACHED) == set(lifecycle.STAGES) - {"aware", "dormant", "lost"}


def test_waste_counts_each_touch_once_for_the_first_reason() -> None:
    acts = [Act(1, 1, 0), Act(2, 1, 3600), Act(3, 1, 3 * DAY), Act(4, 2, 0), Act(5, 3, 0), Act(6, 4, 0)]
    found = funnel.waste(
        Inputs(acts=acts, audience=frozenset({1, 3, 4})), spam=frozenset({3}), left=frozenset({4, 3}))  # fmt: skip
    assert found.by_reason == {"outside": (4,), "duplicate": (2,), "unanswered": (3,), "spam": (5,), "left": (6,)}
    assert found.wasted == 5
    assert (found.low, found.high) == wilson(5, 6)


def test_an_answer_starts_the_count_of_unanswered_touches_again() -> None:
    acts = [Act(i, 1, i * 2 * DAY) for i in range(4)]
    assert funnel.waste(Inputs(acts=acts), spam=frozenset(), left=frozenset()).by_reason["unanswered"] == (2, 3)
    answered = Inputs(acts=acts, came=[Came(1, 1, 3 * DAY, "reply")])
    assert funnel.waste(answered, spam=frozenset(), left=frozenset()).wasted == 0


def test_hit_rate_counts_touched_people_only() -> None:
    found = funnel.precision([11, 13, 10, 12], SMALL, at=(2,))
    assert [(h.n, h.touched, h.hits, h.rate) for h in found] == [(2, 1, 1, 1.0), (4, 3, 2, 2 / 3)]
    assert funnel.precision([], SMALL) == []


def test_slots() -> None:
    cells = funnel.by_slot(SMALL, {1: 9, 2: 20, 3: 9, 4: 23, 5: 3})
    assert [(c.slot, c.n, c.hits) for c in cells] == [("morning", 2, 2), ("night", 2, 0)]


# -- money ----------------------------------------------------------------------------------------------------------


def test_balance() -> None:
    few = returns.balance(SMALL, hourly=60)
    assert (few.labour, few.roi, few.lacking, few.low) == (60.0, (200 - 160) / 160, "few", None)
    assert few.break_even == 4  # 160 at 50 each
    assert returns.balance(Inputs(acts=SMALL.acts)).lacking == "no_cost"
    many = Inputs(
        acts=[Act(i, i, 0) for i in range(40)], came=[Came(i, i, DAY, "bought", 50.0) for i in range(8)], money=200.0
    )
    told = returns.balance(many)
    assert told.roi == 1.0
    assert told.low is not None
    assert told.high is not None
    assert told.low < 1.0 < told.high
    assert returns.balance(many) == told  # the same seed, the same interval


def test_credit_rules() -> None:
    path = Inputs(acts=[Act(1, 1, 0), Act(2, 1, 7 * DAY)], came=[Came(1, 1, 7 * DAY, "bought", 90.0)])
    key = {1: "reply", 2: "talk"}

    def wins(model: str) -> dict[str, float]:
        return {c.group: round(c.wins, 6) for c in returns.credit(path, model, key)}

    assert wins("first") == {"reply": 1, "talk": 0}
    assert wins("last") == {"reply": 0, "talk": 1}
    assert wins("linear") == {"reply": 0.5, "talk": 0.5}
    assert wins("decay") == {"talk": round(2 / 3, 6), "reply": round(1 / 3, 6)}
    early = Inputs(acts=[Act(1, 1, 9 * DAY)], came=[Came(1, 1, 0, "bought", 90.0)])
    assert returns.credit(early, "last", {1: "reply"})[0].group == "none"


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50)), max_size=12),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50)), max_size=8),
    st.sampled_from(returns.MODELS),
)
def test_every_rule_shares_out_exactly_what_was_won(
    acts: list[tuple[int, int]], wins: list[tuple[int, int]], model: str
) -> None:
    path = Inputs(
        acts=[Act(i, p, t * DAY) for i, (p, t) in enumerate(acts)],
        came=[Came(i, p, t * DAY, "bought", 10.0) for i, (p, t) in enumerate(wins)],
    )
    found = returns.credit(path, model, {i: f"s{i % 3}" for i in range(len(acts))})
    assert abs(sum(c.wins for c in found) - len(wins)) < 1e-9
    assert abs(sum(c.money for c in found) - 10 * len(wins)) < 1e-6


def test_before_and_after() -> None:
    calm, risen = [2.0, 3.0] * 7, [5.0, 6.0] * 7
    plain = returns.before_after(calm, risen)
    assert plain is not None
    assert plain.effect == 3.0
    assert plain.low is not None
    assert plain.low > 0
    fewer = returns.before_after(risen, calm)
    assert fewer is not None
    key, params = fewer.told
    assert (key, params["effect"]) == ("before_after.less", "3.00")
    assert 0 < float(params["low"]) < 3 < float(params["high"]), "fewer by so many: no sign, the lesser end first"
    with_control = returns.before_after(calm, risen, (calm, risen))
    assert with_control is not None
    assert (with_control.effect, with_control.low, with_control.high) == (0.0, 0.0, 0.0)
    assert returns.before_after(calm[:6], risen) is None
    dip = returns.before_after([*calm[:10], 0, 0, 0, 0], calm)
    assert dip is not None
    assert dip.unusual_before


def test_scenarios_and_gaps() -> None:
    plan = returns.scenario(100, 50.0, 10.0, 5, 50)
    assert (plan.wins, plan.profit) == (10.0, 50.0)
    assert plan.profit_low < 50 < plan.profit_high
    gap = returns.gap("reply_rate", 5, 50, 20, 50)
    assert gap is not None
    assert not gap.open
    assert returns.gap("reply_rate", 0, 0, 1, 2) is None
