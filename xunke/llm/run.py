"""One request: what need not be asked, the model, the same policy as ever, and what to say if it failed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from xunke import chat
from xunke.chat import policy
from xunke.chat.normalize import MAX_TEXT, fold
from xunke.errors import XunkeError
from xunke.plan import Plan
from xunke.secrets import MASK, looks_like_secret, mask
from xunke.text import clean

from . import Note, Understood
from .settings import Settings, read_key


async def run(
    text: str, *, today: date, prev: tuple[str, Plan] | None, names: Mapping[str, str] | None = None, settings: Settings
) -> Understood:
    """See ``xunke.llm.understand_with``."""
    if looks_like_secret(text) or MASK in text:  # a masked one may have been seen only in part
        return _noted(chat.understand(mask(text), today=today, prev=prev, names=names), ("llm.secret", {}))
    offline, sent = chat.understand(text, today=today, prev=prev, names=names), _to_send(text)
    if sent is None or _at_hand(offline):
        return Understood(offline, "offline")
    try:
        plan, rung, name = await _ask(sent, today, prev, settings)
    except XunkeError as error:
        return _noted(offline, (error.key, dict(error.params)))
    except Exception as error:  # noqa: BLE001 - whatever a server makes us stumble over, the parser still stands
        return _noted(offline, ("llm.unexpected", {"detail": type(error).__name__}))
    plan = policy.review(plan, fold(text))
    if (rest := clean(text)[MAX_TEXT:][:200]) and plan.steps:
        plan = msgspec.structs.replace(plan, unparsed=(*plan.unparsed, rest))
    return Understood(plan, "model", rung, (("llm.by_model", {"model": name, "rung": rung}),))


_AT_HAND: Final = frozenset({"connect", "explain", "help", "undo", "work"})
"""What is about Xunke itself, what it shows and what is done with people it found: the parser knows these by form, and
a model, which may be the very thing that is to be changed, has no say in them."""


def _at_hand(plan: Plan) -> bool:
    return bool(plan.steps) and all(step.action in _AT_HAND for step in plan.steps)


def _to_send(text: str) -> str | None:
    """The part of a request that a model is asked about: cut as the parser cuts it, without what is refused anyway.

    None if nothing is left: neither a refused request nor a row of question marks needs a model.
    """
    verdict = policy.scan(fold(text))
    sent = verdict.rest if verdict.codes else clean(text)[:MAX_TEXT].strip()
    return sent if any(char.isalnum() for char in sent) else None


async def _ask(sent: str, today: date, prev: tuple[str, Plan] | None, settings: Settings) -> tuple[Plan, str, str]:
    from . import ladder, shape
    from .post import Endpoint, Failure

    if settings.local_only and not settings.own:
        raise Failure("llm.not_local", host=settings.endpoint)
    key = await asyncio.to_thread(read_key, settings.key)
    if key is None and settings.key.kind != "none":
        raise Failure("llm.no_key")
    asked = shape.request(sent, today, prev)
    ends = asyncio.get_running_loop().time() + settings.deadline
    async with Endpoint(settings, key) as model:
        try:
            async with asyncio.timeout_at(ends):
                return await ladder.climb(asked, settings, model, ends)
        except TimeoutError:
            raise Failure("llm.silent", host=model.host, seconds=round(settings.deadline)) from None


def _noted(plan: Plan, why: Note) -> Understood:
    """The parser's plan, and why it is not the model's."""
    return Understood(plan, "offline", "", (why, ("llm.by_parser", {})))
