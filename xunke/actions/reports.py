"""Reports about an audience or a campaign: one file that works offline and prints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from xunke.clock import end_of
from xunke.errors import BadInput
from xunke.events import Event
from xunke.outreach import audience as audiences
from xunke.outreach import case as cases
from xunke.outreach import persona_tags, personas
from xunke.outreach.exports import table_name
from xunke.outreach.smallgroups import least_of
from xunke.persona import understand_people
from xunke.report import WRITERS
from xunke.report.audience import audience_report
from xunke.report.campaign import campaign_report
from xunke.report.wording import Words
from xunke.storage import Project, naming

from .personas import format_of, read, whom, written


async def report(
    project: Project, *, out: Path, today: date, lang: str, what: str | None = None, list_name: str | None = None,
    segment: str | None = None, result: int | None = None, format: str | None = None, names: bool = False,
) -> AsyncIterator[Event]:  # fmt: skip
    """Write the report of a campaign (``what``), of a list, segment or result, or (PROJECT or nothing) of everybody.

    A campaign's as Markdown is its case write-up. Raises BadInput("report.c.missing") for a campaign that is not there.
    """
    kind = format_of(format, out) if format or out.suffix else "html"
    words = Words(lang, names=names and not naming.coded(project), least=least_of(project))
    if what and what.upper() != "PROJECT" and not (list_name or segment or result is not None):
        yield _campaign(project, what, out, kind, words, today)
        return
    async for event in understand_people(project):
        yield event
    whole = not (list_name or segment or result is not None)
    meant = whom(project, today=today, list_name=list_name, segment=segment, result=result, everybody=whole)
    if not meant.accounts:
        raise BadInput("report.no_people")
    now = end_of(today)
    async for told in read(project, meant, now):
        yield told
    found = personas.persona(project, meant, now=now, tag=persona_tags.edited(project, meant))
    more = audiences.audience(project, meant, now)
    name = words.t("report.a.project") if whole else table_name(meant.name, words.cat)
    text = WRITERS[kind](audience_report(found, more, words, name, today.isoformat()))
    yield written(project, out, kind, text, found.people, "report")


def _campaign(project: Project, what: str, out: Path, kind: str, words: Words, today: date) -> Event:
    campaign = cases.named(project, what)
    if campaign is None:
        raise BadInput("report.c.missing", name=what, known="、".join(cases.known(project)) or "—")
    found = cases.case(project, campaign, now=end_of(today))
    text = WRITERS[kind](campaign_report(found, words, today.isoformat()))
    return written(project, out, kind, text, found.touched, "report")
