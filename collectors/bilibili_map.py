"""What Bilibili's objects mean: search rows, videos, dynamics, comments, reposts and people.

Identities are those of the importers: a video by its ``aid`` as text, a dynamic by ``id_str`` (but a dynamic that only
announces a video *is* that video), a comment by ``rpid``, a person by ``mid``. Times are epoch seconds of China.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from xunke.model import MISSING, Account, AccountKind, Media, Mention, Post
from xunke.scrub import scrub
from xunke.text import clean, fold, one_line

from .bilibili_ids import aid_of
from .facts import count, each, epoch, hashtags, ident, inner, kept, line, raw
from .importers import values
from .markup import plain
from .text_tags import hashtags as tags_in
from .text_tags import mentions as names_in
from .walk import Unusable

PLATFORM: Final = "bilibili"
ZONE: Final = "+08:00"

_VIDEO_KEPT: Final = (
    "aid", "bvid", "mid", "typeid", "typename", "tid", "tname", "title", "description", "desc", "play", "video_review",
    "danmaku", "favorites", "review", "like", "tag", "pubdate", "senddate", "ctime", "duration", "videos", "copyright",
    "state", "dynamic",
)  # fmt: skip
_STAT_KEPT: Final = ("view", "danmaku", "reply", "favorite", "coin", "share", "like")
_COMMENT_KEPT: Final = (
    "rpid", "oid", "type", "mid", "root", "parent", "dialog", "count", "rcount", "state", "ctime", "like",
)  # fmt: skip
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})")
_NODES: Final[Mapping[str, str]] = {"RICH_TEXT_NODE_TYPE_AT": "@", "RICH_TEXT_NODE_TYPE_TOPIC": "#"}
_MEDIA: Final[Mapping[str, Media]] = {
    "DYNAMIC_TYPE_AV": "video", "DYNAMIC_TYPE_DRAW": "image", "DYNAMIC_TYPE_WORD": "text",
    "DYNAMIC_TYPE_ARTICLE": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dynamic:
    """One dynamic, read. ``oid`` and ``kind``: under what its comments are kept ("" and 0: not said); ``local``: its
    own id, which its reposts and likes are asked with; ``original``: what it passes on, where it came along."""

    post: Post
    local: str
    oid: str
    kind: int
    original: Dynamic | None = None


def number(value: object) -> str:
    """An id that is a number (``mid`` is one in some objects, text in others); "" for 0 and what is none."""
    found = ident(value)
    return found if found.isdecimal() and found.isascii() and found.strip("0") else ""


def seconds(value: object) -> int | None:
    """A length: seconds, or ``12:5`` (minutes and seconds without padding), or ``1:02:03``."""
    if not isinstance(value, str):
        return count(value)
    found = _CLOCK.fullmatch(value.strip())
    return int(found[1] or 0) * 3_600 + int(found[2]) * 60 + int(found[3]) if found else MISSING


def _moment(value: object) -> int:
    found = epoch(value)
    if found is None:
        raise Unusable("bilibili.no_time", value)
    return found


def _link(mid: str) -> str:
    return f"https://space.bilibili.com/{mid}"


def _official(source: Mapping[str, Any]) -> tuple[bool | None, AccountKind | None]:
    """``type``: -1 (in searches 127) none, 0 a person, 1 an organisation."""
    kind = inner(source, "official_verify").get("type")
    if isinstance(kind, bool) or kind not in (-1, 0, 1, 127):
        return MISSING, MISSING
    return kind in (0, 1), "brand" if kind == 1 else MISSING


def person(source: Mapping[str, Any], fetched: int | None = MISSING) -> Account | None:
    """Whoever an object names by ``mid`` (or ``uid``): an owner, a commenter, a follower, a card. MISSING: nobody."""
    mid = number(source.get("mid")) or number(source.get("uid"))
    if not mid:
        return MISSING
    verified, kind = _official(source)
    sign = source.get("sign")
    return Account(
        platform=PLATFORM,
        native_id=mid,
        name=line(source, "name", 200) or line(source, "uname", 200) or line(source, "author", 200),
        bio=(clean(sign).strip() or MISSING) if isinstance(sign, str) else MISSING,
        url=_link(mid),
        gender=values.gender(source.get("sex")),
        followers=count(source.get("fans")),
        following=count(source.get("attention")),
        verified=verified,
        kind=kind,
        fetched=fetched,
    )


def card(source: Mapping[str, Any], fetched: int | None = MISSING) -> Account:
    """The answer of ``card``, which counts beside the person. Raises Unusable if it names nobody."""
    found = person(inner(source, "card"), fetched)
    if found is None:
        raise Unusable("collect.no_author")
    followers = count(source.get("follower"))
    return replace(
        found,
        followers=found.followers if followers is None else followers,
        posts=count(source.get("archive_count")),
    )


def _bare(found: Account | None) -> Account | None:
    """The author of a post: who it is, without the numbers that an object of a post does not tell well."""
    return replace(found, followers=MISSING, following=MISSING, bio=MISSING) if found else found


def _tags(listed: Iterable[object], *texts: str) -> tuple[str, ...]:
    return hashtags([*listed, *(tag for text in texts for tag in tags_in(PLATFORM, text))])


def _mentions(text: str, known: Mapping[str, Any] | None = None) -> tuple[Mention, ...]:
    """Who is named: with ids where the platform gives them (``at_name_to_mid``), else as written."""
    found = {fold(name): Mention(one_line(name, 200), number(mid) or MISSING) for name, mid in (known or {}).items()}
    for name in names_in(PLATFORM, text):
        found.setdefault(fold(name), Mention(one_line(name, 200)))
    return tuple(mention for mention in found.values() if mention.name)


def video_id(source: Mapping[str, Any]) -> str:
    """A video's number, from its other name where that is all there is; "" if neither is told."""
    bvid = source.get("bvid")
    return number(source.get("aid")) or (aid_of(bvid) if isinstance(bvid, str) else None) or ""


def found_video(source: object, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A row of the video search. Raises Unusable. ``review`` counts comments, ``video_review`` words on the picture."""
    if not isinstance(source, Mapping):
        raise Unusable("bilibili.not_a_video")
    aid, title = video_id(source) or number(source.get("id")), source.get("title")
    if not aid:
        raise Unusable("bilibili.no_id")
    if not isinstance(title, str):
        raise Unusable("bilibili.no_title")
    about, tag = source.get("description"), source.get("tag")
    text = plain(about) if isinstance(about, str) and about.strip() != "-" else ""
    heading = one_line(plain(title), 400)
    return Post(
        platform=PLATFORM,
        native_id=aid,
        text=text,
        author=_bare(person(source, fetched)),
        created=_moment(source.get("pubdate")),
        zone=ZONE,
        title=heading or MISSING,
        url=f"https://www.bilibili.com/video/av{aid}",
        tags=_tags(tag.split(",") if isinstance(tag, str) else (), text, heading),
        mentions=_mentions(text),
        likes=count(source.get("like")),
        comments=count(source.get("review")),
        saves=count(source.get("favorites")),
        views=count(source.get("play")),
        media="video",
        query=query,
        fetched=fetched,
        raw=_video_raw(source),
    )


def _video_raw(source: Mapping[str, Any]) -> bytes:
    found = kept(source, _VIDEO_KEPT, ("title", "description", "desc", "tag", "dynamic"))
    if "stat" in source:
        found["stat"] = kept(inner(source, "stat"), _STAT_KEPT)
    return raw(found | {"seconds": seconds(source.get("duration"))})


def one_video(
    source: object, tags: Iterable[Mapping[str, Any]], fetched: int | None = MISSING, query: str | None = MISSING
) -> Post:
    """The answer of ``view``, with that of ``view/detail/tag``. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("bilibili.not_a_video")
    aid, title, about = video_id(source), source.get("title"), source.get("desc")
    if not aid:
        raise Unusable("bilibili.no_id")
    if not isinstance(title, str):
        raise Unusable("bilibili.no_title")
    stat, text = inner(source, "stat"), clean(about).strip() if isinstance(about, str) else ""
    heading = one_line(title, 400)
    return Post(
        platform=PLATFORM,
        native_id=aid,
        text="" if text == "-" else text,
        author=_bare(person(inner(source, "owner"), fetched)),
        created=_moment(source.get("pubdate")),
        zone=ZONE,
        title=heading or MISSING,
        url=f"https://www.bilibili.com/video/av{aid}",
        tags=_tags((tag.get("tag_name") for tag in tags), text, heading),
        mentions=_mentions(text),
        likes=count(stat.get("like")),
        comments=count(stat.get("reply")),
        shares=count(stat.get("share")),
        saves=count(stat.get("favorite")),
        views=count(stat.get("view")),
        media="video",
        query=query,
        fetched=fetched,
        raw=_video_raw(source),
    )


def comment(source: object, root: str, fetched: int | None = MISSING) -> Post:
    """A comment under the post ``root``. ``parent`` 0: it answers the post itself. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("bilibili.not_a_comment")
    rpid, content = number(source.get("rpid_str")) or number(source.get("rpid")), inner(source, "content")
    message = content.get("message")
    if not rpid:
        raise Unusable("bilibili.no_id")
    if not isinstance(message, str):
        raise Unusable("bilibili.no_text")
    text = clean(message).strip()
    control = inner(source, "reply_control")
    region = values.region(control.get("location"))
    member = inner(source, "member")
    author = person(member if number(member.get("mid")) else {**member, "mid": source.get("mid")}, fetched)
    parent = number(source.get("parent"))
    return Post(
        platform=PLATFORM,
        native_id=rpid,
        text=text,
        author=replace(_bare(author), region=region) if author else MISSING,  # type: ignore[type-var]
        created=_moment(source.get("ctime")),
        zone=ZONE,
        kind="comment",
        tags=tags_in(PLATFORM, text),
        mentions=_mentions(text, inner(content, "at_name_to_mid")),
        likes=count(source.get("like")),
        comments=_told(source),
        reply_to=parent if parent and parent != rpid else root,
        root=root,
        media="image" if each(content, "pictures") else MISSING,
        region=region,
        fetched=fetched,
        raw=raw(kept(source, _COMMENT_KEPT) | {
            "message": scrub(message), "location": control.get("location"), "sex": member.get("sex"),
        }),
    )  # fmt: skip


def _told(source: Mapping[str, Any]) -> int | None:
    """How many answers a comment has: ``rcount`` counts those that can be seen."""
    found = count(source.get("rcount"))
    return count(source.get("count")) if found is None else found


def dynamic(source: object, fetched: int | None = MISSING, query: str | None = MISSING) -> Dynamic:
    """A dynamic (a short post), with the one it passes on. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("bilibili.not_a_dynamic")
    local, modules, basic = ident(source.get("id_str")), inner(source, "modules"), inner(source, "basic")
    if not number(local):
        raise Unusable("bilibili.no_id")
    author, body = inner(modules, "module_author"), inner(modules, "module_dynamic")
    stat, major, desc = inner(modules, "module_stat"), inner(body, "major"), inner(body, "desc")
    kind = ident(source.get("type"))
    archive = inner(major, "archive") if kind == "DYNAMIC_TYPE_AV" else {}
    opus, article = inner(major, "opus"), inner(major, "article")
    aid = video_id(archive)
    told = desc if isinstance(desc.get("text"), str) else inner(opus, "summary")
    said = told.get("text")
    about = archive.get("desc")
    text = clean(said).strip() if isinstance(said, str) else clean(about).strip() if isinstance(about, str) else ""
    nodes = [node for node in each(told, "rich_text_nodes") if node.get("type") in _NODES]
    named = {_node(node): node.get("rid") for node in nodes if _NODES[str(node["type"])] == "@"}
    listed = [_node(node) for node in nodes if _NODES[str(node["type"])] == "#"]
    original = _original(source.get("orig"), fetched, query)
    post = Post(
        platform=PLATFORM,
        native_id=aid or local,
        text=text,
        author=_bare(person(author, fetched)),
        created=_moment(author.get("pub_ts")),
        zone=ZONE,
        kind="repost" if kind == "DYNAMIC_TYPE_FORWARD" else "post",
        title=line(archive, "title") or line(opus, "title") or line(article, "title"),
        url=f"https://www.bilibili.com/video/av{aid}" if aid else f"https://t.bilibili.com/{local}",
        tags=_tags([inner(body, "topic").get("name"), *listed, *_paired(text)]),
        mentions=_mentions(text, named),
        likes=count(inner(stat, "like").get("count")),
        comments=count(inner(stat, "comment").get("count")),
        shares=count(inner(stat, "forward").get("count")),
        repost_of=original.post.native_id if original else MISSING,
        media=_MEDIA.get(kind, MISSING),
        query=query,
        fetched=fetched,
        raw=raw({"id_str": local, "type": kind, "basic": kept(basic, ("comment_id_str", "comment_type")),
                 "text": scrub(text), "pub_ts": author.get("pub_ts")}),
    )  # fmt: skip
    of = basic.get("comment_type")
    under = of if isinstance(of, int) and not isinstance(of, bool) and 0 < of < 100 else 0
    return Dynamic(post, local, number(basic.get("comment_id_str")) if under else "", under, original)


def _original(source: object, fetched: int | None, query: str | None) -> Dynamic | None:
    """What a dynamic passes on; nothing if it is gone or not to be read."""
    try:
        return dynamic(source, fetched, query) if isinstance(source, Mapping) else None
    except (Unusable, RecursionError):
        return None


def _node(node: Mapping[str, Any]) -> str:
    """The words of a node of rich text, without its marks."""
    text = node.get("text")
    return one_line(text, 200).strip("@＠#＃ ") if isinstance(text, str) else ""


def _paired(text: str) -> list[str]:
    """``#话题#`` in a dynamic, which Bilibili writes as Weibo does; else the open form."""
    found = tags_in("weibo", text)
    return list(found or tags_in(PLATFORM, text))


def repost(source: object, of: str, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A row of ``repost_detail``: somebody passed the dynamic ``of`` on. Its ``card`` is JSON in a text."""
    desc = inner(source, "desc") if isinstance(source, Mapping) else {}
    local = number(desc.get("dynamic_id_str")) or number(desc.get("dynamic_id"))
    if not isinstance(source, Mapping) or not local:
        raise Unusable("bilibili.no_id")
    info = inner(inner(desc, "user_profile"), "info")
    author = person({**info, "uid": info.get("uid") or desc.get("uid")}, fetched)
    text = _card_text(source.get("card"))
    return Post(
        platform=PLATFORM,
        native_id=local,
        text=text,
        author=_bare(author),
        created=_moment(desc.get("timestamp")),
        zone=ZONE,
        kind="repost",
        url=f"https://t.bilibili.com/{local}",
        tags=_tags(_paired(text)),
        mentions=_mentions(text),
        repost_of=of,
        query=query,
        fetched=fetched,
        raw=raw({"dynamic_id_str": local, "timestamp": desc.get("timestamp"), "text": scrub(text)}),
    )


def _card_text(card: object) -> str:
    if isinstance(card, str):
        try:
            card = msgspec.json.decode(card)
        except (ValueError, RecursionError):
            return ""
    content = inner(card, "item").get("content") if isinstance(card, Mapping) else None
    return clean(content).strip() if isinstance(content, str) else ""
