"""For the tests of collectors, ours and third parties': the contract that each must keep, and a server that answers as
a test says. Nothing of Xunke imports this; it needs pytest and pytest-asyncio (``asyncio_mode = "auto"``).

    from collectors.testing import CollectorContract, Reply
"""

import pytest

pytest.register_assert_rewrite("collectors.testing.contract")

from .contract import HOSTILE, CollectorContract, pages, transport  # noqa: E402 - asserts are told in full
from .server import SILENCE, App, Asked, Reply, Scripted, scripted  # noqa: E402

__all__ = [
    "HOSTILE", "SILENCE", "App", "Asked", "CollectorContract", "Reply", "Scripted", "pages", "scripted", "transport",
]  # fmt: skip
