"""What the objects of V2EX's two APIs mean: topic, reply, member and node to Post, Account and Group.

Identities. A topic is known by its number, a reply by ``r_`` and its number, as the site's own links name it
(``/t/1#r_2``): both count from 1 and would be taken for one another. A member is known by the number, too; where
only a name is told (``@name``), it stays a name until somebody of that name is met.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from xunke.model import MISSING, Account, Group, Mention, Post
from xunke.text import clean, one_line

from . import facts
from .facts import count, each, epoch, ident, inner, line
from .markup import plain
from .text_tags import hashtags, mentions
from .walk import Unusable, person

PLATFORM: Final = "v2ex"
ZONE: Final = "+00:00"

_TOPIC_KEPT: Final = (
    "id", "title", "url", "content", "content_rendered", "syntax", "created", "last_modified", "last_touched",
    "replies", "deleted",
)  # fmt: skip
_REPLY_KEPT: Final = ("id", "topic_id", "content", "content_rendered", "created", "last_modified", "thanks")
_WHO_KEPT: Final = ("id", "username", "url", "location", "tagline", "bio", "created", "pro")
_PROSE: Final = ("title", "content", "content_rendered", "location", "tagline", "bio", "username")
_NAMED: Final = re.compile(r"""href=["'](?:https?://[^/"']{1,80})?/member/([^"'/?#\s]{1,60})["']""")
_FLOOR: Final = re.compile(r"[@＠]([\w-]{1,60})\s{0,3}[#＃]\s?(\d{1,5})(?!\d)")
_FLOORS: Final = 300


def node(source: Mapping[str, Any]) -> Group | None:
    """A node as a place; its short name is its id, as in links."""
    name = line(source, "name", 100)
    return Group(PLATFORM, name, line(source, "title", 100) or name, "node") if name else MISSING


def member(source: object, fetched: int | None = MISSING) -> Account:
    """A member. ``location`` is what people wrote themselves. Raises Unusable."""
    found = source if isinstance(source, Mapping) else {}
    name = line(found, "username", 100)
    words = [text for field in ("tagline", "bio") if (text := plain(str(found.get(field) or "")))]
    return person(
        PLATFORM,
        ident(found.get("id")),
        name=name,
        handle=name,
        bio="\n".join(dict.fromkeys(words)) or MISSING,
        url=_link(found),
        region=line(found, "location", 100),
        fetched=fetched,
    )


def _link(source: Mapping[str, Any]) -> str | None:
    """Addresses in old data begin with ``//``."""
    found = line(source, "url")
    return f"https:{found}" if found and found.startswith("//") else found


def _words(source: Mapping[str, Any]) -> str:
    for field, read in (("content_rendered", plain), ("content", lambda text: clean(text).strip())):
        value = source.get(field)
        if isinstance(value, str) and (found := read(value)):
            return found
    return ""


def _named(source: Mapping[str, Any], text: str, people: Mapping[str, str]) -> tuple[Mention, ...]:
    """Who is named: by the links to members, else by ``@name`` in the text."""
    rendered = source.get("content_rendered")
    linked = _NAMED.findall(rendered[:200_000]) if isinstance(rendered, str) else []
    names = dict.fromkeys(one_line(name, 100) for name in linked or mentions(PLATFORM, text))
    return tuple(Mention(name, people.get(name.lower())) for name in names if name)


def _raw(source: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    found = facts.kept(source, names, _PROSE)
    if isinstance(source.get("member"), Mapping):
        found["member"] = facts.kept(source["member"], _WHO_KEPT, _PROSE)
    if isinstance(source.get("node"), Mapping):
        found["node"] = facts.kept(source["node"], ("id", "name", "title", "parent_node_name"))
    return facts.raw(found)


def topic(
    source: object, *, place: Group | None = MISSING, query: str | None = MISSING, fetched: int | None = MISSING
) -> Post:
    """A topic of either API. ``place``: the node asked for, where the topic itself names none. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("v2ex.not_a_topic", source)
    number, when = ident(source.get("id")), epoch(source.get("created"))
    if not number:
        raise Unusable("v2ex.no_id")
    if when is None:
        raise Unusable("v2ex.no_time", number)
    title = line(source, "title", 400)
    parts = [_words(source), *(_words(more) for more in each(source, "supplements"))]
    text = "\n\n".join(part for part in parts if part)
    who = member(source["member"], fetched) if source.get("member") else MISSING
    return Post(
        PLATFORM,
        number,
        text or title or "",
        author=who,
        created=when,
        zone=ZONE,
        title=title,
        url=_link(source) or f"https://www.v2ex.com/t/{number}",
        tags=hashtags(PLATFORM, text),
        mentions=_named(source, text, {}),
        comments=count(source.get("replies")),
        group=node(inner(source, "node")) or place,
        query=query,
        fetched=fetched,
        raw=_raw(source, _TOPIC_KEPT),
    )


class Floors(msgspec.Struct, omit_defaults=True):
    """The last replies of a topic, so that ``@name #3`` can be understood. Kept in the cursor: bounded.

    ``before``: floors that were let go; ``ids``, ``names``: of the floors behind them; ``people``: name to id.
    """

    before: int = 0
    ids: list[str] = []
    names: list[str] = []
    people: dict[str, str] = {}

    def add(self, post: Post) -> None:
        """The next floor."""
        who = post.author
        self.ids.append(post.native_id)
        self.names.append((who.name or "").lower() if who else "")
        if who and who.name:
            self.people[who.name.lower()] = who.native_id
        if len(self.ids) > _FLOORS:
            del self.ids[0], self.names[0]
            self.before += 1
        while len(self.people) > _FLOORS:
            del self.people[next(iter(self.people))]

    def skip(self) -> None:
        """The next floor cannot be read: nobody's."""
        self.ids.append("")
        self.names.append("")

    def answered(self, text: str) -> str | None:
        """The one reply that ``@name #3`` means: floor and name must agree, since deleted replies move the floors."""
        found = set()
        for name, floor in _FLOOR.findall(text):
            at = int(floor) - self.before - 1
            if 0 <= at < len(self.ids) and self.ids[at] and self.names[at] == name.lower():
                found.add(self.ids[at])
        return found.pop() if len(found) == 1 else None


def reply(
    source: object,
    root: str,
    floors: Floors,
    *,
    place: Group | None = MISSING,
    query: str | None = MISSING,
    fetched: int | None = MISSING,
) -> Post:
    """A reply of either API, which is the next floor of topic ``root``. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("v2ex.not_a_reply", source)
    number, when = ident(source.get("id")), epoch(source.get("created"))
    if not number:
        raise Unusable("v2ex.no_id")
    if when is None:
        raise Unusable("v2ex.no_time", number)
    text = _words(source)
    post = Post(
        PLATFORM,
        f"r_{number}",
        text,
        author=member({"id": source.get("member_id")} | dict(inner(source, "member")), fetched),
        created=when,
        zone=ZONE,
        kind="comment",
        url=f"https://www.v2ex.com/t/{root}#r_{number}",
        tags=hashtags(PLATFORM, text),
        mentions=_named(source, text, floors.people),
        likes=count(source.get("thanks")),
        reply_to=floors.answered(text) or root,
        root=root,
        group=place,
        query=query,
        fetched=fetched,
        raw=_raw(source, _REPLY_KEPT),
    )
    floors.add(post)
    return post
