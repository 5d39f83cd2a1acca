"""score, rank, why, person, and the care for the people found: suppress, forget, audit, own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from xunke import actions
from xunke.actions import consent as forgetting
from xunke.clock import moment, stamp
from xunke.config import user_path
from xunke.errors import BadInput, NeedsAnswer, UsageError
from xunke.evidence import needs_lines
from xunke.outreach import authentic, measures, posts, scoring, told, why
from xunke.outreach import people as people_of
from xunke.outreach.portrait import portrait
from xunke.plan import Step
from xunke.present.why import explanation_lines
from xunke.storage import erase, rows
from xunke.storage.project import verify_audit

from .window import kinds_of, limit_of, window_of

if TYPE_CHECKING:
    from .main import Context


def score(context: Context) -> int:
    """``xunke score [FILE|-]``: one text a line in, one JSON object a line out; ``--explain``: why, in words."""
    from nlp.score import score_stream

    name = context.args.file
    try:
        source = sys.stdin.buffer if name == "-" else user_path(name).open("rb")
    except OSError as error:
        raise BadInput("cli.bad_file", path=name, detail=error.strerror or "") from None
    with source:
        if context.args.explain and not context.out.json:
            return _tell_scores(context, source)
        for answers in score_stream(source, context.args.engine, explain=context.args.explain):
            sys.stdout.write(answers.decode())
            sys.stdout.flush()
    return 0


def _tell_scores(context: Context, source: BinaryIO) -> int:
    from nlp.score import explained, text_batches
    from xunke.evidence import score_lines

    for texts in text_batches(source, 100):
        for text, found in zip(texts, explained(texts, context.args.engine), strict=True):
            for line in score_lines(text, found, context.out.cat):
                context.out.data(line)
    return 0


_BASIS: Final = ("prior", "weight", "pivots")
"""Parts that are the same for everybody: in the data, not in the table."""


def rank(context: Context) -> int:
    """``xunke rank``: people by a ranker, on what was known at ``--until``."""
    args = context.args
    since, until = window_of(context)
    limit_of(context)
    by = args.by or scoring.ranker_of(context.project)
    if by == "target":
        return _rank_target(context, since, until)
    import numpy as np

    from .network import measured

    about = measures.authors_about(context.project, args.topic, context.today, since, until) if args.topic else None
    found = measured(context, by, since=since, until=until, kinds=kinds_of(args.kinds), topic=about)
    nodes, order = found.graph.nodes, found.order
    if about is not None and not found.walks_topic:
        order = order[np.isin(nodes[order], list(about))]
    kept = _without_barred(context, nodes[order].tolist(), args.limit)
    table = []
    for place, row in enumerate(kept, 1):
        i = int(np.searchsorted(nodes, row.id))
        table.append({
            "rank": place, "platform": row.platform, "id": row.native_id, "name": row.name,
            "score": float(found.values[i]), "parts": found.parts_of(i),
            **({} if context.out.json else found.parts_of(i)),
        })  # fmt: skip
    shown = [name for name in found.parts if name not in (found.by, *_BASIS)]
    if not table:
        context.out.say(context.out.cat.t("rank.empty"))
    context.out.rows(("rank", "platform", "id", "name", "score", *shown), table)
    return 0


def _without_barred(context: Context, ids: Sequence[int], limit: int | None) -> list[rows.PersonRow]:
    """The first ``limit`` of these accounts without those that appear nowhere; says how many were passed over."""
    kept: list[rows.PersonRow] = []
    passed = 0
    for start in range(0, len(ids), 1000):
        page = ids[start : start + 1000]
        asyncio.run(understand(context, page))
        kept_out = people_of.barred(context.project, page)
        for row in rows.people(context.project, page):
            if row.id in kept_out:
                passed += 1
            elif limit is None or len(kept) < limit:
                kept.append(row)
        if limit is not None and len(kept) >= limit:
            break
    if passed:
        context.out.say(context.out.cat.t("rank.barred", n=passed))
    return kept


def _rank_target(context: Context, since: int | None, until: int) -> int:
    args, project = context.args, context.project
    asyncio.run(understand(context))
    step = Step(action="find", target="people", topics=tuple((args.topic or "").split()))
    if args.topic:
        found = posts.select(project, step, context.today)
        kept_posts = [p for p in found.posts if p.created is None or (since or 0) <= p.created <= until]
        candidates = people_of.behind(project, kept_posts)
    else:
        candidates = people_of.load(project)
    kept, _ = people_of.screen(project, candidates, step, contact=False)
    ranking = scoring.influence(project, until, watch=context.out.watch("graph"))
    scored = scoring.score(project, kept, ranking, since=since, until=until, subject=bool(args.topic))
    scored.sort(key=lambda s: (-s.value, s.person.id))
    table = [
        {"rank": place, "platform": s.person.platform, "id": s.person.native_id, "name": s.person.name,
         "score": round(s.value, 8), "parts": {k: round(v, 6) for k, v in s.parts.items()}}
        for place, s in enumerate(scored[: args.limit], 1)
    ]  # fmt: skip
    _show_ranking(context, table)
    return 0


async def understand(context: Context, among: Sequence[int] | None = None) -> None:
    """Read what people say of themselves, so that nobody under 18 is shown."""
    from xunke.persona import understand_people

    async for event in understand_people(context.project, among):
        context.out.event(event)


async def _read_posts(context: Context, account: int) -> None:
    """Analyse the posts of one account for what they tell."""
    from xunke.analysis import understand_author

    async for event in understand_author(context.project, account):
        context.out.event(event)


async def _judge(context: Context, account: int) -> None:
    """Judge the authenticity of one account."""
    from xunke.accounts import judge_accounts

    async for event in judge_accounts(context.project, [account]):
        context.out.event(event)


def _show_ranking(context: Context, table: list[dict[str, Any]]) -> None:
    if not table:
        context.out.say(context.out.cat.t("rank.empty"))
    context.out.rows(("rank", "platform", "id", "name", "score"), table)


def weights(context: Context) -> int:
    """``xunke weights [NAME=NUMBER …]``: show or change the weights of the target score."""
    project, out = context.project, context.out
    now = scoring.weights_of(project)
    for change in context.args.changes:
        name, _, number = change.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name not in now or not 0 <= value <= 100:
            raise UsageError("cli.bad_weight", weight=change, known=", ".join(now))
        now[name] = value
    if not any(now.values()):
        raise UsageError("cli.no_weight")
    if context.args.changes:
        project.set_meta("weights", json.dumps(now))
        project.audit("weights", **dict[str, Any](now))
    out.rows(("what", "weight"), [{"what": out.cat.t(f"column.{n}"), "part": n, "weight": w} for n, w in now.items()])
    return 0


def explain(context: Context) -> int:
    """``xunke why PERSON``, ``xunke why --not PERSON``."""
    project, out = context.project, context.out
    asyncio.run(understand(context))
    if context.args.absent:
        return _absent(context)
    person = actions.one_account(project, context.args.person)
    asyncio.run(_read_posts(context, person.id))
    asyncio.run(_judge(context, person.id))
    found = why.explain(project, context.args.result, person.id)
    if out.json:
        out.object({
            "platform": person.platform, "id": person.native_id, "name": person.name, "result": found.result,
            "rank": found.rank, "value": found.value,
            "lines": [{"key": key, **params} for key, params in found.lines],
            **found.numbers, "edges": [edge.as_json() for edge in found.edges],
            "facts": [{"fact": f, "value": v, "origin": o, "quote": q} for f, v, o, q in found.facts],
            **found.wants.as_json(),
            "posts": [_post(post) for post in found.posts],
        })  # fmt: skip
        return 0
    for line in explanation_lines(found, out.cat):
        out.data(line)
    return 0


def _absent(context: Context) -> int:
    from xunke.absence import Absence, absence, lines

    out, account = context.out, actions.one_account(context.project, context.args.person).id

    async def run() -> None:
        async for event in absence(context.project, context.args.result, account):
            if not isinstance(event, Absence):
                out.event(event)
            elif out.json:
                out.object(event.as_json())
            else:
                for line in lines(event, out.cat):
                    out.data(line)

    asyncio.run(run())
    return 0


def _post(post: rows.PostRow) -> dict[str, Any]:
    return {
        "id": post.native_id, "time": post.created, "text": post.text, "likes": post.likes, "label": post.label,
        "url": post.url,
    }  # fmt: skip


def person(context: Context) -> int:
    """``xunke person PERSON``: what is held about somebody."""
    project, out = context.project, context.out
    asyncio.run(understand(context))
    row = actions.one_account(project, context.args.person)
    asyncio.run(_read_posts(context, row.id))
    asyncio.run(_judge(context, row.id))
    facts = project.query(
        "select f.fact, f.value, f.origin, f.quote, f.confidence, k.native_id from profile_fact f "
        "left join post_key k on k.id = f.post where f.account = ? order by f.fact, f.confidence desc, f.value",
        (row.id,),
    )
    minor = any(fact[0] == "minor" for fact in facts)
    wants = told.told(project, row.id)
    picture = None if minor else portrait(project, row.id)
    sign = None if minor else authentic.signs(project, [row.id]).get(row.id)
    written = rows.posts_of(project, row.id, 20)
    recent = written.window(0, 20)
    copies = authentic.copied(project, [post.id for post in recent])
    sources = project.query(
        "select distinct s.kind, s.name, s.fetched from source s where s.id in "
        "(select source from post where author = ? union select source from account where id = ?)",
        (row.id, row.id),
    )
    if out.json:
        out.object({
            "platform": row.platform, "id": row.native_id, "name": row.name, "handle": row.handle, "bio": row.bio,
            "url": row.url, "region": row.region, "gender": row.gender, "followers": row.followers,
            "following": row.following, "posts": row.posts, "verified": row.verified, "kind": row.kind,
            "facts": [
                {"fact": f, "value": v, "origin": o, "quote": q, "confidence": c, "post": p}
                for f, v, o, q, c, p in facts
            ],
            "authenticity": sign and sign.as_json(),
            "portrait": picture and picture.as_json(),
            **wants.as_json(),
            "recent": [_post(post) | {"copied_by": copies.get(post.id)} for post in recent],
            "sources": [{"kind": k, "name": n, "fetched": t} for k, n, t in sources],
        })  # fmt: skip
        return 0
    cat = out.cat
    out.data(f"{row.name or row.native_id}  {cat.t('value.' + row.platform)}  {row.native_id}")
    for label, value in (
        ("column.handle", row.handle), ("person.bio", row.bio), ("column.url", row.url), ("column.region", row.region),
        ("column.followers", row.followers), ("column.following", row.following), ("column.posts", row.posts),
    ):  # fmt: skip
        if value is not None:
            out.data(f"  {cat.t(label)}: {value:,}" if isinstance(value, int) else f"  {cat.t(label)}: {value}")
    if picture is not None:
        missing = "、".join(cat.t(f"portrait.{name}") for name in picture.missing)
        out.data(cat.t("portrait.all", complete=picture.complete, **picture.shares))
        if missing:
            out.data(cat.t("portrait.missing", names=missing))
    for key, params in authentic.lines(sign) if sign else ():
        out.data(cat.t(key, **params))
    for fact, value, origin, quote, *_ in facts:
        shown = cat.t(f"value.{value}") if cat.has(f"value.{value}") else value
        out.data(
            cat.t(
                "why.fact", fact=cat.t(f"fact.{fact}"), value=shown, origin=cat.t(f"origin.{origin}"), quote=quote or ""
            )
        )
    for line in () if minor else needs_lines(wants, cat):
        out.data(line)
    for post in recent:
        day = moment(post.created).strftime("%Y-%m-%d") if post.created else "?"
        out.data(cat.t("why.post", day=day, text=post.text[:120], likes=post.likes if post.likes is not None else "?"))
        if post.id in copies:
            out.data(cat.t("person.copied", n=copies[post.id]))
    for kind, name, fetched in sources:
        out.data(cat.t("person.source", kind=cat.t(f"source.{kind}"), name=name, day=stamp(fetched)))
    return 0


def suppress(context: Context) -> int:
    """``xunke suppress add|remove|list``."""
    args, project, out = context.args, context.project, context.out
    if args.op == "list":
        found = project.query("select hex(hash), created, origin from suppression order by created, hash")
        out.rows(
            ("hash", "time", "origin"),
            [{"hash": h[:12], "time": stamp(t), "origin": o} for h, t, o in found],
        )
        return 0
    if not args.accounts:
        raise UsageError("cli.no_account")
    changed = actions.change(project, args.op, args.accounts)
    key = f"suppress.{args.op}" if changed else f"suppress.{args.op}_already"
    out.say(out.cat.t(key, names="、".join(args.accounts[:5])))
    return 0


def forget(context: Context) -> int:
    """``xunke forget PERSON``: erase everything about somebody, for good; ``--everything``: the whole project."""
    if context.args.everything:
        return _wipe(context)
    if context.args.person is None:
        raise UsageError("cli.missing", names="PERSON")
    out, project = context.out, context.project
    row = actions.one_account(project, context.args.person)
    out.say(out.cat.t("preview.erase", name=row.name or row.native_id, **erase.count_person(project, row.id)))
    if not context.args.yes:
        if not sys.stdin.isatty():
            raise NeedsAnswer("plan.needs_yes")
        sys.stderr.write(out.cat.t("erase.confirm", name=row.name or row.native_id))
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() != "yes":
            out.say(out.cat.t("plan.cancelled"))
            return 0
    for event in forgetting.forget(project, row.id):
        out.event(event)
    return 0


def _wipe(context: Context) -> int:
    """Delete the project. The name of its file must be typed: ``--yes`` is not enough for this."""
    args, out, name = context.args, context.out, context.path.name
    if args.person is not None:
        raise UsageError("erase.both")
    typed = args.confirm
    if typed is None and sys.stdin.isatty():
        sys.stderr.write(out.cat.t("erase.type_name", name=name))
        sys.stderr.flush()
        typed = sys.stdin.readline().strip()
    if typed != name:
        raise NeedsAnswer("erase.not_typed", name=name)
    context.close()
    for event in forgetting.wipe(context.path):
        out.event(event)
    return 0


def audit(context: Context) -> int:
    """``xunke audit verify|list``."""
    out, project = context.out, context.project
    if context.args.op == "list":
        for number, t, act, detail in project.query("select id, t, act, detail from audit order by id"):
            row = {"id": number, "time": moment(t).strftime("%Y-%m-%d %H:%M:%S"), "act": act, "detail": detail}
            out.object({**row, "detail": json.loads(detail)}) if out.json else out.data(
                "  ".join(map(str, row.values()))
            )
        return 0
    broken = verify_audit(project.reader)
    if out.json:
        out.object({"whole": broken is None, "broken_from": broken, "rows": project.one("select count(*) from audit")})
    out.say(out.cat.t("audit.ok" if broken is None else "audit.broken", row=broken))
    return 0 if broken is None else 1


def own(context: Context) -> int:
    """``xunke own ACCOUNT``: say which account is our own."""
    project, out = context.project, context.out
    if context.args.account:
        row = actions.one_account(project, context.args.account)
        project.set_meta("own_accounts", json.dumps(sorted({*actions.own_accounts(project), row.id})))
    shown = rows.people(project, actions.own_accounts(project))
    out.rows(("platform", "id", "name"), [{"platform": r.platform, "id": r.native_id, "name": r.name} for r in shown])
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {
    "score": score, "rank": rank, "weights": weights, "why": explain, "person": person,
    "suppress": suppress, "forget": forget, "audit": audit, "own": own,
}  # fmt: skip
