"""Which terms rise: people who use a term now against the days before, with the doubt that goes with it.

People are counted, not posts, and copies of a text count for the first who said it: one loud account or a wave of
copied posts makes no trend. What is compared is the share of the people who wrote on a day, so that a day on which
more was collected raises nothing. The test is exact for counts (a binomial, given both windows) and made careful by
the overdispersion that the baseline shows; many terms are tested at once, so the false discovery rate is held
(Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Literal, NamedTuple

MIN_AUTHORS: Final = 5
"""A term that fewer people used in the window is not tested."""
MIN_DAYS: Final = 7
MIN_PEOPLE: Final = 30
"""A baseline of fewer days, or of fewer people a day added up, is too little to say anything."""
FDR: Final = 0.05
GROWTH: Final = 1.3
"""How far a share must move, beside being beyond chance, to be called rising (or, turned round, falling)."""
EXAMPLES: Final = 3
_STEADY: Final = 3.0
"""Degrees of freedom that the common overdispersion is worth against a term's own."""

Verdict = Literal["rising", "falling", "steady", "too_few"]


class Mention(NamedTuple):
    """One text: the day it was written (any running number), who wrote it (None: unknown), its terms."""

    day: int
    author: int | None
    terms: Sequence[str]


class Trend(NamedTuple):
    """``authors``: people-days that used the term in the window, ``expected``: had its share stayed; ``growth``:
    the one by the other; ``z`` and ``q`` (the share of false alarms among all with a q this small).

    ``None`` where there are too few people to say. ``peak``: the busiest day in the window, ``bursts``: days that
    stand out of all days before them, ``series``: people by
    day over baseline and window; ``bursts``: days of the window that stand out of all days before them;
    ``examples``: positions of mentions in the window, of different people.
    """

    term: str
    authors: int
    before: int
    expected: float | None
    growth: float | None
    z: float | None
    q: float | None
    verdict: Verdict
    peak: int
    series: tuple[int, ...]
    bursts: tuple[int, ...]
    examples: tuple[int, ...]


class Trends(NamedTuple):
    """``problem``: why nothing can be said ("window", "baseline"), else empty; ``tested`` terms were compared."""

    rows: tuple[Trend, ...]
    tested: int
    people: int
    baseline_people: int
    baseline_days: int
    problem: Literal["", "window", "baseline"] = ""


def trends(
    mentions: Sequence[Mention],
    since: int,
    until: int,
    *,
    baseline: int | None = None,
    limit: int = 20,
    min_authors: int = MIN_AUTHORS,
    fdr: float = FDR,
) -> Trends:
    """Terms of the days ``since`` … ``until`` against the ``baseline`` days before (default: four such windows, at
    least 28 days), the most surely rising first; terms with too few people last.

    Mentions outside of both are ignored; give copies no terms. Deterministic.
    """
    length = until - since + 1
    start = since - (max(4 * length, 28) if baseline is None else baseline)
    people, first, used, places = _count(mentions, start, until)
    start = max(start, first)
    before_days = sorted(day for day in people if start <= day < since)
    exposure = {day: len(who) for day, who in people.items()}
    now, then = sum(n for d, n in exposure.items() if d >= since), sum(exposure[d] for d in before_days)
    problem: Literal["", "window", "baseline"] = ""
    if now < min_authors:
        problem = "window"
    elif since - start < MIN_DAYS or then < MIN_PEOPLE:
        problem = "baseline"
    days = range(start, until + 1)
    series = {
        term: tuple(len(by_day.get(d, ())) for d in days)
        for term, by_day in used.items()
        if any(d >= since for d in by_day) or sum(len(who) for d, who in by_day.items() if d < since) >= min_authors
    }
    split = since - start
    counts = {term: (sum(s[split:]), sum(s[:split])) for term, s in series.items()}
    tested = [] if problem else sorted(t for t, (a, b) in counts.items() if _testable(a, b, now, then, min_authors))
    people_by_day = [exposure.get(d, 0) for d in days]
    results = _test(tested, counts, series, people_by_day, split, now, then)
    q = dict(zip(tested, benjamini_hochberg([results[t][1] for t in tested]), strict=True))
    rows = []
    for term, found in series.items():
        here, before = counts[term]
        expected = growth = z = None
        verdict: Verdict = "too_few"
        if term in q:
            z, expected = results[term][0], before * now / then
            growth = (here + 0.5) / (expected + 0.5)
            moved = q[term] <= fdr and (growth >= GROWTH if z > 0 else growth <= 1 / GROWTH)
            verdict = ("rising" if z > 0 else "falling") if moved else "steady"
        elif here == 0:
            continue
        window = found[split:]
        peak = since + max(range(length), key=lambda i: (window[i], -i))
        rows.append(Trend(
            term, here, before, None if expected is None else round(expected, 2),
            None if growth is None else round(growth, 2), None if z is None else round(z, 2),
            None if term not in q else round(q[term], 5), verdict, peak, found,
            tuple(start + i for i in bursts(found, people_by_day) if i >= split) if term in q else (),
            _examples(mentions, places.get(term, ()), since, until),
        ))  # fmt: skip
    rows.sort(key=lambda t: (t.z is None, -(t.z or 0.0), -t.authors, t.term))
    return Trends(tuple(rows[:limit]), len(tested), now, then, since - start, problem)


def _count(
    mentions: Iterable[Mention], start: int, until: int
) -> tuple[dict[int, set[int]], int, dict[str, dict[int, set[int]]], dict[str, list[int]]]:
    """Who wrote on each day; the first day; who used each term on each day; where each term stands."""
    people: dict[int, set[int]] = defaultdict(set)
    used: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    places: dict[str, list[int]] = defaultdict(list)
    for at, (day, author, terms) in enumerate(mentions):
        if start <= day <= until:
            who = -1 - at if author is None else author
            people[day].add(who)
            for term in terms:
                used[term][day].add(who)
                places[term].append(at)
    return people, min(people, default=start), used, places


def _testable(here: int, before: int, now: int, then: int, least: int) -> bool:
    return here >= least or before * now / max(then, 1) >= least


def _test(
    tested: Sequence[str],
    counts: dict[str, tuple[int, int]],
    series: dict[str, tuple[int, ...]],
    exposure: Sequence[int],
    split: int,
    now: int,
    then: int,
) -> dict[str, tuple[float, float]]:
    """(z, two-sided p) of each term."""
    if not tested:
        return {}
    from scipy.special import betainc, ndtri

    common = _overdispersion(tested, series, exposure, split)
    out = {}
    for term in tested:
        own, freedom = _dispersion(series[term][:split], exposure[:split])
        phi = max(1.0, (common * _STEADY + own * freedom) / (_STEADY + freedom))
        here, before = counts[term][0] / phi, counts[term][1] / phi
        share = now / (now + then)
        # P(X >= here) and P(X <= here) of a binomial, carried on to counts that are not whole
        above = float(betainc(here, before + 1, share)) if here > 0 else 1.0
        below = float(betainc(before, here + 1, 1 - share)) if before > 0 else 1.0
        p = min(1.0, 2 * min(above, below))
        z = float(-ndtri(max(p / 2, 1e-300))) if p < 1 else 0.0
        out[term] = (z if above <= below else -z, p)
    return out


def _dispersion(counts: Sequence[int], exposure: Sequence[int]) -> tuple[float, float]:
    """Pearson's chi-squared by its degrees of freedom over the days on which somebody wrote, and those degrees.

    Days on which less than one person is expected say little; their weight is what is expected.
    """
    total, seen = sum(counts), sum(exposure)
    if not total or not seen:
        return 1.0, 0.0
    rate = total / seen
    pairs = [(k, rate * e) for k, e in zip(counts, exposure, strict=True) if e]
    freedom = sum(min(1.0, mean) for _, mean in pairs) - 1
    if freedom <= 0:
        return 1.0, 0.0
    chi = sum((k - mean) ** 2 / mean * min(1.0, mean) for k, mean in pairs)
    return chi / freedom, freedom


def _overdispersion(
    tested: Sequence[str], series: dict[str, tuple[int, ...]], exposure: Sequence[int], split: int
) -> float:
    """The median of what terms with enough people show."""
    found = [_dispersion(series[t][:split], exposure[:split]) for t in tested]
    known = sorted(phi for phi, freedom in found if freedom >= 3)
    return max(1.0, known[len(known) // 2]) if known else 1.0


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """q-values: the smallest false discovery rate at which each test is called."""
    order = sorted(range(len(p)), key=lambda i: (p[i], i))
    q = [1.0] * len(p)
    least = 1.0
    for rank in range(len(p), 0, -1):
        at = order[rank - 1]
        least = min(least, p[at] * len(p) / rank)
        q[at] = least
    return q


def _examples(mentions: Sequence[Mention], places: Sequence[int], since: int, until: int) -> tuple[int, ...]:
    found: list[int] = []
    seen: set[int | None] = set()
    for at in places:
        mention = mentions[at]
        if since <= mention.day <= until and (mention.author is None or mention.author not in seen):
            seen.add(mention.author)
            found.append(at)
            if len(found) == EXAMPLES:
                break
    return tuple(found)


def bursts(series: Sequence[int], exposure: Sequence[int], z: float = 3.0) -> tuple[int, ...]:
    """Days (positions in ``series``) that stand out of the days before them: Poisson z with the overdispersion of the
    series, against all earlier days (at least ``MIN_DAYS``).
    """
    found = []
    for day in range(MIN_DAYS, len(series)):
        seen = sum(exposure[:day])
        if not seen or not exposure[day]:
            continue
        phi, _ = _dispersion(series[:day], exposure[:day])
        mean = (sum(series[:day]) + 0.5) / seen * exposure[day]
        if series[day] >= MIN_AUTHORS and (series[day] - mean) / math.sqrt(max(1.0, phi) * mean) >= z:
            found.append(day)
    return tuple(found)
