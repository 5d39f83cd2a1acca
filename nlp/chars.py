"""What a character is: the table nlp/data/characters.bin (made by training/make_characters.py).

Folding turns one character into one character: lower case, half width, simplified Chinese, one form of quotes and
dashes, any blank but the newline a space. Classes are the bits below. The table is indexed by code point; code points
from 0x20000 on fold to themselves and have the classes of the last two entries (ideographs; all else).

Not folded blindly: characters of ``DUAL``, which simplified Chinese also uses (乾隆, 著名, 瞭望).
Invisible characters, variation selectors, joiners, combining marks and skin tones are
``CLEAR``: a :class:`~nlp.batch.Batch` leaves them out, so that ❤️ and ❤, 👍🏻 and 👍 and "加​微" and "加微" are the same.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

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
LETTERS: Final = LATIN | HAN | KANA | HANGUL
CLEAR: Final = 512
DIRTY: Final = 1024  # xunke.text.clean may change a text that holds it
TRADITIONAL: Final = 2048
DUALS: Final = 4096
EMOJI: Final = 8192
MARK: Final = 16384  # @ : . # the space, and whatever is CLEAR, DIRTY or DUALS: what a batch looks at one by one
FOLD_BITS: Final = 17

DUAL: Final = {"乾": "干", "著": "着", "瞭": "了"}
"""Traditional for the second, and simplified Chinese in its own right."""
DUAL_KEPT: Final = {"乾": ("", "坤隆"), "著": ("原名显论编专巨合遗卓昭", "名作者述称书")}
"""… even in traditional Chinese after one of the first characters or before one of the second (simplified)."""


@cache
def characters() -> NDArray[np.uint32]:
    """The table, ``SIZE`` long, read once (4 ms): the folded character, and its classes from bit ``FOLD_BITS`` on."""
    import numpy as np

    raw = zlib.decompress(files("nlp").joinpath("data", "characters.bin").read_bytes())
    fold = np.frombuffer(raw, "<i4", SIZE) + np.arange(SIZE, dtype=np.int32)
    classes = np.frombuffer(raw, "<u2", SIZE, offset=4 * SIZE)
    return fold.astype(np.uint32) | (classes.astype(np.uint32) << np.uint32(FOLD_BITS))
