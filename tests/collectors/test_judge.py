"""A platform's own word on an answer comes first; what it says decides, and a limit it names is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.http import Reply as Told
from tests.collectors.test_http import GOOD, SECRET, Clock, in_turn, own
from tests.servers.scripted import Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry


def lemmy(reply: Told) -> CollectorError | None:
    """As Lemmy answers: a limit is a 400, a missing thing too."""
    data = reply.json()
    said = data.get("error") if isinstance(data, dict) else None
    if said == "rate_limit_error":
        return Retry("net.limited", 20, host="l.example")
    return Gone("net.gone", url=reply.url, status=reply.status) if said == "couldnt_find_post" else None


async def test_a_limit_that_only_the_platform_knows_is_waited_for(tmp_path: Path) -> None:
    clock, told = Clock(), []
    limit = Reply({"error": "rate_limit_error"}, 400)
    with scripted(in_turn(limit, limit, GOOD)) as server:
        async with own(server, tmp_path, clock, on_wait=lambda s, why: told.append((round(s), why))) as http:
            assert (await http.get_json(server.base, judge=lemmy)).data == {"ok": True}
    assert sum(clock.slept) == pytest.approx(40, abs=0.1)
    assert told == [(20, "net.wait_limit")] * 2


async def test_a_limit_that_does_not_end_or_lasts_too_long_parks_with_the_platforms_word(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"error": "rate_limit_error"}, 400)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Retry):
                await http.get_json(server.base, judge=lemmy)
            assert len(server.asked) < 20
            server.asked.clear()
            with pytest.raises(Retry) as parked:
                await http.get_json(
                    server.base + "/x", judge=lambda r: Retry("net.server", 7_200, host=SECRET, status=0), token=SECRET
                )
    assert (parked.value.key, parked.value.after, len(server.asked)) == ("net.server", 7_200, 1)
    assert SECRET not in str(parked.value)


async def test_its_error_comes_before_ours_and_none_leaves_ours(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"error": "couldnt_find_post"}, 400)) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Gone) as gone:
                await http.get_json(server.base + "/p?token=" + SECRET, judge=lemmy)
            assert SECRET not in str(gone.value)
            with pytest.raises(BadQuery):
                await http.get_json(server.base, judge=lambda reply: None)


async def test_it_sees_every_answer_whole(tmp_path: Path) -> None:
    seen: list[Told] = []

    def judge(reply: Told) -> None:
        seen.append(reply)

    with scripted(in_turn(Reply(status=500), Reply({"a": [1]}, headers={"X-Odd": "1"}))) as server:
        async with own(server, tmp_path) as http:
            await http.get_json(server.base + "/a?b=1", judge=judge)
            await http.get_bytes(server.base, judge=judge)
            server.app = lambda asked: Reply(b"<p>x</p>")
            await http.get_page(server.base + "/page", judge=judge)
    assert [one.status for one in seen] == [500, 200, 200, 200]
    assert seen[1].headers["x-odd"] == "1"
    assert seen[1].json() == {"a": [1]}
    assert seen[1].json() is seen[1].json()
    assert seen[1].url == server.base + "/a"
    assert seen[3].json() is None
    assert seen[3].body == b"<p>x</p>"


async def test_a_200_that_is_none_is_named_by_the_platform(tmp_path: Path) -> None:
    def weibo(reply: Told) -> CollectorError | None:
        data = reply.json()
        return NeedsLogin("net.needs_login", host="m", status=200, said="") if data and data.get("ok") == -100 else None

    with scripted(lambda asked: Reply({"ok": -100, "url": "https://x"})) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(NeedsLogin):
                await http.get_json(server.base, judge=weibo)


@pytest.mark.parametrize("target", ["http://10.0.0.1/login", "ftp://x/", "https://u:p@m.example/", "/again"])
async def test_a_redirect_that_is_not_followed_is_the_platforms_to_name(tmp_path: Path, target: str) -> None:
    def judge(reply: Told) -> CollectorError | None:
        assert reply.status == 302
        assert reply.headers["location"] == target
        return NeedsLogin("net.login_page", host="m")

    with scripted(lambda asked: Reply(status=302, headers={"Location": target})) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(NeedsLogin):
                await http.get_json(server.base, judge=judge)
            with pytest.raises((Blocked, BadQuery)):
                await http.get_json(server.base)


async def test_a_mistake_in_the_judge_is_not_hidden(tmp_path: Path) -> None:
    def judge(reply: Told) -> CollectorError | None:
        raise BrokenAnswer("net.shape", url=SECRET)

    with scripted(lambda asked: GOOD) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(BrokenAnswer) as told:
                await http.get_json(server.base, token=SECRET, judge=judge)
            assert SECRET not in str(told.value)
            with pytest.raises(ZeroDivisionError):
                await http.get_json(server.base, judge=lambda reply: 1 // 0)  # type: ignore[arg-type,return-value]
