"""An edge list: ``actor,target,kind,time[,platform,post]``, one interaction a row (CSV, JSONL, XLSX)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from xunke.model import Account, Interaction, InteractionKind, Record

from . import values
from .base import Context
from .posts import Row
from .values import BadValue

REQUIRED: Final = ("actor", "target", "kind")
PLATFORM: Final = "file"
KINDS: Final[dict[str, InteractionKind]] = {
    "repost": "repost", "retweet": "repost", "转发": "repost",
    "reply": "reply", "comment": "reply", "回复": "reply", "评论": "reply",
    "mention": "mention", "提及": "mention",
    "quote": "quote", "引用": "quote",
    "like": "like", "点赞": "like", "赞": "like",
    "follow": "follow", "关注": "follow",
}  # fmt: skip


@lru_cache(maxsize=65536)
def _account(platform: str, native_id: str) -> Account:
    return Account(platform, native_id, name=values.name(native_id))


def _who(row: Row, platform: str, column: str) -> Account:
    native_id = values.ident(row.get(column))
    if native_id is None:
        raise BadValue(f"import.no_{column}")
    return _account(platform, native_id)


def folded(row: dict[str, Any]) -> dict[str, Any]:
    """Column names without case."""
    return row if "actor" in row and "kind" in row else {name.strip().lower(): value for name, value in row.items()}


def map_row(row: dict[str, Any], context: Context) -> Iterable[Record]:
    """One edge. ``time``: ISO 8601 (without an offset: UTC+8) or epoch seconds or milliseconds; may be empty."""
    row = folded(row)
    word = row.get("kind")
    kind = KINDS.get(word.strip().lower()) if isinstance(word, str) else None
    if kind is None:
        raise BadValue("import.bad_kind", "" if word is None else word)
    platform = values.name(row.get("platform")) or PLATFORM
    stamp = row.get("time")
    moment = values.when(stamp) if stamp else None
    time = moment[0] if moment else 0 if str(stamp).strip() == "0" else None
    post = values.ident(row.get("post"))
    return (Interaction(platform, _who(row, platform, "actor"), _who(row, platform, "target"), kind, time, post),)
