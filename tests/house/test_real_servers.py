"""A run in CI says which real servers it met and why not the others, and never passes with none of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.house.files import ROOT

HOOKS = "from tests.servers.roll_call import *\n"
AWAY = """
import pytest
@pytest.fixture(scope="module")
def server():
    pytest.skip("snac: no apt-get here")
@pytest.mark.real_server("snac")
def test_a(server): pass
@pytest.mark.real_server("snac")
def test_b(server): pass
"""
MET = """
import pytest
@pytest.mark.real_server("mastodon-mock")
def test_c(): pass
"""
SETTINGS = "[pytest]\ntestpaths = t\nmarkers =\n  real_server: x\n"


def run(folder: Path, *files: str, ci: str = "true", arguments: tuple[str, ...] = ()) -> tuple[int, str]:
    (folder / "t").mkdir()
    (folder / "conftest.py").write_text(HOOKS)
    (folder / "pytest.ini").write_text(SETTINGS)
    for number, text in enumerate(files):
        (folder / "t" / f"test_{number}.py").write_text(text)
    return again(folder, ci, *arguments)


def again(folder: Path, ci: str, *arguments: str) -> tuple[int, str]:
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment["PYTEST_ADDOPTS"] = "-p no:cacheprovider"
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=120, check=False)
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize("arguments", [("-p", "xdist", "-n", "2"), ()])
def test_what_was_met_and_what_not_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, told = run(tmp_path, AWAY, MET, arguments=arguments)
    assert code == 0, told
    assert "== real server mastodon-mock: 1 tests passed" in told
    assert told.count("== skipped: the tests against snac: snac: no apt-get here") == 1


def test_a_run_in_ci_that_meets_none_fails_and_says_so(tmp_path: Path) -> None:
    code, told = run(tmp_path, AWAY, "def test_d(): pass")
    assert code == 1, told
    assert "none of them could be had" in told


def test_so_does_one_that_does_not_even_try(tmp_path: Path) -> None:
    code, told = run(tmp_path, MET, "def test_d(): pass", arguments=("-m", "not real_server"))
    assert code == 1, told


def test_at_home_and_for_a_part_without_servers_nothing_is_asked(tmp_path: Path) -> None:
    assert run(tmp_path, AWAY, "def test_d(): pass", ci="")[0] == 0
    assert again(tmp_path, "true", "t/test_1.py")[0] == 0


def test_every_such_test_names_its_server() -> None:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for line in path.read_text("utf-8").splitlines():
            if "pytest.mark.real_server" in line and path != Path(__file__):
                assert 'real_server("' in line, f"{path.name}: {line}"


@pytest.mark.skipif(sys.platform != "linux", reason="the servers are started on Linux only")
def test_a_server_does_not_outlive_tests_that_are_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tests.servers.atproto import _child\n"
        "with _child('s', ['sleep', '600'], Path(sys.argv[1])) as (process, log):\n"
        "    print(process.pid, flush=True); time.sleep(600)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as tests:
        assert tests.stdout is not None
        child = Path("/proc") / tests.stdout.readline().decode().strip()
        assert child.exists()
        tests.kill()
    for _ in range(100):
        if not child.exists() or "Z" in (child / "stat").read_text().split()[2]:
            return
        time.sleep(0.05)
    raise AssertionError("it lives on")
