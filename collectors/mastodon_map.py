"""What the Mastodon API's objects mean: Status and Account (all compatibles) to Post and Account.

Identities. A post is known by its ``uri`` (the same through whichever server it is seen), an account by
``user@server`` in lower case: mentions carry no uri but always name that, and handles never change on the
fediverse. The server-local ids are only for asking this server on, and live in the cursor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from xunke.model import MISSING, Account, AccountKind, Group, Media, Mention, Post
from xunke.scrub import scrub
from xunke.text import clean, fold, one_line

from .address import split
from .facts import count, each, ident, line, moment
from .markup import plain
from .walk import Unusable

PLATFORM: Final = "mastodon"

_STATUS_KEPT: Final = (
    "id", "uri", "url", "created_at", "edited_at", "visibility", "sensitive", "spoiler_text", "language", "content",
    "in_reply_to_id", "in_reply_to_account_id", "reblogs_count", "favourites_count", "replies_count", "quotes_count",
)  # fmt: skip
_ACCOUNT_KEPT: Final = (
    "id", "username", "acct", "url", "uri", "display_name", "note", "bot", "group", "locked", "discoverable",
    "indexable", "noindex", "hide_collections", "created_at", "last_status_at", "statuses_count", "followers_count",
    "following_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Status:
    """One Status, read. ``local`` is the server's own id; ``boosted`` the original if this is a boost;
    ``parent`` and ``parent_author`` are server-local ids of what it answers."""

    post: Post
    local: str
    author_local: str
    public: bool | None
    parent: str | None = None
    parent_author: str | None = None
    boosted: Status | None = None


def full_acct(source: Mapping[str, Any], domain: str) -> str:
    """``user@server`` in lower case; an ``acct`` without a server is of ``domain``, the server asked. "" if none."""
    acct = source.get("acct") or source.get("username")
    if not isinstance(acct, str):
        return ""
    acct = fold(acct).strip("@")
    return acct if not acct or "@" in acct else f"{acct}@{fold(domain)}"


def account(source: object, domain: str, fetched: int | None = MISSING) -> Account:
    """Read an Account. Raises Unusable if it names nobody."""
    if not isinstance(source, Mapping):
        raise Unusable("mastodon.no_author")
    native = full_acct(source, domain)
    if not native:
        raise Unusable("mastodon.no_author")
    note = source.get("note")
    kind: AccountKind | None = MISSING
    if source.get("group") is True:
        kind = "group"
    elif source.get("bot") is True:
        kind = "bot"
    elif source.get("bot") is False:
        kind = "person"
    said_no = source.get("noindex") is True or source.get("indexable") is False or source.get("discoverable") is False
    said_yes = source.get("discoverable") is True or source.get("indexable") is True
    bio = plain(note) if isinstance(note, str) else ""
    return Account(
        platform=PLATFORM,
        native_id=native,
        name=line(source, "display_name") or line(source, "username"),
        handle=native,
        bio=bio or MISSING,
        url=line(source, "url") or line(source, "uri"),
        followers=count(source.get("followers_count")),
        following=count(source.get("following_count")),
        posts=count(source.get("statuses_count")),
        kind=kind,
        listed=False if said_no else True if said_yes else MISSING,
        tags=tuple(dict.fromkeys(re.findall(r"#([^\s#@,，。;；!！?？]{1,60})", bio)))[:20],
        fetched=fetched,
    )


def _uri(source: Mapping[str, Any], domain: str) -> str:
    local = ident(source.get("id"))
    return line(source, "uri") or line(source, "url") or (f"{local}@{domain}" if local else "")


def _media(source: Mapping[str, Any]) -> Media | None:
    if not isinstance(source.get("media_attachments"), list):
        return MISSING
    kinds = {item.get("type") for item in each(source, "media_attachments")}
    return "video" if kinds & {"video", "gifv"} else "image" if "image" in kinds else "text"


def kept(source: Mapping[str, Any]) -> bytes:
    """The allow-listed part of a Status as JSON: no pictures, no profile fields, no viewer's state."""
    raw = {name: source[name] for name in _STATUS_KEPT if name in source}
    author = source.get("account")
    if isinstance(author, Mapping):
        raw["account"] = {name: author[name] for name in _ACCOUNT_KEPT if name in author}
        _mask(raw["account"], "display_name", "note")
    _mask(raw, "content", "spoiler_text")
    raw["tags"] = [{"name": tag.get("name")} for tag in each(source, "tags")]
    raw["mentions"] = [{k: m.get(k) for k in ("id", "username", "acct", "url")} for m in each(source, "mentions")]
    raw["media_attachments"] = [{"type": item.get("type")} for item in each(source, "media_attachments")]
    for name in ("reblog", "quote"):
        inner = source.get(name)
        if isinstance(inner, Mapping):
            inner = inner.get("quoted_status") if isinstance(inner.get("quoted_status"), Mapping) else inner
            raw[name] = {"id": inner.get("id"), "uri": inner.get("uri")}  # type: ignore[union-attr]
    return msgspec.json.encode(raw)


def _mask(kept: dict[str, Any], *names: str) -> None:
    """Mask contact data in the free text of a record."""
    for name in names:
        if isinstance(kept.get(name), str):
            kept[name] = scrub(kept[name])


def status(
    source: object, domain: str, fetched: int | None = MISSING, query: str | None = MISSING, *, inner: bool = False
) -> Status:
    """Read a Status. Raises Unusable if it has no id, author, time or content. ``inner``: of a boost."""
    if not isinstance(source, Mapping):
        raise Unusable("mastodon.not_a_status")
    local, uri = ident(source.get("id")), _uri(source, domain)
    if not local:
        raise Unusable("mastodon.no_id")
    when = moment(source.get("created_at"))
    if when is None:
        raise Unusable("mastodon.no_time")
    author = account(source.get("account"), domain, fetched)
    original = None if inner else source.get("reblog")
    boosted = status(original, domain, fetched, query, inner=True) if isinstance(original, Mapping) else None
    content = source.get("content")
    if not isinstance(content, str) and boosted is None:
        raise Unusable("mastodon.no_content")
    parent = ident(source.get("in_reply_to_id")) or None
    visibility = source.get("visibility")
    quote = source.get("quote")
    if isinstance(quote, Mapping) and isinstance(quote.get("quoted_status"), Mapping):
        quote = quote["quoted_status"]
    tags = (one_line(str(tag.get("name") or ""), 200).strip("#＃") for tag in each(source, "tags"))
    post = Post(
        platform=PLATFORM,
        native_id=uri,
        text="" if boosted else plain(content if isinstance(content, str) else ""),
        author=author,
        created=when[0],
        zone=when[1],
        kind="repost" if boosted else "comment" if parent else "post",
        title=line(source, "spoiler_text"),
        url=line(source, "url"),
        tags=tuple({fold(tag): tag for tag in tags if tag}.values()),
        mentions=tuple(
            Mention(name, name)
            for name in dict.fromkeys(full_acct(m, domain) for m in each(source, "mentions"))
            if name
        ),
        likes=count(source.get("favourites_count")),
        comments=count(source.get("replies_count")),
        shares=count(source.get("reblogs_count")),
        repost_of=boosted.post.native_id if boosted else MISSING,
        quote_of=(_uri(quote, domain) or MISSING) if isinstance(quote, Mapping) else MISSING,
        lang=line(source, "language"),
        media=_media(source),
        query=query,
        fetched=fetched,
        raw=kept(source),
    )
    if boosted:  # a boost carries the original's figures: they are not its own
        post = replace(post, tags=(), mentions=(), likes=MISSING, comments=MISSING, shares=MISSING, title=MISSING)
    return Status(
        post=post,
        local=local,
        author_local=ident(source["account"].get("id")),
        public=visibility == "public" if isinstance(visibility, str) else None,
        parent=parent,
        parent_author=ident(source.get("in_reply_to_account_id")) or None,
        boosted=boosted,
    )


def group(of: Account) -> Group:
    """An ActivityPub group (an Account with ``group: true``) as a place."""
    return Group(PLATFORM, of.native_id, of.name, "group")


def domain_of(facts: Mapping[str, Any], fallback: str) -> str:
    """The server's own name in handles, from an instance answer (v2 ``domain``, v1 ``uri``), else ``fallback``."""
    value = facts.get("domain") or facts.get("uri")
    if not isinstance(value, str) or not value.strip():
        return fallback
    value = clean(value).strip()
    found = split(value).netloc if "//" in value else value.partition("/")[0]
    return found.rpartition("@")[2].lower() or fallback
