"""The language of a short text, by script and a few words. Enough to set foreign posts apart."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_LATIN = re.compile("[A-Za-z]")
_ENGLISH = re.compile(r"\b(?:the|and|is|are|you|to|of|in|for|my|it|this|with|that|not|have|was|on|so|i'm)\b", re.I)


def language(text: str) -> str:
    """ISO 639-1 code: zh, ja, ko, en, or ``und`` where the text does not tell. Give it text without links."""
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    if kana > 1 and kana * 6 > han:
        return "ja"
    if hangul > max(han, latin // 2):
        return "ko"
    if han * 6 >= latin and han:
        return "zh"
    return "en" if latin and _ENGLISH.search(text) else "und"
