"""Two people side by side: the arithmetic, and the weight at which the order turns."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.engine.test_engine import one, run
from xunke.errors import BadInput
from xunke.events import Result
from xunke.outreach.compare import compare, flip, gaps
from xunke.outreach.scoring import WEIGHTS, combine
from xunke.storage import Project, suppression

part = st.floats(0.01, 1.0)
parts = st.fixed_dictionaries(dict.fromkeys((*WEIGHTS, "fresh"), part))
weights = st.fixed_dictionaries({name: st.floats(0, 10) for name in WEIGHTS})


@given(parts, parts, weights, st.sampled_from(sorted(WEIGHTS)))
def test_at_the_flip_both_score_the_same(
    one_: dict[str, float], two: dict[str, float], w: dict[str, float], name: str
) -> None:
    turned = flip(one_, two, w, name)
    if turned is not None:
        there = {**w, name: turned}
        assume(sum(there.values()) > 1e-3)
        assert combine(one_, there) == pytest.approx(combine(two, there), rel=1e-3)


@given(parts, parts, weights)
def test_the_gaps_add_up_to_the_ratio_of_scores(
    one_: dict[str, float], two: dict[str, float], w: dict[str, float]
) -> None:
    assume(sum(w.values()) > 1e-3)
    ratio = math.log(combine(one_, w) / combine(two, w))
    assert math.fsum(gaps(one_, two, w).values()) == pytest.approx(ratio, abs=1e-9)


def test_two_people_of_a_result(sample: Project) -> None:
    result = one(run(sample, {"action": "find", "target": "people", "tags": ["减肥"], "limit": 20}), Result).result
    a, b = (row[0] for row in sample.query("select item from score where result = ? and rank in (1, 9)", (result,)))
    found = compare(sample, a, b)
    assert found.result == result
    assert (found.one.rank, found.two.rank) == (1, 9)
    assert found.one.score > found.two.score
    assert found.decides is not None
    assert found.gap[found.decides] > 0
    actors = [
        {r[0] for r in sample.query("select distinct actor from interaction where target = ? and actor <> ?", (x, x))}
        for x in (a, b)
    ]
    assert (found.one.audience, found.two.audience) == (len(actors[0]), len(actors[1]))
    assert found.shared == len(actors[0] & actors[1])
    assert len(found.one.posted) == len(found.two.drew) == 12
    assert sum(found.one.drew) <= sample.one("select count(*) from interaction where target = ?", (a,))
    turned = compare(sample, b, a)
    assert turned.flips == found.flips
    assert turned.gap == pytest.approx({name: -gap for name, gap in found.gap.items()})


def test_people_of_no_result_and_those_who_appear_nowhere(sample: Project) -> None:
    a, b, c = (row[0] for row in sample.query("select id from account order by id limit 3"))
    found = compare(sample, a, b)
    assert found.result is None
    assert found.one.parts["fit"] == found.two.parts["fit"] == 1.0
    with pytest.raises(BadInput, match="same"):
        compare(sample, a, a)
    native = sample.one("select native_id from account_key where id = ?", (c,))
    sample.writer.call(lambda db: suppression.add(db, [("*", native, None, None)], "user"))
    with pytest.raises(BadInput, match="barred"):
        compare(sample, a, c)
    with pytest.raises(BadInput, match="not_in_result"):
        compare(sample, a, b, 99)
