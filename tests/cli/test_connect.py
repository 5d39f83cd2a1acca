"""connect, collect and doctor as users call them, with a small server on loopback. All people are invented."""

from __future__ import annotations

import json
import os
import pty
import select
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Answer, command, environment, xunke
from tests.servers.scripted import Scripted, scripted
from tests.servers.small_mastodon import TOKEN, Small

NO_RING = "keyring.backends.fail.Keyring"
RING = "tests.servers.ring_file.Ring"


class User:
    """Somebody with a home folder, a project, and a keyring outside of both."""

    def __init__(self, folder: Path) -> None:
        self.home, self.db, self.ring = folder / "home", folder / "home" / "p.db", folder / "ring"
        self.home.mkdir()

    def env(self, ring: str = RING, **more: str) -> dict[str, str]:
        return {**environment(self.home), "PYTHON_KEYRING_BACKEND": ring, "XUNKE_TEST_RING": str(self.ring), **more}

    def __call__(self, *words: str, stdin: str = "", ring: str = RING, **more: str) -> Answer:
        found = xunke(*words, db=self.db, stdin=stdin, **self.env(ring, **more))
        assert TOKEN not in found.out + found.err
        return found

    def holding(self, secret: str = TOKEN) -> list[Path]:
        return [p for p in self.home.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted(Small()) as found:
        yield found


def reach(server: Scripted) -> tuple[str, ...]:
    return "--instance", server.base, "--allow-private-address"


# -- connect


@pytest.mark.parametrize("where", ["keyring", "file", "env"])
def test_a_login_is_tried_kept_used_and_removed(user: User, server: Scripted, where: str) -> None:
    host = server.base.rpartition("/")[2].replace(".", "_").replace(":", "_")
    name = f"XUNKE_MASTODON_{host}_TOKEN"
    how = {"keyring": ("--stdin",), "file": ("--stdin", "--file"), "env": ("--env",)}[where]
    more = {name: TOKEN} if where == "env" else {}
    made = user("--json", "connect", "mastodon", *reach(server), "--login", "token", *how, stdin=TOKEN + "\n", **more)
    assert made.code == 0, made.err
    (row,) = made.rows
    assert (row["login"], row["name"], row["where"]) == ("own_token", "lin@small.example", where)
    assert row["variables"] == ([name] if where == "env" else [])
    assert (user.holding() != []) == (where == "file")
    (listed,) = user("--json", "connect", "--list").rows
    assert (listed["platform"], listed["instance"], listed["where"]) == ("mastodon", server.base, where)
    doctor = user("--json", "doctor", "mastodon", "--check", "--allow-private-address", **more).rows[0]
    assert (doctor["login"], doctor["where"], doctor["checked"]["ok"]) == ("own_token", where, True)
    assert doctor["relations"]["quotes"] == {"ready": True, "needs": "own_token", "why": None}
    gone = user("connect", "mastodon", "--remove")
    assert gone.code == 0
    assert not user.holding()
    assert not user("--json", "connect", "--list").rows
    assert TOKEN not in (user.ring.read_text("utf-8") if user.ring.exists() else "")
    assert user("connect", "mastodon", "--remove", "--instance", server.base).code == 1


def test_a_wrong_login_is_told_in_a_sentence_and_nothing_is_kept(user: User, server: Scripted) -> None:
    wrong = "wr0ng-planted-0123456789abcdefXYZ"
    for more in ((), ("--file",)):
        said = user("connect", "mastodon", *reach(server), "--login", "--stdin", *more, stdin=wrong)
        assert said.code == 1
        assert wrong not in said.out + said.err
        assert len(said.err.splitlines()) == 1
    assert not user.holding(wrong)
    assert not user.ring.exists()
    assert not user("--json", "connect", "--list").rows


def test_without_a_keyring_the_user_chooses(user: User, server: Scripted) -> None:
    words = ("connect", "mastodon", *reach(server), "--login", "--stdin")
    said = user(*words, stdin=TOKEN, ring=NO_RING)
    assert said.code == 4
    assert "--env" in said.err
    assert "--file" in said.err
    assert not user.holding()
    assert user(*words, "--file", stdin=TOKEN, ring=NO_RING).code == 0
    (kept,) = user.holding()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    kept.chmod(0o644)
    told = user("doctor", "mastodon", ring=NO_RING)
    assert f"chmod 600 '{kept}'" in told.out


def test_as_a_visitor_the_server_is_asked_whether_it_is_one(user: User, server: Scripted) -> None:
    assert user("connect", "mastodon", *reach(server)).code == 0
    assert user("--json", "connect", "--list").rows == [
        {"platform": "mastodon", "instance": server.base, "name": None, "where": None}
    ]
    with scripted(Small(kind="")) as other:
        said = user("connect", "mastodon", *reach(other))
        assert said.code == 1
    assert user("connect", "mastodon", "--instance", server.base).code == 1, "a private address without the user's word"
    gone = user("connect", "mastodon", "--instance", "http://127.0.0.1:9", "--allow-private-address")
    assert gone.code == 1
    assert [row["instance"] for row in user("--json", "connect", "--list").rows] == [server.base]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("connect", 2), ("connect mastodon", 2), ("connect xiaohongshu", 2), ("connect nobody", 2),
        ("connect mastodon --instance m.example --login cookie --stdin", 2),
        ("connect mastodon --instance m.example --login", 2), ("connect mastodon --instance m.example --key-env X", 2),
        ("connect mastodon --instance https://a:b@m.example", 1), ("connect llm --stdin", 2),
        ("connect mastodon --instance m.example --login --env", 1), ("connect mastodon --token abc", 2),
        ("connect mastodon --instance m.example --login --env pl4ntedT0ken-0123456789", 1),
        ("connect mastodon --instance m.example --login --env A,B", 2),
    ],
)  # fmt: skip
def test_what_cannot_be_connected(user: User, words: str, code: int) -> None:
    said = user(*words.split())
    assert said.code == code, said.err
    assert len(said.err.strip().splitlines()) <= 2
    assert "pl4nted" not in said.err
    assert not user("--json", "connect", "--list").rows


class Terminal:
    """A command on a terminal of its own: what is typed and what is seen."""

    def __init__(self, words: tuple[str, ...], env: dict[str, str]) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(command(*words), stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        self.seen = b""

    def until(self, words: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while words.encode() not in self.seen and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    break
        assert words.encode() in self.seen, self.seen.decode("utf-8", "replace")

    def type(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self.master, data[:512]) :]

    def end(self) -> int:
        while True:
            try:
                more = os.read(self.master, 65536)
            except OSError:
                break
            if not more:
                break
            self.seen += more
        os.close(self.master)
        return self.process.wait(60)


def test_typed_on_a_terminal_it_is_not_shown_and_the_choice_is_asked(user: User, server: Scripted) -> None:
    words = ("--db", str(user.db), "--lang", "en", "connect", "mastodon", *reach(server), "--login")
    terminal = Terminal(words, user.env(NO_RING))
    terminal.until("access token")
    terminal.type("x\x15" + TOKEN + "y\x7f\n")
    terminal.until("Choose 1 or 2")
    terminal.type("2\n")
    assert terminal.end() == 0, terminal.seen.decode()
    assert TOKEN.encode() not in terminal.seen
    assert b"lin@small.example" in terminal.seen
    assert len(user.holding()) == 1


def test_a_line_longer_than_a_terminals_own_comes_through(tmp_path: Path) -> None:
    """The kernel's line holds 4,096 bytes; cookies are longer, and a curl command has many lines."""
    script = (
        "from xunke.cli import hidden; import hashlib; t = hidden.ask('? ', secret=True);"
        "print('got', len(t), hashlib.sha256(t.encode()).hexdigest())"
    )
    import hashlib
    import sys

    text = (
        "curl 'https://m.weibo.cn' \\\n"
        + "".join(f"  -H 'k{n}: 值{n}{'x' * 300}' \\\n" for n in range(40))
        + "  -b a=b"
    )
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=slave, stdout=slave, stderr=slave, env=environment()
    )
    os.close(slave)
    terminal = Terminal.__new__(Terminal)
    terminal.master, terminal.process, terminal.seen = master, process, b""
    terminal.until("? ")
    terminal.type(text + "\n")
    terminal.until("got")
    assert terminal.end() == 0
    want = hashlib.sha256((text + "\n").encode()).hexdigest()
    assert f"got {len(text) + 1} {want}".encode() in terminal.seen
    assert b"xxx" not in terminal.seen


def test_ctrl_c_at_the_prompt_ends_it_with_130_and_leaves_the_terminal_as_it_was(user: User, server: Scripted) -> None:
    words = ("--db", str(user.db), "--lang", "en", "connect", "mastodon", *reach(server), "--login")
    terminal = Terminal(words, user.env())
    import termios

    before = termios.tcgetattr(terminal.master)
    terminal.until("access token")
    terminal.process.send_signal(2)
    terminal.until("\n")
    assert terminal.process.wait(60) == 130
    assert termios.tcgetattr(terminal.master)[3] == before[3]
    terminal.end()
    assert not user.holding()


# -- collect


def test_what_a_platform_cannot_do_is_said_with_what_is_near(user: User, server: Scripted) -> None:
    said = user("--lang", "en", "collect", "mastodon", *reach(server), "--topic", "露营")
    assert said.code == 2
    assert "--tag" in said.err
    said = user("--lang", "en", "collect", "mastodon", *reach(server), "--tag", "露营", "--with", "hearts")
    assert said.code == 2
    assert "replies" in said.err
    assert user("collect", "mastodon", *reach(server), "--group", "x", "--follow", "5").code == 2
    assert user("collect", "mastodon", *reach(server), "--tag", "x", "--follow", "0").code == 2
    assert user("collect", "mastodon", "--tag", "露营").code == 2
    files = user("--lang", "en", "collect", "xiaohongshu", "--keyword", "露营")
    assert files.code == 2
    assert "mediacrawler" in files.err
    done = user("collect", "mastodon", *reach(server), "--tag", "露营", "--with", "quotes")
    assert done.code == 0, done.err
    assert "--login own_token" in done.err, "what needs a login is left out with a word, the posts come"
    assert count(user.db) == 3


def count(db: Path) -> int:
    with sqlite3.connect(db) as connection:
        return int(connection.execute("select count(*) from post").fetchone()[0])


# -- the chat


def test_a_sentence_never_takes_a_login(user: User, server: Scripted) -> None:
    said = user("ask", "--yes", "--lang", "en", f"接入长毛象 https://mastodon.example 令牌 {TOKEN}")
    assert said.code in (0, 1, 2, 4)
    assert not user.holding()
    plain = user("ask", "--yes", "--lang", "en", "接入长毛象 https://mastodon.example")
    assert plain.code == 0
    assert "xunke connect mastodon --instance https://mastodon.example --login own_token" in plain.err


def test_a_sentence_without_a_platform_reads_only_what_is_connected(user: User, server: Scripted) -> None:
    before = len(server.asked)
    said = user("ask", "--yes", "--allow-private-address", "采集 #露营 的帖子")
    assert said.code in (0, 4), said.err
    assert len(server.asked) == before
    assert user("connect", "mastodon", *reach(server)).code == 0
    assert user("ask", "--yes", "--allow-private-address", "采集 #露营 的帖子").code == 0
    assert count(user.db) == 3


# -- doctor


def test_doctor_tells_machines_values_and_people_sentences(user: User) -> None:
    rows: dict[str, Any] = {row["platform"]: row for row in user("--json", "doctor").rows}
    assert rows["xiaohongshu"]["state"] == "import_only"
    assert "mediacrawler" in rows["xiaohongshu"]["formats"]
    assert rows["mastodon"]["state"] == "needs_instance"
    assert rows["mastodon"]["modes"]["tag"] == {"ready": False, "needs": "anonymous", "why": "source.no_instance"}
    assert rows["llm"]["state"] == "none"
    for row in rows.values():
        assert json.dumps(row, ensure_ascii=True) == json.dumps(row, ensure_ascii=False), "nothing localized"
    chinese, english = user("doctor").out, user("--lang", "en", "doctor").out
    assert "小红书" in chinese
    assert "files only" in english
    assert user("doctor", "nobody").code == 2


def test_doctor_asks_only_when_told_and_says_honestly_what_came(user: User) -> None:
    app = Small()
    with scripted(app) as server:
        assert user("connect", "mastodon", *reach(server)).code == 0
        before = len(server.asked)
        assert user("doctor", "mastodon").code == 0
        assert len(server.asked) == before
        good = user("--json", "doctor", "mastodon", "--check", "--allow-private-address")
        assert good.code == 0
        assert good.rows[0]["checked"]["ok"] is True
        app.fail = 500
        bad = user("--json", "doctor", "mastodon", "--check", "--allow-private-address")
    assert bad.code == 1
    assert bad.rows[0]["checked"]["ok"] is False
