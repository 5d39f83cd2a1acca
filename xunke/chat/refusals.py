"""A second opinion on refusals: how much a request reads like those that are refused.

The rules of ``policy.toml`` name what they refuse and why; wishes are worded in more ways than rules foresee. This
model (``loglinear``; trained by ``training/make_refusals.py`` on invented requests) weighs what the rules say with how
the request reads: it refuses what they miss and lets go what they only seem to hit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from . import lexicon, loglinear


def features(text: str, codes: Collection[str]) -> list[str]:
    """What the model sees of a folded text of which the rules say ``codes``: they are evidence like any other."""
    said = {*("!" + code for code in codes), "!any" if codes else "!none"}
    return sorted({*loglinear.features(text), *said})


@cache
def model() -> loglinear.Model:
    return loglinear.Model.unpacked((lexicon.HERE / "refusals.bin").read_bytes())


def chances(text: str, codes: Collection[str], given: loglinear.Model | None = None) -> Mapping[str, float]:
    """The chance of each code, and of "ok", for a folded text of which the rules say ``codes``."""
    return (given or model()).chances(features(text, codes))
