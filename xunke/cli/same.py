"""same, mark: which accounts are one person's, and who is the right kind of person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from xunke import actions
from xunke.errors import UsageError
from xunke.outreach import identity
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


def accounts_of(context: Context, words: list[str]) -> list[int]:
    """The accounts that ``words`` name, each once."""
    return list(dict.fromkeys(actions.one_account(context.project, word).id for word in words))


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"same": same}
