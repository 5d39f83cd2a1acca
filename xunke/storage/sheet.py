"""One page of records, merged by key before it is written."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from xunke.model import Account, Follower, Group, Interaction, Membership, Mention, Post, Purchase, Record, Withdrawn
from xunke.scrub import without_mention

from .suppression import Suppressed, clean_id

Key = tuple[str, str]
"""(platform, native id)."""


def key_of(platform: str, native_id: str) -> Key:
    """The key of an account, post or group; ids that a stranger could have bent are cleaned."""
    return (platform, clean_id(native_id))


ACCOUNT: Final = (
    "name", "handle", "bio", "url", "region", "gender", "occupation", "followers", "following", "posts",
    "verified", "kind", "listed",
)  # fmt: skip
"""The facts of an account that are plain columns."""
_ABOVE: Final = ("reply_to", "root", "repost_of", "quote_of")
"""What of a post names other posts."""


@dataclass(slots=True)
class Tally:
    """How many records of a page were new, changed, known already, left out because of the
    do-not-contact list, or (posts stored before) withdrawn by their authors;
    ``posts``: how many of the new records are posts, comments or reposts."""

    stored: int = 0
    updated: int = 0
    duplicate: int = 0
    suppressed: int = 0
    interactions: int = 0
    gone: int = 0
    posts: int = 0

    def add(self, other: Tally) -> None:
        """Add the counts of ``other``."""
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class Sheet:
    """The records of one page, merged by key: later facts win, a fact not said never overwrites one that was."""

    def __init__(self, suppressed: Suppressed, now: int) -> None:
        self.accounts: dict[Key, Account] = {}
        self.posts: dict[Key, Post] = {}
        self.post_keys: dict[Key, None] = {}
        self.groups: dict[Key, Group] = {}
        self.members: set[tuple[Key, Key]] = set()
        self.interactions: list[Interaction] = []
        self.withdrawn: dict[Key, int] = {}
        self.followers: list[tuple[Key, Key, Follower]] = []
        self.purchases: list[tuple[Key, Purchase]] = []
        self.primary_accounts: set[Key] = set()
        self.snapshots: list[tuple[Key, int, Account]] = []
        self.met: dict[Key, bytes] = {}
        self.tally = Tally()
        self._suppressed = suppressed
        self._now = now

    def take(self, record: Record) -> None:
        if isinstance(record, Post):
            self._post(record)
        elif isinstance(record, Account):
            key = self._account(record)
            if key is not None:
                if key in self.primary_accounts:
                    self.tally.duplicate += 1
                self.primary_accounts.add(key)
        elif isinstance(record, Interaction):
            self._interaction(record)
        elif isinstance(record, Withdrawn):
            key = key_of(record.platform, record.post)
            self.posts.pop(key, None)
            self.withdrawn[key] = record.noticed
        elif isinstance(record, Follower):
            self._follower(record)
        elif isinstance(record, Purchase):
            if (key := self._account(record.account)) is not None:
                self.purchases.append((key, record))
        elif self._account(record.account) is not None:
            self._membership(record)

    def _account(self, account: Account) -> Key | None:
        """Note ``account``; None if it must not be stored."""
        if self._suppressed.has(account):
            self.tally.suppressed += 1
            if (by := self._suppressed.by_handle(account)) is not None:
                self.met[(account.platform, account.native_id)] = by
            return None
        key = key_of(account.platform, account.native_id)
        if account.followers is not None and account.fetched is not None:
            self.snapshots.append((key, account.fetched, account))
        known = self.accounts.get(key)
        if known is None:
            self.accounts[key] = account
        elif known is not account:
            self.accounts[key] = _merge(known, account)
        return key

    def _post(self, post: Post) -> None:
        author = None if post.author is None else self._account(post.author)
        if post.author is not None and author is None:
            return
        if any(self._hides(post, mention) for mention in post.mentions):
            named = tuple(mention for mention in post.mentions if not self._hides(post, mention))
            text, title = post.text, post.title
            for mention in post.mentions:
                if mention.name and mention not in named:
                    text, title = without_mention(text, mention.name) or "", without_mention(title, mention.name)
            post = dataclasses.replace(post, mentions=named, text=text, title=title)
        above = {name: getattr(post, name) for name in _ABOVE}
        if any(parent and self._suppressed.in_address(post.platform, parent) for parent in above.values()):
            kept: dict[str, Any] = {
                n: None if p and self._suppressed.in_address(post.platform, p) else p for n, p in above.items()
            }
            post = dataclasses.replace(post, **kept)
        key = key_of(post.platform, post.native_id)
        known = self.posts.get(key)
        if known is not None:
            post = _merge_post(known, post)
            self.tally.duplicate += post == known
            self.tally.updated += post != known
        self.posts[key] = post
        self.post_keys[key] = None
        for parent in (getattr(post, name) for name in _ABOVE):
            if parent is not None:
                self.post_keys[key_of(post.platform, parent)] = None
        for mention in post.mentions:
            if mention.native_id is not None:
                self._account(Account(post.platform, mention.native_id, name=mention.name))
        if post.group is not None:
            self._group(post.group)
            if author is not None:
                self.members.add((key_of(post.group.platform, post.group.native_id), author))

    def _follower(self, record: Follower) -> None:
        platform, _, native_id = (record.own or "").partition(":")
        own, who = self._account(Account(platform, native_id)), self._account(record.account)
        if own is not None and who is not None and own != who:
            self.followers.append((own, who, record))
            if record.since is not None:
                us = self.accounts[own]
                self.interactions.append(Interaction(platform, record.account, us, "follow", time=record.since))

    def _hides(self, post: Post, mention: Mention) -> bool:
        """Whether nobody may be tied to ``mention``: it names somebody on the do-not-contact list."""
        return self._suppressed.hit(post.platform, mention.native_id, mention.name, None)

    def _group(self, group: Group) -> Key:
        key = key_of(group.platform, group.native_id)
        self.groups.setdefault(key, group)
        return key

    def _membership(self, record: Membership) -> None:
        account = key_of(record.account.platform, record.account.native_id)
        self.members.add((self._group(record.group), account))
        self.primary_accounts.add(account)

    def _interaction(self, record: Interaction) -> None:
        if self._account(record.actor) is None or self._account(record.target) is None:
            return
        if record.post is not None:
            self.post_keys[key_of(record.platform, record.post)] = None
        self.interactions.append(record)


def _merge(old: Account, new: Account) -> Account:
    changed = {
        f: value for f in (*ACCOUNT, "fetched") if (value := getattr(new, f)) is not None and value != getattr(old, f)
    }
    if new.tags:
        changed["tags"] = tuple(dict.fromkeys(old.tags + new.tags))
    return dataclasses.replace(old, **changed) if changed else old


def _merge_post(old: Post, new: Post) -> Post:
    if new.fetched is not None and old.fetched is not None and new.fetched < old.fetched:
        old, new = new, old
    names = (f.name for f in dataclasses.fields(Post))
    return dataclasses.replace(old, **{n: v for n in names if (v := getattr(new, n)) not in (None, (), "")})
