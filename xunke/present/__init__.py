"""Events in words, in the user's language: the same text for the command line and the terminal app."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from xunke.columns import align, lay
from xunke.events import (
    Answer,
    Cancelled,
    Done,
    Event,
    Failed,
    FileWritten,
    Funnel,
    Imported,
    Page,
    Progress,
    Result,
    StepStarted,
    Table,
    Warned,
)  # fmt: skip
from xunke.figures import percent, points
from xunke.i18n import Catalogue
from xunke.present.files import file_lines, import_lines

_JOINED: Final = re.compile(r"[^·↑↓]+")
"""What stands between the marks that join the parts of a segment's name."""
_WINDOWED: Final = re.compile(r"(\w+)_(\d{1,4})d")
_CODES: Final = (
    "platform", "action", "state", "measure", "by", "slot", "sort", "one", "two", "method", "what", "op", "mode",
    "relation",
)  # fmt: skip
"""Parameters of messages that may be codes."""
_KEYS: Final = frozenset({"what", "op", "example"})
"""Parameters that may be message keys themselves."""
_LISTS: Final = frozenset({"others", "ids", "rows", "columns"})
"""Parameters that may be lists of the user's own words or numbers."""
_SHARES: Final = frozenset({
    "share", "rate", "base", "of_before", "of_first", "hit_rate", "gap_low", "gap_high", "acted_share", "here_share",
    "spam", "chance", "everybody", "elsewhere", "share_engagement", "share_reach", "precision", "inside",
    "level_after",
})  # fmt: skip
"""Columns of tables that hold shares of one."""
_GAPS: Final = frozenset({"change_points"})
"""Columns of differences of shares, in percentage points."""
_ENDS: Final = frozenset({"low", "high"})
_TIMES: Final = frozenset({"lift", "times", "odds_times"})
"""Columns of multiples: where one stands, the ends of the interval are multiples too."""
_WHOLE: Final = frozenset({"post", "id", "code", "rule", "see", "url"})
"""Columns whose cells are typed again: never cut."""
_SAID: Final = frozenset({
    "reason", "reasons", "why", "why_now", "next_act", "next_reason", "first_act", "finding", "check_finding",
    "draft_words", "ask", "idea", "sum",
})  # fmt: skip
"""Columns of sentences: why a row is there, what was found, what to do. They are wrapped, never cut."""
_AS_IT_IS: Final = frozenset({"key", "limit_name"})
"""Columns of codes that are typed: not turned into words."""


def rhythm(code: str, cat: Catalogue) -> str:
    """How often something is done: ``every.`` and a count of hours, days, weeks or months, as every.6h."""
    if cat.has(code):
        return cat.t(code)
    count, unit = code.removeprefix("every.")[:-1], code[-1:]
    return cat.t(f"every.n{unit}", n=int(count)) if count.isdecimal() and cat.has(f"every.n{unit}") else code


def funnel_line(event: Funnel, cat: Catalogue) -> str:
    """What was left after each filter, in one line."""
    parts = []
    for key, count, params in event.stages:
        text = cat.t(key, n=count, **{k: v for k, v in params.items() if k != "unknown"})
        if params.get("unknown"):
            text += cat.t("funnel.unknown", unknown=params["unknown"])
        parts.append(text)
    return cat.t("funnel.join").join(parts)


def progress_line(event: Progress, cat: Catalogue) -> str:
    """Stage, share, rate and what is left, in one line."""
    stage = cat.t(f"stage.{event.stage}")
    if event.stage == "collect":
        stage = cat.t("progress.collect", what=event.note)
    if event.stage == "wait":
        seconds = max(1, round(event.eta or 0))
        return cat.t(event.note or "progress.wait", seconds=f"{seconds:,}")
    done = amount(event, event.done)
    if event.total:
        total = amount(event, event.total)
        share = f"{min(1.0, event.done / event.total):.0%}"
        text = cat.t("progress.of", stage=stage, done=done, total=total, share=share)
    elif event.share is not None:
        text = cat.t("progress.share", stage=stage, done=done, share=f"{event.share:.0%}")
    elif event.done:
        text = cat.t("progress.count", stage=stage, done=done)
    else:
        text = cat.t("progress.busy", stage=stage)
    if event.parts > 1:
        text += cat.t("progress.part", part=min(event.part, event.parts), parts=event.parts)
    if event.requests:
        text += cat.t("progress.requests", n=event.requests)
    if event.stage == "collect" and event.rate:
        text += cat.t("progress.rate", rate=amount(event, event.rate))
    if event.eta is not None and event.eta >= 1:
        text += cat.t("progress.eta", eta=clock(event.eta))
    return text + (f"  {event.note}" if event.note and event.stage != "collect" else "")


def amount(event: Progress, n: float) -> str:
    """How much ``n`` of a progress is: bytes of a file, else things."""
    if event.stage == "import":
        return size(int(n))
    return f"{n:,.0f}" if n >= 10 or n == int(n) else f"{n:.1f}"


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size(n: int) -> str:
    """Bytes as KB, MB or GB of 1,024."""
    value = float(n)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return str(n)


def event_lines(event: Event, cat: Catalogue, width: int | None = None) -> list[str]:
    """An event in words, tables ``width`` cells wide at most (None: as wide as they are); progress has a line of its
    own (``progress_line``).
    """
    match event:
        case StepStarted():
            return [cat.t("run.step", n=event.index + 1, action=cat.t(f"action.{event.action}"))]
        case Progress():
            return [progress_line(event, cat)]
        case Funnel():
            return [funnel_line(event, cat)]
        case Warned():
            return [cat.t(event.code, **message_words(event.params, cat))]
        case Result():
            return [cat.t(f"result.{event.target}", n=event.count, result=event.result)]
        case Table():
            title = cat.t(event.title, **message_words(event.params, cat))
            return [title, *table_lines(*shown_columns(event), cat, width=width)] if event.rows else [title]
        case Answer():
            from xunke.present.answers import told

            return told(event, cat)[0]
        case Page():
            return list(event.lines)
        case FileWritten():
            return file_lines(event, cat)
        case Imported():
            return import_lines(event, cat)
        case Done():
            return [cat.t(event.code, **message_words(event.params, cat))]
        case Failed():
            return [failure_line(event.key, event.params, cat)]
        case Cancelled():
            return [cat.t("run.cancelled")]
        case _:
            return []


def failure_line(key: str, params: dict[str, Any], cat: Catalogue) -> str:
    """An error in words."""
    return cat.t(key, **message_words(params, cat))


def message_words(params: dict[str, Any], cat: Catalogue) -> dict[str, Any]:
    """Parameters that are codes themselves, translated."""
    out = dict(params)
    for name in _CODES:
        value = out.get(name)
        for key in (f"value.{value}", f"{name}.{value}", f"value_term.{value}", str(value) if name in _KEYS else ""):
            if isinstance(value, str) and cat.has(key):
                out[name] = cat.t(key)
    out |= {k: cat.t(v) for k, v in out.items() if isinstance(v, str) and v.startswith("facet.") and cat.has(v)}
    if isinstance(out.get("detail"), str) and cat.has(f"system.{out['detail']}"):
        out["detail"] = cat.t(f"system.{out['detail']}")
    if isinstance(out.get("part"), str) and cat.has(f"column.{out['part']}"):
        out["part"] = cat.t(f"column.{out['part']}")
    if isinstance(out.get("reason"), str) and cat.has(out["reason"]):
        out["reason"] = cat.t(out["reason"], **{k: v for k, v in params.items() if k != "reason"})
    if isinstance(out.get("known"), list):
        out["known"] = cat.t("list.comma").join(_choice(str(key), cat) for key in out["known"])
    if isinstance(out.get("names"), list):
        out["names"] = cat.t("list.comma").join(_word(str(name), cat) for name in out["names"])
    out |= _joined(out, cat)
    if isinstance(out.get("criteria"), dict):  # what each criterion weighs
        named = (f"{table_head(f'crit_{name}', cat)} {weight:g}" for name, weight in out["criteria"].items())
        out["criteria"] = cat.t("list.comma").join(named)
    if isinstance(out.get("mix"), list):
        out["mix"] = mix_words(out["mix"], cat)
    if isinstance(out.get("cover"), dict):
        out["cover"] = cover_words(out["cover"], cat)
    if isinstance(out.get("horizon"), float):
        out["horizon"] = duration(out["horizon"], cat)
    return out


def _joined(params: Mapping[str, Any], cat: Catalogue) -> dict[str, str]:
    lists = {name: params[name] for name in _LISTS & params.keys() if isinstance(params[name], list)}
    return {name: cat.t("list.comma").join(map(str, said)) or "—" for name, said in lists.items()}


def cover_words(cover: Mapping[str, Mapping[str, Any]], cat: Catalogue) -> str:
    """How much was seen of each kind of list, and why the rest was not (``xunke.jobs.counts.Cover`` by kind)."""
    parts = []
    for kind, seen in cover.items():
        name, key = cat.t(f"cover.kind.{kind}"), "cover.posts" if kind == "posts" else "cover.of"
        text = cat.t(key, kind=name, said=seen["said"], seen=seen["known"]) if seen["told"] else (
            cat.t("cover.seen", kind=name, n=seen["seen"])
        )  # fmt: skip
        why = [
            cat.t("cover.lacking" if missing else "cover.lists", n=missing or lists, reason=cat.t(reason))
            for reason, (lists, missing) in sorted(seen["reasons"].items())
        ]
        parts.append(text + (cat.t("cover.why", why=cat.t("list.comma").join(why)) if why else ""))
    return cat.t("cover.join").join(parts)


def reason_text(reason: Mapping[str, Any], cat: Catalogue) -> str:
    """A message key with its parameters, in words."""
    return failure_line(str(reason["key"]), dict(reason.get("params") or {}), cat)


def duration(seconds: float | None, cat: Catalogue) -> str:
    """A length of time in its largest unit; None, as a unit of recency: without decay."""
    if seconds is None:
        return cat.t("duration.ever")
    for size, key in ((86400.0, "duration.days"), (3600.0, "duration.hours"), (60.0, "duration.minutes")):
        if seconds >= size:
            return cat.t(key, n=seconds / size)
    return cat.t("duration.seconds", n=seconds)


def mix_words(mix: Sequence[Sequence[Any]], cat: Catalogue) -> str:
    """Time units and their shares."""
    return cat.t("list.comma").join(cat.t("why.share", unit=duration(unit, cat), share=share) for unit, share in mix)


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], cat: Catalogue, limit: int = 200, width: int | None = None
) -> list[str]:
    """A small table as aligned text, ``width`` cells wide at most; what did not fit is named below it."""
    head = [table_head(c, cat) for c in columns]
    of_hundred = percents(columns)
    body = [
        [
            of_hundred[i](v)
            if i in of_hundred and isinstance(v, float)
            else str(v)
            if columns[i] in _AS_IT_IS
            else short_cell(v, cat, longest(columns[i], 60))
            for i, v in enumerate(row)
        ]
        for row in rows[:limit]
    ]
    lines, narrow = laid(columns, head, body, cat, width)
    return [*lines, *([cat.t("table.more", n=len(rows) - limit)] if len(rows) > limit else ()), *narrow]


def laid(
    columns: Sequence[str], head: Sequence[str], body: Sequence[Sequence[str]], cat: Catalogue, width: int | None
) -> tuple[list[str], list[str]]:
    """A table of words in lines, ``width`` cells wide at most, and what to say of the columns that did not fit."""
    if width is None:
        return align([head, *body]), []
    whole, said = ({i for i, name in enumerate(columns) if name in kind} for kind in (_WHOLE, _SAID))
    lines, left_out = lay([head, *body], width, whole, said)
    return lines, [cat.t("table.narrow", names=cat.t("list.comma").join(head[i] for i in left_out))] if left_out else []


def is_sentence(column: str) -> bool:
    """Whether this column says what the row is about: words to be read, not a value among others."""
    return column in _SAID or column == "text"


def longest(column: str, usual: int) -> int:
    """How many characters a cell of this column may have: sentences are shown whole."""
    return 400 if column in _SAID else usual


def percents(columns: Sequence[str]) -> dict[int, Callable[[float], str]]:
    """The places of columns that hold shares (0 to 1) or differences of them, and how people read these."""
    own = {name for name in columns if name in _SHARES}
    if own and _TIMES.isdisjoint(columns):  # the ends of an interval are of the kind of what they enclose
        own |= _ENDS
    return {i: points if name in _GAPS else percent for i, name in enumerate(columns) if name in own | _GAPS}


def shown_columns(event: Table) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
    """Columns and rows without those that only a program reads (``params["hidden"]``): numbers of rows, raw values;
    a column of ``params["heads"]`` has another one's head (the ``name`` of a list is not that of a person).
    """
    hidden, heads = set(event.params.get("hidden", ())), event.params.get("heads", {})
    keep = [i for i, name in enumerate(event.columns) if name not in hidden]
    return [heads.get(event.columns[i], event.columns[i]) for i in keep], [[row[i] for i in keep] for row in event.rows]


def table_head(column: str, cat: Catalogue) -> str:
    """The name of a column in words; ``posts_30d`` is ``posts`` of the last 30 days."""
    if (window := _WINDOWED.fullmatch(column)) is not None:
        return cat.t("column.windowed", name=table_head(window[1], cat), days=int(window[2]))
    keys = (f"{kind}.{column}" for kind in ("column", "slot", "value"))
    return next((cat.t(key) for key in keys if cat.has(key)), cat.t(column) if cat.has(column) else column)


def table_cell(value: Any, cat: Catalogue) -> str:
    """A cell of a table in words, whole."""
    return short_cell(value, cat, most=100_000)


def short_cell(value: Any, cat: Catalogue, most: int = 60) -> str:
    from xunke.text import one_line

    if value is None:
        return "—"
    if isinstance(value, dict):
        return one_line(reason_text(value, cat) if "key" in value else cover_words(value, cat), 200)
    if isinstance(value, list):
        return cat.t("list.comma").join(short_cell(v, cat, most) for v in value)
    if isinstance(value, bool):
        return cat.t("value.yes" if value else "value.no")
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return f"{value:,}"
    text = one_line(str(value), most)
    return _JOINED.sub(lambda m: _word(m[0], cat), text) if _JOINED.fullmatch(text) is None else _word(text, cat)


def _choice(key: str, cat: Catalogue) -> str:
    """What may be typed: its name and the code that scripts use; ``key``: a message key that ends with the code."""
    code, word = key.rpartition(".")[2], cat.t(key) if cat.has(key) else key
    return word if word in (code, key) else cat.t("known.choice", word=word, code=code)


def _word(text: str, cat: Catalogue) -> str:
    """A code in words; anything else as it is."""
    if text.startswith("every."):
        return rhythm(text, cat)
    for prefix in ("value", "kind", "state", "label", "gender"):
        if cat.has(f"{prefix}.{text}"):
            return cat.t(f"{prefix}.{text}")
    return cat.t(text) if cat.has(text) else text
