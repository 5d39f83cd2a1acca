"""Real servers, once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.running import mastodon_mock
from tests.servers.seeding import Api, Truth, mock_users, seed

TAGS = ["露营", "咖啡", "camping", "新品测评", "ootd"]


@pytest.fixture(scope="session")
def mock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mastodon_mock(tmp_path_factory.mktemp("mock")) as base:
        yield base


@pytest.fixture(scope="session")
def seeded(mock_server: str) -> Truth:
    return seed(mock_server, mock_users(Api(mock_server), 10), posts=50, tags=TAGS)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
