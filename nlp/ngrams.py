"""The trained part of sentiment: two tables of weights over hashed character 1- to 3-grams, read from one file.

A text's score is the sum of the weights of its n-grams divided by the square root of their number (so that a long text
is not surer only for being long), plus a bias: log-odds. n-grams of the forwarded part of a repost count ``CHAIN``.
Hashing: Weinberger et al. 2009, "Feature hashing for large scale multitask learning"; the hash is that of
:func:`nlp.batch.ngram_hashes`. The file is made by ``training/student.py``.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Codes, Ints, ngram_hashes, ranges

BITS: Final = 20
SIZE: Final = 1 << BITS
LARGEST: Final = 3
CHAIN: Final = 0.5
"""What an n-gram counts that the author only forwarded."""
BEFORE, AFTER = 0.75, 1.3
"""What an n-gram counts before and after the turn (但是, 不过 …) of the author's own words."""

Floats = NDArray[np.float32]


class Features(NamedTuple):
    """n-grams of a batch as a sparse matrix: ``values[k]`` at row ``rows[k]``, column ``columns[k]`` (1 … SIZE - 1).

    A row's score is the sum of value × weight of the column; the values already hold the shares and the division.
    An n-gram that stands twice has two entries.
    """

    rows: Ints
    columns: Ints
    values: Floats


class Table(NamedTuple):
    """Weights as whole numbers -127 … 127; ``scale`` × sum ÷ √number + ``bias`` are log-odds."""

    weights: NDArray[np.int8]
    scale: float
    bias: float


class Grams(NamedTuple):
    """n-grams of a batch: their hashes by position for n = 1, 2, 3; what a position counts; the sum of it by row."""

    hashes: tuple[Ints, ...]
    shares: Floats
    sizes: NDArray[np.float64]


class Model(NamedTuple):
    """``feeling``: positive against negative. ``neutral``: neutral against both.

    ``both``: their weights side by side (feeling × 256 + neutral), because looking up is what takes the time.
    """

    feeling: Table
    neutral: Table
    both: NDArray[np.int16]

    def odds(self, batch: Batch, grams: Grams) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log-odds of each row, of feeling and neutral; the bias alone for a row without n-grams."""
        feeling = np.zeros(len(batch.codes), np.int16)
        neutral = np.zeros(len(batch.codes), np.int16)
        for found in grams.hashes:
            pair = self.both[found]
            low = pair.astype(np.int8)
            neutral += low
            pair -= low
            feeling += pair >> 8
        length = np.sqrt(np.maximum(grams.sizes, 1))
        first, second = (
            table.scale * batch.row_sums(sums * grams.shares, own=False) / length + table.bias
            for table, sums in ((self.feeling, feeling), (self.neutral, neutral))
        )
        return first, second


def read(batch: Batch, codes: Codes | None = None, turns: Ints | None = None) -> Grams:
    """The n-grams of a batch. ``codes``: another stream than the batch's own, as long.

    ``turns``: where 但是, 不过 … stand in the authors' own words: what comes before the last one of a row counts
    ``BEFORE``, what comes after ``AFTER``.
    """
    hashes = ngram_hashes(batch, LARGEST, BITS, codes)
    shares = np.where(batch.in_own, np.float32(1), np.float32(CHAIN))
    if turns is not None and len(turns):
        rows = batch.row_of(turns)
        last = np.append(rows[1:] != rows[:-1], True)
        rows, at = rows[last], turns[last]
        starts, ends = batch.starts[rows], batch.own_ends[rows]
        shares[ranges(starts, at)] = BEFORE
        shares[ranges(at, ends)] = AFTER
    present = (hashes[0] > 0).astype(np.int8)
    for found in hashes[1:]:
        present += found > 0
    return Grams(hashes, shares, batch.row_sums(present * shares, own=False))


def features(batch: Batch, grams: Grams) -> Features:
    """What :class:`Table` sums, for fitting."""
    per_place = grams.shares / np.sqrt(np.maximum(grams.sizes, 1))[batch.rows]
    rows, columns, values = [], [], []
    for found in grams.hashes:
        at = np.flatnonzero(found)
        rows.append(batch.rows[at])
        columns.append(found[at])
        values.append(per_place[at])
    return Features(
        np.concatenate(rows).astype(np.intp), np.concatenate(columns), np.concatenate(values).astype(np.float32)
    )


def packed(feeling: tuple[NDArray[np.float64], float], neutral: tuple[NDArray[np.float64], float]) -> bytes:
    """A model file of two tables of log-odds (each ``SIZE`` weights and a bias), rounded to whole numbers.

    Scaled by the largest weight: cutting large ones off costs points of accuracy.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, (weights, bias) in (("feeling", feeling), ("neutral", neutral)):
        scale = float(np.abs(weights).max()) / 127
        whole = np.round(weights / scale).astype(np.int8)
        at = np.flatnonzero(whole)
        arrays[f"{name}_gaps"] = _small(np.diff(at, prepend=0))
        arrays[f"{name}_weights"] = whole[at]
        arrays[f"{name}_numbers"] = np.array([scale, bias])
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _small(gaps: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Gaps in base 255: a 255 adds 255 and goes on."""
    full, rest = np.divmod(gaps, 255)
    out = np.full(int(full.sum()) + len(gaps), 255, np.uint8)
    out[np.cumsum(full + 1) - 1] = rest
    return out


def unpacked(data: bytes) -> Model:
    """The model of a file made by :func:`packed`."""
    with np.load(io.BytesIO(data)) as arrays:
        tables = []
        for name in ("feeling", "neutral"):
            gaps = arrays[f"{name}_gaps"].astype(np.intp)
            at = np.cumsum(gaps)[gaps < 255]
            weights = np.zeros(SIZE, np.int8)
            weights[at] = arrays[f"{name}_weights"]
            scale, bias = arrays[f"{name}_numbers"]
            tables.append(Table(weights, float(scale), float(bias)))
    feeling, neutral = tables
    return Model(feeling, neutral, feeling.weights.astype(np.int16) * 256 + neutral.weights)


@cache
def model() -> Model:
    """The model that comes with the package."""
    return unpacked(files("nlp").joinpath("models", "sentiment.npz").read_bytes())
