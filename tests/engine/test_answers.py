"""Answers on the sample project (all invented): every number is that of the rows, every reference leads somewhere."""

from __future__ import annotations

import asyncio
import json
import random
import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import TODAY
from tests.engine.test_engine import run
from xunke.clock import end_of
from xunke.engine import Engine, Options
from xunke.events import Answer, Event, Failed, Result, Sentence, Table
from xunke.i18n import UNSAID, Catalogue
from xunke.labels import find_post
from xunke.outreach import silence
from xunke.outreach.people import barred
from xunke.plan import Step, decode
from xunke.present.answers import told
from xunke.storage import Project, rows, suppression

WOMEN = {"action": "find", "target": "people", "topics": ["露营"], "gender": "female", "since": "2026-10-24",
         "until": "2026-11-22"}  # fmt: skip


def answer(events: list[Event], kind: str) -> Answer:
    found = [e for e in events if isinstance(e, Answer) and e.kind == kind]
    assert len(found) == 1, [e for e in events if isinstance(e, Failed)]
    return found[0]


def one(found: Answer, key: str) -> Sentence:
    return next(s for s in found.sentences if s.key == key)


def explain(project: Project, what: str, *, options: Options | None = None, **slots: Any) -> list[Event]:
    step = {"action": "explain", "what": what, **slots}

    async def collect() -> list[Event]:
        engine = Engine(project, today=TODAY, options=options)
        return [e async for e in engine.run(decode({"outcome": "run", "steps": [step]}), text="?")]

    return asyncio.run(collect())


def check_refs(project: Project, found: Answer) -> None:
    """Whatever is behind a number is stored and may be shown."""
    for sentence in found.sentences:
        for name, refs in sentence.refs.items():
            assert name.partition(".")[0] in sentence.params
            for ref in refs:
                kind, _, rest = ref.partition(":")
                if kind == "post":
                    assert find_post(project, rest)
                elif kind == "person":
                    (person,) = rows.find_account(project, rest)
                    assert not barred(project, [person.id])
                else:
                    assert project.one("select 1 from result where id = ?", (int(rest),))
    for lang in ("zh", "en"):
        lines, marks = told(found, Catalogue(lang))
        text = "\n".join(lines)
        assert UNSAID not in text, text
        assert not re.search(r"\banswer\.|\bsilence\.", text), text
        assert {int(n) for n in re.findall(r"(?<!［)\[(\d+)\]", text)} == set(range(1, len(marks) + 1))


def test_a_result_is_summed_up(sample: Project) -> None:
    events = run(sample, {**WOMEN, "sort": "influence"})
    found = answer(events, "summary")
    check_refs(sample, found)
    result = next(e for e in events if isinstance(e, Result))
    top = rows.result_people(sample, result.result).window(0, 2)
    lead = found.sentences[0]
    assert lead.params["name"] == top[0].name
    assert lead.params["second"] == top[1].name
    assert lead.params["times"] == pytest.approx((top[0].value or 0) / (top[1].value or 1))
    assert len(lead.refs["posts"]) == lead.params["posts"] == top[0].parts["raw"]["matched"]


def test_posts_and_tables_are_summed_up(sample: Project) -> None:
    events = run(sample, {"action": "find", "target": "posts", "topics": ["露营"], "sort": "likes", "limit": 20})
    found = answer(events, "summary")
    check_refs(sample, found)
    result = next(e for e in events if isinstance(e, Result)).result
    best = rows.result_posts(sample, result)[0]
    assert found.sentences[0].refs["value"] == [f"post:{best.platform}:{best.native_id}"]
    assert found.sentences[0].params["value"] == f"{best.likes:,}"

    events = run(sample, {"action": "stats", "target": "posts", "topics": ["露营"], "by": ["platform"]})
    table = next(e for e in events if isinstance(e, Table))
    found = answer(events, "summary")
    check_refs(sample, found)
    lead = found.sentences[0]
    largest = max(table.rows, key=lambda row: row[1])
    assert (lead.params["first"], lead.params["value"]) == (largest[0], f"{largest[1]:,}")
    assert len(lead.refs["value"]) == min(50, largest[1])
    assert all(ref.startswith(f"post:{largest[0]}:") for ref in lead.refs["value"])

    events = run(
        sample, {"action": "compare", "items": ["露营", "咖啡"], "dimension": "topic", "measure": ["sentiment"]}
    )
    found = answer(events, "summary")
    check_refs(sample, found)
    table = next(e for e in events if isinstance(e, Table))
    shares = {row[0]: row[table.columns.index("sentiment")] for row in table.rows}
    assert found.sentences[0].params["first"] == max(shares, key=lambda name: shares[name])
    assert found.sentences[0].params["points"] == pytest.approx(100 * abs(shares["露营"] - shares["咖啡"]))


REQUESTS: list[dict[str, Any]] = [
    {**WOMEN, "followers_min": 10_000_000},
    {**WOMEN, "region": ["北京"], "verified": True, "exclude": ["帐篷"]},
    {"action": "find", "target": "posts", "topics": ["露营"], "likes_min": 10_000, "media": "video"},
    {"action": "find", "target": "posts", "keywords": ["帐篷"], "region": ["三亚"], "drop": ["reposts"]},
    {"action": "find", "target": "posts", "topics": ["没有人谈的东西甲乙丙"]},
    {"action": "outreach", "topics": ["咖啡"], "platforms": ["douban"], "age_min": 60},
]


@pytest.mark.parametrize("request_", REQUESTS, ids=range(len(REQUESTS)))
def test_what_to_loosen_is_counted(sample: Project, request_: dict[str, Any]) -> None:
    """The number that is promised is the one that comes when the filter is really dropped."""
    events = run(sample, request_)
    found = answer(events, "empty")
    check_refs(sample, found)
    for sentence in found.sentences:
        if not sentence.key.startswith("answer.empty.loosen"):
            continue
        gone = sentence.params["filter"]["slots"]
        fewer = {k: v for k, v in request_.items() if k not in gone}
        again = run(sample, fewer)
        result = next(e for e in again if isinstance(e, Result))
        spam = sum(
            params.get("removed", 0) for key, _, params in json.loads(
                sample.one("select funnel from result where id = ?", (result.result,))
            ) if key == "funnel.spam"
        )  # fmt: skip
        assert sentence.params["n"] == result.count + spam
        most = sentence.params.get("most")
        if most is not None and result.count and not spam:
            column = "followers" if "followers_min" in gone else "likes"
            source = rows.result_people if column == "followers" else rows.result_posts
            shown: list[Any] = source(sample, result.result).window(0, result.count)
            assert most == max(getattr(row, column) or 0 for row in shown)
    assert any(s.key.startswith("answer.empty.") for s in found.sentences)


def test_an_empty_result_can_be_asked_about_later(sample: Project) -> None:
    first = answer(run(sample, REQUESTS[0]), "empty")
    assert answer(explain(sample, "empty", input="last"), "empty").sentences == first.sentences


def test_why_with_its_arithmetic(sample: Project) -> None:
    result = next(e for e in run(sample, {**WOMEN, "limit": 10}) if isinstance(e, Result)).result
    found = answer(explain(sample, "why", ranks=[3], input="last"), "why")
    check_refs(sample, found)
    third = rows.result_people(sample, result)[2]
    place = one(found, "answer.why.place")
    assert (place.params["name"], place.params["rank"]) == (third.name, 3)
    fit = one(found, "why.fit")
    assert len(fit.refs["matched"]) == fit.params["matched"]
    assert one(found, "why.influence").params["actors"] == third.parts["raw"]["actors"]
    guessed = answer(explain(sample, "why", input="last"), "why")
    assert guessed.sentences[-1].key == "answer.why.guessed"
    meant = answer(explain(sample, "why", input="last", options=Options(picked=third.id)), "why")
    assert one(meant, "answer.why.place").params["rank"] == 3
    failed = next(e for e in explain(sample, "why", ranks=[11], input="last") if isinstance(e, Failed))
    assert (failed.key, failed.params) == ("explain.no_rank", {"rank": 11, "total": 10})


def test_why_not_names_the_filter(sample: Project) -> None:
    run(sample, {**WOMEN, "limit": 10})
    inside = {row[0] for row in sample.query("select item from score")}
    (man,) = sample.query(
        "select a.id, a.name from account a join profile_fact f on f.account = a.id and f.fact = 'gender' "
        "and f.value = 'male' where (select count(*) from account b where b.name = a.name) = 1 "
        "and exists (select 1 from post p where p.author = a.id) order by a.id limit 1"
    )
    assert man[0] not in inside
    found = answer(explain(sample, "why_not", accounts=[man[1]], input="last"), "why_not")
    check_refs(sample, found)
    slots = [s.params["filter"]["slots"] for s in found.sentences if "filter" in s.params]
    assert {"gender": "female"} in slots
    nobody = answer(explain(sample, "why_not", accounts=[man[1] + "没有这个人"], input="last"), "why_not")
    assert man[1] in nobody.sentences[0].params["near"]


def test_pages_follow_each_other(sample: Project) -> None:
    result = next(
        e for e in run(sample, {"action": "find", "target": "posts", "topics": ["露营"]}) if isinstance(e, Result)
    )
    pages = -(-result.count // 50)
    seen: list[str] = []
    for number in range(2, pages + 1):
        events = explain(sample, "page", op="next", input="last")
        table = next(e for e in events if isinstance(e, Table))
        assert one(answer(events, "page"), "answer.page.shown").params["page"] == number
        seen += [row[2] for row in table.rows]
    everything = [row.native_id for row in rows.result_posts(sample, result.result).window(0, result.count)]
    assert seen == everything[50:]
    assert answer(explain(sample, "page", op="next", input="last"), "page").sentences[0].key == "answer.page.end"
    back = explain(sample, "page", page=1, input="last")
    assert [row[2] for row in next(e for e in back if isinstance(e, Table)).rows] == everything[:50]
    assert answer(explain(sample, "page", op="previous"), "page").sentences[0].key == "answer.page.start"


def test_who_went_quiet_by_the_rule(sample: Project) -> None:
    """Against the rule written out once more, person by person."""
    own = json.loads(sample.meta("own_accounts"))
    until = end_of(TODAY)
    acts = sample.query("select actor, t, kind from interaction where target = ?", (own[0],))
    end = ((sample.one("select max(t) from interaction") or 0) + 8 * 3600) // 86400
    expected = set()
    for who in {actor for actor, _, _ in acts} - set(own):
        days = sorted({(t + 8 * 3600) // 86400 for actor, t, kind in acts if actor == who and kind != 6 and t})
        gaps = [b - a for a, b in pairwise(days)]
        if len(gaps) >= 3 and end - days[-1] >= 7 and end - days[-1] > 1.5 * max(gaps):
            expected.add(who)
    expected -= set(barred(sample, expected))
    found = silence.find(sample, own, until)
    assert {one.account for one in found.silent} == expected
    assert expected
    events = explain(sample, "silent")
    check_refs(sample, answer(events, "silent"))
    result = next(e for e in events if isinstance(e, Result))
    assert result.count == len(expected)
    why = answer(explain(sample, "why", ranks=[1], input="last"), "why")
    assert one(why, "silence.why").params["quiet"] == found.silent[0].quiet
    first = rows.people(sample, [found.silent[0].account])[0]
    sample.writer.call(
        lambda db: suppression.add(db, [(first.platform, first.native_id, first.name, first.handle)], "user")
    )
    assert first.id not in {one.account for one in silence.find(sample, own, until).silent}


def test_nobody_is_silent_before_anything_happened(sample: Project) -> None:
    own = json.loads(sample.meta("own_accounts"))
    assert silence.find(sample, own, end_of(date(2020, 1, 1))).silent == ()


def test_topics_worth_a_look_were_not_asked_for(sample: Project) -> None:
    run(sample, {"action": "find", "target": "people", "topics": ["露营"], "limit": 120})
    events = explain(sample, "more_topics", input="last")
    found = answer(events, "more_topics")
    check_refs(sample, found)
    table = next(e for e in events if isinstance(e, Table))
    assert table.rows
    assert not any("露营" in row[0] for row in table.rows)
    for sentence in found.sentences[:-1]:
        assert sentence.refs["word"]
        assert sentence.params["share"] > sentence.params["base"]


def test_the_network_answers(sample: Project) -> None:
    """seeds, cascade, overlap, lookalike, back-test: the functions of the commands, in sentences."""
    events = explain(sample, "seeds", limit=5)
    check_refs(sample, answer(events, "seeds"))
    assert next(e for e in events if isinstance(e, Result)).count == 5
    assert one(answer(explain(sample, "why", ranks=[2], input="last"), "why"), "seeds.why").params["marginal"] > 0
    events = explain(sample, "overlap", ranks=[1, 2], input="last")
    check_refs(sample, answer(events, "overlap"))
    events = explain(sample, "lookalike", ranks=[1], input="last", limit=7)
    check_refs(sample, answer(events, "lookalike"))
    assert next(e for e in events if isinstance(e, Result)).count == 7
    check_refs(sample, answer(explain(sample, "why", ranks=[1], input="last"), "why"))

    top = sample.one("select repost_of from post where repost_of is not null group by 1 order by count(*) desc limit 1")
    native = sample.one("select p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform "
                        "where k.id = ?", (top,))  # fmt: skip
    found = answer(explain(sample, "cascade", name=native), "cascade")
    check_refs(sample, found)
    size = one(found, "answer.cascade.size").params["size"]
    assert size >= sample.one("select count(*) from post where repost_of = ?", (top,))
    found = answer(explain(sample, "backtest"), "backtest")
    check_refs(sample, found)
    caught = one(found, "answer.backtest.caught").params
    assert caught["low"] <= caught["cap"] <= caught["high"]


def test_which_post_is_asked_back(sample: Project) -> None:
    run(sample, {"action": "find", "target": "posts", "topics": ["露营"], "sort": "likes", "limit": 5})
    failed = next(e for e in explain(sample, "cascade", input="last") if isinstance(e, Failed))
    assert (failed.key, failed.exit_code) == ("explain.which_post", 4)
    events = explain(sample, "why", ranks=[2], input="last")
    check_refs(sample, answer(events, "why"))
    check_refs(sample, answer(explain(sample, "seen", input="last"), "seen"))


def test_hours_of_the_people_on_the_screen(sample: Project) -> None:
    result = next(e for e in run(sample, {**WOMEN, "limit": 15}) if isinstance(e, Result)).result
    events = run(sample, {"action": "stats", "target": "people", "by": ["hour"], "measure": ["count"], "input": "last"})
    table = next(e for e in events if isinstance(e, Table))
    writers = [row[0] for row in sample.query("select item from score where result = ?", (result,))]
    for place in random.Random(1).sample(range(len(table.rows)), 3):
        hour, n = table.rows[place]
        counted = sample.one(
            "select count(distinct author) from post where author in (select value from json_each(?)) "
            "and created <= ? and (created + 28800) % 86400 / 3600 = ?",
            (json.dumps(writers), end_of(TODAY), int(hour[:2])),
        )
        assert n == counted
    check_refs(sample, answer(events, "summary"))


def test_segments_are_summed_up(sample: Project) -> None:
    events = run(sample, {"action": "segment", "target": "people", "topics": ["露营"], "method": "community"})
    found = answer(events, "summary")
    check_refs(sample, found)
    table = next(e for e in events if isinstance(e, Table))
    sizes = [row[table.columns.index("people")] for row in table.rows]
    said = found.sentences[0].params
    assert (said["k"], said["most"], said["least"], said["n"]) == (len(sizes), max(sizes), min(sizes), sum(sizes))
    why = answer(explain(sample, "why", ranks=[1], input="last"), "why")
    ranks = [s.params for s in why.sentences if s.key == "why.sensitivity"]
    assert all(min(p["down"], p["up"]) >= 1 and max(p["down"], p["up"]) <= said["most"] for p in ranks)


def test_every_question_has_a_handler() -> None:
    from typing import get_args

    from xunke.answers import _handlers
    from xunke.plan import Explained

    assert set(_handlers()) == set(get_args(Explained))
    assert Step(action="explain", what="why").ranks == ()
