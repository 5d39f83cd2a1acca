"""The main screen: talk on the left, what was found on the right, the prompt below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.screen import Screen

from tui import due, sources
from tui.cost import cost_lines
from tui.keymap import command, is_command
from tui.runs import EventCame, PlanCame, RunEnded, Runs, Turn, answered, keyed, looking_only
from tui.sources import Scope
from tui.widgets.answer import AnswerEntry
from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Worded
from tui.widgets.card import PlanCard
from tui.widgets.chatlog import ChatLog
from tui.widgets.entry import TableEntry
from tui.widgets.found import Found
from tui.widgets.prompt import Prompt
from tui.widgets.runline import RunLine
from tui.widgets.sidebar import Place, Sidebar
from xunke.errors import XunkeError
from xunke.events import Answer, AnyEvent, FileWritten, Progress, Result, StepStarted, Table
from xunke.i18n import Catalogue
from xunke.outreach.names import names_of
from xunke.plan import Plan, decode
from xunke.present import event_lines
from xunke.present.plans import plan_lines


class MainScreen(Worded, Screen[None]):
    """Takes sentences, shows plans, runs them and shows what comes of it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "stop_or_prompt", show=False)]
    AUTO_FOCUS = "#prompt"

    def __init__(self) -> None:
        super().__init__()
        self.runs = Runs()
        self.card: PlanCard | None = None
        self.size_of_project = (0, 0)

    def compose(self) -> ComposeResult:
        """Title, body, progress, prompt, keys."""
        yield TitleBar(self._title, self._counts, id="title")
        with Horizontal(id="body"):
            yield Sidebar(id="sidebar")
            yield ChatLog(id="talk")
            yield Found(id="found")
        yield RunLine(id="runline")
        with Container(id="ask"):
            yield Prompt(id="prompt")
        yield KeyBar(id="keys")

    @property
    def talk(self) -> ChatLog:
        """The chat log."""
        return self.query_one(ChatLog)

    @property
    def prompt(self) -> Prompt:
        """The prompt."""
        return self.query_one(Prompt)

    @property
    def found(self) -> Found:
        """The tables."""
        return self.query_one(Found)

    def on_mount(self) -> None:
        """Show the project as it is."""
        self.prompt.earlier = sources.sentences(self.xunke.project)
        self._count()
        self._greet()
        self.found.show_scope(Scope())
        if (newest := self._newest()) is not None:
            self._show_result(newest)
        self._fill_sidebar()
        self.set_interval(due.EVERY, self.look_for_due)

    def look_for_due(self) -> None:
        """Run the schedules whose time has come, unless something else runs."""
        if not self.runs.busy and due.waiting(self.xunke.project):
            self.run_worker(self._run_due(), group="due", exclusive=True, exit_on_error=False)

    async def _run_due(self) -> None:
        lines = await due.run_due(self.xunke.project.path, self.cat.lang)
        for line in lines:
            self.talk.say("faint", lambda c, line=line: line)  # type: ignore[misc]

    def restart(self) -> None:
        """Another project: begin anew."""
        self.runs = Runs()
        self.card = None
        self.talk.clear()
        self.on_mount()
        self.prompt.focus()

    # -- what is there ---------------------------------------------------------------------------------------

    def _title(self, cat: Catalogue) -> str:
        project = self.xunke.project
        demo = "  " + cat.t("tui.title.demo") if project.meta("demo") == "1" else ""
        return cat.t("tui.title", name=project.meta("name") or project.path.stem) + demo

    def _counts(self, cat: Catalogue) -> str:
        people, posts = self.size_of_project
        return cat.t("tui.counts", people=f"{people:,}", posts=f"{posts:,}")

    def _count(self) -> None:
        self.size_of_project = sources.counts(self.xunke.project)
        self.query_one("#title").refresh()

    def _newest(self) -> int | None:
        newest = next((p for p in sources.past(self.xunke.project) if p.target == "people"), None)
        return newest.result if newest else None

    def _greet(self) -> None:
        empty = self.size_of_project == (0, 0)
        self.prompt.digits = empty
        self.set_class(empty, "empty")
        if empty:
            self.talk.say("welcome", lambda c: c.t("tui.welcome"))
            for n in (1, 2, 3):
                self.talk.say("example", lambda c, n=n: c.t(f"tui.example.{n}"), lambda c, n=n: f"{n}  ")  # type: ignore[misc]
            self.talk.say("example", lambda c: c.t("tui.welcome.demo"), lambda c: "F6 ")
            self.talk.say("faint", lambda c: c.t("tui.welcome.width"))
        else:
            self.talk.say("welcome", lambda c: c.t("tui.hello"))

    def _show_result(self, number: int, target: str = "people") -> None:
        """Show a result; a follow-up refers to it from now on."""
        self.found.show_scope(Scope("result", number), target)
        self.runs.previous = sources.turn_of(self.xunke.project, number)

    def _fill_sidebar(self) -> None:
        project = self.xunke.project
        places = [Place("head", "tui.side.talks")]
        past = sources.past(project)
        places += [Place("result", p.text, p.result, p.total, p.target) for p in past]
        if not past:
            places.append(Place("none", "tui.side.none"))
        places.append(Place("head", "tui.side.lists"))
        kept = sources.lists(project)
        places += [Place("list", row.name, row.id, row.count) for row in kept]
        if not kept:
            places.append(Place("none", "tui.side.none"))
        scope = self.found.shown
        self.query_one(Sidebar).show(places, None if scope.kind == "all" else (scope.kind, scope.number))

    @on(Found.Turned)
    def _turned(self) -> None:
        self._fill_sidebar()

    def exportable(self) -> tuple[Scope, str, int] | None:
        """(scope, people or posts, count) of the table on the screen, if it holds anything."""
        return self.found.exportable()

    @on(Sidebar.Went)
    def _went(self, event: Sidebar.Went) -> None:
        place = event.place
        if place.kind == "result":
            self._show_result(place.number, place.target)
        else:
            self.found.show_scope(Scope("list", place.number, place.text), place.target)
        self._fill_sidebar()

    def show_everything(self) -> None:
        """All people and posts of the project."""
        self.found.show_scope(Scope())
        self._fill_sidebar()

    def open_list(self, row: sources.ListRow) -> None:
        """Show a saved list."""
        self.found.show_scope(Scope("list", row.id, row.name), row.target)
        self._fill_sidebar()

    # -- sentences -------------------------------------------------------------------------------------------

    @on(Prompt.Digit)
    def _example(self, event: Prompt.Digit) -> None:
        self.prompt.put(self.cat.t(f"tui.example.{event.digit}"))

    @on(Prompt.Left)
    def _to_table(self) -> None:
        self.set_focus(self.found.table())

    @on(Prompt.Sent)
    def _sent(self, event: Prompt.Sent) -> None:
        if is_command(event.text):
            act = command(event.text)
            if act is None:
                self.xunke.tell("tui.no_command", "warning", command=event.text)
            else:
                self.call_later(self.xunke.run_action, act.id)
        elif self.runs.busy:
            self.runs.queue.append(event.text)
            self.query_one(RunLine).queued = len(self.runs.queue)
            self.talk.say("faint", lambda c: c.t("tui.queued", text=event.text))
        else:
            self._plan(event.text)

    def _plan(self, text: str) -> None:
        """Understand one sentence and show the plan, the question or the reason why not."""
        from xunke.llm.settings import active

        self.prompt.digits = False
        self.remove_class("empty")
        self.talk.you(text)
        previous = self.runs.previous
        if self.card is not None:  # a sentence about the plan that waits: this plan replaces it
            previous = (self.card.sentence, self.card.plan)
            self.card.settle("edit")
            self.card = None
        if active() is None:
            self._read(text, previous)
        else:  # in the child process: nothing here waits for a network
            self.query_one(RunLine).start()
            self.query_one(RunLine).take(Progress("model", 0))
            self.runs.ask(self, text, previous)

    def _read(self, text: str, previous: tuple[str, Plan] | None) -> None:
        """Understand a sentence offline."""
        from xunke.chat import understand

        names = names_of(self.xunke.project)
        try:
            self.offer(text, understand(text, today=self.xunke.today, prev=previous, names=names))
        except XunkeError as error:
            self._failed(error.key, error.params, text)

    @on(PlanCame)
    def _planned(self, message: PlanCame) -> None:
        self.query_one(RunLine).stop()
        if message.found is None:
            self._read(message.text, message.previous)
        else:
            found = message.found
            kind = "faint" if found.by == "model" else "warned"
            for key, params in found.notes:
                self.talk.say(kind, lambda c, k=key, p=params: c.t(k, **p))  # type: ignore[misc]
            self.offer(found.text, decode(found.plan))
        self._next()

    def offer(self, text: str, plan: Plan) -> None:
        """Show what a sentence means: a card to confirm, a question, or why not."""
        if plan.outcome in ("refuse", "clarify"):
            self.talk.say("answer", lambda c: "\n".join(plan_lines(plan, c)))
            if plan.outcome == "clarify":
                self.prompt.put(text, again=True)
            return
        if answered(plan):
            self.submit(Turn(plan, text))
            return
        project = self.xunke.project
        self.card = PlanCard(
            text, plan, lambda c: "\n".join([*plan_lines(plan, c), *cost_lines(plan, project, c, self.xunke.today)])
        )
        self.talk.add(self.card)
        self.card.focus()

    @on(PlanCard.Decided)
    def _decided(self, event: PlanCard.Decided) -> None:
        card, self.card = event.card, None
        match event.choice:
            case "run":
                self.submit(Turn(card.plan, card.sentence))
            case "dry":
                plan = looking_only(card.plan)
                if plan is None:
                    self.talk.say("answer", lambda c: c.t("tui.card.nothing_to_look_at"))
                else:
                    self.submit(Turn(plan, card.sentence))
            case "edit":
                self.prompt.put(card.sentence)
            case "drop":
                pass
        if event.choice != "edit":
            self.prompt.focus()
            self._next()

    # -- runs ------------------------------------------------------------------------------------------------

    def submit(self, turn: Turn) -> bool:
        """Run a confirmed plan; False (and a notice) while another runs."""
        if self.runs.busy:
            self.xunke.tell("tui.busy", "warning")
            return False
        self.query_one(RunLine).start()
        options: dict[str, Any] = {"lang": self.cat.lang}
        if (last := self.found.on_screen()) is not None:
            options["last"] = last
        if (picked := self.found.picked()) is not None:
            options["picked"] = picked
        self.runs.begin(self, turn, options)
        return True

    def stop(self) -> bool:
        """Cancel what runs; whether there was anything."""
        if not self.runs.busy:
            return False
        self.query_one(RunLine).stopping()
        self.run_worker(self.xunke.client.cancel(), group="cancel", exit_on_error=False)
        return True

    @property
    def waiting(self) -> bool:
        """Whether the line says that something else than a run is under way."""
        return self.query_one(RunLine).has_class("on") and not self.runs.busy

    def wait(self, stage: str | None) -> None:
        """Say that ``stage`` is under way although nothing of the engine's runs; None: no longer."""
        line = self.query_one(RunLine)
        if stage is None:
            line.stop()
        else:
            line.start(can_stop=False)
            line.take(Progress(stage, 0))

    def action_stop_or_prompt(self) -> None:
        """Escape: cancel what runs, or back to the prompt."""
        if not self.stop():
            self.found.close_filter()
            self.prompt.focus()

    @on(EventCame)
    def _event(self, message: EventCame) -> None:
        event = message.event
        if isinstance(event, Progress):
            self.query_one(RunLine).take(event)
            return
        if isinstance(event, Result):
            self._count()
            self.found.show_scope(Scope("result", event.result), event.target)
            self._fill_sidebar()
        if isinstance(event, FileWritten):
            self.xunke.tell("tui.export.done", path=event.path, count=f"{event.rows:,}")
        if isinstance(event, Answer):
            self.talk.add(AnswerEntry(event))
        elif isinstance(event, Table):
            self.talk.add(TableEntry(event))
        elif not (isinstance(event, StepStarted) and event.action in ("explain", "help", "work")):
            self.talk.say(_kind(event), lambda c: "\n".join(event_lines(keyed(event), c)))

    @on(AnswerEntry.Asked)
    def _behind(self, event: AnswerEntry.Asked) -> None:
        """Open what is behind a number: a result in its table, one person on their page, else a table."""
        from tui.screens.behind import BehindScreen, number_of
        from tui.screens.person import PersonScreen

        kind, _, name = event.refs[0].partition(":")
        if kind == "result":
            target = self.xunke.project.one("select target from result where id = ?", (int(name),))
            self._show_result(int(name), "people" if target == "people" else "posts")
        elif kind == "person" and len(event.refs) == 1:
            account = number_of(self.xunke.project, event.refs[0])
            if account is None:
                self.xunke.tell("tui.person.unknown", "warning")
            else:
                scope = self.found.scope
                self.xunke.push_screen(PersonScreen(account, scope.number if scope.kind == "result" else None))
        else:
            self.xunke.push_screen(BehindScreen(event.refs))

    @on(TableEntry.Asked)
    def _whole_table(self, message: TableEntry.Asked) -> None:
        from tui.screens.told import ToldScreen

        table = message.entry.table
        self.xunke.push_screen(ToldScreen(lambda c: c.t("tui.told.whole"), lambda _: [table]))

    @on(RunEnded)
    def _ended(self, message: RunEnded) -> None:
        self.query_one(RunLine).stop()
        turn = message.turn
        if message.failed is not None and turn.text:
            self.prompt.put(turn.text, again=True)
        elif turn.text and not message.cancelled and (not answered(turn.plan) or self._made(turn.text)):
            self.runs.previous = (turn.text, turn.plan)
        self._count()
        self.xunke.draw()
        self.found.reload()
        self._fill_sidebar()
        if isinstance(self.xunke.screen, Worded):
            self.xunke.screen.relabel()
        self._next()

    def _made(self, text: str) -> bool:
        """Whether the result on the screen came from this sentence."""
        number = self.found.on_screen()
        turn = None if number is None else sources.turn_of(self.xunke.project, number)
        return turn is not None and turn[0] == text

    def _next(self) -> None:
        line = self.query_one(RunLine)
        if not self.runs.busy and self.card is None and self.runs.queue:
            self._plan(self.runs.queue.pop(0))
        line.queued = len(self.runs.queue)

    def _failed(self, key: str, params: Mapping[str, object], text: str) -> None:
        self.talk.say("failed", lambda c: c.t(key, **params))
        self.prompt.put(text, again=True)


def _kind(event: AnyEvent) -> str:
    return {"Failed": "failed", "Warned": "warned", "Cancelled": "faint", "StepStarted": "faint"}.get(
        type(event).__name__, "answer"
    )
