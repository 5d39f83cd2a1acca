"""A persona as a report: who they are, how they behave, what they need, a day of theirs, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xunke.outreach.before import Before
from xunke.outreach.persona_shape import Persona
from xunke.outreach.personas import BASE, ONE

from .blocks import Block, Figure, Figures, Heat, Points, Quotes, Report, Section, Tag, Text
from .wording import Words

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def persona_report(found: Persona, words: Words, before: Before | None = None, day: str = "") -> Report:
    """The card of a person or a group; ``before``: what to know before writing to a person; ``day``: as of when."""
    t = words.t
    sections = [
        Section(t("persona.short"), summary(found, words)),
        Section(t("persona.side.base"), base(found, words)),
        Section(t("persona.side.behaviour"), behaviour(found, words)),
        Section(t("persona.side.needs"), needs(found, words)),
    ]
    if found.scenes and not words.small(found.people):
        sections.append(Section(t("persona.day"), a_day(found, words)))
    if before is not None:
        sections.append(Section(t("persona.before"), pack(before, words)))
    sections.append(Section(t("persona.unknown"), unknown(found, words)))
    subtitle = t("persona.sub.one" if found.one else "persona.sub", n=words.few(found.people), day=day)
    return Report(title(found, words), subtitle, words.cat.lang, sections, report_words(words), t("report.foot"))


def title(found: Persona, words: Words) -> str:
    """Whose persona: a person is named only where names may stand."""
    whom = found.whom
    if whom.kind == "person" and not words.names:
        return words.t("persona.title.someone", id=whom.accounts[0] if whom.accounts else "?")
    name = words.t("persona.everybody") if whom.kind == "project" else words.value(whom.name)
    return words.t("persona.title", name="·".join(words.value(part) for part in name.split("·")))


def report_words(words: Words) -> dict[str, str]:
    """The few words that the writers add."""
    keys = ("contents", "table", "name", "number", "when", "from", "to", "brand")
    kinds = ("how", "gap", "privacy", "next")
    return {key: words.t(f"report.word.{key}") for key in keys} | {
        f"kind.{kind}": words.t(f"report.kind.{kind}") for kind in kinds
    }


def tag_layers(found: Persona, words: Words) -> list[list[str]]:
    """The tag string in words: as the user wrote it, or as made by rule."""
    if found.tag is not None:
        return [layer.split("·") for layer in found.tag.split("/")]
    return [[words.value(part) for part in layer] for layer in found.made]


def tag_text(found: Persona, words: Words) -> str:
    """The tag string on one line."""
    return "/".join("·".join(layer) for layer in tag_layers(found, words) if layer)


def summary(found: Persona, words: Words) -> list[Block]:
    """The tag, the number of people, how complete and how fresh the picture is."""
    t = words.t
    layers = tag_layers(found, words)
    blocks: list[Block] = []
    if any(layers):
        blocks.append(Tag(layers, t("persona.tag.edited" if found.edited else "persona.tag.made")))
    else:
        blocks.append(Text(t("persona.tag.none")))
    sides = found.complete.shares
    rate = found.fresh.rate
    figures = [] if found.one else [Figure(t("persona.n.people"), words.few(found.people), _left_out(found, words))]
    figures += [
        Figure(
            t("persona.n.complete"), f"{found.complete.complete:.0%}",
            t("persona.n.complete_note", base=sides["base"], behaviour=sides["behaviour"], needs=sides["needs"]),
        ),
        Figure(
            t("persona.n.fresh"), "—" if found.fresh.age is None else t("persona.n.days", n=found.fresh.age),
            t(f"persona.n.fresh_{'note' if found.fresh.wrote else 'profile'}", day=words.day(found.fresh.newest)),
        ),
        Figure(
            t("persona.n.tags"), "—" if rate is None else f"{rate:.0%}",
            t("persona.n.tags_note", fresh=found.fresh.fresh, tags=found.fresh.tags),
        ),
    ]  # fmt: skip
    return [*blocks, Figures(figures)]


def _left_out(found: Persona, words: Words) -> str:
    n = sum(found.whom.left_out.values())
    return words.t("persona.left_out", n=words.few(n)) if n else ""


def base(found: Persona, words: Words) -> list[Block]:
    """Stated basics: each fact of those who state it."""
    t = words.t
    if found.one:
        lines = []
        for fact in BASE:
            for share in found.facts.get(fact, ()):
                origin, quote = found.sources.get(share.value, ("platform", None))
                key = "persona.fact_quote" if quote and quote != share.value else "persona.fact"
                lines.append(t(key, fact=t(f"fact.{fact}"), value=words.value(share.value, "gender"),
                               origin=t(f"origin.{origin}"), quote=words.said(quote or "", 40)))  # fmt: skip
        return [Points(lines) if lines else Text(t("persona.no_base"))]
    blocks: list[Block] = []
    for fact in BASE:
        if fact not in found.facts:
            continue
        how = t("persona.stated", n=found.stated[fact], of=found.people, fact=t(f"fact.{fact}"))
        chart = words.bars(t(f"fact.{fact}"), found.facts[fact], "stated", how, ("gender",), exact=fact in ONE)
        if chart is not None:
            blocks.append(chart)
    return blocks or [Text(t("persona.no_base"))]


def behaviour(found: Persona, words: Words) -> list[Block]:
    """Activity, hours, platforms, kinds of posts and acts, and how they answered us."""
    t, b = words.t, found.behaviour
    if not b.posts:
        return [Text(t("persona.no_posts"))]
    if words.small(found.people):  # medians, hours and acts of few people are those of somebody
        return [Text(t("persona.b.hidden", least=words.least), "privacy")]
    span = t("persona.b.span", since=words.day(b.since), until=words.day(b.until))
    figures = [Figure(t("persona.b.posts"), f"{b.posts:,}", span)]
    if b.week is not None:
        figures.append(Figure(t("persona.b.week"), f"{b.week:.1f}", t("persona.b.week_note")))
    if b.followers is not None:
        figures.append(Figure(t("persona.b.followers"), f"{b.followers:,.0f}",
                              "" if found.one else t("persona.b.median")))  # fmt: skip
    if b.engagement is not None:
        figures.append(Figure(t("persona.b.engagement"), f"{b.engagement:,.0f}", t("persona.b.engagement_note")))
    blocks: list[Block] = [Figures(figures)]
    if (hours := b.best_hours()) is not None:
        start, end = hours
        n = sum(day[start] + day[(start + 1) % 24] for day in b.hours)
        said = t("persona.b.hours_said", start=start, end=end or 24, n=n, of=b.dated, share=n / b.dated)
        columns = [f"{hour}" for hour in range(24)]
        rows = [t(f"value.{day}") for day in _DAYS]
        blocks.append(Heat(t("persona.b.hours"), rows, columns, b.hours, said, t("persona.b.hours_how", n=b.dated)))
    else:
        blocks.append(Text(t("persona.b.few_hours", n=b.dated)))
    people = t("persona.of_people", n=words.few(found.people))
    if not found.one:
        blocks += [c for c in [words.bars(t("persona.b.platforms"), b.platforms, "people", people, exact=True)] if c]
    posts = t("persona.of_posts", n=b.posts)
    blocks += [
        c for c in (
            words.bars(t("persona.b.kinds"), b.kinds, "posts", posts, people=False),
            words.bars(t("persona.b.media"), b.media, "posts", t("persona.of_media"), people=False),
        ) if c
    ]  # fmt: skip
    if b.acts:
        acts = words.comma([f"{words.value(k)} {n:,}" for k, n in sorted(b.acts.items(), key=lambda i: (-i[1], i[0]))])
        blocks.append(Text(t("persona.b.acts", acts=acts)))
    if b.to_us:
        acts = words.comma([f"{words.value(k)} {words.few(n)}" for k, n in sorted(b.to_us.items())])
        blocks.append(Text(t("persona.b.to_us_one" if found.one else "persona.b.to_us", acts=acts)))
    if b.touched:
        blocks.append(Text(t("persona.b.touched", n=words.few(b.touched), answered=words.few(b.answered))))
    else:
        blocks.append(Text(t("persona.b.untouched")))
    return blocks


def needs(found: Persona, words: Words) -> list[Block]:
    """Interests, needs, life events, sentiment, with real words."""
    t, n = words.t, found.needs
    if not n.read:
        return [Text(t("persona.no_read", posts=n.posts))]
    unit = "posts" if found.one else "people"
    how = t("persona.read", read=n.read, posts=n.posts)
    charts = (
        words.bars(t("persona.w.interests"), [s for s in n.interests if s.n], unit, how, people=not found.one),
        words.bars(t("persona.w.needs"), n.needs, unit, how, ("nlp.need",), people=not found.one),
        words.bars(t("persona.w.events"), n.events, unit, how, ("nlp.event",), people=not found.one),
        words.bars(t("persona.w.sentiment"), n.sentiment, "posts", how, ("label",), people=False),
    )
    blocks: list[Block] = [chart for chart in charts if chart is not None]
    if stated := [s.value for s in n.interests if not s.n]:
        blocks.append(Text(t("persona.w.stated", names=words.comma(stated))))
    if not n.needs:
        blocks.append(Text(t("persona.w.no_needs")))
    if n.quotes:
        blocks.append(Quotes(
            [words.quote(q.post, words.value(q.about, "nlp.event" if q.kind == "event" else "nlp.need"), q.text)
             for q in n.quotes], t("persona.w.quotes"),
        ))  # fmt: skip
    return blocks


def a_day(found: Persona, words: Words) -> list[Block]:
    """A day in real posts."""
    t = words.t
    quotes = [
        words.quote(scene.post, t("persona.scene", part=t(f"persona.part.{scene.part}"), share=scene.n / scene.of))
        for scene in found.scenes
    ]
    note = t("persona.day.one" if found.one else "persona.day.group")
    typical = [] if found.typical is None else [Text(t("persona.typical", id=found.typical), "how")]
    return [Text(note), Quotes(quotes), *typical]


def pack(before: Before, words: Words) -> list[Block]:
    """What to know before writing to somebody."""
    t = words.t
    blocks: list[Block] = []
    if before.stop:
        blocks.append(Text(t("persona.stop"), "gap"))
    if before.topics:
        blocks.append(Quotes([words.quote(post, name) for name, post in before.topics], t("persona.last_topics")))
    if before.mood:
        mood = words.comma([f"{words.value(k, 'label')} {n}" for k, n in sorted(before.mood.items())])
        blocks.append(Text(t("persona.mood", n=sum(before.mood.values()), mood=mood)))
    if before.do:
        blocks.append(Points([t("persona.do", what=advice(key, params, words)) for key, params in before.do], "next"))
    blocks.append(Points([t("persona.dont", what=advice(key, params, words)) for key, params in before.dont], "gap"))
    return blocks


def advice(key: str, params: dict[str, object], words: Words) -> str:
    """Advice in words; codes among its parameters too."""
    told = {
        name: words.value(str(value)) if name == "need" else words.said(value) if isinstance(value, str) else value
        for name, value in params.items()
    }
    return words.t(key, **told)


def unknown(found: Persona, words: Words) -> list[Block]:
    """What is missing and how to learn it, what has expired, how we know, and what was left out."""
    t = words.t
    blocks: list[Block] = [Points(todo(found, words), "next")]
    if found.fresh.stale:
        blocks.append(Text(t("persona.stale", days=found.fresh.age if found.fresh.age is not None else "?"), "gap"))
    if found.fresh.expired:
        names = words.comma([f"{t(f'fact.{f}')} {n}" for f, n in sorted(found.fresh.expired.items())])
        blocks.append(Text(t("persona.expired", names=names), "gap"))
    b = found.behaviour
    if b.posts and found.needs.read < b.posts:
        blocks.append(Text(t("persona.unread", n=b.posts - found.needs.read), "gap"))
    blocks.append(Text(t("persona.how"), "how"))
    blocks.append(Text(t("persona.privacy.names" if words.names else "persona.privacy"), "privacy"))
    return blocks


def todo(found: Persona, words: Words, most: int = 6) -> Sequence[str]:
    """What is not known, what most people lack first, each with what can be done about it."""
    t = words.t
    missing = sorted(
        ((name, n) for name, n in found.missing.items() if n), key=lambda item: (-item[1], item[0])
    )[:most]  # fmt: skip
    if not missing:
        return [t("persona.todo.none")]
    return [
        t("persona.todo.one" if found.one else "persona.todo.group", field=t(f"portrait.{name}"), n=words.few(n),
          of=words.few(found.people), act=t(f"persona.todo.{name}"))
        for name, n in missing
    ]  # fmt: skip
