"""The ladder, against a real server on loopback that plays each misbehaviour. All requests and posts are invented."""

from __future__ import annotations

import gzip
import json
import logging
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.llm.endpoint import GOOD, Asked, Endpoint, Say, bomb, error, good, text, tool
from xunke.chat import understand as offline
from xunke.clock import today as now
from xunke.i18n import messages
from xunke.llm import Understood, learned, settings, understand
from xunke.llm.settings import KeyPlace, Settings
from xunke.plan import Plan, Step, check, encode

TODAY = date(2026, 11, 22)
TEXT = "找成都聊露营的博主，最近一个月"
KEY = "sk-test-0123456789abcdefABCDEF"
WANTED = {
    "outcome": "run",
    "steps": [{"action": "find", "target": "people", "topics": ["露营"], "region": ["成都"], "since": "2026-10-23",
               "until": "2026-11-22"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PLANTED_KEY", KEY)


def of(server: Endpoint, **more: Any) -> Settings:
    given: dict[str, Any] = {"model": "m", "own": True, "deadline": 5.0, "key": KeyPlace("env", "PLANTED_KEY"), **more}
    return Settings(endpoint=server.url, **given)


def ask(server: Endpoint, sentence: str = TEXT, prev: tuple[str, Plan] | None = None, **more: Any) -> Understood:
    found = understand(sentence, today=TODAY, prev=prev, settings=of(server, **more))
    check(found.plan)
    assert all(key in messages() for key, _ in found.notes)
    assert KEY not in str(found)
    return found


def fell(found: Understood, key: str) -> None:
    """The offline parser's plan stands, and the user is told why."""
    assert found.by == "offline"
    assert encode(found.plan) == encode(offline(TEXT, today=TODAY))
    assert [k for k, _ in found.notes] == [key, "llm.by_parser"]


def test_a_server_that_can_everything_is_asked_once() -> None:
    with Endpoint(good) as server:
        found = ask(server)
    assert found.by == "model"
    assert found.rung == "tool"
    assert encode(found.plan) == WANTED
    assert server.rungs == ["tool"]
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.asked[0].path == "/v1/chat/completions"


REFUSALS: dict[str, tuple[set[str], Callable[[Asked], Say]]] = {
    "deepseek thinking": ({"tool"}, lambda a: error(400, "deepseek-reasoner does not support this tool_choice")),
    "vllm without a parser": ({"tool", "auto"}, lambda a: error(400, '"auto" tool choice requires --tool-call-parser')),
    "llama.cpp without jinja": ({"tool", "auto"}, lambda a: error(500, "tools param requires --jinja flag")),
    "no schema": ({"tool", "auto", "schema"}, lambda a: error(400, "json_schema is unsupported")),
    "text only": ({"tool", "auto", "schema", "json"}, lambda a: error(422, "extra fields not permitted")),
    "an error in a 200": ({"tool"}, lambda a: Say(data={"error": {"message": "tool_choice not supported"}})),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_an_endpoint_cannot_do_is_learnt(name: str) -> None:
    cannot, refusal = REFUSALS[name]
    with Endpoint(lambda a: refusal(a) if a.rung in cannot else good(a)) as server:
        first, second = ask(server), ask(server)
        rung = next(r for r in learned.RUNGS if r not in cannot)
        assert first.rung == second.rung == rung
        assert encode(first.plan) == encode(second.plan) == WANTED
        assert server.rungs == [r for r in learned.RUNGS if r in cannot] + [rung, rung]
        assert ask(server, model="another").by == "model"  # learnt for each model
        assert server.rungs[-len(cannot) - 1] == "tool"


def test_what_was_learnt_is_forgotten_after_a_while() -> None:
    with Endpoint(good) as server:
        mine = of(server)
        learned.learn(mine, learned.Lesson("plain", date(2026, 1, 1)))
        assert learned.of(mine, date(2026, 1, 10)) == learned.Lesson("plain", date(2026, 1, 1))
        assert learned.of(mine, date(2026, 2, 1)) is None
        assert learned.of(mine, date(2025, 12, 31)) is None  # a clock that was wrong
        assert ask(server).rung == "tool"


def test_a_rung_that_no_longer_holds_is_forgotten() -> None:
    with Endpoint(lambda a: error(400, "response_format is gone")) as server:
        mine = of(server)
        learned.learn(mine, learned.Lesson("json", now()))
        fell(ask(server), "llm.refused")
        assert learned.of(mine, now()) is None


PLAN = json.dumps(GOOD, ensure_ascii=False)
FORMS: dict[str, Say] = {
    "prose around it": text(f"好的，计划如下：\n{PLAN}\n请确认。"),
    "a fence": text(f"```json\n{PLAN}\n```"),
    "thoughts": text(f'<think>先想 {{"outcome": "refuse"}}</think>{PLAN}'),
    "thoughts whose beginning was lost": text(f"这样吧</think>\n{PLAN}"),
    "content in parts": text([{"type": "text", "text": PLAN[:20]}, {"type": "text", "text": PLAN[20:]}]),
    "no calls, but a text": text(PLAN),
    "arguments as an object": tool(GOOD),
    "single quotes and trailing commas": text(str(GOOD).replace("]", ",]")),
    "the call as text": text(json.dumps({"name": "plan", "arguments": GOOD}, ensure_ascii=False)),
    "arguments as text in text": text(json.dumps({"name": "plan", "arguments": PLAN}, ensure_ascii=False)),
    "nothing as null": text(json.dumps({**GOOD, "refuse": [], "clarify": None}, ensure_ascii=False)),
    "the same plan twice": text(f"{PLAN}\n再说一遍：{PLAN}"),
    "another object beside it": text(f'{{"confidence": 0.9}} {PLAN}'),
    "the wrong content type": Say(
        data={"choices": [{"message": {"content": PLAN}}]}, headers={"Content-Type": "text/html"}
    ),
    "the old function_call": Say(data={"choices": [{"message": {"function_call": {"name": "p", "arguments": PLAN}}}]}),
    "packed": Say(
        data=gzip.compress(msgspec.json.encode({"choices": [{"message": {"content": PLAN}}]})),
        headers={"Content-Encoding": "gzip"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_an_answer(name: str) -> None:
    with Endpoint(lambda _: FORMS[name]) as server:
        found = ask(server)
    assert found.by == "model"
    assert encode(found.plan) == WANTED
    assert server.rungs == ["tool"]


def steps(*listed: Any, **more: Any) -> str:
    return json.dumps({"outcome": "run", "steps": list(listed), **more}, ensure_ascii=False)


FIND = {"action": "find", "target": "people", "topics": ["露营"]}
BAD: dict[str, Say] = {
    "unknown action": tool(steps({"action": "send_message", "target": "people"})),
    "unknown slot": tool(steps({**FIND, "phone": "yes"})),
    "extra keys": tool(steps(FIND, note="hi")),
    "wrong type": tool(steps({**FIND, "followers_min": {"a": 1}})),
    "limit -1": tool(steps({**FIND, "limit": -1})),
    "limit a billion": tool(steps({**FIND, "limit": 10**9})),
    "500 steps": tool(steps(*[FIND] * 500)),
    "no steps": tool('{"outcome": "run"}'),
    "codes and run": tool(steps(FIND, refuse=["minors"])),
    "a date of its own": tool(steps({**FIND, "when": "2026-10-23到2026-11-22"})),
    "days instead of words": tool(steps({**FIND, "since": "2026-10-23", "until": "2026-11-22"})),
    "a time that is none": tool(steps({**FIND, "when": "在成都"})),
    "cut off": text(PLAN[:-10]),
    "cut off in a fence": text(f"```json\n{PLAN[:-2]}\n```\n以上。"),
    "cut off by length": text(PLAN, finish="length"),
    "two plans": text(PLAN + steps({**FIND, "region": ["上海"]})),
    "slot of another action": tool(steps({"action": "undo", "limit": 3})),
    "a word too long": tool(steps({**FIND, "topics": ["长" * 501]})),
    "steps that are no objects": tool(steps("find", "export")),
    "a plan in a list of lists": tool('{"steps": [[{"action": "find"}]]}'),
    "not a number": tool('{"outcome": "run", "steps": [{"action": "find", "topics": ["a"], "limit": NaN}]}'),
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_invalid_is_ever_used(name: str) -> None:
    with Endpoint(lambda _: BAD[name]) as server:
        found = ask(server)
    fell(found, "llm.invalid")
    assert server.rungs == ["tool", "tool"]  # one re-ask
    again = server.asked[1].json["messages"]
    assert again[-1]["role"] == "user"
    assert again[-1]["content"] != server.asked[0].json["messages"][-1]["content"]


@pytest.mark.parametrize("name", BAD)
def test_a_second_answer_may_put_it_right(name: str) -> None:
    with Endpoint(lambda a: good(a) if len(a.json["messages"]) > 2 else BAD[name]) as server:
        found = ask(server)
    assert found.by == "model"
    assert encode(found.plan) == WANTED
    assert len(server.asked) == 2


def test_the_validators_words_are_told() -> None:
    with Endpoint(lambda _: tool(steps({**FIND, "limit": -1}))) as server:
        ask(server)
    assert "limit is out of range" in server.asked[1].json["messages"][-1]["content"]


@pytest.mark.parametrize("answer", [text(""), text(None), text("我觉得可以试试小红书。"), text("<think>嗯……")])
def test_prose_goes_down_to_the_parser(answer: Say) -> None:
    with Endpoint(lambda _: answer) as server:
        found = ask(server)
    fell(found, "llm.invalid")
    assert server.rungs == [*learned.RUNGS, "plain"]


ENDS: dict[str, tuple[Callable[[Asked], Say], str]] = {
    "401": (lambda a: error(401, f"Incorrect API key provided: {KEY}"), "llm.unauthorised"),
    "402": (lambda a: error(402, "Insufficient Balance"), "llm.unpaid"),
    "403": (lambda a: error(403, "no access"), "llm.unauthorised"),
    "404": (lambda a: error(404, "model 'm' not found"), "llm.not_found"),
    "no such model": (lambda a: error(400, "The model `m` does not exist"), "llm.refused"),
    "429 for an hour": (lambda a: error(429, "slow down", Retry_After="3600"), "llm.limited"),
    "500": (lambda a: error(500, "oops"), "llm.server"),
    "502 html": (lambda a: Say(502, b"<html>bad gateway</html>"), "llm.server"),
    "html": (lambda a: Say(200, b"<html>log in</html>", {"Content-Type": "text/html"}), "llm.broken"),
    "empty": (lambda a: Say(200, b""), "llm.broken"),
    "null": (lambda a: Say(200, None), "llm.broken"),
    "no choices": (lambda a: Say(200, {"choices": []}), "llm.broken"),
    "choices of nonsense": (lambda a: Say(200, {"choices": ["x"]}), "llm.broken"),
    "cut": (lambda a: Say(200, good(a).data, cut=30), "llm.cut"),
    "huge": (lambda a: Say(200, b'{"a": "' + b"x" * (3 << 20) + b'"}'), "net.too_big"),
    "bomb": (lambda a: Say(200, bomb(50), {"Content-Encoding": "gzip"}), "net.too_big"),
    "broken gzip": (lambda a: Say(200, b"\x1f\x8bnothing", {"Content-Encoding": "gzip"}), "llm.cut"),
    "unknown coding": (lambda a: Say(200, b"x", {"Content-Encoding": "br"}), "llm.broken"),
    "deep": (lambda a: Say(200, b'{"a":' * 50_000), "llm.broken"),
}


@pytest.mark.parametrize("name", ENDS)
def test_failures_end_at_the_parser_with_a_reason(name: str) -> None:
    answer, key = ENDS[name]
    with Endpoint(answer) as server:
        begun = time.monotonic()
        fell(ask(server), key)
        assert time.monotonic() - begun < 4
        assert len(server.asked) == 1


@pytest.mark.parametrize("say", [Say(pause=30), Say(200, good, drip=0.05)], ids=["silence", "slow drip"])
def test_the_deadline_is_for_the_whole(say: Say) -> None:
    def answer(asked: Asked) -> Say:
        return say if say.pause else Say(200, good(asked).data, drip=say.drip)

    with Endpoint(answer) as server:
        begun = time.monotonic()
        fell(ask(server, deadline=1.0), "llm.silent")
        assert time.monotonic() - begun < 2.5


def test_a_short_limit_is_waited_for() -> None:
    answers = [error(429, "slow down", Retry_After="0.3"), error(503, "loading model"), None]
    with Endpoint(lambda a: answers.pop(0) or good(a)) as server:
        begun = time.monotonic()
        found = ask(server)
    assert found.by == "model"
    assert time.monotonic() - begun >= 1.3
    assert server.rungs == ["tool"] * 3


def test_a_model_that_takes_no_temperature() -> None:
    with Endpoint(
        lambda a: error(400, "Unsupported value: 'temperature'") if "temperature" in a.json else good(a)
    ) as server:
        assert ask(server).rung == "tool"
    assert server.rungs == ["tool", "tool"]


def test_nobody_at_home() -> None:
    with Endpoint(good) as server:
        pass
    fell(ask(server), "llm.no_connection")


def test_no_redirect_takes_the_key_elsewhere() -> None:
    with (
        Endpoint(good) as other,
        Endpoint(lambda a: Say(307, None, {"Location": f"{other.url}/chat/completions"})) as server,
    ):
        fell(ask(server), "llm.redirect")
        assert not other.asked
    with Endpoint(lambda a: Say(302, None, {"Location": "/v1/chat/completions"})) as server:
        fell(ask(server), "llm.redirect")
    with Endpoint(lambda a: Say(308, None, {"Location": "/v1/chat/completions"})) as server:
        fell(ask(server), "llm.redirect")
        assert len(server.asked) == 4
    moved = "/other/chat/completions"
    with Endpoint(lambda a: good(a) if a.path == moved else Say(307, None, {"Location": moved})) as server:
        assert ask(server).by == "model"


def test_the_endpoint_names_its_model_where_the_user_did_not() -> None:
    def answer(asked: Asked) -> Say:
        return Say(data={"object": "list", "data": [{"id": "qwen-x:4b"}]}) if asked.method == "GET" else good(asked)

    with Endpoint(answer) as server:
        found = ask(server, model=None)
        assert found.notes[0][1]["model"] == "qwen-x:4b"
        assert ask(server, model=None).by == "model"
    assert [a.method for a in server.asked] == ["GET", "POST", "POST"]
    assert server.asked[1].json["model"] == "qwen-x:4b"
    with Endpoint(lambda a: Say(404, None)) as server:
        fell(ask(server, model=None), "llm.no_model")


def test_local_only_calls_nothing_else() -> None:
    with Endpoint(good) as server:
        assert ask(server, local_only=True).by == "model"
        fell(ask(server, local_only=True, own=False), "llm.not_local")
        assert len(server.asked) == 1
        fell(ask(server, own=False), "net.private")  # not by the user's word
        assert len(server.asked) == 1
    remote = Settings(endpoint="https://llm.example/v1", model="m", local_only=True, own=True)
    fell(understand(TEXT, today=TODAY, settings=remote), "llm.not_local")


def test_a_missing_key_is_told_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANTED_KEY")
    with Endpoint(good) as server:
        fell(ask(server), "llm.no_key")
        assert not server.asked


def test_policy_is_the_same_after_a_model() -> None:
    with Endpoint(good) as server:
        refused = ask(server, "给这些人群发私信")
        assert refused.by == "offline"
        assert refused.plan.outcome == "refuse"
        assert not server.asked, "what is refused anyway is not sent"
        partial = ask(server, "找成都聊露营的博主，最近一个月，然后自动给他们群发私信")
        assert partial.plan.outcome == "partial"
        assert partial.plan.refuse == ("mass_contact",)
        assert "私信" not in server.asked[0].json["messages"][-1]["content"]
    inside = {
        "outcome": "run",
        "steps": [{"action": "connect", "platforms": ["mastodon"], "instance": "http://10.0.0.1"}],
    }
    with Endpoint(lambda _: tool(inside)) as server:
        assert ask(server, "接入我的长毛象").plan.refuse == ("unsafe_address",)
    young = {"outcome": "run", "steps": [{"action": "find", "target": "people", "age_max": 12}]}
    with Endpoint(lambda _: tool(young)) as server:
        assert ask(server, "找小学生").plan.outcome == "refuse"


def test_a_pasted_key_is_neither_sent_nor_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Endpoint(good) as server:
        found = ask(server, f"接上deepseek，key是{KEY}")
        assert not server.asked
    assert found.notes[0][0] == "llm.secret"
    assert KEY not in caplog.text


def test_the_key_is_in_no_log_and_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Endpoint(lambda a: error(401, f"bad key {KEY}")) as server:
        settings.connect(server.url, model="m", key=KeyPlace("env", "PLANTED_KEY"))
        found = understand(TEXT, today=TODAY, settings=settings.active())
    assert found.notes[0][0] == "llm.unauthorised"
    assert KEY not in caplog.text
    assert KEY not in str(found.notes)
    kept = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert kept
    assert not [p for p in kept if KEY.encode() in p.read_bytes()]


def test_the_turn_before_goes_without_names_that_were_not_typed() -> None:
    prev = Plan(outcome="run", steps=(msgspec.convert(
        {"action": "history", "accounts": ["秘密的林小鹿", "阿杜"], "since": "2026-10-24", "until": "2026-11-22"},
        Step,
    ),))  # fmt: skip

    def answer(asked: Asked) -> Say:
        before = asked.json["messages"][-1]["content"]
        assert "阿杜" in before
        return tool({"outcome": "run", "steps": [{"action": "history", "accounts": ["[1]", "阿杜"], "when": "今年"}]})

    with Endpoint(answer) as server:
        found = ask(server, "改成今年以来", prev=("阿杜和第三个人的互动史", prev))
    assert "林小鹿" not in server.received
    assert found.plan.steps[0].accounts == ("秘密的林小鹿", "阿杜")
    assert found.plan.steps[0].since == date(2026, 1, 1)


def test_a_model_keeps_the_time_of_the_turn_before() -> None:
    prev = offline("找成都聊露营的博主，国庆期间", today=TODAY)

    def answer(asked: Asked) -> Say:
        sent = asked.json["messages"][-1]["content"]
        before = json.loads(sent[sent.index("{") : sent.rindex("}") + 1])
        return tool({"outcome": "run", "steps": [{**before["steps"][0], "region": ["重庆"]}]})

    with Endpoint(answer) as server:
        found = ask(server, "换成重庆", prev=("找成都聊露营的博主，国庆期间", prev))
    assert found.plan.steps[0].region == ("重庆",)
    assert (found.plan.steps[0].since, found.plan.steps[0].until) == (prev.steps[0].since, prev.steps[0].until)


def test_a_long_request_is_cut_as_offline() -> None:
    sentence = TEXT + "，" + "再说一句" * 400 + "尾巴尾巴"
    with Endpoint(good) as server:
        found = ask(server, sentence)
    assert "尾巴" not in server.received
    assert found.by == "model"
    assert found.plan.unparsed


@pytest.mark.parametrize("sentence", ["什么是RFM", "接上本地的ollama", "撤销", "帮助"])
def test_what_is_about_xunke_itself_is_not_asked(sentence: str) -> None:
    with Endpoint(good) as server:
        assert ask(server, sentence).by == "offline"
        assert not server.asked


@pytest.mark.parametrize("sentence", ["", "   ", "?", "？！。", "\u200b", "​" * 50])
def test_nothing_is_asked_about_nothing(sentence: str) -> None:
    with Endpoint(good) as server:
        assert ask(server, sentence).plan.outcome == "clarify"
        assert not server.asked


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Endpoint(good) as server:
        assert ask(server).by == "model"
    assert os.environ["http_proxy"]
