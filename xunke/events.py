"""What a run tells its front end: codes and numbers, no sentences (the front end translates)."""

from __future__ import annotations

import time
from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, tag_field="event", omit_defaults=True):
    """Base of all events; encoded as JSON objects tagged with ``event``."""


class StepStarted(Event, frozen=True, tag="step_started"):
    """Step ``index`` (from 0) of the plan begins; ``action`` as in the plan."""

    index: int
    action: str


class Progress(Event, frozen=True, tag="progress"):
    """``done`` of ``total`` units of ``stage``; ``eta`` and ``elapsed`` in seconds, ``rate`` in units a second.

    Where no total is known, ``share`` (0 to 1) may tell how much of the whole is done; ``part`` of ``parts`` (from 1)
    is being worked on. ``requests``: how often a platform was asked in this run. Only the newest progress of a stage
    matters: a front end may drop older ones.
    """

    stage: str
    done: int
    total: int | None = None
    elapsed: float = 0.0
    rate: float | None = None
    eta: float | None = None
    note: str = ""
    share: float | None = None
    part: int = 0
    parts: int = 0
    requests: int = 0


def progress(stage: str, done: int, total: int, started: float) -> Progress:
    """Progress with its rate and the seconds left; ``started``: ``time.monotonic()`` at the beginning."""
    elapsed = time.monotonic() - started
    rate = done / elapsed if done and elapsed > 0 else None
    return Progress(stage, done, total, elapsed, rate, (total - done) / rate if rate else None)


class Funnel(Event, frozen=True, tag="funnel"):
    """How many were left after each filter, in order: (message key, count, parameters)."""

    target: str
    stages: list[tuple[str, int, dict[str, Any]]]


class Warned(Event, frozen=True, tag="warned"):
    """Something the user should know; ``code`` is a key of the message catalogue."""

    code: str
    params: dict[str, Any] = {}


class Planned(Event, frozen=True, tag="planned"):
    """What a sentence means: the plan as JSON values, who made it ("model" or "offline"), and what to say about that:
    (key of the message catalogue, parameters). ``text`` is the sentence as it may be kept.
    """

    text: str
    plan: dict[str, Any]
    by: str
    notes: list[tuple[str, dict[str, Any]]] = []


class Result(Event, frozen=True, tag="result"):
    """A result set was kept: ``result`` is its number, ``target`` posts or people, ``count`` its size."""

    result: int
    target: str
    count: int
    step: int = 0


class Table(Event, frozen=True, tag="table"):
    """A small table to show (stats, compare, history, jobs, lists): column keys and rows.

    ``params["posts"]``: of each row our numbers of the posts behind it, the first ones, where they are known.
    """

    title: str
    columns: list[str]
    rows: list[list[Any]]
    params: dict[str, Any] = {}
    step: int = 0


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence of an answer: ``key`` of the message catalogue, its parameters, and what is behind them.

    ``refs``: {parameter: ["post:PLATFORM:ID", "person:PLATFORM:ID", "result:N"]}; every number and name that was made
    from rows has some.
    """

    key: str
    params: dict[str, Any] = {}
    refs: dict[str, list[str]] = {}


class Answer(Event, frozen=True, tag="answer"):
    """What was found, in words made from rows. ``kind``: summary, or what was asked (``plan.Explained``)."""

    kind: str
    sentences: list[Sentence]
    step: int = 0


class Page(Event, frozen=True, tag="page"):
    """A finished page in the reader's language, line by line (a persona card); ``data``: the same as values."""

    title: str
    lines: list[str]
    data: dict[str, Any] = {}
    step: int = 0


class FileWritten(Event, frozen=True, tag="file_written"):
    """A file is complete on disk; ``left_out`` counts rows left out, by reason code."""

    path: str
    rows: int
    format: str
    left_out: dict[str, int] = {}


class Imported(Event, frozen=True, tag="imported"):
    """Report of one imported file. ``noted``: rows kept without a field that could not be understood, or skipped
    as holding nothing to import; ``reasons`` and ``notes`` are (row, message key, detail), the first ones.
    """

    path: str
    format: str
    read: int
    stored: int
    updated: int
    duplicate: int
    rejected: int
    reasons: list[tuple[int, str, str]] = []
    interactions: int = 0
    resumed_from: int = 0
    suppressed: int = 0
    noted: int = 0
    notes: list[tuple[int, str, str]] = []


class Done(Event, frozen=True, tag="done"):
    """A step that has nothing to show is done; ``code`` is a key of the message catalogue."""

    code: str
    params: dict[str, Any] = {}


class Failed(Event, frozen=True, tag="failed"):
    """The run stopped; ``key`` is a key of the message catalogue, ``resumable`` whether it goes on later."""

    key: str
    params: dict[str, Any] = {}
    resumable: bool = False
    exit_code: int = 1


class Cancelled(Event, frozen=True, tag="cancelled"):
    """The run was cancelled; everything stored so far is kept."""


AnyEvent = (
    StepStarted | Progress | Funnel | Warned | Planned | Result | Table | Answer | Page | FileWritten | Imported | Done
    | Failed | Cancelled
)  # fmt: skip
