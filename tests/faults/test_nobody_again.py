"""Whoever is on the do-not-contact list appears in nothing that is for turning to people. All people are invented."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TODAY
from tests.faults.conftest import Run
from xunke.actions import lists as list_actions
from xunke.actions.consent import change
from xunke.actions.undo import INVERSES
from xunke.events import Table
from xunke.i18n import Catalogue
from xunke.model import Account, Post, Provenance
from xunke.outreach import (
    campaigns,
    consent,
    daily,
    gate,
    list_edit,
    lists,
    people,
    persona_rows,
    preflight,
    results,
    touches,
    trials,
)  # fmt: skip
from xunke.storage import Project, acts
from xunke.storage.persons import people_map, rebuild

NOON = 1_795_320_000
DAY = 86_400
AB = [("A", None), ("B", None)]


@pytest.fixture
def xunke(within: Run) -> Run:
    """The command line in this process."""
    return within


# -- everything that shows people, on the sample project --------------------------------------------------------------

SHOWN = [
    "list show 人", "list show 留", "queue all --limit 200", "context --list 人", "touch", "touch today --list 人",
    "touch preflight 人", "touch neglected --all", "touch log", "note list", "segment show 群 --limit 900",
    "segment --method rfm --group 冠军 --limit 99", "segment matrix 地区 阶段", "segment niches --by 地区",
    "campaign show 冬", "campaign waste 冬", "campaign check 冬", "campaign case 冬", "followers", "followers lost",
    "followers advocates", "followers dormant", "persona --list 人 --names", "persona --segment 群 --names",
    "experiment assign 试", "experiment list", "experiment result 试 --rows", "next --limit 99", "next --list 人",
    "rank --limit 99", "seeds --budget 9", "lookalike --like 人 --limit 30", "consent list", "review --dry-run",
    "held --project", "audit list",
]  # fmt: skip
WRITTEN = [
    "export 人 --format xlsx --yes", "export 人 --format csv --yes", "export 人 --format html --yes",
    "export 人 --format vcf --yes", "export 人 --format hashed --yes", "export network --format gexf",
    "export keywords --topic 减肥", "list export 留 --format md --yes", "context --segment 群 --format json",
    "persona --list 人 --names --format html", "report 冬 --names --format html", "report 冬 --names --format md",
    "report --list 人 --names --format html", "experiment assign 试",
]  # fmt: skip
MADE = {
    "list create 新 --from 1 --yes": "新", "list create 新二 --from 群 --yes": "新二",
    "list create 新三 --from 人 --yes": "新三", "segment as-list 群": "群", "list merge 留 人 --yes": "留",
}  # fmt: skip
ENDINGS = {"--format hashed": ".csv", "network": ".gexf", "keywords": ".csv", "experiment": ".csv"}


@pytest.fixture
def crowd(sample_file: Path, tmp_path: Path, xunke: Run) -> tuple[Path, dict[int, re.Pattern[str]]]:
    """The sample project with lists, a segment, a campaign, a test and notes, then people of each suppressed; and what
    tells of each of those people."""
    db = tmp_path / "crowd.db"
    shutil.copy(sample_file, db)
    for words in (
        "找聊 #减肥 的人，前30名，存成名单 人", "list create 留 --result 1 --purpose 试用 --hold-out 10% --yes",
        "segment save 群 --rule 发帖数>=2", "campaign new 冬 --goal 试 --list 人",
        "experiment new 试 --list 人 --arms A,B --hold-out 20% --overlap",
    ):  # fmt: skip
        said = [words, "--yes"] if words.startswith("找聊") else words.split()
        code, told = xunke(*said, db=db)
        assert code == 0, told
    with closing(sqlite3.connect(db)) as c:
        found = [row[0] for sql in (
            "select item from list_member where list = 1 order by rank limit 9",
            "select item from list_out where list = 2 limit 2", "select account from arm where arm = 'holdout' limit 2",
            "select account from consent limit 3", "select account from follower where gone is null limit 6",
            "select account from follower where gone is not null limit 3", "select account from purchase limit 3",
            "select actor from interaction where target = 1 group by 1 order by count(*) desc limit 6",
            "select target from interaction where target <> 1 group by 1 order by count(*) desc limit 5",
        ) for row in c.execute(sql)]  # fmt: skip
        who = {row[0]: row[1:] for row in c.execute(
            "select k.id, p.name || ':' || k.native_id, k.native_id, a.name from account_key k "
            "join platform p on p.id = k.platform join account a on a.id = k.id"
        )}  # fmt: skip
        said = "\n".join(row[0] for row in c.execute("select text from post"))
    victims = sorted(set(found) - {1})
    refs = [who[v][0] for v in victims]
    for ref in refs[:3]:
        xunke("touch", "done", ref, "--step", "reply", "--outside", "--text", "你好", db=db)
        xunke("touch", "outcome", ref, "回复", db=db)
        xunke("note", "@" + ref, "喜欢跑步", "--due", TODAY.isoformat(), db=db)
    assert xunke("suppress", "add", *refs, db=db)[0] == 0
    names = [row[2] for row in who.values()]
    known = {}
    for v in victims:
        _, native, name = who[v]
        alone = sum(name in other for other in names if other) == 1 and name not in said  # others may speak of them
        known[v] = re.compile(rf"(?<!\w){re.escape(native)}(?!\d)" + (f"|{re.escape(name)}" if alone else ""))
    return db, known


def test_in_nothing_that_is_shown_written_or_made(
    crowd: tuple[Path, dict[int, re.Pattern[str]]], xunke: Run, tmp_path: Path
) -> None:
    db, known = crowd
    leaks: list[str] = []

    def look(where: str, text: str) -> None:
        for pattern in known.values():
            if (hit := pattern.search(text)) is not None:
                leaks.append(f"{where}: {text[max(0, hit.start() - 60) : hit.end() + 20]!r}")
                return

    for line in SHOWN:
        code, told = xunke(*line.split(), "--json", db=db)
        assert code == 0, (line, told)
        look(line, told)
    for n, line in enumerate(WRITTEN):
        kind = next(
            (e for word, e in ENDINGS.items() if word in line), "." + line.partition("--format ")[2][:4].strip()
        )
        out = tmp_path / f"out{n}{kind}"
        code, told = xunke(*line.split(), "--out", str(out), db=db)
        assert code == 0, (line, told)
        look(line, told)
        if kind == ".xlsx":
            with zipfile.ZipFile(out) as book:
                look(line, "".join(book.read(name).decode() for name in book.namelist()))
        else:
            look(line, out.read_text("utf-8"))
    for line in MADE:
        code, told = xunke(*line.split(), db=db)
        assert code == 0, (line, told)
        look(line, told)
    assert not leaks, "\n".join(leaks)
    with closing(sqlite3.connect(db)) as c:
        new = "select count(*) from list_member where list > 2 and item in (select value from json_each(?))"
        assert c.execute(new, (json.dumps(list(known)),)).fetchone()[0] == 0


def test_nothing_is_offered_for_one_of_them(crowd: tuple[Path, dict[int, re.Pattern[str]]], xunke: Run) -> None:
    db, known = crowd
    with Project.open(db) as project:
        who = project.one(
            "select p.name || ':' || k.native_id from account_key k join platform p on p.id = k.platform "
            "where k.id = ?",
            (min(known),),
        )
    for words in (["draft", who], ["open", who], ["may", who, "--step", "talk"], ["check", "你好", "--for", who]):
        told = xunke("touch", *words, db=db)[1]
        assert "免打扰" in told, told
        assert "http" not in told
        assert "你说的" not in told
    assert "免打扰" in xunke("next", "--why", who, db=db)[1]
    assert xunke("touch", "done", who, "--step", "reply", db=db)[0] == 1


# -- by whatever name (P03) -------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A list of nine people, of whom 8 and 9 are one."""
    with Project.open(tmp_path / "p.db") as project:
        everybody = [
            Account("weibo", str(n), name=f"Invented{n}", handle=f"Hand{n}", url=f"https://weibo.com/u/{n}")
            for n in range(1, 10)
        ]
        posts = [
            Post("weibo", f"p{a.native_id}", f"求推荐越野跑鞋{a.native_id}", author=a, created=NOON - DAY)
            for a in everybody
        ]
        project.add(posts, Provenance("user", "t"))

        def make(db: sqlite3.Connection) -> None:
            db.execute("insert into saved_list(id, name, target, created) values (1, '跑友', 'people', ?)", (NOON,))
            db.execute(f"insert into list_member(list, item, rank, score, added) select 1, id, id, 0.5, {NOON} "
                       "from account")  # fmt: skip
            a, b = (number(project, n) for n in ("8", "9"))
            db.execute("insert into same_pair(a, b, p, sure, detail, state, found) "
                       "values (?, ?, 1, 1, '{}', 'accepted', 0)",
                       (a, b))  # fmt: skip
            rebuild(db)

        project.writer.call(make)
        yield project


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


@pytest.mark.parametrize(
    ("said", "native"),
    [
        ("iNVENTED1", "1"), ("Ｉｎｖｅｎｔｅｄ２", "2"), ("Inv\u200bented3", "3"), ("@HAND4", "4"), ("weibo:5", "5"),
        ("Ｈａｎｄ\u20606", "6"), ("weibo:9", "8"),
    ],
)  # fmt: skip
def test_by_whatever_name_they_are_put_on_it(project: Project, said: str, native: str) -> None:
    assert change(project, "add", [said]) > 0
    one = number(project, native)
    if said == "weibo:5":  # a new name changes nothing
        renamed = Account("weibo", "5", name="另一个名字", handle="another")
        project.add([Post("weibo", "q5", "改名了", author=renamed, created=NOON)], Provenance("user", "t"))
    assert one in people.barred(project, [one])
    assert gate.never(project, one, "reply", now=NOON) == "gate.suppressed"
    assert one not in {item.account for item in daily.queue(project, NOON).items}
    entry = lists.by_name(project, "跑友")
    assert list_edit.left_out(project, [one])[one] == "funnel.suppressed"
    made, dealt = trials.create(project, "试", list_id=entry.id, arms=AB, now=NOON)
    assert one not in trials.members(project, made.id)
    assert sum(dealt.left_out.values()) >= 1


def test_an_undo_brings_a_list_back_without_showing_them(project: Project) -> None:
    entry = lists.by_name(project, "跑友")
    one = number(project, "1")
    list_edit.drop(project, entry)
    change(project, "add", ["weibo:1"])
    act = next(a for a in acts.listing(project.reader) if a.kind == "list_edit")
    project.writer.call(lambda db: INVERSES["list_edit"](db, act.detail))
    assert one in lists.members(project, entry.id), "the row is as it was: taking them off the list again is possible"
    assert one not in {item.account for item in daily.queue(project, NOON, list_id=entry.id).items}
    again, _ = trials.create(project, "试", list_id=entry.id, arms=AB, now=NOON)
    assert one not in trials.members(project, again.id)


def test_who_declines_later_is_in_no_list_arm_or_plan(project: Project) -> None:
    """A profile that says so since the list was made; what the second account (9) says holds for the first (8)."""
    entry = lists.by_name(project, "跑友")
    one, eight, nine = (number(project, n) for n in ("1", "8", "9"))
    project.writer.call(
        lambda db: db.executemany("update account set bio = '佛系，勿扰' where id = ?", [(one,), (nine,)])
    )
    never = {one, eight, nine}
    shown = next(e for e in list_actions.show(project, "跑友", cat=Catalogue("zh"), now=NOON) if isinstance(e, Table))
    assert len(shown.rows) == 6
    assert not {row[2] for row in shown.rows} & {"1", "8", "9"}
    assert not never & set(list_actions.people_of(project, "跑友"))
    assert set(list_edit.left_out(project, [eight])) == {eight}
    assert not never & {one.account for one in preflight.check(project, entry.id, now=NOON)}
    assert trials.eligible(project, entry.id)[1] == {"trial.out.declines": 2}
    assert not never & set(persona_rows.of_list(project, "跑友", NOON).accounts)
    found = results.store(project, "people", [(n, 0.5, {}) for n in sorted(never | {number(project, "2")})], title="x",
                          funnel=[], setting={})  # fmt: skip
    made = lists.save(project, "新", "people", found)
    assert (made.size, made.left_out) == (1, 3)
    assert list_edit.merge(project, made, entry) == 5, "3 to 7: the others are known or decline"


def test_suppressed_after_dealing_they_are_counted_and_left_alone(project: Project) -> None:
    one = number(project, "1")
    made, _ = trials.create(project, "试", list_id=1, arms=AB, now=NOON)
    arm = trials.members(project, made.id)[one]
    change(project, "add", ["weibo:1"])
    assert trials.members(project, made.id)[one] == arm, "the arms stay as they were dealt"
    assert not gate.may(project, one, "reply", now=NOON).ok


# -- who says stop ----------------------------------------------------------------------------------------------------


def test_wanting_no_contact_is_do_not_contact_until_somebody_takes_it_off(project: Project) -> None:
    eight, nine = number(project, "8"), number(project, "9")
    assert people_map(project).all(eight) == (eight, nine)
    came = touches.outcome(project, eight, "opt_out", t=NOON)
    assert set(people.barred(project, [eight, nine])) == {eight, nine}
    assert project.one("select count(*) from audit where act = 'suppress.add'") == 1
    assert "weibo:" not in project.one("select detail from audit where act = 'suppress.add'")
    project.writer.call(lambda db: INVERSES["outcome"](db, {"outcome": came}))
    assert set(people.barred(project, [eight, nine])) == {eight, nine}, "an undo takes nobody off the list"
    change(project, "remove", ["weibo:8", "weibo:9"])
    assert not people.barred(project, [eight, nine])


def test_a_yes_taken_back_holds_for_every_channel_at_once(project: Project) -> None:
    eight, nine = number(project, "8"), number(project, "9")
    consent.add(project, eight, "sms", "活动报名", t=NOON)
    consent.add(project, nine, "dm", "活动报名", t=NOON)
    assert gate.may(project, nine, "reply", now=NOON, channel="短信").ok, "a person's yes is for all of their accounts"
    consent.withdraw(project, nine, None, t=NOON + 10**7)
    for channel in ("短信", "私信"):
        assert gate.may(project, eight, "reply", now=NOON, channel=channel).reason == "gate.consent", channel


def test_who_is_held_out_is_turned_to_by_nothing(project: Project) -> None:
    campaign = campaigns.create(project, "活动", now=NOON)
    made, _ = trials.create(project, "试", list_id=1, arms=AB[:1], now=NOON, holdout=0.5)
    kept = [a for a, arm in trials.members(project, made.id).items() if arm == trials.HOLDOUT]
    assert kept
    queue = daily.queue(project, NOON)
    assert not {item.account for item in queue.items} & set(kept)
    for account in kept:
        verdict = gate.may(project, account, "follow", now=NOON, campaign=campaign.id)
        assert (verdict.ok, gate.never(project, account, "reply", now=NOON)) == (False, "gate.held_out")
