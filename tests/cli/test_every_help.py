"""Every command explains itself, whatever its texts hold: a % in one once stopped the help of three commands."""

from __future__ import annotations

import argparse

import pytest

from xunke.cli.parser import build
from xunke.i18n import Catalogue


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_explains_itself(lang: str) -> None:
    parser = build(Catalogue(lang))
    (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for name, one in commands.choices.items():
        told = one.format_help()
        for action in one._actions:
            words = "".join((action.help or "").split())
            assert action.help is argparse.SUPPRESS or words in "".join(told.split()) or action.dest == "help", name
