"""``xunke export network`` and ``xunke rank`` on a large project: files others read, progress, and an end at Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import networkx as nx
import pytest

from tests.cli.running import command, environment, xunke
from xunke.storage import Project

WINDOW = ("--until", "2026-11-22")


@pytest.mark.parametrize("format", ["gexf", "jsonl"])
def test_a_network_is_exported_without_a_trace_of_barred_people(sample_db: Path, tmp_path: Path, format: str) -> None:
    best = xunke("rank", *WINDOW, "--limit", "1", "--json", db=sample_db).rows[0]
    first = tmp_path / f"a.{format}"
    assert xunke("export", "network", "--out", str(first), *WINDOW, db=sample_db).code == 0
    assert best["id"] in first.read_text("utf-8")
    assert xunke("suppress", "add", f"{best['platform']}:{best['id']}", db=sample_db).code == 0
    second = tmp_path / f"b.{format}"
    done = xunke("export", "network", "--out", str(second), *WINDOW, "--lang", "en", db=sample_db)
    text = second.read_text("utf-8")
    assert best["id"] not in text
    assert best["name"] not in text
    with Project.open(sample_db) as project:
        young = [row[0] for row in project.query(
            "select k.native_id from profile_fact f join account_key k on k.id = f.account where f.fact = 'minor'"
        )]  # fmt: skip
    assert young
    assert not [one for one in young if f':{one}"' in text]
    assert done.code == 0


def test_limits_kinds_topics_and_formats(sample_db: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.gexf"
    words = ("export", "network", "--out", str(out), *WINDOW)
    assert xunke(*words, "--limit", "30", db=sample_db).code == 0
    assert nx.read_gexf(out).number_of_nodes() == 30
    assert xunke(*words, "--kinds", "repost", "--since", "2026-10-01", db=sample_db).code == 0
    reposts = nx.read_gexf(out)
    assert {data["kinds"].split()[0] for *_, data in reposts.edges(data=True)} == {"repost"}
    assert min(begin for *_, data in reposts.edges(data=True) for begin, _ in data["spells"]) >= "2026-10-01"
    assert xunke(*words, db=sample_db).code == 0
    whole = nx.read_gexf(out).number_of_edges()
    assert xunke(*words, "--topic", "减肥", db=sample_db).code == 0
    assert 0 < nx.read_gexf(out).number_of_edges() < whole
    assert xunke(*words, "--platform", "weibo", db=sample_db).code == 0
    assert {data["platform"] for _, data in nx.read_gexf(out).nodes(data=True)} == {"weibo"}
    before = out.read_bytes()
    for wrong, code in (
        (("--format", "csv"), 2), (("--kinds", "hug"), 2), (("--limit", "0"), 2), (("--since", "2027-01-01"), 2),
    ):  # fmt: skip
        assert xunke(*words, *wrong, db=sample_db).code == code, wrong
    assert out.read_bytes() == before
    assert xunke("export", "people", "--out", str(tmp_path / "p.csv"), "--topic", "减肥", db=sample_db).code == 2
    assert xunke("export", "people", "--out", str(tmp_path / "p.gexf"), "--format", "gexf", db=sample_db).code == 2
    assert xunke("export", "network", "--out", "-", db=sample_db).code == 2


def test_the_same_network_is_the_same_file(sample_db: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.jsonl" for name in "ab"]
    for file in files:
        assert xunke("export", "network", "--out", str(file), *WINDOW, db=sample_db).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    kinds = [json.loads(line)["type"] for line in files[0].read_text("utf-8").splitlines()]
    assert sorted(set(kinds)) == ["link", "node"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a million invented interactions: enough to be interrupted while they are read."""
    path = tmp_path_factory.mktemp("large") / "large.db"
    with Project.open(path) as project:

        def fill(db: object) -> None:
            db.execute(  # type: ignore[attr-defined]
                "with recursive n(i) as (select 0 union all select i + 1 from n where i < 1200000) "
                "insert into interaction select i / 20, 1700000000 + i, i * 7919 % 60000, 1 + i % 6, 0 from n"
            )

        project.writer.call(fill)
    return path


@pytest.mark.skipif(os.name != "posix", reason="terminals and signals")
def test_progress_is_drawn_and_ctrl_c_ends_it_at_once(large: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        command("--db", str(large), "--lang", "en", "rank", "--until", "2030-01-01"),
        stdout=subprocess.PIPE, stderr=theirs, env=environment(),
    )  # fmt: skip
    os.close(theirs)
    told = b""
    while b"reading interactions" not in told:
        told += os.read(ours, 4096)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=30)
    os.close(ours)
    assert run.returncode == 130, "stopped while it read, not at the end"
    assert out == b""
    assert b"1,200,001" in told
