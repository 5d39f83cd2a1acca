"""Commands in processes that need not import the program first: a process that has done so forks one for each.

What a command does is what it does after ``python -m xunke``: a process of its own with its own three streams,
environment and folder. It inherits what a second of imports left in memory, nothing else. A test of the start or the
end itself (a cold cache, another encoding, a signal) starts :func:`tests.cli.running.command` instead.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from pkgutil import walk_packages
from typing import IO, Any

AT_START = ("PYTHON", "LC_", "LANG")
"""Variables that begin so are read by the interpreter before any code of ours: no forked process can obey them."""
LATER = ("PYTHON_KEYRING_BACKEND", "PYTHONPATH")
HEAVY = ("asyncio", "httpx", "networkx", "numpy", "openpyxl", "scipy.sparse.csgraph", "scipy.stats", "xlsxwriter")


def run(
    words: Sequence[str], *, env: Mapping[str, str], stdin: bytes = b"", cwd: Path | None = None, timeout: float = 150
) -> subprocess.CompletedProcess[bytes]:
    """``xunke words…`` to its end. Raises subprocess.TimeoutExpired."""
    args = [sys.executable, "-m", "xunke", *words]
    alone = threading.current_thread() is threading.main_thread()  # commands at the same time: processes of their own
    if not hasattr(os, "fork") or not alone or _of_start(env) != _of_start(os.environ):
        return subprocess.run(
            args, input=stdin, env=dict(env), cwd=cwd, timeout=timeout, capture_output=True, check=False
        )
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        asked = {"words": list(words), "env": dict(env), "cwd": str(cwd or Path.cwd())}
        code = _answer(_server(), json.dumps(asked).encode(), (given, out, err), timeout)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read())
    return subprocess.CompletedProcess(args, code, *said)


def _of_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(AT_START) and name not in LATER}


def _answer(server: socket.socket, asked: bytes, streams: tuple[IO[bytes], ...], limit: float) -> int:
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [stream.fileno() for stream in streams])
    server.sendall(asked)
    child = _number(server)
    server.settimeout(limit)
    try:
        return _number(server)
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        server.settimeout(None)
        _number(server)
        raise subprocess.TimeoutExpired("xunke", limit) from None
    finally:
        server.settimeout(None)


def _number(server: socket.socket) -> int:
    return int.from_bytes(_whole(server, 8), "big", signed=True)


def _whole(end: socket.socket, size: int) -> bytes:
    """Exactly ``size`` bytes."""
    got = b""
    while len(got) < size:
        more = end.recv(size - len(got))
        if not more:
            raise RuntimeError("the process at the other end has died")
        got += more
    return got


@cache
def _server() -> socket.socket:
    """This process's own, started when its first command is run."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.forking", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        start_new_session=True,  # what ends a test's own group of processes does not end this one
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


# -- the process that forks -------------------------------------------------------------------------------------------


def _prepare() -> None:
    """What most commands begin with, done once in memory: importing, reading a sentence, reading a post."""
    from datetime import date

    import collectors
    import graph
    import nlp
    import xunke

    for name in HEAVY:
        __import__(name)
    for package in (collectors, graph, nlp, xunke):
        for module in walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith(("__main__", ".testing")):
                __import__(module.name)
    from nlp.analyse import analyse
    from xunke.chat import understand

    understand("找最近一个月聊 #露营 的成都博主，前50，导出", today=date(2026, 11, 22))
    analyse("周末想去成都露营，求推荐帐篷")


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork a process for each request; returns the request in that process, None here when there are no more."""
    while True:
        head, streams, _, _ = socket.recv_fds(requests, 4, 3)
        if not head:
            return None
        body = _whole(requests, int.from_bytes(head, "big"))
        child = os.fork()
        if child == 0:
            requests.close()
            for place, stream in enumerate(streams):
                os.dup2(stream, place)
                os.close(stream)
            return dict(json.loads(body))
        for stream in streams:
            os.close(stream)
        requests.sendall(child.to_bytes(8, "big"))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        requests.sendall(code.to_bytes(8, "big", signed=True))


def _as_main(asked: dict[str, Any]) -> int:
    """``python -m xunke`` from here on; returns the exit code."""
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path += [place for place in asked["env"].get("PYTHONPATH", "").split(os.pathsep) if place not in sys.path]
    time.tzset()
    os.chdir(asked["cwd"])
    sys.argv = ["xunke", *asked["words"]]
    try:
        runpy.run_module("xunke", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    """Serve on the socket whose number is the only argument."""
    _prepare()
    gc.freeze()  # a collection in a forked process would copy all that it inherited
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is None:
        return
    code = _as_main(asked)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)  # the interpreter's own end would copy all that was inherited, to free it


if __name__ == "__main__":
    main()
