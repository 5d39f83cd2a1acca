"""What the fault tests share: invented records, the command line in a process of its own, and what a file holds."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.cli import forking

TRACES = ("Traceback", "error.unexpected", "意外的错误", "unexpected went wrong")

TABLES = (
    "select p.name, k.native_id, a.name, a.bio from account a join account_key k on k.id = a.id "
    "join platform p on p.id = k.platform",
    "select p.name, k.native_id, t.text, t.created, t.likes, t.tags, b.native_id from post t "
    "join post_key k on k.id = t.id join platform p on p.id = k.platform left join account_key b on b.id = t.author",
    "select a.native_id, i.t, b.native_id, i.kind, k.native_id from interaction i join account_key a "
    "on a.id = i.target join account_key b on b.id = i.actor left join post_key k on k.id = i.post",
    "select g.folded, k.native_id from post_tag t join tag g on g.id = t.tag join post_key k on k.id = t.post",
    "select k.native_id, m.name from mention m join post_key k on k.id = m.post",
)
"""Everything an import stores, without the numbers that it gives."""


def xunke(
    *arguments: str | Path,
    db: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command line; output decoded as UTF-8, no terminal."""
    named = [] if db is None else ["--db", str(db)]
    told = {**os.environ, "XUNKE_LANG": "en", **(env or {})}
    done = forking.run([*named, *map(str, arguments)], env=told, cwd=cwd, timeout=timeout)
    said = (stream.decode("utf-8") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, *said)


def clean_exit(done: subprocess.CompletedProcess[str], *codes: int) -> str:
    """Assert that a command ended with one of ``codes`` and a sentence; returns all it said."""
    said = done.stdout + done.stderr
    assert done.returncode in codes, (done.returncode, said[-600:])
    assert not [word for word in TRACES if word in said], said[-600:]
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in said), repr(said[-600:])
    return said


def content(db: Path) -> list[list[tuple[object, ...]]]:
    """What was imported, sorted; asserts that the file and its references are whole."""
    connection = sqlite3.connect(db)
    try:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        assert connection.execute("pragma foreign_key_check").fetchall() == []
        posts, indexed = (connection.execute(f"select count(*) from {t}").fetchone()[0] for t in ("post", "post_fts"))
        assert posts == indexed
        return [sorted(connection.execute(sql).fetchall(), key=repr) for sql in TABLES]
    finally:
        connection.close()


def rows(count: int, first: int = 0, people: int = 40) -> Iterator[str]:
    """Invented Weibo posts and comments in MediaCrawler's layout, one JSON line each."""
    for i in range(first, first + count):
        user = i * 7 % people
        row: dict[str, object] = {
            "create_time": 1_795_000_000 + i,
            "last_modify_ts": 1_795_190_000_123,
            "ip_location": "上海",
            "user_id": str(1_700_000_000 + user),
            "nickname": f"用户{user}",
            "gender": "f",
            "profile_url": "",
        }
        if i % 3 == 2:
            row |= {
                "comment_id": str(9_000_000 + i),
                "note_id": str(5_230_000_000 + i - 2),
                "content": f"想去{i}",
                "comment_like_count": "1",
                "sub_comment_count": "0",
            }
        else:
            row |= {
                "note_id": str(5_230_000_000 + i),
                "content": f"#咖啡{i % 5}# 第{i}杯 @用户{i * 3 % people} 好",
                "liked_count": str(i % 50),
                "comments_count": "1",
                "shared_count": "0",
                "note_url": "",
            }
        yield json.dumps(row, ensure_ascii=False)


def posts_file(folder: Path, count: int, first: int = 0, name: str = "search_contents_2026-11-20.jsonl") -> Path:
    """``rows`` as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join(rows(count, first)) + "\n", "utf-8")
    return path
