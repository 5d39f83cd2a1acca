"""Errors for people: every one names what failed and what to do next, by a key of the message catalogue.

The front end translates ``key`` with ``params`` (xunke.i18n); nothing else of an error reaches a user.
"""

from __future__ import annotations

from typing import ClassVar, Final

_WEEK: Final = 7 * 86_400.0


class XunkeError(Exception):
    """Base of all expected failures. ``exit_code`` is the command line's (DESIGN §10)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        extra = ", ".join(f"{k}={v}" for k, v in self.params.items())
        return f"{self.key}({extra})"


class UsageError(XunkeError):
    """The command was called wrongly."""

    exit_code = 2


class BadInput(XunkeError):
    """A file, value or plan that cannot be read."""


class PolicyRefused(XunkeError):
    """Asked for something that Xunke does not do."""

    exit_code = 3


class NeedsAnswer(XunkeError):
    """A question has to be answered first."""

    exit_code = 4


class StorageError(XunkeError):
    """The project file cannot be read or written."""


class CollectorError(XunkeError):
    """A source failed. The subclass says what to do."""


class Retry(CollectorError):
    """Come back after ``after`` seconds (rate limit, overload, lost connection); whatever is said, within a week."""

    def __init__(self, key: str, after: float, **params: object) -> None:
        after = min(max(after, 0.0), _WEEK) if after == after else _WEEK  # not a number is not equal to itself
        super().__init__(key, after=round(after), **params)
        self.after = after


class NeedsLogin(CollectorError):
    """The source wants a token or cookie of the user's own."""


class Blocked(CollectorError):
    """The source refuses (403, captcha, robots, address not allowed): stop, do not retry."""


class BadQuery(CollectorError):
    """The source does not understand what was asked."""


class Gone(CollectorError):
    """What was asked for is not there (404, 410): skip and count."""


class BrokenAnswer(CollectorError):
    """The answer is not what the platform documents: nothing of it is stored, the job parks."""
