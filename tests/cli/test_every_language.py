"""The commands that make more of people than a list, swept: the same numbers in both languages, never a traceback."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TODAY
from xunke.cli.main import main

DAY = TODAY.isoformat()
Told = tuple[int, str, str]
Run = Callable[..., Told]
KEY = re.compile(r"[a-z][a-z0-9_.]*")

BEFORE = """
segment --method value
segment save 潜力 --group 最具成长潜力
list create 试吃 --from 潜力 --touches 20 --hold-out 10% --purpose 试吃 --basis public
campaign new 轻食 --goal 请人来试吃 --kpi 回复率 --target 20% --list 试吃 --since 2026-11-20
touch today --list 试吃
touch done 1
touch skip 2
calendar add 2026-12-01 冬至吃什么 --at 20:00
"""
"""What is there before the questions are asked (names are invented)."""
ASKED = """
segment --method rfm --limit 3
segment list
segment show 潜力 --limit 3
segment matrix platform stage
segment check
segment choose
segment fields
persona --segment 潜力
list
list show 试吃
list why-not 试吃 demo-00515
list guard
queue --limit 3
context --segment 潜力 --limit 3
touch
touch log
touch limits
touch preflight 试吃
touch neglected
touch may demo-00515
note
campaign
campaign show 轻食
campaign brief 轻食
campaign check 轻食
campaign kpi 轻食
campaign funnel 轻食
campaign waste 轻食
campaign hit 轻食
campaign roi 轻食
campaign slots 轻食
campaign maturity
campaign case 轻食
calendar
calendar days
calendar mix
experiment
experiment power --baseline 5% --mde 3%
experiment result --data A=120/1000 B=150/1000
review --dry-run
next --limit 5
next --rules
history demo-00515 --with-us
followers
followers came --limit 3
followers left --limit 3
followers dormant --limit 3
followers advocates --limit 3
followers hours
retention
consent
held demo-00515
held --project
"""
WRONG = """
segment|1
segment save x --group y|1
segment show 没有|1
segment matrix platform stage|0
segment matrix platform 颜色|1
segment niches|4
segment cut --rule (((|1
segment cut --by 胡说|2
persona|2
persona 没有|1
persona --segment 没有|1
list show 没有|1
list create x|4
list create x --from 没有|1
list create x --minutes -5|2
list create x --expires 昨天|2
list bulk 没有 --do remove|2
queue questions --segment 没有|1
queue --done 没有|1
context|2
context --topic 减肥 --kinds 胡说|2
touch done 1|1
touch done|2
touch outcome 1 回复|1
touch limits 胡说=1|1
touch limits person_day=abc|1
touch import 没有.csv|1
note done 5|1
note template 胡说|1
campaign new|2
campaign show|1
campaign edit 没有 --set 目标=x|1
campaign plan --plan 胡说|2
campaign mark --kpi 胡说 --value 8%|2
calendar add 昨天 标题|2
calendar drop 99|1
calendar show --month 2026-13|2
experiment new x --list 没有|1
experiment power --baseline 200% --mde 3%|1
experiment result --data A=1/0 B=2/1|1
review --campaign 没有|1
next --list 没有|1
history 没有|1
followers came|4
followers import 没有.csv|1
retention set 胡说=1|1
retention run|4
consent add 没有 --kind sms|1
held 没有|1
held --set 胡说=1|2
report 没有 --out r.html|1
"""
"""Questions that cannot be answered in an empty project, and how the command ends."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(db: Path, lang: str, line: str, *more: str) -> Told:
        try:
            code = main(["--db", str(db), "--lang", lang, "--today", DAY, *more, *shlex.split(line)])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def different(one: Any, two: Any, at: str = "") -> Iterator[str]:
    """Where two values differ in more than the words of a text."""
    if type(one) is not type(two):
        yield f"{at}: {one!r} {two!r}"
    elif isinstance(one, dict):
        yield from (f"{at}.{key}" for key in set(one) ^ set(two))
        for key in set(one) & set(two):
            yield from different(one[key], two[key], f"{at}.{key}")
    elif isinstance(one, list):
        if len(one) != len(two):
            yield f"{at}: {len(one)} {len(two)}"
        for x, y in zip(one, two, strict=False):
            yield from different(x, y, f"{at}[]")
    elif one != two and not isinstance(one, str):
        yield f"{at}: {one!r} {two!r}"


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from keys(one)


def test_numbers_and_names_of_columns_do_not_depend_on_the_language(
    run: Run, sample_file: Path, tmp_path: Path
) -> None:
    db = tmp_path / "p.db"
    shutil.copy(sample_file, db)
    for line in BEFORE.strip().splitlines():
        code, _, err = run(db, "zh", line)
        assert code == 0, (line, err)
    for line in ASKED.strip().splitlines():
        (code, zh, err), (again, en, _) = (run(db, lang, line, "--json") for lang in ("zh", "en"))
        assert (code, again) == (0, 0), (line, err)
        rows = [[json.loads(row) for row in out.splitlines()] for out in (zh, en)]
        assert not list(different(*rows)), line
        assert not {key for key in keys(rows) if not KEY.fullmatch(key)}, line


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_cannot_be_answered_is_told_in_a_sentence(run: Run, lang: str, tmp_path: Path) -> None:
    db = tmp_path / "p.db"
    for line in WRONG.strip().splitlines():
        words, _, code = line.rpartition("|")
        found, out, err = run(db, lang, words.replace("(((", "'((('"))
        assert (words, found) == (words, int(code)), err
        assert "Traceback" not in err, words
        assert "Error" not in err, words
        assert "{" not in out + err, words
        assert found == 0 or err.strip(), words
