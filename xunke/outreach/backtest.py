"""The back-test of a project: which ranker would have found, in its own past, the people who were answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from xunke.errors import BadInput, UsageError
from xunke.storage import Project

from .network import Watch, load_events

if TYPE_CHECKING:
    from graph.backtest import Verdict
    from graph.build import Floats, Ints
    from graph.methods import Method


def methods_of(specs: Iterable[str]) -> list[Method]:
    """Rankers by their names. Raises UsageError("backtest.unknown_ranker")."""
    from graph.methods import NAMES, method

    found = []
    for spec in specs:
        try:
            found.append(method(spec.strip()))
        except ValueError:
            raise UsageError("backtest.unknown_ranker", ranker=spec, known=", ".join(NAMES)) from None
    return list(dict.fromkeys(found))


def run(
    project: Project,
    methods: Sequence[Method],
    *,
    until: int,
    since: int | None = None,
    kinds: Iterable[str] | None = None,
    among: Collection[int] | None = None,
    windows: int = 5,
    horizon: float | None = None,
    k: int | None = None,
    watch: Watch | None = None,
    report: Watch | None = None,
) -> tuple[Verdict, bool]:
    """The verdict, and whether follower counts were taken from today because none were stored then.

    ``methods``: the first is the default that others must surely beat. ``among``: only these accounts are candidates.
    ``watch`` is told how far the reading is, ``report`` how far the trying; both may raise to stop. Other arguments:
    ``graph.backtest.backtest``. Raises BadInput("backtest.too_little") where nothing can be said.
    """
    import numpy as np

    from graph.backtest import TooLittle, backtest
    from graph.index import EventIndex

    index = EventIndex.of(load_events(project, since=since, until=until, kinds=kinds, watch=watch))
    flags = None if among is None else np.isin(index.nodes, np.array(sorted(among), dtype=np.int64))
    fans = _Followers(project, index.nodes) if any(m.name == "followers" for m in methods) else None
    try:
        verdict = backtest(
            index, methods, until=until, windows=windows, horizon=horizon, k=k, among=flags,
            followers=fans.at if fans is not None else None, report=report,
        )  # fmt: skip
    except TooLittle as error:
        raise BadInput(
            "backtest.too_little", windows=error.windows, tried=error.tried, answers=error.answers, events=len(index)
        ) from None
    return verdict, fans is not None and fans.anachronism


def adopt(project: Project, method: Method) -> None:
    """Let ``method`` be the influence of this project from now on; the default takes the choice back."""
    project.set_meta("ranker", "" if method.spec == "influence" else method.spec)
    project.audit("ranker", ranker=method.spec)


class _Followers:
    """Followers of accounts as they were known at a time; where nothing was stored then, as they are known now."""

    def __init__(self, project: Project, nodes: Ints) -> None:
        import numpy as np

        self.nodes, self.anachronism = nodes, False
        self._now = self._table(project.query("select id, 0, followers from account where followers is not null"))
        kept = project.query(
            "select account, t, followers from follower_snapshot where followers is not null order by account, t"
        )
        self._then = self._table(kept)
        self._empty = np.full(len(nodes), np.nan)

    @staticmethod
    def _table(rows: Iterable[Sequence[int]]) -> Any:
        import numpy as np

        return np.array(list(rows), dtype=np.int64).reshape(-1, 3)

    def at(self, cut: int) -> Floats | None:
        """One number a node, NaN where it is not known; None if nobody's is."""
        then = self._then[self._then[:, 1] <= cut]
        if not len(then):
            if not len(self._now):
                return None
            then, self.anachronism = self._now, True
        out = self._empty.copy()
        import numpy as np

        place = np.minimum(np.searchsorted(self.nodes, then[:, 0]), max(0, len(self.nodes) - 1))
        known = self.nodes[place] == then[:, 0] if len(self.nodes) else np.zeros(len(then), dtype=bool)
        out[place[known]] = then[known, 2]  # rows stand by time, so that the newest one stays
        return out
