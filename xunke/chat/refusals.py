"""A second opinion on refusals: how much a request reads like those that are refused.

The rules of ``policy.toml`` name what they refuse and why; wishes are worded in more ways than rules foresee. This model
(log-linear over words, characters and their neighbours; trained by ``training/make_refusals.py`` on invented requests)
weighs what the rules say with how the request reads: it refuses what they miss and lets go what they only seem to hit.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Collection, Mapping
from functools import cache
from itertools import count
from typing import Final

import msgspec

from . import lexicon

_QUOTED: Final = re.compile(r"『[^』]{0,300}』|#[^#\s]{1,30}#?|@[^\s,，]{1,30}")
_PART: Final = re.compile(r"[a-z][a-z'\-]*|\d+|[^\s]", re.IGNORECASE)
MOST: Final = 400
"""Words and characters that are read."""


def features(text: str, codes: Collection[str]) -> list[str]:
    """What the model sees of a folded text: parts, pairs and triples of them, pairs with one between; each once.

    ``codes``: what the rules say, which is evidence like any other.
    """
    parts = [p.lower() for p in _PART.findall(_QUOTED.sub("『", text))[:MOST]]
    parts = ["^", *("0" if p.isdigit() else p for p in parts), "$"]
    found = {*parts[1:-1], *("!" + code for code in codes), "!any" if codes else "!none"}
    for i in range(len(parts) - 1):
        found.add(parts[i] + "\t" + parts[i + 1])
        if i + 2 < len(parts):
            found.add("\t".join(parts[i : i + 3]))
            found.add(parts[i] + "\t\t" + parts[i + 2])
    return sorted(found)


class Model(msgspec.Struct, frozen=True):
    """Weights of each feature for each of ``codes`` (the first: nothing to refuse), in units of 1/``scale``.

    ``index``: the row of a feature in ``table``, whose rows are as long as ``codes``, one signed byte a weight.
    """

    codes: tuple[str, ...]
    scale: float
    bias: tuple[int, ...]
    index: Mapping[str, int]
    table: bytes

    def packed(self) -> bytes:
        """The model as a file: a line of facts, the features, the table."""
        facts = msgspec.json.encode({"codes": self.codes, "scale": self.scale, "bias": self.bias}).decode()
        names = "\n".join(sorted(self.index, key=self.index.__getitem__))
        return zlib.compress(f"{facts}\0{names}\0".encode() + self.table, 9)

    @staticmethod
    def unpacked(data: bytes) -> Model:
        """What ``packed`` wrote."""
        facts, names, table = zlib.decompress(data).split(b"\0", 2)
        said = msgspec.json.decode(facts)
        index = dict(zip(names.decode().split("\n"), count(), strict=False))
        return Model(tuple(said["codes"]), said["scale"], tuple(said["bias"]), index, table)


@cache
def model() -> Model:
    return Model.unpacked((lexicon.HERE / "refusals.bin").read_bytes())


def chances(text: str, codes: Collection[str], given: Model | None = None) -> Mapping[str, float]:
    """The chance of each code, and of "ok", for a folded text of which the rules say ``codes``."""
    m = given or model()
    found = features(text, codes)
    width, table = len(m.codes), memoryview(m.table).cast("b")
    sums = [0] * width
    for row in (m.index[f] for f in found if f in m.index):
        for code, weight in enumerate(table[row * width : (row + 1) * width]):
            sums[code] += weight
    norm = m.scale * math.sqrt(max(1, len(found)))
    logits = [s / norm + b / m.scale for s, b in zip(sums, m.bias, strict=True)]
    top = max(logits)
    powers = [math.exp(x - top) for x in logits]
    total = sum(powers)
    return {code: power / total for code, power in zip(m.codes, powers, strict=True)}
