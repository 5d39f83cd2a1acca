"""Where people say that they live: a place behind 坐标, 现居, 在…工作, or standing alone in a profile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from .places import GROUPS, is_also_a_word, latin_names, names, normalize_place
from .resources import table

_AFTER_ALONE: Final = (
    r"(?:市|省)?(?:本地|土著|本地人|本地土著)?(?:的)?(?:一枚|一只|女生|女孩|妹子|妹纸|小姐姐|姑娘|小伙子?|"
    r"大汉|大叔|女子|土著|本地人|宝妈|"
    r"宝爸|辣妈|奶爸|妈妈|打工人|打工|上班族|社畜|地区可约|可约|同城|土著一枚|女|男|人一枚|留学生|市民|"
    r"夫妇|码农|程序员)?(?:一枚|一只)?"
)
_LIVES: Final = (
    r"(?:工作|上班|生活|上学|读书|读研|读大学|读博|打工|带娃|开[^。,，]{0,8}店|开店|有家|当|做|漂|定居|"
    r"待了|长住|居住|奋斗|打拼|创业|买房|租房|养老|执业|执教|混)"
)
_VISITS: Final = r"(?:出差|旅游|旅行|玩|机场|转机|火车站|医院|高铁|看演唱会|集合|见面|过年|度假|吃)"


class Stated(NamedTuple):
    """A place and where the words that state it stand in the text."""

    name: str
    start: int
    end: int
    home: bool
    """Only says where somebody is from (重庆人): weaker than where they are."""


@cache
def known() -> str:
    """A pattern of the places whose names are no everyday words."""
    found = sorted({n for n in names() if n not in GROUPS and not is_also_a_word(n)}, key=lambda n: (-len(n), n))
    return "|".join(map(re.escape, found))


@cache
def _any() -> str:
    found = sorted({n for n in names() if n not in GROUPS}, key=lambda n: (-len(n), n))
    return "|".join(map(re.escape, found))


@cache
def _in_profile() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Patterns for one clause of a profile, and whether they only say where somebody is from."""
    any_, plain = _any(), known()
    latin = "|".join(re.escape(n) for n in latin_names())
    return (
        (re.compile(
            rf"(?:坐标|📍|🏠|定位|(?<![a-z])base|(?<![a-z])ip|属地|所在地|所在城市|城市|常驻|常住|现居|现住|居住在|"
            rf"居于|定居|家住|住在|长居|旅居|落户|现在住)(?:是|在|于|[:丨|"
            rf"·\- ])*(?P<p>(?:{any_})(?:[\u4e00-\u9fff]{{0,4}})?)"
        ), False),
        (re.compile(
            rf"(?<!不)(?<!想)(?:人在|漂在|生活在|就职于|执业于|任教于|工作于|就读于|扎根)(?P<p>{any_})"
        ), False),
        (re.compile(
            rf"(?<!不)(?<!想)(?<!正)在(?P<p>{any_})(?:市|省|这座城市|[\u4e00-\u9fff]{{0,2}}区)?{_LIVES}"
        ), False),
        (re.compile(
            rf"(?:姑娘|妹子|女孩|男孩|小伙|大汉|大叔|人|女生|男生|打工人|宝妈)在(?P<p>{plain})(?:市)?$"
        ), False),
        (re.compile(rf"^(?:一[枚个只]|普通|一名)?(?P<p>{plain}){_AFTER_ALONE}$"), False),
        (re.compile(rf"^(?P<p>{latin})$"), False),
        (re.compile(rf"^(?:本人|我是|一[枚个]|土生土长的?|地道)?(?P<p>{plain})(?:人|本地人|土著)$"), True),
        (re.compile(rf"^在(?P<p>{plain})$"), False),
    )  # fmt: skip


@cache
def _in_post() -> tuple[re.Pattern[str], ...]:
    any_, plain = _any(), known()
    return (
        re.compile(rf"坐标(?:是|在|[: ])*(?P<p>(?:{any_})(?:[\u4e00-\u9fff]{{0,2}}(?=[区市县,，。\s]|$))?)"),
        re.compile(
            rf"(?<![说问])(?:我|本人)(?:现在|目前|一直|一个人|和(?:老公|老婆|男友|女友|爸妈|"
            rf"家人))?(?:都)?(?:就)?(?:住在|住|家住|定居|常住|长住)(?:在)?(?P<p>{any_})(?!{_VISITS})"
        ),
        re.compile(rf"(?<![说问])(?:我|本人)(?:现在|目前|一直|也|一个人)?在(?P<p>{any_})(?:市|这边|这里)?{_LIVES}"),
        re.compile(rf"我家(?:就)?(?:住)?在(?P<p>{any_})(?!{_VISITS})"),
        re.compile(rf"我(?:和|跟)(?:老公|老婆|男友|女友|男朋友|女朋友|爱人)(?:都|现在)?在(?P<p>{any_})(?!{_VISITS})"),
        re.compile(
            rf"(?:我是|本人|作为一?[个名枚]?|身为一?[个名枚]?)(?:土生土长的?|地道的?|"
            rf"一[个枚])?(?P<p>{plain})(?:人(?!民|家|行|才|气)|的(?=[,，。!！\s]|$)|土著|本地人|女生|妹子|姑娘|"
            rf"小伙)"
        ),
        re.compile(rf"(?:作为一?[个名枚]|身为一?[个名枚]|本人)在(?P<p>{any_})(?:的|{_LIVES})"),
        re.compile(rf"(?:(?<![\u4e00-\u9fff])|(?<=[本我]))人在(?P<p>{plain})(?=[,，。!！\s]|$)"),
    )  # fmt: skip


@cache
def _drifters() -> tuple[re.Pattern[str], dict[str, str]]:
    pairs = dict(entry.split("=") for entry in table("persona")["places"]["drift"].split())
    return re.compile("|".join(pairs)), pairs


def in_profile(clause: str) -> Iterator[Stated]:
    """Places in one clause of a bio, or in a tag (plain text)."""
    for pattern, home in _in_profile():
        if (match := pattern.search(clause)) and normalize_place(match["p"]):
            yield Stated(match["p"], match.start(), match.end(), home)
    pattern, meant = _drifters()
    if (match := pattern.match(clause)) is not None:
        yield Stated(meant[match[0]], match.start(), match.end(), False)


def in_post(sentence: str) -> Iterator[Stated]:
    """Places in one sentence of a post (plain text) in which the author says that they live there."""
    for pattern in _in_post():
        for match in pattern.finditer(sentence):
            if normalize_place(match["p"]):
                yield Stated(match["p"], match.start(), match.end(), False)
