"""What the screen of the day shows and does: the ladder's own actions, read and written in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from xunke.actions import ladder
from xunke.errors import BadInput
from xunke.events import Event, Table
from xunke.outreach import daily, limits, touches
from xunke.storage import Project, rows
from xunke.storage.rows import PersonRow, PostRow

Said = tuple[str, dict[str, Any]]
"""A message key and its parameters."""
SILENT: Final = frozenset({"follow", "note"})
"""Steps that need no words."""
CAME: Final = ("reply", "follow_back", "like", "positive", "bought", "none", "resolved", "complaint", "opt_out")
"""What may have come of a touch, in the order of the menu."""
_COMMANDS: Final = frozenset({"queue.next", "queue.nobody"})
"""Sentences that name commands, where the screen has keys."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the queue; the fields as of ``daily.Item``."""

    n: int
    account: int
    name: str
    step: str
    why: Said
    rank: int
    minutes: float
    best: str | None
    post: int | None
    url: str | None
    ready: bool
    expires: int | None
    note: int | None
    advice: tuple[str, ...]

    @property
    def id(self) -> int:
        """One number for each line: somebody may stand here with a note and with a step."""
        return self.account * 2 + (self.note is not None)


@dataclass(frozen=True, slots=True)
class Seen:
    """The queue, what is to be said of it, and (step, times taken in 24 hours, cap) of the steps in use."""

    lines: tuple[Line, ...] = ()
    told: tuple[Event, ...] = ()
    caps: tuple[tuple[str, int, int], ...] = ()

    @property
    def minutes(self) -> float:
        """What all of it takes."""
        return sum(one.minutes for one in self.lines)


@dataclass(frozen=True, slots=True)
class Detail:
    """All about a line: who, their post, the draft with what the check found, whether it may be used as it is."""

    person: PersonRow | None = None
    post: PostRow | None = None
    draft: str | None = None
    findings: tuple[tuple[str, Said], ...] = field(default_factory=tuple)
    verdict: Event | None = None

    @property
    def link(self) -> str | None:
        """Where it is done: at the post, else on their page."""
        return (self.post.url if self.post else None) or (self.person.url if self.person else None)


def read(project: Project, now: int) -> Seen:
    """The queue at ``now`` (UTC seconds)."""
    events = ladder.today(project, now=now)
    lines = tuple(_line(item) for event in events if isinstance(event, Table) for item in event.params.get("items", ()))
    told = tuple(e for e in events if not isinstance(e, Table) and getattr(e, "code", "") not in _COMMANDS)
    return Seen(lines, told, _caps(project, now, {one.step for one in lines}))


def _line(item: dict[str, Any]) -> Line:
    why = dict(item["why"])
    return Line(
        item["n"], item["account"], item["name"] or "?", item["step"], (why.pop("key"), why), item["rank"],
        item["minutes"], item["best_time"], item["post"], item["url"], item["ready"], item["expires"], item["note"],
        tuple(item["advice"]),
    )  # fmt: skip


def _caps(project: Project, now: int, steps: set[str]) -> tuple[tuple[str, int, int], ...]:
    most: dict[str, int] = {}
    for (step, _), times in daily.taken(project, now).items():
        most[step] = max(most.get(step, 0), times)
    caps = limits.limits_of(project)
    return tuple(
        (step, most.get(step, 0), int(caps[f"{step}_day"])) for step in touches.STEPS if step in steps or step in most
    )


def detail(project: Project, line: Line, now: int, turn: int = 0) -> Detail:
    """All about a line; ``turn``: which wording."""
    person = next(iter(rows.people(project, [line.account])), None)
    post = next(iter(rows.posts(project, [line.post])), None) if line.post is not None else None
    if line.step in SILENT or post is None or person is None:
        return Detail(person, post)
    draft: str | None = None
    findings: list[tuple[str, Said]] = []
    verdict: Event | None = None
    who = f"{person.platform}:{person.native_id}"
    for event in ladder.draft(project, who, now=now, post=line.post, step=line.step, turn=turn):
        if not isinstance(event, Table):
            verdict = event
        elif event.title == "draft.title":
            draft = str(event.params["items"][0]["text"])
        else:
            for item in event.params["items"]:
                params = dict(item)
                findings.append((params.pop("level"), (params.pop("key"), params)))
    return Detail(person, post, draft, tuple(findings), verdict)


# -- acts ------------------------------------------------------------------------------------------------------------


def _number(project: Project, line: Line) -> str:
    """The line's number in the queue that was shown last, by whomever. Raises BadInput if it is not there any more."""
    for one in daily.kept(project):
        if (one.account, one.step, one.note) == (line.account, line.step, line.note):
            return str(one.n)
    raise BadInput("tui.day.gone", name=line.name)


def done(line: Line, now: int, text: str | None) -> Callable[[Project], list[Event]]:
    """The step was taken; ``text``: the words that were used."""
    return lambda project: ladder.done(project, _number(project, line), now=now, text=text)


def skip(line: Line, now: int) -> Callable[[Project], list[Event]]:
    """Not this one."""
    return lambda project: ladder.skip(project, _number(project, line), now=now)


def later(line: Line, now: int) -> Callable[[Project], list[Event]]:
    """In three days."""
    return lambda project: ladder.later(project, _number(project, line), now=now)


def came(who: str, kind: str, now: int, value: float | None = None) -> Callable[[Project], list[Event]]:
    """What they did; ``who`` as platform:id."""
    return lambda project: ladder.outcome(project, who, kind, now=now, value=value)


def note(who: str, body: str, now: int) -> Callable[[Project], list[Event]]:
    """A note on somebody."""
    from xunke.actions import ladder_words

    return lambda project: ladder_words.note(project, body, now=now, who=who)
