"""Codes instead of names (P2), and what others say of somebody who must not be found. All people are invented."""

from __future__ import annotations

import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.conftest import Run
from xunke import veil
from xunke.actions.consent import change
from xunke.cli.main import main
from xunke.model import Account, Post, Provenance
from xunke.storage import Project, naming
from xunke.storage.deleting import delete_people, delete_posts

SHOWN = [
    "找聊 #减肥 的人，前30名", "最近一个月谁在聊 #减肥，列出帖子", "rank --limit 30", "seeds --budget 5",
    "queue all --limit 50", "context --list 人", "context --topic 减肥", "touch", "touch preflight 人", "touch log",
    "touch open WHO", "note list", "segment show 群 --limit 99", "segment --method rfm --group 冠军 --limit 99",
    "segment matrix 地区 阶段", "segment niches --by 地区", "campaign show 冬", "campaign check 冬", "followers",
    "followers lost", "followers advocates", "persona --list 人 --names", "persona WHO", "held --project",
    "experiment assign 试", "experiment list", "next --limit 50", "lookalike --like 人 --limit 30", "consent list",
    "review --dry-run", "held WHO", "history WHO", "audit list", "list", "same", "mark", "own",
    "cascade --limit 5", "person WHO", "why WHO", "communities", "overlap", "label", "jobs",
    "followers dormant", "compare WHO TOO",
]  # fmt: skip
"""What shows people; a command that is not there, or refuses, must name nobody either."""
AS_TEXT = {*SHOWN[:4], *SHOWN[5::4]}
WRITTEN = [
    ("export people --format csv --yes", ".csv"), ("export posts --format xlsx --yes", ".xlsx"),
    ("export 1 --format html --yes", ".html"), ("export 1 --format jsonl --yes", ".jsonl"),
    ("export network --format gexf", ".gexf"), ("export keywords --topic 减肥", ".csv"),
    ("persona --list 人 --names --format md", ".md"), ("report --list 人 --names --format html", ".html"),
    ("report 冬 --names --format html", ".html"), ("context --list 人 --format json", ".json"),
]  # fmt: skip


@pytest.fixture
def xunke(within: Run) -> Run:
    """The command line in this process."""
    return within


class Tells:
    """What tells of any person of the sample: names and handles that stand for nothing else, ids, links."""

    def __init__(self, db: Path) -> None:
        with closing(sqlite3.connect(db)) as c:
            rows = c.execute("select k.native_id, a.name, a.handle from account_key k join account a on a.id = k.id")
            found = {word for row in rows for word in row if word and len(word.encode()) >= 6}
            self.words = found - {row[0] for row in c.execute("select folded from tag")}
        self.heads: dict[str, set[int]] = {}
        for word in self.words:
            self.heads.setdefault(word[:2], set()).add(len(word))

    def search(self, text: str) -> str | None:
        """Where the first one stands."""
        if (link := re.search("https?://(?!www.w3|schemas)", text)) is not None:
            return text[max(0, link.start() - 80) : link.end() + 20]
        for at in range(len(text)):
            for length in self.heads.get(text[at : at + 2], ()):
                if text[at : at + length] in self.words:
                    return text[max(0, at - 80) : at + length + 20]
        return None


def test_names_stand_only_in_lists_that_were_made(sample_file: Path, tmp_path: Path, xunke: Run) -> None:
    db = tmp_path / "p.db"
    shutil.copy(sample_file, db)
    with Project.open(db) as project:  # a tenth of the sample: what is looked for is what is told, not how much
        many = [row[0] for row in project.query("select id from account where id > 300")]
        posts = [row[0] for row in project.query("select id from post where author > 300 or author is null")]
        project.writer.call(lambda c: (delete_posts(c, posts), delete_people(c, many)))
    with closing(sqlite3.connect(db)) as c:
        who, too = (row[0] for row in c.execute(
            "select p.name || ':' || k.native_id from account_key k join platform p on p.id = k.platform "
            "where k.id in (40, 41)"
        ))  # fmt: skip

    def typed(line: str) -> list[str]:
        return [word.replace("WHO", who).replace("TOO", too) for word in line.split()]

    for words in (
        "找聊 #减肥 的人，前30名，存成名单 人", "segment save 群 --rule 发帖数>=2",
        "campaign new 冬 --goal 试 --list 人",
        "list set 人 --purpose 试吃", "experiment new 试 --list 人 --arms A,B --hold-out 20% --overlap",
        "touch done WHO --step reply --outside --text 你好", "note @WHO 喜欢跑步",
    ):  # fmt: skip
        code, told = xunke(words, "--yes", db=db) if words.startswith("找") else xunke(*typed(words), db=db)
        assert code == 0, (words, told)
    names = Tells(db)
    assert names.search(xunke("rank", "--limit", "30", db=db)[1]), "the pattern knows names when it sees them"
    assert xunke("held", "--set", "names=代号", db=db)[0] == 0
    leaks, worked = [], 0
    for line in SHOWN:
        words = [line] if "，" in line or line.startswith("找") else typed(line)
        for more in ([],) if line in AS_TEXT else (["--json"],):
            code, told = xunke(*words, *(["--yes"] if len(words) == 1 and "，" in line else []), *more, db=db)
            worked += code == 0
            if (hit := names.search(told)) is not None:
                leaks.append(f"{line} {more}: {hit!r}")
    for n, (line, kind) in enumerate(WRITTEN):
        out = tmp_path / f"out{n}{kind}"
        code, told = xunke(*line.split(), "--out", str(out), db=db)
        worked += code == 0
        assert code == 0, (line, told)
        text = told.replace(str(out), "")
        if kind == ".xlsx":
            with zipfile.ZipFile(out) as book:
                text += "".join(
                    book.read(name).decode() for name in book.namelist() if "sheet" in name or "Strings" in name
                )
            text = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
        else:
            text += re.sub(r'xmlns(:\w+)?="[^"]*"|xsi:\w+="[^"]*"', "", out.read_text("utf-8"))
        if (hit := names.search(text)) is not None:
            leaks.append(f"{line}: {hit!r}")
    assert not leaks, "\n".join(leaks)
    assert worked > 45
    assert names.search(xunke("list", "show", "人", db=db)[1])
    out = tmp_path / "list.csv"
    assert xunke("export", "人", "--format", "csv", "--out", str(out), "--yes", db=db)[0] == 0
    assert names.search(out.read_text("utf-8-sig"))
    assert "P-" not in out.read_text("utf-8-sig")
    who = re.search(r"P-\d+", xunke("rank", "--limit", "1", db=db)[1])
    assert who is not None
    assert xunke("persona", who[0], db=db)[0] == 0, "a code is taken where a name is"
    assert xunke("held", "--set", "names=显示", db=db)[0] == 0
    assert names.search(xunke("rank", "--limit", "30", db=db)[1])


def test_what_others_say_of_somebody_who_must_not_be_found(tmp_path: Path, xunke: Run) -> None:
    db = tmp_path / "p.db"
    said = Account("weibo", "1", name="阿甲的虚构"), Account("weibo", "2", name="甲乙丙丁", handle="jiayi")
    with Project.open(db) as project:
        project.add(
            [
                Post(
                    "weibo",
                    "a",
                    "和 @甲乙丙丁 去露营，@甲乙丙丁戊 没来；@jiayi2 也是，问 ＠JiaYi 吧",
                    author=said[0],
                    created=1,
                ),
                Post("weibo", "b", "我自己", author=said[1], created=1),
            ],
            Provenance("user", "t"),
        )
        change(project, "add", ["weibo:2"])
    assert veil.veiled("@甲乙丙丁") == "@甲乙丙丁", "nothing is drawn outside a command"
    for words in (["找聊露营的人", "--yes"], ["export", "posts", "--out", str(tmp_path / "o.csv"), "--format", "csv"]):
        code, told = xunke(*words, db=db)
        assert code == 0, told
        assert "@甲乙丙丁 " not in told
        assert "JiaYi" not in told
    written = (tmp_path / "o.csv").read_text("utf-8-sig")
    assert "和 @[勿扰] 去露营" in written
    assert "问 @[勿扰] 吧" in written
    assert "@jiayi2 也是" in written, "another name that begins the same"


def test_short_names_and_words_of_the_language(tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as project:
        people = [
            Account("weibo", "7", name="阿七"),
            Account("weibo", "8", name="露营"),
            Account("weibo", "9", name="Al"),
        ]
        posts = [Post("weibo", f"p{a.native_id}", "#露营# 好", a, created=1, tags=("露营",)) for a in people]
        project.add(posts, Provenance("user", "t"))
        project.set_meta(naming.SETTING, naming.CODES)
        with veil.drawn(naming.ProjectVeil.of(project)):
            seven, eight, nine = (veil.value(name, "name") for name in ("阿七", "露营", "Al"))
            assert all(re.fullmatch(r"P-\d+", code) for code in (seven, eight, nine))
            assert veil.veiled("和阿七去露营，@Al 也去，Also") == f"和{seven}去露营，@{nine} 也去，Also"
            assert veil.veiled("见 https://weibo.com/u/7。") == f"见 {naming.LINK}。"
            with veil.lifted():
                assert veil.veiled("和阿七") == "和阿七"


OVER = [
    "list create 新 --from 旧", "context --list 旧", "export 旧 --yes --out OUT/x.csv", "touch today --list 旧",
    "campaign new 冬 --goal 试 --list 旧", "experiment new 试 --list 旧 --arms A,B", "persona --list 旧",
    "report --list 旧 --out OUT/r.html", "next --list 旧", "list merge 另 旧", "queue all --list 旧",
    "experiment pilot 试 --list 旧 --go 10%", "lookalike --like 旧", "segment matrix 平台 阶段 --among 旧",
]  # fmt: skip


def test_a_list_whose_time_is_over_is_used_by_nothing(tmp_path: Path, xunke: Run) -> None:
    db = tmp_path / "p.db"
    with Project.open(db) as project:
        people = [Account("weibo", str(n), name=f"虚构{n}") for n in range(30)]
        project.add([Post("weibo", f"p{a.native_id}", "露营", a, created=1) for a in people], Provenance("user", "t"))
    for name in ("旧", "另"):
        assert xunke(f"找聊露营的人，存成名单 {name}", "--yes", db=db)[0] == 0
        assert xunke("list", "set", name, "--purpose", "试吃", "--expires", "30", db=db)[0] == 0
    later = "2027-03-01"
    used = []
    for line in OVER:
        words = line.replace("OUT", str(tmp_path)).split()
        with closing(sqlite3.connect(db)) as c:
            before = list(c.iterdump())
        code = main(["--db", str(db), *words, "--today", later])
        with closing(sqlite3.connect(db)) as c:
            if code != 4 or [line for line in c.iterdump() if line not in before and "swept" not in line]:
                used.append((line, code))
    assert not used
    assert not list(tmp_path.glob("*.csv"))
    for line in ("list show 旧", "list rename 旧 老", "list set 老 --expires 2027-04-01", "touch today --list 老"):
        assert main(["--db", str(db), *line.split(), "--today", later]) == 0, line
