"""Erasing somebody takes their name out of what others wrote, and nobody else's."""

from __future__ import annotations

from pathlib import Path

from xunke.model import Account, Mention, Post, Provenance
from xunke.storage import Project, erase

WHEN = 1_795_300_000


def test_mentions_go_and_longer_names_stay(tmp_path: Path) -> None:
    gone = Account("weibo", "900001", name="小野猫咖啡")
    alike = Account("weibo", "900002", name="小野猫咖啡馆")
    writer = Account("weibo", "900003", name="路人丙", bio="朋友 @小野猫咖啡 介绍来的")
    texts = {
        "1": "周末 @小野猫咖啡 约一杯",
        "2": "谢谢@小野猫咖啡馆 的咖啡",
        "3": "回复@小野猫咖啡:好的",
        "4": "小野猫咖啡色的毛衣真好看",
    }
    with Project.open(tmp_path / "p.db") as project:
        records = [gone, alike, writer, *(
            Post("weibo", number, text, author=writer, created=WHEN, raw=('{"t":"' + text + '"}').encode(),
                 mentions=(Mention("小野猫咖啡"),) if number == "1" else ())
            for number, text in texts.items()
        )]  # fmt: skip
        project.add(records, Provenance("file", "invented", fetched=WHEN))
        number = project.one("select id from account_key where native_id = '900001'")
        erase.person(project, int(number))
        kept = dict(project.query("select k.native_id, p.text from post p join post_key k on k.id = p.id"))
        assert kept["1"] == "周末 @[已删除] 约一杯"
        assert kept["2"] == texts["2"]
        assert kept["3"] == "回复@[已删除]:好的"
        assert kept["4"] == texts["4"], "words that are no mention stay"
        assert project.one("select bio from account where name = '路人丙'") == "朋友 @[已删除] 介绍来的"
        assert project.one("select count(*) from mention where name = '小野猫咖啡'") == 0
        assert b"900001" not in (tmp_path / "p.db").read_bytes()
        assert "@小野猫咖啡 ".encode() not in (tmp_path / "p.db").read_bytes()
