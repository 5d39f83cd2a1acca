"""Erasing one person: rows, index, raw records and history, then the free pages and the log of the file."""

from __future__ import annotations

import re
import sqlite3
from hashlib import sha256
from typing import Final

from .ingest import indexed
from .project import Project, write_audit

_GONE: Final = "@[已删除]"
_QUOTED: Final = (("post_history", "text"), ("account", "bio"), ("profile_fact", "quote"), ("list_member", "reason"))
"""Where words of others may name the person, beside their posts."""

_TELLING: Final = 5
"""Raw records that hold a name or id of so many bytes are dropped; a shorter one would be found in any record."""


def person(project: Project, account: int) -> dict[str, int]:
    """Delete everything about ``account``; returns rows deleted by table. The audit log keeps only a hash.

    Ends with a checkpoint and VACUUM, so that no copy of the words stays in the file or its log.
    """

    def write(db: sqlite3.Connection) -> dict[str, int]:
        row = db.execute(
            "select p.name, k.native_id, a.name, a.handle from account_key k join platform p on p.id = k.platform "
            "left join account a on a.id = k.id where k.id = ?",
            (account,),
        ).fetchone()
        counts = {"post": _posts(db, account)}
        before = db.total_changes
        db.execute("delete from interaction where target = ? or actor = ?", (account, account))
        counts["interaction"] = db.total_changes - before
        for name in dict.fromkeys(word for word in (row or ())[2:] if word):
            _unname(db, account, name)
        for word in (row or ())[1:]:
            if word and len(word.encode()) >= _TELLING:
                db.execute("delete from post_raw where instr(body, cast(? as blob))", (word,))
        for table in ("profile_fact", "follower_snapshot", "membership"):
            db.execute(f"delete from {table} where account = ?", (account,))
        db.execute(
            "delete from score where item = ? and result in (select id from result where target = 'people')", (account,)
        )
        db.execute(
            "delete from list_member where item = ? and list in (select id from saved_list where target = 'people')",
            (account,),
        )
        db.execute("delete from account where id = ?", (account,))
        db.execute("delete from account_key where id = ?", (account,))
        _requests(db, [word for word in (row or ())[1:] if word])
        secret = "\0".join(str(v) for v in row or ())
        write_audit(db, "erase", {"person": sha256(secret.encode()).hexdigest()[:16], **counts})
        return counts

    counts = project.writer.call(write)
    project.writer.maintain(_shrink)
    return counts


def _requests(db: sqlite3.Connection, words: list[str]) -> None:
    """Forget requests in which the person was named."""
    for word in words:
        named = "select id from run where instr(coalesce(text, ''), :word) or instr(plan, :word)"
        db.execute(f"update result set run = null where run in ({named})", {"word": word})
        db.execute(f"delete from run where id in ({named})", {"word": word})
        db.execute("update saved_list set purpose = null where instr(purpose, :word)", {"word": word})


def _unname(db: sqlite3.Connection, account: int, name: str) -> None:
    """Take ``@name`` out of what others wrote, and out of the index; longer names that begin alike stay."""
    known = {post for (post,) in db.execute("select post from mention where name = ? or account = ?", (name, account))}
    loose = re.compile(f"[@＠]{re.escape(name)}")
    strict = re.compile(loose.pattern + r"(?![\w-])")
    rows = db.execute("select id, title, text, tags from post where instr(text, ?)", (name,)).fetchall()
    for number, title, text, tags in rows:
        changed = (loose if number in known else strict).sub(_GONE, text)
        if changed == text:
            continue
        index = "insert into post_fts(post_fts, rowid, body) values ('delete', ?, ?)"
        db.execute(index, (number, indexed(title, text, tags)))
        db.execute("insert into post_fts(rowid, body) values (?, ?)", (number, indexed(title, changed, tags)))
        db.execute("update post set text = ? where id = ?", (changed, number))
    db.execute("delete from mention where name = ? or account = ?", (name, account))
    db.create_function("unnamed", 1, lambda text: strict.sub(_GONE, text), deterministic=True)
    for table, column in _QUOTED:
        db.execute(f"update {table} set {column} = unnamed({column}) where instr({column}, ?)", (name,))


def _posts(db: sqlite3.Connection, account: int) -> int:
    rows = db.execute("select id, title, text, tags from post where author = ?", (account,)).fetchall()
    db.executemany(
        "insert into post_fts(post_fts, rowid, body) values ('delete', ?, ?)",
        [(number, indexed(title, text, tags)) for number, title, text, tags in rows],
    )
    ids = [(row[0],) for row in rows]
    for table in ("post_tag", "mention", "post_raw", "post_history", "feature"):
        db.executemany(f"delete from {table} where post = ?", ids)
    db.executemany("delete from score where item = ? and result in (select id from result where target = 'posts')", ids)
    db.executemany("delete from interaction where post = ?", ids)
    db.executemany("delete from pending_edge where child = ? or parent = ?1", ids)
    db.executemany("delete from post where id = ?", ids)
    db.executemany("delete from post_key where id = ?", ids)
    db.execute("delete from tag where id not in (select tag from post_tag)")
    return len(rows)


def _shrink(db: sqlite3.Connection) -> None:
    db.execute("insert into post_fts(post_fts) values ('optimize')")
    db.execute("pragma wal_checkpoint(truncate)")
    db.execute("vacuum")
    db.execute("pragma wal_checkpoint(truncate)")
