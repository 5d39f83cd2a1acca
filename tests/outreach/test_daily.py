"""The day's queue, relations, notes, the four rights, imported books. All people here are invented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.importers.touches import read
from xunke.actions import ladder_words
from xunke.clock import DAY, ZONE
from xunke.errors import BadInput
from xunke.events import Done, Event, Imported
from xunke.jobs import run_import
from xunke.model import Account, Dealt, Interaction, Post, Provenance, Rejected
from xunke.outreach import daily, limits, lists, notes, preflight, relation, response, touch_files, touches
from xunke.storage import Project, suppression

NOON = int(datetime(2026, 11, 22, 12, 0, tzinfo=ZONE).timestamp())
US = Account("weibo", "100", name="虚构店铺")
HEAD = "谁,平台,时间,步骤,反应,金额,用时\n"


def who(n: int) -> Account:
    return Account("weibo", str(n), name=f"虚构人{n}", url=f"https://weibo.com/u/{n}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    posts = [
        Post("weibo", f"p{n}", f"求推荐第{n}双越野跑鞋，预算五百 #越野跑#", author=who(n), created=NOON - n * 3600)
        for n in range(1, 7)
    ]
    with Project.open(tmp_path / "q.db") as project:
        project.add(
            [*posts, Post("weibo", "ours", "怎么选鞋", author=US, created=NOON - 9 * DAY)], Provenance("user", "t")
        )
        project.set_meta("own_accounts", json.dumps([number(project, "100")]))

        def make(db) -> None:  # type: ignore[no-untyped-def]
            db.execute("insert into saved_list(id, name, target, created) values (1, '跑友', 'people', ?)", (NOON,))
            for n in range(1, 7):
                db.execute(
                    "insert into list_member(list, item, rank, score, added) values (1, ?, ?, ?, ?)",
                    (number(project, str(n)), n, 1 - n / 10, NOON),
                )

        project.writer.call(make)
        yield project


def number(project: Project, native: str) -> int:
    return int(project.one("select id from account_key where native_id = ?", (native,)))


def lines(project: Project, now: int = NOON, **more: object) -> list[tuple[int, str, int]]:
    found = daily.queue(project, now, **more).items  # type: ignore[arg-type]
    return [(one.account, one.step, one.rank) for one in found]


def test_complaints_then_answers_then_notes_then_chances_then_the_rest(project: Project) -> None:
    ids = [number(project, str(n)) for n in range(1, 7)]
    touches.log(project, ids[1], "reply", t=NOON - 2 * DAY, force=True)
    touches.outcome(project, ids[1], "reply", t=NOON - DAY)
    touches.outcome(project, ids[2], "complaint", t=NOON - DAY)
    touches.log(project, ids[3], "follow", t=NOON - 2 * DAY, force=True)
    notes.add(project, "寄样品", t=NOON - DAY, account=ids[4], kind="承诺", due="2026-11-22")
    found = lines(project)
    assert found[:4] == [(ids[2], "service", 0), (ids[1], "engage", 1), (ids[4], "note", 2), (ids[3], "reply", 3)]
    assert [one[2] for one in found] == sorted(one[2] for one in found)
    assert (ids[0], "follow", 4) in found


def test_the_queue_keeps_to_minutes_limits_and_what_was_put_off(project: Project) -> None:
    assert sum(one.minutes for one in daily.queue(project, NOON, minutes=1.2).items) <= 1.2
    limits.set_limit(project, "follow_day", "2")
    found = daily.queue(project, NOON)
    assert [one.step for one in found.items].count("follow") == 2
    assert found.left_out["queue.left.cap"] == 4
    touches.log(project, number(project, "1"), "follow", t=NOON)
    assert [step for _, step, _ in lines(project, NOON + 60)].count("follow") == 1


def test_suppressed_people_are_nowhere_and_counted(project: Project) -> None:
    one = who(1)
    project.writer.call(lambda db: suppression.add(db, [(one.platform, one.native_id, one.name, one.handle)], "user"))
    found = daily.queue(project, NOON)
    assert number(project, "1") not in [line.account for line in found.items]
    assert found.left_out["queue.left.suppressed"] == 1


def test_what_was_learned_from_outcomes_orders_the_queue(project: Project) -> None:
    rows = daily.queue(project, NOON).items
    names = list(response.FEATURES)
    beta = [0.0, *[-3.0 if name == "score" else 0.0 for name in names]]  # whoever scores high never answers
    cov = [[float(i == j) for j in range(len(beta))] for i in range(len(beta))]
    body = {"names": names, "beta": beta, "cov": cov, "n": 100, "answers": 20, "until": NOON}
    project.writer.call(lambda db: db.execute(
        "insert into model(kind, created, basis, body, report) values ('response', 0, '', ?, '{}')", (json.dumps(body),)
    ))  # fmt: skip
    learned = daily.queue(project, NOON).items
    assert {one.account for one in learned} == {one.account for one in rows}
    assert [one.gain for one in learned] == sorted((one.gain for one in learned), reverse=True)
    assert [one.account for one in learned] != [one.account for one in rows]


def test_every_line_of_the_queue_passes_the_gate(project: Project) -> None:
    late = NOON + 11 * 3600  # 23:00: made for the next morning
    found = daily.queue(project, late).items
    assert found
    for line in found:
        touches.log(project, line.account, line.step, t=NOON + 21 * 3600)


def test_the_number_of_a_line_means_the_one_that_was_shown(project: Project) -> None:
    found = daily.queue(project, NOON)
    daily.keep(project, found)
    line = daily.line(project, 2)
    assert line is not None
    assert (line.account, line.step) == (found.items[1].account, found.items[1].step)
    assert daily.line(project, 99) is None
    assert "越野" not in project.meta("touch_queue")  # nobody's words are kept


def test_the_four_rights(project: Project) -> None:
    touches.outcome(project, number(project, "3"), "opt_out", t=NOON - DAY)
    lists.mark(project, number(project, "2"), False)
    found = {one.account: one for one in preflight.check(project, 1, now=NOON)}
    assert number(project, "3") not in found, "who wants no more contact is on the do-not-contact list"
    assert found[number(project, "2")].rights["person"].mark == "no"
    assert found[number(project, "1")].rights["person"].mark == "yes"
    assert found[number(project, "1")].rights["time"].reasons == (("preflight.no_hours", {}),)
    told = preflight.check(project, 1, now=NOON, step="reply", text="我们家新品打折，下单送券")
    assert {one.rights["message"].mark for one in told} == {"no"}
    sms = preflight.check(project, 1, now=NOON, step="reply", channel="短信")
    assert {one.rights["channel"].mark for one in sms} == {"no"}
    assert preflight.metric(project, 1) is None


def test_the_right_time_minds_the_calendar(project: Project) -> None:
    def time(month: int, day: int, step: str) -> list[str]:
        now = int(datetime(2026, month, day, 12, tzinfo=ZONE).timestamp())
        return [key for key, _ in preflight.check(project, 1, now=now, step=step)[0].rights["time"].reasons]

    assert "gate.solemn" not in time(12, 12, "offer")
    assert "gate.solemn" in time(12, 13, "offer")  # 国家公祭日
    assert "preflight.solemn" in time(12, 13, "reply")
    assert "preflight.holiday" in time(9, 25, "talk")  # 中秋
    assert "preflight.holiday" not in time(9, 25, "follow")


def test_trust_needs_both_sides_and_silence_of_ours_is_told(project: Project) -> None:
    one, two = number(project, "1"), number(project, "2")
    project.add(
        [
            Interaction("weibo", who(1), US, "reply", NOON - 5 * DAY, "ours"),
            Interaction("weibo", US, who(2), "like", NOON),
        ],
        Provenance("user", "t"),
    )
    found = {r.account: r for r in relation.relations(project, NOON)}
    assert found[one].trust == 0
    assert found[one].neglected == "relation.unanswered"
    assert found[two].neglected is None
    touches.log(project, one, "reply", t=NOON - DAY, force=True)
    after = relation.relations(project, NOON, [one])[0]
    # o = 1 × 0.5^(1/60), t = 1 × 0.5^(5/60): trust = 1 − exp(−√(o·t)/3)
    assert after.trust == pytest.approx(1 - 2.718281828 ** (-((0.5 ** (6 / 60)) ** 0.5) / 3))
    assert after.neglected is None


def test_pressure_rises_with_unanswered_acts(project: Project) -> None:
    one = number(project, "1")
    for day in range(4):
        touches.log(project, one, "talk", t=NOON - day * DAY, force=True)
    assert relation.relations(project, NOON, [one])[0].pressed == "high"


def test_notes_mask_contact_data_and_are_finished(project: Project) -> None:
    one = number(project, "1")
    kept = notes.add(project, "电话 13800138000，答应寄样品", t=NOON, account=one, kind="承诺", due="2026-12-01")
    (found,) = notes.listing(project, account=one, open_only=True)
    assert "13800138000" not in found.body
    assert (found.kind, found.due) == ("promise", "2026-12-01")
    notes.finish(project, kept, NOON)
    assert notes.listing(project, account=one, open_only=True) == []
    for wrong in ({"kind": "诗"}, {"due": "明天"}, {"account": None}):
        with pytest.raises(BadInput):
            notes.add(project, "某事", **{"t": NOON, "account": one, **wrong})  # type: ignore[arg-type]


def test_a_book_is_imported_once_and_undone_together(project: Project, tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    book.write_text(
        HEAD + "虚构人1,weibo,2026-11-20 10:00,转评,回复,,5\n@虚构人2,,2026-11-20 11:00,私信,,,\n"
        "虚构人2,,2026-11-21,,成交,￥199,\n没有这个人,,2026-11-21,关注,,,\n虚构人3,,哪天,关注,,,\n虚构人3,,2026-11-21,跳舞,,,\n",
        "utf-8",
    )
    found = touch_files.bring(project, read(book), now=NOON)
    assert (found.read, found.touches, found.outcomes, found.known) == (6, 2, 2, 0)
    assert [(row, key) for row, key, _ in found.refused] == [
        (4, "touch.import_nobody"), (5, "touch.import_when"), (6, "touch.import_what"),
    ]  # fmt: skip
    bought = touches.outcomes(project, account=number(project, "2"))[0]
    assert (bought.kind, bought.value, bought.source) == ("bought", 199.0, "file")
    assert bought.touch == touches.touches(project, account=number(project, "2"))[0].id
    again = touch_files.bring(project, read(book), now=NOON)
    assert (again.touches, again.outcomes, again.known) == (0, 0, 3)


def test_import_knows_a_book_by_its_columns_and_touch_import_is_the_same_way(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "账"
    folder.mkdir()
    book = folder / "随便叫什么.csv"
    book.write_text(HEAD + "虚构人1,weibo,2026-11-20 10:00,转评,回复,,5\n谁也不是,,2026-11-20,转评,,,\n", "utf-8")
    tried, _ = brought(project, book, dry_run=True)
    assert (tried.stored, tried.rejected, touches.touches(project)) == (2, 1, [])
    report, told = brought(project, folder)  # a folder is searched
    assert (report.format, report.read, report.stored, report.rejected) == ("touches", 2, 2, 1)
    assert told.params == {"touches": 1, "outcomes": 1}
    again = ladder_words.bring(project, book)[0]
    assert isinstance(again, Imported)
    assert (again.stored, again.duplicate, again.reasons) == (0, 1, report.reasons)


def brought(project: Project, path: Path, *, dry_run: bool = False) -> tuple[Imported, Done]:
    async def collect() -> list[Event]:
        return [event async for event in run_import(project, [path], dry_run=dry_run)]

    report, told = asyncio.run(collect())
    assert isinstance(report, Imported)
    assert isinstance(told, Done)
    return report, told


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    book = tmp_path / "other.csv"
    book.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(BadInput, match="import_columns"):
        list(read(book))


HEADS = ("谁", "时间", "步骤", "反应", "金额", "用时")
CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries(dict.fromkeys(("谁", "时间", "步骤", "反应", "金额", "用时"), CELL)), min_size=1
    )
)
def test_any_cells_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]) -> None:
    book = tmp_path_factory.mktemp("b") / "b.jsonl"
    book.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    found = list(read(book))
    assert len(found) == len(rows)
    assert all(isinstance(one, Dealt | Rejected) for one in found)
