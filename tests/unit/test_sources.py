"""Which source serves a platform and what it lacks, from what our collectors say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors import registry
from xunke import credentials, sources
from xunke.actions import readable, remember
from xunke.errors import CollectorError, UsageError
from xunke.plan import Step
from xunke.storage import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with Project.open(tmp_path / "p.db") as found:
        yield found


def test_a_platform_has_the_collectors_that_speak_for_it(project: Project) -> None:
    assert sources.named("pixelfed")[0] == "mastodon"
    assert sources.named("weibo")[0] == "weibo"
    assert sources.named("nobody") == []
    assert {"xiaohongshu", "douyin", "kuaishou", "tieba"} <= set(sources.files_only())
    assert not set(sources.files_only()) & set(registry.names())
    with pytest.raises(UsageError):
        sources.source(project, "nobody")


def test_what_needs_a_login_is_ready_with_it_and_only_on_its_server(project: Project) -> None:
    before = sources.source(project, "weibo")
    why = sources.ready(before, "keyword")
    assert why is not None
    assert why[0] == "source.needs_own_cookie"
    assert why[1]["command"] == "xunke connect weibo --login own_cookie"
    credentials.keep("weibo", None, {"cookie": "SUB=planted"}, "file")
    after = sources.source(project, "weibo")
    assert sources.ready(after, "keyword") is None
    assert after.connected
    assert sources.connected(project) == ["weibo"]
    other = sources.source(project, "weibo", instance="https://elsewhere.example")
    assert sources.ready(other, "keyword") is not None


def test_one_server_has_one_name(project: Project) -> None:
    for name in registry.names():
        can = registry.load(name).capabilities
        if can.default_instance:
            assert sources.place(can, can.default_instance) is None, name
            assert sources.place(can, "https://other.example/path") == "https://other.example"
    feeds = registry.load("rss").capabilities
    assert sources.place(feeds, "blog.example/feed.xml") == "https://blog.example/feed.xml"
    with pytest.raises(CollectorError):
        sources.place(feeds, "https://me:secret@blog.example/feed.xml")


def test_every_source_says_what_it_lacks_in_known_words(project: Project) -> None:
    """Whatever a collector says of itself: each mode and relation is ready, or there is a sentence with a command."""
    from xunke.i18n import UNSAID, Catalogue

    for name in registry.names():
        found = sources.source(project, name)
        for what in (*found.can.modes, *found.can.relations, "topic", "likes"):
            why = sources.ready(found, what)  # type: ignore[arg-type] # of the two kinds
            if why is not None:
                for lang in ("zh", "en"):
                    said = Catalogue(lang).t(why[0], **why[1])
                    assert why[0] not in said, (name, what)
                    assert UNSAID not in said, said
        names = [sources.login_name(found.can, login) for login in found.can.logins]
        assert len(set(names)) == len(names), f"{name}: its logins cannot be told apart"


def test_a_step_reads_what_is_connected_in_the_nearest_way(project: Project) -> None:
    step = Step(action="collect", topics=("露营",), tags=("徒步",))
    assert readable(project, step) == ([], [])
    remember(project, "mastodon", "https://m.example")
    wanted, said = readable(project, step)
    assert [(one.collector, one.query.mode, one.query.value) for one in wanted] == [
        ("mastodon", "tag", "徒步"), ("mastodon", "tag", "露营"),
    ]  # fmt: skip
    assert all(one.query.relations == {"replies", "reposts", "likes"} for one in wanted)
    assert "source.nearest" in [one.code for one in said]
    named = Step(action="collect", topics=("露营",), platforms=("xiaohongshu", "weibo"))
    wanted, said = readable(project, named)
    assert not wanted
    assert [one.code for one in said] == ["collect.import_only", "source.needs_own_cookie"]


def test_two_collectors_of_one_platform_are_not_both_asked(project: Project) -> None:
    credentials.keep("weibo", None, {"cookie": "SUB=planted"}, "file")
    credentials.keep("weibo_open", None, {"token": "planted"}, "file")
    wanted, _ = readable(project, Step(action="collect", accounts=("某人",)))
    assert [one.collector for one in wanted] == ["weibo"]
