"""What the objects of Lemmy's v3 API mean (also of PieFed and Mbin, which copy it): views to Post, Account and Group.

Identities. A post or comment is known by its ``ap_id``, the same through whichever server it is seen; a person and a
community by ``name@server`` in lower case, as on Mastodon. Numbers of the server asked live in the cursor only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from xunke.model import MISSING, Account, Group, Media, Mention, Post
from xunke.text import clean, fold, one_line

from .facts import count, ident, inner, kept, line, moment, raw
from .text_tags import hashtags, mentions
from .walk import Unusable, person

PLATFORM: Final = "lemmy"

_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "post": ("id", "name", "body", "url", "published", "updated", "ap_id", "nsfw", "locked", "language_id",
             "featured_community", "featured_local"),
    "comment": ("id", "content", "path", "published", "updated", "ap_id", "distinguished", "language_id"),
    "creator": ("id", "name", "display_name", "actor_id", "bot_account", "local", "published"),
    "community": ("id", "name", "title", "actor_id", "local", "nsfw"),
    "counts": ("comments", "score", "upvotes", "downvotes", "child_count", "newest_comment_time"),
}  # fmt: skip
_MASKED: Final = ("name", "display_name", "title", "body", "content")
_CLOSED: Final = frozenset({"localonly", "localonlyprivate", "private", "unlisted"})
"""Values of ``community.visibility`` that say: not for everybody."""
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_VIDEO: Final = (".mp4", ".webm", ".mov", ".m4v")
_IMAGE: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".jxl")


@dataclass(frozen=True, slots=True)
class View:
    """One PostView or CommentView, read. ``local``: the asked server's number of it; ``path``: for a comment the
    numbers of those above it, the post's own thread first; ``gone``: deleted, removed or not for everybody."""

    post: Post
    local: str
    topic: str
    path: tuple[str, ...] = ()
    children: int = 0
    pinned: bool = False
    gone: bool = False

    @property
    def parent(self) -> str:
        """The server's number of the comment it answers; "" if it answers the post itself."""
        return self.path[-1] if self.path else ""


def markdown(text: str) -> str:
    """Markdown as clean text: the words of links and pictures stay, their addresses go."""
    return clean(_LINK.sub(lambda found: found[1], text)).strip()


def full_name(source: Mapping[str, Any], host: str) -> str:
    """``name@server`` in lower case; what has no address of its own is of ``host``. "" if it has no name."""
    name = source.get("name")
    if not isinstance(name, str) or not fold(name):
        return ""
    return f"{fold(name)}@{fold(netloc(source.get('actor_id')) or host)}"


def netloc(url: object) -> str:
    """The server in an address; "" if there is none."""
    if not isinstance(url, str):
        return ""
    try:
        return urlsplit(one_line(url, 500)).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def account(source: Mapping[str, Any], host: str, fetched: int | None = MISSING) -> Account:
    """Read a Person, or a PersonView with its counts. Raises Unusable if it names nobody."""
    counts = inner(source, "counts")
    who = inner(source, "person") or source
    native, bot, bio = full_name(who, host), who.get("bot_account"), who.get("bio")
    written = [count(counts.get(name)) for name in ("post_count", "comment_count")]
    return person(
        PLATFORM,
        native,
        name=line(who, "display_name") or line(who, "name"),
        handle=native,
        bio=(markdown(bio) or MISSING) if isinstance(bio, str) else MISSING,
        url=line(who, "actor_id"),
        posts=sum(n for n in written if n is not None) if any(n is not None for n in written) else MISSING,
        kind="bot" if bot is True else "person" if bot is False else MISSING,
        fetched=fetched,
    )


def group(source: Mapping[str, Any], host: str) -> Group | None:
    """A Community as a place."""
    native = full_name(source, host)
    return Group(PLATFORM, native, line(source, "title") or line(source, "name"), "community") if native else None


def closed(community: Mapping[str, Any]) -> bool:
    """Whether a community is removed, or not open to everybody."""
    said = community.get("visibility")
    return (
        community.get("removed") is True
        or community.get("deleted") is True
        or (isinstance(said, str) and fold(said).replace("_", "") in _CLOSED)
    )


def view(
    source: object,
    host: str,
    fetched: int | None = MISSING,
    query: str | None = MISSING,
    languages: Mapping[int, str] | None = None,
) -> View:
    """Read a PostView or CommentView. ``languages``: the server's numbers for them. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("lemmy.not_a_view")
    topic, counts = inner(source, "post"), inner(source, "counts")
    comment = inner(source, "comment")
    what = comment or topic
    native, local = line(what, "ap_id"), ident(what.get("id"))
    if not native or not local:
        raise Unusable("lemmy.no_id")
    when = moment(what.get("published"))
    if when is None:
        raise Unusable("lemmy.no_time")
    creator, community = inner(source, "creator"), inner(source, "community")
    text = what.get("content") if comment else what.get("body")
    text = markdown(text) if isinstance(text, str) else ""
    language = what.get("language_id")
    post = Post(
        platform=PLATFORM,
        native_id=native,
        text=text,
        author=account(creator, host, fetched),
        created=when[0],
        zone=when[1],
        kind="comment" if comment else "post",
        title=MISSING if comment else line(topic, "name"),
        url=native,
        tags=hashtags(PLATFORM, text),
        mentions=tuple(Mention(name, name) for name in _named_in(text)),
        likes=count(counts.get("upvotes")),
        comments=count(counts.get("child_count" if comment else "comments")),
        root=line(topic, "ap_id") if comment else MISSING,
        group=group(community, host),
        lang=(languages or {}).get(language) if isinstance(language, int) else MISSING,
        media=MISSING if comment else _media(topic.get("url")),
        query=query,
        fetched=fetched,
        raw=_raw(source),
    )
    path = _path(comment.get("path"), local) if comment else ()
    if comment and not path:
        post = replace(post, reply_to=post.root)
    return View(
        post=post,
        local=local,
        topic=ident(topic.get("id")),
        path=path,
        children=count(counts.get("child_count")) or 0,
        pinned=topic.get("featured_community") is True or topic.get("featured_local") is True,
        gone=any(part.get(flag) is True for part in (what, topic) for flag in ("deleted", "removed"))
        or creator.get("deleted") is True
        or closed(community),
    )


def _named_in(text: str) -> list[str]:
    """People named in full, the only way that reaches them."""
    return list(dict.fromkeys(fold(name) for name in mentions(PLATFORM, text) if "@" in name))


def _path(value: object, own: str) -> tuple[str, ...]:
    """``0.7.9.12`` (0 is the root, 12 this comment) as ("7", "9")."""
    if not isinstance(value, str) or len(value) > 4_000:
        return ()
    return tuple(part for part in value.split(".") if part.isascii() and part.isdigit() and part not in ("0", own))


def _media(url: object) -> Media | None:
    if not isinstance(url, str) or not url:
        return "text"
    path = url.partition("?")[0].lower()
    return "video" if path.endswith(_VIDEO) else "image" if path.endswith(_IMAGE) else MISSING


def _raw(source: Mapping[str, Any]) -> bytes:
    return raw({part: kept(inner(source, part), names, _MASKED) for part, names in _KEPT.items() if part in source})
