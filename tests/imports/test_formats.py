"""Each format in both generations and every container: what is read and what it becomes."""

# ruff: noqa: E501  (rows stand on one line, as in the files)
from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from collectors.importers import FORMATS, detect, expand, open_import, read_file, suggest_mapping
from xunke.errors import BadInput, UsageError
from xunke.model import Account, Interaction, Post

DATA = Path(__file__).parent.parent / "data" / "imports"
MC = DATA / "mediacrawler"
FILES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.suffix != ".toml")
POST = "5230000000000001"


def expected_format(path: Path) -> str:
    head = path.relative_to(DATA).parts[0].split(".")[0]
    return {
        "zeeschuimer-export-mixed": "zeeschuimer", "rss": "feed", "atom": "feed", "feed": "feed", "edges": "interactions",
    }.get(head, "4cat" if head.startswith("4cat") else head)  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DATA)))
def test_detect(path: Path) -> None:
    assert detect(path) == expected_format(path)


def test_every_listed_format_loads(tmp_path: Path) -> None:
    from collectors.importers import _load

    assert set(FORMATS) >= {"mediacrawler", "weibo-search", "weibo-crawler", "weibospider", "crawl4weibo", "zeeschuimer",
                            "4cat", "feed", "interactions", "table"}  # fmt: skip
    assert all(callable(_load(name)) for name in FORMATS)
    with pytest.raises(UsageError):
        open_import(DATA / "edges.csv", "nonsense")


@pytest.mark.parametrize(
    "folder", sorted({p.parent.parent for p in MC.rglob("*.jsonl")}), ids=lambda p: "/".join(p.parts[-2:])
)
def test_mediacrawler_same_records_from_every_container(folder: Path, read: Any) -> None:
    for lines in (folder / "jsonl").iterdir():
        from_lines = read(lines)
        assert from_lines.records
        assert not from_lines.rejected
        assert not from_lines.notes
        array = read(folder / "json" / lines.with_suffix(".json").name)
        assert array.records == from_lines.records
        table = read(folder / "csv" / lines.with_suffix(".csv").name)
        assert [_no_raw(r) for r in table.records] == [_no_raw(r) for r in from_lines.records]


def _no_raw(record: Any) -> Any:
    from dataclasses import replace

    return replace(record, raw=None) if isinstance(record, Post) else record


def test_mediacrawler_weibo_generation_1(read: Any) -> None:
    post = read(MC / "g1/weibo/jsonl/search_contents_2026-11-20.jsonl").posts()[POST]
    assert post.author is not None
    assert (post.author.native_id, post.author.name, post.author.gender) == ("1700000001", "示例用户甲", "female")
    assert (post.created, post.zone, post.likes, post.comments, post.shares) == (1795181400, "+08:00", 12000, 5, 2)
    assert (post.tags, [m.name for m in post.mentions], post.region) == (("咖啡",), ["示例用户乙"], "上海")
    assert (post.query, post.fetched, post.kind) == ("咖啡", 1795190000, "post")
    raw = json.loads(post.raw or b"")
    assert "avatar" not in raw
    assert "profile_url" not in raw
    assert "13812345678" not in (post.raw or b"").decode()
    assert "[手机号]" in raw["content"]


def test_mediacrawler_generation_2_joins_by_hash(read: Any) -> None:
    post = read(MC / "g2/weibo/jsonl/search_contents_2026-11-20.jsonl").posts()[POST]
    assert post.author == Account("weibo", "hash:0123456789abcdef", "示***甲")
    comment = read(MC / "g2/weibo/jsonl/search_comments_2026-11-20.jsonl").posts()["5230000000001001"]
    assert comment.author is not None
    assert comment.author.native_id == "hash:0123456789abcdef"


def test_mediacrawler_comment_threads(read: Any) -> None:
    posts = read(MC / "g1/weibo/jsonl/search_comments_2026-11-20.jsonl").posts()
    root, child = posts["5230000000001001"], posts["5230000000001002"]
    assert (root.kind, root.root, root.reply_to) == ("comment", POST, POST)
    assert (child.root, child.reply_to) == (POST, "5230000000001001")
    xhs = read(MC / "g1/xhs/jsonl/search_comments_2026-11-20.jsonl").posts()["65f100000000000000000001"]
    assert (xhs.reply_to, xhs.created) == ("65f000000000000000000001", 1795001000)


def test_mediacrawler_people(read: Any) -> None:
    weibo = read(MC / "g1/weibo/jsonl/creator_creators_2026-11-20.jsonl").records
    assert [(a.native_id, a.gender, a.followers) for a in weibo] == [
        ("1700000001", "female", 12000), ("1700000002", None, 300),
    ]  # fmt: skip  # the tool writes Male for everybody who is not f
    (xhs,) = read(MC / "g1/xhs/jsonl/creator_creators_2026-11-20.jsonl").records
    assert (xhs.platform, xhs.tags, xhs.followers) == ("xiaohongshu", ("美食博主",), 11000)
    (up,) = read(MC / "g1/bili/jsonl/creator_creators_2026-11-20.jsonl").records
    assert (up.followers, up.gender, up.verified) == (3200, None, False)


def test_douyin_posts_and_people_meet_on_sec_uid(read: Any) -> None:
    (post,) = read(MC / "g1/douyin/jsonl/search_contents_2026-11-20.jsonl").records
    (creator,) = read(MC / "g1/douyin/jsonl/creator_creators_2026-11-20.jsonl").records
    assert post.author.native_id == creator.native_id == "MS4wxx"
    assert (post.tags, creator.region, creator.gender) == (("咖啡",), "上海", None)


def test_mediacrawler_groups_contacts_and_tokens(read: Any) -> None:
    (tieba,) = read(MC / "g1/tieba/jsonl/search_contents_2026-11-20.jsonl").records
    assert (tieba.group.native_id, tieba.group.name, tieba.group.kind) == ("咖啡", "咖啡吧", "tieba")
    assert (tieba.author.native_id, tieba.created) == ("tb.1.aaaa", 1795181400)
    (answer,) = read(MC / "g2/zhihu/jsonl/search_contents_2026-11-20.jsonl").records
    assert (answer.group.native_id, answer.group.kind, answer.likes) == ("600000001", "question", 340)
    (edge,) = read(MC / "g1/bili/jsonl/creator_contacts_2026-11-20.jsonl").records
    assert (edge.kind, edge.actor.native_id, edge.target.native_id) == ("follow", "200000003", "200000001")
    (note,) = read(MC / "g1/xhs/jsonl/search_contents_2026-11-20.jsonl").records
    assert "xsec" not in note.url + (note.raw or b"").decode()
    assert (note.tags, note.created, note.saves, note.group) == (("咖啡", "探店"), 1795000000, 300, None)


TABLES = {
    "g1/weibo/jsonl/search_contents_2026-11-20.jsonl": "weibo_note",
    "g1/weibo/jsonl/creator_creators_2026-11-20.jsonl": "weibo_creator",
    "g2/xhs/jsonl/search_comments_2026-11-20.jsonl": "xhs_note_comment",
}


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (MC / name).read_text("utf-8").splitlines()]


def make_table(file: Path, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    connection = sqlite3.connect(file)
    connection.execute(f'CREATE TABLE "{table}" (pk INTEGER PRIMARY KEY, {", ".join(f"{c!r}" for c in columns)})')
    marks = ", ".join("?" * (len(columns) + 1))
    connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', [(None, *row.values()) for row in rows])
    connection.commit()
    connection.close()


def test_mediacrawler_sqlite(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "sqlite_tables.db"
    for name, table in TABLES.items():
        make_table(file, table, _rows(name))
    before = file.read_bytes()
    got = read(file)
    assert detect(file) == "mediacrawler"
    assert [type(r).__name__ for r in got.records] == ["Account", "Account", "Post", "Post", "Post"]
    assert _no_raw(got.posts()[POST]) == _no_raw(read(MC / next(iter(TABLES))).posts()[POST])
    assert file.read_bytes() == before


def test_mediacrawler_xlsx(tmp_path: Path, read: Any) -> None:
    import openpyxl

    file = tmp_path / "weibo" / "weibo_search_20261120_213000.xlsx"
    file.parent.mkdir()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, name in (("Contents", "contents"), ("Comments", "comments")):
        rows = _rows(f"g1/weibo/jsonl/search_{name}_2026-11-20.jsonl")
        sheet = book.create_sheet(title)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    book.save(file)
    got = read(file)
    assert not got.rejected
    assert [r.native_id for r in got.records] == [POST, "5230000000000002", "5230000000001001", "5230000000001002"]
    assert got.posts()[POST].created == 1795181400


def test_weibo_crawler_csv(read: Any) -> None:
    got = read(DATA / "weibo-crawler/示例用户甲/1700000001.csv")
    assert not got.rejected
    assert [p.native_id for p in got.records] == [
        POST, "5229000000000001", "5230000000000005", "5230000000000006", "5230000000000007",
    ]  # fmt: skip
    posts = got.posts()
    assert posts[POST].author == Account("weibo", "1700000001", "示例用户甲")
    assert (posts[POST].likes, posts[POST].comments, posts[POST].shares, posts[POST].region) == (17, 5, 2, None)
    repost = posts["5230000000000005"]
    assert (repost.kind, repost.repost_of) == ("repost", "5229000000000001")
    original = posts["5229000000000001"]
    assert (original.author.native_id, original.text, original.likes) == ("1700000002", "原话", 3)
    assert (posts["5230000000000006"].kind, posts["5230000000000006"].repost_of) == ("repost", None)
    assert (posts["5230000000000007"].kind, posts["5230000000000007"].likes) == ("post", 1)


def test_weibo_crawler_json_users_comments(read: Any) -> None:
    got = read(DATA / "weibo-crawler/示例用户甲/1700000001.json")
    assert [type(r).__name__ for r in got.records] == ["Account", "Post", "Post", "Post"]
    assert got.records[0].region == "上海"
    assert got.posts()["5230000000000005"].repost_of == "5229000000000001"
    (user,) = read(DATA / "weibo-crawler/users.csv").records
    assert (user.native_id, user.followers, user.region, user.gender) == ("1700000001", 12000, "上海", "female")
    (comment,) = read(DATA / "weibo-crawler/示例用户甲/示例用户甲_comments.csv").records
    assert (comment.author.native_id, comment.created, comment.root) == ("name:示例用户丙", 1795183200, POST)


def test_weibo_crawler_sqlite(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "weibodata.db"
    connection = sqlite3.connect(file)
    connection.executescript(
        "CREATE TABLE user(id, nick_name, gender, follower_count, follow_count, ip_location, bio);"
        "CREATE TABLE weibo(id, bid, user_id, screen_name, text, topics, at_users, pics, video_url, created_at, source,"
        " attitudes_count, comments_count, reposts_count, retweet_id);"
        "CREATE TABLE comments(id, bid, weibo_id, root_id, user_id, created_at, user_screen_name, text, like_count);"
        "CREATE TABLE reposts(id, bid, weibo_id, user_id, created_at, user_screen_name, text, like_count);"
        "CREATE TABLE bins(id, ext, data, weibo_id, comment_id, path, url);"
        "INSERT INTO user VALUES ('1','示例','f',10,2,'IP属地：上海','');"
        "INSERT INTO weibo VALUES ('10','a','1','示例','#茶# 好','茶','','','','2026-11-20 21:30:00','手机',1,2,3,'');"
        "INSERT INTO comments VALUES ('11','','10','11','2','Fri Nov 20 22:00:00 +0800 2026','乙','嗯',4);"
        "INSERT INTO comments VALUES ('12','','10','11','3','Fri Nov 20 22:01:00 +0800 2026','丙','是',0);"
        "INSERT INTO reposts VALUES ('13','','10','2','Fri Nov 20 23:00:00 +0800 2026','乙','转发微博',0);"
    )
    connection.close()
    got = read(file)
    assert detect(file) == "weibo-crawler"
    posts = got.posts()
    assert (posts["11"].reply_to, posts["12"].reply_to, posts["12"].root) == ("10", "11", "10")
    assert (posts["13"].kind, posts["13"].repost_of, posts["10"].tags) == ("repost", "10", ("茶",))
    assert got.records[0].followers == 10


def test_weibo_search(read: Any) -> None:
    got = read(DATA / "weibo-search/%23咖啡%23/%23咖啡%23.csv")
    original, repost = got.records
    assert (original.native_id, original.author.kind, original.author.verified) == ("5229000000000001", "brand", True)
    assert (repost.kind, repost.repost_of, repost.likes, repost.query) == (
        "repost",
        "5229000000000001",
        12000,
        "#咖啡#",
    )
    assert (repost.region, repost.created, repost.author.verified) == ("上海", 1795181400, False)


def test_weibo_spider(read: Any) -> None:
    got = read(DATA / "weibospider/示例用户甲/1700000001.csv")
    assert not got.rejected
    assert sum(b.read for b in got.batches) == 3  # the header in the middle is no row
    first, repost, edge, gone = got.records
    assert (first.native_id, first.likes, first.shares, first.comments) == ("5278709119108931", 17, 2, 5)
    assert (repost.kind, repost.text) == ("repost", "说得好")
    assert isinstance(edge, Interaction)
    assert (edge.kind, edge.target.native_id, edge.time) == ("repost", "name:示例用户乙", repost.created)
    assert (gone.kind, gone.text) == ("repost", "可惜")
    user, post = read(DATA / "weibospider/示例用户甲/1700000001.json").records
    assert (user.gender, user.followers, post.native_id) == ("female", 12000, first.native_id)


@pytest.mark.parametrize("name", ["zeeschuimer-export-mixed.ndjson", "4cat.ndjson"])
def test_zeeschuimer_and_4cat_lines(name: str, read: Any) -> None:
    got = read(DATA / name)
    assert not got.rejected
    assert [n.reason for n in got.notes] == ["import.no_content", "import.not_a_post"]
    posts = got.posts()
    assert list(posts) == [
        "65f000000000000000000001", "65f000000000000000000002", "65f000000000000000000003", "65f100000000000000000001",
        "65f100000000000000000002", "7400000000000000001", "7400000000000000002",
    ]  # fmt: skip
    assert (posts["65f000000000000000000001"].likes, posts["65f000000000000000000001"].query) == (12000, "咖啡")
    assert (posts["65f000000000000000000002"].created, posts["65f000000000000000000002"].media) == (
        1795000000,
        "video",
    )
    assert posts["65f000000000000000000003"].author.native_id == "5a0000000000000000000001"
    assert posts["65f100000000000000000002"].reply_to == "65f100000000000000000001"
    aweme = posts["7400000000000000001"]
    assert (aweme.author.native_id, aweme.views, aweme.mentions[0].native_id) == ("MS4wxx", None, "MS4wyy")
    assert posts["7400000000000000002"].saves == 4


def test_4cat_tables(read: Any) -> None:
    (note,) = read(DATA / "4cat_xiaohongshu.csv").records
    assert (note.author.native_id, note.likes, note.title) == ("name:示例薯", 12000, "周末探店")
    (comment,) = read(DATA / "4cat_xhs_comments.csv").records
    assert (comment.kind, comment.root, comment.region, comment.comments) == (
        "comment",
        "65f000000000000000000001",
        "江苏",
        1,
    )
    (aweme,) = read(DATA / "4cat_douyin.csv").records
    assert (aweme.author.native_id, aweme.region, aweme.views) == ("MS4wxx", None, None)
    topic, answer = read(DATA / "4cat_douban.csv").records
    assert (topic.kind, topic.group.kind, topic.created) == ("post", "douban_group", 1795180000)
    assert (answer.kind, answer.root) == ("comment", "310000001")
    source = open_import(DATA / "4cat_weibo_bazhuayu.csv")
    source.source.reference = 1795300000
    (batch,) = source.importer.read(source.source)
    assert [r.created for r in batch.records if isinstance(r, Post)] == [1795181400, 1763645400]


@pytest.mark.parametrize("name", ["crawl4weibo.json", "crawl4weibo.jsonl"])
def test_crawl4weibo(name: str) -> None:
    opened = open_import(DATA / name)
    opened.source.reference = 1795300000  # 2026-11-22
    (batch,) = opened.importer.read(opened.source)
    _, post, comment, user, item = batch.records
    assert isinstance(post, Post)
    assert isinstance(comment, Post)
    assert isinstance(user, Account)
    assert isinstance(item, Post)
    assert (post.repost_of, post.likes, post.kind) == ("5229000000000001", 12000, "repost")
    assert (comment.root, comment.region, comment.created) == (POST, "江苏", 1795104000)
    assert comment.author is not None
    assert (comment.author.followers, user.region) == (88, "上海")
    assert (item.text, item.region, item.author and item.author.followers) == ("#咖啡# 新店打卡\n真好", "上海", 12000)
    assert not batch.rejected


def test_feeds(read: Any) -> None:
    rss, undated = read(DATA / "rss.xml").records
    assert (rss.platform, rss.native_id, rss.author.native_id) == ("weibo", "5278709119108931", "1700000001")
    assert (rss.text, rss.created, rss.tags) == ("#咖啡# 新店打卡", 1795181400, ("咖啡",))
    assert (undated.platform, undated.created) == ("feed", None)
    (atom,) = read(DATA / "atom.xml").records
    assert (atom.platform, atom.native_id, atom.text, atom.comments) == ("v2ex", "1192001", "正文", 17)
    weibo, zhihu = read(DATA / "feed.json").records
    assert (weibo.native_id, weibo.text, weibo.created) == (rss.native_id, rss.text, rss.created)
    assert (zhihu.platform, zhihu.native_id, zhihu.author.native_id) == ("zhihu", "3000000001", "name:示例答主")


def test_interactions(read: Any) -> None:
    got = read(DATA / "edges.csv")
    edges = [(e.platform, e.actor.native_id, e.target.native_id, e.kind, e.time, e.post) for e in got.records]
    assert edges == [
        ("weibo", "u1", "u2", "repost", 1795181400, "5230000000000001"), ("file", "u3", "u2", "like", None, None),
        ("mastodon", "u1", "u3", "reply", 1795181400, "9"), ("file", "u4", "u2", "follow", 1795181400, None),
    ]  # fmt: skip
    assert [(r.row, r.reason) for r in got.rejected] == [(5, "import.no_target"), (6, "import.bad_kind")]


def test_interactions_without_header(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("u1,u2,like,2026-11-20\n", "utf-8")
    with pytest.raises(BadInput, match="missing_columns"):
        list(read_file(file, "interactions"))


def test_table_suggested_and_mapped(read: Any) -> None:
    got = read(DATA / "table.csv")
    assert detect(DATA / "table.csv") == "table"
    (first,) = got.records
    assert (first.platform, first.native_id, first.likes, first.author.followers) == ("file", "1", 12000, 300)
    assert [(r.row, r.reason) for r in got.rejected] == [(2, "import.relative_time"), (3, "import.no_text")]
    mapped = read(DATA / "table.csv", mapping=DATA / "table.toml")
    assert [(p.platform, p.native_id, p.query) for p in mapped.records] == [
        ("weibo", "1", "咖啡"),
        ("weibo", "2", "咖啡"),
    ]
    assert mapped.records[1].created == 1795147200 - 3 * 86400  # 2026-11-20 12:00 +08:00


@pytest.mark.parametrize(
    "mapping",
    [{"columns": {}}, {"columns": {"nonsense": "a"}}, {"columns": {"id": "编号"}}, {"columns": {"text": "正文"}, "zone": "Mars"},
     {"columns": {"text": "正文"}, "kind": "x"}, {"columns": {"text": "正文"}, "extra": 1}, {"columns": {"text": "没有"}},
     {"columns": {"text": "正文"}, "time_unit": "h"}],
)  # fmt: skip
def test_bad_mappings(mapping: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        list(read_file(DATA / "table.csv", mapping=mapping))


def test_table_without_ids_is_stable(tmp_path: Path, read: Any) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["Author", "Content"], ["a", "hello"], ["b", "hello"]])
    file = tmp_path / "t.csv"
    file.write_text(out.getvalue(), "utf-8")
    ids = [p.native_id for p in read(file).records]
    assert len(set(ids)) == 2
    assert [p.native_id for p in read(file).records] == ids


def test_suggest_mapping() -> None:
    assert suggest_mapping(["博主昵称", "笔记内容", "点赞数", "IP属地"]) == {
        "text": "笔记内容", "author": "博主昵称", "likes": "点赞数", "region": "IP属地",
    }  # fmt: skip
    assert suggest_mapping(["a", "b"]) is None


def test_unknown_format_names_the_columns(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("foo,bar\n1,2\n", "utf-8")
    with pytest.raises(BadInput) as error:
        detect(file)
    assert error.value.key == "import.unknown_format"
    assert error.value.params["columns"] == "foo, bar"


def test_expand_orders_people_first_and_tells_what_it_skips(tmp_path: Path) -> None:
    skipped: list[Path] = []
    (tmp_path / "config.json").write_text('{"a": 1}', "utf-8")
    files = expand([MC / "g1" / "weibo" / "jsonl", tmp_path], skipped)
    assert [f.name.split("_")[1] for f in files] == ["creators", "contents", "comments"]
    assert skipped == [tmp_path / "config.json"]
    assert expand([DATA / "edges.csv"]) == [DATA / "edges.csv"]
