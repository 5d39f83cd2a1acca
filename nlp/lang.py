"""The language of short texts, by script and a few words. Enough to set foreign posts apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import chars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .batch import Batch

_ENGLISH = re.compile(r"\b(?:the|and|is|are|you|to|of|in|for|my|it|this|with|that|not|have|was|on|so|i'm)\b")


def language(text: str) -> str:
    """:func:`languages` of one text."""
    from .batch import Batch

    return languages(Batch.of([text]))[0]


def languages(batch: Batch) -> list[str]:
    """ISO 639-1 codes: zh, ja, ko, en, or ``und`` where a text does not tell; of the author's own words if any."""
    import numpy as np

    present = int(np.bitwise_or.reduce(batch.classes)) if len(batch) else 0

    def count(script: int) -> NDArray[np.int64]:
        if not present & script:
            return np.zeros(len(batch), np.int64)
        own, rest = batch.part_sums(batch.classes & script)
        return np.where(batch.own_ends > batch.starts, own, rest) // script

    han, latin = count(chars.HAN), count(chars.LATIN)
    kana, hangul = count(chars.KANA), count(chars.HANGUL)
    found = np.where((han * 6 >= latin) & (han > 0), "zh", "und")
    found[hangul > np.maximum(han, latin // 2)] = "ko"
    found[(kana > 1) & (kana * 6 > han)] = "ja"
    names: list[str] = found.tolist()
    for row in np.flatnonzero((found == "und") & (latin > 0)).tolist():
        if _ENGLISH.search(batch.own(row) or batch.row(row)):
            names[row] = "en"
    return names
