"""A small OpenAI-compatible endpoint on loopback that misbehaves as told. Everything it is sent is kept."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

GOOD: dict[str, Any] = {
    "outcome": "run",
    "steps": [{"action": "find", "target": "people", "topics": ["露营"], "region": ["成都"], "when": "最近一个月"}],
}


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def rung(self) -> str:
        """On which rung of the ladder it stands."""
        choice = self.json.get("tool_choice")
        form = self.json.get("response_format", {}).get("type")
        if isinstance(choice, dict):
            return "tool"
        return "auto" if choice else {"json_schema": "schema", "json_object": "json"}.get(form, "plain")


@dataclass
class Say:
    """An answer: status, JSON or bytes, headers; ``pause`` seconds before it, ``drip`` seconds between bytes."""

    status: int = 200
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    drip: float = 0.0
    cut: int | None = None
    """Bytes that are sent of those that were promised."""


def tool(arguments: Any = None, **more: Any) -> Say:
    """A call of the tool, arguments as text unless they are no text."""
    given = json.dumps(GOOD, ensure_ascii=False) if arguments is None else arguments
    call = {"id": "1", "type": "function", "function": {"name": "plan", "arguments": given}}
    message = {"role": "assistant", "content": None, "tool_calls": [call], **more}
    return Say(data={"choices": [{"message": message, "finish_reason": "tool_calls"}]})


def text(content: Any, finish: str = "stop") -> Say:
    """An answer in words."""
    message = {"role": "assistant", "content": content, "tool_calls": None}
    return Say(data={"choices": [{"message": message, "finish_reason": finish}]})


def error(status: int, message: str, **headers: str) -> Say:
    """An error as most servers tell it."""
    return Say(status, {"error": {"message": message}}, {k.replace("_", "-"): v for k, v in headers.items()})


def good(asked: Asked) -> Say:
    """What a server that can do everything answers."""
    return tool() if asked.rung in ("tool", "auto") else text(json.dumps(GOOD, ensure_ascii=False))


def bomb(size: int) -> bytes:
    """``size`` megabytes of JSON, packed."""
    return gzip.compress(b'{"choices": [{"message": {"content": "' + b" " * (size << 20) + b'"}}]}')


class Endpoint:
    """``with Endpoint(answer) as server``: ``answer`` gets each request and says what to do."""

    def __init__(self, answer: Callable[[Asked], Say], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                asked = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                server.asked.append(asked)
                self._say(answer(asked))

            do_GET = do_POST

            def _say(self, say: Say) -> None:
                data = say.data if isinstance(say.data, bytes) else json.dumps(say.data, ensure_ascii=False).encode()
                time.sleep(say.pause)
                self.send_response(say.status)
                for name, value in {"Content-Type": "application/json", **say.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    if say.drip:
                        for byte in data:
                            self.wfile.write(bytes([byte]))
                            self.wfile.flush()
                            time.sleep(say.drip)
                    else:
                        self.wfile.write(data[: say.cut])
                except OSError:
                    return
                if say.cut is not None:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def rungs(self) -> list[str]:
        """The rungs on which it was asked, in order."""
        return [a.rung for a in self.asked if a.method == "POST"]

    @property
    def received(self) -> str:
        """Everything that came in, as text."""
        return "\n".join(f"{a.method} {a.path} {a.headers} {a.body.decode()}" for a in self.asked)

    def __enter__(self) -> Endpoint:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
