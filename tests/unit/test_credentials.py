"""Where logins lie, who may read them, and to which server they belong. All names and secrets are invented."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunke import credentials, private
from xunke.errors import BadInput, NeedsAnswer, NeedsLogin

SECRET = "pl4nted-S3cret-0123456789abcdef"
COOKIE = {"cookie": f"SUB={SECRET}; _T_WM=1"}


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory that can be slow, forgetful or locked."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.gate: threading.Event | None = None
        self.locked = False
        self.longest = 1 << 20

    def _open(self) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.locked:
            raise keyring.errors.KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        if len(password) * 2 > self.longest:
            raise keyring.errors.PasswordSetError
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(credentials, "_MEMORY", {})
    monkeypatch.setattr(private, "_asking", None)  # another test may have left a keyring waiting


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, found = keyring.get_keyring(), Ring()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


@pytest.fixture
def no_ring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)


def on_disk() -> list[Path]:
    return [p for p in private.folder().rglob("*") if p.is_file() and SECRET.encode() in p.read_bytes()]


# -- the three places


@pytest.mark.parametrize("where", ["keyring", "file", "env"])
def test_kept_listed_and_removed(where: credentials.Where, ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    made = credentials.keep("weibo", None, COOKIE, where, name="某人")
    if where == "env":
        assert made.fields == {"cookie": "XUNKE_WEIBO_COOKIE"}
        monkeypatch.setenv("XUNKE_WEIBO_COOKIE", COOKIE["cookie"])
    assert credentials.of("weibo", None) == COOKIE
    assert (on_disk() != []) == (where == "file")
    assert (SECRET in str(ring.kept)) == (where == "keyring")
    found = credentials.listed()
    assert [(one.platform, one.instance, one.where, one.name) for one in found] == [("weibo", "", where, "某人")]
    assert SECRET not in repr(found)
    assert credentials.remove("weibo", None) == made
    assert credentials.remove("weibo", None) is None
    assert credentials.of("weibo", None) == {}
    assert not ring.kept
    assert not on_disk()
    assert credentials.listed() == ()


def test_without_a_keyring_nothing_is_kept_anywhere(no_ring: None) -> None:
    with pytest.raises(NeedsAnswer) as caught:
        credentials.keep("weibo", None, COOKIE, "keyring")
    assert caught.value.key == "credentials.no_keyring"
    assert not on_disk()
    assert credentials.listed() == ()


def test_a_login_belongs_to_one_server(ring: Ring) -> None:
    credentials.keep("mastodon", "https://M.example:443/web", {"token": SECRET}, "keyring")
    for same in ("m.example", "https://m.example", "https://m.example:443", "HTTPS://M.EXAMPLE./"):
        assert credentials.of("mastodon", same) == {"token": SECRET}
    for other in (None, "http://m.example", "https://m.example:8443", "https://m.example.evil.example", "x.m.example"):
        assert credentials.of("mastodon", other) == {}, other
    assert credentials.of("misskey", "https://m.example") == {}
    for bad in ("https://user:pass@m.example", "https://", "https://[", "https://m.example:99999"):
        with pytest.raises(BadInput) as caught:
            credentials.of("mastodon", bad)
        assert "pass" not in str(caught.value)


def test_one_place_at_a_time(ring: Ring) -> None:
    credentials.keep("weibo", None, COOKIE, "file")
    assert on_disk()
    credentials.keep("weibo", None, COOKIE, "keyring")
    assert not on_disk()
    assert ring.kept
    credentials.vault("weibo", None)["access"] = SECRET
    credentials.keep("weibo", None, COOKIE, "file")
    assert not ring.kept
    credentials.keep("weibo", None, COOKIE, "env")
    assert not on_disk()


@pytest.mark.parametrize(
    ("platform", "instance", "field", "name"),
    [
        ("weibo", None, "cookie", "XUNKE_WEIBO_COOKIE"),
        ("mastodon", "https://m.example", "token", "XUNKE_MASTODON_M_EXAMPLE_TOKEN"),
        ("mastodon", "http://127.0.0.1:8080", "token", "XUNKE_MASTODON_127_0_0_1_8080_TOKEN"),
        ("bluesky", "https://a-b.example", "password", "XUNKE_BLUESKY_A__B_EXAMPLE_PASSWORD"),
    ],
)
def test_names_of_variables(platform: str, instance: str | None, field: str, name: str) -> None:
    assert credentials.variable(platform, instance, field) == name


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.keep("reddit", None, {"client_id": "x", "client_secret": SECRET}, "env", variables={"client_id": "ID"})
    monkeypatch.setenv("ID", "x")
    with pytest.raises(NeedsLogin) as caught:
        credentials.of("reddit", None)
    assert caught.value.params["names"] == "XUNKE_REDDIT_CLIENT_SECRET"
    with pytest.raises(BadInput):
        credentials.keep("reddit", None, {"client_id": "x"}, "env", variables={"client_id": f"$({SECRET})"})


# -- keyrings that fail


def test_a_keyring_that_waits_holds_nobody_up(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.keep("weibo", None, COOKIE, "keyring")
    monkeypatch.setattr(private, "PATIENCE", 0.2)
    ring.gate = threading.Event()
    try:
        begun = time.monotonic()
        for _ in range(20):  # asked once, not twenty times
            with pytest.raises(NeedsLogin):
                credentials.of("weibo", None)
        with pytest.raises(NeedsLogin):
            credentials.remove("weibo", None)
        assert len(credentials.listed()) == 1
        assert time.monotonic() - begun < 3
    finally:
        ring.gate.set()
    waiting = private._asking
    assert waiting is not None
    waiting.join(5)
    assert credentials.of("weibo", None) == COOKIE


def test_a_locked_keyring_is_told_and_nothing_is_read_without_login(ring: Ring) -> None:
    credentials.keep("weibo", None, COOKIE, "keyring")
    ring.locked = True
    with pytest.raises(NeedsLogin) as caught:
        credentials.of("weibo", None)
    assert caught.value.key == "credentials.locked"
    ring.locked = False
    ring.kept.clear()
    with pytest.raises(NeedsLogin):
        credentials.of("weibo", None)


def test_a_long_cookie_fits_into_a_keyring_of_windows(ring: Ring) -> None:
    ring.longest = 2_560
    long = {"cookie": "; ".join(f"k{n}={SECRET}" for n in range(200))}
    credentials.keep("weibo", None, long, "keyring")
    assert credentials.of("weibo", None) == long
    credentials.remove("weibo", None)
    assert not ring.kept


class Files(Ring):
    """Stands for keyrings.alt, which writes files in clear text."""


Files.__module__ = "keyrings.alt.file"


def test_a_keyring_that_is_a_plain_file_is_none() -> None:
    before, plain = keyring.get_keyring(), Files()
    keyring.set_keyring(plain)
    try:
        with pytest.raises(NeedsAnswer):
            credentials.keep("weibo", None, COOKIE, "keyring")
        assert not plain.kept
    finally:
        keyring.set_keyring(before)


class Deaf(Ring):
    """Takes everything and keeps nothing, like ``keyring.backends.null``."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


def test_a_keyring_that_keeps_nothing_is_none() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Deaf())
    try:
        with pytest.raises(NeedsAnswer):
            credentials.keep("weibo", None, COOKIE, "keyring")
    finally:
        keyring.set_keyring(before)


# -- files


def test_files_are_the_users_alone_whatever_the_umask() -> None:
    before = os.umask(0)
    try:
        credentials.keep("weibo", None, COOKIE, "file")
        credentials.keep("mastodon", "m.example", {"token": SECRET}, "env")
        credentials.vault("weibo", None)["access"] = SECRET
    finally:
        os.umask(before)
    found = list(private.folder().rglob("*"))
    assert {stat.S_IMODE(p.stat().st_mode) for p in found if p.is_file()} == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (private.folder(), *found) if p.is_dir()} == {0o700}
    assert len([p for p in found if p.is_file()]) == 2, "nothing is left over"


@pytest.mark.parametrize(("what", "mode"), [("file", 0o644), ("file", 0o660), ("folder", 0o770), ("folder", 0o777)])
def test_what_others_may_touch_is_not_used(what: str, mode: int) -> None:
    credentials.keep("weibo", None, COOKIE, "file")
    (path,) = on_disk()
    touched = path if what == "file" else path.parent
    touched.chmod(mode)
    with pytest.raises(NeedsLogin) as caught:
        credentials.of("weibo", None)
    assert str(touched) in str(caught.value.params["mend"])
    assert SECRET not in str(caught.value)
    if what == "folder":
        with pytest.raises((BadInput, NeedsLogin)):
            credentials.keep("zhihu", None, {"token": SECRET}, "file")
    touched.chmod(0o600 if what == "file" else 0o700)
    assert credentials.of("weibo", None) == COOKIE


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    credentials.keep("weibo", None, COOKIE, "file")
    (path,) = on_disk()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NeedsLogin):
        credentials.of("weibo", None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"platform": "weibo"}', "\x00", "[" * 100_000])
def test_a_broken_file_is_told_and_can_be_replaced(text: str) -> None:
    credentials.keep("weibo", None, COOKIE, "file")
    (path,) = on_disk()
    path.write_text(text, "utf-8")
    with pytest.raises(NeedsLogin):
        credentials.of("weibo", None)
    assert credentials.listed() == ()
    credentials.keep("weibo", None, COOKIE, "file")
    assert credentials.of("weibo", None) == COOKIE


def test_a_file_that_was_renamed_gives_its_login_to_nobody_else() -> None:
    credentials.keep("mastodon", "m.example", {"token": SECRET}, "file")
    credentials.keep("mastodon", "evil.example", {"token": "x"}, "file")
    paths = {("evil" in p.name): p for p in private.folder().rglob("*.json")}
    paths[False].replace(paths[True])
    assert credentials.of("mastodon", "evil.example") == {}


# -- sessions


@pytest.mark.parametrize("where", ["keyring", "file"])
def test_a_session_outlives_the_run(where: credentials.Where, ring: Ring) -> None:
    credentials.keep("bluesky", None, {"identifier": "a.example", "password": SECRET}, where)
    session = credentials.vault("bluesky", None)
    session["access"], session["refresh"] = SECRET, "r1"
    session["refresh"] = "r2"
    assert dict(credentials.vault("bluesky", None)) == {"access": SECRET, "refresh": "r2"}
    assert credentials.of("bluesky", None)["password"] == SECRET
    assert SECRET not in repr(session)
    del credentials.vault("bluesky", None)["access"]
    assert dict(credentials.vault("bluesky", None)) == {"refresh": "r2"}
    assert dict(credentials.vault("bluesky", "https://other.example")) == {}
    credentials.keep("bluesky", None, {"identifier": "b.example", "password": "y"}, where)
    assert dict(credentials.vault("bluesky", None)) == {}, "a session of somebody else"


def test_a_session_without_a_place_lives_as_long_as_the_process(no_ring: None) -> None:
    credentials.keep("reddit", None, {"client_secret": SECRET}, "env")
    credentials.vault("reddit", None)["access"] = SECRET
    assert credentials.vault("reddit", None)["access"] == SECRET
    credentials.vault("v2ex", None)["x"] = SECRET
    assert not on_disk()
    credentials.remove("reddit", None)
    assert dict(credentials.vault("reddit", None)) == {}


def test_a_session_that_cannot_be_kept_stops_nothing(ring: Ring) -> None:
    credentials.keep("bluesky", None, {"password": SECRET}, "keyring")
    session = credentials.vault("bluesky", None)
    ring.locked = True
    session["access"] = "a"
    assert session["access"] == "a"


# -- values


@pytest.mark.parametrize("value", ["", "  ", "a\r\nX-Evil: 1", "a\nb", "a\x00", "a\x85b", "a\u2028b", "x" * 40_000])
def test_values_that_would_break_a_header(value: str) -> None:
    for where in credentials.PLACES:
        with pytest.raises(BadInput) as caught:
            credentials.keep("weibo", None, {"cookie": value}, where)
        assert caught.value.params == {"field": "cookie"}
    assert credentials.listed() == ()


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=3000).filter(str.strip)


@given(
    st.dictionaries(
        st.sampled_from(("token", "cookie", "password")),
        st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=3000).filter(
            str.strip
        ),
        min_size=1,
    )
)
def test_whatever_is_kept_is_given_back(values: dict[str, str]) -> None:
    before, found = keyring.get_keyring(), Ring()
    keyring.set_keyring(found)
    try:
        for where in ("keyring", "file"):
            credentials.keep("weibo", None, values, where)  # type: ignore[arg-type]
            assert credentials.of("weibo", None) == values
    finally:
        keyring.set_keyring(before)
