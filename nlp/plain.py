"""Text in the one form in which rules look for words: half width, lower case, simplified, nothing invisible.

The same folding as :mod:`nlp.batch`, for one text at a time.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from xunke.text import clean

from .chars import CLEAR, FOLD_BITS, SIZE, characters

_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff])[ \t]+(?=[\u3400-\u9fff])")


@cache
def _folded() -> dict[int, str]:
    """{code point: its plain character} of those that change."""
    import numpy as np

    folded = characters() & np.uint32((1 << FOLD_BITS) - 1)
    changed = np.flatnonzero(folded != np.arange(SIZE, dtype=np.uint32))
    return dict(zip(changed.tolist(), map(chr, folded[changed].tolist()), strict=True))


@cache
def _cleared() -> dict[int, str]:
    """The same, and nothing for what cannot be seen."""
    import numpy as np

    unseen = np.flatnonzero(characters() >> np.uint32(FOLD_BITS) & np.uint32(CLEAR))
    return _folded() | dict.fromkeys(unseen.tolist(), "")


def plain(text: str) -> str:
    """``text`` cleaned and folded, without what cannot be seen; blanks between two Han characters are dropped."""
    text = clean(text)
    return text.lower() if text.isascii() else _GAP.sub("", text.translate(_cleared()))


def plain_as_long(text: str) -> str:
    """The same character by character: positions in the result are positions in ``text`` (clean it first)."""
    return text.lower() if text.isascii() else text.translate(_folded())
