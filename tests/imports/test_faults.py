"""Hostile and broken files (FAULTS 3.3): a clean error or a reported row, and the rest of the file goes on."""

from __future__ import annotations

import json
import os
import random
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.importers import FORMATS, open_import, read_file
from collectors.importers.csv_rows import csv_rows
from collectors.importers.source import Source
from xunke.errors import BadInput, UsageError
from xunke.model import Interaction, Post

DATA = Path(__file__).parent.parent / "data" / "imports"
FILES = sorted(p for p in DATA.rglob("*") if p.is_file() and p.suffix != ".toml")
GOOD = json.loads(
    (DATA / "mediacrawler/g1/weibo/jsonl/search_contents_2026-11-20.jsonl").read_text("utf-8").splitlines()[0]
)


def line(**change: Any) -> bytes:
    return json.dumps(GOOD | change, ensure_ascii=False).encode()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DATA)))
@pytest.mark.parametrize("size", [1, 2])
def test_resume_from_every_position_equals_an_unbroken_run(path: Path, size: int) -> None:
    whole = list(read_file(path, batch=size))
    records = [r for b in whole for r in b.records]
    for index, batch in enumerate(whole):
        rest = list(read_file(path, start=batch.position, batch=size))
        assert [r for b in rest for r in b.records] == [r for b in whole[index + 1 :] for r in b.records]
        assert [r for b in rest for r in b.rejected] == [r for b in whole[index + 1 :] for r in b.rejected]
    assert [r for b in read_file(path, batch=1000) for r in b.records] == records
    assert whole[-1].position == sum(b.read for b in whole)
    assert whole[-1].bytes_done == whole[-1].bytes_total == path.stat().st_size


BAD_LINES: list[tuple[bytes, str]] = [
    (b"[" * 200_000, "import.too_deep"),
    (b'{"a":' * 200_000, "import.too_deep"),
    (b'{"note_id": ', "import.bad_json"),
    (b'"text"', "import.not_an_object"),
    (b"\xff\xfd{", "import.bad_json"),
    (line(note_id="5.23E+15"), "import.id_rounded"),
    (line(note_id=5.23e15), "import.id_rounded"),
    (line(note_id=""), "import.no_id"),
    (line(create_time="2026-13-40"), "import.bad_time"),
    (line(create_time="11/12/2026"), "import.bad_time"),
    (line(create_time="10000-01-01"), "import.bad_time"),
    (line(create_time="1969-01-01"), "import.bad_time"),
    (b'{"unrelated": 1}', "import.unknown_row"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES, ids=[f"{i}-{r}" for i, (_, r) in enumerate(BAD_LINES)])
@pytest.mark.parametrize("first", [True, False])
def test_bad_line_is_reported_and_the_rest_goes_on(
    tmp_path: Path, read: Any, bad: bytes, reason: str, first: bool
) -> None:
    file = tmp_path / "weibo.jsonl"
    lines = [bad, line(), line(note_id="2")] if first else [line(), bad, line(note_id="2")]
    file.write_bytes(b"\n".join(lines) + b"\n")
    got = read(file)
    assert [(r.row, r.reason) for r in got.rejected] == [(1 if first else 2, reason)]
    assert all(len(r.detail) <= 80 for r in got.rejected)
    assert list(got.posts()) == [GOOD["note_id"], "2"]


@pytest.mark.parametrize(
    "bad", [b"[" * 200_000 + b"]" * 200_000, b'{"note_id": nonsense, "x": ["a", {"b": "}"}]}', b'"x"', b"12"]
)
def test_bad_element_of_an_array(tmp_path: Path, read: Any, bad: bytes) -> None:
    file = tmp_path / "weibo.json"
    file.write_bytes(b"[" + line() + b",\n" + bad + b", " + line(note_id="2") + b"]")
    got = read(file)
    assert [r.row for r in got.rejected] == [2]
    assert list(got.posts()) == [GOOD["note_id"], "2"]


@pytest.mark.parametrize("body", [b"x", b"x\\\\", b'\\"', "咖啡".encode()])
def test_long_string_in_an_array_is_read_once_and_dropped(tmp_path: Path, read: Any, body: bytes) -> None:
    file = tmp_path / "weibo.json"
    long = body * (18_000_000 // len(body.decode()))  # the limit inside an array counts characters
    file.write_bytes(b"[" + line() + b',{"a":"' + long + b'"},' + line(note_id="2") + b"]")
    begin = time.perf_counter()
    got = read(file)
    assert time.perf_counter() - begin < 20
    assert list(got.posts()) == [GOOD["note_id"], "2"]
    assert [(r.row, r.reason) for r in got.rejected] == [(2, "import.row_too_long")]


def test_numbers_that_no_column_holds(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "weibo.jsonl"
    huge = line(liked_count=0).replace(b'"liked_count": 0', b'"liked_count": ' + b"9" * 5000)
    nan = line(liked_count=0, note_id="2").replace(b'"liked_count": 0', b'"liked_count": NaN')
    big = line(liked_count=2**63, note_id="3")
    surrogate = json.dumps(GOOD | {"note_id": "4", "content": "\ud800x"}).encode()
    file.write_bytes(b"\n".join([huge, nan, big, surrogate]))
    got = read(file)
    assert [(n.row, n.reason) for n in got.notes] == [
        (1, "import.bad_number"),
        (2, "import.bad_number"),
        (3, "import.bad_count"),
    ]
    assert [p.likes for p in got.records] == [None, None, None, 12000]
    assert got.posts()["4"].text == "\ufffdx"


def test_escape_sequences_and_bidi_do_not_get_in(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "weibo.jsonl"
    file.write_bytes(line(content="\x1b]52;c;x\x07a\u202eb", nickname="正常\r伪造\x9b31m"))
    (post,) = read(file).records
    assert post.text == "ab"
    assert "\r" not in post.author.name
    assert "\x9b" not in post.author.name


EDGES = "actor,target,kind,time\n甲,乙,like,\n丙,乙,repost,2026-11-20 21:30\n丁,乙,reply,1795181400\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, read: Any, encoding: str, ends: str) -> None:
    file = tmp_path / "e.csv"
    file.write_bytes(EDGES.replace("\n", ends).encode(encoding))
    got = read(file)
    assert [(e.actor.native_id, e.time) for e in got.records] == [
        ("甲", None),
        ("丙", 1795181400),
        ("丁", 1795181400),
    ]


def test_late_gb18030(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "e.csv"
    file.write_bytes(b"actor,target,kind,time\n" + b"a,b,like,\n" * 200_000 + "甲,乙,like,\n".encode("gb18030"))
    opened = open_import(file)
    assert opened.source.encoding == "gb18030"
    assert read(file).records[-1].actor.native_id == "甲"


CSV_BAD = {
    "unclosed": b'x,"never closed,like,\n',
    "wide": b"a," * 100_000 + b"\n",
    "kind": b"a,b,\x00,\n",
}


@pytest.mark.parametrize("name", CSV_BAD)
def test_bad_csv_row(tmp_path: Path, read: Any, name: str) -> None:
    file = tmp_path / "e.csv"
    body = b"actor,target,kind,time\na,b,like,\n" + CSV_BAD[name] + b'c,d,like,"2026-11-20\n21:30"\nf,"g ""h""",like,\n'
    file.write_bytes(body)
    got = read(file)
    assert [r.row for r in got.rejected] == [2]
    assert [e.target.native_id for e in got.records if isinstance(e, Interaction)] == ["b", "d", 'g "h"']


def test_two_hundred_megabyte_line(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "e.csv"
    with file.open("wb") as out:
        out.write(b"actor,target,kind,time\na,b,like,\n")
        for _ in range(200):
            out.write(b"x" * 1_000_000)
        out.write(b"\nc,d,like,\n")
    tracemalloc.start()
    batches = list(read_file(file, "interactions"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(r.row, r.reason) for b in batches for r in b.rejected] == [(2, "import.bad_csv_row")]
    assert len([r for b in batches for r in b.records]) == 2
    assert peak < 100 * 2**20


def test_header_names_are_plain_data(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text('__class__, id ,id,,"x""); drop table p;--",a\n1,2,3,4,5,6\n', "utf-8")
    ((_, row, _),) = csv_rows(Source.open(file))
    assert list(row) == ["__class__", "id", "id#2", "#4", 'x"); drop table p;--', "a"]


def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, Path("/dev/zero"), tmp_path / "missing.csv", tmp_path / ("x" * 300)):
        with pytest.raises(BadInput):
            list(read_file(path))
    empty = tmp_path / "empty.csv"
    empty.touch()
    with pytest.raises(BadInput, match="empty"):
        list(read_file(empty))


def test_a_growing_file_is_read_up_to_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "weibo.jsonl"
    file.write_bytes(line() + b"\n")
    opened = open_import(file)
    with file.open("ab") as out:
        out.write(line(note_id="2") + b"\n")
    assert [r.native_id for b in opened.importer.read(opened.source) for r in b.records if isinstance(r, Post)] == [
        GOOD["note_id"]
    ]
    assert [r.native_id for b in read_file(file, start=1) for r in b.records if isinstance(r, Post)] == ["2"]


def _zip(file: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"a.txt": b"x"}, "import.not_a_workbook"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b" " * 200_000_000}, "import.unsafe_workbook"),
        ({"[Content_Types].xml": b"<x/>", "xl/../../evil.xml": b"x"}, "import.unsafe_workbook"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": DOCTYPE}, "import.unsafe_workbook"),
        ({"[Content_Types].xml": b"<x/>", **{f"xl/{i}": b"" for i in range(6000)}}, "import.unsafe_workbook"),
        ({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<broken"}, "import.not_a_workbook"),
    ],
)
def test_hostile_workbooks(tmp_path: Path, parts: dict[str, bytes], key: str) -> None:
    file = tmp_path / "x.xlsx"
    _zip(file, parts)
    with pytest.raises(BadInput) as error:
        list(read_file(file))
    assert error.value.key == key


def test_ids_that_a_spreadsheet_rounded(tmp_path: Path, read: Any) -> None:
    import openpyxl

    file = tmp_path / "weibo.xlsx"
    book = openpyxl.Workbook()
    book.active.append(list(GOOD))
    book.active.append([5230000000000001 if k == "note_id" else v for k, v in GOOD.items()])
    book.active.append(list(GOOD.values()))
    book.save(file)
    got = read(file)
    assert [(r.row, r.reason) for r in got.rejected] == [(1, "import.id_rounded")]
    assert list(got.posts()) == [GOOD["note_id"]]


@pytest.mark.parametrize(
    "declared", ['<!DOCTYPE r [<!ENTITY a "aaaa">]>', '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_hostile_feeds(tmp_path: Path, declared: str, encoding: str) -> None:
    file = tmp_path / "x.xml"
    text = f'<?xml version="1.0"?>{declared}<rss version="2.0"><channel><item><title>&a;</title></item></channel></rss>'
    file.write_bytes(text.encode(encoding))
    with pytest.raises(BadInput, match="unsafe_xml"):
        list(read_file(file))


def test_html_is_no_feed(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text("<html><body>captcha</body></html>", "utf-8")
    with pytest.raises(BadInput, match="not_a_feed"):
        list(read_file(file))


def test_broken_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(b"SQLite format 3\0" + bytes(random.Random(1).randrange(256) for _ in range(9000)))
    with pytest.raises(BadInput, match="bad_sqlite"):
        list(read_file(file))


def swallow(path: Path, format: str) -> None:
    """Read to the end: anything but BadInput and rejected rows is a bug."""
    try:
        for batch in read_file(path, format, batch=3):
            assert batch.read > 0
            assert batch.position >= batch.read
            for row in batch.rejected:
                assert row.reason.startswith("import.")
                assert len(row.detail) <= 80
    except (BadInput, UsageError):
        pass


HEADS = [
    b"",
    b"{",
    b"[{",
    b"SQLite format 3\0",
    b"PK\x03\x04",
    b"<rss>",
    b"<?xml?><feed>",
    b"actor,target,kind\n",
    b"\xff\xfe",
    b'[{"note_id":',
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(HEADS),
    body=st.binary(max_size=400),
    name=st.sampled_from(["x.csv", "x.jsonl", "x.json", "x.xlsx"]),
)
@pytest.mark.parametrize("format", ["auto", *FORMATS])
def test_random_bytes(tmp_path: Path, format: str, head: bytes, body: bytes, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(head + body)
    swallow(file, format)


def real_lines() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in FILES:
        if path.suffix in (".jsonl", ".ndjson"):
            format = open_import(path).format
            found += [(format, json.loads(text)) for text in path.read_text("utf-8").splitlines()]
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["1.2万", "3天前", "[/]", "#a#", "@b", "\x1b[2J", "5.23E+15", "\ud800", "-1", "2026-13-40"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_real_rows_with_random_values(tmp_path: Path, data: st.DataObject) -> None:
    format, row = data.draw(st.sampled_from(REAL))
    row = json.loads(json.dumps(row))
    for _ in range(data.draw(st.integers(1, 4))):
        inside = [
            row,
            *(v for v in row.values() if isinstance(v, dict)),
            *(w for v in row.values() if isinstance(v, dict) for w in v.values() if isinstance(w, dict)),
        ]
        target = data.draw(st.sampled_from([d for d in inside if d]))
        target[data.draw(st.sampled_from(list(target)))] = data.draw(JSON)
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps(row), "utf-8")
    batches = list(read_file(file, format))
    assert sum(b.read for b in batches) == 1
    for record in (r for b in batches for r in b.records):
        if isinstance(record, Post):
            assert "\x1b" not in record.text
            assert record.native_id
            json.loads(record.raw or b"")
            (record.text + (record.title or "") + record.native_id).encode()


REAL = real_lines()
