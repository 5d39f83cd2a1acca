"""ask, plan, demo: from a sentence to a result."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.actions import preview_lines
from xunke.config import user_path
from xunke.engine import Engine, Options
from xunke.errors import BadInput, NeedsAnswer, PolicyRefused, UsageError
from xunke.events import Answer, Failed, Result, StepStarted
from xunke.i18n import Catalogue
from xunke.outreach.exports import person_cells, post_cells, segments_of
from xunke.outreach.lists import reasons
from xunke.outreach.names import names_of
from xunke.plan import Plan, asks_first, decode, encode
from xunke.present.plans import plan_lines
from xunke.storage import Project, rows

from . import model
from .answering import show_answer

if TYPE_CHECKING:
    from .main import Context

SHOWN: Final = 50
_READ_ONLY: Final = frozenset({"find", "stats", "history", "help", "compare", "segment", "ab_test", "explain"})
_PREVIOUS_FOR: Final = 86_400
_FINDING: Final = frozenset({"find", "collect", "outreach", "segment", "ab_test", "explain"})
"""Actions whose result is shown as rows."""
PEOPLE_COLUMNS: Final = ("rank", "name", "region", "followers", "score", "matched", "actors", "sentiment", "reason")
POST_COLUMNS: Final = ("rank", "author", "time", "text", "likes", "comments", "label")


def previous(project: Project) -> tuple[str, Plan] | None:
    """The newest request that has a result on the screen, if it is less than a day old."""
    found = project.query(
        "select text, plan from run where created > ? and id in (select run from result) "
        "and id not in (select run from schedule_run where run is not null) order by id desc limit 1",
        (int(time.time()) - _PREVIOUS_FOR,),
    )
    return (found[0][0] or "", decode(found[0][1])) if found else None


def is_read_only(plan: Plan) -> bool:
    """Whether a plan only looks at what is stored, or notes what can be taken back: it runs without a question."""
    return all(
        step.action in _READ_ONLY
        or (step.action in ("jobs", "suppress") and step.op == "list")
        or (step.action == "work" and not asks_first(step))
        for step in plan.steps
    )


def ask(context: Context) -> int:
    """``xunke "SENTENCE"``: plan, show, confirm, run."""
    said = " ".join(context.args.sentence)
    text, plan = model.read(
        context, said, context.today, previous(context.project),
        model=not context.args.offline, names=names_of(context.project),
    )  # fmt: skip
    return run_plan(context, plan, text, dry_run=context.args.dry_run, yes=context.args.yes)


def run_plan(context: Context, plan: Plan, text: str, *, dry_run: bool, yes: bool) -> int:
    """Show a plan, ask, run it, show its result."""
    out = context.out
    answered = bool(plan.steps) and all(step.action == "explain" for step in plan.steps)
    if not answered and (plan.outcome != "clarify" or plan.steps or plan.unparsed):  # a bare question is asked once
        out.say(out.cat.t("plan.title"))
        for line in plan_lines(plan, out.cat):
            out.say("  " + line)
        for line in preview_lines(context.project, plan, context.today, out.cat):
            out.say("  " + line)
    if plan.outcome == "refuse":
        raise PolicyRefused("plan.refused", code=plan.refuse[0])
    if plan.outcome == "clarify":
        raise NeedsAnswer(f"clarify.{plan.clarify[0]}")
    if dry_run:
        if out.json:
            out.object(encode(plan))
        out.say(out.cat.t("plan.dry"))
        return 0
    if not yes and not is_read_only(plan):
        if not sys.stdin.isatty():
            raise NeedsAnswer("plan.needs_yes")
        sys.stderr.write(out.cat.t("plan.confirm"))
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("", "y", "yes", "是", "好"):
            out.say(out.cat.t("plan.cancelled"))
            return 0
    return asyncio.run(_run(context, plan, text))


async def _run(context: Context, plan: Plan, text: str) -> int:
    out = context.out
    options = Options(
        lang=out.cat.lang,
        allow_private=getattr(context.args, "allow_private_address", False),
        include_unlisted=getattr(context.args, "include_unlisted", False),
    )
    engine = Engine(context.project, today=context.today, options=options)
    code = 0
    async for event in engine.run(plan, text=text):
        if isinstance(event, Result):
            out.event(event)
            if event.step == _last_result_step(plan):
                show_result(context, event.result, event.target, _subject(plan))
        elif isinstance(event, Answer):
            show_answer(context, event, asked=plan.steps[event.step].action == "explain")
        elif isinstance(event, StepStarted) and (len(plan.steps) == 1 or event.action in ("explain", "work")):
            pass  # the plan has just said it; a question is answered, not carried out
        else:
            out.event(event)
            if isinstance(event, Failed):
                code = event.exit_code
    return code


def _last_result_step(plan: Plan) -> int:
    finding = [i for i, step in enumerate(plan.steps) if step.action in _FINDING]
    return finding[-1] if finding else -1


def _subject(plan: Plan) -> tuple[str, ...]:
    return tuple(w for step in plan.steps for w in (*step.tags, *step.topics, *step.keywords, *step.groups))


def show_result(context: Context, result: int, target: str, subject: tuple[str, ...]) -> None:
    """The rows of a result: all of them as JSON, the first ones as a table."""
    out, project = context.out, context.project
    stop = sys.maxsize if out.json else SHOWN
    if target == "people":
        source = rows.result_people(project, result)
        found = (
            person_cells(row, {"facts": row.parts, "reason": reasons(project, row.parts, subject)}, out.cat)
            for start in range(0, min(len(source), stop), 200)
            for row in source.window(start, min(start + 200, stop))
        )
        out.rows(_shown_columns(PEOPLE_COLUMNS, project, result), found)
        size = len(source)
    else:
        listed, parts = rows.result_posts(project, result), segments_of(project, result)
        cells = (
            post_cells(number, row, out.cat) | ({"segment": parts[row.id]} if row.id in parts else {})
            for start in range(0, min(len(listed), stop), 200)
            for number, row in enumerate(listed.window(start, min(start + 200, stop)), start + 1)
        )
        out.rows(_shown_columns(POST_COLUMNS, project, result), cells)
        size = len(listed)
    if size > stop:
        out.say(out.cat.t("table.more", n=size - stop))


def _shown_columns(columns: tuple[str, ...], project: Project, result: int) -> tuple[str, ...]:
    """The columns, and what this result has beside them: segments, gained followers."""
    setting = project.one("select setting from result where id = ?", (result,))
    found = json.loads(setting or "{}")
    more = ["segment"] if found.get("segments") else []
    more += ["gained"] if found.get("sort") == "follower_growth" else []
    return (columns[0], *more, *columns[1:])


def plan(context: Context) -> int:
    """``xunke plan``: the plan as JSON, for one sentence or for a file of them."""
    args, out = context.args, context.out
    if args.model:
        model.required()
    if args.batch:
        for record in _records(args.batch):
            prev = record.get("prev")
            before = (str(prev["text"]), decode(prev["plan"])) if prev else None
            today = date.fromisoformat(record["today"]) if record.get("today") else context.today
            found = _planned(context, str(record["text"]), today, before)
            out.object({"id": record.get("id"), "plan": encode(found)})
        return 0
    if not args.sentence:
        raise UsageError("cli.no_sentence")
    before = None
    if args.prev:
        record = _json_file(args.prev)
        before = (str(record.get("text", "")), decode(record.get("plan", record)))
    found = _planned(context, " ".join(args.sentence), context.today, before)
    out.object(encode(found))
    for line in plan_lines(found, out.cat):
        out.say(line)
    return 0


def _planned(context: Context, text: str, today: date, before: tuple[str, Plan] | None) -> Plan:
    """Offline unless ``--model`` is said: then by the model, which is told on standard error."""
    from xunke.chat import understand

    if context.args.model:
        return model.read(context, text, today, before, model=True)[1]
    return understand(text, today=today, prev=before)


def _json_file(name: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(user_path(name).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise BadInput("cli.bad_file", path=name, detail=_reason(error)) from None
    return value


def _records(name: str) -> list[dict[str, Any]]:
    try:
        text = sys.stdin.read() if name == "-" else user_path(name).read_text("utf-8-sig")
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput("cli.bad_file", path=name, detail=_reason(error)) from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)[:100]


def demo(context: Context) -> int:
    """``xunke demo``: build the sample project and run one whole request on it."""
    from xunke.chat import understand
    from xunke.config import demo_db
    from xunke.demo_project import build

    out = context.out
    if not getattr(context.args, "db", None):
        context.args.db = str(demo_db())
    out.say(out.cat.t("demo.label"))
    fresh(context)
    project = context.project
    for progress in build(project, context.today):
        out.progress(progress)
    counts = {
        name: project.one(f"select count(*) from {table}")
        for name, table in (("people", "account"), ("posts", "post"), ("interactions", "interaction"))
    }
    out.say(out.cat.t("demo.built", **counts))
    request = Catalogue("zh").t("demo.request")
    out.say("")
    out.say("> " + request)
    found = understand(request, today=context.today)
    code = run_plan(context, found, request, dry_run=False, yes=True)
    out.say("")
    out.say(out.cat.t("demo.next", db=str(context.path)))
    if code == 0 and not context.args.headless and sys.stdin.isatty() and sys.stdout.isatty():
        sys.stderr.write(out.cat.t("demo.open"))
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() in ("", "y", "yes"):
            from tui.app import run

            context.close()
            return run(context.path, out.cat.lang, context.today)
    return code


def fresh(context: Context) -> None:
    """Throw away a sample project of another day: it is made anew, so that "the past 30 days" means something."""
    project = context.project
    if project.meta("demo") == "1" and project.meta("demo_day") != context.today.isoformat():
        context.close()
        for suffix in ("", "-wal", "-shm"):
            Path(str(context.path) + suffix).unlink(missing_ok=True)


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"ask": ask, "plan": plan, "demo": demo}
