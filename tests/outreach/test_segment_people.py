"""Stages, values and rules on a small project whose numbers can be counted by hand. Everybody here is invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from xunke.clock import DAY, end_of
from xunke.errors import BadInput
from xunke.model import Account, Interaction, Post, Provenance, Purchase
from xunke.outreach import lifecycle, segment_cut, segment_matrix, segment_store, value
from xunke.outreach.segment_facts import Book
from xunke.outreach.segment_rules import parse
from xunke.storage import Project, suppression

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
US = Account("weibo", "us", "我们")
WHO = {
    name: Account("weibo", name, name, region=region, followers=followers)
    for name, region, followers in (
        ("fan", "上海", 99), ("asleep", "北京", 9), ("gone", None, None), ("fresh", "上海", 999), ("loud", None, 9999),
        ("angry", "上海", 9), ("touched", None, None), ("left", None, 9), ("stranger", "上海", 50_000),
        ("hidden", "上海", 9),
    )
}  # fmt: skip


def ago(days: float) -> int:
    return int(NOW - days * DAY)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project.open(tmp_path_factory.mktemp("seg") / "p.db") as made:
        made.add([US, *WHO.values(), *_acts(), *_posts()], Provenance("file", "invented", fetched=NOW))
        ids = dict(made.query("select a.name, a.id from account a"))
        made.set_meta("own_accounts", json.dumps([ids["我们"]]))
        made.writer.call(lambda db: _more(db, ids))
        made.writer.call(lambda db: suppression.add(db, [("weibo", "hidden", "hidden", None)], "test"))
        yield made


def _acts() -> Iterator[Interaction]:
    for name, kind, days in (
        ("fan", "follow", 300),
        ("fan", "like", 3),
        ("asleep", "like", 70),
        ("gone", "like", 130),
        ("fresh", "like", 5),
        ("hidden", "like", 1),
    ):
        yield Interaction("weibo", WHO[name], US, kind, ago(days))  # type: ignore[arg-type]


def _posts() -> Iterator[Post]:
    yield Post("weibo", "ours", "新品上市", US, ago(50))
    for at, days in enumerate((2, 4, 9)):
        yield Post("weibo", f"loud{at}", "转发微博", WHO["loud"], ago(days), kind="repost", repost_of="ours")
    yield Post("weibo", "again", "转发微博", WHO["stranger"], ago(1), kind="repost", repost_of="loud0")
    for at in range(2):
        yield Post("weibo", f"angry{at}", "太差了，骗钱", WHO["angry"], ago(6 + at), kind="comment", reply_to="ours")
    yield Post("weibo", "fan1", "喜欢", WHO["fan"], ago(2), kind="comment", reply_to="ours")
    yield Post("weibo", "fan2", "好吃", WHO["fan"], ago(8), kind="comment", reply_to="ours")


def _more(db, ids) -> None:  # type: ignore[no-untyped-def]
    post = dict(db.execute("select native_id, id from post_key"))
    rows = [(post[f"angry{n}"], "x", "negative", 0.1, 0.0, {"needs": []}) for n in range(2)]
    rows += [(post["fan1"], "x", "neutral", 0.5, 0.0, {"interests": [["露营", 1.0]], "needs": [["want_to_buy", 0.9]]})]
    db.executemany(
        "insert into feature(post, model, label, sentiment, spam, detail) values (?, ?, ?, ?, ?, ?)",
        [(*row[:5], json.dumps(row[5], ensure_ascii=False)) for row in rows],
    )
    touch = "insert into touch(account, t, step, state, created) values (?, ?, 'reply', 'done', ?)"
    db.executemany(touch, [(ids["touched"], ago(20 - n), NOW) for n in range(5)])
    db.execute(
        "insert into follower(own, account, first, last, gone) values (?, ?, ?, ?, ?)",
        (ids["我们"], ids["left"], ago(90), ago(30), ago(20)),
    )


def _ids(project: Project) -> dict[str, int]:
    return dict(project.query("select name, id from account"))


def test_stages_with_the_event_that_made_them(project: Project) -> None:
    ids = _ids(project)
    found = lifecycle.stage_of(project, ids.values(), TODAY)
    told = {name: found[ids[name]][0] for name in WHO if ids[name] in found}
    assert told == {
        "fan": "engaged", "asleep": "dormant", "gone": "lost", "fresh": "aware", "loud": "advocate",
        "angry": "interest",
        "touched": "aware", "left": "lost",
    }  # fmt: skip
    assert found[ids["left"]][1].rule == "lost"
    assert found[ids["left"]][1].kind == "unfollow"
    assert found[ids["asleep"]][1].t == ago(70)
    post = dict(project.query("select native_id, id from post_key"))
    assert found[ids["loud"]][1].post == post["ours"]
    assert found[ids["loud"]][1].n == 3
    assert ids["stranger"] not in found, "never seen with us"


def test_a_day_earlier_is_another_stage(project: Project) -> None:
    ids = _ids(project)
    before = lifecycle.stage_of(project, [ids["asleep"]], TODAY - timedelta(days=11))
    assert before[ids["asleep"]][0] == "aware"


def test_value_is_a_sum_that_can_be_counted(project: Project) -> None:
    ids = _ids(project)
    found = value.value_of(project, ids.values(), TODAY)
    loud = found[ids["loud"]]
    expected = 4 * sum(0.5 ** (d / 90) for d in (2, 4, 9))
    assert loud.current == pytest.approx(expected, rel=1e-6)
    assert loud.referral == 2.0, "one repost of theirs was passed on by somebody else"
    assert loud.total == pytest.approx(loud.current + loud.potential + loud.referral)
    assert sum(t.adds for t in loud.terms) == pytest.approx(loud.total)
    assert found[ids["angry"]].kind == "negative"
    assert found[ids["angry"]].reasons == (("hostile", 2),)
    assert found[ids["touched"]].kind == "negative"
    assert found[ids["touched"]].reasons == (("costly", 5),)
    assert set(value.unwanted(project, TODAY)) == {ids["angry"], ids["touched"]}
    assert ids["hidden"] not in found, "who is on the do-not-contact list is nowhere"


def test_rules_ask_the_rows(project: Project) -> None:
    ids = _ids(project)
    book = Book(project, TODAY)
    names = {number: name for name, number in ids.items()}

    def who(rule: str) -> set[str]:
        return {names[p] for p in segment_cut.fit(book, parse(rule)).members}

    assert who("互动方式 含 转发") == {"loud"}
    assert who("近30天互动我们 >= 2") == {"fan", "loud", "angry"}
    assert who("上次互动 >= 60") == {"asleep", "gone"}
    assert who("说过 含 骗钱") == {"angry"}
    assert who("兴趣 含 露营") == {"fan"}
    assert who("触达 >= 5 且 价值 是 负值") == {"touched"}
    assert who("阶段 = 拥护") == {"loud"}
    assert who("粉丝 是 未知") == {"gone", "touched"}
    assert "hidden" not in who("粉丝 >= 0 或 粉丝 是 未知")
    got = segment_cut.fit(book, parse("非 (粉丝 > 1000)"))
    assert got.unknown == 2, "unknown fits neither the rule nor its negation"
    assert segment_cut.fit(book, parse("兴趣 含 露营啊")).nowhere[0][:2] == ("interest", "露营啊")
    numbers = segment_cut.numbers(book, parse("粉丝 > 1 且 近30天发帖 >= 1"))(ids["fan"])
    assert numbers == {"followers": 99.0, "posts_30d": 2.0}


def test_matrix_shows_the_unknown_and_adds_up(project: Project) -> None:
    book = Book(project, TODAY)
    made = segment_matrix.matrix(book, segment_matrix.field_of("粉丝"), segment_matrix.field_of("阶段"))
    assert made.rows[-1] == made.columns[-1] == "?"
    assert sum(map(len, made.cells.values())) == made.among == len(book.people) == 9
    assert made.several == 0
    with pytest.raises(BadInput):
        segment_matrix.field_of("星座")


def test_kept_refreshed_treated_dropped(project: Project) -> None:
    ids = _ids(project)
    review = segment_store.review_day(TODAY, None)
    assert review == (TODAY + timedelta(days=91)).isoformat()
    for bad in (TODAY - timedelta(days=1), TODAY + timedelta(days=92)):
        with pytest.raises(BadInput):
            segment_store.review_day(TODAY, bad)
    members: dict[int, float | None] = {ids["fan"]: None, ids["hidden"]: None}
    one = segment_store.save(project, "老粉", "rules", {"rule": "粉丝数 > 1"}, members, review=review)
    assert segment_store.members_of(project, "老粉") == [ids["fan"]], "who may not be approached is not told"
    with pytest.raises(BadInput):
        segment_store.save(project, "老粉", "rules", {"rule": "粉丝数 > 1"}, {}, review=review)
    change = segment_store.renew(project, one, {ids["loud"]: 1.0})
    assert change.came == (ids["loud"],)
    assert set(change.left) == {ids["fan"], ids["hidden"]}
    treated = segment_store.treat(project, one, {"offer": "试吃", "channel": None})
    assert treated.treatment == {"offer": "试吃"}
    assert treated.due(date(2027, 6, 1))
    assert not treated.due(TODAY)
    segment_store.drop(project, treated)
    assert segment_store.saved(project) == []


def test_money_comes_once(project: Project) -> None:
    ids = _ids(project)
    order = Purchase(Account("weibo", "fan"), 129.0, "A1", ago(9), what="套餐 13800000000")
    anonymous = Purchase(Account("", "name:loud", "loud"), 50.0, "A2", ago(8))
    barred = Purchase(Account("weibo", "hidden"), 10.0, "A3", ago(8))
    for _ in range(2):
        project.add([order, anonymous, barred], Provenance("file", "invented", fetched=NOW))
    stored = project.query("select account, amount, what from purchase order by native_id")
    assert [row[:2] for row in stored] == [(ids["fan"], 129.0), (ids["loud"], 50.0)]
    assert "13800000000" not in stored[0][2]
    book = Book(project, TODAY)
    assert segment_cut.fit(book, parse("消费 >= 100")).members == (ids["fan"],)
    assert value.worths(book)[ids["fan"]].current > value.PURCHASE


def test_the_same_everywhere(project: Project, tmp_path: Path) -> None:
    one, two = Book(project, TODAY), Book(project, TODAY)
    assert {p: w.as_json() for p, w in value.worths(one).items()} == {
        p: w.as_json() for p, w in value.worths(two).items()
    }
