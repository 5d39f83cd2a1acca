"""``xunke score``: a line in, a line out, whatever the line is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import xunke

LONG = "这家店的减脂餐真的好吃，推荐！" * 2500  # more than 100 KB in UTF-8
LINES = [
    "质量太差了，千万别买，踩坑",
    "",
    "求推荐油皮用的防晒，预算100",
    "   ",
    LONG,
    "加微信领优惠券，刷单日结",
    "\x1b[31mred\x1b[0m",
    "ok",
]


def valid(answer: dict[str, Any]) -> bool:
    return (
        set(answer) == {"sentiment", "label", "interests", "needs", "spam"}
        and 0 <= answer["sentiment"] <= 1
        and 0 <= answer["spam"] <= 1
        and answer["label"] in ("positive", "neutral", "negative", "unsure")
        and all(isinstance(n, str) and 0 <= s <= 1 for n, s in (*answer["interests"], *answer["needs"]))
    )


@pytest.mark.parametrize("engine", ["xunke", "snownlp"])
def test_an_answer_for_every_line(engine: str) -> None:
    lines = LINES if engine == "xunke" else [line[:500] for line in LINES]
    answer = xunke("score", "--engine", engine, stdin="\n".join(lines) + "\n")
    assert answer.code == 0, answer.err
    assert len(answer.rows) == len(LINES)
    assert all(valid(row) for row in answer.rows)
    assert answer.err == ""


def test_what_it_says() -> None:
    bad, _, asks, _, long, spam, *_ = xunke("score", stdin="\n".join(LINES)).rows
    assert bad["sentiment"] < 0.5
    assert bad["label"] == "negative"
    assert asks["needs"]
    assert long["sentiment"] > 0.5
    assert spam["spam"] > bad["spam"]


def test_files_line_ends_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_bytes("好吃\r\n".encode() + b"\xff\xfe\xfa\n" + "没有换行".encode())
    from_file, from_pipe = xunke("score", str(path)), xunke("score", "-", stdin=path.read_bytes())
    assert from_file.out == from_pipe.out
    assert len(from_file.rows) == 3
    assert xunke("score", stdin=b"").rows == []
    assert xunke("score", str(tmp_path / "none.txt")).code == 1
    assert xunke("score", str(tmp_path)).code == 1
