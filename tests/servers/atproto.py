"""The AT Protocol network of Bluesky (PLC directory, PDS, AppView) as its own makers test it, on loopback.

The servers come from npm, pinned by the lock file beside the start script, into a temporary folder that is kept
between runs; PostgreSQL and Redis are Debian's. ``fetch`` says why when that cannot be had here. Every process is a
child that the kernel ends with us, so that nothing is left behind even when the tests are killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .running import free_port

HERE = Path(__file__).parent / "atproto_npm"
OLDEST_NODE = 18


class Unavailable(Exception):
    """The network cannot be had or run on this machine; the text says why."""


@dataclass(frozen=True)
class Network:
    """``pds`` and ``appview`` are base addresses; ``feed`` is the file from which the feed generator reads the
    addresses of its posts, one a line, and ``generator`` its DID."""

    pds: str
    appview: str
    feed: Path
    generator: str


def _run(command: list[str], cwd: Path, seconds: int = 300, **environment: str) -> str:
    try:
        done = subprocess.run(
            command, cwd=cwd, env=os.environ | environment, capture_output=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from None
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:2])}: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return done.stdout.decode("utf-8", "replace")


def _postgres() -> Path:
    """The folder of PostgreSQL's programs, which Debian keeps off the path. Raises Unavailable."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise Unavailable("no PostgreSQL here (Debian: postgresql)")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def fetch() -> Path:
    """The folder with the installed npm packages. Raises Unavailable.

    The first time takes one or two minutes: one package is compiled, without optimisation, which is four times as
    fast. A folder that was made from another lock file or for another Node is made again.
    """
    if sys.platform != "linux":
        raise Unavailable("the AT Protocol network is only started on Linux")
    for tool, package in (("node", "nodejs"), ("npm", "npm"), ("redis-server", "redis-server")):
        if shutil.which(tool) is None:
            raise Unavailable(f"no {tool} here (Debian: {package})")
    _postgres()
    folder = Path(tempfile.gettempdir()) / f"xunke-test-atproto-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Unavailable(f"{folder} is somebody else's")
    node = _run(["node", "--version"], folder).strip()
    if not node[1:].split(".")[0].isdigit() or int(node[1:].split(".")[0]) < OLDEST_NODE:
        raise Unavailable(f"node is {node}; {OLDEST_NODE} or newer is needed")
    parts = [(HERE / name).read_bytes() for name in ("package.json", "package-lock.json")]
    wanted = hashlib.sha256(b"\0".join([*parts, node.encode()])).hexdigest()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made"
        if not (made.exists() and made.read_text() == wanted):
            made.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
            _run(["npm", "ci", "--ignore-scripts", *quiet], folder)
            fast = {"CFLAGS": "-O0", "CXXFLAGS": "-O0", "MAKEFLAGS": "-j2"}
            _run(["npm", "rebuild", "better-sqlite3", *quiet], folder, **fast)
            made.write_text(wanted)
    return folder


def _dies_with_us() -> None:
    """In a child: be killed when the thread that started it ends (Linux, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@contextlib.contextmanager
def _child(
    name: str, command: list[str], folder: Path, *, user: str | None = None, end: int = signal.SIGTERM,
    logs: Path | None = None, environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:  # fmt: skip
    """A process that is ended at the end by ``end`` and, if it does not listen, for certain. Yields it and its log."""
    log = (logs or folder) / f"{name}.log"
    group = pwd.getpwnam(user).pw_gid if user else None
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=_dies_with_us,
            env=os.environ | dict(environment or {}), user=user, group=group, extra_groups=[] if user else None,
        )  # fmt: skip
    try:
        yield process, log
    finally:
        process.send_signal(end)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await(what: str, log: Path, process: subprocess.Popen[bytes], seconds: float = 90) -> str:
    """The line of the log that holds ``what``. Raises RuntimeError with the log's end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = log.read_text("utf-8", "replace")
        if what in text:
            return next(line for line in text.splitlines() if what in line)
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem} did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as then."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[int]:
    """A fresh PostgreSQL on a free port of loopback; yields the port."""
    programs, user, port, data = _postgres(), _unprivileged(), free_port(), folder / "pg"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user)
    make = [str(programs / "initdb"), "-D", str(data), "-U", "xunke", "--auth=trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync"]  # fmt: skip
    with _child("initdb", make, data, user=user, logs=folder) as (process, log):
        process.wait(60)
        if process.returncode:
            raise RuntimeError(log.read_text("utf-8", "replace")[-2000:])
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off",
                "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200}  # fmt: skip
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with _child("postgres", command, folder, user=user, end=signal.SIGQUIT) as (process, log):
        _await("ready to accept connections", log, process)
        yield port


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[int]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
               "--dir", str(folder)]  # fmt: skip
    with _child("redis", command, folder) as (process, log):
        _await("Ready to accept connections", log, process)
        yield port


@contextlib.contextmanager
def atproto(installed: Path, *, limits: bool = False) -> Iterator[Network]:
    """Run a fresh, empty network from what ``fetch`` made. ``limits``: with the PDS's own rate limits.

    It lives in a folder of its own below the temporary one: pytest's folders are closed to PostgreSQL's user.
    """
    with contextlib.ExitStack() as held:
        folder = Path(
            held.enter_context(tempfile.TemporaryDirectory(prefix="xunke-atproto-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o711)
        feed = folder / "feed.txt"
        feed.write_text("")
        environment = {
            "DB_POSTGRES_URL": f"postgresql://xunke@127.0.0.1:{held.enter_context(_database(folder))}/postgres",
            "REDIS_HOST": f"127.0.0.1:{held.enter_context(_redis(folder))}",
            "FEED_FILE": str(feed), "LOG_ENABLED": "false", "RATE_LIMITS": "1" if limits else "0",
        }  # fmt: skip
        command = ["node", str(HERE / "start.js")]
        process, log = held.enter_context(_child("node", command, installed, logs=folder, environment=environment))
        told = json.loads(_await("READY ", log, process).partition("READY ")[2])
        home = {name: address.replace("localhost", "127.0.0.1") for name, address in told.items()}
        yield Network(home["pds"], home["appview"], feed, told["generator"])


if __name__ == "__main__":
    try:
        print(f"the AT Protocol network is in {fetch()}")
    except Unavailable as why:
        print(f"== skipped: the tests against the AT Protocol network: {why}")
