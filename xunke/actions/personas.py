"""Personas and reports as events: what the command line, the chat and the screens show of people in the round."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from xunke import veil
from xunke.analysis import understand_posts
from xunke.clock import end_of, start_of
from xunke.errors import BadInput, UsageError
from xunke.events import Done, Event, FileWritten, Page, Table, Warned
from xunke.export import text_file
from xunke.outreach import freshness, persona_rows, persona_tags, personas, starters
from xunke.outreach.before import before as before_of
from xunke.outreach.smallgroups import least_of
from xunke.persona import understand_people
from xunke.report import WRITERS, plain
from xunke.report.persona_page import persona_report, tag_text, title
from xunke.report.wording import Words
from xunke.storage import Project, naming, rows

FORMATS: Final = ("text", "md", "html", "json")
_SUFFIX: Final = {".html": "html", ".htm": "html", ".md": "md", ".txt": "text", ".json": "json"}


def whom(
    project: Project, *, today: date, person: str | None = None, segment: str | None = None,
    list_name: str | None = None, result: int | None = None, starter: str | None = None, everybody: bool = False,
) -> persona_rows.Whom:  # fmt: skip
    """Who is meant. Raises UsageError("persona.whom") if nobody is, BadInput for a name that is not there."""
    if person:
        return persona_rows.person(project, person)
    if segment:
        return persona_rows.segment(project, segment)
    if list_name:
        return persona_rows.of_list(project, list_name, start_of(today))
    if starter:
        return starters.people(project, starter)
    if result is not None:
        return persona_rows.result(project, result or None)
    if everybody:
        return persona_rows.everybody(project)
    raise UsageError("persona.whom")


async def card(
    project: Project, *, today: date, lang: str, person: str | None = None, segment: str | None = None,
    list_name: str | None = None, result: int | None = None, starter: str | None = None, everybody: bool = False,
    format: str | None = None, out: Path | None = None, names: bool = False, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """The persona of a person or a group: a page, or (``out``) a file as text, md, html or json.

    ``result`` 0: the newest result of people. Files name nobody unless ``names``; a page inside the program does.
    """
    kind = format_of(format, out)
    async for event in understand_people(project):
        yield event
    asked = {"person": person, "segment": segment, "list_name": list_name, "result": result, "starter": starter}
    meant = whom(project, today=today, everybody=everybody, **asked)  # type: ignore[arg-type]
    if not meant.accounts:
        raise BadInput("persona.nobody")
    now = end_of(today)
    async for told_event in read(project, meant, now):
        yield told_event
    found = personas.persona(project, meant, now=now, tag=persona_tags.edited(project, meant))
    pack = before_of(project, found, now=now) if found.one else None
    words = Words(lang, names=out is None or (names and not naming.coded(project)),
                  closed=out is not None and not found.one, least=least_of(project))  # fmt: skip
    told = persona_report(found, words, pack, today.isoformat())
    if meant.spec is not None and meant.kind == "starter":
        rule = "；".join(f"{words.t(f'fact.{fact}')}：{words.comma(list(v))}" for fact, v in meant.spec.items())
        yield Warned("persona.starter_rule", {"name": words.t(meant.name), "rule": rule})
    data = found.as_json() | {"tag": tag_text(found, words) or None} | ({"before": pack.as_json()} if pack else {})
    if out is None:
        yield Page(title(found, words), plain(told).splitlines(), data, index)
        return
    text = _json(_closed(data, found.one, words.least)) if kind == "json" else WRITERS[kind](told)
    yield written(project, out, kind, text, found.people, "persona")


def format_of(format: str | None, out: Path | None) -> str:
    """The format said, or that of the file's name. Raises UsageError("export.format")."""
    kind = format or (_SUFFIX.get(out.suffix.lower(), "text") if out is not None else "text")
    if kind not in FORMATS:
        raise UsageError("export.format", format=kind, known=", ".join(FORMATS))
    return kind


_PEOPLE: Final = frozenset({"stated", "to_us", "missing", "left_out"})
"""Parts of a persona that count people by name of something."""
_ALONE: Final = frozenset({"touched", "answered", "people"})
_ROWS: Final = frozenset({"ref", "refs", "typical"})


def _closed(data: dict[str, Any], one: bool, least: int) -> dict[str, Any]:
    """What may leave the project of a group: no cell of fewer than ``least`` people, and no rows behind the numbers."""
    if one:
        return {**data, "name": None}
    shut = {key: _shut(key, value, least) for key, value in data.items() if key not in _ROWS}
    few = 0 < data["people"] < least  # medians, hours and a day of few people are those of somebody
    return shut | {"behaviour": None, "day": []} if few else shut


def _shut(key: str, value: Any, least: int) -> Any:
    if isinstance(value, list):
        return [_shut(key, v, least) for v in value]
    if not isinstance(value, dict):
        return _few(value, least) if key in _ALONE else value
    if {"value", "n", "of"} <= value.keys():
        hidden = dict.fromkeys(("share", "low", "high", "index")) if _few(value["n"], least) != value["n"] else {}
        return {k: v for k, v in {**value, **hidden, "n": _few(value["n"], least)}.items() if k not in _ROWS}
    if key in _PEOPLE:
        return {k: _few(n, least) for k, n in value.items()}
    return {k: _shut(k, v, least) for k, v in value.items() if k not in _ROWS}


def _few(n: Any, least: int) -> Any:
    return f"< {least}" if isinstance(n, int) and 0 < n < least else n


def _json(data: dict[str, Any]) -> str:
    import json

    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def written(project: Project, out: Path, format: str, text: str, people: int, what: str) -> FileWritten:
    """Write a file about people, and say so in the audit log."""
    assert project.writer  # noqa: S101 - raises if the audit log cannot be written
    text_file(out, veil.veiled(text))
    project.audit("export", file=out.name, format=format, rows=people, what=what)
    return FileWritten(str(out), people, format)


async def read(project: Project, meant: persona_rows.Whom, now: int) -> AsyncIterator[Event]:
    """Analyse what these people wrote, and some of what others wrote to hold them against."""
    from nlp.pool import Analyzer

    ids = persona_rows.ids_of(project, meant.accounts, now)
    if meant.kind != "person":
        ids += personas.comparison(project, meant.accounts)
    if project.readonly:  # shown with what has been read
        return
    with Analyzer() as analyzer:
        async for told in understand_posts(project, ids, analyzer):
            yield told


def set_tag(project: Project, tag: str, *, lang: str, today: date, run: int | None = None, **asked: Any) -> Done:
    """Keep a tag string for a person or a kept segment; ``auto``: made by rule again."""
    meant = whom(project, today=today, **asked)
    if tag.strip() in ("auto", "自动"):
        persona_tags.write(project, meant, None, run)
        found = personas.persona(project, meant, now=end_of(today))
        return Done("persona.auto", {"tag": tag_text(found, Words(lang)) or "—"})
    return Done("persona.saved", {"tag": persona_tags.write(project, meant, tag, run)})


async def stale(project: Project, *, today: date, limit: int | None = 50, index: int = 0) -> AsyncIterator[Event]:
    """Personas that are out of date (画像过期), the oldest first, with the update rate of all tags."""
    async for event in understand_people(project):
        yield event
    everybody = persona_rows.everybody(project).accounts
    each = freshness.of_each(project, everybody, end_of(today))
    old = sorted(
        ((a, f) for a, f in each.items() if f.stale and (f.tags or f.newest is not None)),
        key=lambda item: (-(item[1].age or 0), item[0]),
    )
    of = {row.id: row for row in rows.people(project, [account for account, _ in old[:limit]])}
    table = [
        [of[a].platform, of[a].name or of[a].native_id, None if f.newest is None else f.as_json()["newest"], f.age,
         None if f.rate is None else round(f.rate, 4), f.tags - f.fresh]
        for a, f in old[:limit] if a in of
    ]  # fmt: skip
    rate = freshness.together(list(each.values())).rate
    params = {"n": len(old), "of": len(everybody), "rate": rate or 0.0, "aim": freshness.AIM}
    columns = ["platform", "name", "newest", "age_days", "update_rate", "expired_tags"]
    yield Table("persona.stale_title", columns, table, params, index)
    if old:
        yield Done("persona.stale_next")


def kinds(index: int = 0) -> Table:
    """The kinds of people that can be asked for by name, with their rules."""
    from xunke.i18n import Catalogue

    cat = Catalogue()
    body = [
        [f"starter.{name}", "；".join(f"{cat.t(f'fact.{fact}')}：{'、'.join(values)}" for fact, values in rule.items())]
        for name, rule in starters.starters().items()
    ]
    return Table("persona.starters", ["name", "rule"], body, {"heads": {"name": "starter_name"}}, index)
