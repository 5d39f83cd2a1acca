"""Every kind of sentence about what is done with people runs on the sample, says something, and can be said twice."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.conftest import TODAY
from tests.engine.acting import of, run
from xunke.events import Answer, Done, Failed, FileWritten, Page, StepStarted, Table, Warned
from xunke.plan import Work
from xunke.storage import Project

CASES = tomllib.loads((Path(__file__).parents[1] / "chat" / "doing.toml").read_text("utf-8"))["case"]
NAMES = {"青柠汽水": "山楂在线", "阿布的胃": "追风吃遍"}
"""Invented people of the sample instead of those of the sentences."""
SAID = (Table, Done, Page, FileWritten, Warned)


@pytest.fixture(scope="module")
def won(sample_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The sample with a list, a campaign, a segment and an experiment."""
    path = tmp_path_factory.mktemp("won") / "won.db"
    path.write_bytes(sample_file.read_bytes())
    project = Project.open(path)
    run(project, "找最近30天聊 #减肥 的人，影响力前30，存成名单春季 露营", today=TODAY)
    run(project, "新建活动春季新品", today=TODAY)
    yield project
    project.close()


@pytest.mark.parametrize("case", CASES, ids=[case["say"][0] for case in CASES])
def test_a_sentence_runs(case: dict[str, object], won: Project) -> None:
    said = str(case["say"][0])  # type: ignore[index]
    for name, known in NAMES.items():
        said = said.replace(name, known)
    events = run(won, said)
    failed = of(events, Failed)
    assert not failed or failed[0].key not in NEVER, failed
    assert failed or [event for event in events if isinstance(event, SAID)], "nothing is said"
    assert [event.action for event in of(events, StepStarted)] in (["work"], [])


BLIND = tomllib.loads((Path(__file__).parents[1] / "chat" / "doing2.toml").read_text("utf-8"))["first"]
MORE = tomllib.loads((Path(__file__).parents[1] / "chat" / "doing3.toml").read_text("utf-8"))["say"]


def _once() -> list[str]:
    """Of each op that has not run above one sentence; all of those that hold fields."""
    seen = {(case["expect"]["do"], case["expect"].get("op", "")) for case in CASES}
    chosen = []
    for said, do, op, more in BLIND:
        if (do, op) not in seen or "fields" in more:
            chosen.append(said)
            seen.add((do, op))
    return chosen + [row[0] for key, row in MORE.items() if tuple(key.split(".")) not in seen]


NEVER = ("error.unexpected", "plan.invalid", "action.later")


@pytest.fixture(scope="module")
def told(won: Project) -> Project:
    """The same with what the other sentences speak of."""
    for said in (
        "把这些人存成名单春季",
        "建个名单叫首批，20个人",
        "把30天内发过1条以上 #减肥 的上海女生存成分群 高活跃",
        "新建活动双十二",
        "新建活动双十一",
        "拿名单春季做个AB试验叫标题测试，A版和B版",
        "先拿名单春季的10人试试水，叫小试，回复率过8%就推",
    ):
        run(won, said)
    return won


@pytest.mark.parametrize("said", _once())
def test_a_sentence_reaches_its_act(said: str, told: Project) -> None:
    """Through to the act: it says something, or why it cannot, in both languages; nothing breaks."""
    for name, known in NAMES.items():
        said = said.replace(name, known)
    events = run(told, said)
    failed = of(events, Failed)
    assert not failed or failed[0].key not in NEVER, failed
    assert failed or [event for event in events if isinstance(event, (*SAID, Answer))], "nothing is said"


def test_every_kind_of_work_is_said_by_a_sentence() -> None:
    assert {case["expect"]["do"] for case in CASES} | {row[1] for row in BLIND} | {
        key.split(".")[0] for key in MORE
    } >= set(get_args(Work))
