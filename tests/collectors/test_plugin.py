"""A third party's collector: the example of the documents, built, installed, used; and plug-ins that are broken."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from collectors.testing import scripted
from tests.cli.running import Answer, environment, xunke
from tests.house.files import ROOT

EXAMPLE = ROOT / "docs" / "example_collector"
BROKEN = {
    "ends": "raise SystemExit(7)",
    "loops": "import xunke_ends",
    "missing": "import no_such_library_here",
    "hostile": r"raise ValueError('\x1b]0;owned\x07' + 'x' * 9000)",
    "empty": "",
    "lies": (
        "from collectors.base import Capabilities\n"
        "class It:\n    platform = 'lies'\n    capabilities = Capabilities(modes=frozenset({'everything'}))\n"
        "    def collect(self, query, cursor, http): ...\n"
    ),
    "untyped": "class It:\n    platform = 'x'\n    capabilities = 3\n    def collect(self, query, cursor, http): 0\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages: the example's wheel, built from its sources and unpacked."""
    out = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(EXAMPLE)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(next(out.glob("*.whl"))).extractall(folder)
    return folder


def board(flaw: str = "") -> ModuleType:
    """The server of the example's own tests."""
    spec = importlib.util.spec_from_file_location("campboard_tests", EXAMPLE / "test_campboard.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(EXAMPLE))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(EXAMPLE))
    return module


def run(home: Path, site: Path, *words: str, stdin: str = "") -> Answer:
    env = environment(home, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    env["PYTHONPATH"] += f":{site}"
    return xunke(*words, db=home / "p.db", stdin=stdin, **env)


def test_the_example_keeps_the_contract() -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "."]
    done = subprocess.run(words, cwd=EXAMPLE, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    assert " passed" in done.stdout


def test_an_installed_plugin_is_found_connected_and_collected(site: Path, tmp_path: Path) -> None:
    with scripted(board().board("")) as server:
        reach = ("--instance", server.base, "--allow-private-address")
        (row,) = run(tmp_path, site, "--json", "doctor", "campboard").rows
        assert row["state"] == "needs_instance"
        assert sorted(row["modes"]) == ["account", "tag"]
        wrong = run(tmp_path, site, "connect", "campboard", *reach, "--login", "--stdin", "--file", stdin="bad")
        assert wrong.code == 1
        made = run(
            tmp_path, site, "--json", "connect", "campboard", *reach, "--login", "--stdin", "--file", stdin="good"
        )
        assert made.code == 0, made.err
        assert made.rows[0]["name"] == "me"
        words = ("collect", "campboard", "--tag", "露营", "--with", "replies", "--allow-private-address")
        done = run(tmp_path, site, "--json", *words)
        assert done.code == 0, done.err
        assert {one.headers.get("authorization") for one in server.asked if "threads" in one.path} == {"Bearer good"}
    out = tmp_path / "posts.jsonl"
    assert run(tmp_path, site, "export", "posts", "--out", str(out)).code == 0
    assert len(out.read_text("utf-8").splitlines()) >= 9


def test_broken_plugins_break_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", "utf-8")
    points = "".join(f"{name} = xunke_{name}:It\n" for name in BROKEN)
    info.joinpath("entry_points.txt").write_text(f"[xunke.collectors]\n{points}mastodon = xunke_ends:It\n", "utf-8")
    for name, code in BROKEN.items():
        site.joinpath(f"xunke_{name}.py").write_text(code, "utf-8")
    said = run(tmp_path, site, "--json", "doctor")
    assert said.code == 0, said.err
    states = {row["platform"]: row["state"] for row in said.rows}
    assert {name: states[name] for name in BROKEN} == dict.fromkeys(BROKEN, "broken")
    assert states["mastodon"] == "needs_instance", "ours comes first"
    for name in BROKEN:
        one = run(tmp_path, site, "collect", name, "--tag", "x")
        assert one.code == 1, one.err
        assert len(one.err) < 600
    assert run(tmp_path, site, "connect", "--list").code == 0
    assert run(tmp_path, site, "ask", "--yes", "采集 #露营 的帖子").code in (0, 4)
