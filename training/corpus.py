"""The development texts, read the same way by everything that trains on them (files: shared/data/README.md)."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

Part = Literal["train", "tune"]
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]|[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
_CLAUSE = re.compile(r"[^，。！？；,.!?;~～…\s]+[，。！？；,.!?;~～…\s]*")


class Row(NamedTuple):
    """``label``: neg, neu, pos, surprise, or "" where nobody labelled it. ``part``: tune rows fit no weight."""

    source: str
    part: Part
    label: str
    text: str


def folder() -> Path:
    """Where the files are: ``XUNKE_DATA`` or ../shared/data beside the checkout."""
    return Path(os.environ.get("XUNKE_DATA") or Path(__file__).parents[2] / "shared" / "data")


def table(name: str) -> Iterator[list[str]]:
    """The rows of one file below its column names."""
    with gzip.open(folder() / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            yield line.rstrip("\n").split("\t")


def in_tune(text: str, share: int = 10) -> bool:
    """One text in ``share`` is held out, by its own digest: the same on every machine and for every copy of it."""
    return hashlib.blake2b(text.encode(), digest_size=4).digest()[0] % share == 0


def rows() -> Iterator[Row]:
    """Every text of the folder, labelled or not, in the order of the files."""
    for part, label, _emotion, text in table("sentiment_weibo_smp2020"):
        source, _, split = part.partition("_")
        yield Row(source, "tune" if split == "eval" else "train", label, text)
    for label, _source, text in table("sentiment_reviews"):
        yield Row("review", "tune" if in_tune(text) else "train", ("neg", "pos")[int(label)], text)
    for source, _target, text in table("consumer_reviews_targets"):
        yield Row(source, "train", "", text)
    for _category, text in table("topics_thucnews_titles"):
        yield Row("title", "train", "", text)


def lessons() -> dict[str, list[str]]:
    """What the teacher scores, by kind, in one order for ever; nothing of a tune row is in it.

    ``clause``: distinct clauses of the training texts, one in three (by their own digest); ``word``: the commoner
    words of jieba's dictionary; ``text``: the texts that nobody labelled. Emoticons are left out.
    """
    taught = [row for row in rows() if row.part == "train"]
    seen: dict[str, None] = {}
    for row in taught:
        for clause in clauses(without_emoticons(row.text)):
            if 4 <= len(clause) <= 30 and in_tune(clause, 3):
                seen.setdefault(clause)
    texts = [without_emoticons(row.text) for row in taught if not row.label]
    return {"clause": list(seen), "word": _words(), "text": texts}


def _words(at_least: int = 60) -> list[str]:
    import jieba

    with jieba.get_dict_file() as file:
        lines = (line.decode("utf-8").split(" ") for line in file)
        return sorted(word for word, count, *_ in lines if int(count) >= at_least and 2 <= len(word) <= 5)


def without_emoticons(text: str) -> str:
    """Text without ``[表情]`` and emoji."""
    return _EMOTICON.sub("", text)


def clauses(text: str) -> list[str]:
    """Text cut after its punctuation."""
    return _CLAUSE.findall(text)
