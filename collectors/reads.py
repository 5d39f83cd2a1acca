"""The POSTs that read, and no others: some platforms ask for their lists, and for a session, by POST.

This is the only file of the collectors that knows the word (``tests/house`` proves it). A path must be here in full,
letter for letter; nothing that writes, follows, likes or sends may ever be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xunke.errors import Blocked

from .address import Address

_MISSKEY: Final = {
    "notes": ("search-by-tag", "search", "show", "children", "replies", "conversation", "renotes", "reactions"),
    "channels": ("search", "featured", "show", "timeline"),
    "hashtags": ("users", "show", "search", "trend"),
    "users": ("show", "search", "notes", "followers", "following"),
}
_FACTS: Final = ("meta", "stats", "i")  # of the server; ``i`` is who the token's owner is
_ATPROTO: Final = ("com.atproto.server.createSession", "com.atproto.server.refreshSession")

PATHS: Final[Mapping[str, str | None]] = {
    **{f"/api/{area}/{name}": None for area, names in _MISSKEY.items() for name in names},
    **{f"/api/{name}": None for name in _FACTS},
    **{f"/xrpc/{method}": None for method in _ATPROTO},  # a session of the user's own
    "/api/v1/access_token": "www.reddit.com",  # Reddit: a token of the user's own application
}
"""Path → the host that, apart from the user's instance, may see the secrets in such a request."""


def method_for(address: Address) -> bytes:
    """The verb of a POST to ``address``. Raises Blocked unless it is one that reads."""
    if address.target not in PATHS:
        raise Blocked("net.not_a_read", url=address.shown)
    return b"POST"


def bound(address: Address, instance: Address | None) -> bool:
    """Whether what a POST carries may go to ``address``: the user's instance, or the one host the table names."""
    return instance is None or address.origin == instance.origin or address.origin == f"https://{PATHS[address.target]}"
