"""Arguments: personas and reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"persona": "persona", "report": "report"}
"""{command: module of ``xunke.cli`` that runs it}."""


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    persona = add("persona")
    whom = persona.add_mutually_exclusive_group()
    whom.add_argument("person", nargs="?", metavar="PERSON", help=cat.t("cli.persona.person"))
    whom.add_argument("--segment", metavar="NAME", help=cat.t("cli.persona.segment"))
    whom.add_argument("--list", dest="list_name", metavar="NAME", help=cat.t("cli.persona.list"))
    whom.add_argument("--result", type=int, metavar="N", help=cat.t("cli.persona.result"))
    whom.add_argument("--starter", metavar="NAME", help=cat.t("cli.persona.starter"))
    whom.add_argument("--stale", action="store_true", help=cat.t("cli.persona.stale"))
    persona.add_argument("--suggest", action="store_true", help=cat.t("cli.persona.suggest"))
    persona.add_argument("--accept", metavar="N,N-N|all", help=cat.t("cli.persona.accept"))
    persona.add_argument("--reject", metavar="N,N-N|all", help=cat.t("cli.persona.reject"))
    persona.add_argument("--limit", type=int, default=20, metavar="N", help=cat.t("cli.persona.limit"))
    persona.add_argument("--tag", metavar="TAG", help=cat.t("cli.persona.tag"))
    persona.add_argument("--format", choices=("text", "md", "html", "json"), help=cat.t("cli.persona.format"))
    persona.add_argument("--out", metavar="FILE", help=cat.t("cli.persona.out"))
    persona.add_argument("--names", action="store_true", help=cat.t("cli.persona.names"))
    report = add("report")
    report.add_argument("what", nargs="?", metavar="CAMPAIGN|PROJECT", help=cat.t("cli.report.what"))
    report.add_argument("--list", dest="list_name", metavar="NAME", help=cat.t("cli.persona.list"))
    report.add_argument("--segment", metavar="NAME", help=cat.t("cli.persona.segment"))
    report.add_argument("--result", type=int, metavar="N", help=cat.t("cli.persona.result"))
    report.add_argument("--out", metavar="FILE", required=True, help=cat.t("cli.report.out"))
    report.add_argument("--format", choices=("html", "md", "text"), help=cat.t("cli.persona.format"))
    report.add_argument("--names", action="store_true", help=cat.t("cli.persona.names"))
