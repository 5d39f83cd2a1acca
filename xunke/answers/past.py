"""怎么证明你的排名准: the back-test of the project, in sentences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from xunke.clock import end_of, moment
from xunke.events import Answer, Event, Progress, Sentence, Table
from xunke.outreach import backtest as model
from xunke.plan import Step

from .common import sentence

if TYPE_CHECKING:
    from graph.backtest import Standing, Verdict
    from xunke.engine import Engine, Session


async def backtest(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Which way of ranking the project's own past proves right, as ``xunke backtest`` with nothing said."""
    from graph.methods import TRIED

    yield Progress("backtest", 0)
    verdict, later = await asyncio.to_thread(
        model.run, engine.project, model.methods_of(TRIED), until=end_of(engine.today)
    )
    rows = [
        [s.method.spec, *(_mean(s, name) for name in ("cap", "ndcg", "reach", "lift_chance", "lift_followers"))]
        for s in verdict.standings
    ]
    columns = ["ranker", "cap", "ndcg", "covered", "lift_chance", "lift_followers"]
    yield Table("answer.backtest.title", columns, rows, {"windows": len(verdict.windows), "k": verdict.k}, index)
    yield Answer("backtest", _said(verdict, later), index)


def _mean(standing: Standing, name: str) -> float | None:
    mean = standing.measures[name].mean
    return None if mean is None else round(mean, 4)


def _said(verdict: Verdict, later: bool) -> list[Sentence]:
    picked = verdict.of(verdict.picked)
    cap, chance, fans = (picked.measures[name] for name in ("cap", "lift_chance", "lift_followers"))
    first, last = verdict.windows[0], verdict.windows[-1]
    said = [
        sentence("answer.backtest.how", windows=len(verdict.windows), k=verdict.k,
                 first=f"{moment(first.cut):%Y-%m-%d}", last=f"{moment(last.end):%Y-%m-%d}",
                 answers=sum(w.answers for w in verdict.windows)),
        sentence("answer.backtest.caught", ranker=picked.method.spec, cap=cap.mean or 0.0, low=cap.low or 0.0,
                 high=cap.high or 0.0, k=verdict.k),
    ]  # fmt: skip
    if chance.mean is not None:
        said.append(_times("answer.backtest.chance", chance))
    if fans.mean is not None:
        said.append(_times("answer.backtest.followers", fans))
        if later:
            said.append(sentence("backtest.followers_of_today"))
    best = verdict.standings[0]
    if best.method != verdict.picked:
        said.append(sentence("answer.backtest.default", best=best.method.spec, ranker=picked.method.spec))
    return [*said, sentence("answer.backtest.more")]


def _times(key: str, estimate: Any) -> Sentence:
    """``sure`` where the interval does not hold 1."""
    sure = estimate.low is not None and (estimate.low > 1 or estimate.high < 1)
    return sentence(key if sure else key + "_open", times=estimate.mean, low=estimate.low or 0.0,
                    high=estimate.high or 0.0)  # fmt: skip
