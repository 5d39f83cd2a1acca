"""What a result or a table comes to: who leads, by how much, from how many posts, how sure, and what was not seen."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke.clock import told_day
from xunke.events import Answer, Event, Sentence, Table
from xunke.outreach.why import sensitivity
from xunke.storage import Project, rows
from xunke.text import one_line

from .common import name_of, people_refs, person_ref, post_refs, result_ref, result_rows, sentence

if TYPE_CHECKING:
    from . import Told

_CHECKED: Final = 5000
"""Results of more people than this are not ranked again with other weights."""
_Z: Final = 1.959964
_TIMES: Final = frozenset({"hour", "day", "week", "month"})
_FEW: Final = 30
_RATES: Final = frozenset({"sentiment", "share", "engagement_rate"})
"""Measures between 0 and 1, of which a difference is told in points."""


def sum_up(project: Project, told: Told) -> Iterator[Event]:
    """At most one answer."""
    said: list[Sentence] = []
    if told.result is not None and (setting := _setting(project, told.result.result)).get("segments"):
        said = [_segments(project, told.result.result, setting)]
    elif told.result is not None:
        of = _people if told.result.target == "people" else _posts
        said = list(of(project, told))
    elif told.tables:
        said = list(_table(project, told.tables[-1]))
    if said:
        yield Answer("summary", said, told.index)


def _setting(project: Project, result: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(project.one("select setting from result where id = ?", (result,)) or "{}")
    return found


def _segments(project: Project, result: int, setting: dict[str, Any]) -> Sentence:
    """How many groups, how uneven, and how clear they are."""
    sizes = [(int(one["size"]), str(one["name"])) for one in setting["segments"]]
    most, name = max(sizes, key=lambda pair: pair[0])
    total, clear = sum(size for size, _ in sizes), setting.get("silhouette")
    inside = [item for _, item, _, parts in result_rows(project, result, _CHECKED) if parts.get("segment") == name]
    people = project.one("select target from result where id = ?", (result,)) == "people"
    refs = {"most": (people_refs if people else post_refs)(project, inside), "n": result_ref(result)}
    grade = "" if clear is None else "_clear" if clear >= 0.5 else "_fair" if clear >= 0.25 else "_weak"
    return sentence(f"answer.segments{grade}", refs, k=len(sizes), group=name, most=most, share=most / max(1, total),
                    least=min(size for size, _ in sizes), n=total, silhouette=clear or 0.0)  # fmt: skip


# -- results -------------------------------------------------------------------------------------------------------


def _people(project: Project, told: Told) -> Iterator[Sentence]:
    assert told.result is not None  # noqa: S101 - asked by sum_up
    result = told.result.result
    top = result_rows(project, result, 2)
    setting = _setting(project, result)
    shown = {row.id: row for row in rows.people(project, [item for _, item, _, _ in top])}
    if not top or top[0][1] not in shown or "sort" not in setting:
        return
    _, first, value, stored = top[0]
    person, raw, evidence = shown[first], stored.get("raw", {}), stored.get("posts", [])
    params: dict[str, Any] = {
        "name": name_of(person), "n": told.result.count, "sort": setting["sort"], "value": number(value),
        "actors": raw.get("actors", 0), "posts": raw.get("matched") or len(evidence),
    }  # fmt: skip
    refs = {"name": [person_ref(person)], "posts": post_refs(project, evidence), "n": result_ref(result)}
    if len(top) > 1 and top[1][1] in shown:
        other, behind = shown[top[1][1]], top[1][2]
        gap = (value or 0) / behind - 1 if behind else None
        key = "lead" if gap is not None and gap >= 0.005 else "even"
        key = f"answer.people.{'far' if gap is not None and gap >= 1 else key}"
        refs["second"] = [person_ref(other)]
        yield sentence(key, refs, **params, second=name_of(other), gap=gap, times=(gap or 0) + 1)
    else:
        yield sentence("answer.people.only", refs, **params)
    if 1 < told.result.count <= _CHECKED:
        yield from _steady(project, result, first, setting)
    yield from _unseen(told, result)


def _steady(project: Project, result: int, first: int, setting: dict[str, Any]) -> Iterator[Sentence]:
    """Whether the first place stands when a weight moves by a fifth."""
    moves = sensitivity(project, result, first, setting)
    if not moves:
        return
    worst = max(moves, key=lambda move: (move["rank"], move["part"]))
    if worst["rank"] == 1:
        yield sentence("answer.people.steady")
    else:
        key = "answer.people.shaky_less" if worst["factor"] < 1 else "answer.people.shaky_more"
        yield sentence(key, part=worst["part"], rank=worst["rank"])


def _unseen(told: Told, result: int) -> Iterator[Sentence]:
    """What did not count because it is not known: people who state nothing, interactions that are not stored."""
    refs = {"unknown": result_ref(result), "share": result_ref(result)}
    unknown = sum(params.get("unknown") or 0 for _, _, params in told.funnel.stages) if told.funnel else 0
    cover = told.warned.get("coverage.interactions")
    share = cover.params["percent"] / 100 if cover else None
    if unknown and share is not None:
        yield sentence("answer.unseen.both", refs, unknown=unknown, share=share)
    elif unknown:
        yield sentence("answer.unseen.people", refs, unknown=unknown)
    elif share is not None:
        yield sentence("answer.unseen.acts", refs, share=share)


def _posts(project: Project, told: Told) -> Iterator[Sentence]:
    assert told.result is not None  # noqa: S101 - asked by sum_up
    result = told.result.result
    authors, first, last, known = project.query(
        "select count(distinct t.author), min(t.created), max(t.created), count(t.created) from score s "
        "join post t on t.id = s.item where s.result = ?",
        (result,),
    )[0]
    top = result_rows(project, result, 1)
    shown = rows.posts(project, [item for _, item, _, _ in top])
    if not shown:
        return
    setting = _setting(project, result)
    post, value = shown[0], top[0][2]
    writer = rows.people(project, [post.author]) if post.author is not None else []
    refs = {
        "n": result_ref(result), "who": [person_ref(writer[0])] if writer else [],
        "value": post_refs(project, [post.id]), "quote": post_refs(project, [post.id]),
    }  # fmt: skip
    params = {
        "n": told.result.count, "authors": authors, "first": told_day(first), "last": told_day(last),
        "quote": one_line(post.text, 24),
        "who": name_of(writer[0]) if writer else "?", "sort": setting.get("sort", "time"), "value": number(value),
    }  # fmt: skip
    key = "answer.posts.newest" if params["sort"] == "time" else "answer.posts.lead"
    yield sentence(key if known else "answer.posts.undated", refs, **params)
    yield from _unseen(told, result)


def number(value: float | None) -> str:
    """A number as it is told: whole ones with separators, small ones with three digits."""
    if value is None:
        return "?"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


# -- tables ----------------------------------------------------------------------------------------------------------


def _table(project: Project, table: Table) -> Iterator[Sentence]:
    special = _SPECIAL.get(table.title)
    if special is not None:
        yield from special(project, table)
        return
    by = table.columns[0]
    asked = next(iter(table.params.get("measures", ())), "count")
    at = table.columns.index(asked) if asked in table.columns[1:] else None
    at = at or next((i for i, name in enumerate(table.columns) if i and _numeric(table, i)), None)
    if at is None or not table.rows or (not table.title.startswith("compare.") and table.title not in _COUNTED):
        return
    measure = "count" if table.columns[at] in ("posts", "count") else table.columns[at]
    known = [(row[at], place) for place, row in enumerate(table.rows) if row[0] != "?" and row[at] is not None]
    if not known or (any(isinstance(row[1], str) for row in table.rows) and at > 1):
        return  # several facets: the table speaks for itself
    n = int(table.params.get("n") or 0)
    if by in _TIMES:
        yield from _over_time(project, table, at, measure, known, n)
    else:
        yield from _ranked(project, table, at, measure, known, n)


def _numeric(table: Table, at: int) -> bool:
    values = [row[at] for row in table.rows if row[at] is not None]
    return bool(values) and all(isinstance(v, int | float) for v in values)


def _behind(project: Project, table: Table, place: int) -> list[str]:
    """The posts of a row, as far as the table names them."""
    opened = table.params.get("posts")
    if isinstance(opened, list) and place < len(opened):
        return post_refs(project, opened[place])
    return named_posts(table, place)


def named_posts(table: Table, place: int) -> list[str]:
    """The example posts that stand in a row."""
    if "examples" not in table.columns:
        return []
    return [f"post:{name}" for name in str(table.rows[place][table.columns.index("examples")] or "").split()]


def _over_time(
    project: Project, table: Table, at: int, measure: str, known: Sequence[tuple[float, int]], n: int
) -> Iterator[Sentence]:
    total = math.fsum(value for value, _ in known)
    value, place = max(known, key=lambda pair: (pair[0], -pair[1]))
    low, least = min(known, key=lambda pair: (pair[0], pair[1]))
    counts = measure == "count" and table.title == "stats.title"
    yield sentence(
        "answer.table.peak_share" if counts and total else "answer.table.peak",
        {"value": _behind(project, table, place), "low": _behind(project, table, least)},
        when=table.rows[place][0], value=number(value), measure=measure, share=value / total if total else 0.0, n=n,
        least=table.rows[least][0], low=number(low), total=number(total),
    )  # fmt: skip
    if counts and len(known) > 1:
        expected = total / len(known)
        chance = value - expected <= _Z * math.sqrt(max(1.0, expected)) * math.sqrt(math.log(len(known)) + 1)
        if total < _FEW or chance:
            yield sentence("answer.table.few" if total < _FEW else "answer.table.flat", n=n)


def _ranked(
    project: Project, table: Table, at: int, measure: str, known: Sequence[tuple[float, int]], n: int
) -> Iterator[Sentence]:
    order = sorted(known, key=lambda pair: (-pair[0], pair[1]))
    value, place = order[0]
    refs = {"value": _behind(project, table, place), "first": _behind(project, table, place)}
    params: dict[str, Any] = {"first": table.rows[place][0], "value": number(value), "measure": measure, "n": n,
                              "by": table.columns[0]}  # fmt: skip
    if len(order) > 1:
        other, behind = order[1]
        refs |= {"other": _behind(project, table, behind), "second": _behind(project, table, behind)}
        params |= {"second": table.rows[behind][0], "other": number(other), "times": value / other if other else 0.0}
        equal = value == other
        if measure in _RATES and not equal:
            refs |= {"rate": refs["value"], "against": refs["other"]}
            yield sentence("answer.table.rate", refs, **params, rate=value, against=other, points=100 * (value - other))
            return
        yield sentence("answer.table.equal" if equal else "answer.table.lead" if other else "answer.table.lead_nothing",
                       refs, **params)  # fmt: skip
        if measure == "count" and not table.title.startswith("compare.") and not equal:
            sure = (value - other) ** 2 > _Z * _Z * (value + other)  # two Poisson counts
            yield sentence("answer.table.sure" if sure else "answer.table.open")
    else:
        yield sentence("answer.table.only", refs, **params)
    unknown = next((row[at] for row in table.rows if row[0] == "?" and isinstance(row[at], int)), 0)
    if unknown:
        yield sentence("answer.table.unknown", unknown=unknown, by=table.columns[0])


def _rising(project: Project, table: Table) -> Iterator[Sentence]:
    rising = [place for place, row in enumerate(table.rows) if row[_at(table, "trend")] == "trend.rising"]
    if not rising:
        yield sentence("answer.rising.none", tested=table.params.get("tested", 0))
        return
    words = [str(table.rows[place][0]) for place in rising[:3]]
    refs = {f"words.{i}": named_posts(table, place) for i, place in enumerate(rising[:3])}
    lead = table.rows[rising[0]]
    yield sentence(
        "answer.rising.lead", {**refs, "authors": named_posts(table, rising[0])}, words=words,
        authors=lead[_at(table, "authors")], expected=lead[_at(table, "expected")], word=words[0],
        n=table.params.get("rising", len(rising)), tested=table.params.get("tested", 0),
    )  # fmt: skip


def _over(project: Project, table: Table) -> Iterator[Sentence]:
    sure = [row for row in table.rows if row[_at(table, "index_verdict")] == "index.over"]
    if not sure:
        yield sentence("answer.over.none", n=table.params.get("n", 0))
        return
    row = sure[0]
    share, base, index = (row[_at(table, name)] for name in ("share", "base_share", "index"))
    yield sentence("answer.over.lead", items=[str(r[0]) for r in sure[:3]], item=row[0], share=share, base=base,
                   index=index, n=table.params.get("n", 0), sure=len(sure))  # fmt: skip


def _words(project: Project, table: Table) -> Iterator[Sentence]:
    if not table.rows:
        return
    some = range(min(3, len(table.rows)))
    refs = {f"words.{i}": named_posts(table, i) for i in some} | {"authors": named_posts(table, 0)}
    yield sentence(
        "answer.words.lead", refs, words=[str(table.rows[i][0]) for i in some], word=table.rows[0][0],
        authors=table.rows[0][_at(table, "authors")], n=table.params.get("n", 0),
    )  # fmt: skip


def _at(table: Table, column: str) -> int:
    return table.columns.index(column)


_SPECIAL: Final = {
    "topics.rising": _rising, "topics.over_index": _over, "topics.keywords": _words, "topics.keywords_alone": _words,
    "topics.topics": _words,
}  # fmt: skip
_COUNTED: Final = frozenset({"stats.title", "stats.people", "segment.title"})
