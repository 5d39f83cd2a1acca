"""Files are whole, typed, and safe to open."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunke.errors import BadInput, XunkeError
from xunke.export import XLSX_CELL, Column, place, safe_name, write

COLUMNS = [Column("id", "账号ID", text=True), Column("name", "昵称"), Column("n", "粉丝")]
HOSTILE = [
    "=1+1",
    "+8613",
    "-2",
    "@x",
    "\t=1",
    "\r\n=1",
    "＝1",
    "{=1}",
    "http://e",
    "a\x00\x0bb",
    "[/]",
    "\ud800",
    " =2",
]


def table(values: list[str]) -> list[dict[str, object]]:
    return [{"id": "0012345678901234567", "name": v, "n": -3} for v in values]


def test_csv_has_bom_and_no_formula(tmp_path: Path) -> None:
    done = write(tmp_path / "a.csv", COLUMNS, table(HOSTILE), "csv", "t")  # type: ignore[arg-type]
    raw = done.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(done.path.open(encoding="utf-8-sig", newline="")))
    assert len(rows) == len(HOSTILE) + 1
    assert all(not r[1].lstrip().startswith(("=", "+", "-", "@", "＝")) for r in rows[1:])
    assert rows[1] == ["0012345678901234567", "'=1+1", "-3"]


def test_xlsx_cells_keep_their_types(tmp_path: Path) -> None:
    long = "长" * 40_000
    done = write(tmp_path / "a.xlsx", COLUMNS, table([*HOSTILE, long]), "xlsx", "=名单[1]/'")  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(done.path).active
    assert sheet is not None
    cells = list(sheet.iter_rows(min_row=2))
    assert [c[0].value for c in cells] == ["0012345678901234567"] * len(cells)
    assert all(c[0].data_type == "s" and c[1].data_type == "s" and c[2].value == -3 for c in cells)
    assert all(c[1].hyperlink is None for c in cells)
    assert done.cut == 1
    assert len(str(cells[-1][1].value)) == XLSX_CELL


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text(max_size=60), max_size=6))
def test_rows_in_are_rows_out(values: list[str], tmp_path: Path) -> None:
    for format in ("csv", "xlsx", "jsonl", "json", "md", "html"):
        done = write(tmp_path / f"r.{format}", COLUMNS, table(values), format, "t")  # type: ignore[arg-type]
        assert done.rows == len(values)
    assert len(json.loads((tmp_path / "r.json").read_text("utf-8"))) == len(values)
    assert len((tmp_path / "r.jsonl").read_text("utf-8").splitlines()) >= len(values)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    assert sheet is not None
    assert sheet.max_row == len(values) + 1


def test_html_and_markdown_load_nothing(tmp_path: Path) -> None:
    bad = ["<script>alert(1)</script>", "<img onerror=x>", "![](http://track)", "[x](javascript:y)", "a|b"]
    html = write(tmp_path / "a.html", COLUMNS, table(bad), "html", "<b>")  # type: ignore[arg-type]
    text = html.path.read_text("utf-8")
    assert "<script" not in text
    assert "<img" not in text
    md = write(tmp_path / "a.md", COLUMNS, table(bad), "md", "t").path.read_text("utf-8")  # type: ignore[arg-type]
    assert "![" not in md.replace("\\!\\[", "")
    assert "](" not in md.replace("\\]\\(", "")
    assert "<" not in md


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")

    def rows():  # type: ignore[no-untyped-def]
        yield {"id": "1", "name": "a", "n": 1}
        raise OSError(28, "No space left on device")

    with pytest.raises(XunkeError, match=r"export\.full"):
        write(target, COLUMNS, rows(), "csv", "t")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "path", ["../../../../etc/x", "/etc/x.csv", "~root/x.csv", "a\x00b", "~/.ssh/x.csv", ".bashrc", "../.profile"]
)
def test_paths_from_sentences_stay_inside(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "work").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "home" / "work")
    folder = tmp_path / "home" / "work" / "out"
    try:
        target = place(path, folder, "名单", "csv")
    except BadInput:
        return
    assert target.is_relative_to(tmp_path / "home")
    assert not any(part.startswith(".") for part in target.relative_to(tmp_path / "home").parts)


def test_names_and_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = place(None, tmp_path, "减肥/上海:女", "csv")
    assert first.name == "减肥_上海_女.csv"
    first.write_text("x")
    assert place(None, tmp_path, "减肥/上海:女", "csv").name == "减肥_上海_女 (2).csv"
    assert place("子/名单.csv", tmp_path, "x", "xlsx").name == "名单.xlsx"
    assert safe_name("CON.csv") != "CON.csv"
    assert len(safe_name("长" * 300).encode()) <= 180
