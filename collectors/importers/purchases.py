"""What people bought, from a shop's own table: one order a row, with who, when, how much, what and the order's number.

Who is an account of a platform, by id or by name; telephone numbers, addresses and whatever else such tables hold are
not read. An order without a number gets one from what it says, so that the same file again adds nothing.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from xunke.model import Account, Purchase, Record

from . import values
from .base import Context
from .values import BadValue

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("订单号", "订单编号", "订单id", "交易号", "orderid", "orderno", "ordernumber", "order"),
    "id": ("买家id", "用户id", "客户id", "会员id", "账号id", "账号", "buyerid", "userid", "accountid", "customerid", "account"),
    "name": ("买家昵称", "买家会员名", "用户昵称", "客户昵称", "昵称", "买家", "buyer", "buyername", "nickname", "username"),
    "platform": ("平台", "platform"),
    "time": ("付款时间", "支付时间", "下单时间", "成交时间", "购买时间", "订单创建时间", "时间", "日期", "paidat", "paytime",
             "orderedat", "time", "date"),
    "amount": ("实付金额", "买家实付", "实际支付金额", "支付金额", "订单金额", "成交金额", "金额", "paid", "amount", "total"),
    "currency": ("币种", "货币", "currency"),
    "what": ("商品名称", "商品标题", "宝贝标题", "商品", "品类", "what", "product", "item", "title"),
    "status": ("订单状态", "交易状态", "状态", "status", "state"),
}  # fmt: skip
"""What a column means, and what it is called (without blanks and in small letters), the surest first."""
PLATFORMS: Final = {
    "微博": "weibo", "小红书": "xiaohongshu", "抖音": "douyin", "快手": "kuaishou", "知乎": "zhihu", "豆瓣": "douban",
    "b站": "bilibili", "哔哩哔哩": "bilibili", "微信": "wechat_mp",
}  # fmt: skip
SIGNS: Final = {"¥": "CNY", "￥": "CNY", "元": "CNY", "人民币": "CNY", "rmb": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}
MOST: Final = 1e9
_BLANKS: Final = re.compile(r"[\s_\-()（）]+")
_AMOUNT: Final = re.compile(r"([¥￥$€£]?)\s*(-?\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?)\s*(元|rmb)?", re.I)
_BACK: Final = re.compile(r"退款|已退|取消|关闭|refund|cancel|closed", re.I)


@lru_cache(maxsize=64)
def _meaning(columns: tuple[str, ...]) -> dict[str, str]:
    folded = {_BLANKS.sub("", name).lower(): name for name in reversed(columns)}
    return {what: folded[word] for what, words in COLUMNS.items() for word in reversed(words) if word in folded}


def is_purchases(columns: Iterable[str]) -> bool:
    """Whether a table with these columns holds orders: a number of money beside an order's number or a buyer's name."""
    names = {_BLANKS.sub("", name).lower() for name in columns}
    money = names & set(COLUMNS["amount"][:6])
    buyer = names & {"买家id", "买家昵称", "买家会员名", "buyerid", "buyer", "买家"}
    return bool((money or "amount" in names) and (names & set(COLUMNS["order"]) or buyer))


def amount(value: Any) -> tuple[float, str | None]:
    """An amount and its currency, if it is written beside it. Raises BadValue for none, a negative or a huge one."""
    if isinstance(value, bool) or value is None:
        raise BadValue("import.bad_amount", "" if value is None else str(value))
    if isinstance(value, int | float):
        number, sign = float(value), ""
    else:
        found = _AMOUNT.fullmatch(str(value).strip())
        if found is None:
            raise BadValue("import.bad_amount", str(value))
        number, sign = float(re.sub("[,，]", "", found[2])), found[1] or (found[3] or "").lower()
    if not math.isfinite(number) or not 0 <= number <= MOST:
        raise BadValue("import.bad_amount", str(value))
    return number, SIGNS.get(sign)


def map_row(row: Any, context: Context) -> Iterable[Record]:
    """One row to one Purchase. Raises BadValue for a row without a buyer or an amount, and for an order taken back."""
    if not isinstance(row, dict):
        raise BadValue("import.bad_row")
    means = _meaning(tuple(str(name) for name in row))

    def cell(what: str) -> Any:
        return row.get(means.get(what, "\0"))

    if _BACK.search(str(cell("status") or "")):
        raise BadValue("import.not_bought", str(cell("status")))
    native_id, name = values.ident(cell("id")), values.name(cell("name"))
    if native_id is None:
        if name is None:
            raise BadValue("import.no_id")
        native_id = f"name:{name}"
    paid, currency = amount(cell("amount"))
    said = values.name(cell("currency"))
    if said:
        currency = SIGNS.get(said.lower(), said.upper()[:8])
    when = values.when(cell("time")) if cell("time") not in (None, "") else None
    what = values.text(cell("what"))[:200] or None
    platform = values.name(cell("platform")) or ""
    order = values.ident(cell("order"))
    if order is None:
        words = (platform, native_id, when and when[0], paid, currency, what)
        order = "sha:" + hashlib.sha256(repr(words).encode()).hexdigest()[:24]
    who = Account(PLATFORMS.get(platform.lower(), platform), native_id, name=name)
    return (Purchase(who, paid, order, None if when is None else when[0], currency or "CNY", what),)
