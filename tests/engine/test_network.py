"""Interactions come out of SQLite as arrays that mean what the rows mean, and reading them can be watched and ended."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.build import Events, build
from xunke.errors import BadInput
from xunke.model import Account, Interaction, Post, Provenance
from xunke.outreach import network, scoring
from xunke.outreach.network import load_events
from xunke.storage import Project
from xunke.storage.schema import KINDS

DAY = 86_400
POSTS = {1: 50 * DAY, 2: None, 3: 70 * DAY, 4: -5}
"""Post -> when it was created."""

Row = tuple[int, int, int, int, int]
rows_of = st.lists(
    st.tuples(
        st.one_of(st.integers(1, 9), st.integers(1, 2**30)),
        st.one_of(st.just(0), st.integers(1, 100 * DAY)),
        st.one_of(st.integers(1, 9), st.integers(1, 2**30)),
        st.sampled_from(sorted(KINDS.values())),
        st.integers(0, 5),
    ),
    max_size=40,
    unique=True,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with the posts above and no interactions (invented)."""
    with Project.open(tmp_path_factory.mktemp("network") / "p.db") as made:

        def fill(db: object) -> None:
            run = db.execute  # type: ignore[attr-defined]
            run("insert into platform(id, name) values (1, 'weibo'), (2, 'zhihu')")
            run("insert into account_key(id, platform, native_id) select value, 1 + value % 2, value from json_each(?)",
                ("[1,2,3,4,5,6,7,8,9]",))  # fmt: skip
            for post, created in POSTS.items():
                run("insert into post_key(id, platform, native_id) values (?, 1, ?)", (post, str(post)))
                run("insert into post(id, kind, text, created) values (?, 'post', '', ?)", (post, created))

        made.writer.call(fill)
        yield made


def put(project: Project, rows: list[Row]) -> None:
    def write(db: object) -> None:
        db.execute("delete from interaction")  # type: ignore[attr-defined]
        db.executemany("insert into interaction values (?, ?, ?, ?, ?)", rows)  # type: ignore[attr-defined]

    project.writer.call(write)


def listed(events: Events) -> list[tuple[int, int, int, int]]:
    parts = (events.target, events.time, events.actor, events.kind)
    return list(zip(*(part.tolist() for part in parts), strict=True))


def when(row: Row) -> int:
    return row[1] or POSTS.get(row[4]) or 0


@settings(deadline=None, max_examples=60)
@given(
    rows_of,
    st.one_of(st.none(), st.integers(0, 100 * DAY)),
    st.one_of(st.none(), st.integers(0, 100 * DAY)),
    st.one_of(st.none(), st.sets(st.sampled_from(sorted(KINDS)))),
    st.one_of(st.none(), st.sets(st.integers(0, 5))),
    st.one_of(st.none(), st.sampled_from(["weibo", "zhihu", "nowhere"])),
)
def test_arrays_are_the_rows_that_pass(
    project: Project,
    rows: list[Row],
    since: int | None,
    until: int | None,
    kinds: set[str] | None,
    posts: set[int] | None,
    platform: str | None,
) -> None:
    put(project, rows)
    events = load_events(
        project, since=since, until=until, kinds=kinds, posts=posts, platforms=None if platform is None else [platform]
    )
    codes = None if kinds is None else {KINDS[kind] for kind in kinds}
    on = {"weibo": {2, 4, 6, 8}, "zhihu": {1, 3, 5, 7, 9}, "nowhere": set()}
    expected = [
        (row[0], when(row), row[2], row[3])
        for row in sorted(rows)
        if (since is None or when(row) >= since)
        and (until is None or when(row) <= until)
        and (codes is None or row[3] in codes)
        and (posts is None or row[4] in posts)
        and (platform is None or row[0] in on[platform])
    ]
    assert listed(events) == expected


def test_ids_too_wide_to_share_an_integer(project: Project) -> None:
    wide = 2**40
    project.writer.call(lambda db: db.execute("insert into account_key values (?, 1, 'wide')", (wide,)))
    try:
        put(project, [(wide, 7, wide + 1, 1, 0), (3, 0, 4, 6, 1)])
        assert listed(load_events(project)) == [(3, 50 * DAY, 4, 6), (wide, 7, wide + 1, 1)]
    finally:
        project.writer.call(lambda db: db.execute("delete from account_key where id = ?", (wide,)))


def test_more_than_a_chunk(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "CHUNK", 7)
    rows: list[Row] = [(1 + i % 5, 10 + i, 6 + i % 3, 1 + i % 6, 0) for i in range(100)]
    put(project, rows)
    told: list[tuple[int, int]] = []
    events = load_events(project, watch=lambda done, total: told.append((done, total)))
    assert listed(events) == [row[:4] for row in sorted(rows)]
    assert told[-1] == (100, 100)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_scoring_still_has_it(sample: Project) -> None:
    assert listed(scoring.load_events(sample)) == listed(load_events(sample))
    assert len(build(load_events(sample))) > 100


def test_a_tag_a_group_and_an_unknown_kind(tmp_path: Path) -> None:
    a, b = Account("weibo", "a"), Account("weibo", "b")
    with Project.open(tmp_path / "p.db") as made:
        made.add(
            [
                Post("weibo", "1", "跑步去", b, created=DAY, tags=("减肥",)),
                Post("weibo", "2", "做饭", b, created=DAY),
                Interaction("weibo", a, b, "reply", time=2 * DAY, post="1"),
                Interaction("weibo", a, b, "reply", time=3 * DAY, post="2"),
            ],
            Provenance("user", "invented"),
        )
        assert load_events(made, tags=["减肥"]).time.tolist() == [2 * DAY]
        assert load_events(made, tags=["减脂"]).time.tolist() == []
        assert load_events(made, groups=["没有吧"]).time.tolist() == []
        with pytest.raises(BadInput) as error:
            load_events(made, kinds=["hug"])
        assert error.value.key == "network.unknown_kind"


class Enough(Exception):
    """Raised by a watch."""


def test_a_watch_ends_the_reading(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_STEPS", 100)
    put(project, [(1 + i % 9, i, 5, 1, 0) for i in range(1, 3000)])

    def stop(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        load_events(project, watch=stop, posts=[99])  # nothing is found: only the long search itself can be stopped
    assert not project.reader.in_transaction
    assert len(load_events(project)) == 2999


def test_ctrl_c_ends_the_reading(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach only the main thread")
    monkeypatch.setattr(network, "_STEPS", 100)
    put(project, [(1 + i % 9, i, 5, 1, 0) for i in range(1, 3000)])
    with pytest.raises(KeyboardInterrupt):
        load_events(project, posts=[99], watch=lambda done, total: os.kill(os.getpid(), signal.SIGINT))
    assert np.unique(load_events(project).kind).tolist() == [1]
