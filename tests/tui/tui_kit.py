"""An invented project (no person, post or number in it is real) and eyes for the screen."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date

from textual.widget import Widget

from tui.app import XunkeApp
from xunke.model import Account, Interaction, Post
from xunke.storage import jobs as job_rows

TODAY = date(2026, 11, 22)
NOW = 1_795_305_600  # 2026-11-22 00:00 UTC

HOSTILE = (
    "[/]",
    "[@click=app.quit]x",
    "[/",
    "[type=x, v={'a[0]'}]",
    "[red]假成功[/red]",
    "a\x1b]52;c;cm0gLXJm\x07b",
    "\x1b[2J\x1b[H\x1b]0;t\x07清屏",
    "\x9b31m\x9d52;c;eA==\x9c八位",
    "正常\r伪造",
    "abc\u202egnp.exe",
    "e" + "\u0301" * 500,
    "👨\u200d👩\u200d👧\u200d👦一家" * 3,
    "长" * 3000,
)
NAMES = ("小糖减脂日记", "徐汇瑜伽阿May", "Lily莉莉轻食", "一只肥猫", "燃脂姐妹", "每天5公里", "周末去露营", "番茄炒蛋")
REGIONS = ("上海", "杭州", "北京", None, "成都")
TEXTS = (
    "减脂餐求推荐，别太贵 #减肥",
    "打卡第 30 天，瘦了 6 斤 #减肥",
    "这款蛋白棒太甜了，避雷",
    "周末露营，天幕真好用",
    "[/] 今天也要加油 [@click=app.quit]点我[/]",
)


def records(people: int = 40) -> Iterator[Account | Post | Interaction]:
    """Invented accounts, the hostile ones among them, with posts and replies."""
    names = [*HOSTILE, *(f"{NAMES[i % len(NAMES)]}{i}" for i in range(people))]
    accounts = [
        Account(
            "weibo" if i % 3 else "mastodon", str(100 + i), name=name, region=REGIONS[i % 5], bio=f"自述 {name}",
            followers=None if i % 7 == 0 else 300 * (i + 1) ** 2, gender="female" if i % 2 else None,
            posts=i, url=f"https://example.org/u/{100 + i}", tags=("减肥", "[/]"), fetched=NOW,
        )
        for i, name in enumerate(names)
    ]  # fmt: skip
    yield from accounts
    for i, account in enumerate(accounts):
        for n in range(3):
            yield Post(
                account.platform, f"{i}-{n}", TEXTS[(i + n) % len(TEXTS)], author=account, created=NOW - 86400 * n - i,
                zone="+08:00", likes=i * n, comments=n, tags=("减肥",),
                url=f"https://example.org/p/{i}-{n}",
            )  # fmt: skip
        other = accounts[(i * 7 + 1) % len(accounts)]
        if other is not account and other.platform == account.platform:
            yield Interaction(account.platform, account, other, "reply", time=NOW - 3600 * i)


def keep_result(db: sqlite3.Connection) -> None:
    """A result as the engine writes it: every account that has followers, in that order; then a list and two jobs."""
    ids = [r[0] for r in db.execute("select id from account where followers is not null order by followers desc, id")]
    db.execute(
        "insert into run(id, created, today, text, plan) values (1, ?, '2026-11-22', ?, '{}')",
        (NOW, "找最近30天聊 #减肥 的人 [/]"),
    )
    setting = {
        "until": NOW,
        "since": None,
        "h0": 86400.0,
        "weights": {"fit": 1.0, "influence": 1.0, "reach": 0.5, "authentic": 0.5},
        "subject": False,
        "best": 2.0,
    }
    db.execute(
        "insert into result(id, run, step, target, title, created, total, funnel, setting) "
        "values (1, 1, 0, 'people', ?, ?, ?, '[]', ?)",
        ("#减肥 [/]", NOW, len(ids), json.dumps(setting)),
    )
    for rank, item in enumerate(ids, 1):
        share = rank / len(ids)
        parts = {"fit": 0.5, "influence": 1 - share, "reach": 0.5, "authentic": 0.5, "fresh": 1.0}
        raw = {
            "influence": 2.0 * (1 - share), "best": 2.0, "actors": 3, "top": share, "matched": 2, "written": 3,
            "days": 2, "followers": 900, "answers": 1, "analysed": 0, "last": NOW, "sentiment": 0.91 - share / 2,
        }  # fmt: skip
        db.execute(
            "insert into score(result, rank, item, value, parts) values (1, ?, ?, ?, ?)",
            (rank, item, round(1 - share, 4), json.dumps({"parts": parts, "raw": raw, "posts": []})),
        )
    db.execute(
        "insert into saved_list(id, name, target, purpose, created, result) values (1, ?, 'people', '寄样', ?, 1)",
        ("待联系 [/]", NOW),
    )
    db.executemany(
        "insert into list_member(list, item, rank, score, added) values (1, ?, ?, 0.5, ?)",
        [(item, rank, NOW) for rank, item in enumerate(ids[:12], 1)],
    )
    first = job_rows.create(db, "collect", {"platform": "mastodon", "tag": "减肥 [/]"}, [{"tag": "减肥"}])
    second = job_rows.create(db, "import", {"path": "导出 [/].jsonl"}, [{"file": 1}])
    job_rows.set_state(db, first, "parked", "collect.import_only")
    job_rows.set_state(db, second, "done")
    db.execute("update job set created = ?, updated = ?", (NOW, NOW))


def drawn(app: XunkeApp) -> list[str]:
    """The screen as lines of text, as a terminal would get it."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in lines][:height]


def seen(app: XunkeApp, text: str) -> bool:
    """Whether ``text`` stands on the screen on one line (blanks do not count)."""
    return any(text.replace(" ", "") in line.replace(" ", "") for line in drawn(app))


async def until(pilot: object, condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a condition; messages are worked on meanwhile."""
    import asyncio
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not come true"
        await asyncio.sleep(0.01)
    await pilot.pause()  # type: ignore[attr-defined]


def widgets(app: XunkeApp) -> list[Widget]:
    """Everything on the screen."""
    return list(app.screen.walk_children(Widget, with_self=True))
