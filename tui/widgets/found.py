"""The right side: people and posts in tabs, with their order, filter and hints."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Input

from tui import links, sources
from tui.sources import Scope
from tui.widgets.bars import TabBar
from tui.widgets.base import Worded, Wrapped
from tui.widgets.columns import PEOPLE, POSTS
from tui.widgets.vtable import VTable
from xunke.i18n import Catalogue
from xunke.storage import rows
from xunke.storage.rows import PersonRow, PostRow

_ORDERS = {"people": tuple(sources.PEOPLE_ORDERS), "posts": tuple(sources.POST_ORDERS)}


class Found(Worded, Vertical):
    """Shows a scope; remembers the order and the filter of each tab."""

    class Turned(Message):
        """Another tab is in use, or another scope."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "tab('people')", show=False),
        Binding("right", "tab('posts')", show=False),
        Binding("n", "suppress", show=False),
        Binding("c", "correct('mood')", show=False),
        Binding("x", "correct('spam')", show=False),
        Binding("u", "correct('undo')", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.scope = Scope()
        self.post_scope = Scope()
        self.order = {"people": "rank", "posts": "rank"}
        self.word = {"people": "", "posts": ""}

    def compose(self) -> ComposeResult:
        """Tabs, the filter, the tables, a hint."""
        yield TabBar({"people": self._people_tab, "posts": self._posts_tab}, id="tabs")
        yield Input(id="filter", compact=True)
        with ContentSwitcher(initial="people", id="tables"):
            yield VTable[PersonRow](PEOPLE, lambda r: r.id, id="people")
            yield VTable[PostRow](POSTS, lambda r: r.id, id="posts")
        yield Wrapped(self._hint, id="hint")

    def on_mount(self) -> None:
        """The filter shows only when asked for."""
        self.filter.display = False
        self.relabel()

    def relabel(self) -> None:
        """Our own words here are the filter's placeholder."""
        self.filter.placeholder = self.cat.t("tui.filter.hint")

    @property
    def tab(self) -> str:
        """people or posts."""
        return self.query_one(TabBar).active

    @property
    def filter(self) -> Input:
        """The filter's input line."""
        return self.query_one("#filter", Input)

    def table(self, tab: str | None = None) -> VTable[Any]:
        """The table of a tab; of the one in use."""
        return self.query_one(f"#{tab or self.tab}", VTable)

    # -- rows ------------------------------------------------------------------------------------------------

    def picked(self) -> int | None:
        """The account or post under the cursor of the table in use."""
        row = self.table().current
        return row.id if isinstance(row, PersonRow | PostRow) else None

    def show_scope(self, scope: Scope, target: str = "people") -> None:
        """Show a scope from its start; a result of posts leaves the people as they are, and the other way round."""
        if scope.kind == "all":
            self.scope = self.post_scope = scope
        elif target == "people":
            self.scope = scope
        else:
            self.post_scope = scope
        tab = "people" if target == "people" else "posts"
        for name in ("people", "posts") if scope.kind == "all" else (tab,):
            self.order[name], self.word[name] = "rank", ""
            self._fill(name, keep=False)
        self.close_filter()
        self.action_tab(tab)

    def reload(self) -> None:
        """Read again what is shown; the cursor stays on its row."""
        self._fill("people")
        self._fill("posts")

    def _fill(self, tab: str, *, keep: bool = True) -> None:
        project = self.xunke.project
        if tab == "people":
            source: Any = sources.people(project, self.scope, self.order[tab], self.word[tab])
        else:
            source = sources.posts(project, self.post_scope, self.order[tab], self.word[tab])
        scope = self.scope if tab == "people" else self.post_scope
        narrowed = scope.kind == "result" or self.word[tab]
        self.table(tab).empty = "tui.table.no_match" if narrowed else f"tui.table.no_{tab}"
        self.table(tab).show(source, keep=keep)
        self.query_one(TabBar).refresh()
        self.query_one("#hint").refresh(layout=True)

    def exportable(self) -> tuple[Scope, str, int] | None:
        """(scope, target, count) of the tab in use."""
        count = len(self.table().source)
        return (self.shown, self.tab, count) if count else None

    @property
    def shown(self) -> Scope:
        """The scope of the tab in use."""
        return self.scope if self.tab == "people" else self.post_scope

    def on_screen(self) -> int | None:
        """The number of the result that the tab in use shows, if it is one."""
        return self.shown.number if self.shown.kind == "result" else None

    # -- words -----------------------------------------------------------------------------------------------

    def _people_tab(self, cat: Catalogue) -> str:
        return cat.t("tui.tab.people", count=f"{len(self.table('people').source):,}")

    def _posts_tab(self, cat: Catalogue) -> str:
        return cat.t("tui.tab.posts", count=f"{len(self.table('posts').source):,}")

    def _hint(self, cat: Catalogue) -> str:
        parts = [cat.t(f"tui.hint.{self.tab}")]
        if self.order[self.tab] != "rank":
            parts.insert(0, cat.t("tui.hint.order", order=cat.t(f"tui.order.{self.order[self.tab]}")))
        if chosen := len(self.table().selected):
            parts.insert(0, cat.t("tui.hint.selected", count=chosen))
        if self.word[self.tab]:
            parts.insert(0, cat.t("tui.hint.filter", word=self.word[self.tab]))
        return "   ".join(parts)

    # -- acts ------------------------------------------------------------------------------------------------

    def action_tab(self, tab: str) -> None:
        """Show people or posts."""
        focused = isinstance(self.screen.focused, VTable)
        self.query_one(TabBar).choose(tab)
        self.query_one(ContentSwitcher).current = tab
        self.query_one("#hint").refresh(layout=True)
        if focused:
            self.table().focus()
        self.post_message(self.Turned())

    @on(TabBar.Chosen)
    def _chosen(self, event: TabBar.Chosen) -> None:
        self.action_tab(event.tab)

    @on(VTable.SortAsked)
    def _sort(self) -> None:
        orders = _ORDERS[self.tab]
        self.order[self.tab] = orders[(orders.index(self.order[self.tab]) + 1) % len(orders)]
        self._fill(self.tab)

    @on(VTable.Picked)
    def _picked(self) -> None:
        self.query_one("#hint").refresh(layout=True)

    @on(VTable.Opened)
    def _opened(self, event: VTable.Opened) -> None:
        from tui.screens.person import PersonScreen

        row = event.table.current
        account = row.id if isinstance(row, PersonRow) else row.author if isinstance(row, PostRow) else None
        if account is None:
            self.xunke.tell("tui.person.unknown", "warning")
            return
        result = self.scope.number if self.scope.kind == "result" else None
        self.xunke.push_screen(PersonScreen(account, result))

    @on(VTable.CopyAsked)
    def _copy(self, event: VTable.CopyAsked) -> None:
        row = event.table.current
        copy_link(self, None if row is None else row.url)

    @on(VTable.FilterAsked)
    def _filter(self) -> None:
        self.filter.display = True
        self.filter.value = self.word[self.tab]
        self.filter.focus()

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        if self.filter.display:
            self.word[self.tab] = event.value.strip()
            self._fill(self.tab)

    @on(Input.Submitted, "#filter")
    def _narrowed(self) -> None:
        self.filter.display = False
        self.table().focus()

    def close_filter(self) -> None:
        """Show all again."""
        tab = self.tab
        if self.filter.display or self.word[tab]:
            self.filter.display = False
            self.word[tab] = ""
            self._fill(tab)

    def action_suppress(self) -> None:
        """Do not contact the selected people (or the one under the cursor): asks first."""
        from tui.screens.confirm import suppress

        table = self.table("people")
        if self.tab != "people" or table.current is None:
            return
        chosen = rows.people(self.xunke.project, sorted(table.selected))
        suppress(self.xunke, chosen or [table.current])

    def action_correct(self, what: str) -> None:
        """Say what a post really is, or take that back; only where posts are shown."""
        from tui import correct

        if self.tab != "posts":
            return
        if what == "undo":
            correct.undo(self.xunke)
        else:
            {"mood": correct.mood, "spam": correct.spam}[what](self.xunke, self.table().current)


def copy_link(widget: Worded, url: str | None) -> None:
    """Put a link on the clipboard and say so."""
    links.copy(widget.xunke, url)
