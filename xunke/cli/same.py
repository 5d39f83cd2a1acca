"""same, mark, lookalike, compare, filters: whose accounts are whose, who is alike, who passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from xunke import actions
from xunke.errors import BadInput, UsageError
from xunke.outreach import identity, lists
from xunke.outreach.people import NUMBERS, barred, filters_of
from xunke.present.why import comparison_lines
from xunke.storage import rows

from .who import understand

if TYPE_CHECKING:
    from .main import Context


def same(context: Context) -> int:
    """``xunke same find|list|show|accept|reject|undo``."""
    args, project, out = context.args, context.project, context.out
    if args.op in ("find", "list") and args.ids:
        raise UsageError("cli.unknown_words", names=" ".join(args.ids))
    if args.op == "find":
        asyncio.run(understand(context))
        out.say(out.cat.t("same.found", n=identity.find(project)))
    if args.op in ("find", "list"):
        _queue(context, identity.pairs(project, None if args.all else "open", limit=args.limit))
        return 0
    if not args.ids:
        raise UsageError("cli.no_pair")
    if args.op == "show":
        for number in _numbers(context):
            _show(context, identity.get(project, number))
        return 0
    act = {"accept": identity.accept, "reject": identity.reject, "undo": identity.undo}[args.op]
    done = act(project, _numbers(context))
    for pair in done:
        one, two = _names(context, [pair])[pair.a], _names(context, [pair])[pair.b]
        out.say(out.cat.t(f"same.{args.op}", id=pair.id, a=one, b=two))
        if args.op == "accept":
            for flag in pair.flags:
                out.say(out.cat.t(f"same.flag.{flag}"))
    if out.json:
        _queue(context, [identity.get(project, pair.id) for pair in done])
    return 0


def _numbers(context: Context) -> list[int]:
    """The pairs that were named; ``sure`` names all that are offered as sure."""
    found: list[int] = []
    for word in context.args.ids:
        if word == "sure":
            found += [pair.id for pair in identity.pairs(context.project) if pair.sure and not pair.flags]
        elif word.isascii() and word.isdigit() and len(word) < 18:
            found.append(int(word))
        else:
            raise UsageError("cli.bad_number", name="ID", value=word)
    return list(dict.fromkeys(found))


def _names(context: Context, pairs: list[identity.Pair]) -> dict[int, str]:
    ids = sorted({account for pair in pairs for account in (pair.a, pair.b)})
    names = {}
    for row in rows.people(context.project, ids):
        platform = context.out.cat.t(f"value.{row.platform}") if context.out.cat.has(f"value.{row.platform}") else ""
        names[row.id] = f"{row.name or row.handle or row.native_id}（{platform or row.platform}）"
    return {account: names.get(account, str(account)) for account in ids}


def _queue(context: Context, pairs: list[identity.Pair]) -> None:
    out, cat = context.out, context.out.cat
    if not out.json:
        names = _names(context, pairs)
        table = [
            {"id": pair.id, "p": pair.p, "a": names[pair.a], "b": names[pair.b],
             "state": cat.t(f"same.state.{pair.state}"), "reasons": "；".join(_reasons(context, pair))}
            for pair in pairs
        ]  # fmt: skip
        out.rows(("id", "p", "a", "b", "state", "reasons"), table)
        if not pairs:
            out.say(cat.t("same.none"))
        return
    held = {row.id: row for row in rows.people(context.project, sorted({x for p in pairs for x in (p.a, p.b)}))}
    for pair in pairs:
        sides = {
            side: {
                "platform": row.platform,
                "id": row.native_id,
                "name": row.name,
                "handle": row.handle,
                "url": row.url,
            }
            for side, account in (("a", pair.a), ("b", pair.b))
            if (row := held.get(account)) is not None
        }
        out.object({"pair": pair.id, "p": pair.p, "sure": pair.sure, "state": pair.state, **sides,
                    "flags": list(pair.flags), **pair.detail})  # fmt: skip


def _reasons(context: Context, pair: identity.Pair) -> list[str]:
    """What speaks for the pair, strongest first, then what is odd about it."""
    cat = context.out.cat
    said = [cat.t(f"same.flag.{flag}") for flag in pair.flags]
    if "holders" in pair.detail:
        return [cat.t("same.holder" if pair.sure else "same.holders", n=pair.detail["holders"]), *said]
    told = sorted(identity.fields_of(pair), key=lambda f: (-f.bits, f.field))
    return [
        cat.t("same.bits", what=_level(context, f.field, f.level), bits=f.bits) for f in told if f.bits > 0.5
    ] + said


def _level(context: Context, field: str, level: str) -> str:
    cat = context.out.cat
    return cat.t("same.level", field=cat.t(f"same.field.{field}"), level=cat.t(f"same.is.{level}"))


def _show(context: Context, pair: identity.Pair) -> None:
    """Both profiles beside each other, and the arithmetic."""
    out, cat = context.out, context.out.cat
    if out.json:
        _queue(context, [pair])
        return
    one, two = (rows.people(context.project, [account])[0] for account in (pair.a, pair.b))
    out.data(cat.t("same.pair", id=pair.id, p=pair.p, state=cat.t(f"same.state.{pair.state}")))
    for label, name in (
        ("column.platform", "platform"), ("column.name", "name"), ("column.handle", "handle"), ("person.bio", "bio"),
        ("column.url", "url"), ("column.region", "region"), ("column.followers", "followers"),
    ):  # fmt: skip
        values: list[Any] = [getattr(row, name) for row in (one, two)]
        if any(value is not None for value in values):
            left, right = ("—" if value is None else str(value) for value in values)
            out.data(f"  {cat.t(label)}: {left} | {right}")
    if "holders" in pair.detail:
        out.data(cat.t("same.holder" if pair.sure else "same.holders", n=pair.detail["holders"]))
    else:
        out.data(cat.t("same.prior", bits=pair.detail["prior"]))
        for f in identity.fields_of(pair):
            out.data(cat.t("same.field", what=_level(context, f.field, f.level), m=f.m, u=f.u, bits=f.bits))
        out.data(cat.t("same.sum", bits=pair.detail["bits"], p=pair.p))
    for flag in pair.flags:
        out.data(cat.t(f"same.flag.{flag}"))


# -- people like these ---------------------------------------------------------------------------------------------


def mark(context: Context) -> int:
    """``xunke mark [PERSON good|bad|none] [--list NAME]``: who is the right kind of person; alone: who is marked."""
    args, project, out = context.args, context.project, context.out
    entry = lists.by_name(project, args.list) if args.list else None
    if entry is not None and entry.target != "people":
        raise UsageError("like.not_people", name=entry.name)
    number = entry.id if entry is not None else 0
    if args.person is not None:
        if args.good is None:
            raise UsageError("cli.no_mark")
        asyncio.run(understand(context))
        account = actions.one_account(project, args.person)
        if barred(project, [account.id]):
            raise BadInput("like.barred", who=account.name or account.native_id)
        lists.mark(project, account.id, {"good": True, "bad": False, "none": None}[args.good], number)
        out.say(out.cat.t(f"mark.{args.good}", who=account.name or account.native_id))
        return 0
    good, bad = lists.marked(project, number if entry is not None else None)
    never = barred(project, [*good, *bad])
    for verdict, side in (("good", good), ("bad", bad)):
        held = rows.people(project, [a for a in side if a not in never])
        out.rows(("mark", "platform", "id", "name"), [
            {"mark": out.cat.t(f"mark.is.{verdict}"), "good": verdict == "good", "platform": row.platform,
             "id": row.native_id, "name": row.name}
            for row in held
        ])  # fmt: skip
    if not good and not bad:
        out.say(out.cat.t("mark.nobody"))
    return 0


def lookalike(context: Context) -> int:
    """``xunke lookalike --like LIST|PERSON… [--unlike LIST|PERSON…]``: people like these."""
    from xunke.outreach import lookalike as model

    args, project, out = context.args, context.project, context.out
    if args.limit < 1:
        raise UsageError("cli.bad_limit", limit=args.limit)
    asyncio.run(understand(context))
    likes, unlikes = _named(context, args.like or [])
    more, _ = _named(context, args.unlike or [])
    if not args.like:
        likes, marked_bad = lists.marked(project)
        unlikes += marked_bad
    unlikes = [a for a in dict.fromkeys([*unlikes, *more]) if a not in likes or a in more]
    asyncio.run(_read_newest(context))
    until = context.now
    found = model.alike(
        project, likes, unlikes, until=until, limit=args.limit, known=actions.own_accounts(project),
        judge=lambda accounts: asyncio.run(_judge(context, accounts)),
        title=_title(context)[:60],
    )  # fmt: skip
    if out.json:
        for row in rows.result_people(project, found.result).window(0, found.count):
            out.object({
                "rank": row.rank, "platform": row.platform, "id": row.native_id, "name": row.name, "score": row.value,
                "result": found.result, "z": row.parts["raw"]["z"], "bias": row.parts["bias"],
                "features": [{"name": n, "x": x, "weight": w, "adds": a} for n, x, w, a in row.parts["features"]],
                "rest": row.parts["rest"], "quality": found.quality and found.quality.as_json(),
            })  # fmt: skip
        return 0
    from xunke.outreach.exports import reason_text

    out.rows(("rank", "platform", "id", "name", "score", "reason"), [
        {"rank": row.rank, "platform": row.platform, "id": row.native_id, "name": row.name, "score": row.value,
         "reason": reason_text(lists.reasons(project, row.parts, ()), out.cat)}
        for row in rows.result_people(project, found.result).window(0, found.count)
    ])  # fmt: skip
    for key, params in model.quality_lines(found.quality.as_json() if found.quality else None, found.missing):
        out.say(out.cat.t(key, **params))
    out.say(out.cat.t("like.stored", result=found.result, n=found.count, good=found.accepted, bad=found.rejected))
    return 0


def _title(context: Context) -> str:
    """Like which lists and how many people; people are not named, as titles outlive them."""
    cat, words = context.out.cat, context.args.like or []
    known = {entry.name for entry in lists.saved(context.project)}
    named = [word for word in words if word in known]
    if people := len(words) - len(named):
        named.append(cat.t("like.people", n=people))
    return cat.t("like.title", names="、".join(named or [cat.t("like.marked")]))


def _named(context: Context, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """The people that these words name, lists or persons; of lists, those marked bad apart."""
    project = context.project
    named = {entry.name: entry for entry in lists.saved(project)}
    good: list[int] = []
    bad: list[int] = []
    for word in words:
        entry = named.get(word)
        if entry is None:
            good.append(actions.one_account(project, word).id)
            continue
        if entry.target != "people":
            raise UsageError("like.not_people", name=entry.name)
        lists.by_name(project, word, context.now)
        wrong = lists.marked(project, entry.id)[1]
        good += [a for a in lists.members(project, entry.id) if a not in wrong]
        bad += wrong
    return list(dict.fromkeys(good)), list(dict.fromkeys(bad))


NEWEST: Final = 20_000
"""So many posts, the newest, are read for what they tell before people are compared."""


async def _read_newest(context: Context) -> None:
    from nlp.pool import Analyzer
    from xunke.analysis import understand_posts

    sql = "select id from post order by coalesce(created, 0) desc, id desc limit ?"
    newest = [row[0] for row in context.project.query(sql, (NEWEST,))]
    analyzer = Analyzer(None)
    try:
        async for event in understand_posts(context.project, newest, analyzer):
            context.out.event(event)
    finally:
        analyzer.close()


async def _judge(context: Context, accounts: Sequence[int]) -> None:
    from xunke.accounts import judge_accounts

    async for event in judge_accounts(context.project, accounts):
        context.out.event(event)


# -- two people, and the filters of the project --------------------------------------------------------------------


def compare(context: Context) -> int:
    """``xunke compare PERSON PERSON``: two people side by side."""
    from xunke.outreach.compare import compare as both

    args, project, out = context.args, context.project, context.out
    asyncio.run(understand(context))
    one, two = (actions.one_account(project, word).id for word in (args.one, args.two))
    found = both(project, one, two, args.result)
    if out.json:
        out.object(found.as_json())
    else:
        for line in comparison_lines(found, out.cat):
            out.data(line)
    return 0


def filters(context: Context) -> int:
    """``xunke filters [NAME=VALUE …]``: show or change the hard filters of the project."""
    project, out = context.project, context.out
    now = asdict(filters_of(project))
    for change in context.args.changes:
        name, _, said = change.partition("=")
        if name not in now:
            raise UsageError("cli.bad_filter", filter=change, known=", ".join(now))
        if name in NUMBERS and (said == "none" or (said.isascii() and said.isdigit() and len(said) < 13)):
            now[name] = None if said == "none" else int(said)
        elif name not in NUMBERS and said in ("on", "off"):
            now[name] = said == "on"
        else:
            raise UsageError("cli.bad_filter", filter=change, known=", ".join(now))
    if context.args.changes:
        project.set_meta("filters", json.dumps(now))
        project.audit("filters", **now)
    table: list[dict[str, Any]] = [
        {"filter": name, "value": True, "fixed": True, "what": out.cat.t(f"filters.{name}")}
        for name in ("suppressed", "minors")
    ]
    table += [
        {"filter": name, "value": value, "fixed": False, "what": out.cat.t(f"filters.{name}")}
        for name, value in now.items()
    ]
    if out.json:
        out.rows((), table)
        return 0
    for row in table:
        value = row["value"]
        if row["fixed"]:
            row["setting"] = out.cat.t("filters.fixed")
        elif value is None or isinstance(value, bool):
            row["setting"] = out.cat.t({True: "filters.on", False: "filters.off", None: "filters.none"}[value])
        else:
            row["setting"] = value
    out.rows(("filter", "setting", "what"), table)
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {
    "same": same, "mark": mark, "lookalike": lookalike, "compare": compare, "filters": filters,
}  # fmt: skip
