"""What the steps of a plan do, beside finding: one module for each area, one table of who does what.

An action is added by writing a handler (``common.Handler``) and naming it in ``HANDLERS``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Final

from xunke.errors import UsageError
from xunke.events import Event
from xunke.plan import Action, Step
from xunke.storage.persons import own_accounts

from .ab_test import ab_test
from .common import Handler, last_result, one_account, own_followers, who_is
from .compare import compare
from .consent import change, erase, suppress
from .gather import DEFAULT_LIMIT, bring, collect, connect, forget_place, readable, remember
from .guide import show_help
from .history import dealings, followers, history
from .job_tables import details, gaps_table, jobs_table, known, shown
from .keep import default_folder, export, make_list, save
from .preview import preview_lines, previews
from .schedules import repeated, run_due, schedule
from .segment import segment
from .stats import stats
from .tables import TABLES, keep_table
from .undo import undo
from .winning import work
from .work import act_on, change_job, chosen, job_of, jobs, runs_table, schedules_table

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

HANDLERS: Final[Mapping[Action, Handler]] = {
    "export": export, "save": save, "stats": stats, "history": history, "import": bring, "suppress": suppress,
    "erase": erase, "jobs": jobs, "connect": connect, "help": show_help, "compare": compare, "segment": segment,
    "schedule": schedule, "undo": undo, "ab_test": ab_test, "work": work,
}  # fmt: skip
"""Who runs a step; ``find``, ``outreach`` and ``collect`` are the engine's own."""


def run(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The events of one step that neither finds nor collects."""
    handler = HANDLERS.get(step.action)
    if handler is None:
        raise UsageError("action.later", action=step.action)
    return handler(engine, step, index, session)


__all__ = [
    "DEFAULT_LIMIT", "HANDLERS", "TABLES", "act_on", "change", "change_job", "chosen", "collect", "dealings",
    "default_folder", "details", "followers", "forget_place", "gaps_table", "job_of", "jobs", "jobs_table",
    "keep_table", "known", "last_result", "make_list", "one_account", "own_accounts", "own_followers",
    "preview_lines", "previews", "readable", "remember", "repeated", "run", "run_due", "runs_table",
    "schedules_table", "shown", "who_is",
]  # fmt: skip
