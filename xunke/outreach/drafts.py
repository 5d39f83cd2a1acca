"""Drafts from the person's own post: a block each for opening, value, proof and act, by what the post tells.

No language model has a part in it: the house shows nobody's post to a model. What is useful comes from the user's own
collection (``values``); without anything that fits, a marked gap is left, and ``checks`` calls the text not ready.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from xunke.clock import DAY
from xunke.storage import Project

from . import values
from .checks import OLD, found

QUOTE: Final = 24
"""Characters of their own words that are quoted at most."""
_ASKS: Final = frozenset({"seek_advice", "ask_where", "want_to_buy", "compare", "trouble"})
_NEWEST: Final = 20
"""So many of somebody's newest posts are looked at."""
_POSTS: Final = (
    "select p.id, p.author, p.text, p.created, p.url, f.detail, f.spam, f.sentiment from post p "
    "left join feature f on f.post = p.id where p.gone is null"
)
_CUT: Final = re.compile(r"[。！？!?；;…\n]|[,，、~～]")
_NOISE: Final = re.compile(r"#[^#\s]{1,40}#?|[@＠][\w\-·]{1,30}|https?://\S+|\[[^\[\]]{1,8}\]")
_EDGE: Final = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Said:
    """What a post tells that a draft may take up."""

    post: int
    text: str
    created: int | None
    url: str | None
    needs: tuple[str, ...]
    quote: str
    topic: str
    interests: tuple[str, ...]
    spam: float
    sentiment: float


@dataclass(frozen=True, slots=True)
class Draft:
    """The words; ``blocks`` {part: text}; ``value``: number of the useful thing used (None: a gap is left)."""

    text: str
    step: str
    post: int | None
    need: str | None
    blocks: Mapping[str, str]
    value: int | None


@cache
def _blocks() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "drafts.toml").read_text("utf-8"))


class Shelf:
    """Posts that drafts may take up, their rows read at once: of each account of ``answered`` {account: posts that we
    answered already} the newest of the last ``days``, and ``posts``. Withdrawn ones are left out.
    """

    def __init__(
        self, project: Project, answered: Mapping[int, Sequence[int]], now: int, posts: Sequence[int] = (),
        days: int = 30,
    ) -> None:  # fmt: skip
        done = {account: set(numbers) for account, numbers in answered.items()}
        self._of: dict[int, list[int]] = defaultdict(list)
        rows = project.query(
            f"{_POSTS} and p.repost_of is null and p.author in (select value from json_each(?)) and p.created between "
            "? and ? order by p.created desc, p.id desc", (json.dumps(list(answered)), now - days * DAY, now),
        )  # fmt: skip
        for number, author, *_ in rows:
            if number not in done[author] and len(self._of[author]) < _NEWEST:
                self._of[author].append(number)
        if posts:
            rows += project.query(f"{_POSTS} and p.id in (select value from json_each(?))", (json.dumps(list(posts)),))
        self._rows = {number: row for number, _, *row in rows}

    def said(self, post: int) -> Said | None:
        """What a post tells; analysed now where it was not."""
        from nlp.analyse import analyse

        if post not in self._rows:
            return None
        text, created, url, detail, spam, sentiment = self._rows[post]
        if detail is None:
            seen = analyse(text)
            needs = [(one[0], one[1]) for one in seen.needs]
            told = {"needs": needs, "interests": list(seen.interests), "quotes": dict(seen.quotes)}
            told["about"], spam, sentiment = dict(seen.about), seen.spam, seen.sentiment
        else:
            told = json.loads(detail)
        return _said(post, text, created, url, told, spam or 0.0, 0.5 if sentiment is None else sentiment)

    def best(self, account: int) -> Said | None:
        """The post of somebody that is best to answer: not answered by us yet, no advertising; first those that ask
        for something, then the newest.
        """
        told = [one for post in self._of.get(account, ()) if (one := self.said(post)) is not None]
        fit = [one for one in told if one.spam < 0.5 and (one.topic or one.needs)]
        return min(fit, key=lambda one: (not set(one.needs) & _ASKS, -(one.created or 0), -one.post), default=None)


def _said(
    post: int, text: str, created: int | None, url: str | None, told: Mapping[str, Any], spam: float, sentiment: float
) -> Said:
    needs = [name for name, _ in sorted(told.get("needs", ()), key=lambda one: -one[1]) if name != "sell"]
    interests = tuple(name for name, _ in told.get("interests", ()))
    quote = next((told["quotes"][name] for name in needs if told.get("quotes", {}).get(name)), "")
    about = next((told["about"][name] for name in needs if told.get("about", {}).get(name)), "")
    return Said(
        post, text, created, url, tuple(needs), _short(quote, text), _topic(text, about, interests), interests, spam,
        sentiment,
    )  # fmt: skip


def _short(quote: str, text: str) -> str:
    """A clause of their words that can be quoted: no tags, names, links or private matters, at most ``QUOTE`` long."""
    clauses = [
        _EDGE.sub("", clause) for source in (quote, text) for clause in _CUT.split(_NOISE.sub(" ", source))
    ]  # fmt: skip
    fit = [clause for clause in clauses if 4 <= len(clause) <= QUOTE and not found("private", clause)]
    asking = [clause for clause in fit if re.search(r"吗|呢|什么|怎么|哪|有没有|求|推荐|多少|如何|哪里", clause)]
    return (asking or fit or [""])[0]


def _topic(text: str, about: str, interests: Sequence[str]) -> str:
    from nlp.segment import hashtags

    for word in (about, *hashtags(text), *(name for name in interests if name in text)):
        if word and len(word) <= 12 and not found("private", word):
            return word
    return ""


def make(
    said: Said | None,
    step: str,
    known: Sequence[values.Snippet],
    *,
    now: int,
    segments: Sequence[str] = (),
    turn: int = 0,
    other: bool = False,
) -> Draft | None:
    """A draft for ``step``; None for a follow, or where there is no post of the last 30 days that can be taken up.

    ``turn``: another choice of blocks (variants). ``other``: something else than what was proposed before.
    """
    if step == "follow" or said is None or (said.created is not None and now - said.created > OLD):
        return None
    if not (said.quote or said.topic):
        return None
    blocks, gap = _blocks(), _blocks()["gap"]
    pick = said.post + turn
    need = next((name for name in said.needs if name in blocks["open"]), "none")
    words = {"quote": said.quote, "topic": said.topic}
    snippet = None
    if step == "service":
        parts = {"open": _of(blocks["service"]["open"], pick, words), "value": gap["service"]}
        parts["act"] = _of(blocks["service"]["act"], pick, words)
    else:
        snippet = values.fitting(known, said.text, said.needs, said.interests, segments, pick)
        missing = gap["other"] if other else gap["offer"] if step == "offer" else gap["value"]
        worth = missing if snippet is None or (other and step != "offer") else snippet.text.rstrip("。.") + "。"
        if worth is missing:
            snippet = None
        parts = {
            "open": _of(_openings(blocks["open"][need], said), pick, words), "value": worth,
            "proof": f"（{snippet.proof}）" if snippet is not None and snippet.proof else "",
            "act": _of(blocks["act"][step]["ask" if need in _ASKS else "none"], pick, words),
        }  # fmt: skip
        if step == "offer":
            parts = {"mark": blocks["offer"]["mark"], **parts}
    text = "".join(parts.values())
    return Draft(text, step, said.post, None if need == "none" else need, parts, snippet.id if snippet else None)


def _openings(all_: Sequence[str], said: Said) -> list[str]:
    """Openings whose words are there: none that quotes where nothing can be quoted."""
    fit = [one for one in all_ if ("{quote}" not in one or said.quote) and ("{topic}" not in one or said.topic)]
    return fit or [one for one in _blocks()["open"]["none"] if ("{quote}" in one) == bool(said.quote)]


def _of(all_: Sequence[str], turn: int, words: Mapping[str, str]) -> str:
    return all_[turn % len(all_)].format_map(words)
