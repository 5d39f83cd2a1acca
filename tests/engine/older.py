"""A project file as an older version of Xunke left it."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from xunke.storage import schema


def make_older(db: sqlite3.Connection, version: int) -> None:
    """Take away what came after ``version``: tables, columns and indexes, and that their migrations were applied."""
    old = Database(memory=True)
    for number, (_, script) in enumerate(schema.STEPS[:version], 1):
        schema.step(number, script)(old)
    for kind in ("index", "table"):
        sql = f"select name from sqlite_master where type = '{kind}' and name not like 'sqlite_%'"
        kept = {row[0] for row in old.execute(sql)}
        for (name,) in db.execute(sql).fetchall():
            if name not in kept and not name.startswith(("_sqlite_migrations", "post_fts")):
                db.execute(f"drop {kind} {name}")
    for (table,) in old.execute("select name from sqlite_master where type = 'table'").fetchall():
        was = {row[1] for row in old.execute(f"pragma table_info({table})")}
        for row in db.execute(f"pragma table_info({table})").fetchall():
            if row[1] not in was:
                db.execute(f"alter table {table} drop column {row[1]}")
    for name, _ in schema.STEPS[version:]:
        db.execute("delete from _sqlite_migrations where name = ?", (name,))
    db.execute(f"pragma user_version = {version}")
