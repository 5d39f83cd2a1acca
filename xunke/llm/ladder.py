"""From a request to a valid plan by a model: rung by rung, each answer checked, one re-ask, all within a deadline.

A named tool, tools to choose from, a JSON schema, JSON mode, JSON asked for in words. Which rung an endpoint can
stand on is learnt; below the last one is the offline parser (``xunke.llm``).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any, Final

from collectors.pacing import retry_after
from xunke.clock import today
from xunke.errors import BadInput
from xunke.plan import Plan

from . import extract, learned, prompt
from .learned import RUNGS, Lesson, Rung
from .post import Endpoint, Failure, Reply
from .settings import Settings
from .shape import Request, plan_of

_WAITS: Final = 2
_SHOWN: Final = 4_000
_ABOUT_RUNG: Final = re.compile(
    r"tool|function|response_?format|json|schema|grammar|jinja|thinking|structured|not support|unsupported",
    re.IGNORECASE,
)
_ABOUT_ALL: Final = re.compile(
    r"model\W.{0,80}(?:not found|not exist|does not|no such|不存在)|(?:no such|unknown|invalid) model|模型不存在"
    r"|context.{0,20}(?:length|window|size)|too (?:long|many tokens)|quota|balance|arrear|欠费|余额",
    re.IGNORECASE,
)
_STATUS: Final = {401: "llm.unauthorised", 403: "llm.unauthorised", 402: "llm.unpaid", 404: "llm.not_found"}


async def climb(asked: Request, settings: Settings, model: Endpoint, ends: float) -> tuple[Plan, Rung, str]:
    """(plan, the rung that gave it, the model's name). ``ends``: when the loop's clock says that time is up.

    Raises Failure. The plan is valid by ``xunke.plan.check``; policy has not seen it yet.
    """
    known = learned.of(settings, today())
    name = settings.model or (known.model if known else None) or await _first_model(model, ends)
    talk = _Talk(asked, name, model, ends)
    start = RUNGS.index(known.rung) if known else 0
    why = Failure("llm.no_plan", host=model.host)
    for rung in RUNGS[start:]:
        try:
            plan = await talk.on(rung)
        except Failure as failure:
            if known and failure.key in ("llm.not_found", "llm.refused"):
                learned.forget(settings)  # the model that it listed then may be another now
            raise
        except _Below as below:
            why = below.why
            continue
        learned.learn(settings, Lesson(rung, today(), None if settings.model else name))
        return plan, rung, name
    if known:
        learned.forget(settings)  # what worked does no longer: next time from the top
    raise why


class _Below(Exception):
    """This rung does not hold; ``why`` is what to say if none below does."""

    def __init__(self, why: Failure) -> None:
        self.why = why


class _Talk:
    """One request's exchanges with a model."""

    def __init__(self, asked: Request, name: str, model: Endpoint, ends: float) -> None:
        self._asked, self._name, self._model, self._ends = asked, name, model, ends
        self._extra: dict[str, Any] = {"temperature": 0}
        self._again = False

    async def on(self, rung: Rung) -> Plan:
        """The plan on this rung. Raises _Below to go on with the next one, Failure to end."""
        messages: list[dict[str, Any]] = list(prompt.messages(self._asked, rung))
        while True:
            message, cut = self._message(await self._send(rung, messages), rung)
            problem = "the answer was cut off" if cut else None
            if problem is None:
                try:
                    return self._plan(message)
                except BadInput as error:
                    problem = str(error.params.get("detail", ""))
            if not extract.began(message) and rung != RUNGS[-1] and not cut:
                raise _Below(Failure("llm.no_plan", host=self._model.host))
            if self._again:
                raise Failure("llm.invalid", host=self._model.host, detail=problem[:160])
            self._again = True
            messages += [
                {"role": "assistant", "content": extract.spoken(message)[:_SHOWN] or "…"},
                prompt.again(problem),
            ]

    def _plan(self, message: object) -> Plan:
        """The one valid plan that an answer offers. Raises BadInput with what is wrong."""
        found: list[Plan] = []
        first: BadInput | None = None
        for offered in extract.objects(message):
            try:
                plan = plan_of(offered, self._asked)
            except BadInput as error:
                first = first or error
                continue
            if plan not in found:
                found.append(plan)
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput("plan.invalid", detail="more than one plan")
        raise first or BadInput("plan.invalid", detail="no whole JSON object")

    def _message(self, reply: Reply, rung: Rung) -> tuple[Mapping[str, Any], bool]:
        """(the message of the first choice, whether it was cut off)."""
        data = reply.data
        if isinstance(data, Mapping) and data.get("error") and "choices" not in data:
            self._refused(Reply(400, reply.headers, data, reply.said), rung)  # an error inside a 200
        choices = data.get("choices") if isinstance(data, Mapping) else None
        choice = choices[0] if isinstance(choices, list) and choices else None
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if not isinstance(choice, Mapping) or not isinstance(message, Mapping):
            raise Failure("llm.broken", host=self._model.host)
        return message, choice.get("finish_reason") == "length"

    async def _send(self, rung: Rung, messages: list[dict[str, Any]]) -> Reply:
        waited = 0
        while True:
            payload = {"model": self._name, "messages": messages, "stream": False, **self._extra, **prompt.offer(rung)}
            reply = await self._model.chat(payload)
            if reply.status == 200:
                return reply
            if reply.status in (429, 503):
                await self._wait(reply, waited)
                waited += 1
            elif reply.status in (400, 422) and self._extra and "temperature" in reply.said:
                self._extra = {}
            else:
                self._refused(reply, rung)

    async def _wait(self, reply: Reply, waited: int) -> None:
        """Wait as the server says, if that leaves time to ask again."""
        told = retry_after(reply.headers, time.time())
        seconds = max(told if told is not None else 1.0 + waited, 0.1)
        if waited >= _WAITS or asyncio.get_running_loop().time() + seconds >= self._ends:
            key = "llm.limited" if reply.status == 429 else "llm.server"
            raise Failure(key, host=self._model.host, status=reply.status, said=reply.said)
        await asyncio.sleep(seconds)

    def _refused(self, reply: Reply, rung: Rung) -> None:
        """An error: something that this rung cannot do, or the end."""
        status, said = reply.status, reply.said
        failure = Failure(
            _STATUS.get(status, "llm.server" if status >= 500 else "llm.refused"),
            host=self._model.host, status=status, said=said, model=self._name,
        )  # fmt: skip
        able = status in (400, 415, 422, 501) or (status in (404, 500) and _ABOUT_RUNG.search(said))
        if able and not _ABOUT_ALL.search(said):
            raise _Below(failure)
        raise failure


async def _first_model(model: Endpoint, ends: float) -> str:
    """The first model that an endpoint lists, where the user named none."""
    reply = await model.models()
    listed = reply.data.get("data") if isinstance(reply.data, Mapping) else None
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str) and 0 < len(entry["id"]) <= 200:
            return str(entry["id"])
    if reply.status != 200 and reply.status in _STATUS and reply.status != 404:
        raise Failure(_STATUS[reply.status], host=model.host, status=reply.status, said=reply.said, model="")
    raise Failure("llm.no_model", host=model.host)
