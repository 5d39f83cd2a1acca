"""snac, a real ActivityPub server in C with a part of the Mastodon API, from Debian's own package.

The package is downloaded and unpacked into a temporary folder that is kept between runs; nothing is installed,
and the machine's package lists are not touched. ``fetch`` says why when that is not possible here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .running import await_answer, free_port


class Unavailable(Exception):
    """snac cannot be had or run on this machine; the text says why."""


def _run(command: list[str], **more: object) -> str:
    try:
        done = subprocess.run(command, capture_output=True, timeout=240, check=False, **more)  # type: ignore[call-overload]
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from None
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:2])}: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return str(done.stdout.decode("utf-8", "replace"))


def fetch() -> Path:
    """The unpacked package's program. Raises Unavailable."""
    folder = Path(tempfile.gettempdir()) / f"xunke-test-snac-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Unavailable(f"{folder} is somebody else's")
    program = folder / "root/usr/bin/snac"
    if not program.exists():
        for tool in ("apt-get", "dpkg"):
            if shutil.which(tool) is None:
                raise Unavailable(f"no {tool} here: snac is fetched as a Debian package")
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / "apt" / part).mkdir(parents=True, exist_ok=True)
        targets = _run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"])
        mirror = next((line for line in targets.splitlines() if re.search(r"/debian/?$", line)), None)
        if mirror is None:
            raise Unavailable("this machine has no Debian mirror configured")
        sources = folder / "apt/sources.list"
        sources.write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} trixie main\n")
        options = ["-qq", "-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=/dev/null",
                   "-o", f"Dir::State::lists={folder / 'apt/lists'}", "-o", f"Dir::Cache={folder / 'apt/cache'}",
                   "-o", "APT::Sandbox::User=root"]  # fmt: skip
        _run(["apt-get", *options, "update"])
        _run(["apt-get", *options, "download", "snac2"], cwd=folder)
        package = next(folder.glob("snac2_*.deb"), None)
        if package is None:
            raise Unavailable("the mirror gave no snac2 package")
        _run(["dpkg", "-x", str(package), str(folder / "root")])
    try:
        done = subprocess.run([program], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"snac does not run here: {error}") from None
    if b"snac" not in done.stdout + done.stderr or b"GLIBC" in done.stderr or b"shared libraries" in done.stderr:
        raise Unavailable(f"snac does not run here: {done.stderr.decode('utf-8', 'replace')[-200:]}")
    return program


@contextlib.contextmanager
def snac(program: Path, folder: Path, users: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Run snac on a free port with ``users`` people; yields its base URL and their tokens."""
    port, data, log = free_port(), folder / "snac", folder / "snac.log"
    answers = f"127.0.0.1\n{port}\n127.0.0.1:{port}\n\nadmin@test.invalid\n"
    _run([str(program), "init", str(data)], input=answers.encode())
    settings = data / "server.json"
    changed = json.loads(settings.read_text()) | {
        "protocol": "http",
        "title": "测试站",
        "disable_inbox_collection": True,
    }
    settings.write_text(json.dumps(changed))
    passwords = {}
    for n in range(users):
        said = subprocess.run([program, "adduser", data, f"u{n:03d}"], capture_output=True, timeout=60, check=False)
        found = re.search(rb"User password is (\S+)", said.stdout + said.stderr)
        if found is None:
            raise Unavailable("snac adduser tells no password")
        passwords[f"u{n:03d}"] = found[1].decode()
    with log.open("wb") as out:
        server = subprocess.Popen([program, "httpd", data], stdout=out, stderr=out)
    try:
        base = f"http://127.0.0.1:{port}"
        await_answer(base + "/api/v1/instance", server, log)
        tokens = {}
        for name, password in passwords.items():
            form = {"login": name, "passwd": password, "redir": "", "cid": "", "state": ""}
            body = urllib.parse.urlencode(form).encode()
            with urllib.request.urlopen(f"{base}/oauth/x-snac-get-token", body, timeout=30) as answer:
                found_token = re.search(r"[0-9a-f]{32,}", answer.read().decode())
            if found_token is None:
                raise Unavailable("snac gives no token")
            tokens[name] = found_token[0]
        yield base, tokens
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


if __name__ == "__main__":
    try:
        print(f"the ActivityPub server snac is in {fetch()}")
    except Unavailable as why:
        print(f"== skipped: the tests against the ActivityPub server snac: {why}")
