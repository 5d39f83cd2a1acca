"""One polite budget for a host: learned pace, quota, what servers say, wrong clocks, all processes together (N19)."""

from __future__ import annotations

import asyncio
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.http import Transport
from collectors.pacing import DAY, SLOWEST, Budget, remaining, reset_after, retry_after
from tests.collectors.test_http import GOOD, Clock, in_turn, own
from tests.servers.scripted import Reply, scripted
from xunke.errors import Retry

YEAR = 365 * DAY
ORIGIN = "https://m.example"


async def spend(budget: Budget, clock: Clock, count: int) -> list[float]:
    """Take ``count`` requests as the transport does; when each was sent, from the start."""
    start, times = clock.time, []
    while len(times) < count:
        wait, why = await budget.take()
        clock.time += wait
        if why == "pace":
            times.append(clock.time - start)
    return times


def budget(folder: Path, clock: Clock, interval: float = 1.0, quota: tuple[int, int] | None = None) -> Budget:
    return Budget(ORIGIN, folder, interval=interval, quota=quota, now=clock.now)


# ---------------------------------------------------------------- what servers say


@pytest.mark.parametrize(
    ("headers", "left", "seconds"),
    [
        ({"x-rate-limit-limit": "120", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "1795140960"}, 0, 60),
        ({"x-ratelimit-remaining": "96.0", "x-ratelimit-used": "4", "x-ratelimit-reset": "412"}, 96, 412),  # Reddit
        ({"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "30"}, 0, 30),
        ({"ratelimit-limit": "3000", "ratelimit-remaining": "2999", "ratelimit-reset": "1795141200",
          "ratelimit-policy": "3000;w=300"}, 2_999, 300),  # the AT Protocol
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-20T02:20:00.123456Z"}, 0, 300.123456),  # Mastodon
        ({"x-ratelimit-remaining": "297", "x-ratelimit-reset": "1795141200"}, 297, 300),
        ({"ratelimit": '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60'}, 50, 30),
        ({"ratelimit": "limit=10, remaining=0, reset=5"}, None, None),  # no form that we know
        ({"ratelimit": "r=x;t=-1"}, None, None),
        ({}, None, None),
    ],
)  # fmt: skip
def test_windows_in_the_words_of_each_platform(
    headers: dict[str, str], left: int | None, seconds: float | None
) -> None:
    assert remaining(headers) == left
    found = reset_after(headers, 1_795_140_900.0)
    assert found == (None if seconds is None else pytest.approx(seconds, abs=0.01))


async def test_a_limit_said_in_plain_text_is_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    head = {"Retry-After": "7", "Discourse-Rate-Limit-Error-Code": "ip_10_secs_limit", "Content-Type": "text/plain"}
    slow = Reply(b"Slow down, too many requests from this IP address", 429, head)
    with scripted(in_turn(slow, GOOD)) as server:
        async with own(server, tmp_path, clock) as http:
            assert (await http.get_json(server.base)).data == {"ok": True}
    assert sum(clock.slept) == pytest.approx(7, abs=0.1)


async def test_a_v2ex_window_is_waited_for_before_it_is_run_into(tmp_path: Path) -> None:
    clock = Clock()
    used_up = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(int(clock.time) + 100), "Date": "x"}
    with scripted(in_turn(Reply({"a": 1}, headers=used_up), GOOD)) as server:
        async with own(server, tmp_path, clock) as http:
            await http.get_json(server.base)
            await http.get_json(server.base)
    assert 98 < sum(clock.slept) <= 100


@given(st.text(max_size=40), st.floats(0, 4e9))
def test_any_header_is_a_wait_within_a_day_or_none(said: str, now: float) -> None:
    for found in (retry_after({"retry-after": said}, now), reset_after({"x-ratelimit-reset": said}, now)):
        assert found is None or 0 <= found <= DAY


# ---------------------------------------------------------------- the learned pace


async def interval(of: Budget, clock: Clock) -> float:
    first, second = await spend(of, clock, 2)
    return second - first


async def test_a_slow_host_is_asked_more_slowly_and_never_faster_than_its_pace(tmp_path: Path) -> None:
    clock = Clock()
    host = budget(tmp_path, clock)
    await host.learn(0.05, 200)
    assert await interval(host, clock) == pytest.approx(1.0, abs=0.01)
    await host.learn(5.0, 200)
    assert await interval(host, clock) == pytest.approx(5.0, abs=0.01)
    for _ in range(100):
        await host.learn(1e6, 200)
    assert await interval(host, clock) == pytest.approx(SLOWEST, abs=0.01)
    for _ in range(100):
        await host.learn(0.05, 200)
    assert await interval(host, clock) == pytest.approx(1.0, abs=0.01)


async def test_an_error_never_lowers_the_delay_and_a_limit_doubles_it(tmp_path: Path) -> None:
    clock = Clock()
    host = budget(tmp_path, clock)
    await host.learn(8.0, 200)
    for status in (404, 500, 429, 301):
        await host.learn(0.01, status)
    assert await interval(host, clock) == pytest.approx(8.0, abs=0.01)
    await host.slow()
    assert await interval(host, clock) == pytest.approx(16.0, abs=0.01)
    await host.learn(0.01, 200)
    assert await interval(host, clock) == pytest.approx(14.4, abs=0.01)  # back by a tenth, not at once
    for _ in range(9):
        await host.slow()
    assert await interval(host, clock) == pytest.approx(SLOWEST, abs=0.01)
    assert await interval(budget(tmp_path, clock), clock) == pytest.approx(SLOWEST, abs=0.01)  # another process knows


async def test_the_own_network_is_not_paced_unless_wished(tmp_path: Path) -> None:
    for wished, least in ((False, 0.0), (True, 3 * 2.0)):
        clock = Clock()
        with scripted(lambda asked: GOOD) as server:
            async with own(server, tmp_path, clock, pace=2.0, quota=(2, 3), pace_own=wished) as http:
                for _ in range(4):
                    await http.get_json(server.base)
        assert sum(clock.slept) == pytest.approx(least, abs=0.6 if wished else 0.0)


async def test_being_told_to_slow_down_slows_down(tmp_path: Path) -> None:
    clock = Clock()
    with scripted(in_turn(Reply(status=429, headers={"Retry-After": "1"}), GOOD)) as server:
        async with own(server, tmp_path, clock, pace=2.0, pace_own=True) as http:
            await http.get_json(server.base)
            before = sum(clock.slept)
            await http.get_json(server.base)
    assert sum(clock.slept) - before > 3.5


# ---------------------------------------------------------------- the quota


async def test_a_quota_over_restarts(tmp_path: Path) -> None:
    clock, times = Clock(), []
    start = clock.time
    for _ in range(6):  # six runs of fifty each
        offset = clock.time - start
        times += [offset + t for t in await spend(budget(tmp_path, clock, 1.0, (120, 3_600)), clock, 50)]
    for n, t in enumerate(times[120:]):
        assert t - times[n] > 3_600, "no hour holds more than 120"
    assert times[119] < 130, "what is allowed can be used at once"
    assert times[240] < 2 * 3_600 * 1.05, "and the window is used well"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 20), st.integers(1, 500), st.lists(st.floats(0, 60), max_size=60), st.integers(0))
def test_no_window_ever_holds_more_than_the_quota(
    tmp_path: Path, most: int, seconds: int, gaps: list[float], seed: int
) -> None:
    async def run() -> list[float]:
        clock = Clock()
        host = Budget(
            f"https://{seed}.example", tmp_path / str(seed), interval=0.0, quota=(most, seconds), now=clock.now
        )
        times, start = [], clock.time
        for gap in gaps:
            clock.time += gap
            [sent] = await spend(host, clock, 1)
            times.append(clock.time - start)
            assert sent >= 0
        return times

    times = asyncio.run(run())
    for early, late in zip(times, times[most:], strict=False):
        assert late - early >= seconds - 1e-3


async def test_a_quota_that_is_used_up_parks_when_the_wait_is_too_long(tmp_path: Path) -> None:
    clock, told = Clock(), []
    options = {"pace": 0.1, "quota": (3, 600), "pace_own": True, "on_wait": lambda s, why: told.append(why)}
    with scripted(lambda asked: GOOD) as server:
        async with own(server, tmp_path, clock, **options) as http:
            for _ in range(3):
                await http.get_json(server.base)
            with pytest.raises(Retry) as parked:
                await http.get_json(server.base)
            assert parked.value.key == "net.quota"
            assert 590 < parked.value.after <= 612
            assert len(server.asked) == 3
        async with own(server, tmp_path, clock, max_wait=700, **options) as http:
            await http.get_json(server.base)
    assert told == ["net.wait_quota"]


# ---------------------------------------------------------------- wrong clocks


@pytest.mark.parametrize("jump", [-YEAR, -3_600.0, -60.0, 60.0, YEAR])
async def test_a_clock_that_is_set_holds_nobody_up_for_long(tmp_path: Path, jump: float) -> None:
    clock = Clock()
    host = budget(tmp_path, clock, 2.0, (10, 100))
    await spend(host, clock, 5)
    await host.block(30)
    clock.time += jump
    wait, why = await host.take()
    assert wait <= 31
    if jump < 0:
        assert (why, wait) == ("limit", pytest.approx(30, abs=0.1)), "a block still lasts what the server said"
    times = await spend(host, clock, 8)
    assert times[-1] < 31 + 8 * 2 + 110
    clock.time -= jump  # and it is put right again
    assert (await spend(host, clock, 5))[-1] < 31 + 5 * 2 + 110


NONSENSE = (
    '{"tat": 1e300}', '{"until": 1e300}', '{"delay": 1e9}', '{"delay": -5}', '{"at": 1e300, "width": 1e-300}',
    '{"width": 1.6666666666666667, "used": {"99999999999999": 50}}', '{"used": {"x": 1}}', '{"at": -1e300}',
)  # fmt: skip


async def test_numbers_from_nowhere_are_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    host = budget(tmp_path, clock, 1.0, (10, 100))
    await host.take()
    file = next(tmp_path.iterdir())
    for text in NONSENSE:
        file.write_text(text)
        assert (await host.take())[0] <= 1, text


# ---------------------------------------------------------------- two processes, one server


PACE = 0.3


def _ask(base: str, folder: str, count: int, quota: tuple[int, int] | None, ready: object) -> None:
    async def run() -> None:
        async with Transport(
            base, allow_private=True, cache_dir=Path(folder), pace=PACE, quota=quota, pace_own=True
        ) as http:
            ready.wait(30)  # type: ignore[attr-defined]
            for _ in range(count):
                await http.get_json(base)

    asyncio.run(run())


@pytest.mark.parametrize("quota", [None, (6, 3)])
def test_two_processes_have_one_budget(tmp_path: Path, quota: tuple[int, int] | None) -> None:
    """N19: the times at the server prove it."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(2)
    with scripted(lambda asked: GOOD) as server:
        arguments = (server.base, str(tmp_path), 7, quota, ready)
        workers = [spawn.Process(target=_ask, args=arguments) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0, 0]
        times = sorted(one.at for one in server.asked)
    assert len(times) == 14
    for n, at in enumerate(times):  # two budgets would be through in half the time
        assert at - times[0] > n * PACE - 0.5, "reserved in time; what a busy machine adds on the way is not ours"
    if quota is not None:
        for early, late in zip(times, times[quota[0] :], strict=False):
            assert late - early > quota[1] - 0.3, "reserved in time; what a busy machine adds on the way is not ours"
