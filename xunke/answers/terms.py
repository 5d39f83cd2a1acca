"""什么是RFM: the glossary, as an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from xunke import glossary
from xunke.errors import NeedsAnswer
from xunke.events import Answer, Event, Sentence
from xunke.plan import Step

from .common import sentence

if TYPE_CHECKING:
    from xunke.engine import Engine, Session


def of(word: str) -> list[Sentence]:
    """What a term means, or that it is not known, with near ones."""
    term = glossary.find(word)
    if term is not None:
        return [sentence("answer.term", term=term.id), sentence("answer.term.used", term=term.id)]
    near = [other.id for other in glossary.near(word)]
    return [sentence("answer.term.near" if near else "answer.term.unknown", term="", said=word, near=near,
                     n=len(glossary.terms()))]  # fmt: skip


async def term(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The answer."""
    if not step.topic:
        raise NeedsAnswer("clarify.subject")
    yield Answer("term", of(step.topic), index)
