"""One whole request: found, screened, ranked, listed, written; and what must not happen on the way."""

from __future__ import annotations

import asyncio
import csv
import math
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TODAY
from xunke.engine import Engine, Options
from xunke.events import Cancelled, Done, Event, Failed, FileWritten, Funnel, Result, Table, Warned
from xunke.outreach import lists, scoring
from xunke.outreach.why import explain
from xunke.plan import decode
from xunke.storage import Project, rows
from xunke.storage import suppression as suppression_list

WOMEN = {
    "action": "find", "target": "people", "tags": ["减肥"], "region": ["上海"], "gender": "female",
    "since": "2026-10-24", "until": "2026-11-22", "sort": "influence", "limit": 50,
}  # fmt: skip


def run(project: Project, *steps: dict[str, Any], outcome: str = "run", **more: Any) -> list[Event]:
    plan = decode({"outcome": outcome, "steps": list(steps), **more})

    async def collect() -> list[Event]:
        engine = Engine(project, today=TODAY, options=Options(folder=str(project.path.parent)))
        return [event async for event in engine.run(plan, text="测试")]

    return asyncio.run(collect())


def one(events: list[Event], kind: type) -> Any:
    found = [e for e in events if isinstance(e, kind)]
    assert len(found) == 1, events
    return found[0]


def test_the_main_job(sample: Project) -> None:
    events = run(sample, {**WOMEN, "action": "outreach"} | {"target": None}, {"action": "export", "format": "csv"})
    result = one(events, Result)
    assert result.count == 50
    people = rows.result_people(sample, result.result).window(0, 50)
    assert [p.rank for p in people] == list(range(1, 51))
    values = [p.value or 0 for p in people]
    assert values == sorted(values, reverse=True)
    facts = {
        (account, fact): value
        for account, fact, value in sample.query(
            "select account, fact, value from profile_fact where fact <> 'interest'"
        )
    }
    for person in people:
        assert facts[person.id, "region"] == "上海"
        assert facts[person.id, "gender"] == "female"
        assert (person.id, "minor") not in facts
        tags = sample.query(
            "select count(*) from post t join post_tag pt on pt.post = t.id join tag g on g.id = pt.tag "
            "where t.author = ? and g.name = '减肥' and t.created between 1792771200 and 1795363199", (person.id,)
        )  # fmt: skip
        assert tags[0][0] > 0
    written = one(events, FileWritten)
    with Path(written.path).open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == written.rows == 50
    assert all(row["理由"] for row in table)
    assert [row["ID"] for row in table] == [p.native_id for p in people]
    entry = lists.saved(sample)[0]
    assert entry.size == 50


def test_the_funnel_adds_up(sample: Project) -> None:
    funnel = one(run(sample, WOMEN), Funnel).stages
    counts = [n for _, n, _ in funnel]
    people = counts[[key for key, _, _ in funnel].index("funnel.people") :]
    assert people == sorted(people, reverse=True)
    for (_, before, _), (_, after, params) in pairwise(funnel):
        if "removed" in params:
            assert before - after == params["removed"]


def test_same_request_same_answer(sample: Project) -> None:
    first, second = (one(run(sample, WOMEN), Result) for _ in range(2))
    table = [
        sample.query("select rank, item, value, parts from score where result = ? order by rank", (r.result,))
        for r in (first, second)
    ]
    assert table[0] == table[1]


def test_why_is_the_arithmetic_of_the_score(sample: Project) -> None:
    result = one(run(sample, {k: v for k, v in WOMEN.items() if k != "sort"}), Result)
    for person in rows.result_people(sample, result.result).window(0, 10):
        found = explain(sample, result.result, person.id)
        lines = dict(found.lines)
        influence = lines["why.influence"]
        assert sum(e.adds for e in found.edges) <= influence["score"] + 1e-6
        assert lines["why.edges"]["sum"] == pytest.approx(influence["score"], abs=1e-4)
        share = math.log1p(influence["score"]) / math.log1p(influence["best"])
        assert influence["value"] == pytest.approx(share, abs=1e-4)
        fit = lines["why.fit"]
        assert fit["value"] == pytest.approx((1 - math.exp(-fit["days"] / 2)) * (0.5 + 0.5 * fit["focus"]), abs=1e-5)
        assert scoring.combine(person.parts["parts"], scoring.WEIGHTS) == pytest.approx(person.value, abs=1e-4)
        assert found.posts
        assert all("减肥" in post.tags for post in found.posts)


def test_nothing_after_until_counts(sample: Project) -> None:
    early = {**WOMEN, "since": "2026-09-20", "until": "2026-10-20", "limit": 1000}
    result = one(run(sample, early), Result)
    before = sample.query("select item, value from score where result = ?", (result.result,))
    cut = 1_792_511_999  # end of 2026-10-20 in China
    late = "t > :cut or (t = 0 and post in (select id from post where created > :cut))"
    sample.writer.call(lambda db: db.execute(f"delete from interaction where {late}", {"cut": cut}))
    sample.writer.call(lambda db: db.execute("delete from post where created > ?", (cut,)))
    again = one(run(sample, early), Result)
    after = sample.query("select item, value from score where result = ?", (again.result,))
    assert dict(after) == pytest.approx(dict(before))


def test_suppressed_people_never_appear(sample: Project) -> None:
    result = one(run(sample, WOMEN), Result)
    first = rows.result_people(sample, result.result)[0]
    events = run(sample, {"action": "suppress", "op": "add", "accounts": [str(first.name)]})
    assert one(events, Done).code == "suppress.add"
    again = one(run(sample, WOMEN), Result)
    assert first.id not in rows.result_people(sample, again.result).ids
    written = one(run(sample, {"action": "export", "input": "last", "format": "jsonl"}), FileWritten)
    assert first.native_id not in Path(written.path).read_text("utf-8")
    # a list made before is filtered when it is written
    run(sample, {"action": "save", "input": "last", "name": "旧名单"})
    second = rows.result_people(sample, again.result)[0]
    sample.writer.call(
        lambda db: suppression_list.add(db, [(second.platform, second.native_id, second.name, None)], "user")
    )
    written = one(run(sample, {"action": "export", "source": "saved:旧名单", "format": "csv"}), FileWritten)
    assert written.left_out == {"funnel.suppressed": 1}
    assert second.native_id not in Path(written.path).read_text("utf-8-sig")


def test_everybody_on_the_screen_is_suppressed_at_once(sample: Project) -> None:
    result = one(run(sample, {**WOMEN, "limit": 3}), Result)
    shown = set(rows.result_people(sample, result.result).ids)
    done = one(run(sample, {"action": "suppress", "op": "add", "input": "last"}), Done)
    assert (done.code, done.params["n"]) == ("suppress.add", len(shown))
    again = one(run(sample, WOMEN), Result)
    assert not shown & set(rows.result_people(sample, again.result).ids)


def test_erasing_leaves_no_trace(sample: Project) -> None:
    result = one(run(sample, WOMEN), Result)
    person = rows.result_people(sample, result.result)[0]
    name = str(person.name)
    assert sample.query("select count(*) from account where name = ?", (name,)) == [(1,)]
    events = run(sample, {"action": "erase", "accounts": [f"{person.platform}:{person.native_id}"]})
    assert one(events, Done).code == "erase.done"
    path = sample.path
    sample.close()
    raw = b"".join(p.read_bytes() for p in path.parent.iterdir() if p.name.startswith(path.name))
    assert person.native_id.encode() not in raw
    from collections import Counter

    with Project.open(path) as again:
        assert again.query("select count(*) from post where author = ?", (person.id,)) == [(0,)]
        assert again.query("select count(*) from interaction where actor = ? or target = ?", (person.id,) * 2) == [(0,)]
        texts = Counter(name in (t or "") for (t,) in again.query("select text from post"))
        if texts[True] == 0:  # others may still say the name in their own posts
            assert name.encode() not in raw


def test_refused_and_unclear_plans_run_nothing(sample: Project) -> None:
    before = sample.one("select count(*) from result")
    failed = one(run(sample, outcome="refuse", refuse=["mass_contact"]), Failed)
    assert failed.exit_code == 3
    failed = one(run(sample, outcome="clarify", clarify=["subject"]), Failed)
    assert (failed.key, failed.exit_code) == ("clarify.subject", 4)
    events = run(sample, {"action": "export", "format": "csv"})
    assert one(events, Failed).exit_code == 4
    assert sample.one("select count(*) from result") == before


def test_posts_with_sentiment_and_stats(sample: Project) -> None:
    step = {"action": "find", "target": "posts", "tags": ["露营"], "sentiment": "negative", "sort": "likes"}
    result = one(run(sample, step), Result)
    found = rows.result_posts(sample, result.result).window(0, 500)
    assert found
    assert all(p.label == "negative" and "露营" in p.tags for p in found)
    likes = [p.likes or 0 for p in found]
    assert likes == sorted(likes, reverse=True)
    weekly = {"action": "stats", "target": "posts", "tags": ["露营"], "by": ["week"], "measure": ["count"]}
    table = one(run(sample, weekly), Table)
    total = sample.one(
        "select count(*) from post t join post_tag pt on pt.post = t.id join tag g on g.id = pt.tag "
        "where g.name = '露营' and t.kind <> 'comment'"
    )
    assert sum(row[1] for row in table.rows) == total


def test_empty_results_say_where_they_went(sample: Project) -> None:
    events = run(sample, {**WOMEN, "region": ["拉萨"], "followers_min": 10**8})
    assert one(events, Result).count == 0
    stages = {key: n for key, n, _ in one(events, Funnel).stages}
    assert stages["funnel.people"] > 0
    assert 0 in stages.values()


def test_an_unknown_platform_is_searched_in_what_is_stored(sample: Project) -> None:
    step = {"action": "collect", "target": "posts", "platforms": ["xiaohongshu"], "tags": ["减肥"]}
    events = run(sample, step)
    assert next(e.code for e in events if isinstance(e, Warned)) == "collect.import_only"
    found = rows.result_posts(sample, one(events, Result).result).window(0, 50)
    assert {p.platform for p in found} == {"xiaohongshu"}


def test_a_cancelled_run_keeps_what_it_has(sample: Project) -> None:
    plan = decode({"outcome": "run", "steps": [WOMEN]})

    async def cancelled() -> list[Event]:
        seen: list[Event] = []

        async def go() -> None:
            async for event in Engine(sample, today=TODAY).run(plan):
                seen.append(event)
                if len(seen) == 3:
                    await asyncio.sleep(60)

        task = asyncio.create_task(go())
        while len(seen) < 3:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return seen

    asyncio.run(cancelled())
    assert sample.one("pragma quick_check") == "ok"
    assert one(run(sample, WOMEN), Result).count == 50
    assert Cancelled() == Cancelled()


def test_dates_are_china_days() -> None:
    from xunke.clock import day_of, end_of, start_of

    assert start_of(date(2026, 11, 22)) == 1_795_276_800  # 2026-11-21 16:00 UTC
    assert day_of(end_of(date(2026, 11, 22))) == date(2026, 11, 22)


def test_a_contact_that_must_be_published_is_looked_for(sample: Project) -> None:
    """Nobody in the sample project publishes one: nobody is listed, and the unknown are counted."""
    step = {"action": "outreach", "topics": ["减肥"], "limit": 5, "require_contact": True}
    events = run(sample, step)
    (stage,) = [s for s in one(events, Funnel).stages if s[0] == "funnel.contact"]
    assert stage[1] == one(events, Result).count == 0
    assert stage[2]["unknown"] > 0
