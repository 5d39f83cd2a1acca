"""Write nlp/data/characters.bin: what every character is folded to, and its classes.

    python training/make_characters.py [--check]

Sources: the Unicode tables of the running Python (the file in the repository: Unicode 14.0, Python 3.11) and
``TSCharacters.txt`` of OpenCC as packed in opencc-python-reimplemented 0.1.7 (Apache-2.0, Copyright 2016
OpenCC-Python, BYVoid's OpenCC), of which the first candidate is taken. The file is zlib-packed: int32 differences
folded - character, then uint16 classes, both for U+0000 to U+1FFFF, little-endian. ``--check`` compares what is in
the file with what would be written (packed bytes differ between builds of zlib, their content does not).
"""

from __future__ import annotations

import argparse
import re
import unicodedata
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np

from nlp import chars
from xunke.text import clean

SIZE = chars.SIZE
TARGET = Path(__file__).resolve().parent.parent / "nlp" / "data" / "characters.bin"

# One form for signs that look alike. Everything NFKC turns into one character (full-width, circled, mathematical
# letters, compatibility ideographs) is folded by the table of Unicode.
SIGNS = {
    "\"": "“”„‟«»「」『』〝〞〟＂",
    "'": "‘’‚‛`´＇",
    "~": "～〜∼˜",
    "-": "‐‑‒–−",
    "—": "―─━",
    "·": "•・‧∙⋅",
    "【": "〔〖",
    "】": "〕〗",
}  # fmt: skip
# Taiwan and Hong Kong characters that OpenCC treats as variants, not as traditional characters.
VARIANTS = {"妳": "你", "牠": "它", "喫": "吃", "裏": "里", "綫": "线", "峯": "峰", "羣": "群", "衞": "卫", "啓": "启"}
SKIN_TONES = range(0x1F3FB, 0x1F400)
UNSEEN = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
    "|[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]"
)
DIRTY = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]")


def simplified() -> dict[str, str]:
    """Traditional character: simplified one, where that is not the character itself."""
    table = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if line)
    found = {traditional: candidates.split()[0] for traditional, candidates in pairs}
    return {a: b for a, b in (found | VARIANTS).items() if a != b and a not in chars.DUAL}


def fold(char: str, signs: dict[str, str], to_simplified: dict[str, str]) -> str:
    """The one character that stands for ``char``."""
    if char != "\n" and (char.isspace() or unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp")):
        return " "
    if 0xFDD0 <= ord(char) <= 0xFDEF:  # characters that are none: free for marks of our own
        return " "
    wide = unicodedata.normalize("NFKC", char)
    char = wide if len(wide) == 1 else char
    char = signs.get(char, char)
    low = char.lower()
    char = low if len(low) == 1 else char
    simple = to_simplified.get(char, char)
    return simple if len(simple) == 1 else char


def classes(char: str, folded: str, traditional: bool) -> int:
    """The class bits of a character."""
    word = re.fullmatch(r"\w", folded) is not None
    code = ord(folded)
    bits = {
        chars.SPACE: char.isspace() or folded == " ",
        chars.NAME: word or folded in "-·",
        chars.TAG: word or folded == "-",
        chars.LINK: re.fullmatch(r"[A-Za-z0-9_./?=&%#~:+\-]", char) is not None,
        chars.LATIN: folded.isascii() and folded.isalpha(),
        chars.DIGIT: folded.isascii() and folded.isdecimal(),
        chars.HAN: 0x3400 <= code <= 0x9FFF or char == chr(SIZE - 2),
        chars.KANA: 0x3040 <= code <= 0x30FF,
        chars.HANGUL: 0xAC00 <= code <= 0xD7AF,
        chars.CLEAR: UNSEEN.fullmatch(char) is not None or ord(char) in SKIN_TONES,
        chars.DIRTY: clean(char) != char or DIRTY.fullmatch(char) is not None or char == chr(SIZE - 1),
        chars.TRADITIONAL: traditional,
        chars.DUALS: char in chars.DUAL,
        chars.EMOJI: unicodedata.category(char) == "So" and (code >= 0x1F000 or 0x2600 <= code <= 0x27BF),
    }
    found = sum(bit for bit, true in bits.items() if true)
    marked = folded in "@:.# " or found & (chars.CLEAR | chars.DIRTY | chars.DUALS)
    return found | (chars.MARK if marked else 0)


def build() -> bytes:
    """The table, not packed."""
    signs = {char: sign for sign, chars_ in SIGNS.items() for char in chars_}
    to_simplified = simplified()
    folded = [ord(fold(chr(code), signs, to_simplified)) for code in range(SIZE)]
    folded[0] = 0
    bits = [classes(chr(code), chr(to), chr(code) in to_simplified) for code, to in enumerate(folded)]
    bits[0] = chars.SPACE  # stands between two texts
    return (np.array(folded, "<i4") - np.arange(SIZE, dtype="<i4")).astype("<i4").tobytes() + np.array(
        bits, "<u2"
    ).tobytes()


def main() -> int:
    """Write or check."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    made = build()
    if options.parse_args().check:
        same = zlib.decompress(TARGET.read_bytes()) == made
        print("same" if same else "differs")
        return not same
    TARGET.write_bytes(zlib.compress(made, 9))
    print(TARGET.name, TARGET.stat().st_size, "bytes, Unicode", unicodedata.unidata_version)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
