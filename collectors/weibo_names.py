"""What a user may type to say which post, account or super topic of Weibo is meant. Pure functions."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from xunke.text import one_line

from .importers.values import bid_to_mid
from .weibo_map import SUPERTOPIC

_SITES: Final = re.compile(r"(?:[\w-]+\.)*weibo\.(?:com|cn)")
_MID: Final = re.compile(r"\d{14,20}")
_BID: Final = re.compile(r"[0-9A-Za-z]{7,12}")
_UID: Final = re.compile(r"\d{4,12}")
_RESERVED: Final = frozenset({"p", "detail", "status", "search", "login", "ajax", "tv", "ttarticle", "hot", "newlogin"})


def _address(value: str) -> tuple[list[str], dict[str, list[str]]] | None:
    """Path and query of an address of Weibo's; None for what is none."""
    text = one_line(value, 1_000)
    if "://" not in text and not re.match(r"(?:[\w-]+\.)*weibo\.(?:com|cn)/", text):
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        if not _SITES.fullmatch((parts.hostname or "").lower()):
            return None
    except ValueError:
        return None
    return [unquote(part) for part in parts.path.split("/") if part], parse_qs(parts.query)


def post_number(value: str) -> str | None:
    """The number of a post from its number, its short id, or any address of it."""
    address = _address(value)
    if address is None:
        return _number(one_line(value, 100))
    path, query = address
    named = [*query.get("id", []), *query.get("weibo_id", []), *query.get("mblogid", [])]
    return next((found for word in [*named, *path[::-1]] if (found := _number(word))), None)


def _number(word: str) -> str | None:
    if _MID.fullmatch(word):
        return word
    if not word.isdigit() and _BID.fullmatch(word):
        found = bid_to_mid(word)
        return found if found and _MID.fullmatch(found) else None
    return None


def account_named(value: str) -> tuple[str, str]:
    """``("uid", number)``, ``("name", nickname)`` or ``("custom", word)`` (of ``weibo.com/word``); ``("", "")`` for an
    address of something else."""
    address = _address(value)
    if address is None:
        text = one_line(value, 200)
        if "://" in text:
            return "", ""
        name = text.lstrip("@＠").strip()
        return ("uid", name) if _UID.fullmatch(name) else ("name", name)
    path, query = address
    for word in [*query.get("uid", []), *path]:
        if _UID.fullmatch(word):
            return "uid", word
        if found := re.fullmatch(r"100[356]0[356](\d{4,12})", word):
            return "uid", found[1]
    if len(path) > 1 and path[0] == "n":
        return "name", one_line(path[1], 100)
    return ("custom", one_line(path[0], 100)) if path and path[0] not in _RESERVED else ("", "")


def supertopic_id(value: str) -> str | None:
    """``100808`` and 32 digits, from the id itself or any address of the super topic."""
    found = SUPERTOPIC.search(unquote(one_line(value, 1_000)).lower())
    return found[0] if found else None
