"""Import speed in posts per CPU second, against plain ``executemany`` and ``sqlite-utils`` in the same run.

``python benchmarks/import_speed.py [POSTS]``. The input is an invented MediaCrawler JSONL file. The plain ways
parse the same file and put ten columns into one table: no people, tags, interactions, search index, masking or
resuming. Also prints the peak memory of an import, to be compared between two sizes.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from xunke.jobs import run_import
from xunke.storage import Project

COLUMNS = (
    "note_id", "content", "create_time", "liked_count", "comments_count", "shared_count", "user_id", "nickname",
    "ip_location", "source_keyword",
)  # fmt: skip
WORDS = (
    "今天", "周末", "露营", "咖啡", "减肥", "打卡", "好吃", "不好", "推荐", "求助", "上海", "成都", "跑步", "瑜伽",
    "早餐", "晚餐", "一杯", "真的", "有点", "可以", "朋友", "公园",
)  # fmt: skip


def make(path: Path, posts: int) -> None:
    """An invented file of ``posts`` rows, about 70 characters of text each."""
    rng = random.Random(3)
    with path.open("w", encoding="utf-8") as file:
        for i in range(posts):
            user = rng.randrange(max(10, posts // 8))
            text = f"#{rng.choice(WORDS)}# " + "".join(rng.choices(WORDS, k=30)) + f" 第{i}条"
            row = {
                "note_id": str(5_230_000_000_000_000 + i), "content": text, "create_time": 1_795_000_000 + i,
                "create_date_time": "2026-11-20 21:30:00+08:00", "liked_count": str(rng.randrange(99)),
                "comments_count": "5", "shared_count": "2", "last_modify_ts": 1_795_190_000_123,
                "note_url": f"https://m.weibo.cn/detail/{5_230_000_000_000_000 + i}", "ip_location": "上海",
                "user_id": str(1_700_000_000 + user), "nickname": f"用户{user}", "gender": "f", "profile_url": "",
                "avatar": "", "source_keyword": "咖啡",
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def parsed(path: Path) -> Iterator[dict[str, object]]:
    """Rows of the file, with the ten columns."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield {c: row[c] for c in COLUMNS}


def plain(path: Path, db: Path) -> None:
    """``executemany`` in one transaction a 10,000 rows, WAL, STRICT."""
    connection = sqlite3.connect(db)
    connection.execute("pragma journal_mode = wal")
    connection.execute(f"create table post({', '.join(c + ' any' for c in COLUMNS)}, primary key(note_id)) strict")
    sql = f"insert into post values ({', '.join('?' * len(COLUMNS))})"
    part: list[tuple[object, ...]] = []
    for row in parsed(path):
        part.append(tuple(row.values()))
        if len(part) == 10_000:
            with connection:
                connection.executemany(sql, part)
            part.clear()
    with connection:
        connection.executemany(sql, part)
    connection.close()


def utils(path: Path, db: Path) -> None:
    """sqlite-utils ``insert_all`` as its manual shows it."""
    import sqlite_utils

    sqlite_utils.Database(db)["post"].insert_all(parsed(path), pk="note_id")  # type: ignore[union-attr]


def utils_searchable(path: Path, db: Path) -> None:
    """The same with its full-text search (which finds no Chinese word inside a sentence)."""
    import sqlite_utils

    table = sqlite_utils.Database(db)["post"]
    rows = parsed(path)
    table.insert(next(rows), pk="note_id")  # type: ignore[union-attr]
    table.enable_fts(["content"], create_triggers=True)  # type: ignore[union-attr]
    table.insert_all(rows, pk="note_id")  # type: ignore[union-attr]


def ours(path: Path, db: Path) -> None:
    """A whole import: people, posts, tags, interactions, search index, provenance, cursor."""

    async def run(project: Project) -> None:
        async for _ in run_import(project, [path]):
            pass

    with Project.open(db) as project:
        asyncio.run(run(project))


def measure(name: str, fn: Callable[[Path, Path], None], source: Path, db: Path, posts: int) -> float:
    """Run and print posts per CPU second."""
    began = time.process_time()
    fn(source, db)
    rate = posts / (time.process_time() - began)
    print(f"{name:34} {rate:12,.0f} posts per CPU second")
    return rate


def main() -> None:
    """Print the table."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "search_contents_2026-11-20.jsonl"
        make(source, posts)
        print(f"{posts:,} posts, {source.stat().st_size / 1e6:.0f} MB")
        base = measure("plain executemany, one table", plain, source, Path(folder) / "plain.db", posts)
        other = measure("sqlite-utils insert_all", utils, source, Path(folder) / "utils.db", posts)
        measure("sqlite-utils insert_all with FTS", utils_searchable, source, Path(folder) / "fts.db", posts)
        first = measure("xunke import", ours, source, Path(folder) / "ours.db", posts)
        renamed = source.rename(source.with_name("again_contents_2026-11-20.jsonl"))
        second = measure("xunke import, all duplicates", ours, renamed, Path(folder) / "ours.db", posts)
        print(f"ratio to executemany {first / base:.2f}, to sqlite-utils {first / other:.2f}", end="")
        print(f"; all duplicates, to sqlite-utils {second / other:.2f}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = (Path(folder) / "ours.db").stat().st_size / 1e6
        print(f"peak memory {peak:.0f} MB, project file {size:.0f} MB")


if __name__ == "__main__":
    main()
