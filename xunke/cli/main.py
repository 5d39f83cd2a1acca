"""Entry of the command line: reads arguments, opens the project, runs one command."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from xunke.config import default_db, user_path
from xunke.errors import UsageError, XunkeError
from xunke.i18n import Catalogue

from . import winning
from .parser import LATER, build, spoken

if TYPE_CHECKING:
    from xunke.storage import Project

    from .output import Output

_FLAGS_WITH_VALUE = ("--db", "--lang", "--today")


class Context:
    """What every command gets: its arguments, where to print, and the project (opened when first needed)."""

    def __init__(self, args: argparse.Namespace, out: Output) -> None:
        self.args = args
        self.out = out
        self._project: Project | None = None
        self._began = int(time.time())

    @property
    def path(self) -> Path:
        """The project's file."""
        named = getattr(self.args, "db", None)
        return user_path(named) if named else default_db()

    @property
    def project(self) -> Project:
        """The project, made if there is none."""
        if self._project is None:
            from xunke import veil
            from xunke.storage import Project
            from xunke.storage.naming import ProjectVeil

            self._project = Project.open(self.path)
            veil.draw(ProjectVeil.of(self._project))
            self._sweep(self._project)
        return self._project

    def _sweep(self, project: Project) -> None:
        """What is older than the project's rules of retention goes, once a day; a broken project says so elsewhere."""
        from xunke.actions.care_retention import swept_at_start
        from xunke.clock import today

        if (told := swept_at_start(project, today=today())) is not None:
            self.out.event(told)

    @property
    def today(self) -> date:
        """The day from which relative times count. Raises UsageError for something that is no date."""
        named = getattr(self.args, "today", None)
        if named is None:
            from xunke.clock import today

            return today()
        return parse_date(named)

    @property
    def now(self) -> int:
        """The second in which an act is noted and up to which things count: this one; where another day than today
        was named, that day's last.
        """
        from xunke.clock import now_on

        return now_on(self.today)

    def broken_off(self) -> int | None:
        """The job that this run of the program was stopped in."""
        if self._project is None:
            return None
        newest = max(self._project.jobs(), key=lambda job: job.updated, default=None)
        stopped = newest is not None and newest.reason == "job.interrupted" and newest.updated >= self._began
        return newest.id if newest is not None and stopped else None

    def close(self) -> None:
        """Close the project."""
        if self._project is not None:
            from xunke import veil

            veil.draw(None)
            self._project.close()
            self._project = None


def parse_date(text: str) -> date:
    """An ISO date. Raises UsageError("cli.bad_date")."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("cli.bad_date", date=text) from None


def parse_until(text: str) -> int:
    """The last second that counts: of a date the whole day (China time), of an instant the second before it.

    Instants are ISO times (without an offset: China time) or epoch seconds or milliseconds.
    """
    return _parse_when(text, end=True)


def parse_since(text: str) -> int:
    """The first second that counts: of a date its midnight (China time), of an instant itself."""
    return _parse_when(text, end=False)


def _parse_when(text: str, *, end: bool) -> int:
    from xunke.clock import ZONE, end_of, start_of

    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) >= 9:
        second = int(text) // (1000 if len(text) >= 12 else 1)
        return second - 1 if end else second
    with contextlib.suppress(ValueError):
        day = date.fromisoformat(text)
        return end_of(day) if end else start_of(day)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("cli.bad_date", date=text) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZONE)
    stamp = instant.timestamp()
    whole = int(stamp // 1)
    return (whole if stamp > whole else whole - 1) if end else (whole if stamp == whole else whole + 1)


def _known(parser: argparse.ArgumentParser) -> set[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return set(action.choices)
    return set()


def _with_command(argv: list[str], known: set[str]) -> list[str]:
    """``xunke "SENTENCE"`` means ``xunke ask "SENTENCE"``."""
    skip = False
    for index, word in enumerate(argv):
        if skip:
            skip = False
        elif word in _FLAGS_WITH_VALUE:
            skip = True
        elif word in ("-h", "--help", "--version"):
            return argv
        elif not word.startswith("-"):
            return argv if word in known else [*argv[:index], "ask", *argv[index:]]
    return argv


def _lang_of(argv: list[str]) -> str | None:
    for index, word in enumerate(argv):
        if word == "--lang" and index + 1 < len(argv):
            return argv[index + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def main(argv: list[str]) -> int:
    """Run one command; returns its exit code. No traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        with contextlib.suppress(AttributeError, ValueError):
            # files and pipes are UTF-8; a terminal keeps the encoding it has (GB18030 in some places)
            told = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=told, errors="replace")  # type: ignore[union-attr]
    cat = Catalogue(_lang_of(argv))
    parser = build(cat)
    args = parser.parse_args(_with_command(argv, _known(parser)))
    from .output import Output  # after --help has ended: help needs none of it

    out = Output(cat, json=getattr(args, "json", False))
    context = Context(args, out)
    with contextlib.suppress(AttributeError, ValueError):
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        return _dispatch(context)
    except XunkeError as error:
        if error.key == "cli.missing":  # said by the command itself: the same sentence as the parser's
            lacking = cat.t(error.key, names=spoken(str(error.params["names"]), cat))
            error = UsageError("cli.usage", command=f"xunke {args.command}", detail=lacking)
        return out.error(error)
    except KeyboardInterrupt:
        out.say(cat.t("run.cancelled"))
        with contextlib.suppress(XunkeError):
            if (job := context.broken_off()) is not None:
                out.say(cat.t("job.broken_off", job=job))
        return 130
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stdout = open("/dev/null", "w")  # noqa: SIM115, PTH123 - keeps the exit quiet
        return 0
    except OSError as error:  # a path too long, a folder gone: whatever was to be opened, the system says why not
        return out.error(XunkeError("cli.bad_file", path=str(error.filename), detail=error.strerror or str(error)))
    except Exception as error:  # noqa: BLE001 - the last gate: a person gets a sentence, never a traceback
        from xunke.secrets import mask  # a library or plug-in may have put anything into its words

        return out.error(XunkeError("error.unexpected", detail=mask(f"{type(error).__name__}: {error}")[:300]))
    finally:
        context.close()


def _dispatch(context: Context) -> int:
    command = context.args.command
    if command is None:
        return _app(context)
    if (module := winning.MODULES.get(command)) is not None:
        return int(import_module(f"{__package__}.{module}").COMMANDS[command](context))
    if command in LATER:
        raise UsageError("cli.later", command=command)
    from . import answering, cascade, data, lexicon, network, prove, same, seeds, sources, talk, tasks, watch, who

    handlers = {
        name: run
        for module in (talk, data, sources, tasks, who, lexicon, same, network, cascade, prove, seeds, answering, watch)
        for name, run in module.COMMANDS.items()
    }
    return int(handlers[command](context))


def _app(context: Context) -> int:
    """The terminal app; without a terminal, a sentence that says so."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("cli.no_terminal")
    from tui.app import run

    named = getattr(context.args, "today", None)
    return run(context.path, context.out.cat.lang, context.today if named else None)
