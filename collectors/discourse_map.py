"""What the objects of a Discourse forum mean: topics, posts and users to Post, Account and Group.

Identities. Numbers and names are a forum's own, so the forum stands before them: ``forum.example/t/701/3`` is the
third post of topic 701, ``forum.example/u/lin`` a person, ``forum.example/c/3`` a category, ``forum.example/g/staff``
a group of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from xunke.model import MISSING, Account, Group, Media, Mention, Post
from xunke.text import fold, one_line

from .facts import count, each, hashtags, ident, inner, kept, line, moment, raw
from .markup import plain
from .walk import Unusable, person

PLATFORM: Final = "discourse"
_KEPT: Final = (
    "id", "topic_id", "post_number", "reply_to_post_number", "username", "name", "user_id", "created_at", "updated_at",
    "cooked", "reply_count", "quote_count", "reads", "score", "trust_level", "moderator", "admin", "post_type",
)  # fmt: skip
_LIKE: Final = 2
_SYSTEM_LINE, _WHISPER = 3, 4
_ASIDE: Final = re.compile(r"<(/?)aside\b([^<>]{0,2000})>", re.I)
_QUOTED: Final = re.compile(r'data-(post|topic)="(\d{1,12})"')
_MENTION: Final = re.compile(r'<a class="mention" href="[^"<>]{0,200}/u/([^"<>/?#]{1,120})"', re.I)
_PICTURE: Final = re.compile(r'<img(?![^<>]{0,400}class="(?:emoji|avatar))', re.I)
_VIDEO: Final = re.compile(r'<video|class="[^"<>]{0,60}video', re.I)


@dataclass(frozen=True, slots=True)
class Forum:
    """One forum: its name in identities, the address of its pages, and its categories by number."""

    host: str
    base: str
    categories: Mapping[str, Mapping[str, Any]]

    def category(self, number: object) -> Group | None:
        """The category with this number as a place; MISSING if it has none."""
        local = ident(number)
        known = self.categories.get(local, {})
        return Group(PLATFORM, f"{self.host}/c/{local}", line(known, "name"), "category") if local else MISSING

    def user_group(self, source: Mapping[str, Any], name: str) -> Group:
        """A group of people as a place."""
        shown = line(source, "full_name") or line(source, "display_name") or line(source, "name")
        return Group(PLATFORM, f"{self.host}/g/{fold(name)}", shown or one_line(name, 200), "group")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a post needs to know of its topic. ``open``: shown to everybody in the lists."""

    local: str
    slug: str = ""
    title: str | None = MISSING
    tags: tuple[str, ...] = ()
    category: str = ""
    posts: int | None = MISSING
    views: int | None = MISSING
    open: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """One post, read. ``local``: its number for calls; ``gone``: deleted, hidden, or for the staff only."""

    post: Post
    local: str
    number: int
    gone: bool


def tags_of(source: Mapping[str, Any]) -> tuple[str, ...]:
    """A topic's tags: strings on most forums, objects on the newest."""
    value = source.get("tags")
    found = value if isinstance(value, list) else []
    return hashtags(one.get("name") or one.get("text") if isinstance(one, Mapping) else one for one in found)


def topic(source: Mapping[str, Any]) -> Topic:
    """Read a topic, as it stands in lists or by itself. Raises Unusable if it has no number."""
    local = ident(source.get("id"))
    if not local:
        raise Unusable("discourse.no_id")
    fancy = source.get("fancy_title")
    title = line(source, "title") or (one_line(plain(fancy), 2_000) or MISSING if isinstance(fancy, str) else MISSING)
    return Topic(
        local,
        line(source, "slug") or "-",
        title,
        tags_of(source),
        ident(source.get("category_id")),
        count(source.get("posts_count")),
        count(source.get("views")),
        source.get("visible") is not False and source.get("archetype", "regular") == "regular",
    )


def account(source: Mapping[str, Any], forum: Forum, fetched: int | None = MISSING) -> Account:
    """Read a user, whole or as named beside a post. Raises Unusable if it names nobody."""
    name = line(source, "username", 200)
    native = f"{forum.host}/u/{fold(name)}" if name and fold(name) else ""
    bio = source.get("bio_cooked") or source.get("bio_excerpt")
    number, hidden = source.get("user_id", source.get("id")), source.get("profile_hidden") is True
    if hidden:  # some forums tell the rest all the same
        source = {key: source[key] for key in ("username", "profile_hidden") if key in source}
        bio = MISSING
    return person(
        PLATFORM,
        native,
        name=line(source, "name") or name,
        handle=name,
        bio=(plain(bio) or MISSING) if isinstance(bio, str) else MISSING,
        url=f"{forum.base}/u/{quote(name, safe='')}" if name else MISSING,
        region=line(source, "location", 200),
        occupation=line(source, "title", 200) if "bio_cooked" in source or "profile_hidden" in source else MISSING,
        posts=count(source.get("post_count")),
        kind="bot" if isinstance(number, int) and number < 0 else MISSING,
        listed=False if hidden else MISSING,
        fetched=fetched,
    )


def own_words(cooked: str) -> tuple[str, str]:
    """HTML without what is quoted or previewed in it, and the attributes of the first quote."""
    parts: list[str] = []
    at = depth = 0
    first = ""
    for found in _ASIDE.finditer(cooked):
        if not found[1]:
            if depth == 0:
                parts.append(cooked[at : found.start()])
                first = first or (found[2] if "quote" in found[2] else "")
            depth += 1
        elif depth:
            depth -= 1
        at = found.end()
    if depth == 0:
        parts.append(cooked[at:])
    return "\n".join(parts), first


def _quote(attributes: str, forum: Forum, of: str) -> str | None:
    found = dict(_QUOTED.findall(attributes))
    return f"{forum.host}/t/{found.get('topic', of)}/{found['post']}" if "post" in found else MISSING


def _mentions(cooked: str, forum: Forum) -> Iterable[Mention]:
    for name in dict.fromkeys(one_line(unquote(found), 120) for found in _MENTION.findall(cooked)):
        if fold(name):
            yield Mention(name, f"{forum.host}/u/{fold(name)}")


def _media(cooked: str) -> Media:
    return "video" if _VIDEO.search(cooked) else "image" if _PICTURE.search(cooked) else "text"


def said(
    source: object, about: Topic, forum: Forum, fetched: int | None = MISSING, query: str | None = MISSING
) -> Said:
    """Read a post of a topic. Raises Unusable if it has no number, author, time or content."""
    if not isinstance(source, Mapping):
        raise Unusable("discourse.not_a_post")
    local, number = ident(source.get("id")), count(source.get("post_number"))
    if not local or not number:
        raise Unusable("discourse.no_id")
    when, cooked = moment(source.get("created_at")), source.get("cooked")
    if when is None:
        raise Unusable("discourse.no_time")
    if not isinstance(cooked, str):
        raise Unusable("discourse.no_content")
    place, above = f"{forum.host}/t/{about.local}", count(source.get("reply_to_post_number"))
    words, quoted = own_words(cooked[:200_000])
    first = number == 1
    summary = source.get("actions_summary")
    liked = (one.get("count") for one in each(source, "actions_summary") if one.get("id") == _LIKE)
    post = Post(
        platform=PLATFORM,
        native_id=f"{place}/{number}",
        text=plain(words),
        author=account(source | {"title": None}, forum, fetched),  # type: ignore[operator] # JSON objects are dicts
        created=when[0],
        zone=when[1],
        kind="post" if first else "comment",
        title=about.title if first else MISSING,
        url=f"{forum.base}/t/{quote(about.slug, safe='')}/{about.local}/{number}",
        tags=about.tags if first else (),
        mentions=tuple(_mentions(words, forum)),
        likes=count(next(liked, 0) or 0) if isinstance(summary, list) else MISSING,
        comments=_answers(about) if first else count(source.get("reply_count")),
        views=about.views if first else MISSING,
        reply_to=MISSING if first else f"{place}/{above or 1}",
        root=MISSING if first else f"{place}/1",
        quote_of=_quote(quoted, forum, about.local),
        group=forum.category(about.category),
        media=_media(words),
        query=query,
        fetched=fetched,
        raw=raw({"topic": {"id": about.local, "slug": about.slug}, **kept(source, _KEPT, ("cooked", "name"))}),
    )
    gone = (
        any(source.get(flag) is True for flag in ("hidden", "user_deleted", "deleted"))
        or bool(source.get("deleted_at"))
        or source.get("post_type") in (_SYSTEM_LINE, _WHISPER)
        or not about.open
    )
    return Said(post, local, number, gone)


def _answers(about: Topic) -> int | None:
    return max(about.posts - 1, 0) if about.posts is not None else MISSING


def is_system_line(source: Mapping[str, Any]) -> bool:
    """A line by the forum itself, or one among its staff: nobody's word to the public."""
    return source.get("post_type") in (_SYSTEM_LINE, _WHISPER)


def groups_named(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Groups of people by their folded names."""
    return {fold(str(one.get("name") or "")): one for one in each(source, "groups")}


def categories_in(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Categories by number, those inside others too."""
    found: dict[str, Mapping[str, Any]] = {}
    rows = each(source, "categories") or each(inner(source, "category_list"), "categories")
    for one in rows:
        for each_one in (one, *each(one, "subcategory_list")):
            if local := ident(each_one.get("id")):
                found[local] = each_one
    return found
