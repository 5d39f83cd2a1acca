"""Documents that cannot go stale: commands, options, tables, formulas, licences, and the README's two commands."""

from __future__ import annotations

import argparse
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.build import KIND_WEIGHTS
from graph.rank import RANKERS
from tests.house.files import ROOT, everything
from xunke.cli.parser import LATER, build
from xunke.i18n import Catalogue
from xunke.outreach import scoring
from xunke.storage import schema

CLI = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
"""The commands are told in cli.md, those of an area of its own in its document."""
README = (ROOT / "README.md").read_text("utf-8")
RANKING = (ROOT / "docs" / "ranking.md").read_text("utf-8")
SCHEMA = (ROOT / "docs" / "schema.md").read_text("utf-8")
CHINESE = re.compile("[\u4e00-\u9fff]{4}")
ENGLISH = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+")


def _parsers() -> dict[str, argparse.ArgumentParser]:
    parser = build(Catalogue("en"))
    found = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {name: sub for name, sub in found.choices.items() if name not in LATER}


def _section(name: str) -> str:
    found = re.search(rf"^### `{name}`\n(.*?)(?=^##|\Z)", CLI, re.S | re.M)
    assert found, f"docs/cli.md says nothing about {name}"
    return found[1]


@pytest.mark.parametrize("name", sorted(_parsers()))
def test_every_command_is_documented_in_both_languages(name: str) -> None:
    section = _section(name)
    assert CHINESE.search(section)
    assert ENGLISH.search(section)
    assert name == "ask" or re.search(rf"`(xunke )?{name}`", README), "the README's table lacks it"
    common = {"--db", "--json", "--lang", "--today", "--help"}
    for action in _parsers()[name]._actions:
        options = {o for o in action.option_strings if o.startswith("--")} - common
        if options and action.help != argparse.SUPPRESS:
            assert any(f"`{o}" in section for o in options), f"{name} {options}"


def test_common_options_exit_codes_and_what_is_to_come() -> None:
    for word in ("--db", "--json", "--lang", "--today", *LATER):
        assert word in CLI
    for code in (0, 1, 2, 3, 4, 130):
        assert re.search(rf"^\| {code} \|", CLI, re.M)
    assert all(f"`{name}`" in README for name in LATER)
    documented = set(re.findall(r"^### `(\w+)`", CLI, re.M))
    assert documented == set(_parsers()), "nothing is documented that is not there"


def test_every_table_is_explained() -> None:
    tables = set(re.findall(r"create (?:virtual )?table (\w+)", "".join(schema.SCRIPTS)))
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\|[^|]+\|", SCHEMA, re.M))))
    assert tables == named - {"table"}
    assert all(f"{code} {kind}" in SCHEMA for kind, code in schema.KINDS.items())


def test_formulas_are_those_of_the_code() -> None:
    head, _, values = (re.findall(r"\|(.*)\|", line)[0].split("|") for line in _after("| 类型 / kind", 3))
    told = dict(zip((w.strip() for w in head[1:]), (float(w) for w in values[1:]), strict=True))
    assert told == dict(KIND_WEIGHTS)
    weights = dict(re.findall(r"(\w+)\^([\d.]+)", RANKING))
    assert {k: float(v) for k, v in weights.items()} == dict(scoring.WEIGHTS)
    for constant in (
        f"days / {scoring.FIT_DAYS:g}", f"answers / {scoring.REACH_ANSWERS:g}", f"age / {scoring.FRESH_DAYS:g}",
        f"followers / {scoring.REACH_FOLLOWERS}", f"{scoring.FLOOR:g}", f"{scoring.UNKNOWN:g}",
    ):  # fmt: skip
        assert constant in RANKING
    assert all(f"`{name}`" in RANKING or f"--by {name}" in RANKING for name in RANKERS)


def _after(start: str, count: int) -> list[str]:
    lines = RANKING.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(start))
    return lines[first : first + count]


def _links() -> Iterator[tuple[str, str]]:
    for path in everything():
        if path.suffix == ".md" and path.is_relative_to(ROOT):
            for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text("utf-8")):
                if "://" not in target:
                    yield str(path.parent), target


def test_links_lead_somewhere() -> None:
    assert not [target for folder, target in _links() if not (Path(folder) / target).exists()]


def test_pictures_fetch_nothing() -> None:
    pictures = [p for p in everything() if p.is_relative_to(ROOT / "docs") and p.suffix == ".svg"]
    assert pictures
    assert not [p.name for p in pictures if re.search(r"url\(\W*https?:|(?:href|src)=\"https?:", p.read_text("utf-8"))]


def _module(path: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / path))


def test_the_readmes_commands_are_those_that_ci_runs() -> None:
    command = _module(".ci/readme_command.py")["command"]
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for name in ("demo", "test"):
        assert README.count(command(name)) == 2, "Chinese and English tell the same command"
        assert f"readme_command.py {name}" in script
    assert command("demo").endswith("xunke demo")
    assert command("test").endswith("-m pytest")
    with pytest.raises(LookupError):
        command("nothing")


def test_extras_that_the_readme_names_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = set(re.findall(r"\.\[(\w+)\]|--extra (\w+)", README))
    assert {a or b for a, b in named} <= set(project["optional-dependencies"])


def test_licences_are_told_and_fit() -> None:
    made = _module("docs/make_licences.py")
    needed, licence, free, never = made["needed"](), made["licence"], made["FREE"], made["NEVER"]
    page = (ROOT / "docs" / "licences.md").read_text("utf-8")
    told = {row[0]: row[1:] for row in re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+?) \|", page, re.M)}
    assert set(told) == set(needed), "run python docs/make_licences.py"
    for name, (version, _) in needed.items():
        assert told[name][0] == version, "run python docs/make_licences.py"
        assert free.search(told[name][1])
        assert not never.search(told[name][1])
        try:
            stated = licence(name)
        except LookupError:  # another version of Python or another platform needs it
            continue
        assert free.search(stated), name
        assert not never.search(stated), name


def test_the_page_of_the_collectors_is_what_they_say() -> None:
    made = _module("docs/make_collectors.py")
    assert (ROOT / "docs" / "collectors.md").read_text("utf-8") == made["page"](), "run python docs/make_collectors.py"


def test_the_lock_file_fits_and_names_public_places_only() -> None:
    text = (ROOT / "uv.lock").read_text("utf-8")
    assert set(re.findall(r"https?://([^/\"]+)", text)) == {"pypi.org", "files.pythonhosted.org"}
    lock = tomllib.loads(text)
    mine = next(p for p in lock["package"] if p["name"] == "xunke")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {d["name"] for d in mine["dependencies"]} == {_name(d) for d in project["dependencies"]}
    for extra, wanted in project["optional-dependencies"].items():
        locked = {d["name"] for d in mine["optional-dependencies"][extra]}
        assert {_name(d) for d in wanted} - {"xunke"} <= locked


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower()


def test_the_ci_script_is_a_program_that_bash_reads() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = script.read_text("utf-8")
    assert "set -euo pipefail" in text
    assert "sudo" not in text


def test_the_program_tells_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    done = subprocess.run(
        [sys.executable, "-m", "xunke", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"xunke {project['version']}"
    assert project["version"] in (ROOT / "CHANGELOG.md").read_text("utf-8")
