"""Arguments: followers, dealings, dormancy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"history": "history", "followers": "followers"}
"""{command: module of ``xunke.cli`` that runs it}."""


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    history = add("history")
    history.add_argument("account", metavar="PERSON", help=cat.t("cli.history_person"))
    history.add_argument("--with-us", action="store_true", help=cat.t("cli.with_us"))
    history.add_argument("--kind", metavar="reply,touch,…", help=cat.t("cli.history_kind"))
    _window(history, cat)
    history.add_argument("--limit", type=int, default=500, metavar="N", help=cat.t("cli.history_limit"))
    history.add_argument("--page", type=int, default=1, metavar="N", help=cat.t("cli.history_page"))
    fans = add("followers")
    fans.add_argument("words", nargs="*", metavar="WHAT|ACCOUNT|FILE", help=cat.t("cli.followers_words"))
    _window(fans, cat)
    fans.add_argument("--limit", type=int, default=50, metavar="N", help=cat.t("cli.followers_limit"))
    fans.add_argument("--person", metavar="PERSON", help=cat.t("cli.followers_person"))
    fans.add_argument("--by", choices=("month",), help=cat.t("cli.followers_by"))
    fans.add_argument("--own", metavar="ACCOUNT", help=cat.t("cli.followers_own"))
    fans.add_argument("--date", metavar="D", help=cat.t("cli.followers_date"))
    whole = fans.add_mutually_exclusive_group()
    whole.add_argument("--partial", action="store_true", help=cat.t("cli.followers_partial"))
    whole.add_argument("--whole", action="store_true", help=cat.t("cli.followers_whole"))
    fans.add_argument("--dry-run", action="store_true", help=cat.t("cli.dry_run"))


def _window(parser: Any, cat: Catalogue) -> None:
    parser.add_argument("--since", metavar="D", help=cat.t("cli.history_since"))
    parser.add_argument("--until", metavar="D", help=cat.t("cli.history_until"))
