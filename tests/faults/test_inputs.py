"""Hostile files through the command line: a report or a sentence, the right exit code and a whole project."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.kit import clean_exit, content, rows, xunke

GOOD = list(rows(3))
ENDINGS = ("csv", "tsv", "json", "jsonl", "ndjson", "xlsx", "db", "sqlite", "sqlite3", "xml", "rss", "atom", "txt")


def lines(*bad: str) -> bytes:
    return "\n".join([GOOD[0], *bad, GOOD[1]]).encode("utf-8", "surrogatepass")


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(GOOD[2]), **fields}, ensure_ascii=False)


TABLE = "platform,id,text,author\nweibo,1,咖啡,甲\nweibo,2,茶,乙\n"
HOSTILE = '__class__,"x""); drop table post;--", id ,,text,text,author,platform,{0},%s\n1,2,3,4,咖啡,5,甲,weibo,7,8\n'
EDGES = 'platform,actor,target,kind,time,__class__,"post"");drop table account;--"\nweibo,a,b,like,1795000000,1,2\n'

FILES: dict[str, tuple[str, bytes]] = {
    "bom": ("jsonl", b"\xef\xbb\xbf" + lines()),
    "utf-16": ("jsonl", lines().decode().encode("utf-16")),
    "utf-16-be csv": ("csv", b"\xfe\xff" + TABLE.encode("utf-16-be")),
    "gb18030": ("csv", TABLE.encode("gb18030")),
    "brackets": ("jsonl", lines("[" * 200_000, '{"a":' * 200_000)),
    "brackets alone": ("json", b"[" * 200_000),
    "objects alone": ("json", b'{"a":' * 200_000),
    "big integers": ("jsonl", lines(changed(liked_count="@").replace(chr(34) + "@" + chr(34), "9" * 5000))),
    "odd numbers": (
        "jsonl",
        lines(changed(liked_count=float("nan"), create_time=2**63), changed(create_time=float("inf"))),
    ),
    "nul": ("jsonl", lines(changed(content="a\0b", nickname="\0"), changed(note_id="\0"))),
    "surrogates": ("jsonl", lines(changed(content="x").replace('"x"', '"\\ud800"'))),
    "raw nul": ("csv", TABLE.encode().replace("茶".encode(), b"\0\0")),
    "hostile header": ("csv", HOSTILE.encode()),
    "hostile edges": ("csv", EDGES.encode()),
    "unclosed quote": ("csv", TABLE.encode() + b'"weibo,3,' + b"x" * 100_000),
    "many columns": ("csv", (",".join(f"c{n}" for n in range(100_000)) + "\n" + "1," * 99_999 + "1\n").encode()),
    "empty": ("csv", b""),
    "blanks": ("csv", b" \n \n"),
    "html": ("xml", b"<html><script>alert(1)</script>"),
    "entities": (
        "xml",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
    ),
    "escape sequences": (
        "jsonl",
        lines(changed(nickname="\x1b]52;c;cm0=\x07\x1b[2J", content="\x9b31m\u202e"), "\x1b[2J{"),
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_hostile_file(tmp_path: Path, kind: str) -> None:
    ending, body = FILES[kind]
    path = tmp_path / f"search_contents_2026-11-20.{ending}"
    path.write_bytes(body)
    db = tmp_path / "p.db"
    clean_exit(xunke("import", path, db=db), 0, 1)
    clean_exit(xunke("--json", "import", path, "--format", "table", db=db), 0, 1)
    found = content(db)
    assert "/etc" not in repr(found)
    if ending == "jsonl":
        kept = {row[2] for row in found[1]}
        assert {"#咖啡0# 第0杯 @用户0 好", "#咖啡1# 第1杯 @用户3 好"} <= kept, "the good rows around it"
    if kind == "gb18030":
        assert {row[2] for row in found[1]} == {"咖啡", "茶"}
    if kind == "hostile edges":
        assert len(found[2]) == 1


def test_escape_sequences_in_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "\x1b]0;x\x07\u202e[red]\rcsv.csv"
    path.write_text("nothing of ours\n1\n")
    for command in (
        ["import", path],
        ["import", tmp_path],
        ["--json", "import", path, "--format", "table"],
        ["import", f"{path}x"],
    ):
        clean_exit(xunke(*command, db=tmp_path / "p.db"), 1)


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    for path in (
        pipe,
        Path("/dev/zero"),
        Path("/dev/null"),
        tmp_path / "empty",
        tmp_path / "none.csv",
        tmp_path / "loop.csv",
        tmp_path / ("x" * 300),
        Path("~nobody_here/x.csv"),
        "",
        ".",
    ):
        clean_exit(xunke("import", path, db=tmp_path / "p.db", timeout=30, cwd=tmp_path / "empty"), 1, 2)


def test_a_workbook_that_blows_up(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"):
            with book.open(name, "w", force_zip64=True) as part:
                for _ in range(400 if name.endswith("sheet1.xml") else 0):
                    part.write(b"<c>" * 400_000)
    assert path.stat().st_size < 5_000_000
    began = time.monotonic()
    clean_exit(xunke("import", path, db=tmp_path / "p.db"), 1)
    assert time.monotonic() - began < 20


ALIKE = ("tsv", "json", "ndjson", "sqlite", "sqlite3", "rss", "atom")
"""Endings of files whose readers also read another of ENDINGS: a tenth is enough of these."""


@pytest.mark.parametrize("ending", ENDINGS)
def test_ten_megabytes_of_noise(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x.{ending}"
    path.write_bytes(random.Random(ending).randbytes(1_000_000 if ending in ALIKE else 10_000_000))
    db = tmp_path / "p.db"
    clean_exit(xunke("import", path, db=db), 1)
    clean_exit(xunke("import", path, "--format", "mediacrawler", db=db), 0, 1)


def _grow(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in rows(500, first=50_000))


@pytest.mark.parametrize(
    "act", [_grow, Path.unlink, lambda path: path.write_bytes(b""), lambda path: os.truncate(path, 1_000_001)]
)
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, act: Callable[[Path], object]) -> None:
    path = tmp_path / "search_contents_2026-11-20.jsonl"
    path.write_text("\n".join(rows(12_000)) + "\n", "utf-8")
    db = tmp_path / "p.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "xunke", "--lang", "en", "--db", str(db), "import", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    threading.Timer(1.2, lambda: process.poll() is None and act(path)).start()
    out, err = process.communicate(timeout=60)
    clean_exit(subprocess.CompletedProcess([], process.returncode, out, err), 0, 1)
    content(db)
