"""One person: facts with their sources, why they are where they are, their posts, their dealings with us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import Screen

from tui import sources
from tui.formats import amount, day, minute
from tui.screens.confirm import suppress
from tui.widgets.bars import KeyBar, TitleBar
from tui.widgets.base import Worded, Wrapped
from tui.widgets.columns import POSTS_OF_ONE, mood, platform
from tui.widgets.found import copy_link
from tui.widgets.vtable import VTable
from xunke import veil
from xunke.errors import XunkeError
from xunke.evidence import named, needs_lines
from xunke.i18n import Catalogue
from xunke.outreach.told import of_detail, told
from xunke.present.why import why_lines
from xunke.storage import rows
from xunke.storage.rows import PersonRow, PostRow

DEALINGS: Final = 30
"""So many dealings with us are shown, newest first."""
_EVER: Final = 2**40


class PersonScreen(Worded, Screen[None]):
    """The page of one account, as seen from ``result`` (None: the newest result that holds it)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", show=False),
        Binding("n", "suppress", show=False),
        Binding("y", "copy_profile", show=False),
        Binding("c", "correct('mood')", show=False),
        Binding("x", "correct('spam')", show=False),
        Binding("u", "correct('undo')", show=False),
    ]
    AUTO_FOCUS = "#theirs"

    def __init__(self, account: int, result: int | None = None) -> None:
        super().__init__()
        self.account = account
        self.result = result
        self.person: PersonRow | None = None
        self.dealings: list[list[Any]] = []

    def compose(self) -> ComposeResult:
        """Facts and reasons side by side where there is room, posts below."""
        yield TitleBar(self._title, lambda c: c.t("tui.person.keys"), id="title")
        with Horizontal(id="page"):
            with VerticalScroll(id="facts", classes="box"):
                yield Wrapped(self._facts)
            with VerticalScroll(id="why", classes="box"):
                yield Wrapped(self._why)
        yield VTable[PostRow](POSTS_OF_ONE, lambda r: r.id, empty="tui.table.no_posts", id="theirs")
        yield Wrapped(self._post, id="post")
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Read the person once."""
        from xunke.actions import dealings

        project = self.xunke.project
        found = rows.people(project, [self.account])
        self.person = found[0] if found else None
        self.dealings = dealings(project, self.account, 0, _EVER)
        table = self.query_one("#theirs", VTable)
        table.show(rows.posts_of(project, self.account))
        self.watch(table, "cursor", self._moved, init=False)
        self.relabel()

    def relabel(self) -> None:
        """Box titles; the texts relabel themselves."""
        from tui.safe import ui_text

        self.query_one("#facts").border_title = ui_text(self.cat.t("tui.person.facts"))
        self.query_one("#why").border_title = ui_text(self.cat.t("tui.person.why"))
        self.query_one("#title").refresh()

    def _moved(self) -> None:
        self.query_one("#post", Wrapped).refresh(layout=True)

    # -- words -----------------------------------------------------------------------------------------------

    def _title(self, cat: Catalogue) -> str:
        p = self.person
        if p is None:
            return cat.t("tui.person.unknown")
        name = veil.person(p.id, p.name or p.handle or p.native_id)
        parts = [name, p.region or "-", cat.t("tui.person.followers", count=amount(p.followers, cat))]
        if sources.suppressed(self.xunke.project, p):
            parts.append(cat.t("tui.person.suppressed"))
        return "   ".join(parts)

    def _facts(self, cat: Catalogue) -> str:
        p = self.person
        if p is None:
            return cat.t("tui.person.unknown")
        facts = sources.facts_of(self.xunke.project, self.account)
        gender = p.gender if "gender" not in {fact for fact, *_ in facts} else None
        shown = (
            ("platform", platform(p.platform, cat)), ("handle", veil.value(p.handle, "handle")), ("bio", p.bio),
            ("region", p.region),
            ("gender", cat.t(f"value.{gender}") if gender else None),
            ("followers", amount(p.followers, cat)), ("following", amount(p.following, cat)),
            ("posts", amount(p.posts, cat)), ("tags", " ".join(f"#{t}" for t in p.tags) or None), ("url", p.url),
        )  # fmt: skip
        lines = [cat.t(f"tui.fact.{key}", value=value) for key, value in shown if value]
        project = self.xunke.project
        for fact, value, origin, quote in facts:
            name = cat.t(f"fact.{fact}") if cat.has(f"fact.{fact}") else fact
            word = cat.t(f"value.{value}") if cat.has(f"value.{value}") else value
            source = cat.t(f"origin.{origin}") if cat.has(f"origin.{origin}") else origin
            lines.append(cat.t("tui.person.fact", name=name, value=word, source=source))
            if quote and quote != value:
                lines.append("    " + cat.t("tui.quote", text=quote))
        lines += ["", *needs_lines(told(project, self.account), cat), ""]
        for kind, source, fetched in sources.sources_of(project, self.account):
            lines.append(cat.t("tui.person.source", kind=cat.t(f"tui.source.{kind}"), name=source, day=day(fetched)))
        if self.dealings:
            lines += ["", cat.t("tui.person.dealings")]
        for when, direction, kind, text, *_ in self.dealings[:DEALINGS]:
            who = cat.t(f"tui.dealing.{direction}", kind=cat.t(f"value.{kind}"))
            lines.append(f"{when or '-'}  {who}  {cat.t('tui.quote', text=text) if text else ''}")
        return "\n".join(lines)

    def _why(self, cat: Catalogue) -> str:
        from xunke.outreach.why import explain
        from xunke.present.why import edge_lines

        try:
            found = explain(self.xunke.project, self.result, self.account)
        except XunkeError as error:
            return cat.t(error.key, **error.params)
        if found.rank is None:
            return cat.t("tui.person.no_result")
        return "\n".join([*why_lines(found, cat), *edge_lines(found, cat)])

    def _post(self, cat: Catalogue) -> str:
        post = self.query_one("#theirs", VTable).current
        if not isinstance(post, PostRow):
            return ""
        text = f"{post.title}\n{post.text}" if post.title else post.text
        reading = "  ".join(self._reading(post, cat))
        when = minute(post.created, post.zone)
        return f"{when}  {reading}\n{text}" if reading else f"{when}  {text}"

    def _reading(self, post: PostRow, cat: Catalogue) -> Iterator[str]:
        """What the analysis says of a post: its mood with the words that speak for it, needs, life events."""
        if post.label is None:
            return
        detail = sources.detail_of(self.xunke.project, post.id)
        said = "、".join(cat.t("tui.quote", text=words) for words in detail.get("evidence", {}).get("sentiment", ()))
        feeling = mood(post.label, post.sentiment, cat)
        yield cat.t("tui.post.because", mood=feeling, words=said) if said else feeling
        for one in of_detail(detail, post.native_id, post.created):
            yield named(one, cat)

    # -- acts ------------------------------------------------------------------------------------------------

    def action_suppress(self) -> None:
        """Put the person on the do-not-contact list: asks first."""
        if self.person is not None:
            suppress(self.xunke, [self.person])

    def action_correct(self, what: str) -> None:
        """Say what the post under the cursor really is, or take that back."""
        from tui import correct

        table = self.query_one("#theirs", VTable)
        if what == "undo":
            correct.undo(self.xunke)
        else:
            {"mood": correct.mood, "spam": correct.spam}[what](self.xunke, table.current)
        table.show(rows.posts_of(self.xunke.project, self.account), keep=True)

    def action_copy_profile(self) -> None:
        """The profile's link."""
        copy_link(self, self.person.url if self.person else None)

    @on(VTable.CopyAsked)
    def _copy(self, event: VTable.CopyAsked) -> None:
        event.stop()
        self.action_copy_profile()
