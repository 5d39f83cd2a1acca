"""The message catalogue: both languages, the same parameters, and every key that the code names."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from nlp.types import Label
from tests.house.files import ROOT, calls, code, nodes, shown
from xunke import export, plan
from xunke.cli.parser import LATER
from xunke.i18n import LANGS, messages, packed, packed_name
from xunke.model import INTERACTION_KINDS
from xunke.storage.schema import KINDS

FOLDER = ROOT / "xunke" / "i18n"
ERRORS = {
    "XunkeError", "UsageError", "BadInput", "PolicyRefused", "NeedsAnswer", "StorageError", "CollectorError",
    "NeedsLogin", "Blocked", "BadQuery", "Gone", "BrokenAnswer",
}  # fmt: skip
SAYS = ERRORS | {"Retry", "Warned", "Done", "Failed"}


def fields(text: str) -> set[str]:
    """The parameters of a text. Raises ValueError if it is no format string."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _wrong(entry: dict[str, str]) -> str | None:
    if set(entry) != set(LANGS):
        return "other languages than both"
    if not all(text.strip() for text in entry.values()):
        return "an empty text"
    if fields(entry["zh"]) != fields(entry["en"]):
        return "other parameters in one language than in the other"
    if not all(name.isidentifier() for name in fields(entry["zh"])):
        return "a parameter without a name"
    return "an escape character" if any("\x1b" in text for text in entry.values()) else None


def test_both_languages_with_the_same_parameters() -> None:
    assert len(messages()) > 3000
    assert not {key: wrong for key, entry in messages().items() if (wrong := _wrong(entry)) is not None}


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"zh": "有"}, "languages"), ({"zh": "有", "en": " "}, "empty"),
        ({"zh": "{n}", "en": "{m}"}, "parameters"),
        ({"zh": "{}", "en": "{}"}, "name"), ({"zh": "\x1b", "en": "x"}, "escape"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_message_is_seen(entry: dict[str, str], wrong: str) -> None:
    assert wrong in (_wrong(entry) or "")


def test_packed_and_as_toml_they_are_the_same() -> None:
    assert packed(), "training/make_conditions.py writes them"
    read = {
        name: text
        for path in sorted(FOLDER.glob("*.toml"))
        for name, text in tomllib.loads(path.read_text("utf-8")).items()
    }
    assert messages() == read


def test_an_edited_file_is_not_taken_from_the_packed_ones() -> None:
    raw = (FOLDER / "core.toml").read_bytes()
    assert packed_name("core", raw + b"# edited") not in packed()


def test_no_key_twice() -> None:
    seen: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for key in tomllib.loads(path.read_text("utf-8")):
            assert key not in seen, f"{key}: {path.name} and {seen[key]}"
            seen[key] = path.name


def _literals(call: ast.Call) -> Iterator[str]:
    """The message keys that a call may take: a literal, or either side of ``a if b else c``."""
    waiting: list[ast.expr] = [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("key", "code"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _named() -> Iterator[tuple[str, str, str, ast.Call]]:
    for path in code():
        for name, call in calls(path):
            short = name.rpartition(".")[2]
            if short in SAYS or (short == "t" and name != ".t") or name == ".t":
                for key in _literals(call):
                    yield f"{shown(path)}:{call.lineno}", short, key, call


def test_every_key_in_a_call_exists() -> None:
    unknown = [f"{where} {key}" for where, _, key, _ in _named() if key not in messages()]
    assert not unknown


def test_every_string_that_looks_like_a_key_exists() -> None:
    """Keys also stand in tables and tuples: whatever begins like a family of keys must be one, or be listed here."""
    families = {key.rpartition(".")[0] for key in messages()}
    unknown = set()
    for path in code():
        parts = {id(p) for n in nodes(path) if isinstance(n, ast.JoinedStr) for p in n.values}
        for node in nodes(path):
            if id(node) not in parts and isinstance(node, ast.Constant) and isinstance(node.value, str):
                family, _, last = node.value.rpartition(".")
                if family in families and last.isidentifier() and node.value not in messages():
                    unknown.add(f"{shown(path)} {node.value}")
    assert not {u for u in unknown if u.split()[1] not in NOT_KEYS and not u.endswith(".com")}


NOT_KEYS = {
    "campaign.close", "campaign.create", "campaign.delete", "campaign.strategy", "nlp.event", "nlp.need", "report.css",
    "bilibili.com", "demo.db", "douban.com", "list.create", "list.delete", "v2ex.com", "weibo.com", "zhihu.com",
}  # fmt: skip


def test_errors_are_raised_with_what_their_texts_show() -> None:
    lacking = []
    for where, name, key, call in _named():
        given = {k.arg for k in call.keywords}
        if name not in SAYS - {"Warned", "Done", "Failed"} or None in given or key not in messages():
            continue
        missing = fields(messages()[key]["zh"]) - given - ({"after"} if name == "Retry" else set())
        if missing:
            lacking.append(f"{where} {key} {sorted(missing)}")
    assert not lacking


def _commands() -> list[str]:
    return [key.removeprefix("cli.") for key in messages() if key.startswith("cli.")]


DYNAMIC: dict[str, tuple[Any, ...]] = {
    "refuse": get_args(plan.RefuseCode),
    "clarify": get_args(plan.ClarifyCode),
    "action": get_args(plan.Action),
    "work": get_args(plan.Work),
    "target": get_args(plan.Target),
    "slot": tuple(sorted(set().union(*plan.SLOTS.values()) - {"target", "input", "source", "since", "until"})),
    "kind": ("post", "comment", "repost"),
    "label": get_args(Label),
    "state": ("running", "paused", "done", "cancelled", "parked"),
    "fact": ("age", "city", "city_tier", "family", "gender", "interest", "minor", "occupation", "region"),
    "source": ("file", "live", "demo", "user"),
    "origin": ("bio", "platform", "post", "tags"),
}


@pytest.mark.parametrize("family", sorted(DYNAMIC))
def test_every_value_shown_by_its_code_has_a_text(family: str) -> None:
    assert not [v for v in DYNAMIC[family] if f"{family}.{v}" not in messages()]


def test_every_import_format_has_a_label() -> None:
    from collectors.importers import FORMATS

    assert not [name for name in FORMATS if f"import.format.{name}" not in messages()]
    assert not [name for name in KINDS if name not in INTERACTION_KINDS]
    assert set(export.FORMATS) >= {"csv", "xlsx"}


def test_commands_to_come_are_told() -> None:
    assert not set(LATER) & set(_commands())
