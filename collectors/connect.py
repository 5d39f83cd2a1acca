"""Connections: whom they may lead to, how they are kept, and the names of what breaks on them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from xunke.errors import BadInput, Retry

from . import pacing
from .address import Address, Resolver, checked
from .wire import Again, guarded, tls_context, tls_refusal

if TYPE_CHECKING:
    import httpcore


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it goes out. ``patience``: seconds until the first byte and between two; ``own``: to the user's
    own network."""

    method: bytes
    address: Address
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    patience: float
    own: bool


class Connections:
    """The open connections of one run. ``home``: the origin that ``ca_file`` is for; ``proxy``: for public hosts."""

    def __init__(
        self, home: str | None, *, ca_file: str | Path | None, proxy: str | None, resolver: Resolver, patience: float
    ) -> None:
        self._home, self._ca_file, self._proxy, self._resolver = home, ca_file, _good(proxy), resolver
        self._connect = min(10.0, patience)
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def close(self) -> None:
        """Close all; the next request opens new ones."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()

    async def pool(self, address: Address, own: bool) -> httpcore.AsyncConnectionPool:
        """The connections for this address: those of the instance apart (own authority, own network)."""
        kind = "own" if own else "proxy" if self._proxy else "open"
        name = kind + ("+" if address.origin == self._home else "")
        if name not in self._pools:
            self._pools[name] = await asyncio.to_thread(self._make, name)
        return self._pools[name]

    def _make(self, name: str) -> httpcore.AsyncConnectionPool:
        import httpcore

        context = tls_context(self._ca_file if name.endswith("+") else None)
        if name.startswith("proxy"):
            return httpcore.AsyncHTTPProxy(str(self._proxy), ssl_context=context)
        backend = guarded(name.startswith("own"), self._resolver)
        return httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=8, keepalive_expiry=30, network_backend=backend
        )

    @contextlib.asynccontextmanager
    async def send(self, sent: Sent) -> AsyncIterator[tuple[int, dict[str, str], AsyncIterator[bytes]]]:
        """Status, headers (lower-case names), and the body's bytes as they come, while it is open.

        Raises Blocked for an address or certificate that does not hold, and Again for what may heal.
        """
        import httpcore

        address, patience = sent.address, sent.patience
        scheme, host, target = address.scheme.encode(), address.host.encode(), address.target.encode()
        request = httpcore.Request(
            sent.method,
            httpcore.URL(scheme=scheme, host=host, port=address.port, target=target),
            headers=[(name.encode(), value.encode()) for name, value in sent.headers.items()],
            content=sent.content or None,
            extensions={"timeout": {"connect": self._connect, "read": patience, "write": 10.0, "pool": 10.0}},
        )
        try:
            if self._proxy and not sent.own:  # the proxy resolves names; a literal address is checked here
                await checked(address.host, address.port, own=False, resolver=_only_literals)
            answer = await (await self.pool(address, sent.own)).handle_async_request(request)
            try:
                found = pacing.headers_of((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers)
                yield answer.status, found, answer.aiter_stream()
            finally:
                await answer.aclose()
        except httpcore.TimeoutException:
            raise Again(Retry("net.timeout", 300, url=address.shown, seconds=round(patience))) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
            if (refusal := tls_refusal(error, address)) is not None:
                raise refusal from None
            kind = "net.cut" if isinstance(error, httpcore.RemoteProtocolError) else "net.no_connection"
            raise Again(Retry(kind, 300, host=address.host)) from None


def _good(proxy: str | None) -> str | None:
    """The user's proxy, which may hold a password: checked here, never shown. Raises BadInput."""
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 0) >= 0
    except ValueError:
        good = False
    if not good:
        raise BadInput("net.proxy")
    return proxy


async def _only_literals(host: str, port: int) -> list[str]:
    return ["1.1.1.1"]  # stands for "a name": any public address passes the check
