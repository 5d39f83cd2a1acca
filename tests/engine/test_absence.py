"""``why --not`` agrees with the result: who is in is said to be in; each filter named keeps them out by itself."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.conftest import TODAY
from tests.engine.test_engine import WOMEN, one, run
from xunke.absence import ALONE, TOGETHER, Absence, absence, lines, only
from xunke.engine import Engine, Standing
from xunke.errors import BadInput, PolicyRefused
from xunke.events import Result
from xunke.i18n import Catalogue
from xunke.outreach import people
from xunke.plan import Step, decode
from xunke.storage import Project, suppression

REQUESTS: list[dict[str, Any]] = [
    {**WOMEN, "limit": 20},
    {"action": "find", "target": "people", "keywords": ["咖啡"], "followers_min": 500, "followers_max": 20_000,
     "sort": "influence", "limit": 15},
    {"action": "find", "target": "people", "tags": ["减肥", "健身打卡"], "since": "2026-10-24", "until": "2026-11-22",
     "likes_min": 5, "exclude": ["推荐"], "drop": ["ads", "duplicates"], "limit": 10},
    {"action": "find", "target": "people", "region": ["上海", "北京"], "verified": True},
    {"action": "find", "target": "people", "platforms": ["weibo"], "gender": "female", "tier": ["koc"], "limit": 30},
    {"action": "find", "target": "people", "topics": ["猫"], "sentiment": "positive", "posts_min": 3},
    {"action": "outreach", "tags": ["美食"], "age_min": 18, "age_max": 30, "drop": ["contacted"], "limit": 20},
]  # fmt: skip


def ask(project: Project, result: int | None, account: int) -> Absence:
    async def collect() -> Absence:
        found = [event async for event in absence(project, result, account)]
        assert isinstance(found[-1], Absence)
        return found[-1]

    return asyncio.run(collect())


def standing_of(project: Project, step: Step) -> set[int]:
    """Everybody whom a request lets in, without its limit."""

    async def collect() -> Standing:
        engine, standing = Engine(project, today=TODAY), Standing()
        async for _ in engine.rank_people(step, standing):
            pass
        engine.close()
        return standing

    return {s.person.id for s in asyncio.run(collect()).scored}


@pytest.mark.parametrize("request_", REQUESTS, ids=range(len(REQUESTS)))
def test_it_agrees_with_the_result(sample: Project, request_: dict[str, Any]) -> None:
    result = one(run(sample, request_), Result).result
    step = decode({"outcome": "run", "steps": [request_]}).steps[0]
    inside = [row[0] for row in sample.query("select item from score where result = ?", (result,))]
    everybody = [row[0] for row in sample.query("select id from account order by id")]
    barred = people.barred(sample, everybody)
    chance = random.Random(result)
    for account in inside[:2]:
        assert ask(sample, result, account).inside == inside.index(account) + 1
    outside = [a for a in everybody if a not in inside and a not in barred]
    passed = standing_of(sample, step)
    close = sorted(set(outside) & passed)[:2]
    alone: dict[tuple[Any, ...], set[int]] = {}
    for account in [*close, *chance.sample(outside, 10)]:
        answer = ask(sample, result, account)
        assert answer.inside is None
        assert not answer.changed
        assert lines(answer, Catalogue("zh")) != lines(answer, Catalogue("en"))
        assert bool(answer.removals) == (account not in passed)
        assert (answer.below is not None) == (account in passed)
        if answer.below is not None:
            assert request_.get("limit", 0) < answer.below.rank <= len(passed)
        for removal in answer.removals:
            slots = [s for s in removal.slots if s != "drop"]
            if not removal.slots or removal.key == "funnel.posts_distinct":
                continue
            key = (*removal.slots, *removal.asked.get("drop", ()))
            if key not in alone:
                alone[key] = standing_of(sample, only(step, slots, removal.asked.get("drop", ())))
            assert account not in alone[key], removal
            assert removal.how in (ALONE, TOGETHER)


def test_what_one_part_would_have_to_be(sample: Project) -> None:
    request = {"action": "find", "target": "people", "tags": ["减肥"], "limit": 30}
    result = one(run(sample, request), Result).result
    standing = Engine(sample, today=TODAY)
    found = Standing()

    async def collect() -> None:
        async for _ in standing.rank_people(decode({"outcome": "run", "steps": [request]}).steps[0], found):
            pass

    asyncio.run(collect())
    standing.close()
    for place in (31, 40):
        who = found.scored[place - 1]
        answer = ask(sample, result, who.person.id)
        assert answer.below is not None
        assert (answer.below.rank, answer.below.total) == (place, len(found.scored))
        assert answer.below.least == pytest.approx(found.scored[29].value)
        from xunke.outreach.scoring import WEIGHTS, combine

        for change in answer.below.changes:
            if change["needed"] is not None:
                raised = {**who.parts, change["part"]: change["needed"]}
                assert combine(raised, WEIGHTS) == pytest.approx(answer.below.least, rel=1e-3)


def test_the_barred_are_only_said_to_be_barred(sample: Project) -> None:
    result = one(run(sample, REQUESTS[0]), Result).result
    account, platform, native = sample.query(
        "select k.id, p.name, k.native_id from account_key k join platform p on p.id = k.platform order by k.id limit 1"
    )[0]
    sample.writer.call(lambda db: suppression.add(db, [(platform, native, None, None)], "user"))
    answer = ask(sample, result, account)
    assert answer.barred
    assert not answer.removals
    sample.writer.call(
        lambda db: db.execute(
            "insert into profile_fact(account, fact, value, origin, confidence) values (?, 'minor', 'true', 'post', 1)",
            (account + 1,),
        )
    )
    with pytest.raises(PolicyRefused):
        ask(sample, result, account + 1)


def test_results_without_people_or_request(sample: Project) -> None:
    with pytest.raises(BadInput, match="no_result"):
        ask(sample, None, 1)
    found = one(run(sample, {"action": "find", "target": "posts", "tags": ["减肥"]}), Result).result
    with pytest.raises(BadInput, match="not_people"):
        ask(sample, found, 1)


def test_a_later_change_is_told(sample: Project) -> None:
    request = {"action": "find", "target": "people", "tags": ["减肥"]}
    sample.set_meta("filters", '{"followers_min": 100000000}')
    result = one(run(sample, request), Result).result
    assert sample.one("select count(*) from score where result = ?", (result,)) == 0
    account = next(iter(sorted(standing_of(sample, Step(action="find", target="people")))), None)
    assert account is None, "the project's filter holds for every request"
    sample.set_meta("filters", "{}")
    who = sorted(standing_of(sample, decode({"outcome": "run", "steps": [request]}).steps[0]))[0]
    assert [r.key for r in ask(sample, result, who).removals] == ["funnel.own_followers"], "as it was asked then"


def test_filters_of_the_project(sample: Project) -> None:
    step = Step(action="find", target="people", tags=("减肥",))
    everybody = standing_of(sample, step)
    sample.set_meta("filters", '{"brands": false, "spam": false}')
    more = standing_of(sample, step)
    assert more > everybody
    sample.set_meta("filters", '{"followers_max": 1000, "posts_min": 5}')
    fewer = standing_of(sample, step)
    assert fewer < everybody
    held = dict(sample.query("select id, followers from account"))
    assert all(held[a] is not None and held[a] <= 1000 for a in fewer)
