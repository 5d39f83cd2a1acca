"""Arguments: consent, retention, held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {"retention": "care", "consent": "care", "held": "care"}
"""{command: module of ``xunke.cli`` that runs it}."""


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
    retention = add("retention")
    retention.add_argument("op", nargs="?", default="show", choices=("show", "set", "run"))
    retention.add_argument("rules", nargs="*", metavar="SCOPE=DAYS", help=cat.t("cli.retention_rules"))
    retention.add_argument("--dry-run", action="store_true", help=cat.t("cli.retention_dry"))
    retention.add_argument("--in-use", action="store_true", help=cat.t("cli.retention_in_use"))
    retention.add_argument("--yes", "-y", action="store_true", help=cat.t("cli.yes"))
    consent = add("consent")
    consent.add_argument("op", nargs="?", default="list", choices=("list", "add", "withdraw", "import"))
    consent.add_argument("what", nargs="?", metavar="PERSON|PATH", help=cat.t("cli.consent_what"))
    consent.add_argument("--kind", metavar="sms,email,…", help=cat.t("cli.consent_kind"))
    consent.add_argument("--evidence", metavar="TEXT", help=cat.t("cli.consent_evidence"))
    held = add("held")
    held.add_argument("person", nargs="?", metavar="PERSON")
    held.add_argument("--project", action="store_true", help=cat.t("cli.held_project"))
    held.add_argument("--set", nargs="+", metavar="NAME=VALUE", default=[], help=cat.t("cli.held_set"))
    held.add_argument("--source", type=int, metavar="N", help=cat.t("cli.held_source"))
    held.add_argument("--format", choices=("md", "html", "json"), help=cat.t("cli.held_format"))
    held.add_argument("--out", metavar="PATH", help=cat.t("cli.held_out"))
