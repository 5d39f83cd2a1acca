"""Personas: counted by hand on a small invented world, and what must never be in one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from xunke.actions import personas as acting
from xunke.clock import DAY, end_of, start_of
from xunke.errors import BadInput
from xunke.events import Done, FileWritten, Page
from xunke.model import Account, Interaction, Post, Provenance, Record
from xunke.outreach import freshness, persona_rows, persona_tags, personas, portrait, starters
from xunke.outreach.before import before
from xunke.outreach.persona_shape import Persona
from xunke.storage import Project, acts, erase, suppression

TODAY = date(2026, 11, 22)
NOW = end_of(TODAY)
NOON = start_of(TODAY) - DAY + 12 * 3600
SOURCE = Provenance("user", "invented", fetched=NOW - DAY)


def world() -> Iterator[Record]:
    """Twelve invented people: nine women of ten who state it, six from Shanghai of eight; one is under 18, one asks
    not to be written to, one complains.
    """
    us = Account("weibo", "us", name="野麦实验室（虚构）")
    yield us
    for n in range(12):
        gender = "female" if n < 9 else "male" if n == 9 else None
        region = "上海" if n < 6 else "四川 成都" if n < 8 else None
        bio = {0: "25岁 设计师", 1: "商务勿扰 谢绝推广", 11: "15岁初三学生"}.get(n, "喜欢咖啡")
        who = Account("weibo" if n < 8 else "douyin", f"p{n}", name=f"虚构{n}", gender=gender, region=region, bio=bio,
                      followers=100 * n, fetched=NOW - DAY)  # fmt: skip
        for k in range(6):
            text = "减肥第一天，求推荐好吃的全麦面包" if k == 0 and n < 6 else f"今天喝了一杯拿铁咖啡 第{k}杯"
            yield Post(who.platform, f"{n}-{k}", text, who, created=NOON - k * 7 * DAY - n, likes=n, media="image")
        if n == 2:
            yield Post("weibo", "angry", "避雷这家，质量太差了，客服也不理人，差评！", who, created=NOON + 60)
            yield Interaction("weibo", who, us, "reply", NOON)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with Project.open(tmp_path_factory.mktemp("personas") / "p.db") as made:
        made.add(world(), SOURCE)
        own = made.one("select id from account_key where native_id = 'us'")
        made.set_meta("own_accounts", f"[{own}]")
        card(made, everybody=True)
        yield made


def card(project: Project, **asked: object) -> list[object]:
    async def run() -> list[object]:
        return [e async for e in acting.card(project, today=TODAY, lang="zh", **asked)]  # type: ignore[arg-type]

    return asyncio.run(run())


def page(project: Project, **asked: object) -> Page:
    (found,) = [e for e in card(project, **asked) if isinstance(e, Page)]
    return found


def whole(project: Project) -> Persona:
    return personas.persona(project, persona_rows.everybody(project), now=NOW)


def test_shares_are_of_those_who_state_the_fact(project: Project) -> None:
    found = whole(project)
    assert found.people == 11  # twelve without the one under 18; our own account is nobody's persona
    assert found.stated["gender"] == 10
    woman, man = found.facts["gender"]
    assert (woman.value, woman.n, woman.of) == ("female", 9, 10)
    assert (man.value, man.n) == ("male", 1)
    assert woman.low == pytest.approx(0.5958, abs=5e-4)  # Wilson, 9 of 10
    assert woman.high == pytest.approx(0.9821, abs=5e-4)
    assert found.stated["region"] == 8
    assert found.facts["region"][0].share == pytest.approx(6 / 8)
    assert woman.verdict is None or woman.verdict == "too_few"
    assert all(ref.startswith("person:") for ref in woman.refs)


def test_hours_platforms_and_acts(project: Project) -> None:
    b = whole(project).behaviour
    assert b.posts == b.dated == 6 * 11 + 1
    assert b.best_hours() == (11, 13)  # noon minus some seconds, and noon
    assert [(s.value, s.n) for s in b.platforms] == [("weibo", 8), ("douyin", 3)]
    assert b.to_us == {"reply": 1}
    assert b.week == pytest.approx(6 / (NOW - (NOON - 35 * DAY)) * 7 * DAY, rel=0.01)


def test_needs_are_counted_by_people_with_their_words(project: Project) -> None:
    n = whole(project).needs
    assert n.read == n.posts
    asked = next(s for s in n.needs if s.value == "seek_advice")
    assert (asked.n, asked.of) == (6, 11)
    assert any("求推荐" in q.text and q.post.ref.startswith("post:weibo:") for q in n.quotes)


def test_nobody_under_age_or_on_the_list_is_in_it(project: Project, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        persona_rows.person(project, "虚构11")
    assert caught.value.key == "persona.barred"
    assert persona_rows.everybody(project).left_out == {"funnel.minors": 1}


def test_the_tag_is_made_of_stated_facts_and_unknown_parts_are_left_out(project: Project) -> None:
    who, how, what = whole(project).made
    assert who == ("一线",)  # six of eight; ages and occupations are stated by one only
    assert "persona.part.forenoon" in how or "persona.part.noon" in how
    assert "nlp.need.seek_advice" in what
    one = personas.persona(project, persona_rows.person(project, "虚构10"), now=NOW)
    assert one.made[0] == ()


def test_a_day_in_real_posts(project: Project) -> None:
    scenes = whole(project).scenes
    assert scenes
    written = {p.id: p.text for p in persona_rows.posts_of(project, persona_rows.everybody(project).accounts, NOW)}
    assert all(written[s.post.id] == s.post.text for s in scenes)
    assert sum(s.n for s in scenes) <= scenes[0].of
    assert len({s.post.author for s in scenes}) == len(scenes)


def test_private_matters_are_not_quoted(project: Project) -> None:
    assert not personas.may_quote("确诊抑郁三年了，求推荐医院")
    assert personas.may_quote("求推荐好吃的面包")


def test_before_somebody_is_written_to(project: Project) -> None:
    def pack(name: str) -> tuple[set[str], set[str], bool]:
        found = personas.persona(project, persona_rows.person(project, name), now=NOW)
        made = before(project, found, now=NOW)
        return {key for key, _ in made.do}, {key for key, _ in made.dont}, made.stop

    do, dont, stop = pack("虚构0")
    assert "persona.do.answer" in do
    assert not stop
    assert "persona.dont.angry" in pack("虚构2")[1]
    do, dont, stop = pack("虚构1")
    assert stop
    assert do == set()
    assert "persona.dont.declines" in dont


def test_completeness_of_many_is_that_of_each(project: Project) -> None:
    accounts = persona_rows.everybody(project).accounts
    many = portrait.portraits(project, accounts)
    assert {a: portrait.portrait(project, a) for a in accounts} == many
    _, missing = portrait.together(list(many.values()))
    assert missing["gender"] == 1
    assert missing["region"] == 3


def test_facts_grow_old(project: Project) -> None:
    account = persona_rows.person(project, "虚构0").accounts[0]
    fresh = freshness.of_each(project, [account], NOW)[account]
    assert not fresh.stale
    assert fresh.rate == 1.0
    later = freshness.of_each(project, [account], NOW + 400 * DAY)[account]
    assert later.stale
    assert set(later.expired) >= {"age", "occupation", "region"}
    assert "gender" not in later.expired  # it does not expire
    assert freshness.together([fresh, later]).tags == 2 * fresh.tags


def test_a_tag_of_the_users_is_kept_taken_back_and_erased(tmp_path: Path) -> None:
    with Project.open(tmp_path / "tags.db") as project:
        project.add(world(), SOURCE)
        done = acting.set_tag(project, "上海·设计师 / 品质偏好", lang="zh", today=TODAY, person="虚构0")
        assert isinstance(done, Done)
        whom = persona_rows.person(project, "虚构0")
        assert persona_tags.edited(project, whom) == "上海·设计师/品质偏好"
        assert page(project, person="虚构0").data["tag"] == "上海·设计师/品质偏好"
        acting.set_tag(project, "乙", lang="zh", today=TODAY, person="虚构0")
        act = acts.listing(project.reader)[0]
        assert "乙" not in str(act.detail)  # what was changed of a person is not told in the log
        project.writer.call(lambda db: persona_tags.take_back(db, act.detail))
        assert persona_tags.edited(project, whom) == "上海·设计师/品质偏好"
        acting.set_tag(project, "auto", lang="zh", today=TODAY, person="虚构0")
        assert persona_tags.edited(project, whom) is None
        for bad in ("", "/·/", "长" * 100):
            with pytest.raises(BadInput):
                persona_tags.write(project, whom, bad)
        erase.person(project, whom.accounts[0])
        assert project.one("select count(*) from note") == 0


def test_who_is_suppressed_is_left_out_and_counted(tmp_path: Path) -> None:
    with Project.open(tmp_path / "out.db") as project:
        project.add(world(), SOURCE)
        project.writer.call(lambda db: suppression.add(db, [("weibo", "p3", "虚构3", None)], "user"))
        card(project, everybody=True)
        found = persona_rows.everybody(project)
        assert found.left_out == {"funnel.suppressed": 1, "funnel.minors": 1}
        assert whole(project).facts["gender"][0].n == 8


def test_a_file_of_a_group_tells_of_no_few_people_and_names_nobody(project: Project, tmp_path: Path) -> None:
    for format in ("html", "md", "text", "json"):
        out = tmp_path / f"p.{format}"
        events = card(project, everybody=True, out=out, format=format)
        assert isinstance(events[-1], FileWritten)
        text = out.read_text("utf-8")
        assert "虚构3" not in text
        assert "weibo:" not in text, "no post can be looked up outside"
    data = (tmp_path / "p.json").read_text("utf-8")
    assert '"n": "< 5"' in data
    assert '"ref' not in data


def test_a_file_of_a_few_people_tells_neither_medians_nor_hours(project: Project, tmp_path: Path) -> None:
    from tests.outreach.listed import keep_list

    keep_list(
        project, [row[0] for row in project.query("select id from account where name in ('虚构3', '虚构4')")], "两人"
    )
    for format in ("html", "text", "json"):
        out = tmp_path / f"few.{format}"
        card(project, list_name="两人", out=out, format=format)
        text = out.read_text("utf-8")
        assert not any(word in text for word in ("中间那个人", "什么时候在", "每人每周", '"hours"', "350")), format
    assert "作息" in (tmp_path / "few.text").read_text("utf-8")


def test_kinds_of_people_are_matched_by_what_is_stated(project: Project) -> None:
    assert starters.find("Z世代") == starters.find("Generation Z") == "gen_z"
    assert set(starters.people(project, "fitness").accounts) >= {persona_rows.person(project, "虚构0").accounts[0]}
    assert starters.people(project, "小镇青年").accounts == ()
    with pytest.raises(BadInput):
        starters.find("不存在的人群")


def test_the_same_project_gives_the_same_page(project: Project) -> None:
    assert page(project, everybody=True) == page(project, everybody=True)
