"""Segments, stages, lists and acts on a project of real size, each beside a plain way to do the same in this run.

    python benchmarks/winning.py [--people 5000] [--file PROJECT.db]

CPU seconds and their ratio; the people are invented (``big_project.py``). What is compared:

* a rule over everybody, against the same questions asked person by person (a sample of people, times the people)
* the stages of everybody, against asking ``Book`` anew for each of ten people
* the gate for a list, read at once, against once for each person
* what posts tell (interests, needs), against ``json.loads`` of the same rows
* k-means with the same starts, against ``scipy.cluster.vq.kmeans2``; with how much larger the other's cost is
* silhouettes of all numbers of groups, against ``scipy.spatial.distance.cdist`` for each
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from big_project import NOW, TODAY, build

from graph import cluster
from xunke.outreach import gate, lifecycle, next_act, value
from xunke.outreach.daily import queue
from xunke.outreach.gate_facts import Known
from xunke.outreach.segment_cut import fit
from xunke.outreach.segment_facts import Book
from xunke.outreach.segment_rules import parse
from xunke.storage import Project

NOON = NOW - 12 * 3600
RULE = "region = 上海 and interest = 减肥 and need = seek_advice"
FEW = 10


def spent(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of an act, and what it gave."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def tell(what: str, ours: float, other: float | None = None, more: str = "") -> None:
    """A line of the table."""
    beside = "" if other is None else f"{other:9.2f}  {other / max(ours, 1e-3):7.1f} ×"
    print(f"{what:<44} {ours:8.2f}  {beside:<20} {more}".rstrip(), flush=True)


def one_by_one(project: Project, people: list[int]) -> None:
    """The rule of ``RULE`` as it is asked of one person after the other."""
    for account in people:
        where = "select value from profile_fact where account = ? and fact in ('region', 'interest')"
        facts = {row[0] for row in project.query(where, (account,))}
        sql = "select f.detail from post p join feature f on f.post = p.id where p.author = ?"
        told = [json.loads(row[0]) for row in project.query(sql, (account,))]
        interests = {name for one in told for name, _ in one["interests"]} | facts
        _ = "上海" in facts and "减肥" in interests and any(n[0] == "seek_advice" for one in told for n in one["needs"])


def people_of(project: Project) -> None:
    """Rules, stages, value, the gate, the day's queue and next acts."""
    seconds, book = spent(lambda: Book(project, TODAY))
    tell("everybody and their facts", seconds)
    everyone = list(book.people)
    sample = everyone[:: max(1, len(everyone) // 500)]
    slow, _ = spent(lambda: one_by_one(project, sample))
    seconds, _ = spent(lambda: fit(Book(project, TODAY), parse(RULE)))
    tell("a rule over everybody", seconds, slow * len(everyone) / len(sample), "person by person")
    slow, _ = spent(lambda: [lifecycle.stage_of(project, [a], TODAY) for a in sample[:FEW]])
    seconds, _ = spent(lambda: lifecycle.stages(Book(project, TODAY)))
    tell("the stage of everybody", seconds, slow, f"{FEW} people, a book for each")
    seconds, _ = spent(lambda: value.worths(book))
    tell("the value of everybody", seconds)
    detail = "select p.author, f.detail from post p join feature f on f.post = p.id"
    slow, _ = spent(lambda: [json.loads(row[1]) for row in project.query(detail)])
    seconds, _ = spent(lambda: Book.told(Book(project, TODAY)))
    tell("what all posts tell, and a new book", seconds, slow, "json.loads of the rows alone")
    listed = [row[0] for row in project.query("select item from list_member where list = 1 order by rank")]
    slow, _ = spent(lambda: [gate.may(project, a, "reply", now=NOON) for a in listed[:200]])

    def at_once() -> None:
        known = Known(project, listed)
        for account in listed:
            gate.may(project, account, "reply", now=NOON, known=known)

    seconds, _ = spent(at_once)
    tell(f"the gate for {len(listed)} people", seconds, slow * len(listed) / 200, "once for each")
    tell("the queue of a day", spent(lambda: queue(project, NOON))[0])
    tell("next acts", spent(lambda: next_act.propose(project, NOON))[0])


def groups(n: int) -> None:
    """k-means and silhouettes on simulated rows."""
    from scipy.cluster.vq import kmeans2
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(7)
    rows = np.concatenate([rng.normal(size=(n, 6)) + 3 * rng.integers(0, 3, (n, 6)), rng.random((n, 20))], axis=1)
    k, starts = 8, cluster.STARTS if n <= cluster.LARGE else cluster.FEW_STARTS

    def cost(labels: Any) -> float:
        return float(sum(((rows[labels == g] - rows[labels == g].mean(axis=0)) ** 2).sum() for g in np.unique(labels)))

    seconds, ours = spent(lambda: cluster.kmeans(rows, k))
    slow, theirs = spent(
        lambda: min((kmeans2(rows, k, 100, minit="++", seed=i)[1] for i in range(starts)), key=cost)
    )  # fmt: skip
    tell(
        f"k-means of {n} rows, {starts} starts",
        seconds,
        slow,
        f"scipy; its cost {cost(theirs) / cost(ours):.3f} of ours",
    )
    seconds, (_, found) = spent(lambda: cluster.best_k(rows))
    some = rows[: cluster.SAMPLE]
    slow, _ = spent(lambda: [cdist(some, some) for _ in found])
    tell("how many groups there are (2-20)", seconds, slow, "scipy's distances alone, for each number")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--file", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.file or Path(folder) / "big.db"
        if not path.exists():
            tell(f"a project of {args.people} people made", spent(lambda: build(path, args.people))[0])
        with Project.open(path) as project:
            people_of(project)
        groups(args.people)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
