"""placeholder"""

from typing import Any


def lines(*a: Any) -> list[Any]:
    return []
