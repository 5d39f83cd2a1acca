"""What was seen of somebody: reposts of reposts are reposts of the first post, comments are comments. Invented."""

from __future__ import annotations

from pathlib import Path

from xunke.model import Account, Post, Provenance
from xunke.outreach.seen import coverage
from xunke.storage import Project

NOW = 1_795_000_000


def test_answers_are_counted_as_what_they_are(tmp_path: Path) -> None:
    her, him = Account("weibo", "1", name="甲"), Account("weibo", "2", name="乙")
    posts = [
        Post("weibo", "a", "第一条", author=her, created=NOW, comments=4, shares=3),
        Post("weibo", "b", "转", author=him, created=NOW + 1, kind="repost", repost_of="a", root="a"),
        Post("weibo", "c", "再转", author=him, created=NOW + 2, kind="repost", repost_of="b", root="a"),
        Post("weibo", "d", "好", author=him, created=NOW + 3, kind="comment", reply_to="a", root="a"),
        Post("weibo", "e", "晚了", author=him, created=NOW + 90, kind="comment", reply_to="a", root="a"),
    ]
    with Project.open(tmp_path / "p.db") as project:
        project.add([her, him, *posts], Provenance("test", "invented"))
        account = project.one("select id from account where name = '甲'")
        found = coverage(project, account, NOW + 50)
    assert found.comments == (1, 4)
    assert found.shares == (2, 3)
    assert found.share == 3 / 7
    assert (found.posts, found.telling) == (1, 1)
