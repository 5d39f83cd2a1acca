"""Where a model may be, who may see its key, and what the files of it allow. Names and keys are invented."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import keyring
import keyring.backend
import pytest

from tests.llm.endpoint import Endpoint as Server
from tests.llm.endpoint import good
from tests.servers.certificates import Authority
from xunke import private
from xunke.errors import BadInput, CollectorError, NeedsAnswer
from xunke.llm import learned, settings, understand
from xunke.llm.post import Endpoint, Failure
from xunke.llm.settings import KeyPlace, Settings

KEY = "sk-planted0123456789abcdefABCD"


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asks = 0.0

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(self.asks)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, found = keyring.get_keyring(), Ring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


@pytest.mark.parametrize(
    ("said", "base"),
    [
        ("localhost:11434", "http://localhost:11434/v1"),
        ("http://127.0.0.1:1234/v1/", "http://127.0.0.1:1234/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("gpu-box:8000", "http://gpu-box:8000/v1"),
        ("http://192.168.1.5:8000/v1/chat/completions", "http://192.168.1.5:8000/v1"),
        ("api.deepseek.com", "https://api.deepseek.com/v1"),
        ("https://api.deepseek.com?key=abc#x", "https://api.deepseek.com/v1"),
        ("https://open.bigmodel.cn/api/paas/v4", "https://open.bigmodel.cn/api/paas/v4"),
        ("https://例子.中国/v1", "https://xn--fsqu00a.xn--fiqs8s/v1"),
    ],
)
def test_addresses_as_people_write_them(said: str, base: str) -> None:
    assert str(settings.base_of(said)) == base
    assert settings.connect(said).endpoint == base


@pytest.mark.parametrize(
    "said",
    ["http://api.deepseek.com/v1", "http://8.8.8.8/v1", "http://169.254.169.254/v1", "ftp://localhost", "https://a:b@c.example",
     "", "http://", "https://exa mple.com", "localhost:22", "http://0.0.0.0:8000", "http://224.0.0.1:8000"],
)  # fmt: skip
def test_addresses_that_are_refused(said: str) -> None:
    with pytest.raises((BadInput, CollectorError)):
        settings.connect(said)
    assert settings.load() is None


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("接上本地的 ollama", "localhost:11434"),
        ("用通义千问当大模型", "dashscope.aliyuncs.com"),
        ("connect DeepSeek please", "api.deepseek.com"),
        ("接 llama.cpp 的服务", "localhost:8080"),
        ("换成 kimi", "api.moonshot.cn"),
    ],
)
def test_a_name_is_enough(words: str, host: str) -> None:
    assert host in settings.connect(None, words=words).endpoint


def test_without_an_address_or_a_name_it_asks() -> None:
    with pytest.raises(NeedsAnswer):
        settings.connect(None, words="接个大模型")


def test_nothing_is_readable_for_others_whatever_the_umask() -> None:
    before = os.umask(0)
    try:
        found = settings.connect("http://localhost:8009/v1")
        settings.store_key(KEY, found.endpoint, in_file=True)
        learned.learn(found, learned.Lesson("json", date(2026, 11, 22)))
    finally:
        os.umask(before)
    files = [p for p in settings.folder().rglob("*") if p.is_file()]
    assert len(files) == 3
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in files)
    assert stat.S_IMODE(settings.folder().stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"endpoint": 3}', '{"endpoint": "x", "key": {"kind": "shell"}}', "\x00"]
)
def test_broken_files_count_as_none(text: str) -> None:
    private.write(settings.folder() / "settings.json", text)
    private.write(settings.folder() / "learned.json", text)
    assert settings.load() is None
    assert settings.active() is None
    assert learned.of(Settings(endpoint="https://x.example/v1"), date(2026, 11, 22)) is None


def test_the_keyring_holds_a_key_for_its_address_only(ring: Ring) -> None:
    found = settings.connect("https://llm.example/v1")
    place = settings.store_key(f" {KEY}\n", found.endpoint, in_file=False)
    assert settings.read_key(place) == KEY
    assert list(ring.kept) == [("xunke", "https://llm.example")]
    assert not list(settings.folder().rglob("key"))
    assert settings.read_key(KeyPlace("keyring", "https://other.example")) is None
    settings.save(Settings(endpoint=found.endpoint, key=place))
    assert settings.connect("https://other.example/v1").key.kind == "none"
    settings.save(Settings(endpoint=found.endpoint, key=place))
    settings.forget_key()
    assert not ring.kept


def test_a_keyring_that_waits_for_its_user_does_not_hold_us_up(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "PATIENCE", 0.2)
    ring.asks = 1.0
    begun = time.monotonic()
    assert settings.read_key(KeyPlace("keyring", "https://llm.example")) is None
    assert time.monotonic() - begun < 0.9


@pytest.mark.parametrize("name", ["sk-abc", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "a b", "$X", "", "1A"])
def test_a_key_in_place_of_a_variables_name_is_kept_nowhere(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        settings.connect("https://llm.example/v1", key=KeyPlace("env", name))
    assert caught.value.params == {}
    assert settings.load() is None


def test_what_cannot_be_remembered_costs_no_plan(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be", "utf-8")
    with Server(good) as server:
        chosen = Settings(endpoint=server.url, model="m", own=True)
        found = understand("找成都聊露营的博主，最近一个月", today=date(2026, 11, 22), settings=chosen)
    assert found.by == "model"


@pytest.mark.parametrize("key", ["", "  ", "a b", "键", "a\nb", "x" * 5000, "a\x00b"])
def test_what_is_no_key(key: str) -> None:
    with pytest.raises(BadInput):
        settings.store_key(key, "https://llm.example/v1", in_file=True)


def test_what_is_told_never_holds_the_key(ring: Ring) -> None:
    for place in (KeyPlace(), KeyPlace("env", "NAME"), KeyPlace("keyring", "https://x.example"), KeyPlace("file", "x")):
        told = settings.told(Settings(endpoint="https://x.example/v1", key=place))
        assert KEY not in str(told)


async def _asked(chosen: Settings, *addresses: str) -> str:
    seen = []

    async def resolver(host: str, port: int) -> list[str]:
        seen.append(host)
        return list(addresses)

    async with Endpoint(chosen, KEY, resolver=resolver) as model:
        try:
            await model.chat({"model": "m"})
        except Failure as error:
            return error.key
    assert len(seen) == 1, "asked once, and connected to what was checked"
    return ""


async def test_a_name_is_checked_by_what_it_resolves_to() -> None:
    with Server(good) as server:
        port = server.url.rsplit(":", 1)[1].removesuffix("/v1")
        box = Settings(endpoint=f"http://gpu-box:{port}/v1", own=True, deadline=3)
        assert await _asked(box, "127.0.0.1") == ""
        assert await _asked(box, "93.184.216.34") == "llm.not_local"
        assert await _asked(box, "127.0.0.1", "93.184.216.34") == "llm.not_local"
        assert await _asked(box, "169.254.169.254") == "net.private"
        assert await _asked(box) == "net.no_name"
        remote = Settings(endpoint=f"https://llm.example:{port}/v1", deadline=3)
        assert await _asked(remote, "127.0.0.1") == "net.private"
        assert await _asked(remote, "10.0.0.8") == "net.private"
        only = Settings(endpoint=f"https://gpu-box:{port}/v1", own=True, local_only=True, deadline=3)
        assert await _asked(only, "93.184.216.34") == "llm.not_local"
        assert len(server.asked) == 1


async def test_a_certificate_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    with Server(good, Authority(tmp_path).server()) as server:
        chosen = Settings(endpoint=server.url.replace("http:", "https:"), own=True, deadline=3)
        async with Endpoint(chosen, KEY) as model:
            with pytest.raises(Failure) as caught:
                await model.chat({"model": "m"})
        assert caught.value.key == "net.certificate"
        assert not server.asked, "the key went nowhere"
