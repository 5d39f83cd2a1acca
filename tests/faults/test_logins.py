"""K01, K03, K04: a planted token is nowhere but where the user put it, whatever goes wrong. All people are invented."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import command, environment
from tests.servers.scripted import SILENCE, Asked, Reply, Scripted, scripted
from tests.servers.small_mastodon import TOKEN, Small

PARTS = (TOKEN, TOKEN[:20], TOKEN[-20:])
"""Pieces count, too: half a token helps to guess the other half."""


class Place:
    """Where somebody works: home, project and a keyring that stands outside of what is searched."""

    def __init__(self, folder: Path, where: str, base: str) -> None:
        self.home, self.db, self.where = folder / "home", folder / "home" / "data" / "p.db", where
        self.home.mkdir()
        host = base.rpartition("/")[2].replace(".", "_").replace(":", "_")
        self.variable = f"XUNKE_MASTODON_{host}_TOKEN"
        ring = "keyring.backends.fail.Keyring" if where == "file" else "tests.servers.ring_file.Ring"
        self.env = environment(self.home, PYTHON_KEYRING_BACKEND=ring, XUNKE_TEST_RING=str(folder / "ring"))
        if where == "env":
            self.env[self.variable] = TOKEN
        self.reach = ("--instance", base, "--allow-private-address")

    def run(self, *words: str, code: int | None = 0, stdin: str = "") -> str:
        """A command under umask 000; what it said holds no secret."""
        done = subprocess.run(
            command("--db", str(self.db), *words), input=stdin.encode(), capture_output=True, timeout=120, check=False,
            env=self.env, umask=0,
        )  # fmt: skip
        said = (done.stdout + done.stderr).decode("utf-8")
        assert code is None or done.returncode == code, said
        assert not [part for part in PARTS if part in said], words
        assert "Traceback" not in said
        return said

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command("--db", str(self.db), *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.env, umask=0,
        )  # fmt: skip

    def found(self) -> list[Path]:
        """Every file below home that holds a piece of the token."""
        files = (path for path in self.home.rglob("*") if path.is_file())
        return [path for path in files if any(part.encode() in path.read_bytes() for part in PARTS)]


class Slow(Small):
    """Answers listings only when told to."""

    slow = False

    def __call__(self, asked: Asked) -> Reply:
        if self.slow and "/timelines/" in asked.path:
            return SILENCE
        return super().__call__(asked)


class Closed(Small):
    """The token was taken back, and the server repeats it in every way that it can."""

    def __call__(self, asked: Asked) -> Reply:
        sent = asked.headers.get("authorization", "")
        return Reply(
            {"error": f"invalid {sent}", "error_description": sent}, 401, {"WWW-Authenticate": sent, "X-Echo": sent}
        )


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted(Slow()) as found:
        yield found


def commands_of(process: int) -> str:
    """What ``ps`` shows of a process."""
    return Path(f"/proc/{process}/cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")


@pytest.mark.parametrize("where", ["keyring", "file", "env"])
def test_a_token_is_nowhere_else(tmp_path: Path, server: Scripted, where: str) -> None:
    place = Place(tmp_path, where, server.base)
    how = {"keyring": ("--stdin",), "file": ("--stdin", "--file"), "env": ("--env",)}[where]
    place.run("connect", "mastodon", *place.reach, "--login", *how, stdin=TOKEN)
    for words in (("connect", "--list"), ("doctor",), ("--json", "doctor", "mastodon"), ("audit", "list")):
        place.run(*words)
    collect = ("collect", "mastodon", "--allow-private-address", "--tag", "露营", "--with", "replies,likes,quotes")
    place.run(*collect, code=None)
    sent = [one.headers.get("authorization") for one in server.asked if "/timelines/" in one.path]
    assert sent
    assert set(sent) == {f"Bearer {TOKEN}"}, "the token is used, or this test proves nothing"
    place.run("doctor", "mastodon", "--check", "--allow-private-address")
    place.run("ask", "--yes", "--allow-private-address", "采集 #露营 的帖子", code=None)
    for format in ("csv", "jsonl", "xlsx", "html"):
        place.run("export", "posts", "--format", format, "--out", str(place.home / f"posts.{format}"))
    place.run("jobs")

    app = server.app
    assert isinstance(app, Slow)
    app.slow = True
    process = place.start("collect", "mastodon", "--allow-private-address", "--tag", "慢")
    try:
        end = time.monotonic() + 60
        while "慢" not in "".join(one.path for one in server.asked) and time.monotonic() < end:
            time.sleep(0.05)
        assert not [part for part in PARTS if part in commands_of(process.pid)]
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    said = process.stdout.read().decode("utf-8", "replace")
    process.wait(30)
    assert not [part for part in PARTS if part in said]
    app.slow, app.fail = False, 500
    place.run("collect", "mastodon", "--allow-private-address", "--tag", "坏", code=None)
    server.app = Closed()
    place.run("collect", "mastodon", "--allow-private-address", "--tag", "关", code=None)
    place.run("doctor", "mastodon", "--check", "--allow-private-address", code=1)
    place.run("connect", "mastodon", *place.reach, "--login", *how, stdin=TOKEN, code=1)
    place.run("jobs")

    found = place.found()
    if where == "file":
        (kept,) = found
        assert kept.parent.name == "logins"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    else:
        assert not found
    place.run("connect", "mastodon", "--remove")
    assert not place.found()


def test_under_umask_000_folders_and_files_are_the_users_alone(tmp_path: Path, server: Scripted) -> None:
    place = Place(tmp_path, "file", server.base)
    place.run("connect", "mastodon", *place.reach, "--login", "--stdin", "--file", stdin=TOKEN)
    place.run("collect", "mastodon", "--allow-private-address", "--tag", "露营", code=None)
    made = [path for path in place.home.rglob("*") if "logins" in path.parts or path.suffix == ".db" or path.is_dir()]
    assert any("logins" in path.parts for path in made)
    modes = {str(path.relative_to(place.home)): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert not {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def test_a_folder_that_others_may_write_is_refused_with_the_way_to_mend_it(tmp_path: Path, server: Scripted) -> None:
    place = Place(tmp_path, "file", server.base)
    connect = ("connect", "mastodon", *place.reach, "--login", "--stdin", "--file")
    place.run(*connect, stdin=TOKEN)
    (kept,) = place.found()
    kept.parent.chmod(0o777)
    for words in (("collect", "mastodon", "--allow-private-address", "--tag", "露营"), connect):
        said = place.run(*words, code=None, stdin=TOKEN)
        assert f"chmod 700 '{kept.parent}'" in said, said
    assert not [one for one in server.asked if "/timelines/" in one.path], "not asked as a visitor in its stead"
    kept.parent.chmod(0o700)
    place.run("collect", "mastodon", "--allow-private-address", "--tag", "露营")
