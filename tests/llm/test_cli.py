"""connect llm, ask, plan and doctor as processes, with an endpoint on loopback. All people and posts are invented."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Answer, xunke
from tests.llm.endpoint import Asked, Endpoint, Say, good, text, tool

KEY = "sk-planted0123456789abcdefABCD"


class User:
    """Somebody with a home folder and a project."""

    def __init__(self, home: Path, db: Path) -> None:
        self.home, self.db = home, db

    def __call__(self, *words: str, stdin: str = "", **env: str) -> Answer:
        found = xunke(
            "--today", "2026-11-22", *words, db=self.db, stdin=stdin, HOME=str(self.home),
            XDG_CONFIG_HOME=str(self.home / "config"), PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring", **env,
        )  # fmt: skip
        assert KEY not in found.out + found.err
        return found

    def files(self) -> list[Path]:
        """Everything below home that holds the key."""
        return [p for p in self.home.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]


@pytest.fixture
def user(tmp_path: Path, sample_db: Path) -> User:
    return User(tmp_path, sample_db)


def test_off_by_default_and_said_so(user: User) -> None:
    assert "没有接模型" in user("connect", "llm").err
    assert "没有接模型" in user("doctor", "llm").out
    assert user("plan", "--model", "找聊露营的").code == 4
    assert user("connect", "llm", "--on").code == 4
    assert user("connect", "llm", "--off").code == 0
    assert user("connect", "mastodon").code == 2
    assert user("connect", "llm", "--instance", "https://m.example").code == 2


def test_connect_ask_and_switch_off(user: User) -> None:
    with Endpoint(good) as server:
        assert user("connect", "llm", "--endpoint", server.url, "--model", "m").code == 0
        asked = user("ask", "--dry-run", "--json", "找成都聊露营的博主，最近一个月")
        assert asked.code == 0
        assert "这份计划由模型 m 给出" in asked.err
        assert json.loads(asked.out)["steps"][0]["since"] == "2026-10-23"
        assert len(server.asked) == 1
        state = json.loads(user("--json", "doctor", "llm").out)
        assert (state["endpoint"], state["model"], state["rung"], state["key_present"]) == (
            server.url,
            "m",
            "tool",
            False,
        )
        assert "模型" not in user("ask", "--dry-run", "--offline", "找成都聊露营的博主").err
        plan = user("plan", "找成都聊露营的博主")
        assert "模型" not in plan.err
        assert len(server.asked) == 1, "plan asks only with --model"
        assert "模型 m" in user("plan", "--model", "找成都聊露营的博主").err
        batch = user.home / "batch.jsonl"
        batch.write_text('{"id": 1, "text": "找成都聊露营的博主", "today": "2026-11-22"}\n', "utf-8")
        assert user("plan", "--batch", str(batch)).code == 0
        assert len(server.asked) == 2
        assert user("plan", "--batch", str(batch), "--model").code == 0
        assert len(server.asked) == 3
        assert user("connect", "llm", "--off").code == 0
        assert user("ask", "--dry-run", "找成都聊露营的博主").code == 0
        assert len(server.asked) == 3
        assert user("connect", "llm", "--on").code == 0
        assert user("ask", "--dry-run", "找成都聊露营的博主").code == 0
        assert len(server.asked) == 4


def test_what_is_stored_is_never_sent(user: User) -> None:
    """The whole way: a follow-up on a result, with a project full of people and posts."""
    with Endpoint(good) as server:
        user("connect", "llm", "--endpoint", server.url, "--model", "m")
        assert user("ask", "--yes", "找聊减肥的博主，最近一个月").code == 0
        assert user("ask", "--yes", "只看上海的").code == 0
        said = server.received
        assert len(server.asked) == 2
        assert '"steps"' in server.asked[1].json["messages"][-1]["content"]
    db = sqlite3.connect(f"file:{user.db}?mode=ro", uri=True)
    posts = [t for (t,) in db.execute("select text from post") if t and len(t) >= 12]
    people = [n for (n,) in db.execute("select name from account") if n and len(n) >= 3]
    ids = [i for (i,) in db.execute("select native_id from account_key") if len(i) >= 6]
    db.close()
    assert len(posts) > 100
    assert len(people) > 20
    assert not [t for t in (*posts, *people, *ids) if t in said]


def test_a_key_in_a_file_of_the_users_own(user: User) -> None:
    refused = user("connect", "llm", "--endpoint", "http://localhost:8009/v1", "--key", stdin=KEY + "\n")
    assert refused.code == 4
    assert "钥匙串" in refused.err
    assert not user.files()
    with Endpoint(good) as server:
        made = user(
            "connect", "llm", "--endpoint", server.url, "--key", "--key-in-file", "--model", "m", stdin=KEY + "\n"
        )
        assert made.code == 0
        user("ask", "--dry-run", "找成都聊露营的博主")
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
        kept = user.files()
        assert [p.name for p in kept] == ["key"]
        assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
        assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700
        settings = kept[0].with_name("settings.json")
        assert stat.S_IMODE(settings.stat().st_mode) == 0o600
        with Endpoint(good) as other:  # a key stays with the address that it was given for
            user("connect", "llm", "--endpoint", other.url, "--model", "m")
            user("ask", "--dry-run", "找成都聊露营的博主")
            assert "authorization" not in other.asked[0].headers
        assert user("connect", "llm", "--forget-key").code == 0
        assert not user.files()


def test_a_key_in_the_environment(user: User) -> None:
    with Endpoint(good) as server:
        wrong = user("connect", "llm", "--endpoint", server.url, "--key-env", "not a name")
        assert wrong.code == 1
        made = user("connect", "llm", "--endpoint", server.url, "--model", "m", "--key-env", "MY_KEY")
        assert "没有找到密钥" in made.err
        assert "没有密钥" in user("doctor", "llm").out
        assert "没有找到密钥" in user("ask", "--dry-run", "找成都聊露营的博主").err
        assert not server.asked
        user("ask", "--dry-run", "找成都聊露营的博主", MY_KEY=KEY)
        assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
        assert '"key_present": true' in user("--json", "doctor", "llm", MY_KEY=KEY).out
    assert not user.files()


def test_a_key_pasted_into_a_sentence_is_kept_nowhere(user: User) -> None:
    with Endpoint(good) as server:
        user("connect", "llm", "--endpoint", server.url, "--model", "m")
        for sentence in (f"找成都聊露营的博主，key 是 {KEY}", f"接上deepseek，密钥：{KEY}"):
            said = user("ask", "--yes", sentence)
            assert "密钥" in said.err
        assert not server.asked
    assert not user.files()
    assert KEY.encode() not in user.db.read_bytes()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--endpoint", "http://llm.example/v1"], 1),
        (["--endpoint", "ftp://localhost/v1"], 1),
        (["--endpoint", "https://user:secret@llm.example/v1"], 1),
        (["--endpoint", "http://169.254.169.254/v1"], 1),
        (["--endpoint", "http://localhost:6379/v1"], 1),
        (["--endpoint", "https://llm.example/v1", "--local-only"], 1),
        (["--endpoint", "http://localhost:8009/v1", "--deadline", "0"], 1),
        (["--endpoint", "http://localhost:8009/v1", "--key", "--key-in-file"], 1),
        (["--endpoint", "http://localhost:8009/v1", "--on", "--off"], 2),
    ],
)
def test_bad_addresses_and_options(user: User, words: list[str], code: int) -> None:
    done = user("connect", "llm", *words)
    assert done.code == code, done.err
    assert "secret" not in done.err


def test_by_a_sentence(user: User) -> None:
    assert user("ask", "--yes", "接上本地的ollama").code == 0
    assert json.loads(user("--json", "doctor", "llm").out)["endpoint"] == "http://localhost:11434/v1"
    assert user("ask", "--yes", "用deepseek-chat这个模型，地址 https://api.deepseek.com/v1").code == 0
    state = json.loads(user("--json", "doctor", "llm").out)
    assert (state["endpoint"], state["model"]) == ("https://api.deepseek.com/v1", "deepseek-chat")
    assert user("connect", "llm", "--endpoint", "localhost:8009", "--local-only").code == 0
    assert user("ask", "--yes", "接上 deepseek 的模型").code == 1, "local only holds for sentences too"
    assert user("ask", "接上本地的ollama").code == 4, "asked first"


def test_a_model_that_is_down_costs_a_sentence(user: User) -> None:
    with Endpoint(good) as server:
        user("connect", "llm", "--endpoint", server.url, "--model", "m")
    done = user("ask", "--dry-run", "找成都聊露营的博主")
    assert done.code == 0
    assert "连不上模型" in done.err
    assert "离线解析" in done.err


def test_a_hostile_model_drives_nothing(user: User) -> None:
    """Escape sequences, forbidden acts and destruction from the model: cleaned, refused, confirmed first."""
    erase: dict[str, Any] = {"outcome": "run", "steps": [{"action": "erase", "target": "people"}]}
    with Endpoint(lambda _: tool(erase)) as server:
        user("connect", "llm", "--endpoint", server.url, "--model", "m\x1b[2J")
        assert user("ask", "找成都聊露营的博主").code == 4, "not without a yes"
        assert user("ask", "给他们群发私信").code == 3

    def wild(asked: Asked) -> Say:
        return text('{"steps":[{"action":"find","topics":["a\\u001b[31m\\u202eb"]}]}')

    with Endpoint(wild) as server:
        user("connect", "llm", "--endpoint", server.url, "--model", "m")
        assert json.loads(user("ask", "--dry-run", "--json", "找ab的帖子").out)["steps"][0]["topics"] == ["ab"]
