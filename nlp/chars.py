"""What a character is: the table nlp/data/characters.bin (made by training/make_characters.py).

``FOLD`` turns one character into one character: lower case, half width, simplified Chinese, one form of quotes and
dashes, any blank but the newline a space. ``CLASSES`` holds the bits below. Both are indexed by code point; code
points from 0x20000 on share the last two entries (ideographs; all else).

Not folded blindly: characters of ``DUAL``, which simplified Chinese also uses (乾隆, 著名, 瞭望).
Invisible characters, variation selectors, joiners, combining marks and skin tones are
``CLEAR``: a :class:`~nlp.batch.Batch` leaves them out, so that ❤️ and ❤, 👍🏻 and 👍 and "加​微" and "加微" are the same.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIZE: Final = 0x20000

SPACE: Final = 1
NAME: Final = 2  # may stand in an @name
TAG: Final = 4  # may stand in a #tag without a closing mark
LINK: Final = 8
LATIN: Final = 16
DIGIT: Final = 32
HAN: Final = 64
KANA: Final = 128
HANGUL: Final = 256
CLEAR: Final = 512
DIRTY: Final = 1024  # xunke.text.clean may change a text that holds it
TRADITIONAL: Final = 2048
DUALS: Final = 4096
EMOJI: Final = 8192

DUAL: Final = {"乾": "干", "著": "着", "瞭": "了"}
"""Traditional for the second, and simplified Chinese in its own right."""
DUAL_KEPT: Final = {"乾": ("", "坤隆"), "著": ("原名显论编专巨合遗卓昭", "名作者述称书")}
"""… even in traditional Chinese after one of the first characters or before one of the second (simplified)."""


class Characters(NamedTuple):
    """The two tables, ``SIZE`` long."""

    fold: NDArray[np.uint32]
    classes: NDArray[np.uint16]


@cache
def characters() -> Characters:
    """The tables, read once (about 2 ms)."""
    import numpy as np

    raw = zlib.decompress(files("nlp").joinpath("data", "characters.bin").read_bytes())
    fold = np.frombuffer(raw, "<i4", SIZE) + np.arange(SIZE, dtype=np.int32)
    return Characters(fold.astype(np.uint32), np.frombuffer(raw, "<u2", SIZE, offset=4 * SIZE).astype(np.uint16))
