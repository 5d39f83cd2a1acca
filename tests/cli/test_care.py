"""retention, consent, held, forget --everything and exports of people, as their users call them."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import xunke
from tests.conftest import TODAY
from xunke.model import Account, Post, Provenance
from xunke.storage import Project

DAY = TODAY.isoformat()


@pytest.fixture(scope="module")
def listed(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project with a list of ten people."""
    db = tmp_path_factory.mktemp("care") / "care.db"
    shutil.copy(sample_file, db)
    answer = xunke("找聊 #减肥 的人，前10名，存成名单 试用", "--yes", "--today", DAY, db=db)
    assert answer.code == 0, answer.err
    return db


@pytest.fixture
def db(listed: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "p.db"
    with closing(sqlite3.connect(listed)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def members(db: Path) -> list[tuple[str, str]]:
    with Project.open(db) as project:
        return project.query(  # type: ignore[return-value]
            "select p.name, k.native_id from list_member m join saved_list l on l.id = m.list join account_key k "
            "on k.id = m.item join platform p on p.id = k.platform where l.name = '试用' order by m.rank"
        )


def test_rules_a_dry_run_and_the_sweep(db: Path) -> None:
    assert {row["scope"]: row["keep_days"] for row in xunke("retention", "--json", db=db).rows}["raw"] == 180
    assert xunke("retention", "set", "posts=x", db=db).code == 2
    assert xunke("retention", "set", "audit=5", db=db).code == 1
    assert xunke("retention", "set", "评论=30", "posts:weibo=20", db=db).code == 0
    later = "2027-02-01"
    dry = xunke("retention", "run", "--dry-run", "--json", "--today", later, db=db)
    counted = {row["scope"]: row["older"] for row in dry.rows}
    assert counted["comments"] > 100
    assert counted["posts:weibo"] > 100
    with Project.open(db) as project:
        before = project.one("select count(*) from post")
    assert xunke("retention", "run", "--today", later, db=db).code == 4, "nobody said yes"
    done = xunke("retention", "run", "--yes", "--today", later, db=db)
    assert done.code == 0
    assert "不能撤销" in done.err
    with Project.open(db) as project:
        assert project.one("select count(*) from post") == before - sum(counted.values())
        assert project.one("select count(*) from post where author in (select item from list_member)") > 0
    assert xunke("audit", "verify", db=db).code == 0
    assert "找不回来" in xunke("撤销", "--yes", db=db).err


def test_consent_from_yes_to_no(db: Path) -> None:
    platform, native = members(db)[0]
    who = f"{platform}:{native}"
    assert "依据" in xunke("consent", "add", who, "--kind", "vcard", db=db).err
    assert xunke("consent", "add", who, "--kind", "vcard,短信", "--evidence", "扫码", db=db).code == 0
    assert {row["kind"] for row in xunke("consent", "--json", db=db).rows} >= {"vcard", "sms"}
    card = db.parent / "c.vcf"
    answer = xunke("export", "试用", "--out", str(card), db=db)
    assert answer.code == 0, answer.err
    text = card.read_bytes().decode()
    assert text.count("BEGIN:VCARD") == text.count("END:VCARD") == 1
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "没有同意" in answer.out
    assert "TEL" not in text
    assert xunke("consent", "withdraw", who, "--kind", "vcard", db=db).code == 0
    xunke("export", "试用", "--out", str(card), db=db)
    assert card.read_text() == "", "a no holds at once"
    assert xunke("export", "posts", "--format", "vcf", "--out", str(card), db=db).code == 1


def test_hashed_ids_are_of_those_who_agreed(db: Path) -> None:
    people = members(db)
    out, word = db.parent / "h.csv", db.parent / "word.txt"
    word.write_text("两家约好的暗号一二三\n", "utf-8")
    asked = ("export", "试用", "--format", "hashed", "--md5", "--out", str(out))
    xunke("suppress", "add", ":".join(people[0]), db=db)
    xunke("consent", "withdraw", ":".join(people[1]), "--kind", "share", db=db)
    xunke("consent", "add", ":".join(people[2]), "--kind", "share", "--evidence", "表单", db=db)
    answer = xunke(*asked, db=db)
    assert "第二十三条" in answer.err
    with out.open(encoding="utf-8-sig", newline="") as file:
        (one,) = csv.DictReader(file)
    assert one["id_sha256"] == hashlib.sha256(people[2][1].lower().encode()).hexdigest()
    answer = xunke(*asked, "--entrusted", db=db)
    assert "第二十一条" in answer.err
    with out.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [r["id_sha256"] for r in found] == [hashlib.sha256(n.lower().encode()).hexdigest() for _, n in people[2:]]
    assert [r["id_md5"] for r in found] == [
        hashlib.md5(n.lower().encode(), usedforsecurity=False).hexdigest() for _, n in people[2:]
    ]
    assert "勿扰" in answer.out
    assert xunke(*asked, "--entrusted", "--secret-file", str(word), db=db).code == 0
    assert found[0]["id_sha256"] not in out.read_text("utf-8-sig")
    with Project.open(db) as project:
        rows = project.query("select detail from audit where act = 'export' order by id")
        told = [json.loads(row[0]) for row in rows]
        assert [one["entrusted"] for one in told] == [False, True, True]
    assert xunke(*asked, "--salt", "盐", db=db).code == 2, "a secret is no argument"


def test_a_file_is_encrypted_with_a_word_that_is_no_argument(db: Path, tmp_path: Path) -> None:
    import pyzipper

    word, out = tmp_path / "word.txt", tmp_path / "out" / "单.xlsx"
    word.write_text("短", "utf-8")
    asked = ("export", "试用", "--out", str(out), "--password-file", str(word))
    assert "8" in xunke(*asked, db=db).err
    word.write_text("正确的马电池订书钉\n第二行", "utf-8")
    answer = xunke(*asked, "--json", db=db)
    assert answer.rows[0]["path"] == str(out) + ".zip"
    assert [p.name for p in out.parent.iterdir()] == ["单.xlsx.zip"], "no plain copy stays"
    assert (out.parent / "单.xlsx.zip").stat().st_mode & 0o077 == 0
    with pyzipper.AESZipFile(str(out) + ".zip") as box:
        assert box.infolist()[0].flag_bits & 1
        with pytest.raises(RuntimeError):
            box.read("单.xlsx", pwd=b"another one")
        (tmp_path / "plain.xlsx").write_bytes(box.read("单.xlsx", pwd="正确的马电池订书钉".encode()))
    assert openpyxl.load_workbook(tmp_path / "plain.xlsx").worksheets[0].max_row == 11
    assert xunke("export", "试用", "--out", str(out), "--password", db=db).code == 4, "nobody can be asked here"


def test_two_lists_are_compared_by_number_only(db: Path, tmp_path: Path) -> None:
    word, theirs = tmp_path / "word.txt", tmp_path / "theirs.csv"
    word.write_text("两家约好的暗号一二三", "utf-8")
    asked = ("list", "overlap", "多", str(theirs), "--secret-file", str(word))
    assert xunke("找聊 #减肥 的人，前60名，存成名单 多", "--yes", "--today", DAY, db=db).code == 0
    made = xunke("export", "多", "--format", "hashed", "--entrusted", "--secret-file", str(word), "--out", str(theirs),
                 "--yes", db=db)  # fmt: skip
    assert made.code == 0, made.err
    head, *lines = theirs.read_text("utf-8-sig").splitlines()

    def cut(n: int, strangers: int = 0) -> None:
        more = [f"weibo,{hashlib.sha256(str(i).encode()).hexdigest()}" for i in range(strangers)]
        theirs.write_text("\n".join([head, *lines[:n], *more]), "utf-8")

    def both() -> object:
        return next(row["people"] for row in xunke(*asked, "--json", db=db).rows if row["what"] == "overlap.both")

    cut(40, 30)
    assert both() == 40
    cut(3, 30)
    assert both() == "<5", "so few would be told"
    cut(len(lines) - 2, 30)
    assert both() == "<5", "all but two tells who the two are"
    cut(len(lines))
    assert both() == len(lines)
    cut(10)
    assert "20" in xunke(*asked, db=db).err, "a short list is no list to compare"
    theirs.write_text("a,b\n1,2\n", "utf-8")
    assert xunke(*asked, db=db).code == 1
    said = xunke("audit", "list", "--json", db=db).out
    assert '"overlap"' in said
    assert "多" not in said


def test_a_workbook_has_evidence_words_sources_and_who_is_not_in_it(db: Path, tmp_path: Path) -> None:
    gone = members(db)[0]
    xunke("suppress", "add", ":".join(gone), db=db)
    with Project.open(db) as project:  # a hostile name, an @ formula, in the list
        project.writer.call(
            lambda d: d.execute(
                "update account set name = '=cmd|1' "
                "where id = (select item from list_member order by rank desc limit 1)"
            )
        )
    out = tmp_path / "l.xlsx"
    answer = xunke("export", "试用", "--out", str(out), db=db)
    assert answer.code == 0, answer.err
    assert out.stat().st_mode & 0o777 == 0o600
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["名单", "证据", "字段说明", "来源与覆盖", "未列出"]
    people = list(book["名单"].iter_rows(min_row=2))
    assert len(people) == 9
    assert gone[1] not in {row[2].value for row in people}
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink]
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    evidence = list(book["证据"].iter_rows(min_row=2))
    assert evidence
    assert all(row[2].is_date for row in evidence), "times are dates"
    assert [row[1].value for row in book["未列出"].iter_rows(min_row=2)] == [1]
    assert len(list(book["字段说明"].iter_rows(min_row=2))) == len(people[0])
    assert "hyperlink" not in zipfile.ZipFile(out).read("xl/worksheets/sheet2.xml").decode()


def test_keywords_name_nobody_and_no_word_of_few(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "k.jsonl"
    assert xunke("export", "keywords", "--topic", "减肥", "--out", str(out), "--limit", "20", db=db).code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert 0 < len(rows) <= 20
    assert all(row["authors"] >= 5 and row["posts"] >= row["authors"] for row in rows)
    assert not [row for row in rows if row["term"].startswith("@")]


def test_held_tells_everything_and_writes_a_copy(db: Path, tmp_path: Path) -> None:
    who = ":".join(members(db)[1])
    told = xunke("held", who, db=db)
    assert told.code == 0
    assert "试用" in told.out
    assert "xunke forget" in told.err
    (found,) = xunke("held", who, "--json", db=db).rows
    assert {"account", "post", "list", "source", "result"} <= {part["part"] for part in found["parts"]}
    for name in ("h.html", "h.md", "h.json"):
        file = tmp_path / name
        assert xunke("held", who, "--out", str(file), db=db).code == 0
        assert found["name"] in file.read_text("utf-8")
        assert "<script" not in file.read_text("utf-8")
    with Project.open(db) as project:
        assert found["name"] not in str(project.query("select detail from audit where act = 'subject_copy'"))
    assert xunke("held", "没有这个人", db=db).code == 1


def test_nothing_is_shown_of_somebody_under_18(tmp_path: Path) -> None:
    db = tmp_path / "k.db"
    with Project.open(db) as project:
        kid = Account("weibo", "66", name="小果果", bio="初二学生 14岁")
        project.add([Post("weibo", "1", "咖啡", kid, created=1)], Provenance("file", "f", fetched=1))
        project.writer.call(lambda d: d.execute("insert into profile_fact(account, fact, value, origin, confidence) "
                                                "select id, 'minor', 'yes', 'bio', 1 from account"))  # fmt: skip
    answer = xunke("held", "weibo:66", db=db)
    assert answer.code == 3
    assert "果果" not in answer.out


def test_the_data_card(db: Path) -> None:
    empty = xunke("held", db=db)
    assert "还没写用途" in empty.err
    assert xunke("held", "--set", "purpose=找试用者", "basis=public", db=db).code == 0
    assert xunke("held", "--set", "own=yes", "purpose=客户回访", "--source", "1", db=db).code == 0
    told = xunke("held", "--project", db=db).out
    assert "找试用者" in told
    assert "个保法" in told
    assert "自有" in told
    assert xunke("held", "--set", "color=red", db=db).code == 2
    assert xunke("held", "--set", "own=yes", "--source", "99", db=db).code == 1


def test_the_whole_project_goes_when_its_name_is_typed(db: Path) -> None:
    assert xunke("forget", "--everything", "--yes", db=db).code == 4
    assert xunke("forget", "--everything", "--confirm", "other.db", db=db).code == 4
    assert db.exists()
    assert xunke("forget", "--everything", "--confirm", db.name, db=db).code == 0
    assert not list(db.parent.glob("p.db*"))
