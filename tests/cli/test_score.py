"""``xunke score``: a line in, a line out, whatever the line is."""

from __future__ import annotations

import math
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


def test_explain_adds_up_in_json() -> None:
    lines = [*LINES[:4], "刚搬家，想买一台洗衣机，求推荐！快递太慢了，客服也不理人[怒]", "哈哈哈太好了[鼓掌]" * 8]
    answer = xunke("score", "--explain", "--json", stdin="\n".join(lines) + "\n")
    plain = xunke("score", stdin="\n".join(lines) + "\n")
    assert [{k: v for k, v in row.items() if k != "explain"} for row in answer.rows] == plain.rows
    for row in answer.rows:
        why = row["explain"]
        mood = why["sentiment"]
        words = [odds for _, odds in mood["pieces"]]
        assert mood["p"] == row["sentiment"]
        assert math.fsum([*words, mood["rest"]]) == pytest.approx(mood["log_odds"], abs=1e-4 * (len(words) + 1))
        assert 1 / (1 + math.exp(-mood["log_odds"])) == pytest.approx(mood["p"], abs=2e-4)
        assert [[need["name"], need["score"]] for need in why["needs"]] == row["needs"]
        for need in why["needs"]:
            assert 1 - math.prod(1 - weight for _, weight in need["rules"]) == pytest.approx(need["score"], abs=1e-4)
        missed = math.prod(1 - weight for _, weight in why["spam"]["reasons"])
        assert 1 - (1 - why["spam"]["base"]) * missed == pytest.approx(row["spam"], abs=1e-4)
        assert [[found["name"], found["score"]] for found in why["interests"]] == row["interests"]
        assert all(found["words"] for found in why["interests"])
    moved = answer.rows[4]["explain"]
    assert [event["name"] for event in moved["life_events"]] == ["moving"]
    assert {need["name"]: need["kind"] for need in moved["needs"]}["complain"] == "hidden"
    assert {need["name"]: need["about"] for need in moved["needs"]}["want_to_buy"] == "洗衣机"
    assert all(need["quote"] in lines[4] for need in moved["needs"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_in_words(lang: str) -> None:
    said = xunke(
        "score", "--explain", "--lang", lang, stdin="想买一台洗衣机，求推荐！[怒]\n\n加微信abc12345领券，秒杀\n"
    )
    assert said.code == 0, said.err
    assert "[怒]" in said.out
    assert "洗衣机" in said.out
    assert "wish_to_buy" in said.out
    assert ("引导加联系方式 0.75" if lang == "zh" else "contacted elsewhere 0.75") in said.out
    assert said.out.count("1/(1+e^-") == 3


def test_snownlp_tells_no_words() -> None:
    [row] = xunke("score", "--explain", "--json", "--engine", "snownlp", stdin="想买一台洗衣机").rows
    assert row["explain"]["sentiment"]["pieces"] == []
    assert row["explain"]["sentiment"]["log_odds"] is None
    assert [need["name"] for need in row["explain"]["needs"]] == ["want_to_buy"]
