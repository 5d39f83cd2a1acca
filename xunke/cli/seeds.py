"""seeds: the people who together reach most within a budget, beside plain top lists, and what the past says of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from xunke import actions
from xunke.errors import BadInput, UsageError
from xunke.outreach import lists, reach
from xunke.storage import rows

from .who import understand
from .window import kinds_of, topic_people, window_of

if TYPE_CHECKING:
    from graph.seedtest import Mark, Verdict, Way

    from .main import Context

_TOLD: Final[tuple[Way, ...]] = ("cover", "coupled", "spread", "price", "pagerank", "followers", "past")
"""Ways of picking, as the back-test tells them."""
_LEAST_GAIN: Final = 0.005
"""A difference below half a per cent is told as none."""


def seeds(context: Context) -> int:
    """``xunke seeds``: pick, show, compare with the plain lists, tell what back-testing shows."""
    args, out = context.args, context.out
    ask = _ask(context)
    watch, tell = out.watch("graph"), out.watch("seeds")
    if args.backtest:
        _show_verdict(
            context, reach.back_test(context.project, ask, watch=watch, tell=tell), int(args.budget), rows=True
        )
        return 0

    def read(ids: list[int]) -> None:
        asyncio.run(understand(context, ids))

    found = reach.find(context.project, ask, read=read, watch=watch, tell=tell)
    if not found.seeds:
        out.say(out.cat.t("seeds.none"))
        return 0
    _tell(context, ask, found)
    if args.compare:
        _show_lists(context, found)
        return 0
    _show_seeds(context, ask, found)
    if not out.json:
        _show_lists(context, found)
        if found.verdict is not None:
            _show_verdict(context, found.verdict, len(found.seeds) if ask.cost is None else ask.budget)
        else:
            out.say(out.cat.t("seeds.test_later"))
    return 0


def _ask(context: Context) -> reach.Ask:
    args, project = context.args, context.project
    since, until = window_of(context)
    if not math.isfinite(args.budget) or args.budget <= 0:
        raise UsageError("seeds.bad_budget", budget=args.budget)
    if args.cost is None and args.budget != int(args.budget):
        raise UsageError("seeds.whole_budget", budget=args.budget)
    if args.per_community is not None and args.per_community < 1:
        raise UsageError("cli.bad_limit", limit=args.per_community)
    if not 0.01 <= args.epsilon < 0.6:
        raise UsageError("seeds.bad_epsilon", epsilon=args.epsilon)
    among: Collection[int] | None = None if args.among is None else _people(context, args.among)
    if args.topic:
        about = topic_people(context, args.topic)
        among = sorted(about if among is None else about & set(among))
    return reach.Ask(
        budget=args.budget, until=until, since=since, kinds=kinds_of(args.kinds), by=args.by,
        cost=None if args.cost is None else reach.prices(project, args.cost), among=among,
        audience=None if args.audience is None else _people(context, args.audience),
        without=actions.own_accounts(project), quota=reach.quotas(args.quota), each=args.per_community,
        epsilon=args.epsilon,
    )  # fmt: skip


def _people(context: Context, name: str) -> list[int]:
    """The accounts of a result (its number) or of a saved list. Raises BadInput."""
    project = context.project
    if name.isascii() and name.isdigit():
        target = project.query("select target from result where id = ?", (int(name),))
        if not target or target[0][0] != "people":
            raise BadInput("seeds.no_result", number=name)
        return [row[0] for row in project.query("select item from score where result = ? order by rank", (int(name),))]
    entry = lists.by_name(project, name, context.now)
    if entry.target != "people":
        raise BadInput("seeds.no_people", name=name)
    return [row[0] for row in project.query("select item from list_member where list = ? order by rank", (entry.id,))]


def _tell(context: Context, ask: reach.Ask, found: reach.Found) -> None:
    """What the numbers rest on."""
    say, t, level, learnt = context.out.say, context.out.cat.t, found.level, found.learnt
    say(t(f"seeds.by.{ask.by}"))
    if ask.by == "direct":
        say(t("seeds.coupled" if found.coupled else "seeds.apart"))
    if level is not None and level.error is not None:
        hours, error = level.horizon / 3600, math.expm1(level.error)
        say(t("seeds.level", hours=hours, windows=level.windows, error=error))
    elif learnt is not None and learnt.held:
        best = next(h for h in learnt.held if h.by == learnt.by)
        others = "，".join(f"{h.by} {h.likelihood:.4f}" for h in learnt.held if h is not best)
        hours, mark = learnt.horizon / 3600, best.likelihood
        say(t("seeds.learnt", by=best.by, hours=hours, windows=learnt.windows, mark=mark, others=others))
    else:
        say(t("seeds.unlearnt"))
    say(t("seeds.worlds", worlds=found.worlds, people=found.people, edges=found.edges))
    if found.plan is not None:
        plan, limited = found.plan, ask.cost is not None or bool(ask.quota) or ask.each is not None
        key = (
            "seeds.imm"
            if plan.complete and not limited
            else "seeds.imm_limited"
            if plan.complete
            else "seeds.imm_short"
        )
        say(t(key, sets=len(plan.sets), wanted=plan.wanted, share=max(0.0, 1 - 1 / math.e - plan.epsilon)))
    if found.unpriced:
        say(t("seeds.unpriced", n=found.unpriced))
    if found.barred:
        say(t("rank.barred", n=found.barred))
    if ask.cost is None and len(found.seeds) < ask.budget:
        say(t("seeds.fewer", n=len(found.seeds), budget=int(ask.budget)))


def _show_seeds(context: Context, ask: reach.Ask, found: reach.Found) -> None:
    out = context.out
    people = {row.id: row for row in rows.people(context.project, [s.account for s in found.seeds])}
    table = []
    for place, one in enumerate(found.seeds, 1):
        row = people[one.account]
        cells: dict[str, Any] = {
            "rank": place, "platform": row.platform, "id": row.native_id, "name": row.name,
            "marginal": one.marginal, "low": one.low, "high": one.high, "alone": one.alone, "overlap": one.overlap,
            "influence": one.influence, "actors": one.actors,
        }  # fmt: skip
        if one.community is not None:
            cells["community"] = one.community
        if one.cost is not None:
            cells["cost"] = one.cost
        if not out.json:
            cells |= {
                "interval": f"{one.low:,.1f}–{one.high:,.1f}", "overlap": f"{one.overlap:.0%}",
                "marginal": f"{one.marginal:,.1f}", "alone": f"{one.alone:,.1f}",
            }  # fmt: skip
        table.append(cells)
    shown = ["rank", "platform", "id", "name", "marginal", "interval", "alone", "overlap", "influence", "actors"]
    shown += [name for name in ("community", "cost") if name in table[0]]
    out.rows(shown, table)


def _show_lists(context: Context, found: reach.Found) -> None:
    out, t = context.out, context.out.cat.t
    table = []
    for one in found.lists:
        cells: dict[str, Any] = {
            "way": one.way, "size": one.size, "reach": one.reach, "low": one.low, "high": one.high,
            "observed": one.observed, "spent": one.spent,
        }  # fmt: skip
        if not out.json:
            cells |= {
                "way": t(f"seeds.way.{one.way}"), "simulated": f"{one.reach:,.1f}",
                "interval": f"{one.low:,.1f}–{one.high:,.1f}",
            }  # fmt: skip
        table.append(cells)
    if not out.json:
        out.data("")
        out.data(t("seeds.lists"))
    out.rows(("way", "size", "simulated", "interval", "observed", "spent"), table)


def _show_verdict(context: Context, verdict: Verdict, size: float, *, rows: bool = False) -> None:
    """The back-test in words, or as rows and words; as JSON the words go with the talk."""
    out, t = context.out, context.out.cat.t
    say: Callable[[str], None] = out.say if out.json else out.data
    if not verdict.marks:
        say(t("seeds.test_little", windows=len(verdict.windows)))
        return
    if rows:
        table = []
        for m in verdict.marks:
            cells: dict[str, Any] = {
                "way": m.way, "size": m.size, "reached": m.reached, "gain": m.gain, "low": m.low, "high": m.high,
                "wins": m.wins, "windows": len(verdict.windows),
            }  # fmt: skip
            if not out.json:
                cells |= {
                    "way": t(f"seeds.way.{m.way}"), "size": f"{m.size:,g}", "reached": f"{m.reached:,.0f}",
                    "gain": f"{m.gain:+.1%}", "interval": f"{m.low:+.1%}–{m.high:+.1%}",
                }  # fmt: skip
            table.append(cells)
        out.rows(("way", "size", "reached", "gain", "interval", "wins", "windows"), table)
    hours = sum(w.end - w.at for w in verdict.windows) / len(verdict.windows) / 3600
    say(t("seeds.test", windows=len(verdict.windows), hours=hours, people=verdict.people, double=verdict.double))
    money = context.args.cost is not None
    mine = verdict.mark("spread" if context.args.by == "spread" else verdict.better(), size)
    for way in _TOLD:
        if (mark := verdict.mark(way, size)) is not None:
            say(t(
                "seeds.test_way", way=t(f"seeds.way.{way}"), size=_size(context, mark, money), reached=mark.reached,
                gain=mark.gain, low=mark.low, high=mark.high, wins=mark.wins, windows=len(verdict.windows),
            ))  # fmt: skip
    if mine is not None:
        better = "more" if mine.low > _LEAST_GAIN else "less" if mine.high < -_LEAST_GAIN else "open"
        say(t(f"seeds.test_{better}", size=_size(context, mine, money)))
    direct = verdict.mark(verdict.better(), size)
    if mine is not None and direct is not None and mine.way != direct.way and mine.gain < direct.gain:
        say(t("seeds.test_direct", size=_size(context, direct, money), gain=direct.gain))


def _size(context: Context, mark: Mark, money: bool) -> str:
    return context.out.cat.t("seeds.money" if money else "seeds.people", n=mark.size)


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"seeds": seeds}
