"""The public Python API: what scripts and notebooks may import. Everything else may change without notice.

from xunke.api import Xunke

with Xunke("项目.db") as xunke:
    xunke.import_files("data/")
    for person in xunke.people("找最近30天聊 #减肥 的上海女生，影响力前50"):
        print(person.rank, person.name, person.value)
    graph = xunke.graph(kinds=["repost", "reply"]).to_networkx()
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from nlp.accounts import AccountSignals, Authenticity, authenticity

from .accounts import judge_accounts
from .actions import one_account
from .clock import today
from .engine import Engine, Options
from .errors import BadInput, NeedsAnswer, PolicyRefused, XunkeError
from .events import Event, Failed, FileWritten, Imported, Result
from .jobs import run_import
from .model import Provenance, Record
from .outreach import cascades, communities, measures, network, overlap, people, scoring
from .outreach.authentic import AccountSign, signs
from .persona import understand_people
from .plan import Plan, decode
from .storage import Project
from .storage.rows import PersonRow, PostRow, RowSource, result_people, result_posts
from .storage.rows import people as person_rows
from .storage.sheet import Tally
from .topics import name_communities

if TYPE_CHECKING:
    from graph.build import InteractionGraph

    from .labels import Lesson

__all__ = [
    "AccountSign", "AccountSignals", "Authenticity", "BadInput", "Event", "Imported", "NeedsAnswer", "PersonRow",
    "Plan", "PolicyRefused", "PostRow", "Provenance", "Record", "RowSource", "Xunke", "XunkeError", "authenticity",
]  # fmt: skip


class Xunke:
    """One project. ``day``: the day from which "the past 30 days" is counted (default: today, China time).

    Blocking calls, for scripts: not for use inside a running event loop. Raises XunkeError and its subclasses.
    """

    def __init__(self, db: str | Path, *, day: date | None = None, lang: str = "zh") -> None:
        self.project = Project.open(db)
        self.day = day or today()
        self.options = Options(lang=lang)

    def __enter__(self) -> Xunke:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the project."""
        self.project.close()

    def plan(self, sentence: str) -> Plan:
        """What a sentence means; nothing is run."""
        from .chat import understand
        from .outreach.names import names_of

        return understand(sentence, today=self.day, names=names_of(self.project))

    def run(self, request: str | Plan) -> list[Event]:
        """Run a sentence or plan to its end without asking, and return its events.

        Raises PolicyRefused or NeedsAnswer for a plan that is refused or unclear, XunkeError when a step fails.
        """
        plan = self.plan(request) if isinstance(request, str) else decode_again(request)
        if plan.outcome == "refuse":
            raise PolicyRefused(f"refuse.{plan.refuse[0]}")
        if plan.outcome == "clarify":
            raise NeedsAnswer(f"clarify.{plan.clarify[0]}")
        engine = Engine(self.project, today=self.day, options=self.options)
        events = _all(engine.run(plan, text=request if isinstance(request, str) else None))
        for event in events:
            if isinstance(event, Failed):
                raise XunkeError(event.key, **event.params)
        return events

    def people(self, request: str | Plan) -> RowSource[PersonRow]:
        """The people that a request finds, in order, with scores and their parts."""
        return result_people(self.project, self._result(request, "people"))

    def posts(self, request: str | Plan) -> RowSource[PostRow]:
        """The posts that a request finds, in order."""
        return result_posts(self.project, self._result(request, "posts"))

    def _result(self, request: str | Plan, target: str) -> int:
        found = [e.result for e in self.run(request) if isinstance(e, Result) and e.target == target]
        if not found:
            raise BadInput("api.no_result", target=target)
        return found[-1]

    def import_files(
        self, *paths: str | Path, format: str = "auto", mapping: str | Path | None = None
    ) -> list[Imported]:
        """Import files and folders; one report a file."""
        map_path = None if mapping is None else Path(mapping)
        events = run_import(self.project, [Path(p) for p in paths], format=format, mapping=map_path)
        return [event for event in _all(events) if isinstance(event, Imported)]

    def label(self, post: str, *answers: str) -> None:
        """Correct what is thought of a post (``platform:id``, link or number): ``label(p, "sentiment=negative")``."""
        from . import labels

        number = labels.find_post(self.project, post)
        for kind, name, value in [labels.parse(said) for said in answers]:
            labels.put(self.project, number, kind, name, value, who="api")

    def learn(self, *, dry_run: bool = False, force: bool = False) -> list[Lesson]:
        """Learn from the labels; accuracy on them before and after, and what was adopted."""
        from . import labels

        return labels.learn(self.project, dry_run=dry_run, force=force)

    def add(self, records: Sequence[Record], source: str) -> Tally:
        """Store records of your own making (xunke.model); ``source`` names where they come from."""
        return self.project.add(records, Provenance("user", source))

    def authenticity(self, account: int) -> AccountSign | None:
        """How likely an account (``PersonRow.id``) is spam or 水军, with the numbers that say so; None for a minor.

        For numbers of your own: ``nlp.accounts.authenticity``, here as :func:`authenticity`.
        """
        _all(judge_accounts(self.project, [account]))
        return signs(self.project, [account]).get(account)

    def graph(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        kinds: Sequence[str] | None = None,
        platforms: Sequence[str] | None = None,
        topic: str | None = None,
        tags: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
    ) -> InteractionGraph:
        """The interactions of the project (aware times, both inclusive) as a weighted graph of account ids.

        Of people on ``platforms``; that concern posts about ``topic`` (words), with one of ``tags``, in one of
        ``groups``. NetworkX takes it as it is: ``networkx.pagerank(xunke.graph())``.
        """
        from graph.build import build

        first, last = (None if t is None else int(t.timestamp()) for t in (since, until))
        posts = None if topic is None else network.about(self.project, topic, self.day)
        events = network.load_events(
            self.project, since=first, until=last, kinds=kinds, platforms=platforms, posts=posts, tags=tags,
            groups=groups,
        )  # fmt: skip
        return build(events, until=last)

    def export_network(self, path: str | Path, format: str = "gexf", *, limit: int | None = None) -> FileWritten:
        """Write the network for Gephi (gexf), or as graphml, json, jsonl or parquet; the ``limit`` most influential."""
        from .outreach.netfiles import write_network

        return write_network(self.project, Path(path), format, limit=limit)

    def rank(
        self, by: str | None = None, *, topic: str | None = None, since: datetime | None = None,
        until: datetime | None = None, kinds: Sequence[str] | None = None, limit: int | None = 50,
    ) -> list[PersonRow]:  # fmt: skip
        """People by a measure (``xunke rank --by``; None: the project's influence), with value and parts.

        Those who appear nowhere are left out.
        ``topic``: only authors of posts about it; of ``topicrank`` and ``twitterrank`` it changes the scores.
        """
        first, last = self._span(since, until)
        about = None if topic is None else measures.authors_about(self.project, topic, self.day, first, last)
        by = by or scoring.ranker_of(self.project)
        found = measures.ranking(self.project, by, since=first, until=last, kinds=kinds, topic=about)
        _all(understand_people(self.project))
        nodes = found.graph.nodes.tolist()
        order = [r for r in found.order.tolist() if about is None or found.walks_topic or nodes[r] in about]
        hidden = people.barred(self.project, (nodes[r] for r in order))
        kept = [r for r in order if nodes[r] not in hidden][:limit]
        shown = {row.id: row for row in person_rows(self.project, [nodes[r] for r in kept])}
        return [
            dataclasses.replace(shown[nodes[r]], rank=place, value=float(found.values[r]), parts=found.parts_of(r))
            for place, r in enumerate((r for r in kept if nodes[r] in shown), 1)
        ]

    def communities(
        self, *, since: datetime | None = None, until: datetime | None = None, kinds: Sequence[str] | None = None,
        least: int = communities.MIN_SIZE,
    ) -> communities.Communities:  # fmt: skip
        """Communities of at least ``least`` people who deal with each other, named; numbers are account ids."""
        first, last = self._span(since, until)
        _all(understand_people(self.project))
        found = communities.find(self.project, since=first, until=last, kinds=kinds, least=least)
        return name_communities(self.project, found, first, last)

    def cascade(self, post: str, *, until: datetime | None = None) -> cascades.Cascade | None:
        """What grew from a post (``platform:id``, link or number); None if nothing did."""
        from .labels import find_post

        net = cascades.load(self.project, self._span(None, until)[1])
        node = net.node_of(find_post(self.project, post))
        return None if node is None else cascades.describe(net, node)

    def overlap(
        self, *who: str, since: datetime | None = None, until: datetime | None = None,
        kinds: Sequence[str] | None = None,
    ) -> overlap.Shared:  # fmt: skip
        """How far the audiences of two or more people overlap, against chance, and what each adds."""
        first, last = self._span(since, until)
        _all(understand_people(self.project))
        asked = [one_account(self.project, name).id for name in who]
        return overlap.shared(self.project, asked, since=first, until=last, kinds=kinds)

    def _span(self, since: datetime | None, until: datetime | None) -> tuple[int | None, int]:
        """Aware times as UTC seconds; without an end, now."""
        last = time.time() if until is None else until.timestamp()
        return None if since is None else int(since.timestamp()), int(last)


def decode_again(plan: Plan) -> Plan:
    """A plan made by hand passes the validator like any other."""
    from .plan import encode

    return decode(encode(plan, neutral=False))


def _all(events: AsyncIterator[Event]) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in events]

    return asyncio.run(collect())
