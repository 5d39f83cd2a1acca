"""The one transport: every byte that Xunke reads from the network comes through here, and it only reads.

Measured reasons for what is done by hand (httpx 0.28): its redirects pass foreign headers and cookies on, its
timeouts bound one read and not the whole, its decoder unpacks a bomb whole, its logger prints full URLs.

Proxies: those of the environment are ignored, because a proxy resolves names itself and so undoes the check of
the resolved address. A proxy that the user names (``proxy=``) is used for public hosts; then literal addresses
are still checked, names are the proxy's affair. The user's own network is always asked directly.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.text import one_line

from . import answers, pacing, pages, reads, robots
from .address import Address, Resolver, origin_of, parse, resolve
from .answers import Judge, Reply
from .connect import Connections, Sent
from .sealed import Sealed, seal
from .sse import Events, ServerEvent, TooBig
from .wire import MEGABYTE, Again, read_body

__all__ = ["USER_AGENT", "Answer", "Judge", "Params", "Reply", "ServerEvent", "Transport"]

T = TypeVar("T")
OnWait = Callable[[float, str], None]
Params = Mapping[str, object] | list[tuple[str, object]]

USER_AGENT: Final = "Xunke/0.1 (+audience research; contact set by user)"
_JSON: Final = "application/json"
_PAGE: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_HOPS: Final = 5
_TRIES: Final = 3
_THROTTLES: Final = 8
_LONGEST_BLOCK: Final = 3_600.0
_CRAWL_DELAY: Final = 30.0
"""Seconds: a longer Crawl-delay is obeyed so far only."""
_ROBOTS_AGAIN: Final = 3_600.0
_TELL: Final = 2.0  # shorter waits are not worth a word


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A whole, good answer. ``headers`` have lower-case names; ``url`` is where it came from in the end;
    ``fetched`` is when, in UTC epoch seconds."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: T = field(repr=False)
    url: str = field(repr=False)
    fetched: int = 0


@dataclass(slots=True)
class _Stream:
    """Holds a connection that stays open; ``chunks`` are its bytes."""

    stack: contextlib.AsyncExitStack
    chunks: AsyncIterator[bytes] | None = None

    def opened(self, where: Address) -> AsyncIterator[bytes]:
        """Its bytes. Raises BrokenAnswer if what came is no stream of events."""
        if self.chunks is None:
            raise BrokenAnswer("net.not_a_stream", url=where.shown)
        return self.chunks


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request: ``robots``: as a page's robots.txt allows; ``most``: bytes after which the body is cut off."""

    address: Address
    secrets: Sealed
    accept: str
    judge: Judge | None = None
    method: bytes = b"GET"
    content: bytes = field(default=b"", repr=False)
    robots: bool = False
    most: int | None = None
    stream: _Stream | None = None


@dataclass(frozen=True, slots=True)
class _Got:
    """What came back; ``refused``: why its redirect was not followed; ``said``: what the judge made of it already."""

    reply: Reply
    address: Address
    refused: CollectorError | None = None
    said: CollectorError | None = None


class Transport:
    """Reads over https, politely, for one run. Use as ``async with Transport(...) as http``.

    ``instance``: the server the user named. Two privileges belong to exactly its origin: ``allow_private`` (the
    user's own network: http, loopback and private addresses) and ``ca_file`` (PEM, in addition to the public
    authorities). ``deadline``: seconds for one request with its redirects and retries, waits not counted.
    ``max_wait``: seconds that one request may wait for a rate limit before ``Retry`` parks the job.
    ``pace``: least seconds between two requests to a public host, ``quota``: (requests, seconds) that it allows, both
    over all processes; the own network is asked as fast as it answers unless ``pace_own``. ``idle``: seconds of
    silence after which a stream is given up. ``vault``: sessions that must survive the run, secrets all.
    ``on_wait(seconds, reason)`` is told of longer waits; reasons are message keys. ``sleep``, ``now``, ``rng``,
    ``resolver`` are for tests.
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
        quota: tuple[int, int] | None = None,
        pace_own: bool = False,
        idle: float = 90.0,
        user_agent: str = USER_AGENT,
        vault: MutableMapping[str, str] | None = None,
        on_wait: OnWait | None = None,
        cache_dir: Path | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self.instance = origin_of(instance) if instance else None
        self.vault: MutableMapping[str, str] = {} if vault is None else vault
        self._own = self.instance if allow_private else None
        self._deadline, self._max_bytes, self._max_wait, self._idle = deadline, max_bytes, max_wait, idle
        self._pace, self._quota, self._pace_own = pace, quota, pace_own
        self._agent, self._on_wait = one_line(user_agent, 200), on_wait
        self._folder = cache_dir or pacing.cache_folder()
        self._sleep, self._now, self._rng = sleep, now, rng or random.Random()
        home = self.instance.origin if self.instance else None
        self._connections = Connections(home, ca_file=ca_file, proxy=proxy, resolver=resolver, patience=deadline)
        self._budgets: dict[str, pacing.Budget] = {}
        self._robots = robots.Cache(self._folder / "robots", now)
        self._shared: set[str] = set()
        self.requests = 0

    async def __aenter__(self) -> Self:
        for name in ("httpx", "httpcore"):  # at INFO they print URLs, at DEBUG headers
            logging.getLogger(name).setLevel(logging.WARNING)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close()

    def share(self, *hosts: str) -> None:
        """These hosts belong to the same platform as the instance (``api.``, ``app.``): its secrets may go there too,
        over https. For a collector to name in its own code, never from what a server said."""
        self._shared |= {origin_of(host).origin for host in hosts if "://" not in host}

    async def get_json(
        self,
        url: str,
        params: Params | None = None,
        token: str | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: type | tuple[type, ...] = (dict, list),
        judge: Judge | None = None,
    ) -> Answer[Any]:
        """GET ``url`` and read its JSON, which must be of the type ``expect``.

        ``token`` goes as ``Authorization: Bearer``; it, ``cookie`` and ``headers`` are bound to the origin of
        ``instance`` (else of ``url``). ``judge`` reads every answer first. Raises Retry, NeedsLogin, Blocked, BadQuery,
        Gone or BrokenAnswer.
        """
        ask = self._asking(url, params, token, cookie, headers, _JSON, judge)
        return await self._get(ask, lambda reply, where: answers.json_of(reply, where, expect))

    async def post_json(
        self,
        url: str,
        body: Any = None,
        *,
        form: Mapping[str, str] | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        expect: type | tuple[type, ...] = (dict, list),
        judge: Judge | None = None,
    ) -> Answer[Any]:
        """Read by one of the POSTs of ``collectors.reads``, and by no other: Blocked for everything else.

        ``body`` goes as JSON, ``form`` as a form; neither: a POST without a body. ``basic``: user and password. The
        whole request is bound to the instance (or the host that the table names) and no redirect of it is followed.
        Otherwise as ``get_json``.
        """
        address = parse(url)
        method = reads.method_for(address)
        if not reads.bound(address, self.instance):
            raise Blocked("net.other_origin", host=address.host)
        content, kind = b"", ""
        if form is not None:
            content, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            content, kind = msgspec.json.encode(body), "application/json"
        headers = {**(headers or {}), **({"content-type": kind} if kind else {})}
        secrets = seal(address.origin, token=token, headers=headers, basic=basic, sent=(body, form))
        ask = _Ask(address, secrets, _JSON, judge, method, content)
        return await self._get(ask, lambda reply, where: answers.json_of(reply, where, expect))

    async def get_bytes(
        self,
        url: str,
        params: Params | None = None,
        token: str | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        judge: Judge | None = None,
    ) -> Answer[bytes]:
        """GET ``url`` as it is, for feeds. A captcha or login page in its place is named. Raises as ``get_json``."""
        ask = self._asking(url, params, token, cookie, headers, accept, judge)

        def read(reply: Reply, where: Address) -> bytes:
            _not_empty(reply, where)
            if pages.is_page(reply.body):
                pages.refuse_wall(pages.text_of(reply.body, reply.headers.get("content-type", "")), where, ask.address)
            return reply.body

        return await self._get(ask, read)

    async def get_page(
        self,
        url: str,
        params: Params | None = None,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        judge: Judge | None = None,
    ) -> Answer[str]:
        """GET a page for people, as its robots.txt allows, in its letters. Raises as ``get_json``."""
        ask = self._asking(url, params, None, cookie, headers, _PAGE, judge, robots=True)
        await self._ask_robots(ask.address)  # apart from the page: its waits have their own deadline

        def read(reply: Reply, where: Address) -> str:
            _not_empty(reply, where)
            text = pages.text_of(reply.body, reply.headers.get("content-type", ""))
            if pages.is_page(reply.body):
                pages.refuse_wall(text, where, ask.address)
            return text

        return await self._get(ask, read)

    async def events(
        self,
        url: str,
        params: Params | None = None,
        token: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        judge: Judge | None = None,
    ) -> AsyncIterator[ServerEvent]:
        """Listen to a stream of server-sent events until the server ends it. Raises as ``get_json``; Retry when it
        breaks off or nothing comes for ``idle`` seconds (servers send a heartbeat), BrokenAnswer for a huge event."""
        reader = Events(MEGABYTE)
        try:
            async with contextlib.AsyncExitStack() as stack:
                stream = _Stream(stack)
                ask = self._asking(url, params, token, None, headers, "text/event-stream", judge, stream=stream)
                chunks = (await self._get(ask, lambda _, where: stream.opened(where))).data
                while (chunk := await self._next(chunks, ask.address)) is not None:
                    for event in reader.feed(chunk):
                        yield event
        except Again as again:
            raise again.error from None
        except TooBig:
            raise BrokenAnswer("net.too_big", url=parse(url).shown, megabytes=1) from None

    async def _next(self, chunks: AsyncIterator[bytes], where: Address) -> bytes | None:
        try:
            async with asyncio.timeout(self._idle):
                return await anext(chunks, None)
        except TimeoutError:
            raise Retry("net.stream_idle", 5, host=where.host, seconds=round(self._idle)) from None

    def _asking(
        self,
        url: str,
        params: Params | None,
        token: str | None,
        cookie: str | None,
        headers: Mapping[str, str] | None,
        accept: str,
        judge: Judge | None,
        *,
        robots: bool = False,
        stream: _Stream | None = None,
    ) -> _Ask:
        address = parse(url, params)
        sent = parse_qsl(address.target.partition("?")[2])
        secrets = seal((self.instance or address).origin, token=token, cookie=cookie, headers=headers, sent=sent)
        return _Ask(address, secrets, accept, judge, robots=robots, stream=stream)

    async def _get(self, ask: _Ask, read: Callable[[Reply, Address], T]) -> Answer[T]:
        """Ask until there is an answer: limits are waited for, what another try may heal is tried again."""
        left, waited, throttled, failed = self._deadline, 0.0, 0, 0
        while True:
            await self._connections.pool(
                ask.address, self._is_own(ask.address)
            )  # what takes long at first is done before a turn is reserved
            waited += await self._wait_turn(ask.address, waited)
            started = time.monotonic()
            try:
                async with asyncio.timeout(left):
                    got = await self._follow(ask)
                    limit = self._verdict(ask, got, throttled)
                    if limit is None:
                        data = read(got.reply, got.address)
                        await self._note_limit(got)
                        return Answer(got.reply.status, got.reply.headers, data, str(got.address), int(self._now()))
            except TimeoutError:
                raise Retry("net.timeout", 300, url=ask.address.shown, seconds=round(self._deadline)) from None
            except Again as again:
                failed += 1
                left -= time.monotonic() - started
                await self._connections.close()  # what a broken answer left in a connection must not begin the next one
                if failed >= _TRIES or left <= 0:
                    ask.secrets.scrub(again.error)
                    raise again.error from None
                await self._sleep(0.5 * 2**failed * self._rng.uniform(0.5, 1.0))
                continue
            except CollectorError as error:
                ask.secrets.scrub(error)
                raise
            throttled += 1
            await self._budget(got.address).slow()
            if throttled > _THROTTLES or waited + limit.after > self._max_wait:  # too long to hold other runs up for it
                ask.secrets.scrub(limit)
                raise limit
            for origin in {ask.address.origin: ask.address, got.address.origin: got.address}.values():
                await self._budget(origin).block(max(limit.after, 1.0))

    def _verdict(self, ask: _Ask, got: _Got, throttled: int) -> Retry | None:
        """What the answer means: None: it is good; a limit to wait for; everything else is raised."""
        said = got.said or (ask.judge(got.reply) if ask.judge else None)
        if isinstance(said, Retry):
            return said
        if said is not None:
            raise said
        if got.refused is not None:
            raise got.refused
        wait = self._throttle(got.reply, throttled)
        if wait is not None:
            return Retry("net.limited", wait, host=got.address.host)
        answers.check(got.reply, got.address)
        return None

    # ------------------------------------------------------------------ robots

    async def _ask_robots(self, address: Address) -> None:
        """Blocked where the host's robots.txt forbids; its Crawl-delay becomes the host's pace, up to a cap."""
        rules = self._robots.get(address.origin)
        if rules is None:
            rules = await self._read_robots(address)
            self._robots.keep(address.origin, rules)
        if rules.delay is not None:
            budget = self._budget(address)
            budget.interval = max(budget.interval, min(rules.delay, _CRAWL_DELAY))
        if not rules.allows(address.target):
            raise Blocked("net.robots", url=address.shown)

    async def _read_robots(self, address: Address) -> robots.Rules:
        """What RFC 9309 §2.3.1 makes of the answer: a refusal (4xx) or too many redirects allow everything, a server
        that fails or is not reached allows nothing for now."""
        where = Address(address.scheme, address.host, address.port, "/robots.txt")
        ask = _Ask(where, Sealed(""), "text/plain,*/*;q=0.5", most=robots.MOST)
        try:
            return (await self._get(ask, lambda reply, _: robots.parse(reply.body, self._agent))).data
        except (Gone, NeedsLogin, BadQuery):
            return robots.Rules()
        except Blocked as error:
            if error.key not in ("net.refused", "net.captcha", "net.redirects"):
                raise
            return robots.Rules()
        except BrokenAnswer as error:
            if error.key == "net.status":
                return robots.Rules()
            raise Retry("net.robots_unread", _ROBOTS_AGAIN, host=address.host) from None
        except Retry as error:
            if error.key == "net.limited":
                raise
            raise Retry("net.robots_unread", _ROBOTS_AGAIN, host=address.host) from None

    # ------------------------------------------------------------------ pacing

    def _budget(self, address: Address) -> pacing.Budget:
        found = self._budgets.get(address.origin)
        if found is None:
            free = self._is_own(address) and not self._pace_own
            interval, quota = (0.0, None) if free else (self._pace, self._quota)
            found = pacing.Budget(address.origin, self._folder, interval=interval, quota=quota, now=self._now)
            self._budgets[address.origin] = found
        return found

    async def rest(self, url: str, least: float, most: float) -> None:
        """Before the next request to this host a pause more than its pace, anything from ``least`` to ``most`` seconds:
        for a platform that wants to be read as people read. The user's own server needs none."""
        await self._budget(parse(url)).rest(self._rng.uniform(least, most))

    async def _wait_turn(self, address: Address, waited: float) -> float:
        """Wait for this host's budget; returns seconds waited. Retry when the server's limit or the quota lasts too
        long."""
        total = 0.0
        while True:
            seconds, why = await self._budget(address).take()
            held = why != "pace"
            if held and waited + total + seconds > self._max_wait:
                raise Retry("net.limited" if why == "limit" else "net.quota", seconds, host=address.host)
            if seconds >= _TELL and self._on_wait:
                self._on_wait(seconds, f"net.wait_{why}")
            if seconds > 0:
                await self._sleep(seconds)
                total += seconds
            if not held:
                return total

    async def turn(self, url: str, kind: str, quota: tuple[int, int]) -> None:
        """Wait for the turn of a ``kind`` of request for which a host tells a limit of its own, so that all processes
        together stay within ``quota`` (requests, seconds). Raises Retry where that lasts too long."""
        address = parse(url)
        name = f"{address.origin} {kind}"
        if name not in self._budgets:
            self._budgets[name] = pacing.Budget(name, self._folder, interval=0.0, quota=quota, now=self._now)
        while (wait := await self._budgets[name].take())[1] != "pace":
            if wait[0] > self._max_wait:
                raise Retry("net.quota", wait[0], host=address.host)
            if wait[0] >= _TELL and self._on_wait:
                self._on_wait(wait[0], "net.wait_quota")
            await self._sleep(wait[0])

    def _throttle(self, reply: Reply, before: int) -> float | None:
        """Seconds to wait if the server says that it is asked too much (429, or 503 with Retry-After)."""
        now = self._now()
        told = pacing.retry_after(reply.headers, now)
        if reply.status == 429:
            if told is None:
                told = pacing.reset_after(reply.headers, now)
            if told is None and pages.challenged(reply.status, reply.headers, reply.body):
                return None  # a captcha: asking again would make it worse
            return max(told, 1.0) if told is not None else min(5.0 * 2**before, 300.0)
        return max(told, 1.0) if reply.status == 503 and told is not None else None

    async def _note_limit(self, got: _Got) -> None:
        """A used-up window is waited for before the next request, not run into."""
        if pacing.remaining(got.reply.headers) == 0:
            seconds = pacing.reset_after(got.reply.headers, self._now())
            if seconds:
                await self._budget(got.address).block(min(seconds, _LONGEST_BLOCK))

    # ------------------------------------------------------------------ one exchange

    def _at_home(self, origin: str) -> bool:
        return self.instance is not None and origin == self.instance.origin

    def _is_own(self, address: Address) -> bool:
        return self._own is not None and address.origin == self._own.origin

    async def _follow(self, ask: _Ask) -> _Got:
        """One answer, redirects followed by hand: each hop checked, at most five, never from https to http. One that
        may not be followed comes back as it is, with the reason. A POST is never followed."""
        start = address = ask.address
        self._admit(address, start)
        for hop in range(_HOPS + 1):
            if hop and address.origin != start.origin:
                await self._wait_turn(address, 0.0)
            if ask.robots:
                await self._ask_robots(address)
            reply = await self._exchange(ask, address)
            location = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not location:
                return _Got(reply, address)
            if ask.method != b"GET":
                return _Got(reply, address, Blocked("net.redirected", host=address.host))
            try:
                target = parse(location, base=address)
                if address.scheme == "https" and target.scheme == "http":
                    raise Blocked("net.downgrade", url=target.shown)
                self._admit(target, start)
            except CollectorError as refused:
                return _Got(reply, address, refused)
            if hop == _HOPS:
                return _Got(reply, address, Blocked("net.redirects", url=start.shown, count=_HOPS))
            if ask.judge and target.origin != address.origin and (said := ask.judge(reply)) is not None:
                return _Got(reply, address, said=said)  # a login or a wall elsewhere is known by its address
            address = target
        raise AssertionError("unreachable")

    def _admit(self, address: Address, start: Address) -> None:
        """What can be refused before a name is resolved. A redirect never leads *into* the own network."""
        own = self._is_own(address)
        if address.scheme != "https" and not own:
            raise Blocked("net.http", host=address.host)
        if own and not self._is_own(start):
            raise Blocked("net.private", host=address.host, address=address.host)

    async def _exchange(self, ask: _Ask, address: Address) -> Reply:
        started = time.monotonic()
        async with contextlib.AsyncExitStack() as stack:
            self.requests += 1
            sent = self._sent(ask, address)
            status, headers, chunks = await stack.enter_async_context(self._connections.send(sent))
            stays = ask.stream is not None and status == 200 and "event-stream" in headers.get("content-type", "")
            if ask.stream is not None and stays and not headers.get("content-encoding"):
                await ask.stream.stack.enter_async_context(stack.pop_all())
                ask.stream.chunks, body = chunks, b""
            else:
                most = self._max_bytes if ask.most is None else ask.most
                body = await read_body(chunks, headers, address, most, cut=ask.most is not None)
        await self._budget(address).learn(time.monotonic() - started, status)
        return Reply(status, headers, body, address.shown)

    def _sent(self, ask: _Ask, address: Address) -> Sent:
        """The request to ``address``; secrets only to the origin that they were given for."""
        headers = {"host": address.origin.partition("://")[2], "user-agent": self._agent, "accept": ask.accept}
        if address.origin in (ask.address.origin, ask.secrets.origin):
            headers.update(ask.secrets.plain)
        if address.origin == ask.secrets.origin or (
            self._at_home(ask.secrets.origin) and address.origin in self._shared
        ):
            headers.update(ask.secrets.headers)
        headers["accept-encoding"] = "gzip, deflate" if ask.stream is None else "identity"
        if ask.method != b"GET":
            headers["content-length"] = str(len(ask.content))
        patience = self._deadline if ask.stream is None else self._idle + 5.0
        return Sent(ask.method, address, headers, ask.content, patience, self._is_own(address))


def _not_empty(reply: Reply, where: Address) -> None:
    if not reply.body.strip():
        raise BrokenAnswer("net.empty", url=where.shown)
