"""How many SQL statements the work of a day takes: as many for many people as for few.

The people are invented (``benchmarks/big_project.py``).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xunke.outreach import fans, lifecycle, next_act, personas, preflight, trials, value
from xunke.outreach.daily import queue
from xunke.outreach.persona_rows import everybody
from xunke.outreach.segment_cut import fit
from xunke.outreach.segment_facts import Book
from xunke.outreach.segment_rules import parse
from xunke.storage import Project

_SPEC = importlib.util.spec_from_file_location(
    "big_project", Path(__file__).parents[2] / "benchmarks" / "big_project.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
big_project = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(big_project)
NOON: int = big_project.NOW - 12 * 3600
FEW, MANY = 60, 240


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Project]]:
    folder = tmp_path_factory.mktemp("sizes")
    for people in (FEW, MANY):
        big_project.build(folder / f"{people}.db", people)
    with Project.open(folder / f"{FEW}.db") as few, Project.open(folder / f"{MANY}.db") as many:
        yield few, many


def statements(project: Project, act: Callable[[Project], object]) -> int:
    seen: list[str] = []
    project.reader.set_trace_callback(seen.append)
    try:
        act(project)
    finally:
        project.reader.set_trace_callback(None)
    return len(seen)


def grown(sizes: tuple[Project, Project], act: Callable[[Project], object]) -> int:
    """How many statements more the larger project takes."""
    few, many = (statements(project, act) for project in sizes)
    assert few > 0
    return many - few


RULE = (
    "region = 上海 and interest = 减肥 and need = seek_advice and dealings >= 1 and stage = follower and value = most"
)
ACTS: dict[str, Callable[[Project], object]] = {
    "rule": lambda p: fit(Book(p, big_project.TODAY), parse(RULE)),
    "stages": lambda p: lifecycle.stages(Book(p, big_project.TODAY)),
    "values": lambda p: value.worths(Book(p, big_project.TODAY)),
    "unwanted": lambda p: value.unwanted(p, big_project.TODAY),
    "four rights": lambda p: preflight.check(p, 1, now=NOON, step="reply"),
    "next acts": lambda p: next_act.propose(p, NOON, limit=3),
    "persona": lambda p: personas.persona(p, everybody(p), now=NOON),
    "advocates": lambda p: fans.advocates(p, 1, big_project.TODAY, least=1),
    "arms": lambda p: trials.mixed(p, 1),
}


@pytest.mark.parametrize("name", ACTS)
def test_no_statement_for_each_person(sizes: tuple[Project, Project], name: str) -> None:
    assert grown(sizes, ACTS[name]) == 0


def test_the_queue_of_a_day_takes_statements_for_the_lines_that_are_shown_only(
    sizes: tuple[Project, Project],
) -> None:
    few, many = (len(queue(project, NOON, limit=3).items) for project in sizes)
    assert few == many == 3
    assert grown(sizes, lambda project: queue(project, NOON, limit=3)) <= 3 * 8  # of a line with a draft, at most
