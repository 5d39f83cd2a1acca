"""Needs, life events and the arithmetic of a text in words, for the command line and the terminal app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from .clock import moment
from .i18n import Catalogue

if TYPE_CHECKING:
    from nlp.explain import Explanation, Feeling
    from nlp.score import Explained

    from .outreach.told import Told, Wants

SHOWN: Final = 12
"""So many needs, life events or words are told one by one."""


def needs_lines(found: Wants, cat: Catalogue) -> list[str]:
    """A person's needs and intents, then their life events, each under a title; says so where there are none."""
    if not found.read:
        nothing = cat.t("told.unread", posts=found.posts) if found.posts else cat.t("told.no_posts")
        return [cat.t("told.needs"), nothing]
    needs = _told(found.needs, cat) or [cat.t("told.no_needs", read=found.read)]
    events = _told(found.events, cat) or [cat.t("told.no_events", read=found.read)]
    return [cat.t("told.needs"), *needs, cat.t("told.events"), *events]


def _told(found: Sequence[Told], cat: Catalogue) -> list[str]:
    lines = [told_line(one, cat) for one in found[:SHOWN]]
    return lines + ([cat.t("told.more", n=len(found) - SHOWN)] if len(found) > SHOWN else [])


def told_line(one: Told, cat: Catalogue) -> str:
    """One need or life event: what, about what, in which words, when and where."""
    day = moment(one.created).strftime("%Y-%m-%d") if one.created else "?"
    if one.kind == "event":
        return cat.t("told.event", name=named(one, cat), quote=one.quote, day=day, post=one.post)
    return cat.t(
        "told.need", kind=cat.t(f"told.kind.{one.kind}"), name=named(one, cat),
        quote=one.quote, day=day, post=one.post, score=one.score,
    )  # fmt: skip


def named(one: Told, cat: Catalogue) -> str:
    """The short name of a need or life event, with what it is about."""
    return cat.t(f"nlp.event.{one.name}") if one.kind == "event" else _need(one.name, one.about, cat)


def _need(name: str, about: str, cat: Catalogue) -> str:
    word = cat.t(f"nlp.need.{name}")
    return cat.t("told.about", name=word, about=about) if about else word


def score_lines(text: str, found: Explained, cat: Catalogue) -> list[str]:
    """A text and why it has its scores."""
    label = cat.t(f"label.{found.label}")
    lines = [cat.t("score.text", text=text), cat.t("score.sentiment", label=label, p=found.sentiment)]
    return [*lines, *feeling_lines(found.explain.sentiment, cat), *_findings(found.explain, cat)]


def feeling_lines(found: Feeling, cat: Catalogue) -> Iterator[str]:
    """The arithmetic of a sentiment: words and their log-odds, the sum, and the probability that follows."""
    if found.log_odds is None or found.rest is None:
        return
    for words, odds in found.pieces[:SHOWN]:
        yield cat.t("score.word", words=words, odds=odds)
    others = found.pieces[SHOWN:]
    if others:
        yield cat.t("score.other_words", n=len(others), odds=sum(odds for _, odds in others))
    yield cat.t("score.sum", rest=found.rest, sum=found.log_odds, p=found.p)
    if found.p_neutral is not None:
        yield cat.t("score.neutral", p=found.p_neutral)


def _findings(found: Explanation, cat: Catalogue) -> Iterator[str]:
    for need in found.needs:
        yield cat.t(
            "score.need", kind=cat.t(f"told.kind.{need.kind}"), name=_need(need.name, need.about, cat),
            quote=need.quote, score=need.score, rules=_weighed(need.rules),
        )  # fmt: skip
    for event in found.life_events:
        yield cat.t("score.event", name=cat.t(f"nlp.event.{event.name}"), quote=event.quote)
    for interest in found.interests:
        words = "、".join(interest.words)
        yield cat.t("score.interest", name=interest.name, score=interest.score, words=words)
    reasons = ((cat.t(f"nlp.spam.{name}"), weight) for name, weight in found.spam.reasons)
    key = "score.spam" if found.spam.reasons else "score.no_spam"
    yield cat.t(key, p=found.spam.p, base=found.spam.base, reasons=_weighed(reasons))


def _weighed(found: Iterable[tuple[str, float]]) -> str:
    return "、".join(f"{name} {weight:g}" for name, weight in found)
