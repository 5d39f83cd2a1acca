"""Arguments: lists, queues and where to speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"list": "lists", "queue": "lists", "context": "lists"}
"""{command: module of ``xunke.cli`` that runs it}."""
OPS: Final = (
    "all", "create", "show", "export", "set", "rename", "merge", "minus", "add", "remove", "dedupe", "tag", "bulk",
    "drop", "why-not", "minutes", "guard", "overlap",
)  # fmt: skip
FORMATS: Final = ("csv", "xlsx", "jsonl", "json", "md", "html")


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    _list(add("list"), cat)
    queue = add("queue")
    queue.add_argument("name", nargs="?", default="all", choices=("questions", "opportunities", "inbox", "all"))
    queue.add_argument("--segment", metavar="NAME", help=cat.t("cli.of_segment"))
    queue.add_argument("--list", dest="of_list", metavar="NAME", help=cat.t("cli.of_list"))
    queue.add_argument("--topic", metavar="WORDS", help=cat.t("cli.of_topic"))
    for state in ("later", "drop", "done", "open"):
        queue.add_argument(f"--{state}", metavar="POST", help=cat.t(f"cli.queue_{state}"))
    queue.add_argument("--days", type=int, metavar="N", help=cat.t("cli.queue_days"))
    queue.add_argument("--limit", type=int, default=20, metavar="N", help=cat.t("cli.queue_limit"))
    context = add("context")
    context.add_argument("--segment", metavar="NAME", help=cat.t("cli.of_segment"))
    context.add_argument("--list", dest="of_list", metavar="NAME", help=cat.t("cli.of_list"))
    context.add_argument("--topic", metavar="WORDS", help=cat.t("cli.of_topic"))
    context.add_argument("--kinds", metavar="tag,group,…", help=cat.t("cli.context_kinds"))
    context.add_argument("--days", type=int, default=90, metavar="N", help=cat.t("cli.context_days"))
    context.add_argument("--limit", type=int, default=10, metavar="N", help=cat.t("cli.context_limit"))
    context.add_argument("--format", default=None, choices=FORMATS)
    context.add_argument("--out", metavar="PATH", help=cat.t("cli.context_out"))


def secret(command: Any, cat: Catalogue) -> None:
    """A secret that two sides share, never as an argument."""
    command.add_argument("--secret-file", metavar="PATH", help=cat.t("cli.export_secret_file"))
    command.add_argument("--secret", action="store_true", help=cat.t("cli.export_secret"))


def password(command: Any, cat: Catalogue) -> None:
    """A password for a file, never as an argument."""
    command.add_argument("--password-file", metavar="PATH", help=cat.t("cli.export_password_file"))
    command.add_argument("--password", action="store_true", help=cat.t("cli.export_password"))


def _list(lists: Any, cat: Catalogue) -> None:
    lists.add_argument("op", nargs="?", default="all", choices=OPS)
    lists.add_argument("words", nargs="*", metavar="NAME", help=cat.t("cli.list_words"))
    lists.add_argument("--result", type=int, metavar="N", help=cat.t("cli.result"))
    lists.add_argument(
        "--from", dest="source", action="append", metavar="RESULT|SEGMENT|LIST", help=cat.t("cli.list_from")
    )
    lists.add_argument("--purpose", metavar="TEXT", help=cat.t("cli.list_purpose"))
    lists.add_argument("--basis", choices=("consent", "contract", "public", "fans"), help=cat.t("cli.list_basis"))
    lists.add_argument("--expires", metavar="DATE|DAYS", help=cat.t("cli.list_expires"))
    budget = lists.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="N", help=cat.t("cli.list_minutes"))
    budget.add_argument("--touches", type=int, metavar="N", help=cat.t("cli.list_touches"))
    budget.add_argument("--money", type=float, metavar="N", help=cat.t("cli.list_money"))
    lists.add_argument("--cost", metavar="RULE", help=cat.t("cli.list_cost"))
    lists.add_argument("--step", choices=("follow", "reply", "engage", "talk", "offer"), help=cat.t("cli.list_step"))
    lists.add_argument("--quota", action="append", default=[], metavar="SEGMENT=SHARE", help=cat.t("cli.list_quota"))
    lists.add_argument("--least", action="append", default=[], metavar="SEGMENT=N", help=cat.t("cli.list_least"))
    lists.add_argument("--each", type=int, metavar="N", help=cat.t("cli.list_each"))
    lists.add_argument("--luck", default="0", metavar="SHARE", help=cat.t("cli.list_luck"))
    lists.add_argument("--hold-out", default="0", metavar="SHARE", help=cat.t("cli.list_hold_out"))
    lists.add_argument("--seed", type=int, default=1, metavar="N", help=cat.t("cli.list_seed"))
    lists.add_argument("--spread", action="store_true", help=cat.t("cli.list_spread"))
    lists.add_argument("--own-first", action="store_true", help=cat.t("cli.list_own_first"))
    lists.add_argument("--by-value", action="store_true", help=cat.t("cli.list_by_value"))
    lists.add_argument("--without", action="append", default=[], metavar="LIST", help=cat.t("cli.list_without"))
    lists.add_argument("--where", metavar="RULE", help=cat.t("cli.list_where"))
    lists.add_argument("--do", choices=("remove", "suppress", "good", "bad"), help=cat.t("cli.list_do"))
    lists.add_argument("--page", type=int, metavar="N", help=cat.t("cli.list_page"))
    lists.add_argument("--sort", default="rank", metavar="COLUMN", help=cat.t("cli.list_sort"))
    lists.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.list_yes"))
    lists.add_argument("--format", default=None, choices=FORMATS)
    lists.add_argument("--out", metavar="PATH")
    secret(lists, cat)
    password(lists, cat)
