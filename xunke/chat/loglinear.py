"""Small log-linear classifiers of a request: what they see of a text, and weights that load in milliseconds."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Final

import msgspec

_QUOTED: Final = re.compile(r"『[^』]{0,300}』|#[^#\s]{1,30}#?|@[^\s,，]{1,30}")
_PART: Final = re.compile(r"[a-z][a-z'\-]*|\d+|[^\s]", re.IGNORECASE)
MOST: Final = 400
"""Words and characters that are read."""


def _number(digits: str) -> str:
    """A number as a part: it only matters whether it may be the age of a child."""
    return "y" if len(digits) < 3 and 0 < int(digits) <= 18 else "0"


def features(text: str) -> set[str]:
    """Parts, pairs and triples of a folded text, pairs with one between. Quotations, tags and names are one part."""
    parts = [p.lower() for p in _PART.findall(_QUOTED.sub("『", text))[:MOST]]
    parts = ["^", *(_number(p) if p.isdigit() else p for p in parts), "$"]
    found = set(parts[1:-1])
    for i in range(len(parts) - 1):
        found.add(parts[i] + "\t" + parts[i + 1])
        if i + 2 < len(parts):
            found.add("\t".join(parts[i : i + 3]))
            found.add(parts[i] + "\t\t" + parts[i + 2])
    return found


class Model(msgspec.Struct, frozen=True):
    """Weights of each feature for each of ``codes``, in units of 1/``scale``.

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

    def chances(self, found: Iterable[str]) -> dict[str, float]:
        """The chance of each code, given the features (softmax; their sum over the root of their number)."""
        width, table = len(self.codes), memoryview(self.table).cast("b")
        sums, size = [0] * width, 0
        for feature in found:
            size += 1
            row = self.index.get(feature)
            if row is not None:
                for code, weight in enumerate(table[row * width : (row + 1) * width]):
                    sums[code] += weight
        norm = self.scale * math.sqrt(max(1, size))
        logits = [s / norm + b / self.scale for s, b in zip(sums, self.bias, strict=True)]
        top = max(logits)
        powers = [math.exp(x - top) for x in logits]
        total = sum(powers)
        return {code: power / total for code, power in zip(self.codes, powers, strict=True)}
