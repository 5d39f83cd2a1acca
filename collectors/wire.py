"""What every exchange over the network shares: where a connection may lead, what TLS refuses, how much is read.

Used by the transport for platforms (``collectors.http``, which only reads) and by the one place that asks a
language model (``xunke.llm.post``), so that both keep the same rules.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xunke.errors import BadInput, Blocked, BrokenAnswer, CollectorError, Retry
from xunke.text import one_line

from .address import Address, Resolver, checked

if TYPE_CHECKING:
    import httpcore

MEGABYTE: Final = 1 << 20


class Again(Exception):
    """A try failed in a way that another try may heal; ``error`` is what to raise if none does."""

    def __init__(self, error: CollectorError) -> None:
        self.error = error


def tls_context(ca_file: str | Path | None = None) -> ssl.SSLContext:
    """Trust in the public authorities and, where one is named, in those of ``ca_file`` (PEM). Raises BadInput."""
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise BadInput("net.ca_file", path=one_line(str(ca_file), 200)) from None
    return context


def tls_refusal(error: Exception, address: Address) -> Blocked | None:
    """What TLS refused, if it did: a certificate that does not hold, or no common safe version."""
    why = error if isinstance(error, ssl.SSLError) else error.__context__
    if isinstance(why, ssl.SSLCertVerificationError):
        return Blocked("net.certificate", host=address.host, detail=one_line(why.verify_message or str(why), 160))
    if isinstance(why, ssl.SSLError) and re.search(r"VERSION|PROTOCOL|CIPHER|HANDSHAKE", why.reason or str(why)):
        return Blocked("net.tls", host=address.host)
    return None


def guarded(own: bool, resolver: Resolver) -> httpcore.AsyncNetworkBackend:
    """A network that resolves, checks every address, and connects to the very address it checked."""
    import httpcore

    class Guarded(httpcore.AsyncNetworkBackend):
        def __init__(self) -> None:
            self._inner = httpcore.AnyIOBackend()

        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Any = None,
        ) -> httpcore.AsyncNetworkStream:
            last: Exception = httpcore.ConnectError()
            for found in await checked(host, port, own=own, resolver=resolver):
                try:
                    return await self._inner.connect_tcp(found, port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    last = error
            raise last

        async def connect_unix_socket(
            self, path: str, timeout: float | None = None, socket_options: Any = None
        ) -> httpcore.AsyncNetworkStream:
            raise httpcore.ConnectError("no sockets of files")

        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(seconds)

    return Guarded()


async def read_body(
    chunks: AsyncIterator[bytes], headers: Mapping[str, str], address: Address, max_bytes: int, cut: bool = False
) -> bytes:
    """The unpacked body, never more of it in memory than ``max_bytes``; a longer one is refused, or with ``cut`` read
    so far. Raises BrokenAnswer or Again."""
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BrokenAnswer("net.coding", coding=one_line(coding, 40), url=address.shown)
    unpack = zlib.decompressobj(47 if coding != "deflate" else 15) if coding not in ("", "identity") else None
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in chunks:
            data = chunk
            if unpack is not None:
                if coding == "deflate" and not size and chunk and (chunk[0] & 0x0F) != 8:
                    unpack = zlib.decompressobj(-15)  # some servers send it without the zlib head
                data = unpack.decompress(chunk, max_bytes - size + 1)
                while unpack.unused_data.startswith(b"\x1f\x8b") and size + len(data) <= max_bytes:
                    rest, unpack = unpack.unused_data, zlib.decompressobj(31)  # gzip may come in several members
                    data += unpack.decompress(rest, max_bytes - size - len(data) + 1)
            size += len(data)
            if size > max_bytes:
                if cut:
                    return b"".join([*parts, data])[:max_bytes]
                raise BrokenAnswer("net.too_big", url=address.shown, megabytes=max_bytes // MEGABYTE)
            parts.append(data)
    except zlib.error:
        raise Again(BrokenAnswer("net.unpack", url=address.shown)) from None
    if unpack is not None and size and not unpack.eof:
        raise Again(Retry("net.cut", 300, host=address.host))
    return b"".join(parts)
