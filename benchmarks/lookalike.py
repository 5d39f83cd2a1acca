"""How well people like the accepted ones are found: on the invented sample project, simulated, not on real people.

    python benchmarks/lookalike.py [--people 2000] [--top 50]

Of each of the sample's topics some people are taken as accepted (3, 10, 30), the others of that topic are to be found.
Who has which topic is known to the generator only. Prints the share of the first people who have it: by the model,
by shared hashtags alone, and by chance; with rejected people (of the topics next to it) and without.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from graph.lookalike import fit
from xunke import demo
from xunke.clock import end_of
from xunke.demo.world import World
from xunke.model import Provenance
from xunke.outreach.lookalike import Space
from xunke.persona import understand_people
from xunke.storage import Project

TODAY = date(2026, 11, 22)


def topics_of(people: int, seed: int) -> dict[str, str]:
    """{native id: first topic} of the invented people, as the generator has it."""
    world = World(TODAY, seed, people)
    world.populate()
    return {p.account.native_id: p.topics[0].tag for p in world.people}


def share(order: list[int], right: set[int], top: int) -> float:
    """Of the first ``top``, how many are right."""
    return len(set(order[:top]) & right) / min(top, max(1, len(right)))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--top", type=int, default=50)
    parser.add_argument("--seed", type=int, default=20261122)
    args = parser.parse_args()
    topic = topics_of(args.people, args.seed)
    with tempfile.TemporaryDirectory() as folder, Project.open(Path(folder) / "alike.db") as project:
        project.add(demo.records(TODAY, args.seed, args.people), Provenance("user", "invented"))
        asyncio.run(_facts(project))
        held = dict(project.query("select k.native_id, k.id from account_key k join account a on a.id = k.id"))
        of = {held[native]: tag for native, tag in topic.items() if native in held}
        names = sorted(set(of.values()), key=lambda t: (-sum(v == t for v in of.values()), t))[:8]
        print("SIMULATED people, not real ones")
        print(f"{len(of)} people; share of the first {args.top} who have the topic")
        print(
            f"{'accepted':>8} {'rejected':>8} {'model':>7} {'hashtag':>8} {'chance':>7} {'model without hashtags':>23}"
        )
        for k, bad in ((3, 0), (10, 0), (10, 10), (30, 0), (30, 30)):
            rows = [_one(project, of, name, k, bad, args.top) for name in names]
            model, tag, chance, blind = (float(np.mean([row[i] for row in rows])) for i in range(4))
            told = f"{k:>8} {bad:>8} {model:>7.3f} {tag:>8.3f} {chance:>7.3f}"
            print(f"{told} {blind:>23.3f}")


def _one(
    project: Project, of: dict[int, str], name: str, k: int, bad: int, top: int
) -> tuple[float, float, float, float]:
    choice = random.Random(f"{name} {k}")
    having = sorted(a for a, tag in of.items() if tag == name)
    lacking = sorted(a for a, tag in of.items() if tag != name)
    accepted = choice.sample(having, min(k, len(having) // 2))
    space = Space(project, accepted, [], end_of(TODAY))
    if bad:  # those whom a user would reject: wrong ones that the model puts first
        features, _ = space.features(space.accepted)
        first = fit(features, [space.table.row[a] for a in space.accepted])
        order = [space.table.ids[r] for r in space.order(first.scores(features), space.accepted)]
        rejected = [a for a in order if a in set(lacking)][:bad]
        space = Space(project, accepted, rejected, end_of(TODAY))
    features, columns = space.features(space.accepted)
    rows = [space.table.row[a] for a in space.accepted]
    model = fit(features, rows, [space.table.row[a] for a in space.rejected])
    known = [*space.accepted, *space.rejected]
    order = [space.table.ids[r] for r in space.order(model.scores(features), known)]
    right = set(having) - set(known)
    shared: Any = features[:, [i for i, c in enumerate(columns) if c.startswith("tag:")]]
    shared.data = np.ones_like(shared.data)
    by_tag = space.order(np.asarray(shared @ shared[rows].sum(axis=0), dtype=np.float64), known)
    untagged = features[:, [i for i, c in enumerate(columns) if not c.startswith("tag:")]]
    blind = space.order(fit(untagged, rows, [space.table.row[a] for a in space.rejected]).scores(untagged), known)
    return (
        share(order, right, top),
        share([space.table.ids[r] for r in by_tag], right, top),
        len(right) / len(order),
        share([space.table.ids[r] for r in blind], right, top),
    )


async def _facts(project: Project) -> None:
    async for _ in understand_people(project):
        pass


if __name__ == "__main__":
    main()
