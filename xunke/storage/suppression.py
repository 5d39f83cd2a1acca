"""The do-not-contact list: keyed hashes only, so that it outlives the erasure of what it protects."""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
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
            folded = fold(word).lstrip("@")
            yield f"{platform}\0name\0{folded}"
            yield f"*\0name\0{folded}"


class Suppressed:
    """The list in memory, for asking about many accounts: each is hashed once. Load it again after it changed."""

    def __init__(self, key: bytes, hashes: frozenset[bytes]) -> None:
        self._key = key
        self._hashes = hashes
        self._asked: dict[tuple[str, str | None, str | None, str | None], bool] = {}

    @classmethod
    def load(cls, db: sqlite3.Connection, before: Suppressed | None = None) -> Suppressed:
        """Read the list of a project; ``before``, with all that it was asked, where the list is still the same."""
        found = cls(_key(db), frozenset(row[0] for row in db.execute("select hash from suppression")))
        same = before is not None and (before._key, before._hashes) == (found._key, found._hashes)
        return before if before is not None and same else found

    def __len__(self) -> int:
        return len(self._hashes)

    def has(self, account: Account) -> bool:
        """Whether ``account`` is on the list, by id, name or handle."""
        return self.hit(account.platform, account.native_id, account.name, account.handle)

    def hit(self, platform: str, native_id: str | None, name: str | None, handle: str | None) -> bool:
        """``has`` for bare values."""
        if not self._hashes:
            return False
        who = (platform, native_id, name, handle)
        known = self._asked.get(who)
        if known is None:
            known = self._asked[who] = any(_hash(self._key, n) in self._hashes for n in _names(*who))
        return known

    def by_handle(self, account: Account) -> bytes | None:
        """The entry that ``account`` is on the list by, if that is its handle and its id is not yet there. Handles
        belong to one person at a time and can be changed; names that anybody may take say nothing of the id."""
        if not account.handle or self.hit(account.platform, account.native_id, None, None):
            return None
        found = (_hash(self._key, n) for n in _names(account.platform, None, None, account.handle))
        return next((one for one in found if one in self._hashes), None)

    def in_address(self, platform: str, native_id: str) -> bool:
        """Whether the id of a post says who wrote it (``at://did:…/…``, ``https://m.example/@name/1``), and that is
        somebody on the list."""
        if not self._hashes or "/" not in native_id:
            return False
        _, _, host, *steps = [*native_id.split("/", 8), "", ""]
        names = [host, *(f"{step.lstrip('@')}@{host}" for step in steps if step)]
        return any(self.hit(platform, name, None, None) for name in names)


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


def learn(db: sqlite3.Connection, seen: Mapping[tuple[str, str], bytes]) -> None:
    """Put (platform, native id) on the list because of the entry they were met by: a new handle changes nothing.
    Whoever takes that entry off takes these off with it."""
    key, now = _key(db), int(time.time())
    db.executemany(
        "insert or ignore into suppression(hash, created, origin) values (?, ?, ?)",
        [(_hash(key, name), now, _met(by)) for (platform, native_id), by in seen.items()
         for name in _names(platform, native_id, None, None) if not name.startswith("*")],
    )  # fmt: skip


def _met(by: bytes) -> str:
    return f"met:{by.hex()[:16]}"


def remove(db: sqlite3.Connection, accounts: Iterable[tuple[str, str | None, str | None, str | None]]) -> int:
    """Take accounts off the list again (an explicit act, logged by the caller). Returns hashes removed."""
    key, before = _key(db), db.total_changes
    for account in accounts:
        hashes = [_hash(key, w) for w in _names(*account)]
        db.executemany("delete from suppression where hash = ? or origin = ?", [(h, _met(h)) for h in hashes])
    return db.total_changes - before
