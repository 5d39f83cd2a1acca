"""Numbers as people write them: 3w, 1.2万, 3万5, 1500, 两三百, 百八十, 半万, 过万, 10k, 十来个, 十几万, two hundred."""

from __future__ import annotations

import re
from typing import Final

_DIGIT: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNIT: Final = {"十": 10, "百": 100, "千": 1000}
_BIG: Final = (("亿", 10**8), ("万", 10**4))
_SCALE: Final = {
    "百": 100, "千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "十万": 100_000, "百万": 1_000_000, "千万": 10_000_000,
    "kw": 10_000_000, "亿": 100_000_000, "hundred": 100, "thousand": 1000, "m": 1_000_000, "mil": 1_000_000,
    "mn": 1_000_000, "million": 1_000_000,
}  # fmt: skip
_SMALL: Final = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
]  # fmt: skip
_ENGLISH: Final = {word: float(n) for n, word in enumerate(_SMALL)} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "thousand": 1000, "million": 1_000_000, "dozen": 12, "couple": 2, "half": 0.5,
}  # fmt: skip

_SCALES: Final = (
    r"[千百十]万|[万w]\d[千k]|[万千wk][1-9](?![\d.\-~%万千百十亿wk个条篇位名人岁天周月年组类号点:])|[万亿千百]|kw(?![a-z])|"
    r"[wkm](?![a-z])|million\b|thousand\b|mil\b"
)
ARABIC: Final = rf"\d{{1,13}}(?:\.\d{{1,6}})?\s?(?:{_SCALES})?"
HANZI: Final = r"[一二两俩仨三四五六七八九十百千万亿半几〇零]{1,9}(?:[多来余][百千万亿])?多?"
ENGLISH: Final = (
    r"(?:a\s)?(?:" + "|".join(sorted(_ENGLISH, key=len, reverse=True)) + r")(?:\s(?:hundred|thousand|million|dozen))?\b"
)
NUM: Final = rf"(?:{ARABIC}|[上好过]?{HANZI}|\b{ENGLISH})"
"""Regular expression of one number, to be built into larger ones. Chinese numerals need a cue beside them."""

_ARABIC = re.compile(r"(\d+(?:\.\d+)?)\s?([a-z百千万亿十]*)(?:(\d)([千k百])?)?\Z")
_VAGUE: Final = re.compile("(十?)([一二两三四五六七八])([二两三四五六七八九])")


def parse(text: str) -> float | None:
    """The number that ``text`` says, or None. A vague one (两三百, 十几) gives its lower end, 上/过 are ignored."""
    text = re.sub("[多来余](?=[百千万亿])", "", text.strip().lower().rstrip("+多来余").strip())
    text = re.sub(r"^[上过好破超满约近第前]+", "", text)
    if not text:
        return None
    if text[0].isdigit() and text[0].isascii():
        return _arabic(text)
    return _english(text) if text.isascii() else _hanzi(text)


def whole(text: str) -> int | None:
    """``parse`` for counts: an integer of at least 1, or None."""
    value = parse(text)
    return int(value) if value is not None and 1 <= value <= 10**12 else None


def most(text: str) -> float | None:
    """``parse`` with the upper end of a vague number: 一两周 may be two, 三五天 five, 十七八天 eighteen."""
    pair = _VAGUE.fullmatch(text.strip())
    return parse(pair[1] + pair[3]) if pair else parse(text)


def _arabic(text: str) -> float | None:
    """1500, 1.2万, 3w, and with one more digit behind the scale: 3万5 = 35000, 1w2千 = 12000."""
    hit = _ARABIC.match(text)
    scale = (_SCALE.get(hit[2]) if hit[2] else 1) if hit else None
    if hit is None or scale is None:
        return None
    value = float(hit[1]) * scale
    if hit[3]:
        value += int(hit[3]) * (_SCALE[hit[4]] if hit[4] else scale / 10)
    return _tidy(value)


def _english(text: str) -> float | None:
    total = 1.0
    known = False
    for word in text.split():
        if word == "a":
            continue
        value = _ENGLISH.get(word)
        if value is None:
            return None
        total, known = total * value, True
    return _tidy(total) if known else None


def _tidy(value: float) -> float:
    return int(value) if value == int(value) else round(value, 6)


def _hanzi(text: str) -> float | None:
    if any(c not in _DIGIT and c not in _UNIT and c not in "万亿半几" for c in text) or len(text) > 30:
        return None
    if text in ("几", "半"):
        return {"几": 3, "半": 0.5}[text]
    for scale, value in _BIG:
        left, found, right = text.rpartition(scale)
        if found:
            return _scaled(left, value, right)
    return _below_ten_thousand(text)


def _scaled(left: str, value: int, right: str) -> float | None:
    """``left`` times 万 or 亿, and what follows: 一万五 = 15000, 三亿二千万."""
    high = 1.0 if left in ("", "几") else _hanzi(left)
    low = 0.0 if not right else value / 2 if right == "半" else _hanzi(right)
    if high is None or low is None:
        return None
    if len(right) == 1 and right in _DIGIT:
        low = _DIGIT[right] * value // 10
    return _tidy(high * value + low)


def _below_ten_thousand(text: str) -> float | None:
    if all(c in _DIGIT for c in text):
        if len(text) == 2 and 0 < _DIGIT[text[0]] < _DIGIT[text[1]] <= _DIGIT[text[0]] + 2:
            return _DIGIT[text[0]]  # 三五 and 两三 are vague: the lower end
        return int("".join(str(_DIGIT[c]) for c in text)) if len(text) <= 4 else None
    # a vague pair before a unit: 两三百 → 二百
    text = re.sub(r"([一二两三四五六七八])([二两三四五六七八九])(?=[十百千])", r"\1", text)
    total, digit, unit = 0, None, 10
    for index, char in enumerate(text):
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            unit = _UNIT[char]
            total += (1 if digit is None else digit) * unit
            digit = None
        elif char == "几":
            digit = 1 if index + 1 < len(text) else 0  # 几百 = at least one hundred, 十几 = at least ten
        elif char == "半":
            return total + unit / 2 if total else 0.5
    if digit:
        colloquial = text[-2:-1] in _UNIT and unit > 10  # 一百二 = 120, 两千五 = 2500
        total += digit * unit // 10 if colloquial else digit
    return total
