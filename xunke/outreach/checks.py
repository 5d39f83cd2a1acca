"""Whether a text may go out, judged without any model: value, relevance, length, law, tone and what it gives away.

The words stand in ``checks.toml``. A finding of level ``bad`` means: not like this; ``warn``: look at it again.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from xunke.clock import DAY
from xunke.storage import Project

from . import touches

GAP: Final = re.compile(r"〔[^〔〕]*〕")
"""What a draft leaves for a person to fill in."""
OLD: Final = 30 * DAY
"""A post older than this is not taken up: nobody wants to be read back."""
REPEAT_BAD: Final = 0.6
REPEAT_WARN: Final = 0.4
"""Likeness (Jaccard of shingles, ``nlp.neardup``) to a text used within the last 30 days."""
SHORT: Final = 8
_NEW_WORDS: Final = 4
Level = Literal["bad", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: ``key`` of the message that says why and what to change, with its parameters."""

    level: Level
    key: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, the worst first; ``relevance`` 0..1 to their post (None: there is none), ``value`` 0..1."""

    findings: tuple[Finding, ...]
    relevance: float | None
    value: float

    @property
    def ready(self) -> bool:
        """Whether it may go out."""
        return not any(one.level == "bad" for one in self.findings)


@dataclass(frozen=True, slots=True)
class Text:
    """What is judged: the text, for which step and channel, the post it answers, and what is known of its author
    (``facts``: words stated of them) and what we wrote lately (``recent``). ``age``: seconds since the post.
    """

    text: str
    step: str = "reply"
    channel: str | None = None
    post: str | None = None
    age: int | None = None
    facts: Sequence[str] = ()
    recent: Sequence[str] = ()
    about: Sequence[str] = ()


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "checks.toml").read_text("utf-8"))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    parts = [part.removeprefix("(?i)") for part in _table()[name]]
    return re.compile("|".join(f"(?:{part.replace('(?i)', '')})" for part in parts), re.IGNORECASE)


def found(name: str, text: str) -> list[str]:
    """The words of a group of ``checks.toml`` in a text, each once, in order."""
    return list(dict.fromkeys(hit.group() for hit in _pattern(name).finditer(text)))


def judge(text: Text) -> Report:
    """Look a text over."""
    findings = [one for rule in RULES for one in rule(text)]
    findings.sort(key=lambda one: one.level != "bad")
    return Report(tuple(findings), relevance(text), value(text))


def for_person(
    project: Project, text: str, account: int, *, now: int, step: str = "reply", channel: str | None = None,
    post: int | None = None,
) -> Text:  # fmt: skip
    """The text with all that it is to be judged by, from the project. ``post``: else the person's newest one."""
    around = Around(project, [account], now)
    if not post:
        return around.text(text, account, step=step, channel=channel)
    rows = project.query(
        "select text, created from post where author = ? and gone is null and created <= ? and id = ?",
        (account, now, post),
    )
    return around.text(text, account, step=step, channel=channel, said=rows[0] if rows else (None, None))


class Around:
    """What texts for some people are judged by, read at once."""

    def __init__(self, project: Project, accounts: Sequence[int], now: int) -> None:
        listed = json.dumps(list(accounts))
        self._now, self._recent = now, recent(project, now)
        self._newest = {author: (text, created) for author, text, created in project.query(
            "select p.author, p.text, p.created from json_each(?) a join post p on p.id = (select q.id from post q "
            "where q.author = a.value and q.gone is null and q.created <= ? "
            "order by q.created desc, q.id desc limit 1)", (listed, now),
        )}  # fmt: skip
        self._facts: dict[int, list[str]] = defaultdict(list)
        for account, fact in project.query(
            "select distinct account, value from profile_fact where account in (select value from json_each(?)) and "
            "fact in ('age', 'city', 'region', 'occupation', 'family', 'gender') order by account, value", (listed,),
        ):  # fmt: skip
            self._facts[account].append(fact)
        self._platform = dict(project.query(
            "select k.id, p.name from account_key k join platform p on p.id = k.platform "
            "where k.id in (select value from json_each(?))", (listed,),
        ))  # fmt: skip

    def text(
        self, text: str, account: int, *, step: str, channel: str | None,
        said: tuple[str | None, int | None] | None = None,
    ) -> Text:  # fmt: skip
        """The text as it is to be judged; ``said``: the words and time of the post it answers, else their newest."""
        words, created = said or self._newest.get(account, (None, None))
        return Text(
            text, step, touches.channel_of(channel) or self._platform.get(account), words,
            None if created is None else self._now - created, self._facts.get(account, ()), self._recent,
        )  # fmt: skip


def recent(project: Project, now: int) -> list[str]:
    """Texts that we used within 30 days."""
    rows = project.query(
        "select draft from touch where draft is not null and undone is null and state <> 'skipped' and t > ? "
        "order by t desc limit 300", (now - OLD,),
    )  # fmt: skip
    return [row[0] for row in rows]


def words_of_segment(project: Project, segment: int, most: int = 12) -> list[str]:
    """The hashtags that most people of a segment use; only those of several people."""
    rows = project.query(
        "select g.name from segment_member m join post p on p.author = m.account join post_tag k on k.post = p.id "
        "join tag g on g.id = k.tag where m.segment = ? group by g.id having count(distinct p.author) >= 2 "
        "order by count(distinct p.author) desc, g.name limit ?", (segment, most),
    )  # fmt: skip
    return [row[0] for row in rows]


# -- rules ---------------------------------------------------------------------------------------------------------


def _whole(text: Text) -> Iterator[Finding]:
    if gap := GAP.search(text.text):
        yield Finding("bad", "check.gap", {"words": gap.group()})
    bare = GAP.sub("", text.text).strip()
    if len(bare) < SHORT:
        yield Finding("bad", "check.short", {"n": len(bare), "least": SHORT})
    table = _table()["long"]
    most = int(table.get(text.channel or "", table["default"]))
    if len(bare) > most:
        yield Finding("bad" if len(bare) > 2 * most else "warn", "check.long", {"n": len(bare), "most": most})


def _law(text: Text) -> Iterator[Finding]:
    said = own(text)
    promo, extreme = found("promo", said), found("extreme", said)
    if promo and not found("marked", said):
        yield Finding("bad", "check.ad", {"words": _said(promo)})
    if extreme:
        yield Finding("bad" if promo or text.step == "offer" else "warn", "check.extreme", {"words": _said(extreme)})
    if claims := found("claims", said):
        yield Finding("bad", "check.claims", {"words": _said(claims)})


def _contact(text: Text) -> Iterator[Finding]:
    from nlp.segment import count_links
    from nlp.spam import has_contact

    if count_links(text.text) or has_contact(text.text):
        public = text.step in ("follow", "reply", "engage")
        yield Finding("bad" if public else "warn", "check.contact" if public else "check.contact_later")


def _tone(text: Text) -> Iterator[Finding]:
    for name, level in (("hostile", "bad"), ("begging", "bad"), ("pretend", "warn")):
        if words := found(name, own(text)):
            yield Finding("bad" if level == "bad" else "warn", f"check.{name}", {"words": _said(words)})


def _knowing(text: Text) -> Iterator[Finding]:
    if words := found("prying", text.text):
        yield Finding("bad", "check.prying", {"words": _said(words)})
    if words := found("private", text.text):
        yield Finding("bad", "check.private", {"words": _said(words)})
    told = [fact for fact in text.facts if len(fact) > 1 and fact in text.text and fact not in (text.post or "")]
    if told:
        yield Finding("bad", "check.facts", {"words": _said(told)})
    if text.age is not None and text.age > OLD and text.step in ("reply", "engage"):
        yield Finding("bad", "check.old", {"days": text.age // DAY})


def _value(text: Text) -> Iterator[Finding]:
    worth = value(text)
    if worth == 0:
        yield Finding("bad" if text.step in ("reply", "engage", "talk") else "warn", "check.empty")
    elif worth < 0.5:
        yield Finding("warn", "check.thin", {"share": f"{worth:.0%}"})
    if text.step == "offer" and not (found("gain", text.text) and found("cost", text.text)):
        yield Finding("warn", "check.bargain")


def _fits(text: Text) -> Iterator[Finding]:
    score = relevance(text)
    if score is not None and score == 0 and text.step != "offer":
        yield Finding("bad", "check.off_topic")
    elif score is not None and score < 0.1:
        yield Finding("warn", "check.far", {"share": f"{score:.0%}"})


def _repeated(text: Text) -> Iterator[Finding]:
    from nlp.neardup import jaccard

    mine = _shingles(text.text)
    most = max((jaccard(mine, _shingles(other)) for other in text.recent), default=0.0)
    if most >= REPEAT_WARN:
        yield Finding("bad" if most >= REPEAT_BAD else "warn", "check.repeated", {"share": f"{most:.0%}"})


@lru_cache(1024)  # those of our newest texts are wanted for everybody of a list
def _shingles(text: str) -> frozenset[str]:
    from nlp.neardup import shingles

    return shingles(text)


Rule = Callable[[Text], Iterator[Finding]]
RULES: Final[tuple[Rule, ...]] = (_whole, _law, _contact, _tone, _knowing, _fits, _value, _repeated)


def relevance(text: Text) -> float | None:
    """Cosine of the words of the text and of the post (with ``about``: the words of a segment), 0..1; None: no post.

    Each word counts once; words that stop lists name do not count.
    """
    if text.post is None and not text.about:
        return None
    mine, theirs = words(text.text), words(text.post or "") | {word for name in text.about for word in words(name)}
    if not theirs:
        return None
    return len(mine & theirs) / (len(mine) * len(theirs)) ** 0.5 if mine else 0.0


def value(text: Text) -> float:
    """How much of what it says is of use: useful turns (how, how much, on what condition) against promotional words;
    0 where it says nothing that their post does not say already.
    """
    bare = GAP.sub("", text.text)
    new = words(bare) - words(text.post or "")
    useful, promo = len(found("useful", bare)), len(found("promo", bare))
    if not useful or len(new) < _NEW_WORDS:
        return 0.0
    return useful / (useful + promo)


@lru_cache(1024)  # each rule wants the same ones
def words(text: str) -> frozenset[str]:
    """The words of a text that mean something."""
    from nlp.segment import words as cut

    return frozenset(word for word in cut(text) if len(word) > 1 or "\u4e00" <= word <= "\u9fff")


def own(text: Text) -> str:
    """The text without the words of theirs that it quotes in 「」."""
    return re.sub(r"「([^「」]+)」", lambda hit: "" if hit[1] in (text.post or "") else hit[0], text.text)


def _said(hits: Sequence[str]) -> str:
    return "、".join(hits[:4])
