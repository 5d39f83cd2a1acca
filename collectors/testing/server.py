"""A loopback server that answers as a test says: whole answers, wrong ones, and half ones."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Asked:
    """One request as it came in; ``query`` has lists of values, ``at`` is when, in UTC epoch seconds."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.time)

    def json(self) -> Any:
        """The body of a POST that asks in JSON."""
        return json.loads(self.body or b"{}")

    def form(self) -> dict[str, list[str]]:
        """The body of a POST that asks by a form."""
        return parse_qs(self.body.decode(), keep_blank_values=True)

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass
class Reply:
    """``body``: bytes, or anything that JSON can say. ``write``: speak to the socket directly instead."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    write: Callable[[BaseHTTPRequestHandler], None] | None = None


App = Callable[[Asked], Reply]


def _silent(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.settimeout(20)
    handler.connection.recv(1)


SILENCE = Reply(write=_silent)
"""No answer until the other side hangs up: the flaw "slow"."""


@dataclass
class Scripted:
    """``asked`` is the log of all requests; ``app`` may be exchanged while it runs."""

    base: str
    port: int
    app: App
    asked: list[Asked] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def scripted(app: App, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Run ``app`` on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one packet for head and body: two would wait 40 ms for each other

        def _any(self) -> None:
            parts = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items()}
            query = parse_qs(parts.query, keep_blank_values=True)
            sent = self.rfile.read(int(headers.get("content-length") or 0))
            asked = Asked(self.command, unquote(parts.path), query, headers, sent)
            state.asked.append(asked)
            reply = state.app(asked)
            if reply.write is not None:
                self.close_connection = True
                with contextlib.suppress(OSError):
                    reply.write(self)
                return
            raw = isinstance(reply.body, bytes)
            body = reply.body if raw else json.dumps(reply.body, ensure_ascii=True).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if "content-type" not in {name.lower() for name in reply.headers}:
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_CONNECT = do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _any

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    port = int(server.server_address[1])
    state = Scripted(f"{'https' if tls else 'http'}://127.0.0.1:{port}", port, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stop.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
