"""What the statistics of experiments promise, tried on made-up people: ``python benchmarks/experiments.py``.

All data are drawn here with fixed seeds. Every line tells a promise, what came, and the interval of what came (Wilson,
99 %). Results stand in docs/experiments.md. Takes about two minutes.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence

import numpy as np

from xunke.outreach import experiments as ab
from xunke.outreach import judge, logistic, pilots, response, sequential
from xunke.outreach.judge import Amounts, Share

RUNS = 1000
LOOKS = 20


def told(name: str, promise: str, hits: int, n: int) -> None:
    """One line of the table."""
    low, high = ab.wilson(hits, n, 0.99)
    print(f"| {name} | {promise} | {hits / n:.4f} | {low:.4f}–{high:.4f} |")


def path(chance: random.Random, rates: Sequence[float], n: int) -> list[list[int]]:
    """Cumulative hits of each arm after each person."""
    out = []
    for rate in rates:
        total, line = 0, [0]
        for _ in range(n):
            total += chance.random() < rate
            line.append(total)
        out.append(line)
    return out


def looked(lines: Sequence[Sequence[int]], n: int, looks: int) -> tuple[bool, bool, bool]:
    """(ever called a difference by the bound, by a plain test at 5 %, all intervals held 0)."""
    sure = plain = False
    held = True
    for k in range(1, looks + 1):
        m = max(2, n * k // looks)
        arms = [Share("AB"[i], m, line[m], n) for i, line in enumerate(lines)]
        (found,) = judge.rates(arms)
        sure |= found.ruling in ("higher", "lower")
        held &= found.low <= 0 <= found.high
        if 0 < lines[0][m] + lines[1][m] < 2 * m:
            plain |= ab.p_value(lines[0][m], m, lines[1][m], m) < 0.05
    return sure, plain, held


def errors() -> None:
    """False findings when somebody looks twenty times, and intervals that hold at all looks."""
    for rate, n in ((0.05, 400), (0.1, 300), (0.3, 200)):
        chance = random.Random(1)
        found = [looked(path(chance, (rate, rate), n), n, LOOKS) for _ in range(RUNS)]
        name = f"no difference, rate {rate:.0%}, {n} an arm, {LOOKS} looks"
        told(f"{name}: false findings", "≤ 0.05", sum(f[0] for f in found), RUNS)
        told(f"{name}: the same by a plain 5 % test", "(no promise)", sum(f[1] for f in found), RUNS)
        told(f"{name}: all intervals hold the truth", "≥ 0.95", sum(f[2] for f in found), RUNS)


def power() -> None:
    """A planned difference is found as often as promised."""
    for rate, change in ((0.05, 0.05), (0.1, 0.1), (0.3, 0.15)):
        n = max(ab.sample_size(rate, change, z=sequential.height()))
        chance = random.Random(2)
        found = [looked(path(chance, (rate, rate + change), n), n, 10) for _ in range(RUNS // 2)]
        name = f"{rate:.0%} → {rate + change:.0%}, {n} an arm, 10 looks"
        told(f"{name}: found", "≈ 0.80", sum(f[0] for f in found), RUNS // 2)


def many() -> None:
    """Four arms alike: any false finding at all, at the end."""
    chance = np.random.default_rng(3)
    hits = 0
    for _ in range(RUNS):
        arms = [Share(str(i), 300, int(chance.binomial(300, 0.1)), 300) for i in range(4)]
        hits += any(j.ruling in ("higher", "lower") for j in judge.rates(arms, early=False))
    told("four arms alike, one look: any false finding (Holm)", "≤ 0.05", hits, RUNS)


def money() -> None:
    """Skewed amounts: mostly nothing, at times much; arms alike in size, and one of a tenth."""
    for n, m, gives, skew, seed in ((300, 300, 0.15, 1.0, 4), (300, 300, 0.15, 1.0, 104), (900, 100, 0.1, 2.0, 204)):
        chance = np.random.default_rng(seed)

        def sums(size: int, gives: float, skew: float, chance: np.random.Generator) -> tuple[float, ...]:
            return tuple(map(float, (chance.random(size) < gives) * chance.lognormal(4, skew, size)))

        wrong = covered = 0
        runs = RUNS // 2
        for _ in range(runs):
            arms = [Amounts(name, sums(size, gives, skew, chance), size) for name, size in (("A", n), ("B", m))]
            (found,) = judge.means(arms, early=False)
            wrong += found.ruling in ("higher", "lower")
            covered += found.low <= 0 <= found.high
        name = f"money per person alike, {n} and {m} people, {gives:.0%} give, seed {seed}"
        told(f"{name}: false findings", "≤ 0.05", wrong, runs)
        told(f"{name}: the widest of three intervals holds the truth", "≈ 0.95", covered, runs)


def money_early() -> None:
    """Money looked at eight times in arms of different size, alike and not: all intervals that are told, together."""
    looks, runs = 8, 300
    for n, m, gives, skew, times in ((200, 40, 0.5, 1.0, 1.0), (270, 30, 0.6, 1.2, 1.0), (270, 30, 0.6, 1.2, 1.5),
                                     (60, 240, 0.3, 1.0, 1.5)):  # fmt: skip
        chance = np.random.default_rng(9)
        truth = (times - 1) * gives * math.exp(4 + skew * skew / 2)
        wrong = held = 0
        for _ in range(runs):
            arms = [by * (chance.random(k) < gives) * chance.lognormal(4, skew, k) for k, by in ((n, 1.0), (m, times))]
            sure, holds = False, True
            for look in range(1, looks + 1):
                seen = [Amounts(name, tuple(map(float, arm[: len(arm) * look // looks])), len(arm))
                        for name, arm in zip("AB", arms, strict=True)]  # fmt: skip
                (found,) = judge.means(seen)
                sure |= found.ruling in ("higher", "lower")
                holds &= found.low <= truth <= found.high
            wrong, held = wrong + sure, held + holds
        name = f"money, {n} and {m} people, {gives:.0%} give, B {times:g} times A, {looks} looks"
        told(f"{name}: all intervals hold the truth", "≥ 0.95", held, runs)
        if times == 1:
            told(f"{name}: false findings", "≤ 0.05", wrong, runs)


def projection() -> None:
    """A pilot of 80 of 800 people: does the interval for the other 720 hold what they bring?"""
    chance = np.random.default_rng(5)
    for rate in (0.03, 0.1, 0.25):
        hits = go = 0
        for _ in range(RUNS):
            people = chance.random(800) < rate
            found = pilots.project(int(people[:80].sum()), 80, 720, go=rate * 1.6)
            hits += found.hits_low <= int(people[80:].sum()) <= found.hits_high
            go += found.call == "go"
        told(f"pilot 80 of 800, rate {rate:.0%}: projection holds the rest", "≈ 0.95", hits, RUNS)
        told(f"pilot 80 of 800, rate {rate:.0%}: go though the line is 1.6 times higher", "≤ 0.10", go, RUNS)


def _people(chance: np.random.Generator, n: int, effect: float) -> tuple[list[list[float]], list[int], list[int]]:
    """Touches over half a year: features, answers, times."""
    names = list(response.FEATURES)
    x = chance.normal(0, 1, (n, len(names))) * 0.7
    x[:, names.index("rule")] = chance.normal(-0.5, 1, n)
    weight = chance.normal(0, 0.5, len(names)) * effect
    p = 1 / (1 + np.exp(-(-1.6 + x @ weight)))
    y = (chance.random(n) < p).astype(int)
    times = sorted(int(t) for t in chance.integers(0, 180 * 86_400, n))
    return [list(map(float, row)) for row in x], [int(v) for v in y], times


def model() -> None:
    """The response model: adopted when there is something to learn, not when there is none, and calibrated."""
    for effect, promise in ((0.0, "≤ 0.10"), (1.0, "(the more the better)")):
        for n in (60, 200, 600):
            chance = np.random.default_rng(6)
            adopted = runs = 0
            for _ in range(60):
                x, y, times = _people(chance, n, effect)
                adopted += response.judge(x, y, times, range(n)).state == "better"
                runs += 1
            word = "no feature matters" if not effect else "features matter"
            told(f"{n} touches, {word}: model adopted", promise, adopted, runs)
    chance = np.random.default_rng(7)
    error, gain, k = 0.0, 0.0, 0
    for _ in range(25):
        x, y, times = _people(chance, 800, 1.0)
        report = response.judge(x[:600], y[:600], times[:600], range(600))
        if report.fit is not None:
            said = [report.fit.chance(row) for row in x[600:]]
            error += logistic.calibration_error(logistic.bins(said, y[600:]))
            rate = sum(y[:600]) / 600
            gain += 1 - logistic.brier(said, y[600:]) / logistic.brier([rate] * 200, y[600:])
            k += 1
    print(f"| 600 touches to learn from, 200 later: calibration error (5 bins of 40) | chance alone {_alone():.3f} | "
          f"{error / k:.3f} | Brier less by {gain / k:.0%} |")  # fmt: skip


def _alone() -> float:
    """The calibration error that 200 people in five bins have by chance when the probabilities are right."""
    chance = np.random.default_rng(8)
    total = 0.0
    for _ in range(200):
        p = 1 / (1 + np.exp(-chance.normal(-1.6, 1.6, 200)))
        y = (chance.random(200) < p).astype(int)
        total += logistic.calibration_error(logistic.bins(list(map(float, p)), list(map(int, y))))
    return total / 200


ALL: dict[str, Callable[[], None]] = {
    "errors": errors, "power": power, "many": many, "money": money, "money_early": money_early,
    "projection": projection, "model": model,
}  # fmt: skip

if __name__ == "__main__":
    print("| what | promised | came | 99 % |\n|---|---|---:|---|")
    for name, run in ALL.items():
        if len(sys.argv) < 2 or name in sys.argv[1:]:
            run()
    assert math.isclose(sequential.height(), 2.2414, abs_tol=1e-4)
