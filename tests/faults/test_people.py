"""People who refused, who are erased, or who are too young; contact data in texts; the audit log. All invented."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kit import clean_exit, content, xunke
from tests.faults.test_disk import traces
from xunke.model import Account, Group, Interaction, Membership, Mention, Post, Provenance
from xunke.outreach import exports, lists
from xunke.storage import Project, erase
from xunke.storage import suppression as suppression_list
from xunke.storage.project import verify_audit
from xunke.storage.rows import all_people, all_posts

SOURCE = Provenance("user", "invented", fetched=1_795_200_000)
DAY = 1_795_100_000
EVA = Account("weibo", "8812345678", name="伊娃Eva", handle="eva_home", bio="喜欢咖啡", fetched=DAY)
AN = Account("weibo", "7712345678", name="安安", bio="伊娃的朋友 @伊娃Eva", fetched=DAY)
BO = Account("zhihu", "eva_home2", name="伊娃Eva", fetched=DAY)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def names(project: Project, sql: str) -> list[str]:
    return [row[0] for row in project.query(sql)]


# -- contact data ----------------------------------------------------------------------------------------------------

CONTACT = {
    "13812345678": "电话 13812345678 联系",
    "138-1234-5678": "＋86 138-1234-5678",
    "11010519491231002X": "证 11010519491231002X",
    "eva@example.com": "写信 eva@example.com。",
    "evahome88": "加微信：evahome88",
    "3344556677": "QQ群 3344556677",
}


@pytest.mark.parametrize("secret", CONTACT)
def test_contact_data_is_nowhere(project: Project, tmp_path: Path, secret: str) -> None:
    text = CONTACT[secret]
    who = Account("weibo", "5", name="甲", bio=text, occupation=text, fetched=DAY)
    project.add([Post("weibo", "1", f"咖啡 {text}", who, title=text, fetched=DAY)], SOURCE)
    project.add([Post("weibo", "1", f"茶 {text}", who, title=text, fetched=DAY + 9)], SOURCE)
    for format in ("csv", "jsonl", "html", "md"):
        for what in (
            exports.What("posts", "x", None, all_posts(project)),
            exports.What("people", "y", all_people(project), None),
        ):
            exports.write_file(project, what, format, path=None, folder=tmp_path, lang="zh")
    project.close()
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes(), path.name


def test_contact_data_of_imported_files_is_nowhere(tmp_path: Path) -> None:
    row = {
        "note_id": "5230000000000001",
        "user_id": "1700000001",
        "nickname": "小店13812345678",
        "ip_location": "上海",
        "content": "下单加微信：evahome88 或 eva@example.com，证 11010519491231002X",
        "create_time": DAY,
        "last_modify_ts": DAY * 1000,
        "liked_count": "1",
        "comments_count": "0",
        "shared_count": "0",
        "note_url": "",
        "profile_url": "",
        "gender": "f",
    }
    source = tmp_path / "search_contents_2026-11-20.jsonl"
    source.write_text(json.dumps(row, ensure_ascii=False))
    table = tmp_path / "plain.csv"
    table.write_text("platform,id,text,author\nweibo,9,电话 13812345678,乙13812345678\n", "utf-8-sig")
    db = tmp_path / "db" / "p.db"
    for path in (source, table):
        clean_exit(xunke("import", path, db=db), 0)
    assert len(content(db)[1]) == 2
    assert traces(db, "13812345678", "evahome88", "eva@example.com", "11010519491231002X") == []


def test_contact_data_of_a_mastodon_answer_is_nowhere() -> None:
    from collectors.mastodon_map import status

    answer = {
        "id": "1",
        "uri": "https://m.example/1",
        "created_at": "2026-11-20T10:00:00Z",
        "spoiler_text": "vx：evahome88",
        "content": "<p>电话 13812345678</p>",
        "visibility": "public",
        "tags": [],
        "mentions": [],
        "media_attachments": [],
        "account": {
            "id": "2",
            "username": "eva",
            "acct": "eva",
            "url": "https://m.example/@eva",
            "display_name": "E 13812345678",
            "note": "<p>eva@example.com</p>",
        },
    }
    raw = status(answer, "m.example").post.raw
    assert raw is not None
    assert b"evahome88" not in raw
    assert b"13812345678" not in raw
    assert b"eva@example.com" not in raw


# -- refusal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "伊娃eva",
        "伊娃ＥＶＡ",
        "伊\u200b娃E\u00adva",
        "伊娃\u200dEva\ufe0f",
        "伊 娃\u3164Eva",
        "\u202e伊娃Eva",
        "伊娃E\U000e0041va",
    ],
)
def test_refused_under_any_spelling(project: Project, written: str) -> None:
    project.writer.call(lambda db: suppression_list.add(db, [("weibo", None, "伊娃Eva", None)], "user"))
    tally = project.add(
        [Account("weibo", "6", name=written), Post("weibo", "1", "x", Account("weibo", "7", name=written))], SOURCE
    )
    assert (tally.stored, tally.suppressed) == (0, 2)


@pytest.mark.parametrize("said", ["8812345678", "weibo:8812345678", "@伊娃ＥVA", "eva_home"])
def test_refused_before_or_after_a_rename(tmp_path: Path, said: str) -> None:
    """Whoever is on the list, known or not, by id or name: under that id (or name) nothing is stored."""
    for known in (True, False):
        db = tmp_path / f"{known}.db"
        with Project.open(db) as project:
            if known:
                project.add([EVA], SOURCE)
        clean_exit(xunke("suppress", "add", said, db=db), 0)
        with Project.open(db) as project:
            renamed = (
                [EVA]
                if not known
                else [EVA, Account("weibo", EVA.native_id, name="新名字"), Account("weibo", EVA.native_id + "\u200b")]
            )
            tally = project.add([Post("weibo", str(n), "咖啡", who) for n, who in enumerate(renamed)], SOURCE)
            assert tally.stored == 0
            assert project.one("select count(*) from post") == 0


def test_refused_in_every_role(project: Project) -> None:
    project.writer.call(lambda db: suppression_list.add(db, [("weibo", EVA.native_id, EVA.name, EVA.handle)], "user"))
    project.add(
        [
            Post(
                "weibo",
                "1",
                "问 @伊娃eva 好",
                AN,
                created=DAY,
                mentions=(Mention("伊娃eva"), Mention("x", EVA.native_id)),
            ),
            Interaction("weibo", EVA, AN, "like"),
            Interaction("weibo", AN, EVA, "follow"),
            Membership(EVA, Group("weibo", "g", "群")),
            Post("weibo", "2", "我的", EVA, reply_to="1"),
        ],
        SOURCE,
    )
    assert names(project, "select native_id from account_key") == [AN.native_id]
    for table in ("interaction", "mention", "membership"):
        assert project.one(f"select count(*) from {table}") == 0, table


def test_refused_later_is_out_of_every_output(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    with Project.open(db) as project:
        project.add(
            [
                Post("weibo", "1", "咖啡很香", EVA, created=DAY, fetched=DAY),
                Post("weibo", "2", "咖啡不错", AN, created=DAY, fetched=DAY),
                Post("weibo", "3", "转", AN, created=DAY, repost_of="1", kind="repost"),
                Interaction("weibo", EVA, AN, "like"),
            ],
            SOURCE,
        )
    said = clean_exit(xunke("--today", "2026-11-22", "ask", "--yes", "聊咖啡的人，存成名单 旧", db=db), 0)
    assert "伊娃" in said
    clean_exit(xunke("suppress", "add", EVA.native_id, db=db), 0)
    commands = [
        ["--today", "2026-11-22", "ask", "--yes", "聊咖啡的人"],
        ["--today", "2026-11-22", "ask", "--yes", "聊咖啡的帖子"],
        ["--today", "2026-11-22", "ask", "--yes", "按账号统计咖啡的帖子数"],
        *(["rank", "--by", by] for by in ("influence", "pagerank", "actors", "target")),
        ["rank"],
    ]
    for command in commands:
        said = clean_exit(xunke(*command, db=db), 0, 2, 4)
        assert "伊娃" not in said, command
    with Project.open(db) as project:
        entry = lists.saved(project)[0]
        old = int(project.one("select min(id) from result where target = 'people'"))
    for what in ("people", "posts", str(old), entry.name):
        out = tmp_path / f"{what}.csv"
        said = clean_exit(xunke("export", what, "--out", out, db=db), 0)
        assert "伊娃" not in out.read_text("utf-8-sig"), what
        assert "安安" in out.read_text("utf-8-sig"), what
    assert "伊娃" not in clean_exit(xunke("list", "show", entry.name, db=db), 0)
    clean_exit(xunke("list", "create", "新", "--result", str(old), db=db), 0)
    assert "伊娃" not in clean_exit(xunke("list", "show", "新", db=db), 0)


# -- erasure ---------------------------------------------------------------------------------------------------------


def test_erased_everywhere(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    with Project.open(db) as project:
        project.add(
            [
                Post(
                    "weibo",
                    "91",
                    "咖啡 #独一无二的标签# 真香",
                    EVA,
                    created=DAY,
                    tags=("独一无二的标签",),
                    raw=b'{"n":"\xe4\xbc\x8a\xe5\xa8\x83Eva"}',
                ),
                Post(
                    "weibo",
                    "92",
                    "问 @伊娃Eva 咖啡好喝吗 @伊娃Eva小号 也来",
                    AN,
                    created=DAY,
                    title="致＠伊娃Eva",
                    mentions=(Mention("伊娃Eva"), Mention("伊娃Eva小号")),
                    reply_to="91",
                    root="91",
                    raw='{"screen_name":"伊娃Eva","id":8812345678}'.encode(),
                ),
                Post(
                    "weibo",
                    "93",
                    "咖啡",
                    AN,
                    created=DAY,
                    mentions=(Mention("旧名", EVA.native_id),),
                    reply_to="没见过",
                ),
                Post("zhihu", "94", "咖啡 @伊娃Eva", BO, created=DAY),
                Interaction("weibo", EVA, AN, "like", DAY),
                Interaction("weibo", AN, EVA, "follow"),
                Membership(EVA, Group("weibo", "g", "群")),
            ],
            SOURCE,
        )
        project.add([Post("weibo", "92", "改：问 @伊娃Eva 好", AN, created=DAY, fetched=DAY + 10**6)], SOURCE)
        eva = int(project.one("select id from account_key where native_id = ?", (EVA.native_id,)))
        project.set_meta("own_accounts", json.dumps([eva]))
    for sentence in ("聊咖啡的人，存成名单 旧", "聊咖啡的帖子，存成名单 帖", "伊娃Eva 的粉丝变化"):
        xunke("--today", "2026-11-22", "ask", "--yes", sentence, db=db)
    clean_exit(xunke("export", "people", "--out", tmp_path / "kept.csv", db=db), 0)
    (tmp_path / "kept.csv").unlink()  # what was exported is the user's to delete
    assert traces(db, EVA.native_id, "伊娃Eva", "独一无二") == ["p.db"] * 3
    clean_exit(xunke("forget", EVA.native_id, "--yes", db=db), 0)
    left = [path.name for path in tmp_path.rglob("*") if path.is_file() and EVA.native_id.encode() in path.read_bytes()]
    assert left == []
    assert traces(db, "独一无二", "eva_home\0") == []
    content(db)
    with Project.open(db) as project:
        said = names(
            project,
            "select text from post union all select coalesce(title, '') from post "
            "union all select text from post_history",
        )
        said += names(project, "select coalesce(bio, '') from account union all select reason from list_member")
        assert not [text for text in said if "@伊娃Eva" in text.replace("@伊娃Eva小号", "")]
        assert names(project, "select name from account order by id") == ["安安", "伊娃Eva"], (
            "a namesake elsewhere stays"
        )
        tied = [(t, c) for t, c in TIES if project.one(f"select count(*) from {t} where {c} = {eva}")]
        assert tied == []
        assert project.meta("own_accounts") == "[]"
        assert project.one("select count(*) from post where reply_to is not null or root is not null") == 1
        assert verify_audit(project.reader) is None
        detail = str(project.one("select detail from audit where act = 'erase'"))
        assert "伊娃" not in detail
    # the numbers of what is gone may be given again: nothing of the old must hang on them
    with Project.open(db) as project:
        project.add([Account("weibo", "1", name="新人"), Post("weibo", "95", "x", Account("weibo", "1"))], SOURCE)
        assert (
            project.one("select count(*) from interaction where target in (select id from account where name = '新人')")
            == 0
        )


TIES = (
    ("account", "id"),
    ("account_key", "id"),
    ("interaction", "target"),
    ("interaction", "actor"),
    ("mention", "account"),
    ("post", "author"),
    ("membership", "account"),
    ("follower_snapshot", "account"),
    ("profile_fact", "account"),
    ("account_sign", "account"),
)


def test_short_names_do_not_take_others_with_them(project: Project) -> None:
    project.add(
        [
            Post("weibo", "1", "红茶好 @红", Account("weibo", "3", name="红")),
            Post("weibo", "2", "红茶 @红 @红茶店", AN),
        ],
        SOURCE,
    )
    project.writer.call(
        lambda db: db.executemany(
            "insert into run(created, today, text, plan) values (1, '', ?, ?)",
            [("找喝红茶的人", "{}"), ("删除红", '{"a":["红"]}')],
        )
    )
    erase.person(project, int(project.one("select id from account where name = '红'")))
    assert names(project, "select text from post") == ["红茶 @[已删除] @红茶店"]
    assert names(project, "select text from run") == ["找喝红茶的人"]


# -- minors ----------------------------------------------------------------------------------------------------------


def test_minors_are_out_of_every_output(tmp_path: Path) -> None:
    kid = Account("weibo", "66", name="小果果", bio="初二学生 14岁", fetched=DAY)
    db = tmp_path / "p.db"
    with Project.open(db) as project:
        project.add(
            [
                Post("weibo", "1", "咖啡", kid, created=DAY),
                Post("weibo", "2", "咖啡", AN, created=DAY),
                Interaction("weibo", AN, kid, "like", DAY),
            ],
            SOURCE,
        )
    for what in ("people", "posts"):
        clean_exit(xunke("export", what, "--out", tmp_path / f"{what}.csv", db=db), 0)
        assert "小果果" not in (tmp_path / f"{what}.csv").read_text("utf-8-sig")
    for command in (
        ["rank"],
        ["rank", "--by", "pagerank"],
        ["rank", "--by", "target"],
        ["ask", "--yes", "聊咖啡的人"],
        ["ask", "--yes", "聊咖啡的帖子"],
    ):
        assert "小果果" not in clean_exit(xunke(*command, db=db), 0)
    assert "minors" in clean_exit(xunke("why", "小果果", db=db), 3)


# -- the audit log ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        "update audit set detail = '{}' where id = 2",
        "update audit set t = t + 1 where id = 1",
        "delete from audit where id = 2",
        "insert into audit(t, act, detail, hash) values (1, 'x', '{}', 'x')",
        "update audit set id = id + 5 where id = 1",
        "delete from audit where id = (select max(id) from audit)",
        "delete from audit",
        "update audit set act = 'x' where id = 3",
    ],
)
def test_an_edited_audit_log_is_noticed(tmp_path: Path, act: str) -> None:
    db = tmp_path / "p.db"
    for name in ("甲", "乙", "丙"):
        clean_exit(xunke("suppress", "add", name, db=db), 0)
    clean_exit(xunke("audit", "verify", db=db), 0)
    connection = sqlite3.connect(db)
    with connection:
        connection.execute(act)
    connection.close()
    clean_exit(xunke("audit", "verify", db=db), 1)
