"""Arguments: segments and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"segment": "segment"}
"""{command: module of ``xunke.cli`` that runs it}."""
OPS: Final = (
    "cut", "save", "list", "show", "refresh", "matrix", "check", "choose", "niches", "treat", "drop", "as-list",
    "fields", "propose", "facet", "needs", "recruit",
)  # fmt: skip
METHODS: Final = ("rules", "rfm", "kmeans", "hierarchical", "dbscan", "community", "topic_model", "value", "stage")
STRATEGIES: Final = ("concentrated", "selective", "product", "market", "full")


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    segment = add("segment")
    segment.add_argument("op", nargs="?", default="cut", choices=OPS, help=cat.t("cli.segment.op"))
    segment.add_argument("what", nargs="*", metavar="NAME", help=cat.t("cli.segment.what"))
    segment.add_argument("--method", choices=METHODS, help=cat.t("cli.segment.method"))
    segment.add_argument("--rule", metavar="TEXT", help=cat.t("cli.segment.rule"))
    segment.add_argument("--by", action="append", default=[], metavar="FACET", help=cat.t("cli.segment.by"))
    segment.add_argument("--k", type=int, metavar="N", help=cat.t("cli.segment.k"))
    segment.add_argument("--among", metavar="NAME", help=cat.t("cli.segment.among"))
    segment.add_argument("--group", metavar="NAME", help=cat.t("cli.segment.group"))
    segment.add_argument("--result", type=int, metavar="N", help=cat.t("cli.segment.result"))
    segment.add_argument("--review", metavar="DATE", help=cat.t("cli.segment.review"))
    segment.add_argument("--note", metavar="TEXT", help=cat.t("cli.segment.note"))
    segment.add_argument("--as-list", action="store_true", help=cat.t("cli.segment.as_list"))
    segment.add_argument("--with-negative", action="store_true", help=cat.t("cli.segment.with_negative"))
    segment.add_argument("--cell", metavar="A,B", help=cat.t("cli.segment.cell"))
    segment.add_argument("--rival", action="append", default=[], metavar="WORD", help=cat.t("cli.segment.rival"))
    segment.add_argument("--weight", action="append", default=[], metavar="NAME=N", help=cat.t("cli.segment.weight"))
    segment.add_argument("--strategy", choices=STRATEGIES, help=cat.t("cli.segment.strategy"))
    segment.add_argument("--pick", type=int, metavar="N", help=cat.t("cli.segment.pick"))
    segment.add_argument("--goal", metavar="RULE", help=cat.t("cli.segment.goal"))
    segment.add_argument("--offer", metavar="TEXT", help=cat.t("cli.segment.offer"))
    segment.add_argument("--channel", metavar="TEXT", help=cat.t("cli.segment.channel"))
    segment.add_argument("--cadence", metavar="TEXT", help=cat.t("cli.segment.cadence"))
    segment.add_argument("--words", action="append", metavar="WORD,…", help=cat.t("cli.segment.words"))
    segment.add_argument("--out", metavar="FILE", help=cat.t("cli.segment.out"))
    segment.add_argument("--format", help=cat.t("cli.segment.format"))
    segment.add_argument("--then", metavar="list|task|none", help=cat.t("cli.segment.then"))
    segment.add_argument("--limit", type=int, default=20, metavar="N", help=cat.t("cli.segment.limit"))
