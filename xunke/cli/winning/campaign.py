"""Arguments: campaigns, calendar, costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

MODULES: Final[Mapping[str, str]] = {}
"""{command: module of ``xunke.cli`` that runs it}."""


def fill(add: Any, cat: Catalogue) -> None:
    """Add the commands of this area."""
