"""The command line against a real server: complete, exact, and the same after kill -9 in the middle."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.running import mastodon_mock
from tests.servers.seeding import Api, Truth, mock_users, seed
from xunke.storage import Project

pytestmark = pytest.mark.real_server("mastodon-mock")
ALL = "replies,reposts,likes,followers"
KINDS = {1: "repost", 2: "reply", 5: "like", 6: "follow"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Truth]]:
    with mastodon_mock(tmp_path_factory.mktemp("mock")) as base:
        yield base, seed(base, mock_users(Api(base), 8), posts=40, tags=["露营", "咖啡"])


def command(db: Path, base: str, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "xunke", "--db", str(db), "--json", "collect", "mastodon", "--instance", base,
        "--allow-private-address", *more,
    ]  # fmt: skip


def content(db: Path) -> list[list[tuple[object, ...]]]:
    with sqlite3.connect(db) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        return [
            sorted(connection.execute(sql).fetchall(), key=repr)
            for sql in (
                "select k.native_id, t.text, t.kind, t.created from post t join post_key k on k.id = t.id",
                "select a.native_id, i.kind, b.native_id, coalesce(k.native_id, '') from interaction i "
                "join account_key a on a.id = i.target join account_key b on b.id = i.actor "
                "left join post_key k on k.id = i.post",
                "select k.native_id, a.name from account a join account_key k on k.id = a.id",
            )
        ]


def test_a_tag_is_collected_complete(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, truth = server
    db = tmp_path / "p.db"
    done = subprocess.run(
        command(db, base, "--tag", "露营", "--with", ALL), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    tagged = {number for number, _, tag in truth.posts if tag == "露营"}
    with Project.open(db) as project:
        stored = project.one("select count(*) from post t join post_tag pt on pt.post = t.id "
                             "join tag g on g.id = pt.tag where g.name = '露营'")  # fmt: skip
        assert stored == len(tagged)
        likes = project.one("select count(*) from interaction where kind = 5")
        own = {number: by for number, by, _ in truth.posts}
        roots = {truth.uris[number] for number in tagged}
        assert likes == sum(post in tagged and own[post] != who for who, post in truth.likes)
        replies = [root for _, root, _ in truth.replies.values() if root in tagged | roots]
        assert replies
        assert project.one("select count(*) from post where kind = 'comment'") == len(replies)
        assert project.one("select count(*) from source where kind = 'live'") == 1
    again = subprocess.run(
        command(db, base, "--tag", "露营", "--with", ALL), capture_output=True, text=True, check=False
    )
    assert again.returncode == 0
    with Project.open(db) as project:
        assert project.one("select count(*) from interaction where kind = 5") == likes


def cursor_of(db: Path) -> str | None:
    """The cursor that is stored now, if the file has got that far."""
    try:
        with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
            found = connection.execute("select cursor from job_slice where state = 'running'").fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else found[0]


def test_killed_collections_end_like_an_unbroken_one(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, _ = server
    whole = tmp_path / "whole.db"
    subprocess.run(command(whole, base, "--tag", "咖啡", "--with", ALL), capture_output=True, check=True)
    expected = content(whole)
    db = tmp_path / "killed.db"
    kills, seen = 0, None
    while True:
        process = subprocess.Popen(
            command(db, base, "--tag", "咖啡", "--with", ALL), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None:
            cursor = cursor_of(db)
            if kills < 5 and cursor not in (None, seen):  # a page was stored since the last kill
                os.kill(process.pid, signal.SIGKILL)
                kills, seen = kills + 1, cursor
            time.sleep(0.02)
        if process.returncode == 0:
            break
    with Project.open(db) as project:
        assert project.one("pragma integrity_check") == "ok"
    assert content(db) == expected
    assert kills >= 3, "too few kills fell between two pages: the test proves little"


def test_a_sentence_collects_from_the_connected_instance(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, truth = server
    db = tmp_path / "s.db"
    xunke = [sys.executable, "-m", "xunke", "--db", str(db), "--json"]
    subprocess.run(
        [*xunke, "connect", "mastodon", "--instance", base, "--allow-private-address"], check=True, capture_output=True
    )
    done = subprocess.run(
        [*xunke, "抓长毛象上 #露营 的帖子", "--yes", "--allow-private-address"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == sum(tag == "露营" for _, _, tag in truth.posts)


def test_private_addresses_are_refused_unless_allowed(server: tuple[str, Truth], tmp_path: Path) -> None:
    base, _ = server
    plain = [a for a in command(tmp_path / "n.db", base, "--tag", "露营") if a != "--allow-private-address"]
    done = subprocess.run(plain, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    with Project.open(tmp_path / "n.db") as project:
        assert project.one("select count(*) from post") == 0
