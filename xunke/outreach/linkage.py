"""How likely two accounts on different platforms are one person's: match weights in bits, nothing of SQL.

Fellegi and Sunter 1969: each compared field adds log2(m/u), m = P(level | same person), u = P(level | two people).
m and the prior are learned from the project's own candidate pairs by EM (Winkler 1988, 2000) around the values below;
u comes from random pairs of the project, for equal names, handles and links from how rare the value is.
Compared is only what the profiles say. Gender, pictures and anything private are not looked at.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELDS: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    "link": {"points": (0.10, 1e-6), "shared": (0.05, 1e-5), "none": (0.85, 0.99999)},
    "name": {"same": (0.50, 1e-4), "core": (0.15, 1e-4), "near": (0.15, 1e-3), "different": (0.20, 0.999)},
    "handle": {"same": (0.50, 1e-4), "near": (0.15, 1e-3), "different": (0.35, 0.999)},
    "bio": {"same": (0.30, 1e-4), "part": (0.30, 1e-2), "different": (0.40, 0.99)},
    "region": {"same": (0.85, 0.1), "different": (0.15, 0.9)},
    "tags": {"many": (0.40, 0.05), "some": (0.35, 0.25), "none": (0.25, 0.7)},
}
"""{field: {level: (m, u)}} before anything is learned; judgement, and worth ``PSEUDO`` pairs against the data."""
PSEUDO: Final = 20.0
UNSEEN: Final = 1000.0
"""A value's rarity is judged as if so many more accounts stood outside the project, named by the same characters."""
RAREST: Final = 1e-6
BLOCK: Final = 30
"""A value that more accounts share makes no pairs."""
MOST_PAIRS: Final = 200_000
RANDOM_PAIRS: Final = 20_000
_LINK: Final = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,}(?:/[\w./~@%+-]*)?)", re.I)
_BARE: Final = re.compile(
    r"^(?:m\.|www\.)?(?:weibo|xiaohongshu|douyin|bilibili|zhihu|douban|tieba|baidu|taobao|tmall|jd|qq|x|twitter|youtube|"
    r"instagram|tiktok|t|b23|xhslink|linktr|github)\.(?:com|cn|tv|co|ee)/?$",
    re.I,
)
_DECOR: Final = re.compile(r"[^\w\u4e00-\u9fff]|_|\d+$|(?:official|官方|本人|同学|酱|吖|呀|啊|er|iii)$")
_HEAD: Final = re.compile(r"^(?:小|阿|大|老|是|我是|the|i?m)(?=..)")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is compared of an account. Words are folded; ``links`` as ``link_of`` gives them."""

    account: int
    platform: str
    name: str = ""
    handle: str = ""
    bio: str = ""
    own: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    region: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    @property
    def core(self) -> str:
        """The name without decorations, numbers and nickname syllables."""
        return core(self.name)


@dataclass(frozen=True, slots=True)
class Field:
    """One compared field: its level, and what it adds in bits, log2(m/u)."""

    field: str
    level: str
    m: float
    u: float

    @property
    def bits(self) -> float:
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Match:
    """Two accounts (a < b): p = 1 / (1 + 2^-(prior + sum of the fields' bits))."""

    a: int
    b: int
    prior: float
    fields: tuple[Field, ...]

    @property
    def bits(self) -> float:
        return self.prior + sum(field.bits for field in self.fields)

    @property
    def p(self) -> float:
        return 1 / (1 + 2 ** -max(-60.0, min(60.0, self.bits)))


def link_of(text: str) -> frozenset[str]:
    """The links in a text without scheme, ``www.``, query and closing slash; a platform's front page is none."""
    found = set()
    for match in _LINK.finditer(text):
        link = match[1].lower().removeprefix("www.").removeprefix("m.").rstrip("/.")
        if not _BARE.match(link) and len(link) > 5:
            found.add(link)
    return frozenset(found)


@lru_cache(maxsize=1 << 18)
def core(name: str) -> str:
    """``name`` stripped of what people add when a name is taken: numbers, signs, 小 and 酱; never to less than two."""
    before = ""
    while name != before:
        before = name
        for pattern in (_DECOR, _HEAD):
            shorter = pattern.sub("", name)
            name = shorter if len(shorter) >= 2 else name
    return name


def grams(text: str, n: int = 2) -> frozenset[str]:
    """Runs of ``n`` characters."""
    return frozenset(text[i : i + n] for i in range(max(1, len(text) - n + 1))) if text else frozenset()


def edits(one: str, two: str) -> int:
    """Levenshtein distance, transposed neighbours counting once (optimal string alignment)."""
    rows = [list(range(len(two) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def near(one: str, two: str) -> bool:
    """Whether two words differ by a slip: one edit in four characters or more, two in eight or more; or one begins the
    other and is at least three characters long."""
    short, long = sorted((one, two), key=len)
    if len(short) >= 3 and long.startswith(short) and len(long) <= 2 * len(short):
        return True
    allowed = 2 if len(short) >= 8 else 1 if len(short) >= 4 else 0
    return len(long) - len(short) <= allowed and allowed > 0 and edits(one, two) <= allowed


class Rarity:
    """How rare values are among the accounts of the project."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.n = len(profiles)
        self.sizes = Counter(p.platform for p in profiles)
        self.names = Counter((p.platform, p.name) for p in profiles if p.name)
        self.cores = Counter((p.platform, p.core) for p in profiles if p.name)
        self.handles = Counter((p.platform, p.handle) for p in profiles if p.handle)
        self.everywhere = Counter(p.name for p in profiles if p.name)
        self.variants = Counter(core(name) for name in self.everywhere)
        self.links = Counter(link for p in profiles for link in p.links | p.own)
        self.own = Counter(link for p in profiles for link in p.own)
        self.bio = Counter(g for p in profiles for g in grams(p.bio))
        self.tags = Counter(t for p in profiles for t in p.tags)
        self._chars: Counter[str] = Counter()
        self._pairs: Counter[str] = Counter()
        for p in profiles:
            for word in (p.name, p.handle):
                self._chars.update(word)
                self._pairs.update(word[i : i + 2] for i in range(len(word) - 1))
        self._all = sum(self._chars.values())

    def chance(self, word: str) -> float:
        """The chance of a name by its characters (bigrams of the project's names, smoothed by single characters)."""
        log, kinds = 0.0, len(self._chars) + 1
        for i, char in enumerate(word):
            alone = (self._chars[char] + 0.5) / (self._all + 0.5 * kinds)
            if i:
                alone = (self._pairs[word[i - 1 : i + 1]] + 10 * alone) / (self._chars[word[i - 1]] + 10)
            log += math.log(alone)
        return math.exp(log)

    def of(self, counts: Counter[tuple[str, str]], word: str, one: Profile, two: Profile, among: int) -> float:
        """u of two accounts that share ``word``: how many others on either platform have it too, at the worse end, and
        at least ``among``: those on all platforms that are too many for one person."""
        return max(self.on(p.platform, max(among, counts[p.platform, word] - 1), word) for p in (one, two))

    def on(self, platform: str, others: int, word: str) -> float:
        """The chance that an account of ``platform`` bears ``word``, of which ``others`` are known to."""
        return max(RAREST, (max(0, others) + UNSEEN * self.chance(word)) / (self.sizes[platform] + UNSEEN))

    def pointed(self, link: str) -> float:
        """u of a profile that names the other by ``link``: a name after @ is as telling as few bear it there."""
        platform, _, name = link.partition("@")
        return self.on(platform, self.own[link] - 1, name) if name else RAREST

    def alike(self, one: frozenset[str], two: frozenset[str], counts: Counter[str]) -> float:
        """Jaccard with each element weighing log(n / how many have it)."""

        def weight(words: frozenset[str]) -> float:
            return sum(math.log((self.n + 1) / counts[w]) for w in sorted(words))

        whole = weight(one | two)
        return weight(one & two) / whole if whole > 0 else 0.0


def compare(one: Profile, two: Profile, rarity: Rarity) -> dict[str, tuple[str, float | None]]:
    """{field: (level, u of this very value, where its rarity says it)}; a field that one side leaves open is absent."""
    found: dict[str, tuple[str, float | None]] = {"link": _link(one, two, rarity)}
    if one.name and two.name:
        if one.name == two.name:
            found["name"] = ("same", rarity.of(rarity.names, one.name, one, two, rarity.everywhere[one.name] - 3))
        elif one.core == two.core:
            found["name"] = ("core", rarity.of(rarity.cores, one.core, one, two, rarity.variants[one.core] - 2))
        else:
            found["name"] = ("near" if near(one.core, two.core) else "different", None)
    if one.handle and two.handle:
        if one.handle == two.handle:
            found["handle"] = ("same", rarity.of(rarity.handles, one.handle, one, two, 0))
        else:
            found["handle"] = ("near" if near(one.handle, two.handle) else "different", None)
    if len(one.bio) >= 4 and len(two.bio) >= 4:
        share = rarity.alike(grams(one.bio), grams(two.bio), rarity.bio)
        found["bio"] = ("same" if share >= 0.6 else "part" if share >= 0.2 else "different", None)
    if one.region and two.region:
        found["region"] = ("same" if one.region & two.region else "different", None)
    if one.tags and two.tags:
        share = rarity.alike(one.tags, two.tags, rarity.tags)
        found["tags"] = ("many" if share >= 0.3 else "some" if share > 0 else "none", None)
    return found


def _link(one: Profile, two: Profile, rarity: Rarity) -> tuple[str, float | None]:
    if pointed := (one.own & two.links) | (two.own & one.links):
        return "points", min(rarity.pointed(link) for link in sorted(pointed))
    if shared := one.links & two.links:
        fewest = min(rarity.links[link] for link in sorted(shared))
        return "shared", max(RAREST, (fewest - 2 + 0.01) / rarity.n)
    return "none", None


def candidates(profiles: Sequence[Profile]) -> list[tuple[int, int]]:
    """Positions of pairs worth comparing: of different platforms, sharing a value that few have (``BLOCK``)."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, p in enumerate(profiles):
        keys = {("word", word) for word in (p.name, p.core, p.handle, core(p.handle)) if len(word) >= 2}
        keys |= {("link", link) for link in p.links | p.own}
        keys |= {("bio", gram) for gram in grams(p.bio, 4) if len(gram) == 4}
        keys |= {("gram", gram) for word in (p.core, p.handle) for gram in grams(word, 3) if len(gram) == 3}
        keys |= {
            ("skip", word[:i] + word[i + 1 :]) for word in (p.core,) if 3 <= len(word) <= 12 for i in range(len(word))
        }
        for key in keys:
            blocks[key].append(place)
    votes: Counter[tuple[int, int]] = Counter()
    for (kind, _), places in sorted(blocks.items()):
        if 2 <= len(places) <= BLOCK:
            for i, j in combinations(places, 2):
                if profiles[i].platform != profiles[j].platform:
                    votes[i, j] += 1 if kind in ("bio", "gram") else 3
    kept = sorted((pair for pair, votes_ in votes.items() if votes_ >= 3), key=lambda pair: (-votes[pair], pair))
    return sorted(kept[:MOST_PAIRS])


def link_up(profiles: Sequence[Profile], rounds: int = 40) -> list[Match]:
    """Every candidate pair with its weights, likeliest first. The same profiles give the same answer."""
    import numpy as np

    rarity = Rarity(profiles)
    pairs = candidates(profiles)
    if not pairs:
        return []
    u = _u(profiles, rarity)
    names = list(FIELDS)
    levels = {name: list(FIELDS[name]) for name in names}
    told = [compare(profiles[i], profiles[j], rarity) for i, j in pairs]
    level = np.full((len(pairs), len(names)), -1, dtype=np.int64)
    log_u = np.zeros((len(pairs), len(names)))
    for row, fields in enumerate(told):
        for column, name in enumerate(names):
            if name in fields:
                word, own = fields[name]
                level[row, column] = levels[name].index(word)
                log_u[row, column] = math.log(u[name][word] if own is None else own)
    m, prior = _learn(level, log_u, _cross(profiles), rounds)
    out = []
    for row, (i, j) in enumerate(pairs):
        found = tuple(
            Field(name, levels[name][level[row, column]], float(m[column][level[row, column]]),
                  math.exp(log_u[row, column]))
            for column, name in enumerate(names)
            if level[row, column] >= 0
        )  # fmt: skip
        a, b = sorted((profiles[i].account, profiles[j].account))
        out.append(Match(a, b, math.log2(prior / (1 - prior)), found))
    return sorted(out, key=lambda match: (-match.bits, match.a, match.b))


def _cross(profiles: Iterable[Profile]) -> int:
    """Pairs of accounts on different platforms."""
    sizes = Counter(p.platform for p in profiles)
    n = sum(sizes.values())
    return max(1, (n * n - sum(k * k for k in sizes.values())) // 2)


def _u(profiles: Sequence[Profile], rarity: Rarity) -> dict[str, dict[str, float]]:
    """u of each level from random pairs of different platforms (nearly all of them two people), smoothed."""
    chance = random.Random(len(profiles))
    seen: dict[str, Counter[str]] = {name: Counter() for name in FIELDS}
    for _ in range(min(RANDOM_PAIRS, 20 * len(profiles))):
        one, two = chance.choice(profiles), chance.choice(profiles)
        if one.platform != two.platform:
            for name, (level, _own) in compare(one, two, rarity).items():
                seen[name][level] += 1
    out: dict[str, dict[str, float]] = {}
    for name, levels in FIELDS.items():
        total = sum(seen[name].values()) + PSEUDO
        out[name] = {level: (seen[name][level] + PSEUDO * u) / total for level, (_, u) in levels.items()}
    return out


def _learn(
    level: NDArray[np.int64], log_u: NDArray[np.float64], pairs: int, rounds: int
) -> tuple[list[NDArray[np.float64]], float]:
    """EM over the candidates with u fixed: m of each field's levels, and the prior chance of any cross pair."""
    import numpy as np

    start = [np.array([m for m, _ in FIELDS[name].values()]) for name in FIELDS]
    m, n = [values.copy() for values in start], len(level)
    prior = max(1.0, n / 10) / pairs
    prior = min(0.5, prior)
    for _ in range(rounds):
        score = np.full(n, math.log(prior / (1 - prior)))
        for column, values in enumerate(m):
            known = level[:, column] >= 0
            score[known] += np.log(values[level[known, column]]) - log_u[known, column]
        p = 1 / (1 + np.exp(-np.clip(score, -40, 40)))
        for column, first in enumerate(start):
            known = level[:, column] >= 0
            counts = np.bincount(level[known, column], weights=p[known], minlength=len(first))
            m[column] = (counts + PSEUDO * first) / (counts.sum() + PSEUDO)
        prior = min(0.5, (float(p.sum()) + 0.5) / (pairs + 1))
    return m, prior
