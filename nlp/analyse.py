"""Texts in, everything known about them out: one pass over a batch, of which a single text is the batch of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple, overload

from .types import Analysis, Engine, Label

if TYPE_CHECKING:
    from .batch import Batch
    from .gate import Gate, Opened
    from .interests import Found as Interests
    from .interests import Index, Scores
    from .lexicon import Hits, Lexicon, View
    from .life_events import Event
    from .needs import Found as Need
    from .polarity import Polarity
    from .sentiment import Feelings


class Columns(Sequence[Analysis]):
    """What a batch of texts says, column by column; as a sequence, one :class:`~nlp.types.Analysis` a text.

    ``lang``, ``sentiment``, ``label`` and ``spam`` have an entry for every text. The others are by row; rows without
    any are missing. Language and evidence are put together when they are asked for.
    """

    def __init__(
        self,
        batch: Batch,
        feelings: Feelings,
        about: Interests,
        needs: Mapping[int, tuple[Need, ...]],
        events: Mapping[int, tuple[Event, ...]],
        spam: tuple[list[float], Mapping[int, tuple[str, ...]]],
    ) -> None:
        self._batch = batch
        self.sentiment: list[float] = feelings.p
        self.label: list[Label] = feelings.label
        self.needs, self.events = needs, events
        self.spam, self.spam_reasons = spam
        self._feelings, self._interests = feelings, about

    @cached_property
    def lang(self) -> list[str]:
        """The language of every text."""
        from .lang import languages

        return languages(self._batch)

    @property
    def interests(self) -> Mapping[int, Scores]:
        """First-level interests by row."""
        return self._interests.first

    @property
    def topics(self) -> Mapping[int, Scores]:
        """Second-level interests by row."""
        return self._interests.second

    def evidence(self, row: int) -> dict[str, tuple[str, ...]]:
        """The words that say so, by "sentiment", interest, need and life event."""
        found = self.interest_words(row)
        if feeling := self._feelings.evidence(row):
            found = {"sentiment": feeling, **found}
        for need in self.needs.get(row, ()):
            found[need.name] = need.evidence
        for event in self.events.get(row, ()):
            found[event.name] = (event.words,)
        return found

    def quotes(self, row: int) -> dict[str, str]:
        """The clause, as written, of each need and life event of a row."""
        found = {need.name: need.quote for need in self.needs.get(row, ())}
        found.update((event.name, event.quote) for event in self.events.get(row, ()))
        return found

    @property
    def feelings(self) -> Feelings:
        """Sentiment with its arithmetic."""
        return self._feelings

    def interest_words(self, row: int) -> dict[str, tuple[str, ...]]:
        """The words that speak for each first-level interest of a row."""
        return self._interests.evidence(row) if row in self._interests.first else {}

    def __len__(self) -> int:
        return len(self.label)

    @overload
    def __getitem__(self, row: int) -> Analysis: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Analysis]: ...
    def __getitem__(self, row: int | slice) -> Analysis | Sequence[Analysis]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        row = range(len(self))[row]
        return Analysis(
            lang=self.lang[row],
            sentiment=self.sentiment[row],
            label=self.label[row],
            interests=self.interests.get(row, ()),
            topics=self.topics.get(row, ()),
            needs=tuple((need.name, need.score) for need in self.needs.get(row, ())),
            spam=self.spam[row],
            spam_reasons=self.spam_reasons.get(row, ()),
            life_events=tuple(event.name for event in self.events.get(row, ())),
            evidence=self.evidence(row),
            quotes=self.quotes(row),
            about={need.name: thing for need in self.needs.get(row, ()) if (thing := need.about)},
        )

    def __iter__(self) -> Iterator[Analysis]:
        return (self[row] for row in range(len(self)))


class _Book(NamedTuple):
    """All words that any part looks for in one lexicon, and each part's view of it."""

    lexicon: Lexicon
    taxonomy: Index
    about: View
    own_gate: Gate
    own: View
    """Rules over the author's own words: first the needs', then the life events'."""
    gate: Gate
    every: View
    """Rules over the whole text: spam."""
    events_from: int
    mood: Polarity
    felt: View


@cache
def _book() -> _Book:
    from . import life_events, needs, spam
    from .gate import Gate
    from .interests import load
    from .lexicon import Lexicon
    from .polarity import polarity

    taxonomy = load()
    own_gate = Gate([rule.conditions for _, rule in (*needs.rulebook(), *life_events.rulebook())])
    gate = Gate([rule.conditions for rule in spam.rules()])
    mood = polarity()
    lexicon = Lexicon([*taxonomy.words, *own_gate.words, *gate.words, *mood.words])
    return _Book(
        lexicon,
        taxonomy,
        lexicon.view(taxonomy.words),
        own_gate,
        lexicon.view(own_gate.words),
        gate,
        lexicon.view(gate.words),
        len(needs.rulebook()),
        mood,
        lexicon.view(mood.words),
    )


def analyse(text: str, engine: Engine = "xunke") -> Analysis:
    """Everything about one text (its first ``MAX_CHARS`` characters). Deterministic; any string will do."""
    return analyse_many([text], engine)[0]


def analyse_many(texts: Iterable[str], engine: Engine = "xunke") -> Columns:
    """The same for many texts at once; about a thousand is best. A text's neighbours change nothing."""
    from .batch import Batch

    return read(Batch.of(texts), engine)


def read(batch: Batch, engine: Engine = "xunke") -> Columns:
    """Everything about the texts of a batch."""
    hits = _book().lexicon.hits(batch, plain=True)
    wants, happened = needs_of(batch, hits)
    return Columns(
        batch,
        feelings_of(batch, hits, engine),
        interests_of(batch, hits),
        wants,
        happened,
        spam_of(batch, hits),
    )


def feelings_of(batch: Batch, hits: Hits | None = None, engine: Engine = "xunke") -> Feelings:
    """How the authors of a batch feel. ``hits``: see :func:`interests_of`; alone, it looks for its own few words."""
    from . import sentiment

    if engine == "snownlp":
        return sentiment.snownlp(batch.texts)
    if hits is None:
        return sentiment.feelings(batch, _mood_lexicon().hits(batch).whole(batch))
    book = _book()
    return sentiment.feelings(batch, hits.seen_as(book.felt).said(batch).whole(batch), book.mood)


@cache
def _mood_lexicon() -> Lexicon:
    from .lexicon import Lexicon
    from .polarity import polarity

    return Lexicon(polarity().words)


def interests_of(batch: Batch, hits: Hits | None = None) -> Interests:
    """What the texts of a batch are about. ``hits``: what the book's lexicon finds in ``plain``, if known."""
    book = _book()
    hits = book.lexicon.hits(batch, plain=True) if hits is None else hits
    return book.taxonomy.read(batch, hits.seen_as(book.about).said(batch).whole(batch))


def needs_of(
    batch: Batch, hits: Hits | None = None
) -> tuple[dict[int, tuple[Need, ...]], dict[int, tuple[Event, ...]]]:
    """Needs and life events in the authors' own words."""
    from . import life_events, needs
    from .rules import Reading

    wants: dict[int, tuple[Need, ...]] = {}
    happened: dict[int, tuple[Event, ...]] = {}
    split = _book().events_from
    for row, opened in own_rules(batch, hits).items():
        reading = Reading(batch, row)
        first = next((place for place, (rule, _) in enumerate(opened) if rule >= split), len(opened))
        if first and (found := needs.judge(reading, opened[:first])):
            wants[row] = found
        if first < len(opened):
            told = life_events.judge(reading, [(rule - split, parts) for rule, parts in opened[first:]])
            if told:
                happened[row] = told
    return wants, happened


def own_rules(batch: Batch, hits: Hits | None = None) -> dict[int, list[Opened]]:
    """By row: the rules that may match the author's own words, first the needs', then the life events'."""
    book = _book()
    hits = book.lexicon.hits(batch, plain=True) if hits is None else hits
    cues = hits.seen_as(book.own)
    rows = batch.row_of(cues.starts)
    mine = cues.ends <= batch.own_ends[rows]
    return book.own_gate.open(rows[mine], cues.words[mine])


def spam_of(batch: Batch, hits: Hits | None = None) -> tuple[list[float], dict[int, tuple[str, ...]]]:
    """Probability that each text is advertising or spam, and the reasons of those that have any."""
    from . import spam

    return spam.judge(batch, spam_rules(batch, hits))


def spam_rules(batch: Batch, hits: Hits | None = None) -> dict[int, list[Opened]]:
    """By row: the rules of advertising and spam that may match."""
    book = _book()
    hits = book.lexicon.hits(batch, plain=True) if hits is None else hits
    signs = hits.seen_as(book.every)
    return book.gate.open(batch.row_of(signs.starts), signs.words)
