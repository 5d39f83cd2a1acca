"""Bilibili's two names of one video: ``av170001`` (the number) and ``BV17x411w7KC`` (the same number, written anew).

The number is the identity, because most files have only that. The other is base 58 with a fixed mask, shuffled; the
table is public (bilibili-api-python, ``utils/aid_bvid_transformer.py``) and protects nothing.
"""

from __future__ import annotations

import re
from typing import Final

_LETTERS: Final = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
_DIGIT: Final = {letter: number for number, letter in enumerate(_LETTERS)}
_ORDER: Final = (9, 7, 5, 6, 4, 8, 3, 10, 11)
"""Where the digits stand, the highest first."""
_MASK: Final = 2**51 - 1
_XOR: Final = 23_442_827_791_579
_BVID: Final = re.compile(r"[Bb][Vv]1[1-9A-HJ-NP-Za-km-z]{9}")


def aid_of(bvid: str) -> str | None:
    """The number of the video ``bvid`` as text; None if that is no such name."""
    if not _BVID.fullmatch(bvid):
        return None
    number = 0
    for place in _ORDER:
        number = number * 58 + _DIGIT[bvid[place]]
    return str((number & _MASK) ^ _XOR)
