"""What was typed, in one form: width and case folded, simplified characters, slips in fixed words mended."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any, Final

from nlp import places
from xunke.text import clean

from . import lexicon
from .tokens import filled as compiled

MAX_TEXT: Final = 800
"""Characters of a request that are read. A request is a sentence; what lies beyond is reported as not understood."""

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]+")
_SPACES = re.compile(r"[\s\u3000]+")
_SPACED = re.compile(
    r"(?<=\d) (?=月|年|号|日|天|周|点(?!赞)|个|季度|小时|岁|[万千百亿]|礼拜|星期)|(?<=[月年到至从近前第]) (?=\d)"
)
"""A blank that typesetting puts between figures and Chinese: 10 月 1 号."""
_YEAR = re.compile("二[〇零][〇零一二三四五六七八九]{2}(?=年)")
_YEAR_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_FOLDS: Final = str.maketrans(
    {
        "“": "『",
        "”": "』",
        "「": "『",
        "」": "』",
        "《": "『",
        "》": "』",
        "〈": "『",
        "〉": "』",
        "–": "-",
        "—": "-",
        "−": "-",
        "～": "~",
        "〜": "~",
        "、": "、",
        "…": "，",
        "‘": "'",
        "’": "'",
        "贴": "贴",
        "妳": "你",
        "牠": "它",
        "祂": "他",
    }
)


_VERBS: Final = frozenset("取去要是有按在给看排")
_NUMERALS: Final = frozenset("一二两三四五六七八九十百千万半几")
_AFTER_PLACE: Final = frozenset("的市地本人那这和跟做聊写发拍卖")


@cache
def _places() -> frozenset[str]:
    return frozenset(places.names())


@cache
def _traditional() -> frozenset[str]:
    """All characters that OpenCC may change (training/make_traditional.py)."""
    return frozenset("".join((lexicon.HERE / "traditional.txt").read_text("utf-8").split()))


@cache
def _opencc() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(word: str) -> str:
    """A free word in half width and simplified characters, otherwise as it was said; blanks as one."""
    word = unicodedata.normalize("NFKC", clean(word))
    word = word if _traditional().isdisjoint(word) else str(_opencc().convert(word))
    return _SPACES.sub(" ", word).strip()


def fold(text: str) -> str:
    """``text`` in simplified characters and half width, quotes of every kind as 『』, cut at MAX_TEXT."""
    text = unicodedata.normalize("NFKC", clean(text[: MAX_TEXT * 2])[:MAX_TEXT].translate(_FOLDS))
    text = _PRIVATE.sub(" ", text)
    if not _traditional().isdisjoint(text):
        text = _opencc().convert(text)
    text = _THOUSANDS.sub("", text.replace("...", "，"))
    text = _cantonese().sub(lambda m: lexicon.table("slips")["cantonese"][m[0]], text)
    text = _YEAR.sub(lambda m: m[0].translate(_YEAR_DIGITS), text)
    return _SPACED.sub("", _SPACES.sub(" ", text)).strip()


@cache
def _cantonese() -> re.Pattern[str]:
    return re.compile(lexicon.alternation(lexicon.table("slips")["cantonese"]))


@cache
def _sound() -> dict[str, str]:
    text = (lexicon.HERE / "sounds.txt").read_text("utf-8")
    return {char: line.split(" ")[0] for line in text.splitlines() for char in line.split(" ")[1]}


@cache
def _fixed() -> tuple[frozenset[str], dict[tuple[str, ...], list[str]], dict[str, str]]:
    """The fixed Chinese words that slips are mended to, the same by their sound, and by what looks like them."""
    words: set[str] = set(places.names())
    words |= {w for w, p in lexicon.values("platforms", "platforms").items() if p != "all"}
    for key in ("targets", "measures"):
        words |= set(lexicon.values("words", key))
    words |= set(lexicon.table("slips")["words"])
    chinese = sorted(
        (w for w in words if len(w) >= 2 and all("\u4e00" <= c <= "\u9fff" for c in w)),
        key=lambda w: (w in _places(), w),
    )  # a place is the last guess
    common = set(lexicon.table("slips")["not_slips"])
    by_sound: dict[tuple[str, ...], list[str]] = {}
    for word in chinese:
        for sounds in _readings(word):
            by_sound.setdefault(sounds, []).append(word)
    looks: dict[str, str] = {}
    alike = _alike()
    for word in chinese:
        for i, char in enumerate(word):
            for other in alike.get(char, ""):
                looks.setdefault(word[:i] + other + word[i + 1 :], word)
    return frozenset(chinese) | common, by_sound, looks


@cache
def _alike() -> dict[str, str]:
    """Each character with those that look like it."""
    out: dict[str, str] = {}
    for group in lexicon.table("slips")["lookalike"]["groups"]:
        for char in group:
            out[char] = out.get(char, "") + group.replace(char, "")
    return out


def _readings(word: str) -> list[tuple[str, ...]]:
    """The sounds of a word, and those with one character read in its other way (成都, 重庆)."""
    plain = sounds(word)
    other = lexicon.table("slips")["readings"]
    return [
        plain,
        *((*plain[:i], s, *plain[i + 1 :]) for i, c in enumerate(word) for s in other.get(c, ()) if s != plain[i]),
    ]


def sounds(word: str) -> tuple[str, ...]:
    table = _sound()
    return tuple(table.get(char, char) for char in word)


_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR: Final = {c: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _ROWS for i, c in enumerate(row)}
"""The keys left and right of a key."""


@cache
def _latin() -> dict[str, str]:
    """Every Latin word one typing slip away from a fixed one: a letter lost, doubled, swapped, or a key beside it."""
    platforms = {w for w in lexicon.values("platforms", "platforms") if w.isascii() and w.isalpha() and len(w) >= 5}
    words = platforms | set(lexicon.table("slips")["latin"])
    out: dict[str, str] = {}
    for word in sorted(words):
        for i in range(1, len(word)):
            out.setdefault(word[:i] + word[i + 1 :], word)
            if i + 1 < len(word):
                out.setdefault(word[:i] + word[i + 1] + word[i] + word[i + 2 :], word)
            out.setdefault(word[:i] + word[i] + word[i:], word)
            if word[i] in "aeiou" and len(word) > 6:
                for vowel in "aeiou":
                    out.setdefault(word[:i] + vowel + word[i + 1 :], word)
            for other in _NEAR[word[i]] if word in platforms else "":
                out.setdefault(word[:i] + other + word[i + 1 :], word)
    singular = {w[:-1] for w in words if w.endswith("s")}  # save is no slip for saves
    for word in {*words, *singular, *lexicon.table("slips")["latin_not_slips"]}:
        out.pop(word, None)
    return out


def mend(text: str) -> str:
    """``text`` with slips in fixed words put right (小红树 → 小红书, 深镇 → 深圳, bilibli → bilibili).

    A Chinese slip is a word of which one character is replaced by another of the same sound (zh = z, ng = n),
    in a place where neither a fixed word nor a common word stands.
    """
    exact, by_sound, looks = _fixed()
    text = _beside(text)
    out: list[str] = []
    at = 0
    sounds = [_sound().get(char, char) for char in text]
    while at < len(text):
        if not "\u4e00" <= text[at] <= "\u9fff":
            out.append(text[at])
            at += 1
            continue
        if at and text[at] in "年月周日号天" and (text[at - 1].isdigit() or text[at - 1] in _NUMERALS):
            out.append(text[at])  # 10月20日起 is no 日期
            at += 1
            continue
        if text[at] == "站" and text[at - 1 : at].lower() in ("b", "v", "c", "n"):  # B站 is a word
            out.append(text[at])
            at += 1
            continue
        for size in (6, 5, 4, 3, 2):
            window = text[at : at + size]
            if len(window) < size:
                continue
            words = by_sound.get(tuple(sounds[at : at + size]), [])
            if text[at + size : at + size + 1] in ("上", "里"):  # 快收上: only a platform has an 上
                words = [w for w in words if w in _chinese_platforms()] or words
                if (
                    window not in words
                    and sum(len(w) > 1 and w in _chinese_platforms() for w in words)
                    and (word := next((w for w in words if _wrong(w, window) == 1), None))
                ):
                    window = word
                    break
            if window in exact:
                break
            if seen := looks.get(window):
                words = [*words, seen]
            word = next((w for w in words if _mendable(w, window, text, at, exact)), None)
            if word:
                window = word
                break
        else:
            size, window = 1, text[at]
        out.append(window)
        at += size
    mended = "".join(out)
    return re.sub(r"[A-Za-z]{4,20}", lambda m: _latin().get(m[0].lower(), m[0]), mended)


_HALF: Final = re.compile(r"[a-z]{2,6}[\u4e00-\u9fff]|[\u4e00-\u9fff][a-z]{2,6}")


@cache
def _half_pinyin() -> dict[str, str]:
    """Names of platforms with one character still in pinyin: dou音, 小hong书."""
    out = {}
    for word in _chinese_platforms():
        for i, char in enumerate(word):
            sound = _sound().get(char, "")
            if len(word) > 1 and len(sound) > 1:
                full = sound[0] + "h" + sound[1:] if sound[0] in "zcs" else sound
                for said in {sound, full, sound + "g" if sound.endswith("n") else sound}:
                    out[word[:i] + said + word[i + 1 :]] = word
    return out


def _beside(text: str) -> str:
    """Slips that only their neighbours give away, and pinyin left in a Chinese sentence."""
    if text.isascii():
        return text
    table = lexicon.table("slips")
    for rule, meant in table["beside"].items():
        text = compiled(rule).sub(meant, text)
    if _HALF.search(text):
        for said, meant in _half_pinyin().items():
            text = text.replace(said, meant)
    return re.sub(r"(?<![A-Za-z])[a-z]{4,12}(?![A-Za-z])", lambda m: table["pinyin"].get(m[0], m[0]), text)


def _wrong(word: str, window: str) -> int:
    return sum(a != b for a, b in zip(word, window, strict=True))


@cache
def _chinese_platforms() -> frozenset[str]:
    return frozenset(w for w in lexicon.values("platforms", "platforms") if not w.isascii())


def _mendable(word: str, window: str, text: str, at: int, exact: frozenset[str]) -> bool:
    if _wrong(word, window) != 1 or any(a != b and b in _NUMERALS for a, b in zip(word, window, strict=True)):
        return False
    if len(word) > 2:  # 视频好看, 关注这个: the odd character belongs to its neighbour
        if window[-1] in _VERBS and window[-1] != word[-1] and window[:-1] in exact:
            return False  # 按评论取前100 is no 评论区
        size, common = len(word), lexicon.common()
        last = window[-1] != word[-1] and text[at + size - 1 : at + size + 1] in common
        first = window[0] != word[0] and at > 0 and text[at - 1 : at + 1] in common
        return not (first or last)
    after = text[at + 2 : at + 3]
    if word in _places() and "\u4e00" <= after <= "\u9fff" and after not in _AFTER_PLACE:
        return False  # 大脸妹 is no 大连妹
    across = (text[at - 1 : at + 1] if at else "", text[at + 1 : at + 3])  # words that overlap the window
    common = lexicon.common()
    return window not in exact and window not in common and not any(p in exact or p in common for p in across)
