"""Deleting many posts or accounts at once, with everything that was made from them: one pass over each table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

from . import persons
from .personal import columns
from .search import indexed, unindex

POSTS: Final = "doomed_post"
PEOPLE: Final = "doomed_account"
"""Temporary tables of the numbers that go; they live in memory only."""
POST_QUEUES: Final = ("questions", "opportunities", "inbox", "context")
"""Queues whose items are posts; the items of all others are accounts."""


def doom(db: sqlite3.Connection, table: str, ids: Iterable[int]) -> int:
    """Note which numbers go; how many."""
    db.execute(f"create temp table if not exists {table}(id integer primary key)")
    db.execute(f"delete from temp.{table}")
    db.executemany(f"insert or ignore into temp.{table}(id) values (?)", ((i,) for i in ids))
    return int(db.execute(f"select count(*) from temp.{table}").fetchone()[0])


def delete_posts(db: sqlite3.Connection, ids: Iterable[int], *, edges: bool = False) -> int:
    """Delete posts and what was made from them, inside a transaction; how many there were. ``edges``: who acted on whom
    stays, without the post; an edge has no words.

    Answers to them stay, and forget which post they answer: an id may be given again, and nobody's answer may come
    to hang under a stranger's post.
    """
    if not doom(db, POSTS, ids):
        return 0
    _out_of_the_index(db)
    gone = f"in (select id from temp.{POSTS})"
    _out_of_lists(db, "posts", gone)
    quoted = ",".join(f"'{name}'" for name in POST_QUEUES)
    db.execute(f"delete from queue_state where queue in ({quoted}) and item {gone}")
    parents = ("reply_to", "root", "repost_of", "quote_of")
    db.execute(f"delete from post_raw where post in (select id from post where "
               f"{' or '.join(f'{p} {gone}' for p in parents)})")  # fmt: skip
    db.execute(f"update touch set draft = null where post {gone}")  # made from the words that go
    for table, column in columns("unlink"):
        db.execute(f"update {table} set {column} = null where {column} {gone}")
    n = int(db.execute(f"select count(*) from post where id {gone}").fetchone()[0])
    if edges:
        db.execute("insert or ignore into interaction(target, t, actor, kind, post) "
                   f"select target, t, actor, kind, 0 from interaction where post {gone}")  # fmt: skip
    for table, column in columns("posts"):
        db.execute(f"delete from {table} where {column} {gone}")
    db.execute(f"delete from profile_fact where origin = 'post' and post {gone}")
    db.execute("delete from tag where id not in (select tag from post_tag)")
    db.execute(f"drop table temp.{POSTS}")
    return n


def _out_of_the_index(db: sqlite3.Connection) -> None:
    """Take the doomed posts out of the index; where that is most of them, index the others anew."""
    gone = f"in (select id from temp.{POSTS})"
    n, every = db.execute(
        f"select (select count(*) from temp.{POSTS}), (select count(*) from post)"
    ).fetchone()  # fmt: skip
    wanted = "select id, title, text, tags from post where id"
    if 2 * n <= every:
        unindex(db, db.execute(f"{wanted} {gone}").fetchall())
        return
    db.execute("insert into post_fts(post_fts) values ('delete-all')")
    db.executemany(
        "insert into post_fts(rowid, body) values (?, ?)",
        ((i, indexed(title, text, tags)) for i, title, text, tags in db.execute(f"{wanted} not {gone}").fetchall()),
    )


def _out_of_lists(db: sqlite3.Connection, target: str, gone: str) -> None:
    places = (("score", "result", "result"), ("list_member", "list", "saved_list"), ("list_out", "list", "saved_list"))
    for table, owner, of in places:
        db.execute(f"delete from {table} where item {gone} and {owner} in (select id from {of} where target = ?)",
                   (target,))  # fmt: skip


def delete_people(db: sqlite3.Connection, ids: Iterable[int]) -> int:
    """Delete accounts and every row about them, inside a transaction; how many there were. Their posts go by
    ``delete_posts`` before. An experiment keeps how many of each arm are gone, and nothing else.
    """
    n = doom(db, PEOPLE, ids)
    gone = f"in (select id from temp.{PEOPLE})"
    _out_of_lists(db, "people", gone)
    # of a list that was dropped those who were on it wait here for an undo, and nobody may come back by one
    db.execute(f"delete from list_out where item {gone} and list not in (select id from saved_list)")
    quoted = ",".join(f"'{name}'" for name in POST_QUEUES)
    db.execute(f"delete from queue_state where queue not in ({quoted}) and item {gone}")
    if db.execute(f"select 1 from outcome where account {gone} union all select 1 from touch where account {gone}"
                  ).fetchone():  # fmt: skip
        db.execute("delete from model")  # was fitted to them too: it is fitted again without
    of = f"select segment from segment_member where account {gone}"
    db.execute(f"update segment set persona = null where id in ({of})")  # may quote them
    arms = db.execute(f"select experiment, arm, count(*) from arm where account {gone} group by 1, 2").fetchall()
    for experiment, arm, count in arms:
        (text,) = db.execute("select spec from experiment where id = ?", (experiment,)).fetchone()
        spec = json.loads(text)
        erased = spec.setdefault("erased", {})
        erased[arm] = erased.get(arm, 0) + count
        db.execute("update experiment set spec = ? where id = ?", (json.dumps(spec, ensure_ascii=False), experiment))
    for table, column in columns("accounts"):
        db.execute(f"delete from {table} where {column} {gone}")
    db.execute("delete from follower_seen where list not in (select id from follower_list)")
    persons.rebuild(db)
    db.execute(f"drop table temp.{PEOPLE}")
    return n
