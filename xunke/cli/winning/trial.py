"""Arguments: experiments, the response model, next acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"experiment": "experiment", "review": "review", "next": "next"}
"""{command: module of ``xunke.cli`` that runs it}."""
OPS: Final = ("new", "pilot", "list", "show", "result", "power", "assign", "rest", "stop")
METRICS: Final = (
    "reply_rate", "answer_rate", "positive_rate", "follow_rate", "click_rate", "conversion_rate", "purchase_rate",
    "bad_rate", "mean:value",
)  # fmt: skip


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    _experiment(add("experiment"), cat)
    review = add("review")
    review.add_argument("--campaign", metavar="NAME", help=cat.t("cli.trial.campaign"))
    review.add_argument("--dry-run", action="store_true", help=cat.t("cli.review.dry_run"))
    review.add_argument("--history", action="store_true", help=cat.t("cli.review.history"))
    following = add("next")
    following.add_argument("--limit", type=int, default=20, metavar="N", help=cat.t("cli.next.limit"))
    following.add_argument("--list", dest="people", metavar="NAME", help=cat.t("cli.next.list"))
    following.add_argument("--campaign", metavar="NAME", help=cat.t("cli.trial.campaign"))
    following.add_argument("--why", metavar="PERSON", help=cat.t("cli.next.why"))
    following.add_argument("--value", type=float, metavar="YUAN", help=cat.t("cli.next.value"))
    following.add_argument("--per-minute", type=float, metavar="YUAN", help=cat.t("cli.next.per_minute"))
    following.add_argument("--rules", action="store_true", help=cat.t("cli.next.rules"))


def _experiment(parser: Any, cat: Catalogue) -> None:
    parser.add_argument("op", nargs="?", choices=OPS, default="list")
    parser.add_argument("name", nargs="?", metavar="NAME")
    for option, kind, what in (
        ("--list", str, "NAME"), ("--campaign", str, "NAME"), ("--arms", str, "A,B"), ("--split", str, "50,50"),
        ("--hold-out", str, "10%"), ("--mde", str, "5%"), ("--baseline", str, "5%"), ("--days", int, "N"),
        ("--horizon", int, "N"), ("--seed", int, "N"), ("--stratify", str, "segment,platform"), ("--size", int, "N"),
        ("--precision", str, "5%"), ("--go", str, "8%"), ("--people", int, "N"), ("--power", str, "80%"),
        ("--spread", float, "S"), ("--pace", float, "N"), ("--planned", int, "N"), ("--decision", str, "TEXT"),
        ("--out", str, "PATH"),
    ):  # fmt: skip
        key = option[2:].replace("-", "_")
        parser.add_argument(option, dest="people_list" if key == "list" else key, type=kind, metavar=what,
                            help=cat.t(f"cli.trial.{key}"))  # fmt: skip
    parser.add_argument("--metric", choices=METRICS, default="reply_rate", help=cat.t("cli.trial.metric"))
    parser.add_argument("--data", nargs="+", metavar="A=120/1000", help=cat.t("cli.trial.data"))
    parser.add_argument("--overlap", action="store_true", help=cat.t("cli.trial.overlap"))
    parser.add_argument("--once", action="store_true", help=cat.t("cli.trial.once"))
    parser.add_argument("--rows", action="store_true", help=cat.t("cli.trial.rows"))
