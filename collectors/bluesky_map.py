"""What the objects of the AT Protocol's app.bsky views mean: a post view and a profile view to Post and Account.

Identities. A person is known by the DID, which stays when the handle changes; a post by its AT-URI
(``at://DID/app.bsky.feed.post/RKEY``). Web addresses are made with the DID for the same reason.

Times. ``createdAt`` is what the author's program claims, ``indexedAt`` when the server saw the post (or the claim,
if that is earlier). The claim counts unless it lies behind ``indexedAt``: nothing is written after it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from xunke.model import MISSING, Account, AccountKind, Media, Mention, Post
from xunke.scrub import scrub
from xunke.text import clean, fold, one_line

from .facts import count, each, hashtags, ident, inner, kept, line, moment, raw
from .walk import Unusable

PLATFORM: Final = "bluesky"
POST: Final = "app.bsky.feed.post"
WEB: Final = "https://bsky.app"

_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_URI: Final = re.compile(rf"at://({_DID.pattern})/([A-Za-z0-9.-]{{1,200}})/([A-Za-z0-9._:~-]{{1,512}})")
_BIO_TAG: Final = re.compile(r"#([^\s#@,，。;；!！?？]{1,60})")
_HIDDEN: Final = frozenset({"!hide", "!takedown", "!suspend"})
_ASKS_LOGIN: Final = "!no-unauthenticated"
_FEATURE: Final = "app.bsky.richtext.facet#"
_COUNTS: Final = ("replyCount", "repostCount", "likeCount", "quoteCount", "bookmarkCount")


def is_did(value: str) -> bool:
    """Whether ``value`` is a DID, as AT-URIs begin with."""
    return _DID.fullmatch(value) is not None


def parts(uri: object) -> tuple[str, str, str] | None:
    """DID, collection and key of an AT-URI; None if it is none."""
    found = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return (found[1], found[2], found[3]) if found else None


def labels(source: Mapping[str, Any]) -> frozenset[str]:
    """The labels in force on an object, put there by its author or a moderation service."""
    stated = each(source, "labels")
    taken_back = {(one.get("src"), one.get("val")) for one in stated if one.get("neg") is True}
    return frozenset(
        one["val"]
        for one in stated
        if isinstance(one.get("val"), str) and (one.get("src"), one["val"]) not in taken_back
    )


def taken_down(source: Mapping[str, Any]) -> bool:
    """Whether moderation hides it from everybody."""
    return bool(labels(source) & _HIDDEN)


def asks_login(source: Mapping[str, Any]) -> bool:
    """Whether this person asks not to be shown to visitors without a login."""
    return _ASKS_LOGIN in labels(source)


def account(source: object, fetched: int | None = MISSING) -> Account:
    """Read a profile view (basic or detailed). Raises Unusable if it names nobody."""
    if not isinstance(source, Mapping) or not is_did(did := ident(source.get("did"))):
        raise Unusable("bluesky.no_author")
    handle = fold(ident(source.get("handle")))
    bio = clean(source["description"]).strip() if isinstance(source.get("description"), str) else ""
    known = labels(source)
    kind: AccountKind | None = "bot" if "bot" in known else MISSING
    status = inner(source, "verification").get("verifiedStatus")
    return Account(
        platform=PLATFORM,
        native_id=did,
        name=line(source, "displayName", 200) or handle or MISSING,
        handle=handle if handle and handle != "handle.invalid" else MISSING,
        bio=bio or MISSING,
        url=f"{WEB}/profile/{did}",
        followers=count(source.get("followersCount")),
        following=count(source.get("followsCount")),
        posts=count(source.get("postsCount")),
        verified=status == "valid" if isinstance(status, str) else MISSING,
        kind=kind,
        listed=False if _ASKS_LOGIN in known else MISSING,
        tags=tuple(dict.fromkeys(_BIO_TAG.findall(bio)))[:20],
        fetched=fetched,
    )


def when(claimed: object, seen: object) -> tuple[int, str] | None:
    """The time of a record (see the module's text), UTC seconds and offset; None if neither is one."""
    claim, index = moment(claimed), moment(seen)
    if claim is None or claim[0] <= 0:
        return index
    return index if index is not None and claim[0] > index[0] else claim


def _slice(text: bytes, facet: Mapping[str, Any]) -> str:
    """The words of a facet: its places count UTF-8 bytes, so Chinese text must be cut as bytes."""
    place = inner(facet, "index")
    start, end = place.get("byteStart"), place.get("byteEnd")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return ""
    return one_line(text[start:end].decode("utf-8", "ignore"), 100)


def _features(record: Mapping[str, Any], kind: str) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for facet in each(record, "facets"):
        for feature in each(facet, "features"):
            if feature.get("$type") == _FEATURE + kind:
                yield facet, feature


def tags(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags of a post's record: those marked in the text, and those beside it."""
    beside = record.get("tags")
    names = [feature.get("tag") for _, feature in _features(record, "tag")]
    return hashtags(names + (beside if isinstance(beside, list) else []))


def _mentions(record: Mapping[str, Any]) -> tuple[Mention, ...]:
    text = record.get("text")
    data = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    found: dict[str, Mention] = {}
    for facet, feature in _features(record, "mention"):
        did = ident(feature.get("did"))
        if is_did(did):
            found.setdefault(did, Mention(_slice(data, facet).lstrip("@＠") or did, did))
    return tuple(found.values())


def _embed(record: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The kind of what is embedded (``images``, ``video``, ``external`` …, "" if nothing), and the record quoted."""
    embed = inner(record, "embed")
    kind = ident(embed.get("$type")).removeprefix("app.bsky.embed.").partition("#")[0]
    quoted = inner(embed, "record")
    if kind == "recordWithMedia":
        kind = ident(inner(embed, "media").get("$type")).removeprefix("app.bsky.embed.").partition("#")[0]
        quoted = inner(quoted, "record")
    return kind, quoted


def _quoted(source: Mapping[str, Any], record: Mapping[str, Any]) -> str | None:
    """The post that is quoted, unless its author has detached it (or blocks the one who quotes)."""
    uri = ident(_embed(record)[1].get("uri"))
    found = parts(uri)
    if found is None or found[1] != POST:
        return MISSING
    view = inner(inner(source, "embed"), "record")
    view = inner(view, "record") if "record" in view else view
    shown = ident(view.get("$type"))
    return MISSING if shown.endswith(("#viewDetached", "#viewBlocked")) else uri


_MEDIA: Final[Mapping[str, Media]] = {"images": "image", "video": "video"}


def post(source: object, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """Read a post view. Raises Unusable if it has no address, author, record or time."""
    if not isinstance(source, Mapping):
        raise Unusable("bluesky.not_a_post", type(source).__name__)
    uri = ident(source.get("uri"))
    if parts(uri) is None:
        raise Unusable("bluesky.no_uri", uri)
    record = inner(source, "record")
    if not isinstance(record.get("text"), str):
        raise Unusable("bluesky.no_record", uri)
    at = when(record.get("createdAt"), source.get("indexedAt"))
    if at is None:
        raise Unusable("bluesky.no_time", uri)
    did, _, key = parts(uri) or ("", "", "")
    reply = inner(record, "reply")
    parent, root = (ident(inner(reply, name).get("uri")) for name in ("parent", "root"))
    return Post(
        platform=PLATFORM,
        native_id=uri,
        text=clean(record["text"]).strip(),
        author=account(source.get("author"), fetched),
        created=at[0],
        zone=at[1],
        kind="comment" if parts(parent) else "post",
        url=f"{WEB}/profile/{did}/post/{key}",
        tags=tags(record),
        mentions=_mentions(record),
        likes=count(source.get("likeCount")),
        comments=count(source.get("replyCount")),
        shares=count(source.get("repostCount")),
        saves=count(source.get("bookmarkCount")),
        reply_to=parent if parts(parent) else MISSING,
        root=root if parts(root) else MISSING,
        quote_of=_quoted(source, record),
        lang=_first(record.get("langs")),
        media=_MEDIA.get(_embed(record)[0], "text"),
        query=query,
        fetched=fetched,
        raw=_kept(source, record),
    )


def _first(values: object) -> str | None:
    found = values[0] if isinstance(values, list) and values else None
    return (one_line(found, 20) or MISSING) if isinstance(found, str) else MISSING


def repost(source: Mapping[str, Any], original: Post, fetched: int | None = MISSING) -> Post:
    """The act of passing ``original`` on, from the ``reason`` in a feed. Raises Unusable.

    Older servers do not say the repost's own address: then it is made of the post's and the person's.
    """
    by = account(source.get("by"), fetched)
    uri = ident(source.get("uri"))
    at = moment(source.get("indexedAt"))
    return Post(
        platform=PLATFORM,
        native_id=uri if parts(uri) else f"{original.native_id}#repost:{by.native_id}",
        text="",
        author=by,
        created=at[0] if at else MISSING,
        zone=at[1] if at else MISSING,
        kind="repost",
        url=original.url,
        repost_of=original.native_id,
        query=original.query,
        fetched=fetched,
        raw=raw(kept(source, ("uri", "indexedAt"))),
    )


def _kept(source: Mapping[str, Any], record: Mapping[str, Any]) -> bytes:
    """The allow-listed part of a post view as JSON: no pictures, no viewer's state; contact data hidden."""
    found = kept(source, ("uri", "cid", "indexedAt", *_COUNTS))
    found["record"] = kept(record, ("text", "createdAt", "langs", "reply", "tags"), ("text",))
    found["record"]["facets"] = [
        {"index": facet.get("index"), "features": [kept(one, ("$type", "tag", "did", "uri"), ("uri",)) for one in
         each(facet, "features")]}
        for facet in each(record, "facets")
    ]  # fmt: skip
    kind, quoted = _embed(record)
    found["record"]["embed"] = {"kind": kind, "record": ident(quoted.get("uri"))}
    external = inner(inner(record, "embed"), "external")
    if external:
        found["record"]["embed"]["external"] = kept(external, ("uri", "title"), ("uri", "title"))
    found["author"] = kept(inner(source, "author"), ("did", "handle", "displayName"), ("displayName",))
    found["labels"] = sorted(labels(source))
    if isinstance(found["record"].get("tags"), list):
        found["record"]["tags"] = [scrub(tag) for tag in found["record"]["tags"] if isinstance(tag, str)]
    return raw(found)
