"""Results and lists as files: the columns, the words of each reason, and who has to be left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from xunke import veil
from xunke.clock import moment
from xunke.errors import BadInput
from xunke.events import FileWritten
from xunke.export import (
    FORMATS,
    PEOPLE_FORMATS,
    SHEET,
    Column,
    Sheet,
    Value,
    locked,
    locked_name,
    place,
    safe_name,
    write,
    write_book,
)
from xunke.i18n import Catalogue
from xunke.storage import Project, naming
from xunke.storage.rows import PersonRow, PostRow, RowSource, list_people, result_people, result_posts
from xunke.text import fold

from . import advice, exports_people, lists
from .people import barred, barred_all

PEOPLE: Final = (
    "rank", "platform", "id", "name", "handle", "url", "region", "gender", "followers", "following", "posts",
    "matched", "score", "influence", "actors", "fit", "reach", "authentic", "sentiment", "reason", "best_time",
    "first_act",
)  # fmt: skip
POSTS: Final = (
    "rank", "platform", "id", "author", "author_id", "time", "kind", "parent", "title", "text", "tags", "likes",
    "comments", "shares", "saves", "views", "region", "sentiment", "label", "url",
)  # fmt: skip
_TEXT: Final = frozenset({"id", "author_id", "parent", "handle", "url", "best_time"})
_TIME: Final = frozenset({"time"})


@dataclass(frozen=True)
class What:
    """What is to be written: a target, a title and its rows; ``people`` gives each person row its dictionary."""

    target: str
    title: str
    people: RowSource[PersonRow] | None
    posts: RowSource[PostRow] | None
    subject: tuple[str, ...] = ()
    purpose: str | None = None
    list_id: int | None = None
    segments: Mapping[int, str] = field(default_factory=dict)
    """{person or post: its segment}, where the result was cut into segments."""


@dataclass(frozen=True, slots=True)
class Options:
    """Of cards and hashed ids: the version of the vCard; MD5 too, a secret that two sides share, ``entrusted``: not
    only those who agreed to ``share``. ``password``: the file becomes an encrypted zip.
    """

    vcard: str = "3.0"
    md5: bool = False
    salt: str | None = None
    entrusted: bool = False
    password: str | None = None


def of_result(project: Project, result: int, target: str, *, subject: Sequence[str] = ()) -> What:
    """A result as something to write."""
    title = str(project.one("select title from result where id = ?", (result,)) or "")
    parts = segments_of(project, result)
    if target == "people":
        return What("people", title, result_people(project, result), None, tuple(subject), segments=parts)
    return What("posts", title, None, result_posts(project, result), segments=parts)


def segments_of(project: Project, result: int) -> dict[int, str]:
    """{item: segment} of a result that was cut into segments or arms, in its order."""
    sql = "select item, json_extract(parts, '$.segment') from score where result = ? and parts like '%\"segment\"%'"
    return {item: name for item, name in project.query(sql + " order by rank", (result,)) if name}


def of_list(project: Project, entry: lists.SavedList) -> What:
    """A saved list as something to write, with the scores of the result that it came from."""
    result = int(project.one("select result from saved_list where id = ?", (entry.id,)) or 0)
    parts = segments_of(project, result)
    if entry.target != "people":
        return What("posts", entry.name, None, result_posts(project, result), segments=parts)
    sql = "select item, segment from list_member where list = ? and segment is not null order by rank"
    parts |= dict(project.query(sql, (entry.id,)))
    return What("people", entry.name, list_people(project, entry.id), None, purpose=entry.purpose, list_id=entry.id,
                segments=parts)  # fmt: skip


def columns_of(what: What, words: Sequence[str]) -> tuple[str, ...]:
    """The columns that ``words`` name, as said: a key, a heading in either language, or another name for it.

    Raises BadInput("export.column") for a word that names none.
    """
    names = _columns(what)
    known: dict[str, str] = {}
    for lang in ("en", "zh"):
        cat = Catalogue(lang)
        for name in names:
            said = [name, cat.t(f"column.{name}"), *(cat.t(key).split() if cat.has(key := f"columns.{name}") else ())]
            known |= {fold(word): name for word in said}
    found = []
    for word in words:
        bare = word.removesuffix("列").removesuffix("数").removesuffix("信息")
        column = known.get(fold(word)) or known.get(fold(bare))
        if column is None:
            raise BadInput("export.column", name=word, known="、".join(Catalogue().t(f"column.{n}") for n in names))
        found.append(column)
    return tuple(dict.fromkeys(found))


def _columns(what: What) -> tuple[str, ...]:
    names: tuple[str, ...] = PEOPLE if what.target == "people" else POSTS
    if what.list_id is not None:
        names = (*names, "channel", "minutes")
    return (names[0], "segment", *names[1:]) if what.segments else names


def write_files(
    project: Project,
    what: What,
    format: str,
    *,
    path: str | None,
    folder: Path,
    lang: str,
    columns: Sequence[str] = (),
    split: bool = False,
) -> Iterator[FileWritten]:
    """``write_file``; with ``split`` a sheet for each segment (xlsx), in other formats a file for each.

    Raises BadInput("export.no_segments") where nothing was cut into segments.
    """
    names = columns_of(what, columns) if columns else ()
    if not split:
        yield write_file(project, what, format, path=path, folder=folder, lang=lang, columns=names)
        return
    if not what.segments:
        raise BadInput("export.no_segments")
    order = list(dict.fromkeys(what.segments.values()))
    place_of = {name: at for at, name in enumerate(order)}
    source = what.people if what.people is not None else what.posts
    every = source.ids if source is not None else ()
    ids = sorted(every, key=lambda i: place_of.get(what.segments.get(i, ""), len(order)))
    if format == "xlsx":
        yield write_file(
            project, _only(what, ids), format, path=path, folder=folder, lang=lang, columns=names, sheets=True
        )
        return
    for name in order:
        part = _only(what, [i for i in ids if what.segments.get(i) == name])
        shown = table_name(name, Catalogue(lang))
        title = f"{what.title.strip('- ') or 'xunke'} {shown}"
        target = path
        if path is not None and Path(path).suffix:
            target = str(Path(path).with_name(f"{Path(path).stem} {safe_name(shown)}{Path(path).suffix}"))
        yield write_file(
            project, replace(part, title=title), format, path=target, folder=folder, lang=lang, columns=names
        )


def table_name(segment: str, catalogue: Catalogue) -> str:
    """A segment's name in words: its parts may be codes."""
    return "·".join(_part(part, catalogue) for part in segment.split("·"))


def _part(part: str, catalogue: Catalogue) -> str:
    keys = (part, f"value.{part}", f"gender.{part}", f"label.{part}")
    return next((catalogue.t(key) for key in keys if catalogue.has(key)), part)


def _only(what: What, ids: Sequence[int]) -> What:
    people = None if what.people is None else what.people.reordered(ids)
    posts = None if what.posts is None else what.posts.reordered(ids)
    return replace(what, people=people, posts=posts)


def file_name(what: What, format: str) -> str:
    """A file name made of the title."""
    return f"{safe_name(what.title.strip('- ') or 'xunke')}.{format}"


def write_file(
    project: Project,
    what: What,
    format: str,
    *,
    path: str | None,
    folder: Path,
    lang: str,
    exact: Path | None = None,
    columns: Sequence[str] = (),
    sheets: bool = False,
    options: Options | None = None,
) -> FileWritten:
    """Write ``what``; people on the do-not-contact list or under 18, and what they wrote, are left out and counted.

    What is written is the state of one moment. The export goes into the audit log; a project that cannot be
    written is not exported (StorageError("storage.readonly")).

    ``path`` is as said in a sentence and stays inside known folders; ``exact`` is a path that the user typed
    as an option and may lie anywhere. ``columns``: these only; ``sheets``: a sheet for each segment.
    """
    catalogue = Catalogue(lang)
    if format not in (*FORMATS, *PEOPLE_FORMATS):
        format = "xlsx"
    if format in PEOPLE_FORMATS and what.people is None:
        raise BadInput("export.people_only", format=format)
    left_out: dict[str, int] = {}
    names = columns or _columns(what)
    heads = [Column(n, catalogue.t(f"column.{n}"), text=n in _TEXT, time=n in _TIME) for n in names]
    title = what.title or catalogue.t("export.name")
    suffix = "csv" if format == "hashed" else format
    target = exact or place(path, folder, what.title if what.title.strip("- ") else catalogue.t("export.name"), suffix)
    assert project.writer  # noqa: S101 - raises if the audit log cannot be written
    if format == "vcf" and what.list_id is None and naming.coded(project):
        raise BadInput("names.list_first")
    asked = options or Options()
    final = target if asked.password is None else locked_name(target)
    made = veil.lifted() if what.list_id is not None else nullcontext()
    with made, project.snapshot(), locked(target, asked.password) as target:
        if format in PEOPLE_FORMATS and what.people is not None:
            written = _for_others(project, what.people, target, format, catalogue, left_out, asked)
        else:
            rows = _in_segments((_people_rows if what.target == "people" else post_rows)(
                project, what, catalogue, left_out), sheets)  # fmt: skip
            if format == "xlsx" and what.list_id is not None and not columns and not sheets:
                beside = exports_people.sheets_beside(project, what.list_id, heads, catalogue, left_out)
                done = write_book(target, chain([Sheet(catalogue.t("export.sheet_list"), heads, rows)], beside))
            else:
                done = write(target, heads, rows, format, title)
            written = done.rows
            if done.cut:
                left_out["export.cut"] = done.cut
    project.audit(
        "export", file=final.name, format=format, rows=written, what=what.target, list=what.list_id,
        people=written if what.target == "people" else 0, purpose=what.purpose is not None, left_out=left_out,
        encrypted=asked.password is not None, entrusted=asked.entrusted,
    )  # fmt: skip
    return FileWritten(str(final), written, format, left_out)


def _for_others(
    project: Project, people: RowSource[PersonRow], target: Path, format: str, catalogue: Catalogue,
    left_out: dict[str, int], options: Options,
) -> int:  # fmt: skip
    if format == "vcf":
        return exports_people.write_cards(project, people, target, catalogue, left_out, version=options.vcard)
    return exports_people.write_hashed(
        project, people, target, left_out, with_md5=options.md5, salt=options.salt, entrusted=options.entrusted
    )


def _people_rows(
    project: Project, what: What, catalogue: Catalogue, left_out: dict[str, int]
) -> Iterator[Mapping[str, Value]]:
    source = what.people
    if source is None:
        return
    extra = _extra(project, what)
    for start in range(0, len(source), 200):
        page = source.window(start, start + 200)
        # whoever asks not to be approached stays out of what is made to approach people
        kept_out = (barred if what.list_id is None else barred_all)(project, [row.id for row in page])
        for row in page:
            if (reason := kept_out.get(row.id)) is not None:
                left_out[reason] = left_out.get(reason, 0) + 1
                continue
            cells = person_cells(row, extra(row), catalogue)
            yield cells | _segment(what, row.id, catalogue)


def _segment(what: What, item: int, catalogue: Catalogue) -> dict[str, Value]:
    return {"segment": table_name(what.segments[item], catalogue)} if item in what.segments else {}


def _in_segments(rows: Iterator[Mapping[str, Value]], sheets: bool) -> Iterator[Mapping[str, Value]]:
    """The rows, each with its segment as the name of its sheet."""
    for row in rows:
        yield {**row, SHEET: row.get("segment")} if sheets else row


def _extra(project: Project, what: What) -> Callable[[PersonRow], dict[str, Any]]:
    """Score parts, reason, best time and first act of a row, from the list or the result."""
    if what.list_id is None:
        return lambda row: {"facts": row.parts, "reason": lists.reasons(project, row.parts, what.subject)}
    kept = {
        row[0]: {"facts": json.loads(row[1] or "{}"), "reason": json.loads(row[2] or "[]"), "best_time": row[3],
                 "first_act": row[4], "channel": row[5], "minutes": row[6]}
        for row in project.query(
            "select m.item, s.parts, m.reason, m.best_time, m.first_act, m.channel, m.minutes from list_member m "
            "join saved_list l on l.id = m.list left join score s on s.result = l.result and s.item = m.item "
            "where m.list = ?",
            (what.list_id,),
        )
    }  # fmt: skip
    return lambda row: kept.get(row.id, {"facts": {}, "reason": []})


def person_cells(row: PersonRow, extra: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Value]:
    """One person as cells."""
    parts, raw = extra["facts"].get("parts", {}), extra["facts"].get("raw", {})
    more: dict[str, Value] = {}
    if segment := extra["facts"].get("segment"):
        more["segment"] = table_name(segment, catalogue)
    if "growth" in raw:
        more["gained"] = raw["growth"]
    return more | {
        "rank": row.rank, "platform": row.platform, "id": row.native_id, "name": row.name, "handle": row.handle,
        "url": row.url, "region": row.region,
        "gender": catalogue.t(f"gender.{row.gender}") if row.gender else None,
        "followers": row.followers, "following": row.following, "posts": row.posts, "matched": raw.get("matched"),
        "score": None if row.value is None else round(row.value, 6), "influence": raw.get("influence"),
        "actors": raw.get("actors"), "fit": parts.get("fit"), "reach": parts.get("reach"),
        "authentic": parts.get("authentic"), "sentiment": raw.get("sentiment"),
        "reason": reason_text(extra["reason"], catalogue), "best_time": time_text(extra.get("best_time"), catalogue),
        "channel": table_name(extra["channel"], catalogue) if extra.get("channel") else None,
        "minutes": extra.get("minutes"),
        "first_act": catalogue.t(extra["first_act"]) if extra.get("first_act") else None,
    }  # fmt: skip


def time_text(code: str | None, catalogue: Catalogue) -> str | None:
    """A best time in words."""
    said = advice.time_words(code)
    return None if said is None else catalogue.t(said.key, **{**said.params, "what": catalogue.t(said.what)})


def reason_text(reason: Sequence[Sequence[Any]], catalogue: Catalogue) -> str:
    """A list member's reason in words."""
    return catalogue.t("reason.join").join(catalogue.t(key, **_named(params, catalogue)) for key, params in reason)


def _named(params: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """``params`` with the message keys ``need``, ``kind``, ``evidence`` and (where it is one) ``group`` in words."""
    return {
        k: catalogue.t(v) if k in ("need", "kind", "evidence") or (k == "group" and catalogue.has(v)) else v
        for k, v in params.items()
    }


def post_rows(
    project: Project, what: What, catalogue: Catalogue, left_out: dict[str, int]
) -> Iterator[Mapping[str, Value]]:
    """The posts of ``what`` as cells; those of people who appear nowhere are counted in ``left_out``."""
    source = what.posts
    if source is None:
        return
    for start in range(0, len(source), 200):
        page = source.window(start, start + 200)
        kept_out = barred(project, [row.author for row in page if row.author is not None])
        for number, row in enumerate(page, start + 1):
            if row.author is not None and (reason := kept_out.get(row.author)) is not None:
                left_out[reason] = left_out.get(reason, 0) + 1
                continue
            yield post_cells(number, row, catalogue) | _segment(what, row.id, catalogue)


def post_cells(number: int, row: PostRow, catalogue: Catalogue) -> dict[str, Value]:
    """One post as cells; ``number`` is its place in the list."""
    return {
        "rank": number, "platform": row.platform, "id": row.native_id, "author": row.author_name,
        "author_id": row.author_id, "parent": row.parent_id, "title": row.title,
        "time": moment(row.created).strftime("%Y-%m-%d %H:%M:%S") if row.created else None,
        "kind": catalogue.t(f"kind.{row.kind}"), "text": row.text, "tags": " ".join(row.tags),
        "likes": row.likes, "comments": row.comments, "shares": row.shares, "saves": row.saves,
        "views": row.views, "region": row.region,
        "sentiment": None if row.sentiment is None else round(row.sentiment, 4),
        "label": catalogue.t(f"label.{row.label}") if row.label else None, "url": row.url,
    }  # fmt: skip
