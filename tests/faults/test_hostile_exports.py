"""Hostile words in every file that is written: as many rows and cells come out as went in, nothing runs, nothing breaks
out of its place. Read back by what users open them with. All people are invented.
"""

from __future__ import annotations

import csv
import html.parser
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import networkx as nx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import TODAY
from xunke.cli.main import main
from xunke.clock import start_of
from xunke.export import FORMATS, Block, Column, Sheet, document, write, write_book
from xunke.model import Account, Interaction, Post, Provenance
from xunke.storage import Project

BAD = (
    "=cmd|'/c calc'!A1", "+1", "@SUM(A1)", "-2+3", "\t=1", "＝1", "<script>alert(1)</script>", "</td></table><script>",
    "]]>", "<![CDATA[", "&lt;b&gt;", "\u202egpj.exe", "\x00nul\x00", "a|b|c", "| --- |\n| x |", "END:VCARD\r\nTEL:1",
    "a\r\nb", "\x1b]52;c;x\x07", "\ud800", "![x](http://t.example/x.png)", "[x](javascript:alert(1))", "'" * 9, '"' * 9,
    "{=1}", "http://evil.example", "<img src=x onerror=alert(1)>",
    "x" * 100_000, "\u2028\u2029", "Ａ" * 300, "\\|\\", "`",
)  # fmt: skip
WORDS = st.sampled_from(BAD) | st.text(max_size=40)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


class Cells(html.parser.HTMLParser):
    """What an HTML file is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        for name, value in attrs:
            assert not name.startswith("on"), (tag, attrs)
            assert name not in ("href", "src", "action", "srcset") or (value or "").startswith(("#", "data:")), attrs


def look(path: Path, rows: int, columns: int) -> None:
    """Assert that a file holds so many rows of so many cells, and nothing that acts."""
    kind = path.suffix[1:]
    if kind == "xlsx":
        for sheet in openpyxl.load_workbook(path).worksheets[:1]:
            assert (sheet.max_row, sheet.max_column) == (rows + 1, columns)
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert all(c.data_type != "f" and c.hyperlink is None for row in sheet.iter_rows() for c in row)
            assert not [c for row in sheet.iter_rows() for c in row if CONTROLS.search(str(c.value or ""))]
        with zipfile.ZipFile(path) as box:
            assert not [n for n in box.namelist() if "external" in n.lower() or "vba" in n.lower() or "../" in n]
        return
    text = path.read_bytes().decode("utf-8-sig")
    assert not CONTROLS.search(text.replace("\r\n", "\n").replace("\r", "")), repr(CONTROLS.search(text))
    if kind == "csv":
        csv.field_size_limit(10**7)
        found = list(csv.reader(text.splitlines(keepends=True)))
        assert (len(found), {len(row) for row in found}) == (rows + 1, {columns})
        every = [cell for row in found for cell in row]
        assert not [cell for cell in every if FORMULA.match(cell) and not re.fullmatch(r"-?[\d.]+", cell)]
    elif kind == "jsonl":
        assert [len(json.loads(line)) for line in text.split("\n")[:-1]] == [columns] * rows
    elif kind == "json":
        assert [len(row) for row in json.loads(text)] == [columns] * rows
    elif kind == "html":
        seen = Cells()
        seen.feed(text)
        assert (seen.seen.get("tr"), seen.seen.get("td", 0)) == (rows + 1, rows * columns)
        assert not {"script", "img", "iframe", "a", "form", "object", "link"} & seen.seen.keys()
    elif kind == "md":
        lines = [line for line in text.split("\n") if line.startswith("|")]
        assert len(lines) == rows + 2
        assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {columns + 1}
        assert "<script" not in text
        assert not re.search(r"(?<!\\)!?\[[^\]]*\]\(", text), "no link or picture"


@settings(max_examples=15, deadline=None)
@given(st.lists(WORDS, min_size=3, max_size=3))
def test_every_writer(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    a, b, c = words
    folder = tmp_path_factory.mktemp("w")
    columns = [Column("id", a, text=True), Column("name", b), Column("t", c, time=True), Column("n", "n")]
    rows = [{"id": a, "name": b, "t": c, "n": 3}, {"id": c, "name": a, "t": "2026-11-20", "n": float("nan")}]
    for format in FORMATS:
        path = folder / f"x.{format}"
        assert write(path, columns, iter(rows), format, b).rows == 2
        look(path, 2, 4)
    write_book(folder / "b.xlsx", [Sheet(a, columns, rows), Sheet(b, columns, rows), Sheet(a, columns, rows)])
    look(folder / "b.xlsx", 2, 4)
    for format in ("md", "html"):
        document(folder / f"d.{format}", a, [Block(b, (), (a, b), ((c, a), (b, c)))], format)
        look(folder / f"d.{format}", 2, 2)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which everybody and everything is called something bad."""
    db = tmp_path_factory.mktemp("hostile") / "p.db"
    when = start_of(TODAY) - 86_400
    who = [
        Account("weibo", f"8800{n}", name=bad[:3000], handle=bad[:200], bio=bad[:3000], url=f"https://e.example/{n}",
                fetched=when)
        for n, bad in enumerate(BAD)
    ]  # fmt: skip
    with Project.open(db) as project:
        project.add(
            [*(Post("weibo", f"p{a.native_id}", f"露营 {a.bio}", a, title=a.name, created=when) for a in who),
             *(Interaction("weibo", a, who[0], "reply", time=when) for a in who[1:])],
            Provenance("file", BAD[0], query=BAD[6], fetched=when),
        )  # fmt: skip

        def names(c: sqlite3.Connection) -> None:
            c.execute("update saved_list set name = ?, purpose = ?, note = ?", (BAD[0] + BAD[6], BAD[13], BAD[5]))
            c.execute("update list_member set segment = ?", ("]]>|<script>",))
            c.execute("update campaign set name = ?, goal = ?", ("=HYPERLINK(1)<script>|", BAD[8]))

        for line in ("找聊露营的人，存成名单 名单", "campaign new 冬 --goal 试 --list 名单"):
            assert main(["--db", str(db), *([line, "--yes"] if line[0] == "找" else line.split())]) == 0
        project.writer.call(names)
    return db


def test_every_export_of_a_hostile_project(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(out: str, *words: str) -> Path:
        capsys.readouterr()
        code = main(["--db", str(hostile), *words, "--out", str(tmp_path / out), "--today", TODAY.isoformat()])
        told = "".join(capsys.readouterr())
        assert code == 0, (words, told)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told), words
        return tmp_path / out

    for n, (line, kinds) in enumerate({
        "export 1 --yes": FORMATS, "export posts": ("csv", "xlsx", "html"), "export people": ("csv", "md"),
        "export keywords": ("csv", "xlsx"), "context --list 1": ("csv", "html"),
    }.items()):  # fmt: skip
        for kind in kinds:
            path = run(f"{n}.{kind}", *line.split(), "--format", kind)
            if kind == "xlsx":
                look(path, openpyxl.load_workbook(path).worksheets[0].max_row - 1,
                     openpyxl.load_workbook(path).worksheets[0].max_column)  # fmt: skip
            else:
                text = path.read_bytes().decode("utf-8-sig")
                assert not CONTROLS.search(text.replace("\r\n", "\n")), path
                assert "<script" not in text or kind in ("csv", "json", "jsonl")
    graph = nx.read_gexf(run("n.gexf", "export", "network", "--format", "gexf"))
    assert graph.number_of_nodes() == len(BAD)
    for words in (
        ("report", "--list", "1", "--names"), ("report", "1", "--names"), ("persona", "--list", "1", "--names"),
        ("persona", "weibo:88006"), ("held", "weibo:88006"),
    ):  # fmt: skip
        for kind in ("html", "md"):
            text = run(f"{'-'.join(words[:2])}.{kind}".replace(":", ""), *words, "--format", kind).read_text("utf-8")
            assert "<script" not in text, words
            assert not CONTROLS.search(text), words
            if kind == "html":
                seen = Cells()
                seen.feed(text)
                assert not {"script", "img", "iframe", "object"} & seen.seen.keys(), words
