"""Words and labels as files: TOML for words, CSV or JSON lines for labels. Files are foreign: all is checked."""

from __future__ import annotations

import csv
import json
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .errors import BadInput
from .labels import Word, check, find_post, labels, put_many, word
from .storage import Project
from .text import fold

LABEL_FIELDS: Final = ("platform", "id", "kind", "name", "value", "who", "created", "text")
MAX_BYTES: Final = 20_000_000
_HEAD: Final = """# 寻客词典 / Xunke lexicon. 用 xunke lexicon import 读入 / read it with: xunke lexicon import FILE
# [sentiment] 词 = 分量（-3 到 3） / word = weight, -3 to 3
# [interest."一级/二级"] 词 = 分量（1 强，0.5 弱，0 或更小：不算） / word = weight: 1 strong, 0.5 weak, 0 no sign
# [word] list = 自有词，关键词里不拆开 / own words, kept whole
# [stop] list = 停用词 / words left out of keywords
"""


def to_toml(found: Iterable[Word]) -> str:
    """The words as a TOML text that ``from_toml`` reads back the same."""
    by_kind: dict[str, list[Word]] = defaultdict(list)
    for entry in found:
        by_kind[entry.kind].append(entry)
    parts = [_HEAD]
    if by_kind["sentiment"]:
        parts.append("[sentiment]\n" + "".join(f"{_text(w.word)} = {w.weight!r}\n" for w in by_kind["sentiment"]))
    for name in sorted({w.name for w in by_kind["interest"]}):
        some = [w for w in by_kind["interest"] if w.name == name]
        parts.append(f"[interest.{_text(name)}]\n" + "".join(f"{_text(w.word)} = {w.weight!r}\n" for w in some))
    for kind in ("word", "stop"):
        if by_kind[kind]:
            parts.append(f"[{kind}]\nlist = [{', '.join(_text(w.word) for w in by_kind[kind])}]\n")
    return "\n".join(parts)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a basic string of TOML


def from_toml(path: Path) -> list[Word]:
    """The words of a file. Raises BadInput("lexicon.bad_file") with what is wrong with it."""
    try:
        data = tomllib.loads(_read(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("lexicon.bad_file", path=str(path), detail=str(error)[:200]) from None
    found: list[Word] = []
    for kind, table in data.items():
        if not isinstance(table, dict):
            raise BadInput("lexicon.bad_file", path=str(path), detail=f"[{kind}]"[:60])
        if kind == "interest":
            for name, entries in table.items():
                found += _entries(path, kind, str(name), entries)
        elif kind in ("word", "stop"):
            entries = table.get("list", ())
            if not isinstance(entries, list) or not all(isinstance(text, str) for text in entries):
                raise BadInput("lexicon.bad_file", path=str(path), detail=f"[{kind}] list")
            found += [word(kind, "", text) for text in entries]
        else:
            found += _entries(path, kind, "", table)
    return list({(w.kind, w.name, w.word): w for w in found}.values())


def _entries(path: Path, kind: str, name: str, table: Any) -> list[Word]:
    bad = not isinstance(table, dict) or not all(
        isinstance(weight, int | float) and not isinstance(weight, bool) for weight in table.values()
    )
    if bad:
        raise BadInput("lexicon.bad_file", path=str(path), detail=f"[{kind} {name}]"[:60])
    return [word(kind, name, text, float(weight)) for text, weight in table.items()]


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput("lexicon.bad_file", path=str(path), detail=f"> {MAX_BYTES} B")
        return path.read_text("utf-8-sig", "replace")
    except OSError as error:
        raise BadInput("cli.bad_file", path=str(path), detail=error.strerror or "") from None


# -- labels --------------------------------------------------------------------------------------------------------


def label_rows(project: Project) -> Iterator[dict[str, Any]]:
    """Every label that counts, with the platform's id and the words of its post."""
    where = {
        row[0]: row[1:]
        for row in project.query(
            "select t.id, p.name, k.native_id, t.text from post t join post_key k on k.id = t.id "
            "join platform p on p.id = k.platform where t.id in (select post from label where undone is null)"
        )
    }
    for entry in labels(project):
        if entry.post in where:
            platform, native, text = where[entry.post]
            yield {
                "platform": platform, "id": native, "kind": entry.kind, "name": entry.name, "value": entry.value,
                "who": entry.who, "created": entry.created, "text": text,
            }  # fmt: skip


def import_labels(project: Project, path: Path, *, dry_run: bool = False) -> dict[str, Any]:
    """Labels from CSV (with a header) or JSON lines, as exported; or any table with ``text`` and ``sentiment``.

    A label belongs to a post of the project: the one with its platform and id, else the one that says the same.
    Returns counts and the rows that were refused: {path, read, stored, duplicate, rejected: [{row, said}]}.
    """
    texts: dict[str, int] | None = None
    known = {(e.post, e.kind, e.name, e.value) for e in labels(project)}
    wanted: list[tuple[int, str, str, str, str]] = []
    rejected: list[dict[str, Any]] = []
    read = duplicate = 0
    for number, row in enumerate(_rows(path), 1):
        read += 1
        try:
            kind, name, value = _answer(row)
            post = None
            if row.get("id"):
                post = _by_id(project, str(row.get("platform") or ""), str(row["id"]))
            if post is None and row.get("text"):
                texts = _by_text(project) if texts is None else texts
                post = texts.get(fold(str(row["text"])))
            if post is None:
                raise BadInput("label.no_post", said=str(row.get("id") or row.get("text") or "")[:40])
        except BadInput as error:
            rejected.append({"row": number, "said": str(error.params.get("said", error.key))[:60]})
            continue
        if (post, kind, name, value) in known:
            duplicate += 1
        else:
            known.add((post, kind, name, value))
            wanted.append((post, kind, name, value, str(row.get("who") or "import")[:40]))
    if not dry_run:
        put_many(project, wanted, int(time.time()))
    return {"path": str(path), "read": read, "stored": 0 if dry_run else len(wanted), "duplicate": duplicate,
            "rejected": rejected}  # fmt: skip


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    text = _read(path)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or text.lstrip()[:1] == "{":
        for line in text.splitlines():
            if line.strip():
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    row = None
                yield row if isinstance(row, dict) else {}
        return
    rows = csv.DictReader(text.splitlines())
    try:
        for found in rows:
            yield {(key or "").strip().lower(): value for key, value in found.items() if isinstance(value, str)}
    except csv.Error as error:
        raise BadInput("lexicon.bad_file", path=str(path), detail=str(error)[:200]) from None


_SENTIMENT: Final = {
    "1": "positive", "0": "negative", "-1": "negative", "pos": "positive", "neg": "negative", "neu": "neutral",
    "正面": "positive", "负面": "negative", "中性": "neutral", "好评": "positive", "差评": "negative",
}  # fmt: skip


def _answer(row: Mapping[str, Any]) -> tuple[str, str, str]:
    said = {key: str(row.get(key) if row.get(key) is not None else "").strip() for key in ("kind", "name", "value")}
    if not said["kind"] and row.get("sentiment") is not None:
        value = str(row["sentiment"]).strip().lower()
        return check("sentiment", "", _SENTIMENT.get(value, value))
    return check(said["kind"].lower(), said["name"], said["value"].lower())


def _by_id(project: Project, platform: str, native: str) -> int | None:
    try:
        return find_post(project, f"{platform}:{native}" if platform else native)
    except BadInput:
        return None


def _by_text(project: Project) -> dict[str, int]:
    return {fold(text): number for number, text in project.query("select id, text from post order by id desc")}
