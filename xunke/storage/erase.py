"""Erasing one person: rows, index, raw records, history and @mentions, then the free pages and the log of the file."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from . import acts, schedules, suppression
from .deleting import delete_people, delete_posts
from .personal import GONE, columns, forget_words, telling
from .project import Project, files_written, to_compact, write_audit
from .search import indexed, unindex

_LONG: Final = 8
"""An id of so many characters in a text is nobody else's."""
_FILES_TOLD: Final = 20
_HASHED: Final = re.compile("[0-9a-f]{16}")
"""A file's name as the audit log has it."""
_ACTED: Final = (
    "select count(*) from interaction where target = ?1 or actor = ?1 or "
    "post in (select id from post where author = ?1)"
)  # fmt: skip


def person(project: Project, account: int) -> dict[str, int]:
    """Delete everything about ``account``; returns rows deleted by table. The audit log keeps only a keyed hash, and so
    does the do-not-contact list: a later import leaves this person out.

    Ends with ``Project.compact``, so that no copy of the words stays in the file or its log. Broken off before
    the commit nothing has happened; broken off after it, the next ``Project.open`` goes on with compacting.
    """

    def write(db: sqlite3.Connection) -> dict[str, int]:
        row = db.execute(
            "select p.name, k.native_id, a.name, a.handle from account_key k join platform p on p.id = k.platform "
            "left join account a on a.id = k.id where k.id = ?",
            (account,),
        ).fetchone()
        if row is None:
            return {"post": 0, "interaction": 0}
        before = db.execute("select name, handle from account_history where account = ?", (account,)).fetchall()
        names = list(dict.fromkeys(name for pair in (row[2:], *before) for name in pair if name))
        words = list(dict.fromkeys(word for word in (row[1], *names) if word))
        acted = db.execute(_ACTED, (account,)).fetchone()[0]
        posts = [one[0] for one in db.execute("select id from post where author = ?", (account,))]
        counts = {"post": delete_posts(db, posts), "interaction": acted}
        _mentions(db, row[0], names, row[1])
        delete_people(db, [account])
        forget_words(db, telling(words))
        _gaps(db)
        _requests(db, words)
        _settings(db, account)
        db.execute("delete from meta where key = 'last_table'")  # may hold the name
        _plans(db, words)
        db.execute("update act set detail = json_set(detail, '$.row.persona', null) where kind = 'segment_drop'")
        db.execute("delete from act where kind = 'review'")  # the model it would bring back was fitted to them too
        suppression.add(db, [(row[0], row[1], None, row[3])], "erase")  # by id: no namesake is kept out
        acts.note(db, "erase", {})
        write_audit(db, "erase", {"person": suppression.pseudonym(db, row), **counts})
        to_compact(db)
        return counts

    counts = project.writer.call(write)
    project.compact()
    return counts


def exports_since(project: Project, account: int) -> tuple[int, list[str]]:
    """How many files with people or posts were written since ``account`` was stored, and the names of the newest: what
    left the project is the user's to delete. Who is in which file is not kept. A file written again counts once.

    Projects of before the names were kept apart have them in the audit log itself, which is never shortened.
    """
    since = project.one(
        "select min(t) from (select min(s.fetched) t from post p join source s on s.id = p.source where p.author = ?1 "
        "union all select s.fetched from account a join source s on s.id = a.source where a.id = ?1)",
        (account,),
    )
    logged = project.query(
        "select t, json_extract(detail, '$.file') from audit where act in ('export', 'subject_copy') and t >= ? "
        "and coalesce(json_extract(detail, '$.people'), 1) <> 0 order by id", (since or 0,),
    )  # fmt: skip
    kept = [(t, name) for t, name, people in files_written(project.reader) if people and t >= (since or 0)]
    open_ones = [(t, str(name)) for t, name in logged if name and not _HASHED.fullmatch(str(name))]
    names = list(dict.fromkeys(name for _, name in sorted([*open_ones, *kept], reverse=True)))
    return max(len(names), len({name for _, name in logged})), names[:_FILES_TOLD]


def _mentions(db: sqlite3.Connection, platform: str, names: Sequence[str], native_id: str) -> None:
    """Take the person's @name, and an id that is long enough to be nothing else, out of other people's words, and out
    of the index.

    The words lose it on every platform, as nobody can tell a namesake's from the person's; a namesake's account and
    who is tied to it stay.
    """
    if len(native_id) >= _LONG:
        _mask(db, native_id, "replace({0}, :name, '" + GONE + "')")
    for name in names:
        db.execute(
            "delete from mention where name = ? and post in "
            "(select k.id from post_key k join platform p on p.id = k.platform where p.name = ?)",
            (name, platform),
        )
        _mask(db, name, "without_mention({0}, :name)")


def _mask(db: sqlite3.Connection, name: str, how: str) -> None:
    """Mask ``name`` in what others wrote by the SQL expression ``how`` of a column; what was made of it goes."""
    params = {"name": name}
    said = " or ".join(f"instr({c}, :name) and {how.format(c)} <> {c}" for c in ("text", "title"))
    rows = db.execute(f"select id, title, text, tags from post where {said}", params).fetchall()
    unindex(db, rows)
    for table, column in columns("theirs"):
        db.execute(f"update {table} set {column} = {how.format(column)} where instr({column}, :name)", params)
    for number, *_ in rows:
        title, text, tags = db.execute("select title, text, tags from post where id = ?", (number,)).fetchone()
        db.execute("insert into post_fts(rowid, body) values (?, ?)", (number, indexed(title, text, tags)))
    for table in ("post_raw", "feature"):  # made from the old words
        db.executemany(f"delete from {table} where post = ?", [(row[0],) for row in rows])
    db.executemany("update label set before = null where post = ?", [(row[0],) for row in rows])


def _requests(db: sqlite3.Connection, words: Sequence[str]) -> None:
    """Forget requests in which the person was named, and jobs that fetch what the person writes.

    A short word stands in too many requests that mean something else: it must be all that a slot holds.
    """
    for word in words:
        telling = len(word.encode()) >= 6
        named = "instr(coalesce(text, ''), :word) or instr(plan, :word)" if telling else "instr(plan, :quoted)"
        params = {"word": word, "quoted": json.dumps(word, ensure_ascii=False)}
        runs = [row[0] for row in db.execute(f"select id from run where {named}", params)]
        db.executemany("update result set run = null, title = null where run = ?", [(run,) for run in runs])
        db.executemany("delete from run where id = ?", [(run,) for run in runs])
        if telling:
            db.execute("update saved_list set purpose = null where instr(purpose, :word)", params)
            # a fetch that was broken off begins that part anew: what is stored already is not stored twice
            db.execute("update job_slice set cursor = null where instr(cursor, :word)", params)
        jobs = db.execute(
            "select distinct job from job_slice where json_extract(spec, '$.mode') = 'account' "
            "and ltrim(json_extract(spec, '$.value'), '@') = :word",
            params,
        ).fetchall()
        for table, column in (("job_slice", "job"), ("gap", "job"), ("job", "id")):
            db.executemany(f"delete from {table} where {column} = ?", jobs)
        db.executemany("update source set query = null where job = ?", jobs)


def _gaps(db: sqlite3.Connection) -> None:
    """Forget what is lacking of posts and accounts that are no longer here."""
    db.execute(
        "delete from gap where kind <> 'posts' and key not in (select native_id from post_key) "
        "and key not in (select native_id from account_key)"
    )


def _plans(db: sqlite3.Connection, words: Sequence[str]) -> None:
    """Delete schedules whose plan or name has the person, and changes that point at rows which are gone."""
    for word in words:
        telling = len(word.encode()) >= 6
        named = "instr(coalesce(name, ''), :word) or instr(plan, :word)" if telling else "instr(plan, :quoted)"
        params = {"word": word, "quoted": json.dumps(word, ensure_ascii=False)}
        for (number,) in db.execute(f"select id from schedule where {named}", params).fetchall():
            schedules.delete(db, number)
        if telling:
            db.execute("update schedule_run set detail = '{}' where instr(detail, :word)", params)
    db.execute(
        "delete from act where kind = 'label' and json_extract(detail, '$.label') not in (select id from label) "
        "or kind = 'mark' and json_extract(detail, '$.account') not in (select id from account_key)"
    )
    db.execute("delete from schedule_run where schedule not in (select id from schedule)")


def count_person(project: Project, account: int) -> dict[str, int]:
    """What ``person`` would delete."""
    return {
        "posts": int(project.one("select count(*) from post where author = ?", (account,))),
        "interactions": int(project.one(_ACTED, (account,))),
    }


_SCOPE: Final = (
    "(:all or k.platform in (select id from platform where name in (select value from json_each(:names)))) "
    "and (:before is null or t.created < :before) "
    "and (:kind is null or :kind = 'people' or (t.kind = 'comment') = (:kind = 'comments'))"
)


def _scope(platforms: Sequence[str], before: int | None, kind: str | None) -> dict[str, Any]:
    return {"all": not platforms, "names": json.dumps(list(platforms)), "before": before, "kind": kind}


def count_posts(project: Project, platforms: Sequence[str], before: int | None, kind: str | None) -> dict[str, int]:
    """What ``posts`` would delete."""
    params = _scope(platforms, before, kind)
    n = project.one(f"select count(*) from post t join post_key k on k.id = t.id where {_SCOPE}", params)
    who = (
        "select count(*) from account_key k join platform p on p.id = k.platform "
        "where p.name in (select value from json_each(?))"
    )
    people = project.one(who, (json.dumps(list(platforms)),)) if _whole(platforms, before, kind) else 0
    return {"posts": int(n), "people": int(people)}


def _whole(platforms: Sequence[str], before: int | None, kind: str | None) -> bool:
    """Whether everything of the platforms is meant, people too."""
    return bool(platforms) and before is None and kind in (None, "people")


def posts(project: Project, *, platforms: Sequence[str], before: int | None, kind: str | None) -> dict[str, int]:
    """Delete posts of ``platforms`` (none: all), older than ``before`` (UTC seconds), of ``kind`` posts or comments;
    with platforms alone their accounts too. Returns rows deleted by table. Ends with ``Project.compact``.

    A post without a time is not old. Nobody is put on the do-not-contact list by this.
    """
    params = _scope(platforms, before, kind)

    def write(db: sqlite3.Connection) -> dict[str, int]:
        sql = f"select t.id from post t join post_key k on k.id = t.id where {_SCOPE}"
        doomed = [row[0] for row in db.execute(sql, params)]
        counts = {"post": delete_posts(db, doomed), "account": 0}
        if _whole(platforms, before, kind):
            ids = [row[0] for row in db.execute(
                "select k.id from account_key k join platform p on p.id = k.platform "
                "where p.name in (select value from json_each(?))", (json.dumps(list(platforms)),)
            )]  # fmt: skip
            counts["account"] = delete_people(db, ids)
            for account in ids:
                _settings(db, account)
        _gaps(db)
        db.execute("delete from meta where key = 'last_table'")
        acts.note(db, "erase", {})
        write_audit(db, "erase", {"platforms": list(platforms), "before": before, "kind": kind, **counts})
        to_compact(db)
        return counts

    counts = project.writer.call(write)
    project.compact()
    return counts


def _settings(db: sqlite3.Connection, account: int) -> None:
    own = db.execute("select value from meta where key = 'own_accounts'").fetchone()
    if own is not None:
        kept = json.dumps([number for number in json.loads(own[0]) if number != account])
        db.execute("update meta set value = ? where key = 'own_accounts'", (kept,))
