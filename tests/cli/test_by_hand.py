"""Numbers of the outreach commands that can be worked out with a pencil, on invented files somebody would bring."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Answer, xunke

DAY = "2026-11-22"
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
REGIONS = {"a": "上海", "b": "北京", "c": "广东"}


class Desk:
    """One project file and a folder to write files into."""

    def __init__(self, folder: Path) -> None:
        self.db, self.folder = folder / "p.db", folder

    def __call__(self, *words: str, code: int = 0, day: str = DAY) -> Answer:
        told = xunke("--json", "--lang", "en", "--today", day, *words, db=self.db)
        assert told.code == code, told.err
        return told

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return self(*words).rows

    def bring(self, name: str, head: str, lines: list[str], *more: str) -> list[dict[str, Any]]:
        (self.folder / name).write_text("\n".join([head, *lines]), encoding="utf-8")
        command = ("followers", "import") if "--own" in more else ("import",)
        return self.rows(*command, str(self.folder / name), *more)


def acts(who: str, days: list[int]) -> list[str]:
    """Replies to the shop at noon, so many days ago."""
    return [f"{who},shop,reply,{(NOON - timedelta(days=d)).isoformat()},weibo" for d in days]


EDGES = "actor,target,kind,time,platform"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Eighteen people in three regions, six in each; those of Shanghai and Beijing replied to the shop once."""
    desk = Desk(tmp_path_factory.mktemp("hand"))
    people = [f"{g}{k},{REGIONS[g]},{100 * k},{'勿扰' if (g, k) == ('c', 6) else '你好'}"
              for g in "abc" for k in range(1, 7)]  # fmt: skip
    mapping = desk.folder / "people.toml"
    mapping.write_text(
        'platform="weibo"\nkind="account"\n[columns]\nid="id"\nregion="region"\nfollowers="followers"\nbio="bio"\n',
        encoding="utf-8",
    )
    desk.bring("people.csv", "id,region,followers,bio", people, "--map", str(mapping))
    desk.bring("edges.csv", EDGES, [line for g in "ab" for k in range(1, 7) for line in acts(f"{g}{k}", [20 + k])])
    desk("own", "weibo:shop")
    for name, region in REGIONS.items():
        desk("segment", "create", name.upper(), "--rule", f"region = {region}")  # another name of save
    desk("segment", "save", "all", "--rule", "followers >= 1")
    return desk


# our own account is nobody to be put into a group
def test_groups_by_recency_frequency_and_depth(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    people = {"p1": (12, 1), "p2": (10, 2), "p3": (9, 3), "p4": (1, 4), "p5": (1, 5), "p6": (1, 6),
              "p7": (9, 80), "p8": (12, 120), "p9": (10, 90), "q1": (1, 100), "q2": (1, 150),
             "q3": (1, 200)}  # fmt: skip
    lines = [line for who, (n, last) in people.items() for line in acts(who, [last + 2 * i for i in range(n)])]
    desk.bring("edges.csv", EDGES, lines)
    desk("own", "weibo:shop")
    found = {row["segment"]: sorted(row["members"]) for row in desk.rows("segment", "--method", "rfm")}
    assert found == {
        "rfm.value": ["weibo:p1", "weibo:p2", "weibo:p3"], "rfm.keep": ["weibo:p7", "weibo:p8", "weibo:p9"],
        "rfm.new": ["weibo:p4", "weibo:p5", "weibo:p6"], "rfm.asleep": ["weibo:q1", "weibo:q2", "weibo:q3"],
    }  # fmt: skip


def test_the_day_on_which_somebody_sleeps(tmp_path: Path) -> None:
    """max(60, 3 × own median gap): gaps of 10 days sleep at 60, gaps of 30 at 90."""
    desk = Desk(tmp_path)
    lines = [*acts("d59", [59, 69, 79]), *acts("d60", [60, 70, 80]), *acts("e89", [89, 119, 149]),
             *acts("e90", [90, 120, 150])]  # fmt: skip
    desk.bring("edges.csv", EDGES, lines)
    desk("own", "weibo:shop")
    found = {row["id"]: (row["quiet"], row["limit_days"]) for row in desk.rows("followers", "dormant")}
    assert found == {"d60": (60, 60.0), "e90": (90, 90.0)}


def test_quotas_are_whole_people_of_saved_segments(desk: Desk) -> None:
    quotas = ("--quota", "A=20%", "--quota", "B=30%", "--quota", "C=50%")
    told = desk("list", "create", "Q", "--from", "all", "--touches", "10", *quotas, "--purpose", "p")
    assert "fell short" not in told.err
    rows = desk.rows("list", "show", "Q")
    assert Counter(row["segment"] for row in rows) == {"A": 2, "B": 3, "C": 5}
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    desk("list", "create", "Q7", "--from", "all", "--touches", "7", "--quota", "A=50%", "--quota", "B=50%")
    assert Counter(row["segment"] for row in desk.rows("list", "show", "Q7")) == {"A": 4, "B": 3}  # 3.5 each
    assert "ZZ" in desk("list", "create", "X", "--from", "all", "--touches", "5", "--quota", "ZZ=1", code=1).err


def test_lists_of_two_segments_and_why_somebody_is_not_on_one(desk: Desk) -> None:
    desk("list", "create", "AC", "--from", "A", "--from", "C", "--purpose", "p")
    assert sorted(row["id"] for row in desk.rows("list", "show", "AC")) == [
        *(f"a{k}" for k in range(1, 7)), *(f"c{k}" for k in range(1, 6)),
    ]  # fmt: skip
    desk("list", "create", "One", "--from", "C", "--touches", "1", "--purpose", "p")

    def why(name: str, who: str) -> Any:
        return desk.rows("list", "whynot", name, f"weibo:{who}")[-1]["reason"]

    assert (why("AC", "a6"), why("AC", "b1"), why("AC", "c6"), why("One", "c5")) == (
        "inside", "never", "declines", "budget",
    )  # fmt: skip
    desk("list", "create", "H", "--from", "A", "--from", "B", "--hold-out", "25%", "--seed", "7", "--purpose", "p")
    assert len(desk.rows("list", "show", "H")) == 9  # 12 people, 3 of them kept back


def test_a_book_of_touches_counts_for_its_campaign(desk: Desk) -> None:
    desk("campaign", "create", "K", "--goal", "g", "--kpi", "reply_rate", "--target", "20%", "--since", "2026-11-01",
         "--until", "2026-12-31")  # fmt: skip
    desk("campaign", "cost", "K", "--amount", "500")  # what was said is never dropped
    came = ["reply", "reply", "complaint", "bought", "bought", "", "", "", "", ""]
    book = [f"weibo,{g}{k},2026-11-1{k} 10:00,reply,{came[i]},{200 if came[i] == 'bought' else ''},K"
            for i, (g, k) in enumerate((g, k) for g in "ab" for k in range(1, 6))]  # fmt: skip
    head = "platform,account,time,step,outcome,value,campaign"
    assert desk.bring("book.csv", head, book, "--format", "touches")[0]["stored"] == 15
    assert desk.bring("odd.csv", head, ["weibo,a1,2026-11-20,reply,,,nobody's"], "--format", "touches")[0]["rejected"]
    kpi = {row["measure"]: row["raw"] for row in desk.rows("campaign", "kpi", "K")}
    assert kpi["kpi.reached"] == 10
    assert kpi["kpi.reply_rate"] == 0.2  # a complaint is no reply to reach a goal with
    assert kpi["kpi.negative_rate"] == 0.1
    assert kpi["kpi.conversion_rate"] == 0.2
    money = {row["what"]: row["raw"] for row in desk.rows("campaign", "roi", "K") if "what" in row}
    assert (money["roi.spent"], money["roi.revenue"], money["roi.cac"]) == (500.0, 400.0, 250.0)
    assert money["roi.roi"] == pytest.approx(-0.2)


def test_quiet_hours_and_complaints_come_first(desk: Desk) -> None:
    assert "08:30" in desk("touch", "may", "weibo:c1", "--step", "reply", "--at", "23:30", code=1).err
    desk("touch", "may", "weibo:c1", "--step", "reply", "--at", "2026-11-22 21:30")
    assert "23:30" in desk("touch", "may", "weibo:c1", "--at", "late", code=2).err
    desk("touch", "outcome", "weibo:c2", "complaint")
    assert "complaint" in desk("touch", "may", "weibo:c2", "--step", "offer", code=1).err


def test_followers_who_came_and_left_and_the_curve(desk: Desk) -> None:
    for day, who in (("2026-09-01", "a1 a2 b1"), ("2026-10-01", "a1 b1 b2 c1"), ("2026-11-01", "a1 a2 b2 c1 c2")):
        lines = [f"weibo,{one}" for one in who.split()]
        desk.bring("fans.csv", "platform,id", lines, "--date", day, "--own", "weibo:shop")
    desk.bring("part.csv", "platform,id", ["weibo,c3"], "--date", "2026-11-05", "--own", "weibo:shop", "--partial")
    came = {(row["id"], row["returned"]) for row in desk.rows("followers", "came")}
    assert came == {("b2", "no"), ("c1", "no"), ("a2", "yes"), ("c2", "no"), ("c3", "no")}
    assert {row["id"] for row in desk.rows("followers", "left")} == {"a2", "b1"}
    rows = desk.rows("history", "weibo:shop")
    assert [(row["followers"], row["change"]) for row in rows] == [(3, None), (4, 1), (5, 1)]


def test_one_changed_byte_is_found(desk: Desk) -> None:
    import sqlite3

    assert desk.rows("audit", "verify")[0]["whole"] is True
    with sqlite3.connect(desk.db) as db:
        db.execute("update audit set act = act || 'x' where id = 3")
    db.close()
    assert desk("audit", "verify", code=1).rows[0] == {"whole": False, "broken_from": 3,
                                                       "rows": len(desk.rows("audit"))}  # fmt: skip
