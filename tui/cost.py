"""What a plan will cost, said before it runs: network or not, requests and minutes, files, changes."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

from xunke.i18n import Catalogue
from xunke.plan import Plan, Step
from xunke.storage import Project

_PAGE: Final = 40
"""Posts a page of the public interfaces that are read (Mastodon's largest)."""
_RATE: Final = 1.0
"""Requests a second that we allow ourselves."""
_LOSES: Final = frozenset({"erase", "suppress", "undo", "jobs"})
"""Actions that may delete, stop or take back something."""
_CHANGES: Final = frozenset({"suppress", "erase", "undo", "connect", "schedule", "import"})


def cost_lines(plan: Plan, project: Project, cat: Catalogue, today: date) -> list[str]:
    """One line for reading, one each for files and for changes to the project, and what would be lost, in numbers."""
    lines = [_reading(plan, project, cat)]
    actions = [step.action for step in plan.steps]
    if files := actions.count("export"):
        lines.append(cat.t("tui.cost.files", count=files))
    if any(action in _CHANGES for action in actions):
        lines.append(cat.t("tui.cost.changes"))
    if any(action in _LOSES for action in actions):
        from xunke.actions import preview_lines

        lines += preview_lines(project, plan, today, cat)
    return lines


def _reading(plan: Plan, project: Project, cat: Catalogue) -> str:
    fetches = [step for step in plan.steps if step.action == "collect"]
    if not fetches:
        return cat.t("tui.cost.local")
    sources = [_sources(step, project) for step in fetches]
    if not sum(sources):
        return cat.t("tui.cost.not_connected")
    if any(step.limit is None for step in fetches):
        return cat.t("tui.cost.open")
    requests = sum(n * math.ceil((step.limit or 0) / _PAGE) for n, step in zip(sources, fetches, strict=True))
    return cat.t("tui.cost.network", requests=f"{requests:,}", minutes=f"{max(1, math.ceil(requests / _RATE / 60)):,}")


def _sources(step: Step, project: Project) -> int:
    """How many (place, word) pairs the step reads: places that can be read now, words that it looks for."""
    from xunke.actions import readable

    return len(readable(project, step)[0])
