"""Which addresses may be asked at all: checked as text, then again as what the name resolves to.

Nothing here opens a connection. The rules: https to public addresses only; one origin may be switched on as
the user's own network (then http and loopback or private addresses are allowed for exactly that origin).
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from xunke.errors import BadQuery, Blocked, Retry
from xunke.text import one_line

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

_DEFAULT_PORT: Final = {"https": 443, "http": 80}
_ODD: Final = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SERVICES: Final = frozenset(
    # Ports above 1023 where something else than a web server answers: databases, remote desktops, chat, queues.
    {1080, 1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3128, 3268, 3306, 3389, 3659, 4045, 4190}
    | {5060, 5061, 5432, 5672, 5900, 5984, 5985, 5986, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679}
    | {6697, 9042, 9092, 9200, 9300, 10080, 10250, 11211, 25565, 27017}
)


@dataclass(frozen=True, slots=True)
class Address:
    """One checked web address. ``host`` is lower case, punycode or a bare IP; ``target`` is path and query."""

    scheme: str
    host: str
    port: int
    target: str = "/"

    @property
    def origin(self) -> str:
        """``scheme://host[:port]``, as secrets are bound to and as people see it (punycode)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORT[self.scheme] else f":{self.port}")

    @property
    def shown(self) -> str:
        """For messages: without the query, which may hold a secret."""
        return one_line(self.origin + self.target.partition("?")[0], 200)

    def __str__(self) -> str:
        return self.origin + self.target

    def __repr__(self) -> str:
        return f"Address({self.shown})"


def parse(text: str, params: object = None, base: Address | None = None) -> Address:
    """Read a URL strictly. Raises BadQuery (not a URL, unknown host form) or Blocked (scheme, port, userinfo).

    ``params`` (a mapping or pairs; lists repeat a key) are added to the query; ``base`` resolves relative ones.
    """
    text = text.strip()
    shown = one_line(text.partition("?")[0].rpartition("@")[2], 200)
    if _ODD.search(text) or len(text) > 16_384:
        raise BadQuery("net.bad_url", url=shown)
    try:
        parts = urlsplit(urljoin(str(base), text) if base else text)
        host, port, userinfo = parts.hostname or "", parts.port, "@" in parts.netloc
    except ValueError:
        raise BadQuery("net.bad_url", url=shown) from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT:
        raise Blocked("net.scheme", scheme=one_line(scheme, 20) or "?")
    if userinfo:
        raise Blocked("net.userinfo", host=one_line(host, 100))
    port = _DEFAULT_PORT[scheme] if port is None else port
    if (port < 1024 and port not in (80, 443)) or port in _SERVICES:
        raise Blocked("net.port", host=one_line(host, 100), port=port)
    query = parts.query
    if params:
        try:
            added = urlencode(params, doseq=True)  # type: ignore[arg-type]
        except UnicodeEncodeError:  # half a letter, from a user's terminal or a server's words
            raise BadQuery("net.bad_url", url=shown) from None
        query = f"{query}&{added}" if query else added
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if query:
        target += "?" + quote(query, safe="/%:@!$&'()*+,;=~-._?[]")
    return Address(scheme, _host(host, shown), port, target)


def split(text: str) -> SplitResult:
    """The parts of what may be a URL; all are empty where it is none (``https://[``)."""
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")


def origin_of(instance: str) -> Address:
    """The origin a user means by ``m.example``, ``m.example:8443`` or a URL; https unless http is written."""
    text = instance.strip().rstrip("/")
    found = parse(text if "://" in text else f"https://{text}")
    return Address(found.scheme, found.host, found.port, "/")


def _host(host: str, shown: str) -> str:
    """Lower case punycode, or the IP itself; full-width dots and letters are folded first (UTS 46)."""
    if not host:
        raise BadQuery("net.bad_url", url=shown)
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise BadQuery("net.bad_host", host=one_line(host, 100)) from None
    host = host.lower().removesuffix(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise BadQuery("net.bad_host", host=one_line(host, 100))
    return host


def _inner(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, Teredo, NAT64), else itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address.sixtofour:
            return address.sixtofour
        if address.teredo:
            return address.teredo[1]
        if address in ipaddress.ip_network("64:ff9b::/96") or address in ipaddress.ip_network("::/96"):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def reachable(text: str, *, own: bool) -> bool:
    """Whether this resolved address may be connected to; ``own``: the user switched on this origin.

    Link-local (cloud metadata), multicast, unspecified and reserved addresses never.
    """
    outer = ipaddress.ip_address(text.partition("%")[0])
    address = outer if outer.is_loopback else _inner(outer)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_global:
        return True
    shared = isinstance(address, ipaddress.IPv4Address) and address in ipaddress.ip_network("100.64.0.0/10")
    return own and (address.is_loopback or shared or (address.is_private and not address.is_reserved))


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of ``host``. In a daemon thread: a hanging name server must not hold up a cancel or exit."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | None) -> None:
        if not done.done():
            done.set_result(found or [])

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError):
            found = []
        try:
            loop.call_soon_threadsafe(settle, found)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    threading.Thread(target=ask, name="xunke-dns", daemon=True).start()
    return await done


async def checked(host: str, port: int, *, own: bool, resolver: Resolver = resolve) -> list[str]:
    """Resolve ``host`` and return its addresses; Blocked if any of them may not be reached, Retry if there is none.

    The connection must go to one of the returned addresses: resolving again would open the door to rebinding.
    """
    try:
        found = [str(ipaddress.ip_address(host))]
    except ValueError:
        found = await resolver(host, port)
    if not found:
        raise Retry("net.no_name", 300, host=host)
    for address in found:
        if not reachable(address, own=own):
            raise Blocked("net.private", host=host, address=address)
    return found
