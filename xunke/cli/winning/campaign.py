"""Arguments: campaigns, calendar, costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"campaign": "campaign", "calendar": "calendar"}
"""{command: module of ``xunke.cli`` that runs it}."""
OPS: Final = (
    "list", "new", "show", "edit", "brief", "check", "phase", "cost", "code", "result", "kpi", "mark", "funnel",
    "waste", "hit", "roi", "slots", "compare", "plan", "before-after", "task", "tasks", "maturity", "close",
    "case", "budget",
)  # fmt: skip
CALENDAR: Final = ("show", "add", "move", "done", "drop", "mix", "ideas", "days", "limit")


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    _campaign(add("campaign"), cat)
    _calendar(add("calendar"), cat)


def _campaign(parser: Any, cat: Catalogue) -> None:
    parser.add_argument("op", nargs="?", choices=OPS, default="list")
    parser.add_argument("words", nargs="*", metavar="NAME")
    for option, what in (
        ("goal", "TEXT"), ("kpi", "NAME"), ("target", "N"), ("baseline", "N"), ("since", "DATE"), ("until", "DATE"),
        ("preset", "INDUSTRY"), ("state", "STATE"), ("to", "PHASE"), ("amount", "YUAN"), ("minutes", "N"),
        ("kind", "KIND"), ("day", "DATE"), ("note", "TEXT"), ("variant", "NAME"),
         ("code", "CODE"), ("body", "TEXT"), ("count", "N"),
        ("value", "N"), ("hourly", "YUAN"), ("attribution", "RULE"), ("by", "WHAT"), ("control", "ACCOUNT"),
        ("lessons", "TEXT"), ("due", "DATE"), ("owner", "NAME"), ("out", "FILE"),
    ):  # fmt: skip
        parser.add_argument(f"--{option}", metavar=what, help=cat.t(f"cli.campaign.{option}"))
    parser.add_argument("--list", dest="lists", action="append", metavar="NAME", help=cat.t("cli.campaign.lists"))
    parser.add_argument("--set", dest="fields", action="append", metavar="FIELD=TEXT", help=cat.t("cli.campaign.set"))
    parser.add_argument("--plan", dest="plans", action="append", metavar="NAME:TOUCHES:COST:VALUE",
                        help=cat.t("cli.campaign.plan"))  # fmt: skip
    parser.add_argument("--seed", type=int, metavar="N", help=cat.t("cli.campaign.seed"))
    parser.add_argument("--all", action="store_true", help=cat.t("cli.campaign.all"))


def _calendar(parser: Any, cat: Catalogue) -> None:
    parser.add_argument("op", nargs="?", choices=CALENDAR, default="show")
    parser.add_argument("words", nargs="*", metavar="DATE|ID|TITLE")
    for option, what in (
        ("month", "2026-12"), ("from", "DATE"), ("to", "DATE"), ("campaign", "NAME"), ("at", "HH:MM"),
        ("category", "KIND"), ("channel", "NAME"), ("variant", "NAME"), ("occasion", "NAME"), ("owner", "NAME"),
        ("title", "TEXT"),
        ("day", "DATE"), ("out", "FILE"),
    ):  # fmt: skip
        parser.add_argument(f"--{option}", dest=f"{option}_" if option == "from" else option, metavar=what,
                            help=cat.t(f"cli.calendar.{option}"))  # fmt: skip
    parser.add_argument("--every", type=int, default=2, metavar="N", help=cat.t("cli.calendar.every"))
    parser.add_argument("--no-terms", action="store_true", help=cat.t("cli.calendar.no_terms"))
