"""Arguments: the ladder: touches, limits, drafts, notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"touch": "touch", "note": "note"}
"""{command: module of ``xunke.cli`` that runs it}."""
TOUCH_OPS: Final = (
    "today", "done", "skip", "later", "outcome", "draft", "check", "open", "may", "log", "undo", "limits", "preflight",
    "neglected", "followup", "value", "import",
)  # fmt: skip


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    touch = add("touch")
    touch.add_argument("op", nargs="?", default="today", choices=TOUCH_OPS, help=cat.t("cli.touch_op"))
    touch.add_argument("words", nargs="*", metavar="N|PERSON|TEXT|FILE", help=cat.t("cli.touch_words"))
    touch.add_argument("--minutes", type=float, metavar="N", help=cat.t("cli.touch_minutes"))
    touch.add_argument("--list", metavar="LIST", help=cat.t("cli.touch_list"))
    touch.add_argument("--segment", metavar="SEGMENT", help=cat.t("cli.touch_segment"))
    touch.add_argument("--campaign", metavar="CAMPAIGN", help=cat.t("cli.touch_campaign"))
    touch.add_argument("--limit", type=int, metavar="N", help=cat.t("cli.touch_limit"))
    touch.add_argument("--own-first", action="store_true", help=cat.t("cli.touch_own_first"))
    touch.add_argument("--step", metavar="STEP", help=cat.t("cli.touch_step"))
    touch.add_argument("--at", metavar="TIME", help=cat.t("cli.touch_at"))
    touch.add_argument("--channel", metavar="CHANNEL", help=cat.t("cli.touch_channel"))
    touch.add_argument("--note", metavar="TEXT", help=cat.t("cli.touch_note"))
    touch.add_argument("--owner", metavar="NAME", help=cat.t("cli.touch_owner"))
    touch.add_argument("--variant", metavar="NAME", help=cat.t("cli.touch_variant"))
    touch.add_argument("--text", metavar="TEXT", help=cat.t("cli.touch_text"))
    touch.add_argument("--outside", action="store_true", help=cat.t("cli.touch_outside"))
    touch.add_argument("--days", type=int, metavar="N", help=cat.t("cli.touch_days"))
    touch.add_argument("--value", type=float, metavar="N", help=cat.t("cli.touch_value"))
    touch.add_argument("--for", dest="person", metavar="PERSON", help=cat.t("cli.touch_for"))
    touch.add_argument("--post", metavar="POST", help=cat.t("cli.touch_post"))
    touch.add_argument("--turn", type=int, default=0, metavar="N", help=cat.t("cli.touch_turn"))
    touch.add_argument("--need", metavar="NEED", help=cat.t("cli.touch_need"))
    touch.add_argument("--topic", metavar="WORD", help=cat.t("cli.touch_topic"))
    touch.add_argument("--proof", metavar="TEXT", help=cat.t("cli.touch_proof"))
    touch.add_argument("--open", action="store_true", help=cat.t("cli.touch_open"))
    touch.add_argument("--all", action="store_true", help=cat.t("cli.touch_all"))
    note = add("note")
    note.add_argument(
        "words", nargs="*", metavar="@PERSON TEXT|list|done N|template KIND", help=cat.t("cli.note_words")
    )
    note.add_argument("--kind", metavar="KIND", help=cat.t("cli.note_kind"))
    note.add_argument("--due", metavar="DATE", help=cat.t("cli.note_due"))
    note.add_argument("--segment", metavar="SEGMENT", help=cat.t("cli.note_segment"))
    note.add_argument("--campaign", metavar="CAMPAIGN", help=cat.t("cli.note_campaign"))
    note.add_argument("--owner", metavar="NAME", help=cat.t("cli.touch_owner"))
    note.add_argument("--open", action="store_true", help=cat.t("cli.note_open"))
