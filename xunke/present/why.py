"""Why somebody stands where they stand, and two people beside each other, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from xunke.clock import moment
from xunke.columns import align
from xunke.evidence import needs_lines
from xunke.i18n import Catalogue
from xunke.present import duration, message_words, mix_words, short_cell

if TYPE_CHECKING:
    from graph.forecast import Recency
    from xunke.outreach.compare import Comparison
    from xunke.outreach.why import Explanation


def explanation_lines(found: Explanation, cat: Catalogue) -> list[str]:
    """``xunke why``: the arithmetic, the edges, the facts and the posts."""
    person = found.person
    lines = [cat.t("why.person", name=person.name or person.native_id, platform=short_cell(person.platform, cat))]
    lines += why_lines(found, cat) + edge_lines(found, cat)
    for fact, value, origin, quote in found.facts:
        shown = short_cell(value, cat)
        lines.append(
            cat.t(
                "why.fact", fact=cat.t(f"fact.{fact}"), value=shown, origin=cat.t(f"origin.{origin}"), quote=quote or ""
            )
        )
    lines += needs_lines(found.wants, cat)
    for post in found.posts:
        day = moment(post.created).strftime("%Y-%m-%d") if post.created else "?"
        lines.append(
            cat.t("why.post", day=day, text=post.text[:200], likes=post.likes if post.likes is not None else "?")
        )
        if post.url:
            lines.append(cat.t("why.post_link", url=post.url))
    return lines


def recency_words(recency: Recency, cat: Catalogue) -> dict[str, Any]:
    """What messages about a recency say: its mix, what it was learnt from, how far it looks ahead."""
    mix = [[None if math.isinf(u) else u, share] for u, share in zip(recency.units, recency.shares, strict=True)]
    return {
        "mix": mix_words(mix, cat), "windows": recency.windows, "answers": recency.answers,
        "horizon": duration(recency.horizon, cat),
    }  # fmt: skip


def why_lines(found: Explanation, cat: Catalogue) -> list[str]:
    """The arithmetic: parts, score, place, sensitivity, coverage."""
    return [cat.t(key, **message_words(alike(key, params, cat), cat)) for key, params in found.lines]


def alike(key: str, params: dict[str, Any], cat: Catalogue) -> dict[str, Any]:
    """The name of a feature of likeness in words, where it is a code."""
    group, _, what = key.partition(".")
    if group != "like" or "name" not in params:
        return params
    said = next((k for k in (f"nlp.{what}.{params['name']}", f"like.{what}.{params['name']}") if cat.has(k)), None)
    return {**params, "name": cat.t(said) if said else params["name"]}


def edge_lines(found: Explanation, cat: Catalogue) -> list[str]:
    """The strongest edges, each with its sum."""
    from xunke.outreach.why import SHOWN

    lines = []
    for edge in found.edges[:SHOWN]:
        acts = cat.t("list.comma").join(cat.t("why.act", kind=cat.t(f"value.{k}"), n=n) for k, n in edge.acts.items())
        day = moment(edge.last).strftime("%Y-%m-%d") if edge.last else "?"
        name = cat.t("why.nobody") if edge.actor is None else edge.name or str(edge.actor)
        ages, terms = edge.ages(), edge.terms(found.numbers["mix"])
        lines.append(cat.t("why.edge", name=name, acts=acts, day=day, ages=ages, terms=terms, adds=edge.adds))
    return lines


def comparison_lines(found: Comparison, cat: Catalogue) -> list[str]:
    """``xunke compare``: parts and raw numbers beside each other, what decides, and when the order turns."""
    sides = (found.one, found.two)
    names = [s.person.name or s.person.native_id for s in sides]
    head = ["", *names]
    body = [[cat.t("compare.rank"), *("—" if s.rank is None else str(s.rank) for s in sides)]]
    body.append([cat.t("value.target"), *(f"{s.score:.4f}" for s in sides)])
    body += [[cat.t(f"column.{part}"), *(f"{s.parts[part]:.3f}" for s in sides)] for part in found.gap]
    for raw in ("matched", "days", "actors", "answers", "followers"):
        body.append([cat.t(f"compare.{raw}"), *(short_cell(s.raw.get(raw), cat) for s in sides)])
    body.append([cat.t("compare.audience"), *(f"{s.audience:,}" for s in sides)])
    body.append([cat.t("compare.posted"), *(" ".join(map(str, s.posted)) for s in sides)])
    body.append([cat.t("compare.drew"), *(" ".join(map(str, s.drew)) for s in sides)])
    lines = align([head, *body])
    share = "—" if found.jaccard is None else f"{found.jaccard:.1%}"
    lines.append(cat.t("compare.shared", n=found.shared, share=share))
    total = sum(found.gap.values())
    if found.decides is None:
        return [*lines, cat.t("compare.even")]
    ahead = names[0] if total > 0 else names[1]
    for part, gap in sorted(found.gap.items(), key=lambda item: (-abs(item[1]), item[0])):
        lines.append(cat.t("compare.gap", part=cat.t(f"column.{part}"), gap=gap))
    part = cat.t(f"column.{found.decides}")
    lines.append(cat.t("compare.decides", who=ahead, part=part, total=total))
    for name, weight in found.flips.items():
        word = cat.t(f"column.{name}")
        key = "compare.never" if weight is None else "compare.flips"
        lines.append(cat.t(key, part=word, now=found.weights[name], weight=weight or 0.0))
    return lines
