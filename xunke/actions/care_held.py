"""``held``: everything that is stored about one person, for the user and for them; the data card of the project."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from xunke import veil
from xunke.clock import moment, stamp
from xunke.errors import BadInput, PolicyRefused, UsageError
from xunke.events import Done, Event, FileWritten, Table, Warned
from xunke.export import Block, document, place, text_file
from xunke.i18n import Catalogue, messages
from xunke.outreach import held
from xunke.outreach.smallgroups import LEAST, least_of
from xunke.present import table_cell, table_head
from xunke.storage import Project, acts, naming
from xunke.storage.project import write_audit
from xunke.text import one_line

from .care_retention import retention_rules
from .common import one_account

_WORDS: Final[Mapping[tuple[str, str], str]] = {
    ("fact", "fact"): "fact", ("fact", "origin"): "origin", ("tag", "fact"): "fact", ("note", "kind"): "note.kind",
    ("outcome", "kind"): "outcome", ("outcome", "source"): "outcome.source", ("touch", "step"): "step",
}  # fmt: skip
"""{(part, column): where its codes have their words in the catalogue}."""
SHOWN: Final = 12
"""Rows of each part on the screen; the file and ``--json`` have all."""
FORMATS: Final = ("md", "html", "json")
BASES: Final = ("public", "consent", "contract", "interest")
"""Legal bases that have a name: published by the person, agreed, a contract, a legitimate interest."""


def held_about(project: Project, who: str, *, today: date, index: int = 0) -> Iterator[Event]:
    """What is stored about a person, part by part, with why and until when; then how to hand it over or delete it."""
    row, found = _found(project, who, today)
    yield Done("held.head", {"name": found.name, "n": sum(len(part.rows) for part in found.parts),
                             "parts": len(found.parts)})  # fmt: skip
    for part in found.parts:
        rows = [_cells(part, cells) for cells in part.rows[:SHOWN]]
        yield Table(f"held.part.{part.name}", list(part.columns), rows, _said(part), index)
        if len(part.rows) > SHOWN:
            yield Warned("held.more", {"n": len(part.rows) - SHOWN})
    for key, params in _closing(found, f"{row.platform}:{row.native_id}"):
        yield Warned(key, params)


def held_json(project: Project, who: str, *, today: date) -> dict[str, Any]:
    """The same as one object, every row of it."""
    row, found = _found(project, who, today)
    return {
        "platform": row.platform, "id": row.native_id, "name": row.name, "accounts": len(found.accounts),
        "first_hand": list(found.own), "left_out": found.barred,
        "parts": [
            {"part": part.name, "retention": part.scope, "days": part.days,
             "until": part.until and part.until.isoformat(),
             "rows": [dict(zip(part.columns, _cells(part, cells, full=True), strict=True)) for cells in part.rows]}
            for part in found.parts
        ],
    }  # fmt: skip


def write_held(
    project: Project, who: str, *, today: date, format: str, path: str | None, folder: Path, lang: str,
    exact: Path | None = None,
) -> FileWritten:  # fmt: skip
    """A copy for the person themself (PIPL 45, GDPR 15): Markdown, HTML or JSON with everything. It goes into the audit
    log without a name. Raises BadInput for another format.
    """
    if format not in FORMATS:
        raise BadInput("export.format", format=format, known=", ".join(FORMATS))
    cat = Catalogue(lang)
    row, found = _found(project, who, today)
    title = cat.t("held.title", name=found.name)
    target = exact or place(path, folder, title, format)
    n = sum(len(part.rows) for part in found.parts)
    assert project.writer  # noqa: S101 - raises if the audit log cannot be written
    with veil.lifted():  # whoever asks what is held about themself gets their own name
        _write_paper(project, row, found, who, target, title, n, format, today, cat)
    project.audit("subject_copy", file=target.name, format=format, rows=n)
    return FileWritten(str(target), n, format)


def _write_paper(
    project: Project, row: Any, found: held.Held, who: str, target: Path, title: str, n: int, format: str, today: date,
    cat: Catalogue,
) -> None:  # fmt: skip
    if format == "json":
        text_file(target, json.dumps(held_json(project, who, today=today), ensure_ascii=False, indent=1) + "\n")
    else:
        who_key = f"{row.platform}:{row.native_id}"
        blocks = [Block(cat.t("held.paper"), (cat.t("held.paper_text", day=today.isoformat(), n=n),))]
        for part in found.parts:
            heads = tuple(table_head(name, cat) for name in part.columns)
            body = tuple(tuple(_text(v, cat) for v in _cells(part, cells)) for cells in part.rows)
            said = {k: cat.t(v, **_said(part)) if k == "reason" else v for k, v in _said(part).items()}
            blocks.append(Block(cat.t(f"held.part.{part.name}", **said), (), heads, body))
        end = tuple(cat.t(key, **{k: cat.t(v) if cat.has(str(v)) else v for k, v in params.items()})
                    for key, params in _closing(found, who_key) if key != "held.how")  # fmt: skip
        blocks.append(Block(cat.t("held.rights"), (*end, cat.t("held.rights_text"))))
        document(target, title, blocks, format)


def _found(project: Project, who: str, today: date) -> tuple[Any, held.Held]:
    row = one_account(project, who)
    found = held.about(project, row.id, today=today)
    if found.barred == "funnel.minors":
        raise PolicyRefused("held.minor", who=f"{row.platform}:{row.native_id}")
    return row, found


def _said(part: held.Part) -> dict[str, Any]:
    """The parameters of a part's title."""
    kept = "held.kept.with" if part.scope is None else "held.kept.open" if part.days is None else "held.kept.days"
    if kept == "held.kept.days" and part.until is None:
        kept = "held.kept.span"
    return {"n": len(part.rows), "reason": kept, "days": part.days or 0,
            "until": part.until.isoformat() if part.until else ""}  # fmt: skip


def _closing(found: held.Held, who: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if found.own:
        yield "held.first_hand", {"names": [f"held.hand.{how}" for how in found.own]}
    else:
        yield "held.third_party", {}
    if found.barred:
        yield "held.barred", {"reason": found.barred.replace("funnel.", "left_out.")}
    yield "held.how", {"who": who}


def _cells(part: held.Part, cells: list[Any], *, full: bool = False) -> list[Any]:
    out = []
    for column, value in zip(part.columns, cells, strict=True):
        if value is not None and column in held.TIMES:
            value = moment(value).isoformat() if full else stamp(value)
        elif column == "reason" and value:
            value = json.loads(value) if full else _reasons(value)
        elif not full and (family := _WORDS.get((part.name, column))) and f"{family}.{value}" in messages():
            value = f"{family}.{value}"
        out.append(value)
    return out


def _reasons(text: str) -> list[dict[str, Any]]:
    return [{"key": key, "params": params} for key, params in json.loads(text)]


def _text(value: Any, cat: Catalogue) -> str:
    return "" if value is None else table_cell(value, cat)


# -- the data card ---------------------------------------------------------------------------------------------------


def data_card(project: Project, *, index: int = 0) -> Iterator[Event]:
    """The project's data card: what for, on which basis, sources, how much of what, how long, who can read it, law."""
    found = held.card(project)
    rows: list[list[Any]] = [[f"card.{name}", _basis(found.settings[name]) or None] for name in held.SETTINGS]
    rows += [
        ["card.small", least_of(project)],
        ["card.names", "card.names_codes" if naming.coded(project) else "card.names_shown"],
        ["card.access", f"{project.path.name} ({found.mode})"],
        ["card.exports", found.exports],
    ]
    yield Table("card.title", ["what", "value"], rows, {}, index)
    yield Table("card.counts", ["what", "count"], [[f"card.n_{k}", n] for k, n in found.counts.items()], {}, index)
    columns = ["source", "what", "name", "query", "time", "posts", "people", "own", "purpose", "basis"]
    sources = [
        [s.id, s.kind, s.name, s.query, moment(s.fetched).date().isoformat(), s.posts, s.people,
         "own" if s.own else "third", s.purpose, _basis(s.basis)]
        for s in found.sources
    ]  # fmt: skip
    yield Table("card.sources", columns, sources, {"n": len(sources)}, index)
    yield retention_rules(project, index=index)
    missing = [name for name in ("purpose", "basis") if not found.settings[name]]
    if missing:
        yield Warned("card.missing")
    if found.mode not in ("600", "400"):
        yield Warned("card.open", {"path": str(project.path), "mode": found.mode})
    yield Warned("card.law")


def _basis(text: str | None) -> str | None:
    return f"card.basis_{text}" if text in BASES else text


def put_card(project: Project, asked: Mapping[str, str], *, source: int | None = None) -> Iterator[Event]:
    """Say what the project (or one source) is for and on which basis: purpose, basis, contact; of a source also
    ``own`` (yes or no). Raises UsageError for another name, BadInput for an unknown source.
    """
    known = ("purpose", "basis", "own") if source is not None else (*held.SETTINGS, "small", "names")
    wanted: dict[str, Any] = {}
    for name, value in asked.items():
        if name not in known:
            raise UsageError("card.name", name=one_line(name, 40), known=", ".join(known))
        wanted[name] = one_line(value, 300) or None
        if name == "small" and (not value.strip().isdigit() or int(value) < LEAST):
            raise BadInput("card.small_low", least=LEAST)
        if name == "names":
            wanted[name] = _naming(value)
        if name == "own":
            wanted[name] = int(value.strip().lower() in ("yes", "true", "1", "是", "自有"))
    if not wanted:
        raise UsageError("cli.missing", names="--set NAME=VALUE")

    def write(db: sqlite3.Connection) -> None:
        if source is None:
            before = {n: _meta(db, f"card_{n}") for n in wanted}
            for name, value in wanted.items():
                db.execute("insert or replace into meta(key, value) values (?, ?)", (f"card_{name}", value or ""))
        else:
            row = db.execute("select purpose, basis, own from source where id = ?", (source,)).fetchone()
            if row is None:
                raise BadInput("card.source", source=source)
            before = {n: v for n, v in zip(("purpose", "basis", "own"), row, strict=True) if n in wanted}
            for name, value in wanted.items():
                db.execute(f"update source set {name} = ? where id = ?", (value, source))
        acts.note(db, "card_set", {"source": source, "before": before})
        write_audit(db, "card.set", {"source": source, "names": sorted(wanted)})

    project.writer.call(write)
    yield Done("card.set", {"n": len(wanted)})
    if "names" in wanted:
        yield Done("card.names_now_codes" if naming.coded(project) else "card.names_now_shown")


_NAMING: Final[Mapping[str, str | None]] = {
    "codes": naming.CODES, "code": naming.CODES, "代号": naming.CODES, "化名": naming.CODES, "隐藏": naming.CODES,
    "shown": None, "names": None, "显示": None, "姓名": None, "real": None,
}  # fmt: skip


def _naming(word: str) -> str | None:
    """What is stored for 代号 or 显示. Raises BadInput("card.names_word")."""
    if (said := word.strip().lower()) not in _NAMING:
        raise BadInput("card.names_word", word=one_line(word, 40))
    return _NAMING[said]


def _meta(db: sqlite3.Connection, key: str) -> str | None:
    row = db.execute("select value from meta where key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def card_back(db: sqlite3.Connection, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Undo of ``put_card``, inside a transaction."""
    for name, value in detail["before"].items():
        if detail["source"] is not None:
            db.execute(f"update source set {name} = ? where id = ?", (value, detail["source"]))
        elif value is None:
            db.execute("delete from meta where key = ?", (f"card_{name}",))
        else:
            db.execute("insert or replace into meta(key, value) values (?, ?)", (f"card_{name}", value))
    write_audit(db, "card.set", {"source": detail["source"], "undo": True})
    return {"n": len(detail["before"])}
