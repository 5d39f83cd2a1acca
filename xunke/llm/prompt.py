"""What is sent to a model: the schema, read off ``xunke.plan``; its meaning, from guide.toml; the request; the
plan before it. Nothing else: no post, no person, no day."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from xunke.plan import FILTERS, SLOTS, Plan

from .shape import COMPUTED, Request

TOOL: Final = "plan"
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
_NOISE: Final = frozenset({"title", "description", "default"})


@cache
def guide() -> dict[str, Any]:
    """guide.toml."""
    return tomllib.loads((files(__package__) / "guide.toml").read_text("utf-8"))


def _simple(entry: Any) -> Any:
    """A JSON schema without titles, defaults and null: small servers know only the plainest form."""
    if isinstance(entry, list):
        return [_simple(e) for e in entry]
    if not isinstance(entry, dict):
        return entry
    if "anyOf" in entry:
        return _simple(next(e for e in entry["anyOf"] if e.get("type") != "null"))
    if "prefixItems" in entry:  # tuples: not every server's schema knows them
        return {"type": "array", "items": {}}
    out = {name: _simple(value) for name, value in entry.items() if name not in _NOISE}
    if "enum" in out:
        out.setdefault("type", "string")
    return out


@cache
def schema() -> dict[str, Any]:
    """The plan in the model's form as a JSON schema, without references."""
    parts = msgspec.json.schema(Plan)["$defs"]
    step, plan = parts["Step"]["properties"], parts["Plan"]["properties"]
    slots = {name: _simple(entry) for name, entry in step.items() if name not in COMPUTED}
    slots |= {"when": {"type": "string"}, "born": {"type": "string"}, "until": {"type": "string"}, "periods": _TEXTS}
    for name, meaning in guide()["slots"].items():
        if name in slots:
            slots[name] = {**slots[name], "description": meaning}
    one = {"type": "object", "properties": slots, "required": ["action"], "additionalProperties": False}
    top = {name: _simple(plan[name]) for name in ("outcome", "refuse", "clarify")}
    return {
        "type": "object",
        "properties": {"outcome": top["outcome"], "steps": {"type": "array", "items": one}, "refuse": top["refuse"],
                       "clarify": top["clarify"]},
        "required": ["outcome", "steps"],
        "additionalProperties": False,
    }  # fmt: skip


@cache
def _action_lines() -> str:
    """Every action with its slots."""
    actions = guide()["actions"]
    filters = [*sorted(FILTERS - COMPUTED), "born", "when"]
    lines = [f"FILTERS = {' '.join(filters)}", "Actions and their slots"]
    for action, allowed in SLOTS.items():
        own = ["FILTERS"] if allowed >= FILTERS else ["when"] if "since" in allowed else []
        own += sorted(allowed - COMPUTED - (FILTERS if allowed >= FILTERS else set()))
        own += ["until"] if action == "schedule" else []
        lines.append(f"- {action}: {actions.get(action, '')} [{' '.join(own)}]")
    return "\n".join(lines)


@cache
def _slot_lines() -> str:
    """Every slot with its values and meaning, for a model that sees no schema."""
    means = guide()["slots"]
    slots = schema()["properties"]["steps"]["items"]["properties"]
    lines = [f"- {name}: {_type(e)} {means.get(name, '')}".rstrip() for name, e in slots.items() if name != "action"]
    return "\n".join(["Slots", *lines])


def _type(entry: dict[str, Any]) -> str:
    if entry.get("type") == "array":
        return f"[{_type(entry.get('items') or {})}]"
    return "|".join(entry["enum"]) if "enum" in entry else str(entry.get("type", "value"))


@cache
def system(*, slots: bool = True) -> str:
    """The unchanging part: rules, actions, ``slots`` where no tool tells them, examples."""
    shown = "\n".join(f"Request: {e['request']}\n{e['plan']}" for e in guide()["examples"])
    parts = [guide()["text"].strip(), _action_lines(), *([_slot_lines()] if slots else []), f"Examples\n{shown}"]
    return "\n\n".join(parts)


def messages(asked: Request, rung: str) -> list[dict[str, str]]:
    """The talk that opens a request. Tools bring the slots with them; small contexts have no room for both."""
    before = ""
    if asked.prev is not None:
        before = f"{guide()['previous']}\n{msgspec.json.encode(asked.prev).decode()}\n\n"
    return [
        {"role": "system", "content": system(slots=rung not in ("tool", "auto"))},
        {"role": "user", "content": f"{before}Request: {asked.text}"},
    ]


def again(problem: str) -> dict[str, str]:
    """The one re-ask, with what the validator said."""
    return {"role": "user", "content": guide()["again"].format(problem=problem[:300])}


def offer(rung: str) -> dict[str, Any]:
    """What one rung of the ladder adds to a request."""
    tool = {"type": "function", "function": {"name": TOOL, "description": "the plan", "parameters": schema()}}
    match rung:
        case "tool":
            return {"tools": [tool], "tool_choice": {"type": "function", "function": {"name": TOOL}}}
        case "auto":
            return {"tools": [tool], "tool_choice": "auto"}
        case "schema":
            form = {"name": TOOL, "schema": schema()}
            return {"response_format": {"type": "json_schema", "json_schema": form}}
        case "json":
            return {"response_format": {"type": "json_object"}}
        case _:
            return {}
