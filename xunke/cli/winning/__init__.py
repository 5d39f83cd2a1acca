"""Arguments of the commands that make more of people than a list: one module for each area, light enough for --help.

A command is added by a function in the module of its area, and by the name of the module in ``xunke/cli`` that runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from xunke.i18n import Catalogue

from . import campaign, care, history, ladder, lists, persona, segment, trial

Fill = Callable[[Any, Catalogue], None]
"""Adds commands: with ``add(name)``, which makes a parser, and the catalogue of its sentences."""

FILL: Final[tuple[Fill, ...]] = tuple(
    area.fill for area in (segment, persona, lists, ladder, campaign, trial, history, care)
)
MODULES: Final[Mapping[str, str]] = {
    name: module
    for area in (segment, persona, lists, ladder, campaign, trial, history, care)
    for name, module in area.MODULES.items()
}
"""{command: module of ``xunke.cli`` whose ``COMMANDS`` has it}."""
