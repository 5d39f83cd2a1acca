"""How well the account scorecard (nlp/accounts.py) tells spam accounts from honest ones: on SIMULATED accounts.

There is no labelled file of Chinese spam accounts that may be used here, so this figure says only that the written-out
weights fit together and stand missing numbers, not how well they do on a platform. Twelve invented kinds of accounts
with heavily overlapping numbers (log-normal and beta draws); every number is hidden with a chance; the weights were
not fitted to them. Usage: python benchmarks/nlp_accounts.py [--each 400] [--json]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Callable, Sequence

from nlp.accounts import AccountSignals, authenticity, signals

Draw = Callable[[random.Random], float]


def log(middle: float, spread: float) -> Draw:
    """Log-normal about ``middle``; ``spread``: standard deviation of the natural logarithm."""
    return lambda r: math.exp(r.gauss(math.log(middle), spread))


def share(mean: float, weight: float = 6.0) -> Draw:
    """Beta with this mean; smaller ``weight``: wider."""
    return lambda r: r.betavariate(mean * weight + 0.05, (1 - mean) * weight + 0.05)


def chance(p: float) -> Draw:
    """1 or 0."""
    return lambda r: float(r.random() < p)


def hours(mean: float) -> Draw:
    """Hours of a day."""
    return lambda r: float(min(24, max(1, round(r.gauss(mean, 4)))))


NAMES = (
    "followers", "following", "posts", "age_days", "verified", "has_bio", "default_name", "interval_cv", "hour_entropy",
    "active_hours", "self_similarity", "link_share", "mentions_per_post", "contact_share", "repost_share",
    "copied_share", "sync_share", "post_spam", "engagement_rate",
)  # fmt: skip


def _kind(*draws: Draw) -> dict[str, Draw]:
    return dict(zip(NAMES, draws, strict=True))


# fmt: off
HONEST = {
    "lurker": _kind(
        log(60, 1.2), log(180, .9), log(120, 1.3), log(1200, .8), chance(.01), chance(.5), chance(.25),
        log(1.5, .35), share(.7), hours(13), share(.05, 20), share(.06), log(.25, .8), share(.01, 20),
        share(.6, 3), share(.04, 10), share(.01, 20), share(.06, 20), log(.01, 1.5),
    ),
    "everyday": _kind(
        log(300, 1.1), log(300, .8), log(900, 1.0), log(1500, .7), chance(.03), chance(.75), chance(.06),
        log(1.7, .35), share(.8, 15), hours(17), share(.04, 25), share(.08), log(.4, .8), share(.01, 20),
        share(.35, 3), share(.03, 12), share(.01, 20), share(.06, 20), log(.01, 1.2),
    ),
    "kol": _kind(
        log(80000, 1.2), log(400, .8), log(4000, .9), log(2000, .5), chance(.6), chance(.95), chance(.01),
        log(1.2, .35), share(.78, 15), hours(18), share(.08, 20), share(.25), log(.5, .8), share(.08),
        share(.25), share(.05, 12), share(.02, 20), share(.18, 12), log(.003, 1.2),
    ),
    "news": _kind(
        log(300000, 1.3), log(300, .8), log(30000, .9), log(2800, .4), chance(.9), chance(.98), chance(.01),
        log(.9, .35), share(.88, 20), hours(21), share(.08, 20), share(.5, 4), log(.3, .8), share(.03, 12),
        share(.1), share(.2, 6), share(.03, 15), share(.12, 15), log(.0003, 1.4),
    ),
    "shop": _kind(
        log(3000, 1.4), log(300, 1.0), log(2000, 1.0), log(1400, .7), chance(.45), chance(.95), chance(.03),
        log(1.1, .4), share(.75, 12), hours(15), share(.2, 10), share(.35, 4), log(.4, .9), share(.25, 5),
        share(.2), share(.06, 10), share(.02, 15), share(.4, 6), log(.003, 1.3),
    ),
    "fan": _kind(
        log(400, 1.2), log(350, .8), log(8000, .9), log(1100, .7), chance(.03), chance(.85), chance(.05),
        log(1.5, .4), share(.82, 15), hours(19), share(.15, 12), share(.15), log(1.0, .8), share(.01, 20),
        share(.7, 4), share(.3, 4), share(.2, 4), share(.14, 12), log(.008, 1.3),
    ),
    "reposter": _kind(
        log(150, 1.2), log(400, .9), log(3000, 1.0), log(1600, .6), chance(.01), chance(.6), chance(.1),
        log(1.4, .4), share(.78, 15), hours(17), share(.07, 15), share(.15), log(.6, .8), share(.03, 12),
        share(.93, 10), share(.08, 8), share(.03, 12), share(.12, 12), log(.003, 1.4),
    ),
}
SPAM = {
    "matrix": _kind(
        log(900, 1.6), log(900, 1.1), log(2500, 1.1), log(600, .9), chance(.06), chance(.8), chance(.12),
        log(.7, .45), share(.72, 8), hours(15), share(.3, 6), share(.4, 4), log(.8, 1.0), share(.4, 4),
        share(.2, 4), share(.4, 4), share(.15, 5), share(.5, 5), log(.0008, 1.6),
    ),
    "bot_reposter": _kind(
        log(40, 1.4), log(500, 1.0), log(2500, 1.2), log(500, 1.0), chance(.005), chance(.35), chance(.45),
        log(.65, .5), share(.88, 8), hours(20), share(.18, 8), share(.25, 4), log(1.3, 1.0), share(.06, 8),
        share(.92, 8), share(.3, 4), share(.3, 4), share(.25, 8), log(.001, 1.6),
    ),
    "comment_army": _kind(
        log(30, 1.4), log(250, 1.1), log(400, 1.2), log(250, 1.1), chance(.005), chance(.35), chance(.5),
        log(.8, .5), share(.6, 8), hours(12), share(.25, 6), share(.1, 6), log(1.2, 1.0), share(.05, 8),
        share(.4, 3), share(.5, 4), share(.4, 4), share(.25, 8), log(.001, 1.6),
    ),
    "seller": _kind(
        log(500, 1.4), log(1200, 1.0), log(1800, 1.1), log(700, .9), chance(.03), chance(.8), chance(.12),
        log(.9, .45), share(.75, 10), hours(16), share(.28, 6), share(.25, 4), log(.9, 1.0), share(.55, 5),
        share(.25, 4), share(.25, 5), share(.05, 8), share(.55, 6), log(.002, 1.5),
    ),
    "bought_follower": _kind(
        log(8, 1.3), log(600, 1.0), log(12, 1.4), log(300, 1.2), chance(.001), chance(.15), chance(.6),
        log(1.0, .5), share(.5, 5), hours(8), share(.15, 6), share(.12, 4), log(.4, 1.0), share(.04, 8),
        share(.8, 4), share(.3, 4), share(.2, 4), share(.15, 8), log(.001, 1.6),
    ),
}
# fmt: on


def accounts(each: int, hidden: float, seed: int = 3) -> list[tuple[str, bool, AccountSignals]]:
    """``each`` accounts of every kind; ``hidden``: the chance that a number is not known."""
    r = random.Random(seed)
    return [
        (name, is_spam, signals({k: draw(r) for k, draw in kind.items() if r.random() >= hidden}))
        for is_spam, kinds in ((False, HONEST), (True, SPAM))
        for name, kind in kinds.items()
        for _ in range(each)
    ]


def auc(scores: Sequence[float], truth: Sequence[bool]) -> float:
    """Area under the ROC curve, ties counted half."""
    order = sorted(zip(scores, truth, strict=True))
    ranks, i = 0.0, 0
    while i < len(order):
        j = i
        while j < len(order) and order[j][0] == order[i][0]:
            j += 1
        ranks += sum(t for _, t in order[i:j]) * (i + j + 1) / 2
        i = j
    positive = sum(truth)
    return (ranks - positive * (positive + 1) / 2) / (positive * (len(truth) - positive))


def main() -> None:
    """Print AUC for growing shares of hidden numbers, and the mean p of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    out: dict[str, object] = {"simulated": True, "each": args.each}
    for hidden in (0.0, 0.3, 0.6):
        people = accounts(args.each, hidden)
        start = time.process_time()
        found = [authenticity(s).p_spam for _, _, s in people]
        rate = len(people) / (time.process_time() - start)
        truth = [t for _, t, _ in people]
        out[f"auc_hidden_{hidden:g}"] = round(auc(found, truth), 4)
        out[f"false_positives_hidden_{hidden:g}"] = round(
            sum(p >= 0.5 for p, t in zip(found, truth, strict=True) if not t) / truth.count(False), 4
        )
        out[f"recall_hidden_{hidden:g}"] = round(
            sum(p >= 0.5 for p, t in zip(found, truth, strict=True) if t) / truth.count(True), 4
        )
        if hidden == 0.3:
            out["accounts_per_s"] = round(rate)
            for name in (*HONEST, *SPAM):
                of = [p for p, (kind, _, _) in zip(found, people, strict=True) if kind == name]
                out[f"mean_p {name}"] = round(sum(of) / len(of), 3)
    alone = {}
    people = accounts(args.each, 0.0)
    truth = [t for _, t, _ in people]
    for name in NAMES:
        alone[name] = round(auc([authenticity({name: getattr(s, name)}).p_spam for _, _, s in people], truth), 3)
    out["auc_of_one_number"] = alone
    if args.json:
        print(json.dumps(out, ensure_ascii=False))
        return
    print("SIMULATED accounts: says nothing about a real platform")
    for key, value in out.items():
        print(f"{key:32} {value}")


if __name__ == "__main__":
    main()
