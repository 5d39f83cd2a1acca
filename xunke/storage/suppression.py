"""The do-not-contact list: keyed hashes only, so that it outlives the erasure of what it protects."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from xunke.model import Account
from xunke.scrub import scrub_name
from xunke.text import clean, fold

_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
"""A hash without digits is no telephone number."""


def _key(db: sqlite3.Connection) -> bytes:
    row = db.execute("select value from meta where key = 'suppression_key'").fetchone()
    return bytes.fromhex(row[0]) if row else b""


def make_key(db: sqlite3.Connection) -> None:
    """Give the project its secret key, once."""
    if _key(db):
        return
    db.execute("insert or ignore into meta(key, value) values ('suppression_key', ?)", (secrets.token_hex(32),))


def clean_id(native_id: str) -> str:
    """A native id as it is stored: cleaned; one made of a name that holds a telephone number shows it no more."""
    if not (native_id.isascii() and native_id.isprintable()):
        native_id = clean(native_id).strip()
    if native_id.startswith("name:") and (masked := scrub_name(native_id)) != native_id:
        return f"{masked}#{sha256(native_id.encode()).hexdigest()[:12].translate(_LETTERS)}"
    return native_id


def _names(platform: str, native_id: str | None, name: str | None, handle: str | None) -> Iterator[str]:
    if native_id:
        yield f"{platform}\0id\0{clean_id(native_id)}"
        yield f"*\0id\0{clean_id(native_id)}"
        if native_id.startswith("name:"):
            name = name or native_id.removeprefix("name:")
    for word in (name, handle):
        if word:
            yield f"{platform}\0name\0{fold(word).lstrip('@')}"
            yield f"*\0name\0{fold(word).lstrip('@')}"


class Suppressed:
    """The list in memory, for asking about many accounts. Load it again after it changed."""

    def __init__(self, key: bytes, hashes: frozenset[bytes]) -> None:
        self._key = key
        self._hashes = hashes

    @classmethod
    def load(cls, db: sqlite3.Connection) -> Suppressed:
        """Read the list of a project."""
        return cls(_key(db), frozenset(row[0] for row in db.execute("select hash from suppression")))

    def __len__(self) -> int:
        return len(self._hashes)

    def has(self, account: Account) -> bool:
        """Whether ``account`` is on the list, by id, name or handle."""
        return self.hit(account.platform, account.native_id, account.name, account.handle)

    def hit(self, platform: str, native_id: str | None, name: str | None, handle: str | None) -> bool:
        """``has`` for bare values."""
        if not self._hashes:
            return False
        return any(_hash(self._key, n) in self._hashes for n in _names(platform, native_id, name, handle))


def pseudonym(db: sqlite3.Connection, words: Iterable[str | None]) -> str:
    """A keyed hash that stands for somebody in the audit log: without the project nobody can try names on it."""
    return _hash(_key(db), "\0".join(word or "" for word in words)).hex()[:16]


def _hash(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode("utf-8", "replace"), sha256)


def add(db: sqlite3.Connection, accounts: Iterable[tuple[str, str | None, str | None, str | None]], origin: str) -> int:
    """Put (platform, native id, name, handle) on the list; platform "*" means every platform. Returns new hashes."""
    key, now, before = _key(db), int(time.time()), db.total_changes
    for account in accounts:
        words = [w for w in _names(*account) if account[0] == "*" or not w.startswith("*")]
        db.executemany(
            "insert or ignore into suppression(hash, created, origin) values (?, ?, ?)",
            [(_hash(key, w), now, origin) for w in dict.fromkeys(words)],
        )
    return db.total_changes - before


def remove(db: sqlite3.Connection, accounts: Iterable[tuple[str, str | None, str | None, str | None]]) -> int:
    """Take accounts off the list again (an explicit act, logged by the caller). Returns hashes removed."""
    key, before = _key(db), db.total_changes
    for account in accounts:
        db.executemany("delete from suppression where hash = ?", [(_hash(key, w),) for w in _names(*account)])
    return db.total_changes - before
