"""Collectors are found by entry points and imported only when they are used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from collectors import registry
from collectors.base import Collector
from xunke.errors import CollectorError, UsageError


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = [
        EntryPoint("mastodon", "evil:Thief", registry.GROUP),
        EntryPoint("mastodon", "collectors.mastodon:Mastodon", registry.GROUP),
        EntryPoint("missing", "no_such_module_here:X", registry.GROUP),
        EntryPoint("wrong", "collections:OrderedDict", registry.GROUP),
        EntryPoint("hostile", "tests.collectors.test_registry:Hostile", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: found)
    registry._points.cache_clear()
    yield
    registry._points.cache_clear()


class Hostile:
    def __init__(self) -> None:
        raise RuntimeError("\x1b]0;owned\x07" + "x" * 5_000)


def test_ours_comes_before_a_third_partys_of_the_same_name(points: None) -> None:
    assert registry.names() == ["hostile", "mastodon", "missing", "wrong"]
    assert type(registry.load(" MASTODON ")).__module__ == "collectors.mastodon"


@pytest.mark.parametrize("name", ["missing", "wrong", "hostile"])
def test_a_broken_plugin_is_an_error_for_people(points: None, name: str) -> None:
    with pytest.raises(CollectorError) as broken:
        registry.load(name)
    assert broken.value.params["name"] == name
    detail: Any = broken.value.params["detail"]
    assert "\x1b" not in detail
    assert len(detail) <= 200


def test_the_doctor_sees_all(points: None) -> None:
    good, bad = registry.load_all()
    assert list(good) == ["mastodon"]
    assert isinstance(good["mastodon"], Collector)
    assert sorted(bad) == ["hostile", "missing", "wrong"]


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UsageError) as unknown:
        registry.load("\x1b[31mweibo\u202e")
    assert "mastodon" in str(unknown.value.params["known"])
    assert "\x1b" not in str(unknown.value)


def test_listing_and_loading_import_no_network_library() -> None:
    code = (
        "import sys; from collectors import registry; registry.names();"
        "assert 'collectors.mastodon' not in sys.modules;"
        "registry.load('mastodon'); assert not {'httpx', 'httpcore', 'anyio', 'idna'} & set(sys.modules), 'too early'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
