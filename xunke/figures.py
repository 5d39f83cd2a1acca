"""Numbers as a reader writes them: shares as percent, money in yuan."""

from __future__ import annotations

from typing import overload


def points(gap: float) -> str:
    """A difference of two shares in percentage points, without the unit: 0.03 → +3."""
    return f"{100 * gap:+.1f}".removesuffix(".0")


@overload
def percent(share: float) -> str: ...
@overload
def percent(share: float | None) -> str | None: ...
def percent(share: float | None) -> str | None:
    """A share (0 to 1) as percent: 5.8%, 60%; None for None."""
    return None if share is None else f"{100 * share:.1f}".removesuffix(".0") + "%"


def yuan(value: float | None) -> str:
    """1234.5 → ¥1,234.50; a dash for None."""
    return "—" if value is None else ("-" if value < 0 else "") + f"¥{abs(value):,.2f}".removesuffix(".00")


def plain(value: float | None) -> str:
    """1234.0 → 1,234; a dash for None."""
    return "—" if value is None else f"{value:,.1f}".removesuffix(".0")
