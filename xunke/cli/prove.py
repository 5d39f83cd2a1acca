"""``xunke backtest``: which way of ranking the project's own past proves right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import moment
from xunke.errors import UsageError
from xunke.outreach import backtest, scoring
from xunke.present import duration

from .window import kinds_of, topic_people, window_of

if TYPE_CHECKING:
    from graph.backtest import Estimate, Standing, Verdict, Window
    from xunke.i18n import Catalogue

    from .main import Context

_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([hdw])")
_SECONDS: Final = {"h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_SHOWN: Final = ("cap", "ndcg", "reach", "spearman", "lift_chance", "lift_followers")


def run(context: Context) -> int:
    """``xunke backtest [--windows N] [--top K] [--by RANKER,…] [--use]``."""
    args, project, out = context.args, context.project, context.out
    since, until = window_of(context)
    if not 3 <= args.windows <= 50:
        raise UsageError("backtest.bad_windows", windows=args.windows)
    if args.top is not None and args.top < 1:
        raise UsageError("cli.bad_limit", limit=args.top)
    verdict, later = backtest.run(
        project, _methods(context), until=until, since=since, kinds=kinds_of(args.kinds),
        among=topic_people(context, args.topic) if args.topic else None,
        windows=args.windows, horizon=_horizon(args.horizon), k=args.top, watch=out.watch("graph"),
        report=out.watch("backtest"),
    )  # fmt: skip
    if args.use:
        backtest.adopt(project, verdict.picked)
    (_tell_json if out.json else _tell)(context, verdict, later)
    return 0


def _methods(context: Context) -> list[Any]:
    from graph.methods import TRIED

    return backtest.methods_of(context.args.by.split(",") if context.args.by else TRIED)


def _horizon(text: str | None) -> float | None:
    if text is None:
        return None
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or float(found[1]) <= 0:
        raise UsageError("backtest.bad_horizon", horizon=text)
    return float(found[1]) * _SECONDS[found[2]]


def _tell_json(context: Context, verdict: Verdict, later: bool) -> None:
    windows = [
        {"cut": w.cut, "end": w.end, "candidates": w.candidates, "answered": w.answered, "answers": w.answers,
         "best": w.best}
        for w in verdict.windows
    ]  # fmt: skip
    for standing in verdict.standings:
        context.out.object({
            "ranker": standing.method.spec, "k": verdict.k, "picked": standing.method == verdict.picked,
            "surely": verdict.surely, "followers_of_today": later, "adopted": scoring.ranker_of(context.project),
            **{name: _pair(standing.measures[name]) for name in _SHOWN},
            "ahead": _pair(standing.ahead), "caps": standing.caps, "ndcgs": standing.ndcgs, "windows": windows,
        })  # fmt: skip


def _pair(estimate: Estimate) -> dict[str, float | None]:
    return {"mean": estimate.mean, "low": estimate.low, "high": estimate.high}


def _tell(context: Context, verdict: Verdict, later: bool) -> None:
    out, cat = context.out, context.out.cat
    out.say(cat.t("backtest.head", windows=len(verdict.windows), k=verdict.k))
    for number, window in enumerate(verdict.windows, 1):
        out.say(cat.t("backtest.window", number=number, **_window(window, cat)))
    table = [
        {
            "ranker": ("* " if s.method == verdict.picked else "  ") + s.method.spec,
            **{name: _range(s.measures[name], cat) for name in ("cap", "ndcg")},
            **{name: s.measures[name].mean for name in ("spearman", "lift_chance", "lift_followers")},
            "covered": s.measures["reach"].mean,
        }
        for s in verdict.standings
    ]  # fmt: skip
    out.rows(("ranker", "cap", "ndcg", "covered", "spearman", "lift_chance", "lift_followers"), table)
    out.say(cat.t("backtest.legend"))
    if later:
        out.say(cat.t("backtest.followers_of_today"))
    for line in verdict_lines(verdict, cat):
        out.say(line)
    adopted = scoring.ranker_of(context.project)
    if context.args.use:
        out.say(cat.t("backtest.adopted", ranker=adopted))
    elif verdict.picked.spec != adopted:
        out.say(cat.t("backtest.hint"))


def _window(window: Window, cat: Catalogue) -> dict[str, object]:
    length = duration(float(window.end - window.cut), cat)
    return {
        "cut": f"{moment(window.cut):%Y-%m-%d %H:%M}", "length": length, "candidates": window.candidates,
        "answered": window.answered, "answers": window.answers, "best": window.best,
    }  # fmt: skip


def _range(estimate: Estimate, cat: Catalogue) -> str | None:
    if estimate.mean is None or estimate.low is None or estimate.high is None:
        return None
    return cat.t("backtest.range", mean=estimate.mean, low=estimate.low, high=estimate.high)


def verdict_lines(verdict: Verdict, cat: Catalogue) -> list[str]:
    """What was picked and why, and how it stands beside PageRank, followers and chance."""
    best, picked = verdict.standings[0], verdict.of(verdict.picked)
    able = [s for s in verdict.standings if s.method != verdict.picked and s.value > picked.value]
    key = "backtest.picked" if not able else "backtest.picked_default"
    lines = [cat.t(key, ranker=picked.method.spec, best=best.method.spec, windows=len(verdict.windows))]
    for name in ("pagerank-classic", "pagerank", "followers", "chance"):
        other = next((s for s in verdict.standings if s.method.name == name), None)
        if other is not None and other.method != picked.method and (line := _beside(picked, other, cat)) is not None:
            lines.append(line)
    return lines


def _beside(picked: Standing, other: Standing, cat: Catalogue) -> str | None:
    mine, theirs = picked.measures["cap"].mean, other.measures["cap"].mean
    if mine is None or not theirs:
        return None
    won = sum(a > b for a, b in zip(picked.caps, other.caps, strict=True) if a is not None and b is not None)
    return cat.t(
        "backtest.beside", other=other.method.spec, times=mine / theirs, won=won, windows=len(picked.caps)
    )  # fmt: skip


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"backtest": run}
