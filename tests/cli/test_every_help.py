"""Every command explains itself, whatever its texts hold: a % in one once stopped the help of three commands."""

from __future__ import annotations

import argparse
import shlex

import pytest

from xunke.cli.parser import build
from xunke.cli.winning import MODULES
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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_made_of_people_is_shown_by_examples(lang: str) -> None:
    """Nothing goes without a sentence; Chinese help has no English one; each example names its own command."""
    parser = build(Catalogue(lang))
    (commands,) = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for name in MODULES:
        told = commands.choices[name].format_help()
        examples = (commands.choices[name].epilog or "").splitlines()[1:]
        assert examples, name
        for line in examples:
            assert line.strip() in told, name
            words = shlex.split(line)
            assert words[:2] == ["xunke", name], line
            parser.parse_args(words[1:])
        for action in commands.choices[name]._actions:
            assert action.help, (name, action.dest)
            assert lang == "en" or action.dest == "help" or not action.help.isascii(), (name, action.dest, action.help)
            assert not action.help.startswith("cli."), (name, action.dest)
