"""Passwords and shared secrets: from a file or typed unseen; never as an argument, which every process can read."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Final

from xunke.config import user_path
from xunke.errors import BadInput, NeedsAnswer
from xunke.i18n import Catalogue

LEAST: Final = 8
"""Characters that a word must have."""
_MOST: Final = 1024


def word(cat: Catalogue, path: str | None, *, ask: bool, twice: bool = False) -> str | None:
    """The first line of the file ``path``, or what is typed at ``ask``; None where neither is wanted.

    Raises BadInput for a word that is too short or an unreadable file, NeedsAnswer where nobody can be asked.
    """
    if path is not None:
        return _long(_line(user_path(path)))
    if not ask:
        return None
    if not sys.stdin.isatty():
        raise NeedsAnswer("export.password_nobody")
    said = _long(getpass.getpass(cat.t("export.password_ask")))
    if twice and getpass.getpass(cat.t("export.password_again")) != said:
        raise BadInput("export.password_other")
    return said


def _line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline(_MOST).rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput("cli.bad_file", path=str(path), detail="UTF-8") from None
    except OSError as error:
        raise BadInput("cli.bad_file", path=str(path), detail=error.strerror or "") from None


def _long(said: str) -> str:
    if len(said) < LEAST:
        raise BadInput("export.password_short", least=LEAST)
    return said
