"""Purchases from a shop's table: headings in both languages, money as written, orders taken back. All invented."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.importers import detect, read_file
from collectors.importers.purchases import amount, is_purchases
from collectors.importers.values import BadValue
from xunke.model import Purchase

ZH = """订单号,买家ID,平台,付款时间,实付金额,商品名称,收货电话,订单状态
A1,12,微博,2026-10-01 12:00,¥129.00,套餐,13800000000,交易成功
A2,12,微博,2026-10-09,"1,299元",周卡,13800000000,交易成功
A3,13,微博,2026-10-09,abc,周卡,13800000000,交易成功
A4,13,微博,2026-10-09,59,周卡,13800000000,已退款
A5,,微博,2026-10-09,59,周卡,13800000000,交易成功
"""
EN = "order_id,buyer_id,platform,paid_at,amount,currency,item\nB1,x1,weibo,2026-10-01T12:00:00+08:00,12.5,USD,bread\n"


def _file(folder: Path, text: str) -> Path:
    path = folder / "orders.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_chinese_table(tmp_path: Path) -> None:
    path = _file(tmp_path, ZH)
    assert detect(path) == "purchases"
    (batch,) = read_file(path)
    found = [r for r in batch.records if isinstance(r, Purchase)]
    assert [(p.account.platform, p.account.native_id, p.amount, p.currency, p.order) for p in found] == [
        ("weibo", "12", 129.0, "CNY", "A1"), ("weibo", "12", 1299.0, "CNY", "A2"),
    ]  # fmt: skip
    assert [r.reason for r in batch.rejected] == ["import.bad_amount", "import.not_bought", "import.no_id"]
    assert "13800000000" not in repr(found)


def test_an_english_table_and_one_without_order_numbers(tmp_path: Path) -> None:
    (batch,) = read_file(_file(tmp_path, EN))
    (one,) = batch.records
    assert isinstance(one, Purchase)
    assert (one.amount, one.currency, one.time, one.what) == (12.5, "USD", 1790827200, "bread")
    bare = _file(tmp_path, "买家昵称,金额,日期\n小糖,59,2026-10-01\n小糖,59,2026-10-02\n")
    assert detect(bare) == "purchases"
    first, second = (r for batch in read_file(bare) for r in batch.records)
    assert isinstance(first, Purchase)
    assert isinstance(second, Purchase)
    assert first.order != second.order
    assert first.account.native_id == "name:小糖"
    assert [r for batch in read_file(bare) for r in batch.records] == [first, second], "the same ids again"


def test_other_tables_are_no_purchases() -> None:
    assert not is_purchases(["id", "text", "created", "likes"])
    assert not is_purchases(["金额", "备注"])


@given(st.text(max_size=20) | st.floats() | st.integers() | st.none() | st.booleans())
def test_no_amount_breaks_the_reader(value: object) -> None:
    try:
        number, _ = amount(value)
    except BadValue:
        return
    assert 0 <= number <= 1e9


@pytest.mark.parametrize(("text", "number"), [("￥1,299.50", 1299.5), ("59元", 59.0), ("0", 0.0), (7, 7.0)])
def test_money_as_it_is_written(text: object, number: float) -> None:
    assert amount(text)[0] == number
