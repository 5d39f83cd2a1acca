"""Cutting people into segments: by rules that anybody can read, by likeness, or by how they deal with our accounts.

Every method gives one name a person. Features are facts that can be shown: interests in what somebody writes or
states, posts, followers, engagement, influence, place, gender, age. What is unknown stays unknown: it is never
guessed, and counts as the middle where a number is needed.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Any, Final, get_args

from xunke.clock import DAY
from xunke.errors import BadInput
from xunke.plan import Method
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.schema import KINDS

from . import facets, rfm, told_in
from .lifecycle import STAGES, stages
from .scoring import Scored
from .segment_facts import DEPTH, Book
from .value import CLASSES, worths

if TYPE_CHECKING:
    from graph.cluster import Floats, Ints

METHODS: Final = get_args(Method)
DEFAULT_BY: Final = ("interest", "activity", "followers", "engagement")
NUMBERS: Final[Mapping[str, str]] = {
    "activity": "posts", "followers": "followers", "engagement": "engagement", "influence": "influence",
}  # fmt: skip
"""Facets with an order, cut into bands; and the name of their feature."""
RFM: Final[Mapping[tuple[bool, bool, bool], str]] = {
    (True, True, True): "rfm.value", (True, False, True): "rfm.develop", (False, True, True): "rfm.keep",
    (False, False, True): "rfm.win_back", (True, True, False): "rfm.regular", (True, False, False): "rfm.new",
    (False, True, False): "rfm.cooling", (False, False, False): "rfm.asleep",
}  # fmt: skip
"""(recent, frequent, deep) -> name; each against the middle person: for few people (``rfm.ENOUGH``)."""
ORDER: Final[Mapping[str, Sequence[str]]] = {
    "rfm": (*RFM.values(), *rfm.GROUPS, rfm.NONE), "value": tuple(f"worth.{name}" for name in CLASSES),
    "stage": tuple(f"stage.{name}" for name in STAGES),
}  # fmt: skip
"""Names of methods whose groups have an order of their own."""
STRAY: Final = "segment.stray"
REST: Final = "segment.rest"
COLUMNS: Final = 12
"""So many interests, and so many places, make a feature each: those of most people."""
LEAST: Final = 6
"""Fewer people than this are not cut."""


@dataclass(slots=True)
class Cut:
    """A segment's name for each person, in their order; how it was made, and how well it separates.

    ``numbers``: {person: raw numbers of the method}; ``leans``: {name: features in which it is above (↑) or below (↓)
    the others}; ``notes``: message keys and parameters that a user must read.
    """

    labels: list[str]
    method: str
    silhouette: float | None = None
    features: tuple[str, ...] = ()
    numbers: dict[int, dict[str, Any]] = field(default_factory=dict)
    leans: dict[str, list[str]] = field(default_factory=dict)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def method_of(method: str | None, by: Sequence[str], k: int | None) -> str:
    """The method said, or the one that is meant: bands of one number, groups of what is stated, else k-means."""
    if method:
        return method
    if len(by) == 1 and (by[0] in NUMBERS or by[0] != "interest"):
        return "rules"
    return "rules" if by and k is None else "kmeans"


def interests(project: Project, people: Sequence[Scored]) -> dict[int, dict[str, float]]:
    """{person: {interest: weight}}: the share of their posts with it; 1 for what they state. Posts must be analysed."""
    author = {post.id: s.person.id for s in people for post in s.person.found}
    found: dict[int, Counter[str]] = defaultdict(Counter)
    sql = "select post, detail from feature where post in (select value from json_each(?))"
    for post, detail in project.each(sql, (json.dumps(sorted(author)),)):
        found[author[post]].update(set(told_in.names(detail)[0]))
    out: dict[int, dict[str, float]] = {}
    for s in people:
        n = max(1, len(s.person.found))
        out[s.person.id] = {name: count / n for name, count in found[s.person.id].items()}
        out[s.person.id] |= dict.fromkeys(s.person.stated("interest"), 1.0)
    return out


def number_of(scored: Scored, facet: str) -> float | None:
    """The number behind a facet with an order."""
    found = scored.person.found
    match facet:
        case "activity":
            return float(len(found))
        case "followers":
            return None if scored.person.followers is None else float(scored.person.followers)
        case "engagement":
            return sum(p.engagement for p in found) / len(found) if found else None
        case _:
            return float(scored.raw.get("influence") or 0.0)


def features(project: Project, people: Sequence[Scored], by: Sequence[str]) -> tuple[Floats, list[str]]:
    """People × features, each facet together worth one unit of variance, so that no facet drowns the others."""
    import numpy as np

    blocks, names = [], []
    for facet in by:
        if facet in NUMBERS:
            known = [number_of(s, facet) for s in people]
            middle = median([v for v in known if v is not None] or [0.0])
            block = np.log1p(np.array([[middle if v is None else v] for v in known], dtype=np.float64))
            columns = [NUMBERS[facet]]
        else:
            weights = _weights(project, people, facet)
            count = Counter(name for one in weights for name in one)
            columns = sorted(count, key=lambda n: (-count[n], n))[:COLUMNS]
            block = np.array([[one.get(name, 0.0) for name in columns] for one in weights], dtype=np.float64)
        if not columns:
            continue
        block = block.reshape(len(people), len(columns))
        block = block - block.mean(axis=0)
        scale = math.sqrt(float(block.var(axis=0).sum()))
        if scale > 0:
            blocks.append(block / scale)
            names += columns
    if not blocks:
        raise BadInput("segment.no_features", by="、".join(by))
    return np.concatenate(blocks, axis=1), names


def _weights(project: Project, people: Sequence[Scored], facet: str) -> list[dict[str, float]]:
    if facet == "interest":
        found = interests(project, people)
        return [found[s.person.id] for s in people]
    key = facets.person_key(project, facet, [p for s in people for p in s.person.found])
    return [{name: 1.0 for name in key(s.person.id) if name != facets.UNKNOWN} for s in people]


def by_likeness(project: Project, people: Sequence[Scored], method: str, by: Sequence[str], k: int | None) -> Cut:
    """k-means, Ward's tree or density on ``features``; k by silhouette where nobody said it."""
    from graph import cluster

    rows, names = features(project, people, by or DEFAULT_BY)
    notes: list[tuple[str, dict[str, Any]]] = []
    if method == "dbscan":
        labels, reach = cluster.dbscan(rows)
        strays = int((labels < 0).sum())
        notes.append(("segment.dbscan", {"reach": round(reach, 3), "strays": strays, "n": len(people)}))
    else:
        if k is None:
            k, tried = cluster.best_k(rows, method)
            notes.append(
                ("segment.chose_k", {"k": k, "score": tried.get(k, 0.0), "tried": f"2–{max(tried, default=2)}"})
            )
        labels = cluster.kmeans(rows, k) if method == "kmeans" else cluster.hierarchical(rows, k)
        if (made := int(labels.max(initial=-1)) + 1) < k:
            notes.append(("segment.fewer", {"k": k, "made": made}))
        held = cluster.stability(rows, labels, method)
        if held.rounds:
            facts = {"rand": round(held.rand, 2), "rounds": held.rounds}
            notes.append(("segment.stability", facts | {"each": _told_stability(held.jaccard)}))
            weak = [str(n) for n, value in enumerate(held.jaccard, 1) if value < cluster.DOUBTFUL]
            if weak:
                notes.append(("segment.unstable", {"names": "、".join(weak), "least": cluster.DOUBTFUL}))
    sizes = Counter(labels[labels >= 0].tolist())
    if small := [str(n + 1) for n, size in sorted(sizes.items()) if size < cluster.LEAST_SHARE * len(people)]:
        notes.append(("segment.tiny", {"names": "、".join(small), "share": cluster.LEAST_SHARE}))
    score = cluster.silhouette(rows, labels)
    if score is not None and score < 0.25:  # Kaufman & Rousseeuw 1990: below 0.25 no substantial structure
        notes.append(("segment.blurred", {"score": round(score, 2)}))
    return Cut(_numbered(labels), method, score, tuple(names), notes=notes, leans=_leans(rows, labels, names))


def _told_stability(jaccard: Sequence[float]) -> str:
    """Each group's share that is found again: ``1: 0.93, 2: 0.71``."""
    return ", ".join(f"{n}: {value:.2f}" for n, value in enumerate(jaccard, 1))


def _leans(rows: Floats, labels: Ints, names: Sequence[str]) -> dict[str, list[str]]:
    """{name: the features whose mean lies farthest from the others', at least half a standard deviation}."""
    out: dict[str, list[str]] = {}
    spread = rows.std(axis=0)
    for label in sorted(set(labels.tolist())):
        inside = labels == label
        if inside.all():
            continue
        gap = (rows[inside].mean(axis=0) - rows[~inside].mean(axis=0)) / (spread + 1e-12)
        order = sorted(range(len(names)), key=lambda i: (-abs(gap[i]), i))[:3]
        out[_numbered(labels[inside][:1])[0]] = [
            f"{names[i]}{'↑' if gap[i] > 0 else '↓'}" for i in order if abs(gap[i]) >= 0.5
        ]
    return out


def _numbered(labels: Ints) -> list[str]:
    return [STRAY if label < 0 else str(int(label) + 1) for label in labels]


def by_rules(
    project: Project, people: Sequence[Scored], by: Sequence[str], k: int | None, scores: Mapping[int, float]
) -> Cut:
    """Groups of the same facets; ``k`` with one number: so many bands of like size; else the ``k`` largest groups."""
    by = by or ("tier",)
    if len(by) == 1 and by[0] in NUMBERS and k is not None:
        return _bands(people, by[0], k)
    written = [p for s in people for p in s.person.found]
    keys = [facets.person_key(project, facet, written, scores=scores) for facet in by]
    first = interests(project, people) if "interest" in by else {}
    labels = []
    for s in people:
        parts = [key(s.person.id)[0] for key in keys]
        for at, facet in enumerate(by):
            if facet == "interest" and (mine := first[s.person.id]):
                parts[at] = max(mine, key=lambda n: (mine[n], n))
        labels.append("·".join(parts))
    if k is not None:
        count = Counter(labels)
        kept = sorted(count, key=lambda n: (-count[n], n))
        if len(kept) > k:
            kept = kept[: k - 1]
            labels = [label if label in kept else REST for label in labels]
    return Cut(labels, "rules", features=tuple(by))


def _bands(people: Sequence[Scored], facet: str, k: int) -> Cut:
    """``k`` bands of about as many people each; people with the same number are never parted."""
    values = {s.person.id: v for s in people if (v := number_of(s, facet)) is not None}
    ordered = sorted(values.values())
    edges = sorted({ordered[len(ordered) * i // k] for i in range(1, k)} if ordered else set())
    names = []
    for s in people:
        v = values.get(s.person.id)
        if v is None:
            names.append(facets.UNKNOWN)
            continue
        place = sum(v >= edge for edge in edges)
        low = f"{edges[place - 1]:g}" if place else None
        high = f"{edges[place]:g}" if place < len(edges) else None
        span = f"<{high}" if low is None else f"≥{low}" if high is None else f"{low}–{high}"
        names.append(span)
    notes: list[tuple[str, dict[str, Any]]] = []
    if len(edges) + 1 < k:
        notes.append(("segment.fewer", {"k": k, "made": len(edges) + 1}))
    return Cut(names, "rules", features=(facet,), notes=notes)


def by_rfm(project: Project, people: Sequence[Scored], own: Sequence[int], since: int | None, until: int) -> Cut:
    """Recency, frequency and depth of what people did towards our accounts; without any, of their posts.

    With ``rfm.ENOUGH`` people who did something to us each number is a score 1-5 by fifths, and money from an import
    counts too; otherwise it is high or low against the middle one. Recency counts from ``until`` (UTC seconds).
    """
    acts = _dealings(project, people, own, since, until) if own else {}
    notes: list[tuple[str, dict[str, Any]]] = []
    if len(acts) >= LEAST:
        notes.append(("segment.rfm_own", {"n": len(acts), "all": len(people)}))
    else:
        acts = {
            s.person.id: [(p.created, math.log1p(p.engagement)) for p in s.person.found if p.created] for s in people
        }
        notes.append(("segment.rfm_posts", {"own": len(own)}))
    numbers: dict[int, dict[str, Any]] = {}
    for s in people:
        mine = acts.get(s.person.id, [])
        dated = [t for t, _ in mine if t]
        numbers[s.person.id] = {
            "recency": round((until - max(dated)) / DAY, 1) if dated else None,
            "frequency": len(mine), "depth": round(sum(w for _, w in mine), 2),
        }  # fmt: skip
    if len(acts) >= rfm.ENOUGH and notes[0][0] == "segment.rfm_own":
        return _by_fifths(project, people, numbers, notes, until)
    known = [n for n in numbers.values() if n["frequency"]]
    recent = round(median([n["recency"] for n in known if n["recency"] is not None] or [0.0]), 1)
    often, deep = (round(median([n[name] for n in known] or [0]), 2) for name in ("frequency", "depth"))

    def name(n: Mapping[str, Any]) -> str:
        fresh = n["recency"] is not None and n["recency"] <= recent
        return RFM[fresh, n["frequency"] > often or n["frequency"] >= often > 1, n["depth"] > deep]

    notes.append(("segment.rfm_cuts", {"recency": recent, "frequency": often, "depth": deep}))
    return Cut([name(numbers[s.person.id]) for s in people], "rfm", features=("recency", "frequency", "depth"),
               numbers=numbers, notes=notes)  # fmt: skip


def _by_fifths(
    project: Project,
    people: Sequence[Scored],
    numbers: dict[int, dict[str, Any]],
    notes: list[tuple[str, Any]],
    until: int,
) -> Cut:
    active = [s.person.id for s in people if numbers[s.person.id]["frequency"]]
    spent = _spent(project, active, until)
    days = [numbers[p]["recency"] for p in active]
    oldest = max((d for d in days if d is not None), default=0.0)
    scores = rfm.score(
        [oldest if d is None else d for d in days], [numbers[p]["frequency"] for p in active],
        [numbers[p]["depth"] for p in active], [spent.get(p, 0.0) for p in active] if spent else None,
    )  # fmt: skip
    names = dict.fromkeys((s.person.id for s in people), rfm.NONE)
    for person, found in zip(active, scores, strict=True):
        names[person] = found.group
        numbers[person] |= {"r": found.r, "f": found.f, "d": found.d, "m": found.m, "fm": found.fm}
        if spent:
            numbers[person]["money"] = round(spent.get(person, 0.0), 2)
    notes.append(("segment.rfm_fifths", {"n": len(active)}))
    if spent:
        notes.append(("segment.rfm_money", {"n": len(spent)}))
    features = ("recency", "frequency", "depth", *(("money",) if spent else ()))
    return Cut([names[s.person.id] for s in people], "rfm", features=features, numbers=numbers, notes=notes)


def _spent(project: Project, people: Sequence[int], until: int) -> dict[int, float]:
    """{person: CNY they spent, from imported purchases}; nobody where nothing was imported."""
    persons = people_map(project)
    wanted = {persons.one(p): p for p in people}
    found: dict[int, float] = defaultdict(float)
    sql = "select account, amount from purchase where coalesce(currency, 'CNY') = 'CNY' and coalesce(t, 0) <= ?"
    for account, amount in project.query(sql, (until,)):
        if (person := wanted.get(persons.one(account))) is not None:
            found[person] += amount
    return dict(found)


def by_book(project: Project, people: Sequence[Scored], method: str, today: date) -> Cut:
    """Value classes or lifecycle stages (``value``, ``lifecycle``), with the numbers or the event behind each."""
    book = Book(project, today)
    if method == "value":
        worth = worths(book)
        of = {s.person.id: worth.get(book.who(s.person.id) or 0) for s in people}
        labels = [f"worth.{one.kind}" if (one := of[s.person.id]) is not None else facets.UNKNOWN for s in people]
        bad = sum(label == "worth.negative" for label in labels)
        notes: list[tuple[str, dict[str, Any]]] = [("segment.value_how", {"n": len(people), "negative": bad})]
        return Cut(labels, method, numbers={p: one.as_json() for p, one in of.items() if one}, notes=notes)
    staged = stages(book)
    held = {s.person.id: staged.get(book.who(s.person.id) or 0) for s in people}
    names = [f"stage.{at.stage}" if (at := held[s.person.id]) is not None else facets.UNKNOWN for s in people]
    notes = [("segment.stage_how", {"n": sum(name != facets.UNKNOWN for name in names), "all": len(people)})]
    proof = {p: at.evidence.as_json() for p, at in held.items() if at}
    return Cut(names, method, numbers=proof, notes=notes)


def _dealings(
    project: Project, people: Sequence[Scored], own: Sequence[int], since: int | None, until: int
) -> dict[int, list[tuple[int, float]]]:
    """{person: (time or 0, depth) of each act towards our accounts}; no one for people who did nothing."""
    persons = people_map(project)
    kinds = {code: name for name, code in KINDS.items()}
    wanted = {persons.one(s.person.id): s.person.id for s in people}
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    rows = project.query(
        "select actor, kind, t from interaction where target in (select value from json_each(?)) and t <= ? and t >= ?",
        (json.dumps(persons.spread(own)), until, since or 0),
    )
    for actor, kind, t in rows:
        person = wanted.get(persons.one(actor))
        if person is not None:
            found[person].append((t, DEPTH[kinds[kind]]))
    return dict(found)


def by_community(
    project: Project, people: Sequence[Scored], posts: Sequence[int], since: int | None, until: int, *, all_acts: bool
) -> Cut:
    """Communities of who acts on whom (about ``posts``, unless ``all_acts``): the community that each person is in."""
    from . import communities

    persons = people_map(project)
    found = communities.find(project, since=since, until=until, about=None if all_acts else posts, least=3)
    of = {persons.one(account): one.number for one in found.listed for account in one.members}
    labels = [str(n) if (n := of.get(persons.one(s.person.id))) else STRAY for s in people]
    stability = None if found.stability is None else round(found.stability, 2)
    facts = {"modularity": round(found.modularity, 2), "stability": stability, "people": found.people}
    notes: list[tuple[str, dict[str, Any]]] = [("segment.community", facts)]
    return Cut(labels, "community", notes=notes)


def renumbered(cut: Cut) -> None:
    """Number clusters again from the largest, after the people outside the request are gone."""
    count = Counter(label for label in cut.labels if label.isdigit())
    place = {n: str(i) for i, n in enumerate(sorted(count, key=lambda n: (-count[n], int(n))), 1)}
    cut.labels = [place.get(label, label) for label in cut.labels]


def fold_small(cut: Cut, k: int | None) -> None:
    """With ``k`` asked for, all but the ``k`` largest numbered groups become one rest."""
    if k is not None and k > 0:
        cut.labels = [REST if label.isdigit() and int(label) > k else label for label in cut.labels]
