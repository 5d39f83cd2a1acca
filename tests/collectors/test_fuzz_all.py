"""Every collector against its own sample source gone mad: any part of any answer may be anything.

Only pages or errors by what to do may come of it, records stay clean, cursors small, and the walk ends.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import itertools
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors import registry
from collectors.testing import App, Asked, Reply, Scripted, scripted
from tests.collectors.contract import HOSTILE, CollectorContract, check_record, pages, strings, transport
from xunke.errors import CollectorError

MOST_REQUESTS = 400
MOST_CURSOR = 256 * 1024


def nested(depth: int, leaf: Any) -> Any:
    for n in range(depth):
        leaf = [leaf] if n % 2 else {"a": leaf}
    return leaf


EVIL: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7.5, 10**12, 10**30, -(10**30), 1e308, float("nan"), float("inf"), float("-inf"), "",
    " ", "0", "-1", "1e999", "NaN", "９９", "null", "../../etc/passwd", "at://", "at://x/y/z", "https://", "http://[",
    "//", "javascript:alert(1)", "did:plc:", "x" * 70_000, "9" * 5_000, "\x00", "\ud800", "\udcff" * 9, "[/]", "[/",
    "a\rb", "\x1b]52;c;cm0gLXJm\x07", "\x9b31m", "\u202eabc", "\u200b\U000e0020", "e" + "\u0301" * 500, HOSTILE,
    "<b>" * 500, "&#0;&#xD800;&#99999999999;", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00", "{}", "[]", [], {}, [None], [[]], [{}], {"": {}}, {"id": None}, {"id": {}},
    {"id": []}, [1, "2", None], ["x"] * 300, nested(200, 1), nested(900, []), 10**400, "@@1e999", "@@1e-999", "@@1E5",
    '@@{"id":1,"id":"2","":0}', {"id": "x" * 70_000}, {"data": []}, {"__proto__": 1, "id": "../x"},
)  # fmt: skip


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something can be put in the stead of a part."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from spots(part, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    found: Any = dict(value) if isinstance(value, dict) else list(value)
    if new is GONE and len(path) == 1:
        del found[path[0]]
    else:
        found[path[0]] = put(found[path[0]], path[1:], new)
    return found


GONE: Any = object()


def spoilt(data: Any, rng: random.Random) -> Any:
    """``data`` with a few parts replaced, gone or doubled."""
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        places = list(spots(data))
        path = rng.choice(places if rng.random() < 0.2 else places[1:] or places)
        what = rng.random()
        if what < 0.1 and path:
            data = put(data, path, GONE)
        elif what < 0.2:  # something of this very answer, elsewhere
            part = data
            for key in rng.choice(places):
                part = part[key]
            data = put(data, path, part)
        else:
            data = put(data, path, rng.choice(EVIL))
    return data


def spelt(data: Any) -> bytes:
    """JSON in which texts that begin with ``@@`` stand as they are: numbers and objects that Python would not write."""
    return re.sub(r'"@@((?:[^"\\]|\\.)*)"', lambda found: found[1].replace('\\"', '"'), json.dumps(data)).encode()


def mad(app: App, rng: random.Random, share: float) -> App:
    def answer(asked: Asked) -> Reply:
        reply = app(asked)
        if reply.write is not None or rng.random() > share:
            return reply
        try:
            data = json.loads(reply.body) if isinstance(reply.body, bytes) else reply.body
        except ValueError:
            return reply
        return Reply(spelt(spoilt(data, rng)), reply.status, reply.headers)

    return answer


def contract(name: str) -> CollectorContract:
    made = importlib.import_module(f"tests.collectors.test_{name}").TestContract()
    assert isinstance(made, CollectorContract)
    return made


async def walk(of: CollectorContract, server: Scripted, folder: Path, **asked: Any) -> list[Any]:
    """All pages; the clock goes on with every wait, so that none is waited for."""
    late = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal late
        assert 0 <= seconds < 400, seconds
        late += seconds
        await asyncio.sleep(0)

    async with transport(server.base, folder, sleep=sleep, now=lambda: time.time() + late) as http:
        query = dataclasses.replace(of.query(server.base), **asked)
        return await pages(of.collector(), query, http)


def harmless(found: list[Any], platform: str) -> None:
    """What every page of every source must be."""
    for page in found:
        for record in page.records:
            check_record(record, platform)
        assert len(json.dumps(page.cursor)) < MOST_CURSOR
        json.dumps([page.total, *page.notes], default=repr, allow_nan=False).encode()
        for one in page.extents:
            assert one.said is None or 0 <= one.said < 2**63
            one.key.encode()
        for text in strings(page.rejected):
            assert len(text) < 500


def short(error: CollectorError) -> None:
    assert sum(len(f"{value}") for value in error.params.values()) < 2_000, error


@pytest.mark.parametrize("name", registry.names())
def test_a_source_gone_mad_gives_pages_or_errors(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    of = contract(name)
    with scripted(lambda asked: Reply()) as server:

        @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(st.integers(0, 2**32), st.sampled_from((0.1, 0.3, 1.0)))
        def check(seed: int, share: float) -> None:
            server.app = mad(of.app(""), random.Random(seed), share)
            server.asked.clear()
            try:
                harmless(asyncio.run(walk(of, server, tmp_path_factory.mktemp("cache"))), of.collector().platform)
            except CollectorError as error:
                short(error)
            assert len(server.asked) < MOST_REQUESTS

        check()


TYPED = (
    "https://[", "//[x", "http://[::1", "https://x.example/[", "at://", "at://did:plc:x", "at://x/app.bsky.feed.post/",
    "did:web:", "../../x", "@", "@@", "a@", "@a@b@c", "a@[b", "#", "x" * 20_000, "\ud800", "[/]", "\x1b]0;t\x07",
    "９９９", "0", "-1", "9" * 400, "?&=%", "%", "%zz", "%ff%fe", "a/b/c", "https://", "https://user:pw@x.example/1",
    "javascript:1", "https://x.example:99999/1", "//", "/", "\\", "\"", " 露营 ", "露营\u202e", "\u200b",
)  # fmt: skip


BROKEN = 4
"""So many of them are tried in every mode, each of the others in one."""


@pytest.mark.parametrize("name", registry.names())
def test_whatever_a_user_types_gives_pages_or_errors(name: str, tmp_path: Path) -> None:
    of = contract(name)
    modes = sorted(of.collector().capabilities.modes)
    tried = [(mode, value) for mode in modes for value in TYPED[:BROKEN]]
    tried += zip(itertools.cycle(modes), TYPED[BROKEN:], strict=False)
    with scripted(lambda asked: Reply()) as server:
        for mode, value in tried:
            server.app = of.app("")
            try:
                harmless(
                    asyncio.run(walk(of, server, tmp_path, mode=mode, value=value, limit=1)), of.collector().platform
                )
            except CollectorError as error:
                short(error)
            except Exception as error:  # noqa: BLE001 - named with what was typed
                pytest.fail(f"{mode} {value[:40]!r}: {error!r}")
