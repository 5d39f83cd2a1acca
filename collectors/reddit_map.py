"""What Reddit's things mean: links (t3), comments (t1) and accounts (t2) to Post and Account.

Identities. Posts and comments are known by their full names (``t3_1abc2``, ``t1_k2``): the short ids of both come from
the same numbers. People are known by their name in lower case: mentions and many lists tell no id, and names never
change. A subreddit likewise. Texts are Markdown as people wrote it. Scores are blurred by Reddit on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from xunke.model import MISSING, Account, Group, Media, Mention, Post
from xunke.text import clean, one_line

from . import facts
from .facts import count, epoch, ident, inner, line
from .walk import Unusable

PLATFORM: Final = "reddit"
SITE: Final = "https://www.reddit.com"
ZONE: Final = "+00:00"
NOBODY: Final = frozenset({"[deleted]", "[removed]", ""})

_LINK_KEPT: Final = (
    "id", "name", "title", "selftext", "author", "author_fullname", "subreddit", "subreddit_id", "created_utc",
    "permalink", "is_self", "over_18", "link_flair_text", "num_comments", "score", "ups", "upvote_ratio",
    "num_crossposts", "crosspost_parent", "stickied", "removed_by_category", "edited", "is_gallery", "domain",
)  # fmt: skip
_COMMENT_KEPT: Final = (
    "id", "name", "body", "author", "author_fullname", "parent_id", "link_id", "subreddit", "subreddit_id",
    "created_utc", "score", "ups", "depth", "controversiality", "distinguished", "edited", "stickied", "permalink",
)  # fmt: skip
_PROSE: Final = ("title", "selftext", "body", "link_flair_text")
_MENTION: Final = re.compile(r"(?<![\w/])/?u/([A-Za-z0-9_-]{3,20})(?![\w-])")
_FULL: Final = re.compile(r"t[13]_[0-9a-z]{1,13}")
_PICTURES: Final = frozenset({"i.redd.it", "i.imgur.com"})
_VIDEOS: Final = frozenset({"v.redd.it", "youtube.com", "youtu.be"})


def full(value: object) -> str | None:
    """A full name of a link or comment; MISSING for anything else."""
    return value if isinstance(value, str) and _FULL.fullmatch(value) else MISSING


def author(source: Mapping[str, Any], fetched: int | None = MISSING) -> Account | None:
    """Who wrote a thing; MISSING where the account is gone."""
    name = line(source, "author", 100)
    if not name or name in NOBODY:
        return MISSING
    return Account(PLATFORM, name.lower(), name, name, url=f"{SITE}/user/{name}", fetched=fetched)


def person(source: object, fetched: int | None = MISSING) -> Account:
    """The profile of an account (t2). Raises Unusable."""
    found = source if isinstance(source, Mapping) else {}
    name = line(found, "name", 100)
    if not name or name in NOBODY:
        raise Unusable("collect.no_author")
    page = inner(found, "subreddit")
    return Account(
        PLATFORM,
        name.lower(),
        line(page, "title", 100) or name,
        name,
        bio=line(page, "public_description"),
        url=f"{SITE}/user/{name}",
        followers=count(page.get("subscribers")) or MISSING,  # 0 where it is not public
        verified=found.get("verified") if isinstance(found.get("verified"), bool) else MISSING,
        listed=False if found.get("hide_from_robots") is True else MISSING,
        fetched=fetched,
    )


def place(source: Mapping[str, Any]) -> Group | None:
    """The subreddit; somebody's own page (``u_name``) is no place."""
    name = line(source, "subreddit", 100)
    return Group(PLATFORM, name.lower(), name, "subreddit") if name and not name.startswith("u_") else MISSING


def _media(source: Mapping[str, Any]) -> Media | None:
    domain = line(source, "domain", 100)
    if source.get("is_video") is True or domain in _VIDEOS:
        return "video"
    if source.get("is_gallery") is True or domain in _PICTURES:
        return "image"
    return "text" if source.get("is_self") is True else MISSING


def _mentions(text: str) -> tuple[Mention, ...]:
    return tuple(Mention(name, name.lower()) for name in dict.fromkeys(_MENTION.findall(text)))


def _words(source: Mapping[str, Any], field: str) -> str:
    value = source.get(field)
    text = clean(value).strip() if isinstance(value, str) else ""
    return "" if text in NOBODY else text


def _address(source: Mapping[str, Any]) -> str | None:
    link = line(source, "permalink", 500)
    return f"{SITE}{link}" if link and link.startswith("/") else MISSING


def removed(source: object) -> bool:
    """Taken down by its author or a moderator: not public any more."""
    if not isinstance(source, Mapping):
        return False
    words = source.get("body", source.get("selftext"))
    return bool(source.get("removed_by_category")) or (isinstance(words, str) and words in NOBODY - {""})


def _known(source: object, key: str, kind: str) -> tuple[Mapping[str, Any], str, int]:
    if not isinstance(source, Mapping):
        raise Unusable("reddit.not_a_thing", source)
    name = full(source.get(key)) or full(f"{kind}_{ident(source.get('id'))}")
    when = epoch(source.get("created_utc"))
    if not name or not name.startswith(kind):
        raise Unusable("reddit.no_id")
    if when is None:
        raise Unusable("reddit.no_time", name)
    return source, name, when


def link(source: object, query: str | None = MISSING, fetched: int | None = MISSING) -> Post:
    """A t3. Raises Unusable."""
    found, name, when = _known(source, "name", "t3")
    title = line(found, "title", 400)
    text = _words(found, "selftext")
    flair = line(found, "link_flair_text", 100)
    original = full(found.get("crosspost_parent"))
    return Post(
        PLATFORM,
        name,
        text or title or "",
        author=author(found, fetched),
        created=when,
        zone=ZONE,
        kind="repost" if original else "post",
        title=title,
        url=_address(found),
        tags=facts.hashtags([flair] if flair else []),
        mentions=_mentions(f"{title or ''}\n{text}"),
        likes=count(found.get("score")),
        comments=count(found.get("num_comments")),
        shares=count(found.get("num_crossposts")),
        repost_of=original,
        group=place(found),
        media=_media(found),
        query=query,
        fetched=fetched,
        raw=facts.raw(facts.kept(found, _LINK_KEPT, _PROSE)),
    )


def comment(source: object, query: str | None = MISSING, fetched: int | None = MISSING) -> Post:
    """A t1. Raises Unusable."""
    found, name, when = _known(source, "name", "t1")
    text = _words(found, "body")
    root = full(found.get("link_id"))
    return Post(
        PLATFORM,
        name,
        text,
        author=author(found, fetched),
        created=when,
        zone=ZONE,
        kind="comment",
        title=line(found, "link_title", 400),
        url=_address(found),
        mentions=_mentions(text),
        likes=count(found.get("score")),
        reply_to=full(found.get("parent_id")) or root,
        root=root,
        group=place(found),
        query=query,
        fetched=fetched,
        raw=facts.raw(facts.kept(found, _COMMENT_KEPT, _PROSE)),
    )


def short(name: str) -> str:
    """The id without its kind, as addresses have it."""
    return one_line(name, 40).partition("_")[2] or name
