"""Posts a second from a server into a project, beside a plain httpx loop that only downloads the same pages.

``python benchmarks/collect.py [POSTS]`` starts mastodon-mock with its invented sample of 100,000 posts on loopback and
walks one tag of it, each way in a process of its own: ``plain`` (httpx, as its manual shows it, JSON decoded), ``read``
(the same through the transport), ``walk`` (the collector, records counted) and ``collect`` (``xunke collect`` into a
new project, all of it). Also prints each one's CPU time (the server, on the same machine, is often what all of them
wait for), its peak memory and how much it grew between a tenth of the way and the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.servers.running import mastodon_mock

TAG = "fediverse"
PAGE = 40


class Meter:
    """Posts, and resident memory in MB at a tenth of the way and at the end."""

    def __init__(self, wanted: int) -> None:
        self.wanted, self.posts, self.early = wanted, 0, 0.0

    def add(self, posts: int) -> None:
        self.posts += posts
        if not self.early and self.posts >= self.wanted / 10:
            self.early = resident()

    def told(self, seconds: float) -> dict[str, float]:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
        cpu = time.process_time()
        return {"posts": self.posts, "seconds": seconds, "cpu": cpu, "peak": peak, "grew": resident() - self.early}


def resident() -> float:
    """MB in memory now (Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def plain(base: str, meter: Meter) -> None:
    """Downloads and decodes, nothing else."""
    import httpx

    with httpx.Client() as client:
        place: dict[str, str] = {}
        while meter.posts < meter.wanted:
            answer = client.get(f"{base}/api/v1/timelines/tag/{TAG}", params={"limit": str(PAGE), **place})
            answer.raise_for_status()
            rows = answer.json()
            if not rows:
                break
            meter.add(len(rows))
            place = {"max_id": rows[-1]["id"]}


def read(base: str, meter: Meter) -> None:
    """The same through the transport: addresses, caps, budget and judgement of each answer."""
    from collectors.http import Transport

    async def run() -> None:
        place: dict[str, str] = {}
        async with Transport(base, allow_private=True, cache_dir=Path.cwd()) as http:
            while meter.posts < meter.wanted:
                rows = (await http.get_json(f"{base}/api/v1/timelines/tag/{TAG}", {"limit": PAGE, **place})).data
                if not rows:
                    break
                meter.add(len(rows))
                place = {"max_id": rows[-1]["id"]}

    asyncio.run(run())


def walk(base: str, meter: Meter) -> None:
    """The collector over the transport, without storing."""
    from collectors.base import Query
    from collectors.http import Transport
    from collectors.mastodon import Mastodon
    from xunke.model import Post

    async def run() -> None:
        query = Query("tag", TAG, base, limit=meter.wanted)
        async with Transport(base, allow_private=True, cache_dir=Path.cwd()) as http:
            async for page in Mastodon().collect(query, None, http):
                meter.add(sum(isinstance(record, Post) for record in page.records))

    asyncio.run(run())


def collect(base: str, meter: Meter) -> None:
    """All of ``xunke collect``: rows, people, tags, search index, cursor and counts in one transaction a page."""
    from collectors.base import Query
    from xunke.events import Progress
    from xunke.jobs import Live, Reach, run_collect
    from xunke.storage import Project

    async def run() -> None:
        before = 0
        with Project.open(Path("project.db")) as project:
            live = Live("mastodon", Query("tag", TAG, base, limit=meter.wanted))
            async for event in run_collect(project, [live], Reach(allow_private=True)):
                if isinstance(event, Progress) and event.stage == "collect":
                    meter.add(event.done - before)
                    before = event.done
            [(stored,)] = project.query("select count(*) from post")
        assert stored == meter.posts, (stored, meter.posts)

    asyncio.run(run())


WAYS: dict[str, Callable[[str, Meter], None]] = {"plain": plain, "read": read, "walk": walk, "collect": collect}


def child(way: str, base: str, wanted: int) -> None:
    meter = Meter(wanted)
    started = time.perf_counter()
    WAYS[way](base, meter)
    print(json.dumps(meter.told(time.perf_counter() - started)))


def fill(base: str) -> None:
    """The mock's own invented sample: 1,000 people, 100,000 posts."""
    body = json.dumps({"preset": "medium"}).encode()
    head = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{base}/api/v1/_mock/sample_data", body, head, method="POST")
    urllib.request.urlopen(request, timeout=600).close()


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as name, mastodon_mock(Path(name)) as base:
        fill(base)
        rates: dict[str, float] = {}
        costs: dict[str, float] = {}
        for way in ("plain", "read", "walk", "collect", "plain"):
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, str(Path(__file__).resolve()), "--child", way, base, str(wanted)]
                home = {**os.environ, "HOME": folder, "XDG_CACHE_HOME": folder}
                done = subprocess.run(command, cwd=folder, env=home, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            told = json.loads(done.stdout)
            rate = told["posts"] / told["seconds"]
            cost = told["cpu"] / max(told["posts"], 1)
            rates[way] = max(rates.get(way, 0.0), rate)
            costs[way] = min(costs.get(way, cost), cost)
            print(
                f"{way:8} {told['posts']:7,.0f} posts  {told['seconds']:6.1f} s  {rate:7,.0f} posts/s  "
                f"{1e6 * cost:5.0f} µs CPU a post  peak {told['peak']:5.0f} MB  "
                f"grew {told['grew']:+5.1f} MB over the last nine tenths",
                flush=True,
            )
        for way in ("read", "walk", "collect"):
            print(
                f"{way} / plain: {rates[way] / rates['plain']:.2f} of its posts a second, "
                f"{costs[way] / costs['plain']:.1f} times its CPU time"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
