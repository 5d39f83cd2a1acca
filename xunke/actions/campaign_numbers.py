"""What a campaign reached: KPI tree, funnel, waste, hit rate, returns, credit, comparisons. Events for every front end.

Tables carry, for programs, the raw numbers and our numbers of the rows behind them in columns named in
``params["hidden"]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from xunke.clock import day_of
from xunke.errors import BadInput, UsageError
from xunke.events import Done, Event, Table, Warned
from xunke.figures import percent, yuan
from xunke.outreach import brief, campaign_rows, campaigns, content, funnel, kpi, lifecycle, returns, trials
from xunke.outreach.campaigns import Campaign
from xunke.outreach.kpi import Inputs, Number
from xunke.storage import Project
from xunke.storage.persons import own_accounts

from .campaigns import chosen, worded
from .common import one_account
from .trials import surplus

PRESSURE: Final = 0.1
"""A share of people touched more than four times, or of bad answers, above which it is said to be too much."""
_FEW: Final = 30


def _given(project: Project, c: Campaign, now: int) -> Inputs:
    return campaign_rows.inputs(project, c, now=now)


def _range(low: float | None, high: float | None, measure: str | None = None) -> str | None:
    if low is None or high is None:
        return None
    return f"{kpi.shown(measure, low)}–{kpi.shown(measure, high)}" if measure else f"{percent(low)}–{percent(high)}"


def _of(number: Number) -> str | None:
    if number.top is None or number.bottom is None:
        return None
    money = number.unit in ("money",) or number.name == "roi"
    top = yuan(number.top) if money else f"{number.top:,.0f}"
    bottom = yuan(number.bottom) if number.name == "roi" else f"{number.bottom:,.0f}"
    return f"{top} / {bottom}"


def kpis(
    project: Project, name: str | None = None, *, now: int, every: bool = False, index: int = 0
) -> Iterator[Event]:
    """The tree of four levels: each number with what it was divided by, its interval, what earlier campaigns reached,
    and a reference mark where there is one. Numbers without rows are left out unless ``every``.
    """
    c = chosen(project, name)
    given = _given(project, c, now)
    if not given.acts and not given.counted and not given.came:
        yield Done("kpi.none", {"name": c.name})
        return
    before, marks = campaign_rows.earlier(project, c, now=now), campaign_rows.marks(project)
    rows = []
    for n in kpi.tree(given):
        if n.value is None and not every and n.name != c.kpi:
            continue
        past = before.get(n.name)
        usual = (
            f"{kpi.shown(n.name, past.past.median)} ({_range(past.past.low, past.past.high, n.name)})" if past else None
        )
        mark = kpi.shown(n.name, marks[n.name]) if n.name in marks else None
        rows.append([
            f"kpi.level.{n.level}", f"kpi.{n.name}", kpi.shown(n.name, n.value), _of(n), _range(n.low, n.high, n.name),
            usual, mark, n.value, n.top, n.bottom, n.low, n.high, list(n.touches), list(n.outcomes), list(n.results),
            list(n.costs), past.past.campaigns if past else 0,
        ])  # fmt: skip
    hidden = ["raw", "top", "bottom", "low", "high", "touch_ids", "outcome_ids", "result_ids", "cost_ids", "campaigns"]
    columns = ["kpi_level", "measure", "actual", "counted", "range", "our_past", "ref_mark", *hidden]
    if all(r[5] is None for r in rows):
        hidden.append("our_past")
    if all(r[6] is None for r in rows):
        hidden.append("ref_mark")
    yield Table("kpi.table", columns, rows, {"name": c.name, "hidden": hidden}, index)
    yield from _against_target(c, given)
    if any(r[6] for r in rows):
        yield Done("kpi.marks_note")
    if len(given.touched) < _FEW and given.acts:
        yield Warned("kpi.few", {"n": len(given.touched), "least": _FEW})
    for measure in ("negative_rate", "pressure"):
        n = kpi.number(given, measure)
        if n.value is not None and n.value > PRESSURE:
            yield Warned(f"kpi.too_much_{measure}", {"share": percent(n.value), "n": int(n.top or 0)})


def _against_target(c: Campaign, given: Inputs) -> Iterator[Event]:
    if c.kpi is None or c.target is None:
        yield Warned("kpi.no_target", {"name": c.name})
        return
    n = kpi.number(given, c.kpi)
    gone = kpi.progress(c.kpi, n.value, c.target, c.baseline)
    params = {"measure_key": f"kpi.{c.kpi}", "actual": kpi.shown(c.kpi, n.value) or "—", "share": percent(gone) or "—",
              "target": kpi.shown(c.kpi, c.target), "baseline": kpi.shown(c.kpi, c.baseline) or "—",
              "until": c.until or "—", "what": f"kpi.{c.kpi}"}  # fmt: skip
    better = kpi.MEASURES[c.kpi].more_is_better
    reached = n.value is not None and (n.value >= c.target if better else n.value <= c.target)
    yield Done("kpi.target_reached" if reached else "kpi.target_open", params)


def mark(project: Project, measure: str, value: str | None, *, run: int | None = None) -> Iterator[Event]:
    """Set a reference mark of the user's own for a measure (``8%``); None: the one that the seed documents state."""
    name = brief.read("kpi", measure)
    campaign_rows.set_mark(project, name, None if value is None else campaigns.number(value), run)
    told = campaign_rows.marks(project).get(name)
    yield Done("kpi.mark_set", {"what": f"kpi.{name}", "value": kpi.shown(name, told) or "—"})


def funnels(project: Project, name: str | None = None, *, now: int, index: int = 0) -> Iterator[Event]:
    """Touch → seen → answered → followed → won, and 获取-激活-发展-保留-倡导; where most are lost."""
    c = chosen(project, name)
    given = _given(project, c, now)
    if not given.acts:
        yield Done("kpi.none", {"name": c.name})
        return
    now_at = {who: stage for who, (stage, _) in lifecycle.stage_of(project, given.touched, day_of(now)).items()}
    for kind, stages in (("response", funnel.response(given)), ("lifecycle", funnel.lifecycle(given, now_at))):
        rows = [
            [f"funnel_step.{s.name}", s.people, s.rate, _range(s.low, s.high), s.of_first, s.lost,
             s.low, s.high, list(s.members)]
            for s in stages
        ]  # fmt: skip
        columns = ["step", "people", "of_before", "range", "of_first", "lost", "low", "high", "person_ids"]
        yield Table(f"funnel.{kind}", columns, rows, {"name": c.name, "hidden": ["low", "high", "person_ids"]}, index)
        leak = funnel.leak(stages)
        if leak is not None:
            yield Done(
                "funnel.leak",
                {"what": f"funnel_step.{leak.name}", "lost": leak.lost, "share": percent(1 - (leak.rate or 0))},
            )
        elif kind == "response":
            yield Warned("funnel.few", {"n": len(given.touched), "least": funnel.FEW})
    asleep, lost = (sum(stage == name for stage in now_at.values()) for name in ("dormant", "lost"))
    if asleep or lost:
        yield Done("funnel.asleep", {"asleep": asleep, "lost": lost})


def waste(project: Project, name: str | None = None, *, now: int, index: int = 0) -> Iterator[Event]:
    """Wasted touches by reason, their share with its interval, the minutes lost; held against earlier campaigns."""
    c = chosen(project, name)
    given = _given(project, c, now)
    if not given.acts:
        yield Done("kpi.none", {"name": c.name})
        return
    found = _waste(project, given)
    rows = [[f"waste.{k}", len(v), len(v) / found.touches, list(v)] for k, v in found.by_reason.items()]
    yield Table("waste.table", ["reason", "touch_count", "share", "touch_ids"], rows, {
        "name": c.name, "wasted": found.wasted, "n": found.touches, "share": percent(found.rate),
        "range": _range(found.low, found.high), "minutes": round(found.minutes), "hidden": ["touch_ids"],
    }, index)  # fmt: skip
    others = [o for o in campaigns.every(project) if o.id < c.id]
    rates = [
        w.rate for o in others if (g := _given(project, o, now)).acts and (w := _waste(project, g)).rate is not None
    ]
    usual = returns.typical([r for r in rates if r is not None])
    if usual:
        yield Done("waste.usual", {"share": percent(usual), "n": len(rates),
                                   "claim": percent(usual * (1 + campaign_rows.CHANGES["waste"]))})  # fmt: skip
    if not c.lists:
        yield Warned("waste.no_list", {"name": c.name})


def _waste(project: Project, given: Inputs) -> funnel.Waste:
    spam, left = campaign_rows.spam_and_left(project, sorted(given.touched))
    return funnel.waste(given, spam=spam, left=left)


def hits(
    project: Project, name: str | None = None, *, now: int, at: tuple[int, ...] = (10, 20, 50, 100), index: int = 0
) -> Iterator[Event]:
    """命中率: of the first N of the list who were touched, the share that reacted well, with its interval."""
    c = chosen(project, name)
    if not c.lists:
        raise BadInput("hit.no_list", name=c.name)
    found = funnel.precision(campaign_rows.ranked(project, c), _given(project, c, now), at)
    rows = [
        [h.n, h.touched, h.hits, h.rate, _range(h.low, h.high) if h.touched else None, h.low, h.high] for h in found
    ]
    columns = ["first_n", "touched", "hits", "hit_rate", "range", "low", "high"]
    yield Table("hit.table", columns, rows, {"name": c.name, "hidden": ["low", "high"]}, index)
    if found and found[-1].touched < _FEW:
        yield Warned("kpi.few", {"n": found[-1].touched, "least": _FEW})


def roi(
    project: Project, name: str | None = None, *, now: int, hourly: str | None = None, seed: int = returns.SEED,
    attribution: str = "last", by: str = "step", index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """Return, cost of a customer, break-even, with a bootstrap interval; and how a rule shares the wins out over
    touches. ``hourly``: CNY an hour of work is counted with; ``attribution``: first, last, linear, decay; ``by``: step,
    channel or variant.
    """
    c = chosen(project, name)
    given = _given(project, c, now)
    rate = campaigns.number(hourly) if hourly else 0.0
    if rate < 0:
        raise UsageError("campaign.hourly_below_zero")
    b = returns.balance(given, hourly=rate, seed=seed)
    rows: list[list[Any]] = [
        ["roi.spent", yuan(b.spent), b.spent], ["roi.labour", yuan(b.labour), b.labour],
        ["roi.revenue", yuan(b.revenue) if b.revenue is not None else None, b.revenue],
        ["roi.customers", f"{b.customers:,}", b.customers],
        ["roi.cac", yuan(b.cac) if b.cac is not None else None, b.cac],
        ["roi.roi", percent(b.roi), b.roi],
        ["roi.range", _range(b.low, b.high), [b.low, b.high] if b.low is not None else None],
        ["roi.break_even", b.break_even, b.break_even],
    ]  # fmt: skip
    params = {"name": c.name, "seed": b.seed, "draws": b.draws, "minutes": round(b.minutes), "hidden": ["raw"]}
    yield Table("roi.table", ["what", "actual", "raw"], rows, params, index)
    if b.lacking:
        yield Warned(
            f"roi.lacking_{b.lacking}", {"name": c.name, "n": b.people, "paying": b.paying, "least": returns.FEW}
        )
    if b.unpriced and b.roi is not None:
        yield Warned("roi.unpriced", {"n": b.unpriced})
    if b.minutes and not hourly:
        yield Warned("roi.minutes_free", {"minutes": round(b.minutes)})
    yield from _credited(project, c, given, attribution, by, index)
    yield Done("roi.intangible")
    kept_back = trials.with_holdout(project, c.id)
    if kept_back:
        yield from surplus(project, kept_back[0], now=now, cost=b.spent + b.labour, index=index)
    else:
        yield Done("roi.no_holdout")


def _credited(project: Project, c: Campaign, given: Inputs, model: str, by: str, index: int) -> Iterator[Event]:
    if model not in returns.MODELS:
        raise UsageError("roi.bad_model", value=model, known=[f"attribution.{one}" for one in returns.MODELS])
    if by not in ("step", "channel", "variant"):
        raise UsageError("roi.bad_by", value=by, known="step, channel, variant")
    if not given.acts or not any(x.kind in kpi.WON for x in given.came):
        return
    names = {v.id: v.name for v in campaigns.variants(project)}
    key = {a.id: {"step": f"step.{a.step}", "channel": a.channel or "roi.unknown",
                  "variant": names.get(a.variant or 0, "roi.unknown")}[by] for a in given.acts}  # fmt: skip
    found = returns.credit(given, model, key)
    rows = [
        ["roi.untouched" if x.group == "none" else x.group, x.touches, round(x.wins, 2), round(x.money, 2)]
        for x in found
    ]
    params = {"what": f"attribution.{model}", "name": c.name}
    yield Table("roi.credit", [by, "touch_count", "credited", "credited_money"], rows, params, index)


def compare(project: Project, one: str, two: str, *, now: int, index: int = 0) -> Iterator[Event]:
    """Two campaigns side by side; shares with the interval of their difference. Not a test: their people differ."""
    first, second = campaigns.by_name(project, one), campaigns.by_name(project, two)
    a, b = _given(project, first, now), _given(project, second, now)
    rows = []
    for name in kpi.MEASURES:
        x, y = kpi.number(a, name), kpi.number(b, name)
        if x.value is None and y.value is None:
            continue
        gap = None
        if x.unit == "share" and None not in (x.top, x.bottom, y.top, y.bottom) and name != "roi":
            gap = returns.gap(name, int(x.top or 0), int(x.bottom or 0), int(y.top or 0), int(y.bottom or 0))
        told = (
            None
            if gap is None
            else "compare_word.open"
            if gap.open
            else "compare_word.more"
            if gap.gap > 0
            else "compare_word.less"
        )
        rows.append([f"kpi.{name}", kpi.shown(name, x.value), kpi.shown(name, y.value),
                     _range(gap.low, gap.high) if gap else None, told, x.value, y.value])  # fmt: skip
    columns = ["measure", "first_one", "second_one", "gap_range", "verdict", "first_raw", "second_raw"]
    yield Table("campaign.compared", columns, rows, {
        "first": first.name, "second": second.name, "hidden": ["first_raw", "second_raw"]}, index)  # fmt: skip
    yield Done("campaign.compare_note")


def scenarios(project: Project, plans: list[tuple[str, str, str, str]], *, now: int, index: int = 0) -> Iterator[Event]:
    """M19: plans side by side before they are begun. Each: (name, touches, cost, value of a win in CNY). The rate is
    that of all outreach so far, with its interval.
    """
    given = campaign_rows.inputs(project, None, now=now)
    n, won = len(given.touched), len(given.people(kpi.WON))
    if n < _FEW:
        raise BadInput("scenario.few", n=n, least=_FEW)
    rows = []
    for name, touches, cost, each in plans:
        s = returns.scenario(int(campaigns.number(touches)), campaigns.number(cost), campaigns.number(each), won, n)
        rows.append([name, s.touches, yuan(s.cost), f"{s.wins:.1f}", f"{s.wins_low:.1f}–{s.wins_high:.1f}",
                     yuan(round(s.profit, 2)),
                     f"{yuan(round(s.profit_low, 2))}–{yuan(round(s.profit_high, 2))}"])  # fmt: skip
    columns = ["plan", "touch_count", "plan_cost", "wins_expected", "range", "profit", "profit_range"]
    yield Table("scenario.table", columns, rows, {"won": won, "n": n, "share": percent(won / n)}, index)


def before_after(
    project: Project, name: str | None = None, *, today: date, control: str | None = None, seed: int = returns.SEED,
    index: int = 0,
) -> Iterator[Event]:  # fmt: skip
    """Acts towards our own accounts a day, before and since the campaign began; with another account as a control."""
    c = chosen(project, name)
    own = own_accounts(project)
    if not own:
        raise BadInput("before_after.no_own")
    span = campaign_rows.spell(c, today)
    if span is None:
        raise BadInput("before_after.no_since", name=c.name)
    other = [one_account(project, control).id] if control else []
    found = campaign_rows.change(project, own, span, control=other, seed=seed)
    if found is None:
        raise BadInput("before_after.few", n=(span[3] - span[2]).days + 1, least=returns.LEAST_DAYS)
    rows = [["before_after.own", round(found.before, 2), round(found.after, 2), round(found.after - found.before, 2)]]
    if found.control_before is not None and found.control_after is not None:
        rows.append([control, round(found.control_before, 2), round(found.control_after, 2),
                     round(found.control_after - found.control_before, 2)])  # fmt: skip
    yield Table("before_after.table", ["what", "before_mean", "after_mean", "delta"], rows, {
        "name": c.name, "since": span[2].isoformat(), "until": span[3].isoformat(), "days": found.days_before,
        "earlier": span[0].isoformat(), "seed": seed}, index)  # fmt: skip
    yield Done(*found.told)
    if not other:
        yield Warned("before_after.no_control")
    if found.unusual_before:
        yield Warned("before_after.unusual")
    occasions = _occasions(span[2], span[3])
    if occasions:
        yield Warned("before_after.season", {"names": occasions})


def _occasions(since: date, until: date) -> list[str]:
    from xunke.outreach.days import occasions

    return [f"day.{o.name}" for o in occasions(since, until) if o.kind in ("sale", "festival") and o.lead >= 5][:6]


def slots(project: Project, name: str | None = None, *, now: int, index: int = 0) -> Iterator[Event]:
    """O45: which words at which part of the day got good reactions, and what to try next."""
    c = chosen(project, name)
    given = _given(project, c, now)
    cells = funnel.by_slot(given, campaign_rows.hours(given))
    if not cells:
        yield Done("kpi.none", {"name": c.name})
        return
    names = {v.id: v.name for v in campaigns.variants(project)}
    rows = [
        [names.get(x.variant or 0, "roi.unknown"), f"part_of_day.{x.slot}", x.n, x.hits, x.hits / x.n,
         _range(x.low, x.high), x.low, x.high]
        for x in cells
    ]  # fmt: skip
    columns = ["variant", "slot_of_day", "people", "hits", "hit_rate", "range", "low", "high"]
    yield Table("slots.table", columns, rows, {"name": c.name, "hidden": ["low", "high"]}, index)
    best = max(cells, key=lambda x: (x.low, x.n))
    rest = [x for x in cells if x is not best]
    if rest and best.low > max(x.high for x in rest):
        yield Done(
            "slots.best",
            {
                "variant": names.get(best.variant or 0, "—"),
                "slot_key": f"part_of_day.{best.slot}",
                "what": f"part_of_day.{best.slot}",
            },
        )
    else:
        unsure = max(cells, key=lambda x: (x.high - x.low, -x.n))
        yield Done(
            "slots.next",
            {"variant": names.get(unsure.variant or 0, "—"), "what": f"part_of_day.{unsure.slot}", "n": unsure.n},
        )


# -- the case (M23) -------------------------------------------------------------------------------------------------


def case_text(project: Project, name: str | None, *, now: int, lang: str = "zh") -> str:
    """背景-策略-实施-效果-启示 as Markdown: from the brief, the rows and the lessons. Statistics only, no people."""
    from xunke.i18n import Catalogue
    from xunke.present import table_cell, table_head

    cat, c = Catalogue(lang), chosen(project, name)
    given = _given(project, c, now)
    form = [f for f in brief.form(project, c) if f.value is not None]
    filled = {f.field.name: worded(f, form) for f in form}

    def section(key: str, names: tuple[str, ...]) -> list[str]:
        lines = [f"- {cat.t(f'brief.{n}')}: {table_cell(filled[n], cat)}" for n in names if n in filled]
        return [f"## {cat.t(key)}", "", *(lines or [cat.t("case.nothing")]), ""]

    out = [f"# {c.name}", ""]
    out += section(
        "case.background",
        ("goal", "kpi", "target", "baseline", "since", "until", "lists", "segments", "evidence", "rivals"),
    )
    out += section(
        "case.strategy", ("strategy", "gain", "cost", "relevant", "unique", "credible", "statement", "claims")
    )
    out += section(
        "case.doing", ("product", "price", "place", "promotion", "channels", "offer", "content", "disclosure")
    )
    mix = content.mix(content.items(project, campaign=c.id))
    out += [
        f"- {cat.t('case.planned', n=mix.n)}",
        f"- {cat.t('case.touched', n=len(given.touched), touches=len(given.acts))}",
        "",
    ]
    out += [
        f"## {cat.t('case.result')}",
        "",
        "| " + " | ".join(table_head(name, cat) for name in ("measure", "actual", "counted", "range")) + " |",
        "|---|---|---|---|",
    ]
    for n in kpi.tree(given):
        if n.value is not None:
            cells = [cat.t(f"kpi.{n.name}"), kpi.shown(n.name, n.value), _of(n), _range(n.low, n.high, n.name)]
            out.append("| " + " | ".join(table_cell(x, cat) for x in cells) + " |")
    out += ["", *section("case.lessons", ("lessons",))]
    return "\n".join(out).rstrip() + "\n"
