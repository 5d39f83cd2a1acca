"""The one transport: every byte that Xunke reads from the network comes through here, and it only reads.

Measured reasons for what is done by hand (httpx 0.28): its redirects pass foreign headers and cookies on, its
timeouts bound one read and not the whole, its decoder unpacks a bomb whole, its logger prints full URLs.

Proxies: those of the environment are ignored, because a proxy resolves names itself and so undoes the check of
the resolved address. A proxy that the user names (``proxy=``) is used for public hosts; then literal addresses
are still checked, names are the proxy's affair. The user's own network is always asked directly.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from xunke.errors import BadInput, BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.text import one_line

from . import pacing
from .address import Address, Resolver, checked, origin_of, parse, resolve
from .wire import MEGABYTE, Again, guarded, read_body, tls_context, tls_refusal

if TYPE_CHECKING:
    import httpcore

T = TypeVar("T")
OnWait = Callable[[float, str], None]
Params = Mapping[str, object] | list[tuple[str, object]]

USER_AGENT: Final = "Xunke/0.1 (+audience research; contact set by user)"
_HOPS: Final = 5
_TRIES: Final = 3
_THROTTLES: Final = 8
_LONGEST_BLOCK: Final = 3_600.0
_TELL: Final = 2.0  # shorter waits are not worth a word
_LOGIN: Final = re.compile(r"log.?in|logged|sign.?in|authenticat|authoriz|token|identity|session|登录|登陆", re.I)
_CAPTCHA: Final = re.compile(
    rb"captcha|challenge|just a moment|are you human|verify you are|\xe9\xaa\x8c\xe8\xaf\x81", re.I
)
_LOGIN_PAGE: Final = re.compile(rb"type=.?password|passport|/login|sign.?in|\xe7\x99\xbb\xe5\xbd\x95", re.I)
_LONE_SURROGATE: Final = re.compile(
    rb"(\\\\)|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A whole, good answer. ``headers`` have lower-case names; ``url`` is where it came from in the end;
    ``fetched`` is when, in UTC epoch seconds."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: T = field(repr=False)
    url: str = field(repr=False)
    fetched: int = 0


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Headers that only the origin they were given for may see."""

    origin: str
    headers: Mapping[str, str] = field(repr=False)

    def redact(self, text: str) -> str:
        for value in self.headers.values():
            for part in (value, value.partition(" ")[2]):
                if len(part) > 3:
                    text = text.replace(part, "***")
        return text


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    address: Address


class Transport:
    """Reads over https, politely, for one run. Use as ``async with Transport(...) as http``.

    ``instance``: the server the user named. Two privileges belong to exactly its origin: ``allow_private`` (the
    user's own network: http, loopback and private addresses) and ``ca_file`` (PEM, in addition to the public
    authorities). ``deadline``: seconds for one request with its redirects and retries, waits not counted.
    ``max_wait``: seconds that one request may wait for a rate limit before ``Retry`` parks the job.
    ``pace``: seconds between two requests to a public host, over all processes. ``on_wait(seconds, reason)`` is
    told of longer waits; reasons are message keys. ``sleep``, ``now``, ``rng``, ``resolver`` are for tests.
    """

    def __init__(
        self,
        instance: str | None = None,
        *,
        allow_private: bool = False,
        ca_file: str | Path | None = None,
        proxy: str | None = None,
        deadline: float = 30.0,
        max_bytes: int = 32 * MEGABYTE,
        max_wait: float = 310.0,
        pace: float = 1.0,
        user_agent: str = USER_AGENT,
        on_wait: OnWait | None = None,
        cache_dir: Path | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self.instance = origin_of(instance) if instance else None
        self._own = self.instance if allow_private else None
        self._ca_file, self._proxy = ca_file, _proxy(proxy)
        self._deadline, self._max_bytes, self._max_wait, self._pace = deadline, max_bytes, max_wait, pace
        self._agent, self._on_wait = one_line(user_agent, 200), on_wait
        self._folder = cache_dir or pacing.cache_folder()
        self._sleep, self._now, self._rng, self._resolver = sleep, now, rng or random.Random(), resolver
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}
        self._budgets: dict[str, pacing.Budget] = {}
        self.requests = 0

    async def __aenter__(self) -> Self:
        for name in ("httpx", "httpcore"):  # at INFO they print URLs, at DEBUG headers
            logging.getLogger(name).setLevel(logging.WARNING)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Close all connections; the next request opens new ones."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()

    async def get_json(
        self,
        url: str,
        params: Params | None = None,
        token: str | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: type | tuple[type, ...] = (dict, list),
    ) -> Answer[Any]:
        """GET ``url`` and read its JSON, which must be of the type ``expect``.

        ``token`` goes as ``Authorization: Bearer``; it, ``cookie`` and ``headers`` are bound to the origin of
        ``instance`` (else of ``url``). Raises Retry, NeedsLogin, Blocked, BadQuery, Gone or BrokenAnswer.
        """

        def read(reply: _Reply) -> Any:
            data = _json(reply)
            if not isinstance(data, expect):
                raise BrokenAnswer("net.shape", url=reply.address.shown)
            if isinstance(data, dict) and data.get("error") and isinstance(data["error"], str | dict):
                raise _told(data, reply.address)
            return data

        return await self._get(url, params, token, cookie, headers, "application/json", read)

    async def get_bytes(
        self,
        url: str,
        params: Params | None = None,
        token: str | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
    ) -> Answer[bytes]:
        """GET ``url`` as it is, for feeds and pages. Raises as ``get_json``."""

        def read(reply: _Reply) -> bytes:
            if not reply.body.strip():
                raise BrokenAnswer("net.empty", url=reply.address.shown)
            return reply.body

        return await self._get(url, params, token, cookie, headers, accept, read)

    async def _get(
        self,
        url: str,
        params: Params | None,
        token: str | None,
        cookie: str | None,
        headers: Mapping[str, str] | None,
        accept: str,
        read: Callable[[_Reply], T],
    ) -> Answer[T]:
        address = parse(url, params)
        private = {k: v for k, v in (headers or {}).items() if k.lower() != "host"}
        if token:
            private["Authorization"] = f"Bearer {token}"
        if cookie:
            private["Cookie"] = cookie
        if any(not v.isascii() or re.search(r"[\x00-\x1f\x7f]", v) for v in private.values()):
            raise BadInput("net.bad_secret")
        secrets = _Secrets((self.instance or address).origin, private)
        left, waited, throttled, failed = self._deadline, 0.0, 0, 0
        while True:
            waited += await self._wait_turn(address, waited)
            started = time.monotonic()
            try:
                async with asyncio.timeout(left):
                    reply = await self._follow(address, secrets, accept)
                    wait = self._throttle(reply, throttled)
                    if wait is None:
                        self._judge(reply, secrets)
                        data = read(reply)
                        await self._note_limit(reply)
                        return Answer(reply.status, reply.headers, data, str(reply.address), int(self._now()))
            except TimeoutError:
                raise Retry("net.timeout", 300, url=address.shown, seconds=round(self._deadline)) from None
            except Again as again:
                failed += 1
                left -= time.monotonic() - started
                await self._hang_up()  # what a broken answer left in a connection must not begin the next one
                if failed >= _TRIES or left <= 0:
                    raise again.error from None
                await self._sleep(0.5 * 2**failed * self._rng.uniform(0.5, 1.0))
                continue
            throttled += 1
            if throttled > _THROTTLES or waited + wait > self._max_wait:  # too long to hold other runs up for it
                raise Retry("net.limited", wait, host=reply.address.host)
            await self._budget(reply.address).block(wait)

    # ------------------------------------------------------------------ pacing

    def _budget(self, address: Address) -> pacing.Budget:
        found = self._budgets.get(address.origin)
        if found is None:
            interval = 0.0 if self._is_own(address) else self._pace
            found = pacing.Budget(address.origin, self._folder, interval=interval, now=self._now)
            self._budgets[address.origin] = found
        return found

    async def _wait_turn(self, address: Address, waited: float) -> float:
        """Wait for this host's budget; returns seconds waited. Retry when the server's limit lasts too long."""
        total = 0.0
        while True:
            seconds, why = await self._budget(address).take()
            limited = why == "limit"
            if limited and waited + total + seconds > self._max_wait:
                raise Retry("net.limited", seconds, host=address.host)
            if seconds >= _TELL and self._on_wait:
                self._on_wait(seconds, f"net.wait_{why}")
            if seconds > 0:
                await self._sleep(seconds)
                total += seconds
            if not limited:
                return total

    def _throttle(self, reply: _Reply, before: int) -> float | None:
        """Seconds to wait if the server says that it is asked too much (429, or 503 with Retry-After)."""
        now = self._now()
        told = pacing.retry_after(reply.headers, now)
        if reply.status == 429:
            if told is None:
                told = pacing.reset_after(reply.headers, now)
            return max(told, 1.0) if told is not None else min(5.0 * 2**before, 300.0)
        return max(told, 1.0) if reply.status == 503 and told is not None else None

    async def _note_limit(self, reply: _Reply) -> None:
        """A used-up window is waited for before the next request, not run into."""
        if pacing.remaining(reply.headers) == 0:
            seconds = pacing.reset_after(reply.headers, self._now())
            if seconds:
                await self._budget(reply.address).block(min(seconds, _LONGEST_BLOCK))

    # ------------------------------------------------------------------ one exchange

    def _is_own(self, address: Address) -> bool:
        return self._own is not None and address.origin == self._own.origin

    async def _follow(self, start: Address, secrets: _Secrets, accept: str) -> _Reply:
        """One answer, redirects followed by hand: each hop checked, at most five, never from https to http."""
        address = start
        for hop in range(_HOPS + 1):
            if hop and address.origin != start.origin:
                await self._wait_turn(address, 0.0)
            self._admit(address, start)
            reply = await self._exchange(address, secrets, accept)
            location = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not location:
                return reply
            target = parse(location, base=address)
            if address.scheme == "https" and target.scheme == "http":
                raise Blocked("net.downgrade", url=target.shown)
            address = target
        raise Blocked("net.redirects", url=start.shown, count=_HOPS)

    def _admit(self, address: Address, start: Address) -> None:
        """What can be refused before a name is resolved. A redirect never leads *into* the own network."""
        own = self._is_own(address)
        if address.scheme != "https" and not own:
            raise Blocked("net.http", host=address.host)
        if own and not self._is_own(start):
            raise Blocked("net.private", host=address.host, address=address.host)

    async def _exchange(self, address: Address, secrets: _Secrets, accept: str) -> _Reply:
        import httpcore
        import httpx

        headers = {"User-Agent": self._agent, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if address.origin == secrets.origin:
            headers.update(secrets.headers)
        request = httpx.Request("GET", str(address), headers=headers, extensions={
            "timeout": {"connect": min(10.0, self._deadline), "read": self._deadline, "write": 10.0, "pool": 10.0}
        })  # fmt: skip
        self.requests += 1
        try:
            if self._proxied(address):  # the proxy resolves names; a literal address is checked here
                await checked(address.host, address.port, own=False, resolver=_only_literals)
            answer = await (await self._pool(address)).handle_async_request(httpcore.Request(
                b"GET", str(request.url), headers=request.headers.raw, extensions=request.extensions
            ))  # fmt: skip
            try:
                found = pacing.headers_of((k.decode("latin-1"), v.decode("latin-1")) for k, v in answer.headers)
                body = await read_body(answer.aiter_stream(), found, address, self._max_bytes)
            finally:
                await answer.aclose()
        except httpcore.TimeoutException:
            raise Again(Retry("net.timeout", 300, url=address.shown, seconds=round(self._deadline))) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
            if (refusal := tls_refusal(error, address)) is not None:
                raise refusal from None
            kind = "net.cut" if isinstance(error, httpcore.RemoteProtocolError) else "net.no_connection"
            raise Again(Retry(kind, 300, host=address.host)) from None
        return _Reply(answer.status, found, body, address)

    def _proxied(self, address: Address) -> bool:
        return bool(self._proxy) and not self._is_own(address)

    async def _pool(self, address: Address) -> httpcore.AsyncConnectionPool:
        """The connections for this address: those of the instance apart (own authority, own network)."""
        at_home = self.instance is not None and address.origin == self.instance.origin
        name = ("own" if self._is_own(address) else "proxy" if self._proxy else "open") + ("+" if at_home else "")
        if name not in self._pools:
            self._pools[name] = await asyncio.to_thread(self._make_pool, name)
        return self._pools[name]

    def _make_pool(self, name: str) -> httpcore.AsyncConnectionPool:
        import httpcore

        context = tls_context(self._ca_file if name.endswith("+") else None)
        if name.startswith("proxy"):
            return httpcore.AsyncHTTPProxy(str(self._proxy), ssl_context=context)
        backend = guarded(name.startswith("own"), self._resolver)
        return httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=8, keepalive_expiry=30, network_backend=backend
        )

    # ------------------------------------------------------------------ what an answer means

    def _judge(self, reply: _Reply, secrets: _Secrets) -> None:
        """Name a bad answer by what to do. Bodies may be JSON, HTML or nothing."""
        status, where = reply.status, reply.address.shown
        if status == 200:
            return
        said = secrets.redact(_message(reply.body))
        head = reply.body[:65_536]
        if reply.headers.get("cf-mitigated") == "challenge" or (
            status in (403, 429, 503) and head.lstrip()[:1] == b"<" and _CAPTCHA.search(head)
        ):
            raise Blocked("net.captcha", host=reply.address.host)
        if status == 401 or (status in (400, 403, 422) and said and _LOGIN.search(said)):
            raise NeedsLogin("net.needs_login", host=reply.address.host, status=status, said=said)
        if status in (404, 410):
            raise Gone("net.gone", url=where, status=status)
        if status in (403, 407, 412, 418, 451):
            raise Blocked("net.refused", host=reply.address.host, status=status, said=said)
        if status in (408, 425) or status >= 500:
            raise Again(Retry("net.server", 300, host=reply.address.host, status=status))
        if 400 <= status < 500:
            raise BadQuery("net.bad_query", url=where, status=status, said=said)
        raise BrokenAnswer("net.status", url=where, status=status)


def _proxy(url: str | None) -> str | None:
    """The user's proxy, which may hold a password: checked here, never shown. Raises BadInput."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 0) >= 0
    except ValueError:
        good = False
    if not good:
        raise BadInput("net.proxy")
    return url


async def _only_literals(host: str, port: int) -> list[str]:
    return ["1.1.1.1"]  # stands for "a name": any public address passes the check


def _message(body: bytes) -> str:
    """What an error body says, for people: the ``error`` of JSON, nothing of HTML."""
    if body.lstrip()[:1] == b"<":
        return ""
    try:
        data = msgspec.json.decode(body[:65_536])
    except (ValueError, RecursionError):
        return one_line(body[:400].decode("utf-8", "replace"), 160)
    if isinstance(data, dict):
        found = data.get("error") or data.get("error_description") or data.get("message") or data.get("detail")
        if isinstance(found, dict):
            found = found.get("message")
        return one_line(found, 160) if isinstance(found, str) else ""
    return ""


def _told(data: Mapping[str, Any], where: Address) -> CollectorError:
    """An error inside a 200."""
    said = _message(msgspec.json.encode(data))
    kind = NeedsLogin if said and _LOGIN.search(said) else BrokenAnswer
    return kind("net.error_inside", url=where.shown, said=said)


def _json(reply: _Reply) -> Any:
    """The JSON of a 200. Half a document is fetched again; another kind of document is named."""
    body, where = reply.body.removeprefix(b"\xef\xbb\xbf"), reply.address.shown
    start = body.lstrip()[:1]
    if not start:
        raise BrokenAnswer("net.empty", url=where)
    if start == b"<":
        head = body[: 4 * 65_536]
        if _CAPTCHA.search(head):
            raise Blocked("net.captcha", host=reply.address.host)
        if _LOGIN_PAGE.search(head):
            raise NeedsLogin("net.login_page", host=reply.address.host)
        raise BrokenAnswer("net.html", url=where)
    try:
        try:
            data = msgspec.json.decode(body)
        except UnicodeDecodeError:
            data = msgspec.json.decode(body.decode("utf-8", "replace"))
        except msgspec.DecodeError:  # a lone surrogate, written as an escape, becomes U+FFFD
            data = msgspec.json.decode(_LONE_SURROGATE.sub(lambda m: m[0] if m[1] or m[2] else rb"\ufffd", body))
    except RecursionError:
        raise BrokenAnswer("net.too_deep", url=where) from None
    except msgspec.ValidationError:
        raise BrokenAnswer("net.bad_json", url=where) from None
    except ValueError:
        raise Again(BrokenAnswer("net.bad_json", url=where)) from None
    if data is None:
        raise BrokenAnswer("net.null", url=where)
    return data
