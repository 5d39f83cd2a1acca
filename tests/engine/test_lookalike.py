"""People like these, in the sample project (invented): found, explained, checked, and without what is private."""

from __future__ import annotations

import math
import random

import pytest

from tests.conftest import TODAY
from xunke.clock import end_of
from xunke.errors import BadInput
from xunke.outreach import lists, lookalike, results
from xunke.outreach.why import explain
from xunke.storage import Project, erase, rows, suppression

UNTIL = end_of(TODAY)


def circle(project: Project, tag: str, n: int) -> list[int]:
    """People who use ``tag`` most."""
    found = project.query(
        "select t.author from post t join post_tag pt on pt.post = t.id join tag g on g.id = pt.tag "
        "where g.name = ? group by t.author order by count(*) desc, t.author limit ?",
        (tag, n),
    )
    return [row[0] for row in found]


def test_like_people_are_found_and_each_is_explained(sample: Project) -> None:
    likes = circle(sample, "咖啡", 9)
    found = lookalike.alike(sample, likes, [], until=UNTIL, limit=30, title="咖啡")
    people = rows.result_people(sample, found.result).window(0, 30)
    assert len(people) == found.count == 30
    assert not {p.id for p in people} & set(likes), "who is known is not found"
    assert [p.value for p in people] == sorted((p.value or 0 for p in people), reverse=True)
    users = set(circle(sample, "咖啡", 10_000))
    assert len({p.id for p in people} & users) >= 20
    for person in people[:5]:
        parts = person.parts
        z = parts["bias"] + parts["rest"] + math.fsum(adds for _, _, _, adds in parts["features"])
        assert parts["raw"]["z"] == pytest.approx(z, abs=1e-4)
        assert person.value == pytest.approx(1 / (1 + math.exp(-z)), abs=1e-4)
        assert all(x * w == pytest.approx(adds, abs=1e-3) for _, x, w, adds in parts["features"])
        told = explain(sample, found.result, person.id)
        assert dict(told.lines)["like.sum"]["z"] == parts["raw"]["z"]
        assert told.posts
        assert "like.quality" in dict(told.lines)
    entry = lists.save(sample, "像", "people", found.result)
    assert entry.size == 30
    reason = sample.one("select reason from list_member where list = ? and rank = 1", (entry.id,))
    assert "reason.alike" in reason


def test_the_check_needs_people_and_is_against_chance(sample: Project) -> None:
    likes = circle(sample, "咖啡", 12)
    few = lookalike.alike(sample, likes[:3], [], until=UNTIL, limit=10)
    assert few.quality is None
    assert few.missing == 3
    many = lookalike.alike(sample, likes, [], until=UNTIL, limit=50)
    quality = many.quality
    assert quality is not None
    assert quality.held == 12
    assert quality.by_chance < quality.found <= 12
    assert quality.by_chance == pytest.approx(12 * 50 / quality.among, rel=0.05)


def test_the_same_people_give_the_same_answer(sample: Project) -> None:
    likes, unlikes = circle(sample, "咖啡", 6), circle(sample, "减肥", 4)
    unlikes = [a for a in unlikes if a not in likes]
    answers = []
    for order in (likes, likes[::-1]):
        found = lookalike.alike(sample, order, unlikes, until=UNTIL, limit=20)
        answers.append(sample.query("select item, value, parts from score where result = ?", (found.result,)))
    assert answers[0] == answers[1]


def test_nothing_after_until_is_used(sample: Project) -> None:
    cut = UNTIL - 30 * 86_400
    likes = circle(sample, "咖啡", 6)
    first = lookalike.alike(sample, likes, [], until=cut, limit=20)
    sample.writer.call(lambda db: db.execute("delete from interaction where t > ?", (cut,)))
    sample.writer.call(lambda db: db.execute(
        "delete from post_tag where post in (select id from post where created > ?)", (cut,)))  # fmt: skip
    second = lookalike.alike(sample, likes, [], until=cut, limit=20)
    one, two = (
        dict(sample.query("select item, value from score where result = ?", (r.result,))) for r in (first, second)
    )
    assert one == pytest.approx(two)


def test_private_things_are_no_features(sample: Project) -> None:
    likes = circle(sample, "咖啡", 5)
    sample.writer.call(lambda db: db.executemany(
        "insert or ignore into profile_fact(account, fact, value, origin, confidence) values (?, ?, ?, 'bio', 1)",
        [(a, fact, value) for a in likes for fact, value in (
            ("gender", "female"), ("age", "20-29"), ("family", "孕妈"), ("family", "单身"), ("family", "妈妈"))],
    ))  # fmt: skip
    space = lookalike.Space(sample, likes, [], UNTIL)
    _, names = space.features(space.accepted)
    assert "family:妈妈" in names
    kinds = {name.partition(":")[0] for name in names}
    assert kinds <= {*lookalike.FACTS, "tag", "word", "need", "event", "size", "rate", "near", "audience"}
    assert not {"gender", "age", "minor"} & kinds
    assert not {"family:孕妈", "family:单身", *(f"event:{e}" for e in lookalike.PRIVATE_EVENTS)} & set(names)


def test_the_barred_are_neither_models_nor_found(sample: Project) -> None:
    likes = circle(sample, "咖啡", 4)
    found = lookalike.alike(sample, likes, [], until=UNTIL, limit=10)
    first = rows.result_people(sample, found.result)[0]
    sample.writer.call(lambda db: suppression.add(db, [(first.platform, first.native_id, None, None)], "user"))
    again = lookalike.alike(sample, likes, [], until=UNTIL, limit=10)
    assert first.id not in rows.result_people(sample, again.result).ids
    with pytest.raises(BadInput, match="nobody"):
        lookalike.alike(sample, [first.id], [], until=UNTIL)
    with pytest.raises(BadInput, match="both"):
        lookalike.alike(sample, likes, likes[:1], until=UNTIL)


def test_marks_are_kept_taken_back_and_erased(sample: Project) -> None:
    a, b = circle(sample, "咖啡", 2)
    lists.mark(sample, a, True)
    lists.mark(sample, b, False)
    assert lists.marked(sample) == ([a], [b])
    lists.mark(sample, b, None)
    assert lists.marked(sample) == ([a], [])
    entry = lists.save(sample, "名单", "people", results.store(
        sample, "people", [(b, 1.0, None)], title="", funnel=[], setting={}))  # fmt: skip
    lists.mark(sample, b, False, entry.id)
    assert lists.marked(sample, entry.id) == ([a], [b])
    assert lists.members(sample, entry.id) == [b]
    erase.person(sample, a)
    assert lists.marked(sample) == ([], [b])


def test_many_seeds_at_random(sample: Project) -> None:
    everybody = [row[0] for row in sample.query("select id from account order by id")]
    likes = random.Random(5).sample(everybody, 70)
    found = lookalike.alike(sample, likes, [], until=UNTIL, limit=5)
    assert found.count == 5
    assert found.accepted <= 70
