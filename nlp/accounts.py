"""How likely an account is spam or 水军 (paid crowd, bot), by a scorecard that people can read and change.

``nlp/data/accounts.toml`` holds every weight with its source; :func:`authenticity` adds up what is known and says
why. What is not known says nothing, neither for nor against; ``seen`` tells how many numbers there were.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from .neardup import self_similarity
from .resources import table
from .segment import count_links, count_mentions, hashtags
from .spam import is_contact, spam_many

ACCOUNT_VERSION: Final = "account-1"
"""Stored beside every result; changes whenever the same numbers could get another result."""
CHINA: Final = 8 * 3600
_LEAST_GAPS, _LEAST_TIMES, _LEAST_POSTS = 4, 10, 3
MOST: Final = 0.995
"""Nobody is called spam, or real, more surely than this: the weights are not that exact."""
_TELLING: Final = 0.25
"""Log-odds from which a number is given as a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSignals:
    """Numbers about one account; None: not known. Shares and entropies are 0..1.

    Profile: ``followers``, ``following``, ``posts`` (counts as the platform shows them), ``age_days`` (since the
    account was opened), ``verified``, ``has_bio``, ``has_avatar``, ``default_name`` (the platform's own, 用户123456).
    Behaviour: ``posts_per_day`` (without it: posts / age_days), ``interval_cv`` (standard deviation / mean of the
    gaps between posts), ``hour_entropy`` (Shannon entropy of the hour of day / log 24), ``active_hours`` (distinct
    hours of day with posts, 0..24), ``night_share`` (posts from 1:00 to 5:59), ``self_similarity`` (mean Jaccard
    index of the own posts), ``link_share`` (posts with a link), ``mentions_per_post``, ``tags_per_post``,
    ``contact_share`` (posts with contact words), ``repost_share``, ``copied_share`` (posts that three or more
    accounts wrote nearly alike), ``sync_share`` (acts on the same target within minutes of steady partners),
    ``post_spam`` (mean of ``nlp.spam``), ``engagement_rate`` (likes + comments + reposts per post, / followers),
    ``following_ratio`` (without it: following / (followers + 1)).
    """

    followers: float | None = None
    following: float | None = None
    posts: float | None = None
    age_days: float | None = None
    verified: bool | None = None
    has_bio: bool | None = None
    has_avatar: bool | None = None
    default_name: bool | None = None
    posts_per_day: float | None = None
    interval_cv: float | None = None
    hour_entropy: float | None = None
    active_hours: float | None = None
    night_share: float | None = None
    self_similarity: float | None = None
    link_share: float | None = None
    mentions_per_post: float | None = None
    tags_per_post: float | None = None
    contact_share: float | None = None
    repost_share: float | None = None
    copied_share: float | None = None
    sync_share: float | None = None
    post_spam: float | None = None
    engagement_rate: float | None = None
    following_ratio: float | None = None


class Authenticity(NamedTuple):
    """``p_spam``: probability 0..1 that the account is spam or 水军.

    ``reasons``: names of the numbers that speak for it, strongest first. ``seen``: how many numbers were known.
    ``parts``: (name, value, log-odds) of each of them; prior + their sum is the log-odds of ``p_spam``.
    """

    p_spam: float
    reasons: tuple[str, ...]
    seen: int
    parts: tuple[tuple[str, float, float], ...]


class _Shape(NamedTuple):
    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    log: bool
    when: tuple[tuple[str, float], ...]

    def __call__(self, value: float) -> float:
        x = math.log10(max(value, 1e-6)) if self.log else value
        i = bisect_right(self.xs, x)
        if i == 0 or i == len(self.xs):
            return self.ys[max(0, i - 1)]
        (x0, x1), (y0, y1) = self.xs[i - 1 : i + 1], self.ys[i - 1 : i + 1]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


@cache
def _shapes() -> tuple[float, float, tuple[_Shape, ...]]:
    data = table("accounts")
    prior = data["prior"]
    return (
        float(prior["log_odds"]),
        float(prior["dependence"]),
        tuple(
            _Shape(
                name,
                tuple(float(x) for x, _ in entry["knots"]),
                tuple(float(y) for _, y in entry["knots"]),
                entry.get("scale") == "log10",
                tuple(entry.get("when", {}).items()),
            )
            for name, entry in data["signal"].items()
        ),
    )


_FIELDS: Final = tuple(field.name for field in fields(AccountSignals))


_UNIT: Final = frozenset(
    name for name in _FIELDS if name.endswith("_share") or name in ("hour_entropy", "self_similarity", "post_spam")
)
"""Numbers of 0..1; anything above is in another unit (percent, bits) and counts as not known."""


def signals(numbers: Mapping[str, Any]) -> AccountSignals:
    """Signals from a mapping with any of the fields' names; other names are ignored.

    None, NaN and what is no finite number count as not known. Booleans may come as 0/1.
    """
    known: dict[str, Any] = {name: _number(numbers[name]) for name in _FIELDS if name in numbers}
    return AccountSignals(**known)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def authenticity(known: AccountSignals | Mapping[str, Any]) -> Authenticity:
    """Judge an account by whatever numbers there are."""
    values = _derived(signals(known if isinstance(known, Mapping) else {f: getattr(known, f) for f in _FIELDS}))
    prior, dependence, shapes = _shapes()
    parts = [
        (shape.name, value, round(dependence * shape(value), 4))
        for shape in shapes
        if (value := values.get(shape.name)) is not None
        and all((values.get(other) or 0.0) >= least for other, least in shape.when)
    ]
    odds = prior + sum(said for _, _, said in parts)
    telling = sorted((p for p in parts if p[2] >= _TELLING), key=lambda p: (-p[2], p[0]))
    p = min(MOST, max(1 - MOST, 1 / (1 + math.exp(-odds))))
    return Authenticity(round(p, 4), tuple(name for name, _, _ in telling), len(parts), tuple(parts))


def _derived(known: AccountSignals) -> dict[str, float]:
    """The known numbers, none below 0, and those that follow from them."""
    values = {name: max(0.0, float(v)) for name in _FIELDS if (v := getattr(known, name)) is not None}
    values = {name: min(v, 1.0) if name in _UNIT else v for name, v in values.items() if name not in _UNIT or v <= 1.01}
    followers, following = values.get("followers"), values.get("following")
    if followers is not None and following is not None:
        values.setdefault("following_ratio", following / (followers + 1))
    if (age := values.get("age_days")) and (posts := values.get("posts")) is not None and age >= 1:
        values.setdefault("posts_per_day", posts / age)
    return values


# -- from a profile and posts ----------------------------------------------------------------------------------


class Activity(NamedTuple):
    """One post of an account. ``t``: UTC seconds; ``spam``: its probability where it is already known."""

    text: str
    t: int | None = None
    repost: bool = False
    reactions: int | None = None
    spam: float | None = None


@cache
def _default_names() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in table("accounts")["names"]["default"]), re.I)


def is_default_name(name: str) -> bool:
    """Whether this looks like a name that the platform gave (用户123456, momo)."""
    return _default_names().fullmatch(name.strip()[:60]) is not None


def behaviour(written: Sequence[Activity], *, zone: int = CHINA, followers: float | None = None) -> dict[str, float]:
    """The behaviour numbers that ``written`` shows, by the names of :class:`AccountSignals`.

    A number is left out where there is too little to count it from (three posts; ten times; four gaps). ``zone``:
    seconds east of Greenwich for the hours of the day.
    """
    out: dict[str, float] = {}
    if len(written) >= _LEAST_POSTS:
        own = [a for a in written if not a.repost]
        n = len(written)
        out["repost_share"] = (n - len(own)) / n
        out["link_share"] = sum(count_links(a.text) > 0 for a in written) / n
        out["mentions_per_post"] = sum(count_mentions(a.text.split("//@", 1)[0]) for a in written) / n
        out["tags_per_post"] = sum(len(hashtags(a.text)) for a in written) / n
        judged = spam_many([a.text for a in written])
        out["contact_share"] = sum(map(is_contact, judged)) / n
        out["post_spam"] = (
            sum(found.p if a.spam is None else a.spam for a, found in zip(written, judged, strict=True)) / n
        )
        if (likeness := self_similarity([a.text for a in own])) is not None:
            out["self_similarity"] = likeness
        reactions = [a.reactions for a in written if a.reactions is not None]
        if followers and len(reactions) >= _LEAST_POSTS:
            out["engagement_rate"] = sum(reactions) / len(reactions) / followers
    return out | _rhythm(sorted(a.t for a in written if a.t is not None), zone)


def _rhythm(times: Sequence[int], zone: int) -> dict[str, float]:
    out: dict[str, float] = {}
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if len(gaps) >= _LEAST_GAPS and (mean := sum(gaps) / len(gaps)) > 0:
        out["interval_cv"] = math.sqrt(sum((g - mean) ** 2 for g in gaps) / len(gaps)) / mean
        if times[-1] - times[0] >= 3 * 86_400:  # a burst of one evening is no rate
            out["posts_per_day"] = len(gaps) / ((times[-1] - times[0]) / 86_400)
    if len(times) >= _LEAST_TIMES:
        hours = Counter((t + zone) // 3600 % 24 for t in times)
        n = len(times)
        out["night_share"] = sum(hours[h] for h in range(1, 6)) / n
        if n >= 4 * 24:  # with fewer, chance decides how even the hours look
            out["active_hours"] = float(len(hours))
            out["hour_entropy"] = -sum(c / n * math.log(c / n) for c in hours.values()) / math.log(24)
    return out
