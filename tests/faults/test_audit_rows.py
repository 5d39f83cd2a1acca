"""Every act that touches people's data leaves a row in the audit log that names nobody, and the chain holds. All people
are invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import TODAY
from xunke.cli.main import main
from xunke.clock import start_of
from xunke.model import Account, Interaction, Post, Provenance
from xunke.storage import Project
from xunke.storage.project import verify_audit

WORDS = (
    "林小满虚构", "Lin_Invented", "7700000001", "夏日虚构名单", "虚构细分", "虚构活动", "虚构试验", "虚构用途",
    "虚构文件",
)  # fmt: skip
ACTS: list[tuple[str, str]] = [
    ("找聊露营的人，前30名，存成名单 夏日虚构名单", "list.create"),
    ("list set 夏日虚构名单 --purpose 虚构用途", "list.set"),
    ("list create 夏日虚构名单二 --from 夏日虚构名单", "list.create"),
    ("list remove 夏日虚构名单二 weibo:7700000002", "list.remove"),
    ("list add 夏日虚构名单二 weibo:7700000002", "list.add"),
    ("list tag 夏日虚构名单 林小满组 weibo:7700000001", "list.tag"),
    ("list drop 夏日虚构名单二", "list.drop"),
    ("export 夏日虚构名单 --format csv --out OUT/虚构文件.csv --yes", "export"),
    ("export 夏日虚构名单 --format hashed --entrusted --out OUT/虚构文件h.csv --yes", "export"),
    ("export people --format xlsx --out OUT/虚构文件.xlsx", "export"),
    ("export network --format gexf --out OUT/虚构文件.gexf", "export"),
    ("report --list 夏日虚构名单 --names --out OUT/虚构文件.html", "export"),
    ("persona --list 夏日虚构名单 --names --format md --out OUT/虚构文件.md", "export"),
    ("segment save 虚构细分 --rule 发帖数>=1", "segments.create"),
    ("campaign new 虚构活动 --goal 试 --list 夏日虚构名单", "campaign.create"),
    ("experiment new 虚构试验 --list 夏日虚构名单 --arms A,B --overlap", "experiment.create"),
    ("touch done weibo:7700000001 --step reply --outside --text 你好林小满虚构", "touch"),
    ("touch outcome weibo:7700000001 回复", "outcome"),
    ("touch undo", "undo"),
    ("touch limits follow_day=3", "touch_limit"),
    ("note @weibo:7700000001 林小满虚构喜欢跑步", "note"),
    ("consent add weibo:7700000001 --kind vcard --evidence 林小满虚构填的表", "consent.add"),
    ("export 夏日虚构名单 --format vcf --out OUT/虚构文件.vcf --yes", "export"),
    ("consent withdraw weibo:7700000001", "consent.withdraw"),
    ("retention set posts=900", "retention.set"),
    ("held weibo:7700000003 --out OUT/虚构文件held.html", "subject_copy"),
    ("held --set purpose=虚构用途", "card.set"),
    ("mark weibo:7700000003 good", "mark"),
    ("suppress add weibo:7700000003", "suppress.add"),
    ("suppress remove weibo:7700000003", "suppress.remove"),
    ("touch import OUT/contacts.csv", "touches.import"),
    ("experiment stop 虚构试验", "experiment.stop"),
    ("segment drop 虚构细分", "segments.delete"),
    ("retention run --yes --in-use --today 2030-01-01", "sweep"),
    ("forget weibo:7700000001 --yes", "erase"),
]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[str], str]:
    """The command line in this process."""
    db = tmp_path / "p.db"
    who = [
        Account("weibo", f"770000000{n}", name=f"林小满虚构{n if n > 1 else ''}", handle=f"Lin_Invented{n}")
        for n in range(1, 7)
    ]
    when = start_of(TODAY) - 86_400
    with Project.open(db) as project:
        project.add(
            [Post("weibo", f"p{a.native_id}", "周末去露营，求推荐帐篷", a, created=when, fetched=when) for a in who],
            Provenance("user", "t", fetched=when),
        )
        project.add([Interaction("weibo", who[0], who[1], "reply", time=when)], Provenance("user", "t", fetched=when))
    (tmp_path / "contacts.csv").write_text(
        "person,step,time\nweibo:7700000002,reply,2026-11-20 10:00\n", "utf-8"
    )

    def run(line: str) -> str:
        words = [line, "--yes"] if line.startswith("找") else line.replace("OUT", str(tmp_path)).split()
        capsys.readouterr()
        dated = [] if "--today" in words else ["--today", TODAY.isoformat()]
        code = main(["--db", str(db), *words, *dated])
        out, err = capsys.readouterr()
        assert code == 0, (line, out + err)
        return out

    return run


def test_every_act_about_people_is_in_the_log_without_names(run: Callable[[str], str], tmp_path: Path) -> None:
    lacking, before = [], 0
    for line, act in ACTS:
        run(line)
        with Project.open(tmp_path / "p.db") as project:
            rows = project.query("select id, act, detail from audit where id > ? order by id", (before,))
            assert verify_audit(project.reader) is None, line
        if not any(row[1].startswith(act) for row in rows):
            lacking.append(f"{line}: {act} not in {[row[1] for row in rows]}")
        for _, name, detail in rows:
            said = name + json.dumps(json.loads(detail), ensure_ascii=False)
            assert not [word for word in WORDS if word.casefold() in said.casefold()], (line, said)
        before = rows[-1][0] if rows else before
    assert not lacking, "\n".join(lacking)
