"""Lists of followers: one person a row, by id or name, with the day on which the list was read (table or lines).

Which account they follow stands in a column, in the mapping (``own``), or it is the user's only one. The day stands in
a column, in the mapping (``date``), in the file's name (粉丝_2026-11-09.csv), else it is that of its last change.
A list is whole unless a column or the mapping (``whole``) says that it is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from xunke.errors import BadInput
from xunke.model import Account, Follower, Record
from xunke.text import clean

from . import values
from .base import Context, RawRow, RowImporter
from .source import Source
from .values import BadValue

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("粉丝id", "粉丝编号", "followerid", "uid", "userid", "用户id", "账号id", "accountid", "nativeid", "id"),
    "name": (
        "粉丝昵称", "粉丝名称", "粉丝", "follower", "followername", "昵称", "nickname", "screenname", "用户昵称",
        "用户名", "username", "名字", "姓名", "name",
    ),
    "handle": ("handle", "acct", "微博号", "小红书号", "抖音号"),
    "own": ("own", "ownaccount", "自有账号", "我们的账号", "品牌账号", "所属账号", "被关注账号", "被关注者"),
    "date": (
        "date", "day", "snapshot", "snapshotdate", "listdate", "asof", "fetched", "fetchedat", "日期", "名单日期",
        "抓取日期", "抓取时间", "采集日期", "采集时间", "导出日期", "导出时间", "统计日期",
    ),
    "since": ("followedat", "followtime", "followdate", "since", "关注时间", "关注日期"),
    "whole": ("whole", "complete", "完整", "是否完整"),
    "platform": ("platform", "平台"),
    "bio": ("bio", "简介", "个人简介"),
    "url": ("url", "link", "主页", "链接", "主页链接"),
    "region": ("region", "地区", "所在地", "ip属地"),
    "followers": ("followers", "followerscount", "粉丝数"),
}  # fmt: skip
"""What a column may mean, by its name without case, blanks, - and _; the first that is there counts."""
TELLING: Final = frozenset({"粉丝id", "粉丝编号", "followerid", "粉丝昵称", "粉丝名称", "followername"})
"""A table with such a column is a list of followers, whatever its file is called."""
_SETTINGS: Final = ("own", "date", "whole", "platform", "columns")
_NO: Final = frozenset({"0", "no", "n", "false", "否", "不完整", "部分", "partial"})
_BLANKS: Final = re.compile(r"[\s_\-]+")
_DAY: Final = re.compile(
    r"(20\d\d)[-_.年]?(0[1-9]|1[0-2]|[1-9](?=[-_.月]))[-_.月]?(0[1-9]|[12]\d|3[01]|[1-9](?!\d))日?"
)
_ID: Final = re.compile(r"\d+|did:\S+|[^\s@]+@[^\s@]+\.[^\s@]+")
_ZONE: Final = timezone(timedelta(hours=8))
LINE: Final = "\0line"
"""The column of a file that is nothing but lines."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is said beside the file. ``day``: UTC seconds of its first second in China."""

    own: str | None = None
    day: int | None = None
    whole: bool = True
    platform: str = ""
    columns: Mapping[str, str] | None = None


def setting_of(mapping: Mapping[str, Any]) -> Setting:
    """Check what is said beside the file. Raises BadInput("import.bad_mapping")."""
    for key, value in mapping.items():
        wanted: type = {"whole": bool, "columns": dict}.get(key, str)
        if key not in _SETTINGS or not isinstance(value, date if key == "date" and isinstance(value, date) else wanted):
            raise BadInput("import.bad_mapping", detail=str(key)[:80])
    columns = mapping.get("columns") or {}
    if any(key not in COLUMNS or not isinstance(column, str) for key, column in columns.items()):
        raise BadInput("import.bad_mapping", detail="columns")
    try:
        day = None if mapping.get("date") is None else day_start(str(mapping["date"]))
    except BadValue as bad:
        raise BadInput("import.bad_mapping", detail=bad.detail) from None
    return Setting(mapping.get("own"), day, mapping.get("whole", True), mapping.get("platform", ""), columns)


def day_start(value: Any) -> int | None:
    """The first second, in China, of the day of a time; None for nothing. Raises BadValue.

    A list is of a day: exports write a time of their own beside every row.
    """
    found = values.when(value)
    if found is None:
        return None
    day = datetime.fromtimestamp(found[0], UTC).astimezone(_ZONE).date()
    return int(datetime(day.year, day.month, day.day, tzinfo=_ZONE).timestamp())


def day_of_file(source: Source) -> int:
    """The day in the file's name, or else of its last change."""
    if found := _DAY.search(source.path.stem):
        try:
            return int(datetime(*(int(part) for part in found.groups()), tzinfo=_ZONE).timestamp())  # type: ignore[arg-type, misc]
        except ValueError:
            pass
    changed = datetime.fromtimestamp(source.reference or 0, UTC).astimezone(_ZONE)
    return int(changed.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())


def meaning(columns: Iterable[str]) -> dict[str, str]:
    """{what a column means: its name} of a table's columns."""
    folded = {_BLANKS.sub("", name).lower(): name for name in reversed(list(columns))}
    return {what: folded[word] for what, words in COLUMNS.items() for word in reversed(words) if word in folded}


def is_list(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is a list of followers."""
    return any(_BLANKS.sub("", name).lower() in TELLING for name in columns)


def line_rows(source: Source) -> Iterator[RawRow]:
    """Each line that holds something."""
    for raw in source.lines():
        if raw is None:
            yield "", None, ("import.bad_row", "")
        elif text := clean(raw.decode("utf-8", "replace")).strip().lstrip("\ufeff"):
            yield "", {LINE: text}, None


def mapper(setting: Setting) -> Callable[[Any, Context], Iterable[Record]]:
    """One row to one Follower. Raises BadValue for a row without an id or a name."""
    days: dict[str, int] = {}

    def map_row(row: Any, context: Context) -> Iterable[Record]:
        if isinstance(row, str | int):
            row = {LINE: str(row)}
        if not isinstance(row, dict):
            raise BadValue("import.bad_row")
        means = {**meaning(row), **(setting.columns or {})}

        def cell(what: str) -> Any:
            return row.get(means.get(what, "\0"))

        line = row.get(LINE)
        native_id, name = values.ident(cell("id")), values.name(cell("name"))
        if line is not None:
            word = values.name(str(line).strip().lstrip("@＠"))
            native_id, name = (word, None) if word and _ID.fullmatch(word) else (None, word)
        if native_id is None:
            if name is None:
                raise BadValue("import.no_id")
            native_id = f"name:{name}"
        path = str(context.source.path)
        if path not in days:
            days[path] = day_of_file(context.source) if setting.day is None else setting.day
        day = context.field(day_start, row, means["date"]) if "date" in means else None
        since = context.field(values.when, row, means["since"]) if "since" in means else None
        told = cell("whole")
        whole = setting.whole and not (told is not None and str(told).strip().lower() in _NO)
        account = Account(
            values.name(cell("platform")) or setting.platform, native_id, name=name, handle=values.name(cell("handle")),
            bio=values.text(cell("bio")) or None, url=values.url(cell("url")), region=values.region(cell("region")),
            followers=context.field(values.count, row, means["followers"]) if "followers" in means else None,
        )  # fmt: skip
        own = values.name(cell("own")) or setting.own
        return (Follower(account, days[path] if day is None else day, own, None if since is None else since[0], whole),)

    return map_row


def followers_importer(source: Source, kind: str, mapping: Any) -> RowImporter:
    """The importer of a list; ``mapping``: a TOML or JSON file, its content, or None. Raises BadInput."""
    from typing import cast

    from . import sniff
    from .table import read_mapping

    setting = setting_of(read_mapping(mapping) if mapping is not None else {})
    if kind in ("xml", "sqlite"):
        raise BadInput("import.wrong_format", path=source.shown, format="followers")
    rows = sniff.reader(cast(sniff.Container, kind))
    if kind == "csv":
        from .csv_rows import csv_header

        known = {**meaning(csv_header(source)[0]), **(setting.columns or {})}
        if not {"id", "name"} & known.keys():
            if len(csv_header(source)[0]) > 1:
                raise BadInput("import.missing_columns", path=source.shown, columns="粉丝ID / follower_id")
            rows = line_rows
    return RowImporter("followers", rows, mapper(setting))
