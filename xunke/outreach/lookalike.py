"""People like these: from accepted and rejected people to similar ones, with the reasons of each and a check.

Features are what people say, state and use: hashtags, words that mark the accepted, stated interests, occupation,
family stage and place, needs that their posts tell, size, activity, whose audience they share. No gender, no age, no
relationship or health: what is sensitive is no way to look for people.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import DAY
from xunke.errors import BadInput
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.storage.search import holds, match

from . import authentic, people, results
from .network import load_events

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]

FACTS: Final = ("interest", "occupation", "family", "region", "city", "city_tier")
_PRIVATE: Final = re.compile("孕|婚|单身|离异|恋|病")
PRIVATE_EVENTS: Final = frozenset({"pregnancy", "love", "breakup"})
"""As in ``xunke.wants``: private, and no way to look for people."""
WORDS: Final = 30
BACKGROUND: Final = 4000
POSTS_EACH: Final = 40
SIZES: Final = ((1_000, "size_1"), (10_000, "size_2"), (100_000, "size_3"), (1_000_000, "size_4"))
"""Followers below which each band lies; size_5 beyond."""
RATES: Final = ((0.5, "rate_1"), (3.0, "rate_2"), (14.0, "rate_3"))
"""Posts a week over the last 90 days below which each band lies; rate_4 beyond."""
RATE_DAYS: Final = 90
SCALE: Final[Mapping[str, float]] = {
    "word": 0.5, "near": 0.5, "audience": 0.5, "need": 0.5, "event": 0.5, "region": 0.5, "city": 0.5, "city_tier": 0.3,
    "size": 0.2, "rate": 0.2,
}  # fmt: skip
"""What features are worth before anything is learned; hashtags, interests and occupations 1. Four posts a week make
nobody alike (benchmarks/lookalike.py)."""
CHECK_LEAST: Final = 6
"""Fewer accepted people than this cannot be held out in turn."""
CHECK_TOP: Final = 50
TOLD: Final = 12
POSTS_SHOWN: Final = 5
Line = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Quality:
    """Of ``held`` accepted people, left out in turn, how many were among the first ``top`` of about ``among``: by this
    model, by shared hashtags alone, and by chance. None where there are not enough people to say."""

    top: int
    held: int
    found: int
    by_tag: int
    by_chance: float
    among: int

    def as_json(self) -> dict[str, Any]:
        return {"top": self.top, "held": self.held, "found": self.found, "by_tag": self.by_tag,
                "by_chance": round(self.by_chance, 3), "among": self.among}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """The stored result and how good it is; ``missing`` accepted people more would let it be checked."""

    result: int
    count: int
    accepted: int
    rejected: int
    quality: Quality | None
    missing: int
    features: tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Table:
    """Everybody who may be looked at: ``ids`` ascending, ``features`` names of columns, values as (row, column, x)."""

    ids: list[int]
    row: dict[int, int]
    features: list[str] = field(default_factory=list)
    column: dict[str, int] = field(default_factory=dict)
    cells: dict[tuple[int, int], float] = field(default_factory=dict)

    def put(self, account: int, name: str, value: float = 1.0) -> None:
        """Set one cell to the larger of what it was and ``value``."""
        row = self.row.get(account)
        if row is None:
            return
        if name not in self.column:
            self.column[name] = len(self.features)
            self.features.append(name)
        at = (row, self.column[name])
        value *= SCALE.get(name.partition(":")[0], 1.0)
        self.cells[at] = max(value, self.cells.get(at, 0.0))

    def matrix(self, extra: Mapping[str, Floats]) -> tuple[csr_array, list[str]]:
        """The features as CSR, ``extra`` columns behind, and the names of all columns."""
        import numpy as np
        from scipy.sparse import coo_array, csr_array, hstack

        count = len(self.cells)
        at = np.fromiter((x for pair in self.cells for x in pair), dtype=np.int64, count=2 * count).reshape(-1, 2)
        values = np.fromiter(self.cells.values(), dtype=np.float64, count=count)
        base = coo_array((values, (at[:, 0], at[:, 1])), shape=(len(self.ids), len(self.features)))
        columns = [csr_array(np.asarray(extra[name]).reshape(-1, 1)) for name in extra]
        whole: Any = hstack([base, *columns], format="csr")
        whole.sort_indices()
        return whole, [*self.features, *extra]


# -- who is accepted -----------------------------------------------------------------------------------------------


def chosen(project: Project, likes: Sequence[int], unlikes: Sequence[int]) -> tuple[list[int], list[int]]:
    """The people that count as accepted and rejected, each once, without those who are barred.

    Raises BadInput("like.both") for somebody on both sides, BadInput("like.nobody") without an accepted one.
    """
    persons = people_map(project)
    good, bad = ({persons.one(a) for a in side} for side in (likes, unlikes))
    if both := good & bad:
        name = project.one("select coalesce(name, '') from account where id = ?", (min(both),))
        raise BadInput("like.both", who=name or str(min(both)))
    never = people.barred(project, good | bad)
    good, bad = good - never.keys(), bad - never.keys()
    if not good:
        raise BadInput("like.nobody")
    return sorted(good), sorted(bad)


# -- features ------------------------------------------------------------------------------------------------------


def table_of(project: Project, until: int, keep: Iterable[int]) -> tuple[Table, dict[int, people.Person]]:
    """Everybody who passes the project's filters, and ``keep`` besides, with features that need no accepted people."""
    everybody = people.load(project)
    passed, _ = people.screen(project, everybody, Step(action="find", target="people"), contact=False)
    never = people.barred(project, keep)
    ids = sorted({p.id for p in passed} | {a for a in keep if a in everybody and a not in never})
    table = Table(ids, {account: row for row, account in enumerate(ids)})
    persons = people_map(project)
    for account in ids:
        person = everybody[account]
        for fact in FACTS:
            for value in person.stated(fact):
                if not _PRIVATE.search(value):
                    table.put(account, f"{fact}:{value}")
        if person.followers is not None:
            table.put(
                account, next((name for top, name in SIZES if person.followers < top), "size_5").replace("_", ":")
            )
    for author, tag, count in project.query(
        "select t.author, g.name, count(*) from post t join post_tag pt on pt.post = t.id join tag g on g.id = pt.tag "
        "where t.author is not null and coalesce(t.created, 0) <= ? group by t.author, g.id", (until,),
    ):  # fmt: skip
        table.put(persons.one(author), f"tag:{tag}", min(1.0, math.log1p(count) / math.log1p(3)))
    weekly: Counter[int] = Counter()
    for author, count in project.query(
        "select author, count(*) from post where author is not null and created between ? and ? group by author",
        (until - RATE_DAYS * DAY, until),
    ):
        weekly[persons.one(author)] += count
    for account in ids:
        rate = weekly[account] / (RATE_DAYS / 7)
        table.put(account, next((name for top, name in RATES if rate < top), "rate_4").replace("_", ":"))
    _needs(project, table, persons.one, until)
    return table, everybody


def _needs(project: Project, table: Table, one: Callable[[int], int], until: int) -> None:
    """Needs and life events that analysed posts tell, without those that are private."""
    from .told import AD, OFFERS

    for author, kind, name in project.query(
        "select t.author, 'need', json_extract(n.value, '$[0]') from feature f join post t on t.id = f.post, "
        "json_each(f.detail, '$.needs') n where coalesce(f.spam, 0) < :ad and coalesce(t.created, 0) <= :until "
        "union all select t.author, 'event', n.value from feature f join post t on t.id = f.post, "
        "json_each(f.detail, '$.life_events') n where coalesce(f.spam, 0) < :ad and coalesce(t.created, 0) <= :until",
        {"ad": AD, "until": until},
    ):
        if author is not None and name not in OFFERS and name not in PRIVATE_EVENTS:
            table.put(one(author), f"{kind}:{name}")


class Words:
    """Words that mark the posts of the accepted people against other posts, and who uses them. Read once."""

    def __init__(self, project: Project, accounts: Sequence[int], until: int) -> None:
        from nlp.keywords import terms

        self.project = project
        persons = people_map(project)
        rows = project.query(
            "select author, text from (select author, coalesce(title || ' ', '') || text as text, row_number() over "
            "(partition by author order by created desc, id desc) as n from post where kind <> 'repost' "
            "and coalesce(created, 0) <= ? and author in (select value from json_each(?))) where n <= ?",
            (until, json.dumps(persons.spread(accounts)), POSTS_EACH),
        )
        others = project.query(
            "select text from post where kind <> 'repost' and coalesce(created, 0) <= ? "
            "and author not in (select value from json_each(?)) order by (id * 2654435761) % 4294967296 limit ?",
            (until, json.dumps(persons.spread(accounts)), BACKGROUND),
        )
        read = terms([text for _, text in rows] + [text for (text,) in others])
        self._kinds = read.kinds
        self._mine = [(persons.one(a), found) for (a, _), found in zip(rows, read.texts[: len(rows)], strict=True)]
        self._background = read.texts[len(rows) :]
        self._users: dict[str, frozenset[int]] = {}
        self._one = persons.one

    def marking(self, accounts: Iterable[int]) -> list[str]:
        """The words of these people that stand out, each used by at least two of them where there are three."""
        from nlp.keywords import keywords_of

        wanted = set(accounts)
        mine = [(a, found) for a, found in self._mine if a in wanted]
        users: dict[str, set[int]] = defaultdict(set)
        for account, found in mine:
            for word in found:
                users[word].add(account)
        least = 2 if len(wanted) >= 3 else 1
        best = keywords_of([f for _, f in mine], self._background, self._kinds, 4 * WORDS, kinds=("word", "phrase"))
        return [k.word for k in best if len(users[k.word]) >= least and len(k.word) >= 2][:WORDS]

    def users(self, word: str) -> frozenset[int]:
        """People whose posts hold ``word``."""
        if word not in self._users:
            expression = match(word)
            rows = [] if expression is None else self.project.query(
                "select t.author, coalesce(t.title, '') || char(10) || t.text from post_fts f "
                "join post t on t.id = f.rowid where post_fts match ? and t.author is not null", (expression,),
            )  # fmt: skip
            self._users[word] = frozenset(self._one(author) for author, text in rows if holds(text, word))
        return self._users[word]


# -- the model -----------------------------------------------------------------------------------------------------


class Space:
    """Everything that is the same for every split of the accepted people: features, graph, walks, words."""

    def __init__(self, project: Project, accepted: Sequence[int], rejected: Sequence[int], until: int) -> None:
        import numpy as np

        from graph.build import build
        from graph.lookalike import chosen as some
        from graph.lookalike import walks

        self.accepted, self.rejected = list(accepted), list(rejected)
        self.table, self.everybody = table_of(project, until, [*accepted, *rejected])
        self.accepted = [a for a in accepted if a in self.table.row]
        self.rejected = [a for a in rejected if a in self.table.row]
        self.words = Words(project, self.accepted, until)
        self.graph = build(load_events(project, until=until), until=until)
        self.nodes = np.array([self.graph.index.get(a, -1) for a in self.table.ids], dtype=np.int64)
        self.seeds = some([self.graph.index[a] for a in self.accepted if a in self.graph.index])
        self.columns = walks(self.graph.weights, self.seeds) if self.seeds else np.zeros((len(self.graph), 0))

    def features(self, accepted: Sequence[int]) -> tuple[csr_array, list[str]]:
        """The columns, those of words, walks and audience as if only these people were accepted."""
        import numpy as np

        from graph.lookalike import nearness, shared_audience

        wanted = {self.graph.index[a] for a in accepted if a in self.graph.index}
        out = [i for i, seed in enumerate(self.seeds) if seed not in wanted]
        there = self.nodes >= 0
        extra: dict[str, Floats] = {}
        for name, values in (
            ("near", nearness(self.columns, self.seeds, out)),
            ("audience", shared_audience(self.graph.weights, sorted(wanted))),
        ):
            column = np.zeros(len(self.nodes))
            column[there] = values[self.nodes[there]]
            extra[name] = column
        mine = set(accepted)
        for word in self.words.marking(accepted):
            column, users = np.zeros(len(self.nodes)), self.words.users(word)
            column[[self.table.row[a] for a in users if a in self.table.row]] = 1.0
            if len(users & mine) < 3:  # a word chosen because of two people says nothing of these two
                column[[self.table.row[a] for a in users & mine]] = 0.0
            extra[f"word:{word}"] = column
        extra = {name: column * SCALE.get(name.partition(":")[0], 1.0) for name, column in extra.items()}
        return self.table.matrix(extra)

    def order(self, values: Floats, but: Iterable[int]) -> list[int]:
        """Rows of everybody but ``but`` (accounts), best first, equal ones by id."""
        import numpy as np

        out = {self.table.row[a] for a in but}
        return [int(r) for r in np.lexsort((np.array(self.table.ids), -values)) if int(r) not in out]


def check(space: Space, top: int = CHECK_TOP) -> Quality | None:
    """Leave accepted people out in turn (five parts) and look for them among everybody. None below ``CHECK_LEAST``."""
    import numpy as np

    from graph.lookalike import fit, folds

    if len(space.accepted) < CHECK_LEAST:
        return None
    found = by_tag = 0
    chance = 0.0
    among = 0
    bad = [space.table.row[a] for a in space.rejected]
    for held in folds(len(space.accepted)):
        kept = [a for i, a in enumerate(space.accepted) if i not in set(held)]
        sought = {space.table.row[space.accepted[i]] for i in held}
        features, names = space.features(kept)
        model = fit(features, [space.table.row[a] for a in kept], bad)
        known = [*kept, *space.rejected]
        order = space.order(model.scores(features), known)
        found += len(sought & set(order[:top]))
        tags = [i for i, name in enumerate(names) if name.startswith("tag:")]
        shared: Any = features[:, tags]
        shared.data = np.ones_like(shared.data)
        mine = shared[[space.table.row[a] for a in kept]].sum(axis=0)
        by_tag += len(sought & set(space.order(np.asarray(shared @ mine, dtype=np.float64), known)[:top]))
        chance += len(held) * min(1.0, top / max(1, len(order)))
        among = max(among, len(order))
    return Quality(top, len(space.accepted), found, by_tag, chance, among)


def alike(
    project: Project,
    likes: Sequence[int],
    unlikes: Sequence[int],
    *,
    until: int,
    limit: int = 50,
    title: str = "",
    known: Iterable[int] = (),
    judge: Callable[[Sequence[int]], None] | None = None,
) -> Alike:
    """Find ``limit`` people like ``likes`` and unlike ``unlikes`` on what was known at ``until``, and store the result.

    Those named, and ``known``, are not in it, nor is who is surely spam; ``judge`` is called with the first accounts
    before that is looked up. Raises BadInput as ``chosen`` does.
    """
    from graph.lookalike import fit

    accepted, rejected = chosen(project, likes, unlikes)
    space = Space(project, accepted, rejected, until)
    if not space.accepted:
        raise BadInput("like.nobody")
    features, names = space.features(space.accepted)
    row = space.table.row
    model = fit(features, [row[a] for a in space.accepted], [row[a] for a in space.rejected])
    values = model.scores(features)
    persons = people_map(project)
    out = {persons.one(a) for a in (*known, *accepted, *rejected)}
    order = space.order(values, [a for a in sorted(out) if a in row])
    if judge is not None:
        judge([space.table.ids[place] for place in order[: 2 * limit]])
    if people.filters_of(project).spam:
        spam = {a for a, sign in authentic.signs(project, space.table.ids).items() if sign.is_spam}
        order = [place for place in order if space.table.ids[place] not in spam]
    quality = check(space, min(limit, CHECK_TOP))
    weights = {name: float(w) for name, w in zip(names, model.weights.tolist(), strict=True)}
    rows: list[results.Row] = []
    for place in order[:limit]:
        account = space.table.ids[place]
        rows.append(
            (
                account,
                round(1 / (1 + math.exp(-float(values[place]))), 6),
                _parts(project, persons.all(account), features[[place]], names, model.weights, model.bias, until),
            )
        )
    setting = {
        "kind": "likeness", "sort": "likeness", "until": until, "h0": space.graph.h0, "subject": False,
        "accepted": len(space.accepted), "rejected": len(space.rejected), "quality": quality and quality.as_json(),
    }  # fmt: skip
    funnel = [("funnel.people", len(space.table.ids), {}), ("funnel.limit", len(rows), {"limit": limit})]
    result = results.store(project, "people", rows, title=title, funnel=list(funnel), setting=setting)
    strongest = sorted(weights.items(), key=lambda item: (-abs(item[1]), item[0]))[:TOLD]
    return Alike(
        result, len(rows), len(space.accepted), len(space.rejected), quality,
        max(0, CHECK_LEAST - len(space.accepted)), tuple((n, w) for n, w in strongest if abs(w) > 1e-6),
    )  # fmt: skip


def _parts(
    project: Project, accounts: Sequence[int], row: csr_array, names: Sequence[str], weights: Floats, bias: float,
    until: int,
) -> dict[str, Any]:  # fmt: skip
    """What is stored of one person: z in its parts, strongest first, and posts that show them."""
    at = zip(row.indices.tolist(), row.data.tolist(), strict=True)
    adds = [[names[c], round(x, 4), round(float(weights[c]), 6), round(x * float(weights[c]), 6)] for c, x in at]
    adds = sorted((a for a in adds if abs(a[3]) > 1e-6), key=lambda a: (-abs(a[3]), a[0]))
    shown, rest = adds[:TOLD], math.fsum(a[3] for a in adds[TOLD:])
    tags = [a[0].partition(":")[2] for a in shown if a[0].startswith("tag:") and a[3] > 0]
    words = [a[0].partition(":")[2] for a in shown if a[0].startswith("word:") and a[3] > 0]
    told = project.query(
        "select t.id, coalesce(t.title || ' ', '') || t.text, exists (select 1 from post_tag pt join tag g "
        "on g.id = pt.tag where pt.post = t.id and g.name in (select value from json_each(?))) from post t "
        "where t.author in (select value from json_each(?)) and coalesce(t.created, 0) <= ? "
        "order by t.created desc, t.id desc limit 200",
        (json.dumps(tags, ensure_ascii=False), json.dumps(list(accounts)), until),
    )
    ranked = sorted(told, key=lambda post: -(2 * post[2] + sum(holds(post[1], w) for w in words)))
    posts = [post[0] for post in ranked if post[2] or any(holds(post[1], w) for w in words)][:POSTS_SHOWN]
    return {
        "features": shown, "rest": round(rest, 6), "bias": round(bias, 6), "posts": posts,
        "raw": {"z": round(bias + math.fsum(a[3] for a in adds), 6)},
    }  # fmt: skip


# -- in words ------------------------------------------------------------------------------------------------------


def lines(
    rank: int, total: int, value: float | None, stored: Mapping[str, Any], setting: Mapping[str, Any]
) -> list[Line]:
    """Why somebody stands where they are in a result of likeness: each feature and what it adds."""
    out: list[Line] = [("why.rank", {"rank": rank, "total": total, "sort": "likeness"})]
    out.append(("like.sum", {"value": value or 0.0, "z": stored["raw"]["z"], "bias": stored["bias"],
                             "accepted": setting["accepted"], "rejected": setting["rejected"]}))  # fmt: skip
    for name, x, weight, adds in stored["features"]:
        group, _, word = name.partition(":")
        out.append((f"like.{group}", {"name": word, "x": x, "weight": weight, "adds": adds}))
    if stored["rest"]:
        out.append(("like.rest", {"adds": stored["rest"]}))
    return [*out, *quality_lines(setting.get("quality"), CHECK_LEAST - setting["accepted"])]


def quality_lines(quality: Mapping[str, Any] | None, missing: int) -> list[Line]:
    """How good the model is, or that there are not enough people to say."""
    if quality is None:
        return [("like.unchecked", {"missing": max(1, missing), "least": CHECK_LEAST})]
    return [("like.quality", dict(quality))]
