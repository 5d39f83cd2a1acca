"""What the first user stumbled over, as a user sees it. All people and posts are invented."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import xunke

POST = {
    "note_id": "5230000000000001", "content": "#咖啡# 新店打卡", "create_time": 1795181400, "liked_count": "17",
    "comments_count": "5", "shared_count": "2", "last_modify_ts": 1795190000123, "source_keyword": "咖啡",
}  # fmt: skip
KNOWN = POST | {"user_id": "1700000001", "nickname": "示例用户甲"}
MASKED = POST | {"creator_hash": "0123456789abcdef", "nickname": "示***甲"}


def exported(db: Path, what: str = "posts") -> list[dict[str, object]]:
    """The rows of a JSON Lines export."""
    path = db.with_suffix(".jsonl")
    path.unlink(missing_ok=True)
    assert xunke("export", what, "--format", "jsonl", "--out", str(path), db=db).code == 0
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def imported(tmp_path: Path, db: Path, *posts: dict[str, object]) -> None:
    """Bring each post in a file of its own, in this order."""
    for n, post in enumerate(posts):
        path = tmp_path / f"search_contents_{n}.jsonl"
        path.write_text(json.dumps(post, ensure_ascii=False) + "\n", "utf-8")
        assert xunke("import", str(path), db=db).code == 0


def test_a_masked_export_takes_no_post_from_an_author_known_by_id(tmp_path: Path) -> None:
    for name, order in {"late": (KNOWN, MASKED), "early": (MASKED, KNOWN)}.items():
        db = tmp_path / f"{name}.db"
        imported(tmp_path, db, *order)
        assert [row["author_id"] for row in exported(db)] == ["1700000001"], name


def test_an_export_of_posts_names_title_author_and_what_is_answered(tmp_path: Path) -> None:
    note = {
        "note_id": "65f000000000000000000001", "type": "normal", "title": "周末探店", "desc": "真好喝",
        "time": 1795000000000, "user_id": "5a01", "nickname": "示例薯", "last_modify_ts": 1795190000123,
        "xsec_token": "x",
    }  # fmt: skip
    answer = {
        "comment_id": "65f1", "create_time": 1795001000000, "note_id": "65f000000000000000000001", "content": "求地址",
        "user_id": "5a03", "nickname": "示例薯三", "parent_comment_id": 0, "like_count": "3",
        "last_modify_ts": 1795190000123, "pictures": "",
    }  # fmt: skip
    db = tmp_path / "p.db"
    imported(tmp_path, db, note, answer)
    found = {row["id"]: (row["author_id"], row["title"], row["parent"]) for row in exported(db)}
    assert found == {
        "65f000000000000000000001": ("5a01", "周末探店", None),
        "65f1": ("5a03", None, "65f000000000000000000001"),
    }


def test_an_act_without_a_time_is_in_no_window(tmp_path: Path) -> None:
    path, db = tmp_path / "edges.csv", tmp_path / "p.db"
    path.write_text("actor,target,kind,time\na,old,follow,\nb,new,like,2026-11-20\n", "utf-8")
    assert xunke("import", str(path), "--format", "interactions", db=db).code == 0
    window = ("--until", "2026-11-21", "--json")
    assert {r["id"] for r in xunke("rank", *window, db=db).rows} == {"a", "b", "old", "new"}
    assert {r["id"] for r in xunke("rank", "--since", "2026-11-19", *window, db=db).rows} == {"b", "new"}
    assert xunke("rank", "--since", "2026-11-22", *window, db=db).code == 2


def test_a_list_of_posts_is_shown(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    imported(tmp_path, db, KNOWN)
    assert xunke("最近聊咖啡的帖子", "--today", "2026-11-21", db=db).code == 0
    assert xunke("list", "create", "帖子", db=db).code == 0
    assert [row["id"] for row in xunke("list", "show", "帖子", "--json", db=db).rows] == ["5230000000000001"]


WRONG = (
    "connect mastodon",
    "rank --by x",
    "rank --by",
    "rank --limit x",
    "rank --x",
    "doctor x",
    "export posts --out -",
)


def test_wrong_usage_is_said_in_chinese(tmp_path: Path) -> None:
    for words in WRONG:
        answer = xunke(*words.split(), db=tmp_path / "p.db")
        assert answer.code == 2, words
        assert not any(w in answer.err for w in ("argument", "expected", "required", "invalid", "choose")), answer.err
    assert "No such file" not in xunke("import", "/nowhere/x.csv", db=tmp_path / "p.db").err


def test_a_question_is_asked_once(tmp_path: Path) -> None:
    answer = xunke("找人", db=tmp_path / "p.db")
    assert answer.code == 4
    assert answer.err.count("？") == 1, answer.err
