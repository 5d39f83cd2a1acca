"""Imports point one way, and what is heavy is loaded only when it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.files import ROOT, code

HEAVY = {
    "textual", "rich", "networkx", "scipy", "numpy", "jieba", "snownlp", "httpx", "sqlite_utils", "opencc", "openpyxl",
    "xlsxwriter", "feedparser", "keyring",
}  # fmt: skip


def loaded(script: str, *arguments: str) -> set[str]:
    """Names of all modules that are loaded after ``script`` ran in a fresh interpreter."""
    ending = (
        "\nfinally:\n import sys, json; print(file=sys.stderr);print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    body = "try:\n" + "".join(f" {line}\n" for line in script.splitlines()) + "except SystemExit: pass" + ending
    done = subprocess.run(
        [sys.executable, "-c", body, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def top(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("argument", ["--help", "--version", "rank --help", "demo --help"])
def test_help_loads_nothing_heavy(argument: str) -> None:
    words = argument.split()
    found = loaded(f"from xunke.__main__ import main; main({words!r})")
    assert not top(found) & HEAVY
    assert not {"xunke.engine", "xunke.jobs", "xunke.storage", "tui", "nlp", "graph"} & found


def test_the_app_loads_no_engine() -> None:
    found = loaded("import tui, tui.app")
    assert not top(found) & (HEAVY - {"textual", "rich"})
    assert not {"xunke.engine", "xunke.actions", "xunke.jobs", "collectors", "nlp", "graph"} & found


@pytest.mark.parametrize("name", ["collectors", "nlp", "graph", "xunke", "xunke.chat", "xunke.engine", "xunke.worker"])
def test_a_package_loads_nothing_heavy_by_itself(name: str) -> None:
    found = top(loaded(f"import {name}"))
    assert not found & {"textual", "rich", "networkx", "scipy", "numpy", "jieba", "snownlp", "httpx", "opencc"}


def test_the_contracts_of_import_linter_hold() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    command = [str(program)] if program.exists() else [sys.executable, "-c", _LINT]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


_LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def test_every_module_of_xunke_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["type"] == "layers")["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    parts = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts[:2]) for p in code() if p.is_relative_to(ROOT / "xunke")
    }
    assert parts - {"xunke.__init__"} == {name for name in placed if name.startswith("xunke.")}
    assert {"tui", "collectors", "nlp", "graph"} <= placed
