"""A book of dealings with people (CSV, XLSX, JSONL, JSON): one act or outcome a row, columns by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput
from xunke.model import Dealt, Rejected

from . import values
from .purchases import PLATFORMS
from .source import Source
from .values import BadValue

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "who": ("谁", "对象", "昵称", "用户", "姓名", "账号", "客户", "person", "who", "name", "account", "user", "handle"),
    "platform": ("平台", "platform"),
    "time": ("时间", "日期", "接触时间", "time", "date", "when", "t"),
    "step": ("步骤", "动作", "接触", "做了什么", "方式", "step", "act", "touch", "action"),
    "outcome": ("反应", "结果", "对方反应", "结局", "outcome", "result", "response"),
    "channel": ("渠道", "channel"),
    "value": ("金额", "数值", "分数", "value", "amount"),
    "minutes": ("分钟", "用时", "时长", "minutes"),
    "text": ("文案", "内容", "原话", "文字", "text", "draft", "message"),
    "note": ("备注", "说明", "note", "notes", "remark"),
    "owner": ("负责人", "谁做的", "经手人", "owner"),
    "campaign": ("活动", "活动名", "campaign"),
    "variant": ("版本", "口令", "文案版本", "variant", "code"),
}  # fmt: skip
_FIRST: Final = 946_656_000
"""2000-01-01 in China: what is earlier is no time but another number, such as a day of a spreadsheet (46000)."""
FIELDS: Final = {name: field for field, words in _NAMES.items() for name in words}


def is_book(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is such a book: somebody, a time, and what was done or came of it."""
    fields = {FIELDS[name] for column in columns if (name := column.strip().lower()) in FIELDS}
    return {"who", "time"} <= fields and bool({"step", "outcome"} & fields)


def read(path: Path | str) -> Iterator[Dealt | Rejected]:
    """The rows of a file. Raises BadInput("touch.import_columns") where no row has what is needed."""
    from . import sniff

    source = Source.open(Path(path))
    kind = sniff.container(source)
    if kind in ("sqlite", "xml"):
        raise BadInput("touch.import_columns", columns=kind)
    number, usable, seen = 0, False, list[str]()
    for _, value, problem in sniff.reader(kind)(source):
        number += 1
        if not isinstance(value, dict):
            yield Rejected(number, problem[0] if problem else "import.not_an_object")
            continue
        row = {FIELDS[key.strip().lower()]: item for key, item in value.items() if key.strip().lower() in FIELDS}
        if not usable:
            seen = seen or [str(key)[:40] for key in value]
            if "who" not in row or not {"step", "outcome"} & row.keys():
                raise BadInput("touch.import_columns", columns=", ".join(seen[:12]))
            usable = True
        yield _row(row, number)


def _row(row: Mapping[str, Any], number: int) -> Dealt | Rejected:
    who = values.name(row.get("who"))
    if who is None:
        return Rejected(number, "touch.import_nobody", "")
    try:
        moment = values.when(row.get("time"))
    except BadValue:
        moment = None
    if moment is None or moment[0] < _FIRST:
        return Rejected(number, "touch.import_when", values.shorten(row.get("time")))
    numbers: dict[str, float | None] = {}
    for field in ("value", "minutes"):
        digits = values.text(row.get(field)).replace(",", "").replace("，", "").strip("¥￥元分钟 ")
        try:
            numbers[field] = float(digits) if digits else None
        except ValueError:
            return Rejected(number, "touch.import_value", values.shorten(row.get(field)))
        if numbers[field] is not None and not abs(numbers[field] or 0.0) < 1e12:
            return Rejected(number, "touch.import_value", values.shorten(row.get(field)))
    said = {field: values.text(row.get(field)).strip() or None for field in _NAMES}
    if said["step"] is None and said["outcome"] is None:
        return Rejected(number, "touch.import_what", "")
    platform = None if said["platform"] is None else said["platform"].lower()
    return Dealt(
        who, moment[0], PLATFORMS.get(platform or "", platform), said["step"], said["outcome"], said["channel"],
        numbers["value"], numbers["minutes"], said["text"], said["note"], said["owner"],
        said["campaign"], said["variant"],
    )  # fmt: skip
