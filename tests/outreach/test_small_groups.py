"""Small groups: what may be told, and that nothing hidden can be worked out from the totals."""

from __future__ import annotations

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xunke.actions.tables import write_table
from xunke.events import Table
from xunke.outreach.smallgroups import LEAST, hidden, hidden_matrix
from xunke.storage import Project

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def test_by_hand() -> None:
    assert hidden([20, 3, 9]) == {1, 2}, "3 alone would follow from the total: 9 is hidden too"
    assert hidden([20, 3, 9], total=False) == {1}
    assert hidden([20, 4, 4, 9]) == {1, 2}
    assert hidden([20, 1, 2, 9]) == {1, 2, 3}, "1 + 2 are still fewer than five"
    assert hidden([20, 0, 5]) == set()
    assert hidden([None, 2, 7]) == {1, 2}
    square = {(0, 0), (0, 1), (2, 0), (2, 1)}  # 3, 10 in its row, 9 and 7 in their columns
    assert hidden_matrix([[10, 3, 20], [30, 8, 40], [7, 9, 50]]) == square


@given(COUNTS)
def test_no_single_group_follows_from_the_total(counts: list[int]) -> None:
    gone = hidden(counts)
    assert {at for at, n in enumerate(counts) if 0 < n < LEAST} <= gone
    if gone and len([n for n in counts if n]) > 1:
        assert len(gone) >= 2
        assert sum(counts[at] for at in gone) >= LEAST or len(gone) == len([n for n in counts if n])


@given(st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=1, max_size=5))
def test_no_cell_follows_from_its_row_or_column(matrix: list[list[int]]) -> None:
    gone = hidden_matrix(matrix)
    lines = [[(y, x) for x in range(4)] for y in range(len(matrix))]
    lines += [[(y, x) for y in range(len(matrix))] for x in range(4)]
    for line in lines:
        mine = [cell for cell in line if cell in gone]
        others = [cell for cell in line if cell not in gone and matrix[cell[0]][cell[1]]]
        assert len(mine) != 1 or not others


def _written(project: Project, table: Table, tmp_path: Path) -> list[dict[str, str]]:
    event = write_table(project, table, "csv", path=str(tmp_path / "t.csv"), folder=tmp_path, lang="zh")
    with Path(event.path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_of_people_and_a_matrix(tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.db") as project:
        table = Table(
            "stats.people", ["region", "count"], [["上海", 40], ["青海", 2], ["北京", 7]], {"n": 49, "by": "region"}
        )
        assert [row["数量"] for row in _written(project, table, tmp_path)] == ["40", "<5", "*"]
        project.set_meta("card_small", "10")
        assert [row["数量"] for row in _written(project, table, tmp_path)] == ["*", "<10", "<10"]
        project.set_meta("card_small", "1")
        rows = [["上海", 3, 40], ["北京", 50, 60], ["广州", 9, 70]]
        matrix = Table("stats.people", ["region", "female", "male"], rows,
                       {"n": 9, "by": "region", "matrix": ["female", "male"]})  # fmt: skip
        cells = [list(row.values())[1:] for row in _written(project, matrix, tmp_path)]
        assert cells[0] == ["<5", "*"], "never less than five, and its row and column do not tell it"
        assert cells[2] == ["*", "*"]
        assert cells[1] == ["50", "60"]
        assert "<5" not in str(project.query("select detail from audit"))
