"""A password reaches no file and no line; the same input gives the same bytes; plain output stays plain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kit import clean_exit, posts_file, xunke

SECRET = "s3cr3t-t0k3n-abcdef"


def test_a_password_in_an_address_is_refused_and_kept_nowhere(tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    env = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "XUNKE_TOKEN": SECRET,
        "MASTODON_TOKEN": SECRET,
    }
    address = f"https://user:{SECRET}@m.example"
    commands = [
        (["collect", "mastodon", "--instance", address, "--tag", "x"], 1),
        (["connect", "mastodon", "--instance", address], 1),
        (["collect", "mastodon", "--instance", f"user:{SECRET}@m.example", "--tag", "x"], 1),
        (["ask", "--yes", f"接入长毛象 {address}"], None),
        (["ask", "--yes", f"从 {address} 采集 #咖啡"], None),
        (["jobs"], 0),
        (["doctor"], 0),
        (["list"], 0),
    ]
    for command, code in commands:
        done = xunke(*command, db=db, env=env)
        codes = (0, 1, 2, 3, 4) if code is None else (code,)
        said = clean_exit(done, *codes)
        if command[0] != "ask":  # a request is shown as it was said
            assert SECRET not in said, command
    assert [str(path) for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, format: str) -> None:
    source = posts_file(tmp_path, 2500)
    found = []
    for seed in ("0", "1", "4711"):
        db = tmp_path / seed / "p.db"
        env = {"PYTHONHASHSEED": seed}
        clean_exit(xunke("import", source, db=db, env=env), 0)
        parts = []
        for what in ("people", "posts"):
            out = tmp_path / seed / f"{what}.{format}"
            clean_exit(xunke("export", what, "--format", format, "--out", out, db=db, env=env), 0)
            parts.append(out.read_bytes())
        if format == "csv":
            for by in ("target", "influence", "pagerank", "hits", "kcore", "actors"):
                parts.append(
                    xunke("--json", "--today", "2026-11-22", "rank", "--by", by, db=db, env=env).stdout.encode()
                )
                assert len(parts[-1]) > 1000, by
            said = xunke("--json", "--today", "2026-11-22", "ask", "--yes", "聊咖啡的人", db=db, env=env).stdout
            parts.append(said.encode())
        found.append(parts)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    "env",
    [{"TERM": "dumb"}, {"TERM": ""}, {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"COLUMNS": "5", "NO_COLOR": "1"}],
)
def test_plain_output_is_plain(tmp_path: Path, env: dict[str, str]) -> None:
    import json

    db = tmp_path / "p.db"
    row = json.loads(next(iter(posts_file(tmp_path, 1).read_text("utf-8").splitlines())))
    row |= {"nickname": "正常\r伪造\x1b]0;x\x07", "content": "\x1b[2J\x1b[31m咖啡\u202e\x9b31m", "note_id": "7"}
    path = tmp_path / "search_contents_2026-11-20.jsonl"
    path.write_text(
        "\n".join([*posts_file(tmp_path / "b", 60).read_text("utf-8").splitlines(), json.dumps(row)]), "utf-8"
    )
    commands = (
        ["import", path],
        ["rank"],
        ["person", row["user_id"]],
        ["why", row["user_id"]],
        ["ask", "--yes", "聊咖啡的人"],
        ["jobs"],
        ["audit", "list"],
        [],
        ["--json", "person", row["user_id"]],
    )
    for command in commands:
        done = xunke(*command, db=db, env={"XUNKE_LANG": "zh", **env})
        said = clean_exit(done, 0, 1, 2, 4)
        assert "\r" not in said
        assert "\\x" not in done.stdout or "--json" in command
    assert db.exists()
