"""What the objects of Misskey's API mean (also of Sharkey, CherryPick, Iceshrimp): notes and users to Post and Account.

Identities as on Mastodon, so that what is seen through either compares equal: a post by its ``uri`` (of a note of the
server asked ``https://SERVER/notes/ID``, which is its uri elsewhere), a person by ``user@server`` in lower case.
Channels do not federate: ``SERVER/channels/ID``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from xunke.model import MISSING, Account, Group, Media, Mention, Post
from xunke.text import clean, fold

from . import text_tags
from .facts import count, each, hashtags, ident, inner, kept, line, moment, raw
from .walk import Unusable, person

PLATFORM: Final = "misskey"
_KEPT: Final = (
    "id", "createdAt", "text", "cw", "userId", "visibility", "localOnly", "tags", "replyId", "renoteId", "channelId",
    "reactionCount", "reactions", "renoteCount", "repliesCount", "uri", "url",
)  # fmt: skip
_USER_KEPT: Final = ("id", "username", "host", "name", "isBot")
_TO_ALL: Final = "public"


@dataclass(frozen=True, slots=True)
class Note:
    """One note, read. ``local`` and ``author_local`` are the asked server's ids; ``shown``: public, by the word of the
    note and of its author; ``shared`` the original if this is a pure renote; ``parent`` and ``renoted`` are the asked
    server's ids of what it answers and of what it renotes or quotes."""

    post: Post
    local: str
    author_local: str
    shown: bool
    parent: str = ""
    renoted: str = ""
    shared: Note | None = None

    @property
    def quotes(self) -> bool:
        """Whether it renotes with words of its own."""
        return bool(self.renoted) and self.shared is None and self.post.kind != "repost"


def full_name(source: Mapping[str, Any], host: str) -> str:
    """``user@server`` in lower case; a user without a server is of ``host``. "" if it has no name."""
    name, home = source.get("username"), source.get("host")
    if not isinstance(name, str) or not fold(name):
        return ""
    return f"{fold(name)}@{fold(home) if isinstance(home, str) and fold(home) else fold(host)}"


def hides(source: Mapping[str, Any], what: str) -> bool:
    """Whether a person keeps the list ``what`` (followers, following) from the public."""
    said = source.get(f"{what}Visibility", source.get("ffVisibility"))
    return isinstance(said, str) and said != _TO_ALL


def account(source: object, host: str, fetched: int | None = MISSING) -> Account:
    """Read a user, lite or detailed. Raises Unusable if it names nobody."""
    if not isinstance(source, Mapping):
        raise Unusable("collect.no_author")
    native, bio, bot = full_name(source, host), source.get("description"), source.get("isBot")
    name, _, home = native.partition("@")
    shown = name if home == fold(host) else native
    closed = source.get("noCrawle") is True or source.get("requireSigninToViewContents") is True
    return person(
        PLATFORM,
        native,
        name=line(source, "name") or line(source, "username"),
        handle=native,
        bio=(clean(bio[:20_000]).strip() or MISSING) if isinstance(bio, str) else MISSING,
        url=line(source, "url") or line(source, "uri") or f"https://{host}/@{shown}",
        region=line(source, "location", 200),
        followers=MISSING if hides(source, "followers") else count(source.get("followersCount")),
        following=MISSING if hides(source, "following") else count(source.get("followingCount")),
        posts=count(source.get("notesCount")),
        kind="bot" if bot is True else "person" if bot is False else MISSING,
        listed=False if closed else MISSING,
        fetched=fetched,
    )


def uri_of(source: Mapping[str, Any], host: str) -> str:
    """What a note is known by everywhere. "" if it has no id."""
    local = ident(source.get("id"))
    return line(source, "uri") or (f"https://{host}/notes/{local}" if local else "")


def channel(source: Mapping[str, Any], host: str) -> Group | None:
    """A channel as a place."""
    local = ident(source.get("id"))
    return Group(PLATFORM, f"{host}/channels/{local}", line(source, "name"), "channel") if local else None


def pure(source: Mapping[str, Any]) -> bool:
    """Whether a note only renotes: no words, files or poll of its own."""
    original = isinstance(source.get("renote"), Mapping) or bool(ident(source.get("renoteId")))
    return original and not (_words(source) or source.get("cw") or source.get("files") or source.get("poll"))


def _words(source: Mapping[str, Any]) -> str:
    text = source.get("text")
    return clean(text).strip() if isinstance(text, str) else ""


def _shown(source: Mapping[str, Any]) -> bool:
    author = inner(source, "user")
    return (
        source.get("visibility", _TO_ALL) == _TO_ALL
        and source.get("isHidden") is not True
        and author.get("requireSigninToViewContents") is not True
    )


def note(
    source: object,
    host: str,
    fetched: int | None = MISSING,
    query: str | None = MISSING,
    *,
    within: bool = False,
) -> Note:
    """Read a note. Raises Unusable if it has no id, author, time or content. ``within``: of a renote."""
    if not isinstance(source, Mapping):
        raise Unusable("misskey.not_a_note")
    local, uri = ident(source.get("id")), uri_of(source, host)
    if not local or not uri:
        raise Unusable("misskey.no_id")
    when = moment(source.get("createdAt"))
    if when is None:
        raise Unusable("misskey.no_time")
    if "text" not in source:
        raise Unusable("misskey.no_content")
    user, shares = inner(source, "user"), pure(source)
    author, original = account(user, host, fetched), inner(source, "renote")
    shared = note(original, host, fetched, query, within=True) if shares and original and not within else None
    text, parent, renoted = _words(source), ident(source.get("replyId")), ident(source.get("renoteId"))
    above = inner(source, "reply")
    said = source.get("tags")
    tags = [*text_tags.hashtags(PLATFORM, text), *(said if isinstance(said, list) else [])]
    post = Post(
        platform=PLATFORM,
        native_id=uri,
        text=text,
        author=author,
        created=when[0],
        zone=when[1],
        kind="repost" if shares else "comment" if parent or above else "post",
        title=line(source, "cw"),
        url=line(source, "url") or uri,
        tags=hashtags(tags),
        mentions=tuple(_mentions(text, author.native_id.partition("@")[2])),
        likes=_reactions(source),
        comments=count(source.get("repliesCount")),
        shares=count(source.get("renoteCount")),
        reply_to=(uri_of(above, host) or MISSING) if above else MISSING,
        quote_of=(uri_of(original, host) or MISSING) if original and not shares else MISSING,
        repost_of=(uri_of(original, host) or MISSING) if original and shares else MISSING,
        group=channel(inner(source, "channel"), host),
        media=_media(source),
        query=query,
        fetched=fetched,
        raw=_raw(source),
    )
    if shares:  # what a renote counts is not about the original
        post = replace(post, likes=MISSING, comments=MISSING, shares=MISSING, tags=(), mentions=())
    who = ident(user.get("id")) or ident(source.get("userId"))
    return Note(post, local, who, _shown(source), parent, renoted, shared)


def _mentions(text: str, home: str) -> Iterable[Mention]:
    """A name without a server is of the author's own."""
    for name in dict.fromkeys(fold(one) for one in text_tags.mentions(PLATFORM, text)):
        full = name if "@" in name else f"{name}@{home}"
        yield Mention(full, full)


def _reactions(source: Mapping[str, Any]) -> int | None:
    """All reactions together, whatever their kind."""
    told = count(source.get("reactionCount"))
    if told is not None or not isinstance(source.get("reactions"), Mapping):
        return told
    return sum(count(n) or 0 for n in source["reactions"].values())


def _media(source: Mapping[str, Any]) -> Media | None:
    if not isinstance(source.get("files"), list):
        return MISSING
    kinds = {str(one.get("type")).partition("/")[0] for one in each(source, "files")}
    return "video" if "video" in kinds else "image" if "image" in kinds else "text"


def _raw(source: Mapping[str, Any]) -> bytes:
    found = kept(source, _KEPT, ("text", "cw"))
    return raw(found | {"user": kept(inner(source, "user"), _USER_KEPT, ("name",))})
