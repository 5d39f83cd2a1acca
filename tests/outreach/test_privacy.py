"""Retention, consent, what is held and what erasing leaves: worked by hand on a small invented project."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from xunke.actions import care_retention
from xunke.actions.consent import change, forget, wipe
from xunke.actions.undo import INVERSES, next_act
from xunke.clock import DAY, start_of
from xunke.errors import BadInput, PolicyRefused
from xunke.events import Warned
from xunke.model import Account, Interaction, Mention, Post, Provenance
from xunke.outreach import consent, held
from xunke.outreach.people import barred_all
from xunke.storage import Project, erase, personal, retention
from xunke.storage.project import verify_audit, write_audit

TODAY = date(2026, 11, 22)
NOW = start_of(TODAY)
SOURCE = Provenance("file", "客户表.csv", fetched=NOW - 10 * DAY)
EVA = Account("weibo", "8812345678", name="伊娃小屋", handle="eva_home", bio="爱咖啡")
OLD_NAME = "伊娃旧名字"
AN = Account("weibo", "77", name="安安", bio="谢绝推广，勿扰")
BO = Account("zhihu", "66", name="波波读书")


def aged(number: str, days: int, author: Account = BO, **more: object) -> Post:
    return Post(author.platform, number, f"第{number}条", author, created=NOW - 400 * DAY, fetched=NOW - days * DAY,
                raw=b'{"x":1}', **more)  # type: ignore[arg-type]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def account(project: Project, who: Account) -> int:
    return int(project.one("select id from account_key where native_id = ?", (who.native_id,)))


def ids(project: Project, sql: str) -> list[str]:
    return [str(row[0]) for row in project.query(sql)]


# -- retention -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [0, 1, -200, 400])
def test_a_row_as_old_as_the_rule_stays_and_one_day_older_goes(project: Project, clock: int) -> None:
    """P04: 181, 180 and 179 days, on whatever day the sweep is."""
    today = date.fromordinal(TODAY.toordinal() + clock)
    project.add([aged(str(days), days - clock) for days in (181, 180, 179)], SOURCE)
    assert [(d.scope, d.rows) for d in retention.due(project, today)] == [("raw", 1)]
    assert retention.sweep(project, today)[0].rows == 1
    left = ids(project, "select k.native_id from post_raw r join post_key k on k.id = r.post order by 1")
    assert left == ["179", "180"]
    assert project.one("select count(*) from post") == 3, "only the raw record had a limit"
    detail = json.loads(project.one("select detail from audit where act = 'sweep'"))
    assert detail["scopes"]["raw"] == {"days": 180, "deleted": 1, "in_use": 0}
    assert verify_audit(project.reader) is None


def test_narrow_rules_win_and_edges_stay(project: Project) -> None:
    wei = Account("weibo", "5", name="微微")
    project.add([aged("1", 40), aged("2", 40, wei), aged("3", 40, kind="comment"), aged("4", 5),
                 Interaction("zhihu", AN, BO, "like", NOW - 40 * DAY, "1")], SOURCE)  # fmt: skip
    retention.put(project, {"posts": 30, "posts:weibo": 60, "raw": None})
    assert [(d.scope, d.rows) for d in retention.sweep(project, TODAY)] == [("posts", 1)]
    assert ids(project, "select k.native_id from post p join post_key k on k.id = p.id order by 1") == ["2", "3", "4"]
    assert project.query("select post from interaction") == [(0,)], "who acted on whom has no words"
    retention.put(project, {"edges": 30})
    retention.sweep(project, TODAY)
    assert project.one("select count(*) from interaction") == 0
    for table in ("post_raw", "feature", "post_tag"):
        assert project.one(f"select count(*) from {table} where post not in (select id from post)") == 0


def test_what_is_in_use_is_kept_and_told(project: Project) -> None:
    project.add([aged("1", 400, AN), aged("2", 400, BO), Account("weibo", "9", name="无事")], SOURCE)
    retention.put(project, {"posts": 30, "people": 30, "raw": None})
    an = account(project, AN)
    project.writer.call(lambda db: db.execute("insert into mark values (?, 0, 1, 1)", (an,)))
    project.writer.call(lambda db: db.execute("update account set fetched = ?", (NOW - 400 * DAY,)))
    found = {d.scope: (d.rows, d.in_use) for d in retention.due(project, TODAY)}
    assert found == {"posts": (1, 1), "people": (2, 1)}
    events = list(care_retention.run_retention(project, today=TODAY, dry_run=True))
    assert "retention.kept" in [e.code for e in events if isinstance(e, Warned)]
    assert project.one("select count(*) from post") == 2, "a dry run deletes nothing"
    retention.sweep(project, TODAY, in_use=True)
    assert project.one("select count(*) from post") == 0
    assert project.one("select count(*) from account_key") == 0


def test_the_sweep_at_the_start_comes_once_a_day(project: Project) -> None:
    project.add([aged("1", 200)], SOURCE)
    told = care_retention.swept_at_start(project, today=TODAY)
    assert isinstance(told, Warned)
    assert told.params["n"] == 1
    assert care_retention.swept_at_start(project, today=TODAY) is None


def test_rules_are_checked_and_taken_back(project: Project) -> None:
    for scope, days in (("audit", 3), ("posts", 0), ("posts:", 3), ("source:1", 3), ("raw", 99_999)):
        with pytest.raises(BadInput):
            retention.put(project, {scope: days})
    retention.put(project, {"raw": 30})
    act = next_act(project)
    assert act is not None
    project.writer.call(lambda db: INVERSES[act.kind](db, act.detail))
    assert next(r.days for r in retention.rules(project.reader) if r.scope == "raw") == 180
    assert care_retention.pairs(["帖子=30天", "comments:weibo=forever"]) == {"posts": 30, "comments:weibo": None}


@pytest.mark.parametrize("posts", [30, 3000])
def test_a_sweep_has_as_many_statements_for_many_posts_as_for_few(project: Project, posts: int) -> None:
    """They go set by set: the number of statements does not grow with the posts."""
    project.add([aged(str(n), 400) for n in range(posts)], SOURCE)
    retention.put(project, {"posts": 30})
    seen: list[str] = []

    def write(db: sqlite3.Connection) -> None:
        db.set_trace_callback(seen.append)
        retention._sweep(db, TODAY, False, False)
        db.set_trace_callback(None)

    project.writer.call(write)
    deletes = [s for s in seen if s.lstrip().startswith(("delete from post", "delete from interaction"))]
    assert 0 < len(deletes) < 40
    assert project.one("select count(*) from post_fts where post_fts match '第'") == 0


# -- consent ---------------------------------------------------------------------------------------------------------


def test_a_yes_holds_until_it_is_withdrawn(project: Project) -> None:
    project.add([EVA, AN], SOURCE)
    eva = account(project, EVA)
    assert not consent.may(project, eva, "sms")
    consent.add(project, eva, "短信", "活动表单 13812345678", t=NOW)
    assert consent.may(project, eva, "sms")
    assert not consent.may(project, eva, "phone"), "a yes is for one kind"
    assert "138" not in str(project.one("select evidence from consent")), "contact data is masked"
    assert consent.withdraw(project, eva, None, t=NOW + 5) == 1
    assert not consent.may(project, eva, "sms")
    assert consent.refused(project, [eva], "sms") == {eva}
    act = next_act(project)
    assert act is not None
    project.writer.call(lambda db: INVERSES[act.kind](db, act.detail))
    assert consent.may(project, eva, "sms")
    change(project, "add", ["伊娃小屋"])
    assert not consent.may(project, eva, "sms"), "the do-not-contact list is above every yes"
    with pytest.raises(PolicyRefused):
        consent.add(project, eva, "dm", "说了好", t=NOW)
    with pytest.raises(BadInput):
        consent.add(project, account(project, AN), "dm", " ", t=NOW)


def test_consents_from_a_file_once(project: Project, tmp_path: Path) -> None:
    project.add([EVA, BO], SOURCE)
    file = tmp_path / "同意.csv"
    file.write_text("平台,用户,类型,依据,时间\nweibo,8812345678,短信,扫码,2026-11-01\n,波波读书,邮件,活动\n,没有的人,dm,x\n"
                    ",波波读书,传真,x\n,波波读书,dm,\n", "utf-8")  # fmt: skip
    read = consent.bring_in(project, file, now=NOW)
    assert (read.read, read.stored, read.unknown, [r[1] for r in read.rejected]) == (
        5, 2, 1, ["consent.kind", "consent.evidence"])  # fmt: skip
    assert consent.bring_in(project, file, now=NOW + 99).stored == 0
    assert consent.may(project, account(project, EVA), "sms")


def test_who_is_known_at_first_hand(project: Project) -> None:
    project.add([EVA, AN, BO, Interaction("weibo", AN, EVA, "follow"), Interaction("weibo", BO, AN, "like")], SOURCE)
    eva, an = account(project, EVA), account(project, AN)
    project.set_meta("own_accounts", json.dumps([eva]))
    assert consent.first_hand(project, [eva, an]) == {an: ("follower",)}
    project.writer.call(lambda db: db.execute("update source set own = 1"))
    assert consent.first_hand(project, [account(project, BO)]) == {account(project, BO): ("source",)}


# -- what is held ----------------------------------------------------------------------------------------------------


def test_every_table_says_what_becomes_of_people() -> None:
    """A new table must choose in ``PLACES``, and be shown by ``held`` or say why not."""
    with sqlite3.connect(":memory:") as db:
        from xunke.storage import schema

        for script in schema.SCRIPTS:
            for statement in schema._statements(script):
                db.execute(statement)
        tables = {row[0] for row in db.execute("select name from sqlite_master where type = 'table'")}
        tables = {t for t in tables if not t.startswith(("sqlite_", "post_fts_"))}
        assert tables == set(personal.PLACES)
        shown = {t for section in held.SECTIONS.values() for t in section.tables}
        assert tables == shown | set(held.NOT_SHOWN)
        assert not shown & set(held.NOT_SHOWN)
        for table, place in personal.PLACES.items():
            names = {row[1]: row[2] for row in db.execute(f"pragma table_info({table})")}
            asked = {*place.accounts, *place.posts, *place.unlink, *place.theirs, *place.ours}
            assert asked <= set(names), table
            assert {"account", "own"} & {n for n, kind in names.items() if kind == "INTEGER"} <= {
                *place.accounts, *(("own",) if table == "source" else ())}, table  # fmt: skip
            assert place.otherwise or asked, table


def test_everything_held_is_told_with_its_end(project: Project) -> None:
    project.add([aged("1", 10, EVA), Interaction("weibo", AN, EVA, "follow")], SOURCE)
    eva = account(project, EVA)
    plant(project, eva)
    retention.put(project, {"posts": 30})
    found = held.about(project, eva, today=TODAY)
    parts = {part.name: part for part in found.parts}
    assert set(held.SECTIONS) - set(parts) <= {"edited", "mention", "group", "sign", "size", "out"}
    assert parts["post"].until == date(2026, 12, 12), "stored on the 12th, kept thirty days"
    assert parts["consent"].until is None
    assert found.own == ("consented", "customer")


# -- erasing ---------------------------------------------------------------------------------------------------------


def plant(project: Project, eva: int) -> None:
    """A row about Eva in every table of outreach, and her name in every text of ours."""
    name = "伊娃小屋"
    post = int(project.one("select min(id) from post") or 0)
    rows = [
        ("segment", "(id, name, kind, spec, created, persona, note)",
         (1, f"像{name}的人", "rules", json.dumps({"like": name}), 1, name, name)),
        ("segment_member", "", (1, eva, 0.5)),
        ("purchase", "(account, t, amount, what, source)", (eva, 1, 9.5, name, 1)),
        ("campaign", "(id, name, state, goal, brief, created, updated)",
         (1, f"{name}活动", "running", name, json.dumps({name: ["给" + name]}, ensure_ascii=False), 1, 1)),
        ("variant", "(id, campaign, name, body, created)", (1, 1, "A", f"@{name} 你好", 1)),
        ("experiment", "(id, name, seed, metric, spec, state, created)", (1, "试验", 7, "reply", "{}", "running", 1)),
        ("arm", "", (1, eva, "A组")),
        ("touch", "(account, t, step, state, draft, note, created, post)",
         (eva, 1, "reply", "done", f"{name}你好", name, 1, post)),
        ("touch", "(account, t, step, state, draft, note, created)",
         (eva + 1, 1, "reply", "done", f"见{name}", f"认识{name}", 1)),
        ("outcome", "(account, t, kind, source, note, created)", (eva, 1, "reply", "user", name, 1)),
        ("cost", "(campaign, day, kind, note, created)", (1, "2026-11-01", "gift", f"给{name}的礼物", 1)),
        ("calendar", "(day, title, state, created, post)", ("2026-11-01", f"{name}专访", "planned", 1, post)),
        ("note", "(account, t, kind, body)", (eva, 1, "note", f"{name}喜欢手冲")),
        ("note", "(segment, t, kind, body)", (1, 1, "note", f"问过 @{name}")),
        ("queue_state", "", ("today", eva, "later", None, 1)),
        ("consent", "", (eva, "sms", 1, f"{name}的表单", None)),
        ("follower_list", "(own, t, complete, size)", (eva, 1, 1, 0)),
        ("follower", "", (eva, eva + 1, 1, 2, None)),
        ("model", "", ("response", 1, "b", json.dumps({"who": name}), "r")),
        ("review", "(t, kind, body)", (1, "week", json.dumps({"best": name}, ensure_ascii=True))),
        ("saved_list", "(id, name, target, purpose, created, note, result)",
         (1, f"{name}们", "people", f"找{name}", 1, name, 1)),
        ("list_member", "(list, item, rank, reason, added)", (1, eva, 1, "[]", 1)),
        ("result", "(id, target, title, created, total, funnel, setting)",
         (1, "people", name, 1, 1, "[]", json.dumps({"seed": name}))),
        ("score", "(result, rank, item)", (1, 1, eva)),
        ("mark", "", (eva, 0, 1, 1)),
        ("same_pair", "(a, b, p, sure, detail, state, found)", (eva, eva + 1, 0.9, 0, "{}", "open", 1)),
        ("lexicon", "", ("word", "", name, 1.0, "me", 1)),
        ("learned", "", ("interest", "咖啡", "b", json.dumps({name: 0.5}, ensure_ascii=False), "r", 1)),
        ("account_history", "", (eva, 1, OLD_NAME, None, "旧简介")),
        ("profile_fact", "", (eva, "region", "上海", "bio", None, 0.9, name, "m")),
        ("list_out", "(list, item, why, batch, reason)", (99, eva, "dropped", 7, f'["{name}"]')),
        ("act", "(t, kind, detail)", (1, "list_edit", json.dumps({"name": f"{name}们", "n": 1, "op": "drop"}))),
        ("act", "(t, kind, detail)",
         (1, "segment_drop", json.dumps({"row": {"id": 9, "name": "x", "persona": "她说爱手冲"}, "members": []}))),
        ("act", "(t, kind, detail)", (1, "review", json.dumps({"model": [name]}))),
        ("meta", "", ("touch_values", json.dumps([{"text": f"{name}的手冲配方"}], ensure_ascii=False))),
    ]  # fmt: skip

    def write(db: sqlite3.Connection) -> None:
        for table, columns, values in rows:
            marks = ", ".join("?" * len(values))
            db.execute(f"insert into {table}{columns} values ({marks})", values)

    project.writer.call(write)


def test_erased_from_every_table_and_file(tmp_path: Path) -> None:
    """P01: neither name (new or old), nor id, nor number of ours is left; what is another's stays without the name."""
    path = tmp_path / "p.db"
    with Project.open(path) as project:
        words_of_an = f"主页 https://weibo.com/u/{EVA.native_id} @{OLD_NAME} 好"
        answer = Post("weibo", "2", words_of_an, AN, mentions=(Mention(OLD_NAME),), reply_to="1")
        project.add([aged("1", 10, EVA), answer], SOURCE)
        eva = account(project, EVA)
        plant(project, eva)
        key = project.meta("suppression_key")
        project.audit("export", file="伊娃小屋们.xlsx", people=1)
        list(forget(project, eva))
        assert project.meta("suppression_key") == key
        assert "爱手冲" not in str(project.query("select detail from act")), "nor what was made of their words"
        words = ("伊娃小屋", OLD_NAME, EVA.native_id, "eva_home")
        dump = "\n".join(project.reader.iterdump())
        decoded = dump + "\n" + re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), dump)
        assert [w for w in words if w in decoded] == []
        for table, place in personal.PLACES.items():
            for column in place.accounts:
                assert project.one(f"select count(*) from {table} where {column} = ?", (eva,)) == 0, table
        assert project.one("select count(*) from queue_state") == 0
        assert json.loads(project.one("select spec from experiment")) == {"erased": {"A组": 1}}, "countable, no more"
        assert project.one("select draft from touch") == "见[已删除]"
        assert project.one("select post from calendar") is None
        assert project.one("select body from note") == "问过 [已删除]"
        assert json.loads(project.one("select brief from campaign")) == {"[已删除]": ["给[已删除]"]}
        assert project.one("select count(*) from model") == 0, "fitted again without her"
        assert verify_audit(project.reader) is None
    for file in tmp_path.rglob("*"):
        for word in words:
            assert word.encode() not in file.read_bytes(), (file.name, word)


def test_all_accounts_of_a_person_go(project: Project) -> None:
    project.add([EVA, BO], SOURCE)
    a, b = sorted((account(project, EVA), account(project, BO)))
    project.writer.call(
        lambda db: db.execute(
            "insert into same_pair(a, b, p, sure, detail, state, found) values (?, ?, 1, 1, '{}', 'accepted', 1)",
            (a, b),
        )
    )
    from xunke.storage import persons

    project.writer.call(persons.rebuild)
    list(forget(project, a))
    assert project.one("select count(*) from account_key") == 0


def test_files_written_before_are_told(project: Project) -> None:
    project.add([EVA], SOURCE)
    project.audit("export", file="名单.xlsx", people=3)
    project.audit("export", file="词.xlsx", people=0)
    project.audit("export", file="名单.xlsx", people=3)
    eva = account(project, EVA)
    assert erase.exports_since(project, eva) == (1, ["名单.xlsx"])
    project.writer.call(lambda db: write_audit(db, "export", {"file": "旧版本写的.csv", "rows": 9}))  # as once it was
    n, names = erase.exports_since(project, eva)
    assert (n, set(names)) == (2, {"名单.xlsx", "旧版本写的.csv"})


def test_wiping_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    with Project.open(path) as project:
        project.add([EVA], SOURCE)
    assert path.stat().st_mode & 0o777 == 0o600
    list(wipe(path))
    assert not list(tmp_path.iterdir())
    with pytest.raises(Exception, match="storage"):
        list(wipe(path))


def test_declining_bars_every_account_of_a_person(project: Project) -> None:
    project.add([EVA, AN], SOURCE)
    eva, an = account(project, EVA), account(project, AN)
    assert barred_all(project, [eva, an]) == {an: "funnel.declines"}
