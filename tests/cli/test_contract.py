"""What scripts may rely on: exit codes, options on either side, JSON lines, plain pipes, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.running import command, environment, xunke
from xunke.cli.parser import LATER
from xunke.plan import decode


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["rank", "--limit", "many"], 2),
        (["rank", "--limit", "0"], 2),
        (["rank", "--until", "yesterday"], 2),
        (["rank", "--kinds", "hug"], 2),
        (["rank", "--by", "fame"], 2),
        (["collect", "mastodon"], 2),
        (["collect", "mastodon", "--tag", "a", "--group", "b"], 2),
        (["import"], 2),
        (["list", "show"], 2),
        (["suppress", "add"], 2),
        (["plan"], 2),
        (["ask", "找人", "--today", "2026-13-01"], 2),
        ([], 2),
        (["import", "there-is-no-such-file.csv"], 1),
        (["why", "nobody"], 1),
        (["list", "show", "nothing"], 1),
        (["export", "99", "--out", "x.csv"], 1),
        (["jobs", "cancel", "7"], 1),
        (["给所有人群发私信"], 3),
        (["list", "create", "x"], 4),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else str(value),
)
def test_exit_codes(words: list[str], code: int, tmp_path: Path) -> None:
    answer = xunke(*words, db=tmp_path / "p.db")
    assert answer.code == code, answer.err
    assert answer.err.strip(), "a failure says something"


@pytest.mark.parametrize("name", LATER)
def test_commands_to_come_say_so(name: str) -> None:
    answer = xunke(name, "--budget", "3", "--lang", "en")
    assert answer.code == 2
    assert f"command {name} is not ready" in answer.err


def test_nothing_that_writes_runs_unconfirmed(sample_db: Path) -> None:
    xunke("list", db=sample_db)  # the day's sweep, which is noted in the file, comes before
    before = sample_db.read_bytes()
    answer = xunke("删除30天前的数据", db=sample_db)
    assert answer.code == 4
    assert "--yes" in answer.err
    assert sample_db.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "--lang", "en", "rank", "--until", "2026-11-22", "--limit", "3"],
        ["rank", "--until", "2026-11-22", "--limit", "3", "--json", "--lang", "en"],
        ["--json", "rank", "--lang", "en", "--until", "2026-11-22", "--limit=3"],
    ],
)
def test_options_stand_before_or_behind_the_command(words: list[str], sample_db: Path) -> None:
    answers = [
        xunke(*words, db=sample_db),
        xunke(*words, "--db", str(sample_db)),
        xunke(*words, XUNKE_DB=str(sample_db)),
    ]
    assert {a.code for a in answers} == {0}
    assert len({a.out for a in answers}) == 1
    assert [set(row) for row in answers[0].rows] == [{"rank", "platform", "id", "name", "score", "parts"}] * 3


def test_every_listing_is_json_lines(sample_db: Path) -> None:
    for words in (
        ["jobs"],
        ["list"],
        ["doctor"],
        ["own"],
        ["suppress", "list"],
        ["audit", "list"],
        ["import", "--list"],
    ):
        answer = xunke(*words, "--json", db=sample_db)
        assert answer.code == 0, answer.err
        assert all(isinstance(row, dict) for row in answer.rows)
    assert len(xunke("import", "--list", "--json").rows) >= 10


def test_languages(sample_db: Path) -> None:
    zh = xunke("person", "nobody", db=sample_db).err
    en = xunke("person", "nobody", "--lang", "en", db=sample_db).err
    by_variable = xunke("person", "nobody", db=sample_db, XUNKE_LANG="en").err
    assert not zh.isascii()
    assert en == by_variable != zh
    assert "用法" in xunke("rank", "--limit", "x").err
    assert "usage" in xunke("rank", "--limit", "x", "--lang", "en").err.lower()


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "dumb"},
        {"NO_COLOR": "1"},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_plain_text_whatever_the_terminal_and_locale(env: dict[str, str], sample_db: Path) -> None:
    words = ("找聊 #减肥 的上海女生，影响力前3", "--today", "2026-11-22")
    assert xunke(*words, db=sample_db, **env).out == xunke(*words, db=sample_db).out != ""


def test_a_reader_that_leaves_early_is_no_failure(sample_db: Path) -> None:
    words = command("--db", str(sample_db), "rank", "--json", "--limit", "3000", "--until", "2026-11-22")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        json.loads(process.stdout.readline())
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0, said
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_an_interrupted_import_ends_with_130_and_goes_on(tmp_path: Path) -> None:
    rows, db = 150_000, tmp_path / "p.db"
    path = tmp_path / "edges.csv"
    with path.open("w") as file:
        file.write("actor,target,kind,time\n")
        file.writelines(f"a{n % 5000},b{n % 700},repost,{1_790_000_000 + n}\n" for n in range(rows))
    words = command("--db", str(db), "import", str(path), "--format", "interactions")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        end = time.monotonic() + 60
        while not _stored(db) and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert b"Traceback" not in said
    kept = _stored(db)
    assert 0 < kept < rows
    again = xunke("import", str(path), "--format", "interactions", "--json", db=db)
    assert again.code == 0, again.err
    assert again.rows[-1]["resumed_from"] > 0
    assert _stored(db) == rows


def _stored(db: Path) -> int:
    import sqlite3

    if not db.exists():
        return 0
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=5)
    try:
        return int(connection.execute("select count(*) from interaction").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        connection.close()


def test_files_that_are_no_project_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"these are my notes, not a database\n" * 40)
    before = path.read_bytes()
    answer = xunke("rank", db=path)
    assert answer.code == 1
    assert answer.err.count("\n") <= 2
    assert path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert xunke("rank", db=tmp_path / "p.db").code == 1
    finally:
        tmp_path.chmod(0o700)


def test_plans_one_and_many(tmp_path: Path) -> None:
    one = xunke("plan", "找最近30天聊 #减肥 的上海女生，影响力前50", "--today", "2026-11-22", db=tmp_path / "p.db")
    assert one.code == 0, one.err
    plan = decode(one.out)
    step = plan.steps[0]
    assert (step.tags, step.region, step.gender, step.limit) == (("减肥",), ("上海",), "female", 50)
    batch = tmp_path / "batch.jsonl"
    records = [
        {"id": "a", "today": "2026-11-22", "text": "找最近7天聊 #露营 的人"},
        {"id": 2, "today": "2026-03-01", "text": ""},
        {"id": "c", "today": "2026-11-22", "text": "只要上海的", "prev": {"text": "找聊 #露营 的人", "plan": {
            "outcome": "run", "steps": [{"action": "find", "target": "people", "tags": ["露营"]}]}}},
    ]  # fmt: skip
    batch.write_text("\ufeff" + "\n".join(json.dumps(r, ensure_ascii=False) for r in records) + "\n\n", "utf-8")
    many = xunke("plan", "--batch", str(batch), db=tmp_path / "p.db")
    assert many.code == 0, many.err
    assert [row["id"] for row in many.rows] == ["a", 2, "c"]
    plans = [decode(row["plan"]) for row in many.rows]
    assert plans[0].steps[0].since is not None
    assert plans[0].steps[0].since.isoformat() == "2026-11-16"
    assert plans[2].steps[0].region == ("上海",)
    assert not (tmp_path / "p.db").exists(), "planning opens no project"
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 1, "text": "找人"}\n{no json\n', "utf-8")
    assert xunke("plan", "--batch", str(bad)).code == 1
    bad.write_text('{"id": 1}\n[1]\n', "utf-8")
    assert xunke("plan", "--batch", str(bad)).code == 1
