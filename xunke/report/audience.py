"""The report about an audience: who they are, what they talk about, when and where to meet them, and how we know."""

from __future__ import annotations

from xunke.outreach.audience import Audience, Someone
from xunke.outreach.exports import reason_text, time_text
from xunke.outreach.persona_shape import Persona
from xunke.outreach.personas import may_quote
from xunke.outreach.smallgroups import LEAST, hidden_matrix

from .blocks import Block, Heat, Line, Points, Report, Rows, Section, Text, Ties
from .persona_page import a_day, base, behaviour, needs, report_words, summary, tag_text, todo
from .wording import Words


def audience_report(found: Persona, more: Audience, words: Words, name: str, day: str) -> Report:
    """The whole report; ``name``: of whom, ``day``: as of when (ISO)."""
    t = words.t
    sections = [
        Section(t("report.a.short"), [Text(_lead(found, words), "lead"), *summary(found, words)]),
        Section(t("report.a.who"), [*base(found, words), *_grid(more, words)]),
        Section(t("report.a.talk"), needs(found, words)),
        Section(t("report.a.meet"), behaviour(found, words)),
    ]
    if found.scenes and not words.small(found.people):
        sections.append(Section(t("persona.day"), a_day(found, words)))
    if more.top:
        sections.append(Section(t("report.a.top"), _top(more, words)))
    if more.segments:
        sections.append(Section(t("report.a.segments"), _segments(more, words)))
    sections.append(Section(t("report.a.followers"), _followers(more, words)))
    sections.append(Section(t("report.a.next"), [Points(_next(found, more, words), "next")]))
    sections.append(Section(t("report.a.quality"), _quality(found, more, words)))
    subtitle = t("report.a.sub", n=words.few(found.people), posts=more.posts, day=day)
    return Report(t("report.a.title", name=name), subtitle, words.cat.lang, sections, report_words(words),
                  t("report.foot"))  # fmt: skip


def _lead(found: Persona, words: Words) -> str:
    """The report in a sentence or three."""
    t, parts = words.t, []
    tag = tag_text(found, words)
    parts.append(t("report.a.lead", n=words.few(found.people), tag=tag) if tag else
                 t("report.a.lead_plain", n=words.few(found.people)))  # fmt: skip
    if top := [s for s in found.needs.interests if s.n >= LEAST][:2]:
        parts.append(t("report.a.lead_interest", names=words.comma([words.value(s.value) for s in top])))
    if asked := [s for s in found.needs.needs if s.n >= LEAST][:1]:
        parts.append(t("report.a.lead_need", name=words.value(asked[0].value, "nlp.need"), n=asked[0].n,
                       of=asked[0].of))  # fmt: skip
    platforms = [s for s in found.behaviour.platforms if s.n >= LEAST][:1]
    hours = None if words.small(found.people) else found.behaviour.best_hours()
    if platforms and hours:
        parts.append(t("report.a.lead_meet", platform=words.value(platforms[0].value), start=hours[0],
                       end=hours[1] or 24))  # fmt: skip
    return " ".join(parts) if words.cat.lang == "en" else "".join(parts)


def _grid(more: Audience, words: Words) -> list[Block]:
    rows, columns, values = more.grid
    gone = hidden_matrix(values, least=words.least) if words.closed else set()
    shown = [[0 if (y, x) in gone else v for x, v in enumerate(row)] for y, row in enumerate(values)]
    if len(rows) < 2 or len(columns) < 2 or not any(map(any, shown)):
        return []
    names = [words.value(row) for row in rows]
    return [Heat(words.t("report.a.grid"), names, columns, shown, "", words.t("report.a.grid_how"))]


def _who(one: Someone, at: int, words: Words) -> str:
    return one.name if words.names else words.t("report.a.someone", n=at, id=one.account)


def _top(more: Audience, words: Words) -> list[Block]:
    t = words.t
    body = [
        (
            _who(one, at, words), words.value(one.platform), "—" if one.followers is None else f"{one.followers:,}",
            words.said(reason_text([r for r in one.reasons if may_quote(str(r[1].get("text", "")))], words.cat) or "—",
                       200),
            time_text(one.best, words.cat) or "—",
        )
        for at, one in enumerate(more.top, 1)
    ]  # fmt: skip
    head = [t(f"column.{c}") for c in ("name", "platform", "followers", "reason", "best_time")]
    blocks: list[Block] = [Rows(head, body, "", t("report.a.top_how"))]
    people, edges = more.ties
    if len(edges) >= 3:
        names = [one.name if words.names else t("report.a.place", n=at) for at, one in enumerate(people, 1)]
        tied = len({at for a, b, _ in edges for at in (a, b)})
        said, how = t("report.a.ties_said", n=len(people), tied=tied), t("report.a.ties_how")
        blocks.append(Ties(t("report.a.ties"), names, [(a, b, float(n)) for a, b, n in edges], said, how))
    return blocks


def _segments(more: Audience, words: Words) -> list[Block]:
    from xunke.outreach.exports import table_name

    total = sum(n for _, n in more.segments)
    shown = words.least if words.closed else 1
    body = [
        (table_name(name, words.cat), words.few(n), f"{n / total:.0%}" if n >= shown else "—")
        for name, n in more.segments
    ]
    head = [words.t(f"column.{c}") for c in ("segment", "people", "share")]
    return [Rows(head, body, "", words.t("report.a.segments_how"))]


def _followers(more: Audience, words: Words) -> list[Block]:
    t = words.t
    if not more.own:
        return [Text(t("report.a.no_own"))]
    if len(more.followers) < 2:
        return [Text(t("report.a.one_count", n=len(more.followers)))]
    (first_day, first), (last_day, last) = more.followers[0], more.followers[-1]
    gained = last - first
    said = t("report.a.gained", since=first_day, until=last_day, first=first, last=last, gained=gained)
    step = max(1, len(more.followers) // 60)
    points = [*more.followers[::step]]
    if points[-1] != more.followers[-1]:
        points.append(more.followers[-1])
    return [
        Line(t("report.a.followers_title"), [(d[5:], float(n)) for d, n in points], said, t("report.a.followers_how"))
    ]


def _next(found: Persona, more: Audience, words: Words) -> list[str]:
    """What to do now: from the numbers above, the first that hold."""
    t, out = words.t, []
    if asked := [s for s in found.needs.needs if s.value in ("seek_advice", "ask_where", "want_to_buy")]:
        out.append(t("report.a.do_answer", name=words.value(asked[0].value, "nlp.need"), n=words.few(asked[0].n)))
    if not words.small(found.people) and (hours := found.behaviour.best_hours()):
        out.append(t("report.a.do_hours", start=hours[0], end=hours[1] or 24))
    if any(s.value == "complain" and s.n >= LEAST for s in found.needs.needs):
        out.append(t("report.a.do_listen"))
    if found.behaviour.touched == 0 and more.top:
        out.append(t("report.a.do_list"))
    return out or list(todo(found, words, 2))


def _quality(found: Persona, more: Audience, words: Words) -> list[Block]:
    t = words.t
    body = [(t(f"source.{s.kind}"), words.said(s.name, 60), words.day(s.fetched), f"{s.posts:,}") for s in more.sources]
    head = [t(f"report.a.{c}") for c in ("source_kind", "source_name", "source_day", "source_posts")]
    blocks: list[Block] = [Rows(head, body, "", t("report.a.sources_how"))] if body else []
    gaps = [t(key, **params) for key, params in more.gaps]
    if found.needs.read < found.needs.posts:
        gaps.append(t("persona.unread", n=found.needs.posts - found.needs.read))
    if more.unnamed:
        gaps.append(t("report.a.undated", n=more.unnamed))
    if found.fresh.stale:
        gaps.append(t("persona.stale", days=found.fresh.age if found.fresh.age is not None else "?"))
    gaps.append(t("report.a.public"))
    blocks.append(Points(gaps, "gap"))
    left = sum(found.whom.left_out.values())
    privacy = t("persona.privacy.names" if words.names else "persona.privacy")
    if left:
        privacy += t("report.a.left_out", n=words.few(left))
    return [*blocks, Text(t("persona.how"), "how"), Text(t("report.a.method"), "how"), Text(privacy, "privacy")]
