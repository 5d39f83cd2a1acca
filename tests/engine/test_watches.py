"""Watches: each run brings what is new, and notices edits, new names and posts that were taken back (invented data)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Query
from tests.servers.scripted import Asked, Reply, Scripted, scripted
from xunke import actions
from xunke.actions import watches
from xunke.clock import today
from xunke.engine import Engine, Options
from xunke.errors import BadInput
from xunke.events import Done, Failed, Table, Warned
from xunke.jobs import Live
from xunke.storage import Project
from xunke.storage import schedules as rows

NOW = int(time.time())


class Town:
    """A Mastodon server whose posts a test changes. ``broken``: paths that answer otherwise."""

    def __init__(self) -> None:
        self.posts: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.broken: dict[str, Reply] = {}
        self.hidden: set[str] = set()

    def put(self, number: int, text: str, hours: float = 2, who: str = "lin", **more: Any) -> None:
        moment = datetime.fromtimestamp(NOW - hours * 3600, UTC).isoformat().replace("+00:00", "Z")
        uri = f"https://far.example/s/{number}"
        self.posts[str(number)] = {
            "id": str(number), "uri": uri, "url": None, "created_at": moment, "visibility": "public",
            "content": f"<p>{text}</p>", "replies_count": 0, "reblogs_count": 0, "favourites_count": 1,
            "tags": [{"name": "露营"}], "who": who,
        } | more  # fmt: skip

    def status(self, number: str) -> dict[str, Any]:
        found = dict(self.posts[number])
        who = found.pop("who")
        name = self.names.get(who, who)
        account = {
            "id": f"a-{who}",
            "username": who,
            "acct": who,
            "display_name": name,
            "note": "",
            "followers_count": 9,
        }
        return found | {"account": account, "url": f"{self.base}/@{who}/{number}"}

    def __call__(self, asked: Asked) -> Reply:
        for path, reply in self.broken.items():
            if path in asked.path:
                return reply
        if asked.path == "/api/v2/instance":
            return Reply({"domain": "far.example"})
        if "/timelines/tag/" in asked.path:
            listed = sorted((n for n in self.posts if n not in self.hidden), key=int, reverse=True)
            below = [n for n in listed if not asked.one("max_id") or int(n) < int(asked.one("max_id"))]
            return Reply([self.status(n) for n in below[:3]])
        number = asked.path.rpartition("/")[2]
        if number in self.posts:
            return Reply(self.status(number))
        return Reply({"error": "Record not found"}, 404)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def server(town: Town) -> Iterator[Scripted]:
    with scripted(town) as running:
        town.base = running.base  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def watch(project: Project, base: str, name: str | None = None) -> rows.Schedule:
    live = Live("mastodon", Query("tag", "露营", base))
    made = watches.add(project, live, every="1d", at=None, name=name, now=NOW)
    assert isinstance(made, Done)
    return watches.watches(project)[-1]


def run(project: Project, now: int | None = None) -> list[Any]:
    async def collect() -> list[Any]:
        engine = Engine(project, today=today(), options=Options(allow_private=True))
        found = watches.watches(project)
        if now is not None:
            return [event async for event in actions.run_due(engine, now)]
        return [event async for event in actions.act_on(engine, "run", found, None)]

    return asyncio.run(collect())


def counts(events: list[Any]) -> dict[str, int]:
    found = [e for e in events if isinstance(e, Table) and e.title == "watch.digest"]
    return {row[0].removeprefix("watch."): row[1] for row in found[-1].rows}


def test_the_first_run_brings_all_and_the_next_only_what_changed(
    project: Project, town: Town, server: Scripted
) -> None:
    for number in range(1, 8):
        town.put(number, f"第{number}条", hours=40 - number)
    watch(project, server.base)
    first = counts(run(project))
    assert (first["posts"], first["people"], first["edited"], first["gone"]) == (7, 1, 0, 0)
    asked = len(server.asked)
    nothing = counts(run(project))
    assert not any(nothing.values())
    assert len(server.asked) > asked
    town.put(8, "新来的", who="mei")
    town.put(7, "第7条改了", hours=33)
    town.names["lin"] = "林林改名"
    changed = counts(run(project))
    assert (changed["posts"], changed["people"], changed["edited"], changed["renamed"]) == (1, 1, 1, 1)
    assert project.one("select text from post_history where text like '第7%'") == "第7条"


def test_a_post_that_was_taken_back_is_asked_for_and_loses_its_words(
    project: Project, town: Town, server: Scripted
) -> None:
    for number in range(1, 5):
        town.put(number, f"第{number}条")
    watch(project, server.base)
    run(project)
    del town.posts["2"]
    town.hidden.add("3")  # still there, but not listed any more
    events = run(project)
    assert counts(events)["gone"] == 1
    assert [e.params for e in events if isinstance(e, Warned) and e.code == "watch.gone_told"] == [{"n": 1}]
    assert not [e for e in events if isinstance(e, Warned) and e.code == "watch.unsure"]
    texts = dict(project.query("select k.native_id, p.text from post p join post_key k on k.id = p.id"))
    assert texts["https://far.example/s/2"] == ""
    assert texts["https://far.example/s/3"] == "第3条"
    assert counts(run(project))["gone"] == 0


@pytest.mark.parametrize("answer", [Reply(b"", 500), Reply({"error": "no"}, 403), Reply(b"<html>x</html>")])
def test_a_server_that_cannot_say_takes_nothing_back(
    project: Project, town: Town, server: Scripted, answer: Reply
) -> None:
    town.put(1, "一")
    town.put(2, "二")
    watch(project, server.base)
    run(project)
    town.hidden.add("1")
    town.broken["/api/v1/statuses/1"] = answer
    events = run(project)
    assert [e.params for e in events if isinstance(e, Warned) and e.code == "watch.unsure"] == [{"n": 1}]
    assert project.one("select count(*) from post where gone is not null") == 0


def test_a_run_that_broke_off_takes_nothing_back_and_the_next_sees_it_all(
    project: Project, town: Town, server: Scripted
) -> None:
    for number in range(1, 8):
        town.put(number, f"第{number}条")
    watch(project, server.base)
    run(project)
    seen = watches.watches(project)[0].seen
    town.put(8, "第8条")
    town.broken["/timelines/"] = Reply({"error": "blocked"}, 403)
    events = run(project)
    assert [e for e in events if isinstance(e, Warned | Failed)]
    assert project.one("select count(*) from post where gone is not null") == 0
    assert watches.watches(project)[0].seen == seen
    town.broken.clear()
    assert counts(run(project))["posts"] == 1
    assert project.one("select count(*) from job where state = 'cancelled' and reason = 'watch.superseded'") == 1


def test_what_is_due_runs_once_with_schedules(project: Project, town: Town, server: Scripted) -> None:
    town.put(1, "一")
    found = watch(project, server.base)
    assert counts(run(project, NOW + 1))["posts"] == 1
    after = rows.load(project.reader, found.id)
    assert after is not None
    assert after.due is not None
    assert after.due > NOW
    assert not [e for e in run(project, NOW + 2) if isinstance(e, Table)]


def test_the_same_is_not_watched_twice_and_a_digest_can_be_read_again(
    project: Project, town: Town, server: Scripted
) -> None:
    town.put(1, "一")
    found = watch(project, server.base, "露营的人")
    with pytest.raises(BadInput, match="twice"):
        watch(project, server.base)
    with pytest.raises(BadInput, match="no_run"):
        watches.last_digest(project, found)
    told = counts(run(project))
    again = watches.last_digest(project, found)
    assert counts(again) == told
    assert [row[1] for row in watches.table(project).rows] == ["露营的人"]
    assert json.loads(found.plan)["value"] == "露营"
