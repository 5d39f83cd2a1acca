"""Answers in words: sentences whose numbers carry the marks of what is behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from xunke.events import Answer, Sentence
from xunke.i18n import Catalogue
from xunke.present import message_words, short_cell
from xunke.present.plans import slot_value
from xunke.present.why import alike

_ANSWER_CELLS: Final = (
    "first", "second", "when", "least", "item", "items", "word", "words", "fact", "origin", "rule", "by", "value",
    "group",
)  # fmt: skip
"""Parameters of sentences that may be codes of facts, platforms, labels; names of people are not among them."""
_LOOKS_MARKED: Final = re.compile(r"\[(?=\d+\])")


class Marked:
    """A value that writes the number of what is behind it after itself: ``12[3]``."""

    def __init__(self, value: Any, refs: Sequence[str], marks: list[tuple[str, ...]]) -> None:
        self._value, self._refs, self._marks = value, tuple(refs), marks

    def __format__(self, spec: str) -> str:
        if self._refs not in self._marks:
            self._marks.append(self._refs)
        return f"{format(self._value, spec)}[{self._marks.index(self._refs) + 1}]"

    def __str__(self) -> str:
        return format(self, "")


def told(event: Answer, cat: Catalogue) -> tuple[list[str], list[tuple[str, ...]]]:
    """The sentences of an answer, and what each mark ``[n]`` in them stands for (n from 1)."""
    marks: list[tuple[str, ...]] = []
    return [_said(one, cat, marks) for one in event.sentences], marks


def _said(one: Sentence, cat: Catalogue, marks: list[tuple[str, ...]]) -> str:
    params = message_words(alike(one.key, one.params, cat), cat)
    if isinstance(params.get("filter"), dict):
        params["filter"] = params["what"] = filter_words(params["filter"], cat)
    if "number" in params:  # which number of somebody a filter looked at
        code = params["number"]
        params["name"] = cat.t(f"column.{code}" if cat.has(f"column.{code}") else f"why.number.{code}")
    if "term" in params:
        params |= _term_words(params, cat)
    for name in _ANSWER_CELLS:
        if name in params:
            params[name] = _coded(name, params[name], cat)
    for name, value in params.items():
        behind = one.refs.get(name, ())
        if isinstance(value, list):
            parts = [_marked(v, one.refs.get(f"{name}.{i}", ()), marks) for i, v in enumerate(value)]
            params[name] = _Joined(parts, cat.t("list.comma"))
        else:
            params[name] = _marked(value, behind, marks)
    return cat.t(one.key, **params)


class _Joined:
    def __init__(self, parts: Sequence[Any], comma: str) -> None:
        self._parts, self._comma = parts, comma

    def __format__(self, spec: str) -> str:
        return self._comma.join(format(part, spec) for part in self._parts)


def _marked(value: Any, refs: Sequence[str], marks: list[tuple[str, ...]]) -> Any:
    from xunke.text import one_line

    if isinstance(value, str):  # nobody's name may look like a mark of ours
        value = _LOOKS_MARKED.sub("［", one_line(value))
    return Marked(value, refs, marks) if refs else value


def _coded(name: str, value: Any, cat: Catalogue) -> Any:
    if isinstance(value, list):
        return [_coded(name, v, cat) for v in value]
    if isinstance(value, str):
        for key in (value, f"{name}.{value}", f"column.{value}"):
            if "." in key and cat.has(key):
                return cat.t(key)
    return short_cell(value, cat) if isinstance(value, str) else value


def _term_words(params: dict[str, Any], cat: Catalogue) -> dict[str, Any]:
    from xunke import glossary

    term = glossary.find(str(params["term"]))
    near = cat.t("list.comma").join(glossary.names([t for w in params.get("near", ()) if (t := glossary.find(w))],
                                                   cat.lang))  # fmt: skip
    if term is None:
        return {"near": near}
    return {"term": term.name[cat.lang], "text": term.text[cat.lang], "used": term.used[cat.lang], "near": near}


def filter_words(asked: dict[str, Any], cat: Catalogue) -> str:
    """A filter in words: what the request asks (``slots``), or a rule of the project (``rule``)."""
    chips = []
    for slot, value in asked.get("slots", {}).items():
        shown = value if slot in ("since", "until") else slot_value(slot, value, cat)
        label = cat.t(f"slot.{slot}") if cat.has(f"slot.{slot}") else cat.t(f"why.slot.{slot}")
        chips.append(cat.t("slot.chip", name=label, value=shown))
    if not chips:
        rule = asked.get("rule", "")
        chips = [cat.t(rule if rule.startswith("why.") else f"why.rule.{rule.removeprefix('funnel.')}")]
    text = cat.t("slot.join").join(chips)
    return cat.t("why.not.unknown", what=text) if asked.get("unknown") else text
