"""The one place that sends something: a question to the language model that the user connected, nothing else.

``collectors.http`` only reads, and must; a model is asked with POST, so this is apart from it. The rules are the
same ones: addresses are checked as text and again as what they resolve to, the connection goes to the address that
was checked, nothing is followed to another origin, answers are capped unpacked, proxies of the environment are
ignored. The key is bound to the endpoint's origin and never shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from collectors.address import Address, Resolver, checked, parse, resolve
from collectors.wire import Again, guarded, read_body, tls_context, tls_refusal
from xunke.errors import BrokenAnswer, CollectorError, XunkeError
from xunke.secrets import MASK, mask
from xunke.text import one_line

from .settings import Settings, is_own

if TYPE_CHECKING:
    import httpcore

MOST: Final = 1 << 20
"""Bytes of an unpacked answer; a plan has a few thousand."""
_HOPS: Final = 3
_CONNECT: Final = 5.0


class Failure(XunkeError):
    """The model gave no plan; the offline parser's is used. The key says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: ``data`` is its JSON, None if it is none. ``said``: what an error says, without the key."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: Any = field(repr=False)
    said: str = ""


class Endpoint:
    """Asks one model's endpoint. Use as ``async with Endpoint(settings, key) as model``. Raises Failure."""

    def __init__(self, settings: Settings, key: str | None, *, resolver: Resolver = resolve) -> None:
        self._settings, self._key = settings, key
        self._base = parse(settings.endpoint)
        self._at_home = settings.local_only or self._base.scheme == "http"
        self._resolver = self._private if self._at_home else resolver
        self._resolve = resolver
        self._pool: httpcore.AsyncConnectionPool | None = None

    @property
    def host(self) -> str:
        """Whom the user connected, for messages."""
        return self._base.host

    async def __aenter__(self) -> Self:
        for name in ("httpx", "httpcore"):  # at INFO they print URLs, at DEBUG headers
            logging.getLogger(name).setLevel(logging.WARNING)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def chat(self, payload: Mapping[str, Any]) -> Reply:
        """POST to ``/chat/completions``."""
        return await self._ask("POST", "/chat/completions", msgspec.json.encode(payload))

    async def models(self) -> Reply:
        """GET ``/models``."""
        return await self._ask("GET", "/models", b"")

    async def _ask(self, method: str, path: str, body: bytes) -> Reply:
        address = Address(self._base.scheme, self._base.host, self._base.port, self._base.target.rstrip("/") + path)
        if self._at_home and not is_own(address.host):
            raise Failure("llm.not_local", host=address.host)
        for _ in range(_HOPS + 1):
            status, headers, content = await self._exchange(method, address, body)
            location = headers.get("location")
            if status not in (301, 302, 303, 307, 308) or not location:
                return self._reply(status, headers, content)
            try:
                target = parse(location, base=address)
            except CollectorError:
                raise Failure("llm.redirect", host=self.host) from None
            if target.origin != address.origin or status not in (307, 308):
                break  # the question and the key are for the endpoint that the user named
            address = target
        raise Failure("llm.redirect", host=self.host)

    async def _exchange(self, method: str, address: Address, body: bytes) -> tuple[int, dict[str, str], bytes]:
        import httpcore
        import httpx

        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "Xunke"}
        if body:
            headers["Content-Type"] = "application/json"
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        patience = self._settings.deadline
        request = httpx.Request(method, str(address), headers=headers, content=body or None, extensions={
            "timeout": {"connect": min(_CONNECT, patience), "read": patience, "write": patience, "pool": patience}
        })  # fmt: skip
        try:
            answer = await (await self._connections()).handle_async_request(httpcore.Request(
                method.encode(), str(request.url), headers=request.headers.raw, content=body or None,
                extensions=request.extensions,
            ))  # fmt: skip
            try:
                found = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
                return answer.status, found, await read_body(answer.aiter_stream(), found, address, MOST)
            finally:
                await answer.aclose()
        except (httpcore.TimeoutException, TimeoutError):
            raise Failure("llm.silent", host=self.host, seconds=round(patience)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            if (refusal := tls_refusal(error, address)) is not None:
                raise Failure(refusal.key, **refusal.params) from None
            cut = isinstance(error, httpcore.RemoteProtocolError | httpcore.ReadError)
            raise Failure("llm.cut" if cut else "llm.no_connection", host=self.host) from None
        except Again as again:
            raise Failure("llm.cut", host=self.host) from again
        except BrokenAnswer as error:
            raise Failure(
                "llm.broken" if error.key == "net.coding" else error.key, host=self.host, **error.params
            ) from None
        except CollectorError as error:
            raise Failure(error.key, **error.params) from None

    async def _connections(self) -> httpcore.AsyncConnectionPool:
        import httpcore

        if self._pool is None:
            context = await asyncio.to_thread(tls_context)
            backend = guarded(self._settings.own, self._resolver)
            self._pool = httpcore.AsyncConnectionPool(ssl_context=context, max_connections=2, network_backend=backend)
        return self._pool

    async def _private(self, host: str, port: int) -> list[str]:
        """Resolve a host of the user's own network: a public address behind such a name is refused."""
        found = await checked(host, port, own=True, resolver=self._resolve)
        if not all(is_own(address) for address in found):
            raise Failure("llm.not_local", host=host)
        return found

    def _reply(self, status: int, headers: Mapping[str, str], content: bytes) -> Reply:
        try:
            data = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError):
            data = None
        return Reply(status, headers, data, self._said(data, content))

    def _said(self, data: Any, content: bytes) -> str:
        """What an error says, in a line: JSON's ``error`` or ``message``, a plain text, nothing of HTML."""
        found: Any = ""
        if isinstance(data, Mapping):
            found = data.get("error") or data.get("message") or data.get("detail") or data.get("code") or ""
            if isinstance(found, Mapping):
                found = found.get("message") or found.get("code") or ""
            if not isinstance(found, str):
                found = msgspec.json.encode(found).decode()
        elif data is None and content.lstrip()[:1] != b"<":
            found = content[:400].decode("utf-8", "replace")
        text = found.replace(self._key, MASK) if self._key else str(found)
        return one_line(mask(text), 160)
