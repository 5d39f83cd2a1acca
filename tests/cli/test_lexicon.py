"""``xunke label`` and ``xunke lexicon`` as processes, and questions about words. The sample is invented."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import xunke
from xunke.storage import Project


def _posts(db: Path, n: int) -> list[str]:
    with Project.open(db) as project:
        rows = project.query(
            "select p.name || ':' || k.native_id from post t join post_key k on k.id = t.id "
            "join platform p on p.id = k.platform where t.kind = 'post' order by t.id limit ?", (n,),
        )  # fmt: skip
    return [row[0] for row in rows]


def test_words_are_added_listed_removed_and_travel_by_file(sample_db: Path, tmp_path: Path) -> None:
    for words in (
        ("interest", "宠物/猫", "布偶"),
        ("sentiment", "绝了", "+1.5"),
        ("sentiment", "拉胯", "-1"),
        ("word", "露营风"),
    ):
        done = xunke("lexicon", "add", *words, db=sample_db)
        assert (done.code, done.out) == (0, "")
    listed = xunke("lexicon", "list", "--json", db=sample_db).rows
    assert [(r["kind"], r["interest"], r["word"], r["weight"]) for r in listed] == [
        ("interest", "宠物/猫", "布偶", 1.0), ("sentiment", None, "拉胯", -1.0), ("sentiment", None, "绝了", 1.5),
        ("word", None, "露营风", 1.0),
    ]  # fmt: skip
    file = tmp_path / "我的词.toml"
    assert xunke("lexicon", "export", "--out", str(file), db=sample_db).code == 0
    assert xunke("lexicon", "export", db=sample_db).out.strip() == file.read_text("utf-8").strip()
    assert xunke("lexicon", "remove", "sentiment", "绝了", db=sample_db).code == 0
    other = tmp_path / "另一个.db"
    told = xunke("lexicon", "import", str(file), "--json", db=other).rows
    assert (told[0]["read"], told[0]["changed"]) == (4, 4)
    assert len(xunke("lexicon", "--json", db=other).rows) == 4
    assert xunke("lexicon", "path", db=other).out.strip() == str(other)


def test_a_label_is_shown_exported_and_undone(sample_db: Path, tmp_path: Path) -> None:
    first, second = _posts(sample_db, 2)
    done = xunke("label", first, "sentiment=negative", "interest:宠物=yes", "--json", db=sample_db)
    assert done.code == 0
    assert [(r["post"], r["question"], r["value"]) for r in done.rows] == [
        (first, "sentiment", "negative"), (first, "interest:宠物", "yes"),
    ]  # fmt: skip
    assert xunke("label", second, "spam=yes", db=sample_db).code == 0
    for name in ("标注.csv", "标注.jsonl"):
        assert xunke("lexicon", "export", "labels", "--out", str(tmp_path / name), db=sample_db).code == 0
    assert xunke("lexicon", "undo", "--json", db=sample_db).rows[0]["question"] == "spam"
    assert len(xunke("lexicon", "labels", "--json", db=sample_db).rows) == 2
    for name in ("标注.csv", "标注.jsonl"):
        told = xunke("lexicon", "import", str(tmp_path / name), "--json", db=sample_db).rows[0]
        assert (told["read"], told["stored"] + told["duplicate"], told["rejected"]) == (3, 3, [])


def test_learning_in_both_languages(sample_db: Path) -> None:
    for post in _posts(sample_db, 3):
        xunke("label", post, "spam=no", db=sample_db)
    chinese = xunke("lexicon", "learn", "--dry-run", db=sample_db)
    assert "标注太少" in chinese.out
    english = xunke("lexicon", "learn", "--lang", "en", db=sample_db)
    assert "too few labels to say" in english.out
    row = xunke("lexicon", "learn", "--json", db=sample_db).rows[0]
    assert (row["labels"], row["before"], row["after"], row["verdict"], row["adopted"]) == (
        3,
        None,
        None,
        "too_few",
        False,
    )


def test_what_is_wrong_is_said_in_a_sentence(sample_db: Path, tmp_path: Path) -> None:
    for words, code in (
        (("label", "weibo:没有", "spam=yes"), 1), (("label", _posts(sample_db, 1)[0], "spam=perhaps"), 1),
        (("lexicon", "add", "sentiment", "绝了", "+99"), 1), (("lexicon", "add", "mood", "绝了"), 1),
        (("lexicon", "add"), 2), (("lexicon", "import"), 2), (("lexicon", "import", str(tmp_path / "无.toml")), 1),
        (("lexicon", "dance"), 2),
    ):  # fmt: skip
        done = xunke(*words, db=sample_db)
        assert (done.code, done.out) == (code, ""), words
        assert len(done.err.strip()) > 5


def test_a_sentence_asks_for_keywords_topics_and_what_rises(sample_db: Path) -> None:
    words = xunke("#减肥 的关键词前15", "--yes", "--json", "--today", "2026-11-22", db=sample_db)
    assert words.code == 0
    assert len(words.rows) == 15
    top = words.rows[0]
    assert top["keyword"] == "#减肥"
    assert top["count"] >= top["authors"] > 5
    assert top["examples"].startswith(("weibo:", "xiaohongshu:", "douyin:", "bilibili:", "zhihu:", "mastodon:"))
    rising = xunke("最近30天什么话题在涨", "--yes", "--json", "--today", "2026-11-22", db=sample_db)
    assert rising.code == 0
    assert {"topic", "authors", "expected", "growth", "z", "q", "trend", "examples"} <= rising.rows[0].keys()
    assert all(row["q"] is not None for row in rising.rows)
    topics = xunke("#咖啡 热门话题排行", "--yes", "--json", "--today", "2026-11-22", db=sample_db)
    assert all(len(row["words"].split()) > 1 for row in topics.rows)


def test_too_little_data_is_said(sample_db: Path) -> None:
    done = xunke("1月哪些话题在涨", "--yes", "--json", "--today", "2026-11-22", db=sample_db)
    assert (done.code, done.out) == (0, "")
    assert "数据不够" in done.err


def test_what_a_group_has_more_of(sample_db: Path) -> None:
    done = xunke("统计上海女生的兴趣占比", "--yes", "--json", "--today", "2026-11-22", db=sample_db)
    assert done.code == 0, done.err
    for row in done.rows:
        assert row["low"] <= row["index"] <= row["high"]
        assert row["index_verdict"] in ("index.over", "index.same", "index.under")
