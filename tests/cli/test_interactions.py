"""import -> rank -> why on the interactions table: times in every form, and nothing after ``--until``."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.cli.running import xunke

CHINA = timezone(timedelta(hours=8))
NOON = int(datetime(2026, 11, 20, 12, tzinfo=CHINA).timestamp())
HEAD = "actor,target,kind,time\n"


def brought(tmp_path: Path, body: str) -> Path:
    """A project that holds ``body``."""
    path, db = tmp_path / "edges.csv", tmp_path / "p.db"
    path.write_text(HEAD + body, "utf-8")
    answer = xunke("import", str(path), "--format", "interactions", db=db)
    assert answer.code == 0, answer.err
    return db


def scores(db: Path, *words: str) -> dict[str, float]:
    """{id: influence}."""
    return {row["id"]: row["score"] for row in xunke("rank", "--json", *words, db=db).rows}


FORMS = [
    str(NOON), f"{NOON}000", "2026-11-20T12:00:00+08:00", "2026-11-20T04:00:00Z", "2026-11-20T04:00:00.000+00:00",
    "2026-11-20 12:00:00",
]  # fmt: skip


def test_every_form_of_a_time_is_the_same_moment(tmp_path: Path) -> None:
    db = brought(tmp_path, "".join(f"a{n},b{n},repost,{form}\n" for n, form in enumerate(FORMS)))
    found = scores(db, "--until", "2026-11-20T13:00:00+08:00")
    assert len({round(found[f"b{n}"], 12) for n in range(len(FORMS))}) == 1
    age = 3600 - 1  # an instant excludes itself: what counts ends the second before
    assert found["b0"] == pytest.approx(-math.expm1(-1 / (1 + age / 3600)))


def test_a_date_counts_whole_and_an_instant_not_at_all(tmp_path: Path) -> None:
    stamps = {
        "first": "2026-11-20T00:00:00+08:00", "last": "2026-11-20T23:59:59+08:00", "next": "2026-11-21T00:00:00+08:00",
    }  # fmt: skip
    db = brought(tmp_path, "".join(f"fan,{name},reply,{when}\n" for name, when in stamps.items()))
    everyone = {*stamps, "fan"}
    assert set(scores(db, "--until", "2026-11-20")) == everyone - {"next"}
    assert set(scores(db, "--until", "2026-11-20T23:59:59+08:00")) == everyone - {"next", "last"}
    assert set(scores(db, "--until", "2026-11-20T16:00:00Z")) == everyone - {"next"}
    epoch = int(datetime(2026, 11, 20, 16, tzinfo=UTC).timestamp())
    assert (
        scores(db, "--until", str(epoch)) == scores(db, "--until", f"{epoch}000") == scores(db, "--until", "2026-11-20")
    )
    assert set(scores(db, "--until", "2026-11-21", "--since", "2026-11-20T23:59:59+08:00")) == everyone - {"first"}


def test_nothing_after_until_is_used(tmp_path: Path) -> None:
    past = "".join(f"a{n},b{n % 3},repost,{NOON + n * 60}\n" for n in range(30))
    future = "".join(f"z{n},b2,repost,{NOON + 86_400 * 3 + n}\n" for n in range(200))
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    alone, both = brought(tmp_path / "1", past), brought(tmp_path / "2", past + future)
    for by in ("influence", "pagerank", "hits", "kcore", "actors"):
        words = ("--by", by, "--until", "2026-11-20")
        assert scores(alone, *words) == scores(both, *words), by
    assert scores(both, "--until", "2026-11-24") != scores(alone, "--until", "2026-11-24")


def test_kinds_duplicates_and_bad_rows(tmp_path: Path) -> None:
    body = (
        f"a,b,repost,{NOON}\na,b,repost,{NOON}\nc,b,like,{NOON}\nd,d,reply,{NOON}\n"
        f",b,reply,{NOON}\ne,b,hug,{NOON}\ne,b,reply,soon\n"
    )
    db = brought(tmp_path, body)
    (report,) = xunke("import", str(tmp_path / "edges.csv"), "--format", "interactions", "--json", db=db).rows
    assert [row for row, _, _ in report["reasons"]] == [5, 6, 7]
    assert report["read"] == report["duplicate"] + report["rejected"] == 7
    only = scores(db, "--kinds", "repost", "--until", "2026-11-20")
    assert set(only) == {"a", "b"}
    assert scores(db, "--until", "2026-11-20")["b"] > only["b"]


def test_why_adds_up_to_the_rank(tmp_path: Path) -> None:
    db = brought(tmp_path, "".join(f"fan{n},star,{k},{NOON - n * 977}\n" for n, k in enumerate(
        ["repost", "reply", "mention", "quote", "like", "follow"] * 3)))  # fmt: skip
    assert xunke("own", "star", db=db).code == 0
    (found,) = xunke("why", "file:star", "--json", db=db).rows
    counted = next(line for line in found["lines"] if line["key"] == "why.edges")
    assert counted["n"] == 18
    assert counted["sum"] == pytest.approx(scores(db)["star"], rel=1e-3)


def test_platform_and_post_columns(tmp_path: Path) -> None:
    path, db = tmp_path / "e.csv", tmp_path / "p.db"
    path.write_text(f"actor,target,kind,time,platform,post\n007,1e5,repost,{NOON},weibo,99\n", "utf-8")
    assert xunke("import", str(path), "--format", "interactions", db=db).code == 0
    rows = xunke("rank", "--json", db=db).rows
    assert {(r["platform"], r["id"]) for r in rows} == {("weibo", "007"), ("weibo", "1e5")}, "ids are text"
