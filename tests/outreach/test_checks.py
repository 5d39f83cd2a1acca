"""What the check of a text says, and the drafts that pass or fail it. All people and posts here are invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xunke.clock import DAY
from xunke.model import Account, Post, Provenance
from xunke.outreach import checks, daily, drafts, touches, values
from xunke.storage import Project

NOW = 1_795_320_000
POST = "请问上海有没有靠谱的减脂餐外送？别太贵。 #减肥#"
LINK = "https://example.com"
GOOD = "减脂餐外送可以先看配料表：每份蛋白质 25 克以上、酱料分装的更稳，一般 30 元左右。"


def keys(text: str, **more: object) -> set[str]:
    report = checks.judge(checks.Text(text, **{"post": POST, "channel": "weibo", **more}))  # type: ignore[arg-type]
    return {f"{one.level}:{one.key.removeprefix('check.')}" for one in report.findings}


def test_a_useful_answer_may_go_out() -> None:
    report = checks.judge(checks.Text(GOOD, post=POST, channel="weibo"))
    assert report.findings == ()
    assert report.ready
    assert report.value == 1.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD + "〔这里写一句有用的〕", "bad:gap"),
        ("好棒", "bad:short"),
        ("好棒，学习了，期待你的更多分享", "bad:empty"),
        (GOOD + "我们家新品打折，下单送券。", "bad:ad"),
        (GOOD + "我们家的减脂餐是全国第一。", "bad:extreme"),
        (GOOD + "全国第一的做法。", "warn:extreme"),
        (GOOD + "吃了月瘦十斤，永不反弹。", "bad:claims"),
        (GOOD + "详见 https://example.com/a", "bad:contact"),
        (GOOD + "这都不懂就别减了，可笑。", "bad:hostile"),
        (GOOD + "求关注，互粉。", "bad:begging"),
        ("亲爱的，" + GOOD, "warn:pretend"),
        ("翻了你的主页，" + GOOD, "bad:prying"),
        ("看到你昨天23:14在静安寺那家店，" + GOOD, "bad:prying"),
        ("你最近心情不好吧，" + GOOD, "bad:prying"),
        ("你怀孕了还减肥，" + GOOD, "bad:private"),
        ("露营帐篷先看防水指数，3000 毫米以上比较稳，可以试试双层。", "bad:off_topic"),
        (GOOD * 5, "warn:long"),
        (GOOD * 9, "bad:long"),
    ],
)
def test_what_must_not_go_out(text: str, found: str) -> None:
    assert found in keys(text)


def test_an_advertisement_that_says_so_is_one() -> None:
    assert "bad:ad" not in keys("【广告】" + GOOD + "我们家新品打折。")


def test_words_that_are_quoted_from_them_are_not_ours() -> None:
    post = "团购写着不限时，到店说周末不能用"
    text = "「团购写着不限时」，可以先看详情页的使用时间，截图留着，再找平台客服，一般 3 天有结果。"
    assert "bad:ad" not in keys(text, post=post)
    assert "bad:ad" in keys("团购不限时，" + text, post=post)


def test_facts_from_elsewhere_are_not_told_back() -> None:
    assert "bad:facts" in keys("做老师的人忙，" + GOOD, facts=["老师", "上海"])
    assert "bad:facts" not in keys("上海的" + GOOD, facts=["上海"])  # their post says it


def test_the_same_words_again_are_spam() -> None:
    assert "bad:repeated" in keys(GOOD, recent=[GOOD.replace("一般", "大约")])
    assert "bad:repeated" not in keys(GOOD, recent=["帐篷先看防水指数"])


def test_old_posts_are_left_alone() -> None:
    assert "bad:old" in keys(GOOD, age=31 * DAY)
    assert "bad:old" not in keys(GOOD, age=29 * DAY)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=120), st.text(max_size=120), st.sampled_from(touches.STEPS))
def test_any_text_gets_a_judgement_and_a_gap_is_never_ready(text: str, post: str, step: str) -> None:
    report = checks.judge(checks.Text(text, step, "weibo", post))
    assert report.relevance is None or 0 <= report.relevance <= 1 + 1e-9
    assert 0 <= report.value <= 1
    assert not checks.judge(checks.Text(text + "〔补一句〕", step, "weibo", post)).ready


# -- drafts --------------------------------------------------------------------------------------------------------


def said(text: str, number: int = 1, created: int = NOW - DAY, **more: object) -> drafts.Said:
    given = {"needs": ("seek_advice",), "quote": "有没有靠谱的减脂餐外送", "topic": "减脂餐", "interests": ("减肥",)}
    return drafts.Said(number, text, created, None, spam=0.0, sentiment=0.5, **{**given, **more})  # type: ignore[arg-type]


KNOWN = [
    values.Snippet(1, "减脂餐可以先看配料表，每份蛋白质 25 克以上更稳", topic="减脂餐"),
    values.Snippet(2, "帐篷先看防水指数", topic="露营"),
    values.Snippet(3, "问之前先写清预算", need="seek_advice"),
]


def test_the_useful_thing_is_the_one_that_fits_best() -> None:
    made = drafts.make(said(POST), "reply", KNOWN, now=NOW)
    assert made is not None
    assert made.value == 1
    assert "蛋白质 25 克" in made.text
    other = drafts.make(
        said("求推荐帐篷", quote="求推荐帐篷", topic="露营", interests=("露营",)), "reply", KNOWN, now=NOW
    )
    assert other is not None
    assert other.value == 2


def test_without_anything_useful_a_gap_is_left_and_it_is_not_ready() -> None:
    made = drafts.make(said(POST), "reply", [], now=NOW)
    assert made is not None
    assert made.value is None
    assert not checks.judge(checks.Text(made.text, post=POST)).ready


def test_the_same_post_gets_the_same_words_and_neighbours_others() -> None:
    texts = {n: drafts.make(said(POST, n), "reply", KNOWN, now=NOW).text for n in range(1, 7)}  # type: ignore[union-attr]
    assert len(set(texts.values())) == 3
    assert texts[1] == drafts.make(said(POST, 1), "reply", KNOWN, now=NOW).text  # type: ignore[union-attr]


def test_drafts_are_ready_when_the_useful_thing_is_and_an_offer_is_marked() -> None:
    for number in range(6):
        for step in ("reply", "engage", "talk"):
            made = drafts.make(said(POST, number), step, KNOWN, now=NOW)
            assert made is not None
            assert checks.judge(checks.Text(made.text, step, "weibo", POST)).ready, made.text
    offer = drafts.make(said(POST), "offer", KNOWN, now=NOW)
    assert offer is not None
    assert offer.text.startswith("【广告】")


def test_no_draft_from_an_old_post_nor_for_a_follow() -> None:
    assert drafts.make(said(POST, created=NOW - 31 * DAY), "reply", KNOWN, now=NOW) is None
    assert drafts.make(said(POST), "follow", KNOWN, now=NOW) is None
    assert drafts.make(None, "reply", KNOWN, now=NOW) is None


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    one = Account("weibo", "1", name="虚构人一")
    posts = [
        Post(
            "weibo", "a", "怀孕六个月了，求推荐减脂餐 @小明 #减脂餐# https://example.com", author=one, created=NOW - DAY
        ),
        Post("weibo", "b", "今天散步", author=one, created=NOW - 3600),
        Post("weibo", "c", POST, author=one, created=NOW - 40 * DAY),
    ]
    with Project.open(tmp_path / "d.db") as project:
        project.add(posts, Provenance("user", "t"))
        yield project


def test_private_matters_names_and_links_are_never_quoted(project: Project) -> None:
    account = project.one("select id from account_key where native_id = '1'")
    made = daily.draft_for(project, account, "reply", now=NOW)
    assert made is not None
    assert "怀孕" not in made.text
    assert "小明" not in made.text
    assert "example" not in made.text
    assert "减脂餐" in made.text


def test_useful_things_are_kept_and_taken_out(project: Project) -> None:
    kept = values.add(project, "减脂餐先看配料表", topic="减脂餐", need="seek_advice")
    assert values.snippets(project) == [kept]
    assert values.remove(project, kept.id) == kept
    assert values.snippets(project) == []
