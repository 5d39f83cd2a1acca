"""What Weibo's objects mean, on the mobile site and in the open API: mblog, user and comment to Post and Account.

Identities are those of the file importers: a post is its number (``mid``, never the short ``bid``), an account its
``uid``. A repost keeps its text whole (``说得好//@乙:同意``): who it came by way of is read from there.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import unquote

from xunke.model import MISSING, Account, AccountKind, Group, Media, Mention, Post
from xunke.scrub import scrub
from xunke.text import clean, one_line

from .facts import count, each, ident, inner, line, local_time
from .importers import values
from .importers.posts import dump
from .markup import plain
from .text_tags import hashtags, mentions
from .walk import Unusable, person

PLATFORM: Final = "weibo"
ZONE: Final = "+08:00"
SUPERTOPIC: Final = re.compile(r"100808[0-9a-f]{32}")

_STATUS_KEPT: Final = (
    "id", "idstr", "mid", "bid", "created_at", "textLength", "source", "pic_num", "reposts_count", "comments_count",
    "attitudes_count", "isLongText", "region_name", "edit_count", "mblogtype", "mlevel", "truncated", "deleted",
)  # fmt: skip
_COMMENT_KEPT: Final = (
    "id", "idstr", "mid", "bid", "rootid", "rootidstr", "floor_number", "created_at", "source", "reply_id",
    "like_count", "like_counts", "total_number",
)  # fmt: skip
_USER_KEPT: Final = (
    "id", "idstr", "screen_name", "gender", "verified", "verified_type", "verified_type_ext", "followers_count",
    "followers_count_str", "follow_count", "friends_count", "statuses_count",
)  # fmt: skip
_IMG: Final = re.compile(r"<img\b([^<>]*+)>")
_ALT: Final = re.compile(r"""\balt\s*=\s*(?:"([^"]{0,60})"|'([^']{0,60})'|([^\s"'<>]{1,60}))""")
_AT: Final = re.compile(  # every part has an end in sight: nothing grows with the square of the text
    r"""<a\s[^<>]{0,400}?href\s?=\s?["']?(?:https?://(?:m\.)?weibo\.c(?:n|om))?/n/([^"'<>?\s]{1,300}+)"""
    r"""[^<>]{0,400}+>[^<]{0,200}+</a>"""
)
_WHOLE_TEXT: Final = re.compile(r"<a\s[^<>]*+>\s*(?:全文|展开全文)\s*</a>\s*$")
_DELETED: Final = re.compile(r"微博已被?(?:作者|博主|原作者)?删除")
_PLACE: Final = re.compile(
    r"<a\s[^<>]{0,400}?(100808[0-9a-f]{32})[^<>]{0,400}+>(?:<(?!/?a\b)[^<>]{0,400}+>){0,5}+([^<]{0,100}+)"
)


@dataclass(frozen=True, slots=True)
class Mblog:
    """One post, read. ``original``: what it reposts, where that is still shown; ``withdrawn``: its number, where the
    site says that it was deleted; ``cut``: the text is not whole; ``hidden``: not for everybody (``visible``)."""

    post: Post
    cut: bool = False
    hidden: bool = False
    original: Mblog | None = None
    withdrawn: str | None = None


# ---------------------------------------------------------------- single values


def answered(headers: Mapping[str, str], fetched: int) -> int:
    """When the source answered by its own clock (its ``Date``), else by ours; UTC seconds. Relative times count
    from it."""
    try:
        found = int(parsedate_to_datetime(headers.get("date", "")).timestamp())
    except (ValueError, TypeError, OverflowError):
        return fetched
    return found if 0 < found < values.LATEST else fetched


def words(text: str) -> tuple[str, tuple[str, ...]]:
    """The text of an HTML fragment, and the names it mentions by links. Emoticons become their words (``[偷笑]``);
    the link to the whole of a cut text goes."""
    text = _WHOLE_TEXT.sub("", text[:100_000].rstrip("\u200b \n"))
    names = tuple(dict.fromkeys(name for raw in _AT.findall(text) if (name := _name(unquote(html.unescape(raw))))))
    linked = _AT.sub(" ", text) if names else text
    found = _lines(text)
    more = mentions(PLATFORM, _lines(linked) if names else found)
    return found, tuple(dict.fromkeys((*names, *more)))


def _lines(text: str) -> str:
    """As the importers read it: no empty lines."""
    found = plain(_IMG.sub(_emoticon, text))
    return "\n".join(part for row in found.split("\n") if (part := row.strip()))


def _emoticon(found: re.Match[str]) -> str:
    alt = _ALT.search(found[1][:2_000])
    return html.escape(next(filter(None, alt.groups()), "")) if alt else ""


def _name(value: str) -> str:
    return one_line(value, 60).lstrip("@＠")


def mid_of(source: Mapping[str, Any]) -> str:
    """The number of a post or comment; a short id alone is turned into it. "" if there is none."""
    for name in ("idstr", "id", "mid"):
        found = ident(source.get(name))
        if found.isascii() and found.isdecimal() and found != "0" and len(found) <= 25:
            return found
    for name in ("bid", "mblogid", "id"):
        if (short := ident(source.get(name))) and (found := values.bid_to_mid(short) or ""):
            return found
    return ""


def uid_of(source: Mapping[str, Any]) -> str:
    """The number of an account; "" if there is none."""
    for name in ("idstr", "id"):
        found = ident(source.get(name))
        if found.isascii() and found.isdecimal() and found != "0" and len(found) <= 20:
            return found
    return ""


def is_hidden(source: Mapping[str, Any]) -> bool:
    """Whether a post is not for everybody: ``visible.type`` is 0 for public ones."""
    kind = inner(source, "visible").get("type")
    return kind is not None and str(kind) not in ("0", "False", "")


def is_deleted(source: Mapping[str, Any]) -> bool:
    """Whether the site says of an original that it was deleted. One without an author may also be hidden only."""
    text = source.get("text")
    told = str(source.get("deleted")) in ("1", "True") or (
        isinstance(text, str) and _DELETED.search(text[:200]) is not None
    )
    return not source.get("user") and told


# ---------------------------------------------------------------- people


def account(source: object, fetched: int | None = MISSING) -> Account:
    """Read a user. Gender, region and verification only as stated. Raises Unusable if it names nobody."""
    if not isinstance(source, Mapping):
        raise Unusable("collect.no_author")
    uid = uid_of(source)
    bio = source.get("description")
    followers = count(source.get("followers_count"))
    link = values.url(source.get("profile_url"))
    return person(
        PLATFORM,
        uid,
        name=line(source, "screen_name", 200) or line(source, "name", 200),
        bio=(clean(bio).strip()[:2_000] or MISSING) if isinstance(bio, str) else MISSING,
        url=link.partition("?")[0] if link else MISSING,
        region=values.region(source.get("ip_location")) or values.region(source.get("location")),
        gender=values.gender(source.get("gender")),
        followers=count(source.get("followers_count_str")) if followers is None else followers,
        following=next((n for k in ("follow_count", "friends_count") if (n := count(source.get(k))) is not None), None),
        posts=count(source.get("statuses_count")),
        verified=source["verified"] if isinstance(source.get("verified"), bool) else MISSING,
        kind=_kind(source.get("verified_type")),
        fetched=fetched,
    )


def _kind(verified_type: object) -> AccountKind | None:
    """A blue V (1 to 7) is an organisation's, a yellow one (0) a person's; all else says nothing."""
    word = "" if isinstance(verified_type, bool) else str(verified_type)
    return "brand" if word in "1234567" and len(word) == 1 else "person" if word == "0" else MISSING


# ---------------------------------------------------------------- posts


def status(source: object, now: int | None, fetched: int | None = MISSING, query: str | None = MISSING) -> Mblog:
    """Read an mblog or Status. ``now``: when the source answered, for relative times.

    A repost whose original is deleted or hidden (no user) is a repost still. Raises Unusable if it lacks an id,
    an author, a time or a text.
    """
    return _status(source, now, fetched, query, 0)


def _head(source: Mapping[str, Any], now: int | None, fetched: int | None) -> tuple[str, Account, tuple[int, str]]:
    """What posts and comments must have: id, author, time and its zone. Raises Unusable."""
    mid = mid_of(source)
    if not mid:
        raise Unusable("weibo.no_id")
    who = account(source.get("user"), fetched)
    when = local_time(source.get("created_at"), ZONE, now)
    if when is None or when[0] <= 0:
        raise Unusable("weibo.no_time", source.get("created_at"))
    return mid, who, when


def _status(source: object, now: int | None, fetched: int | None, query: str | None, depth: int) -> Mblog:
    if not isinstance(source, Mapping):
        raise Unusable("weibo.not_a_post", type(source).__name__)
    mid, who, when = _head(source, now, fetched)
    body, cut = _body(source)
    text, named = words(body)
    again = source.get("retweeted_status") or None
    repost_of, original, withdrawn = MISSING, None, None
    if isinstance(again, Mapping):
        repost_of = mid_of(again) or MISSING
        try:
            original = _status(again, now, fetched, query, depth + 1) if depth < 3 else None
        except Unusable:  # deleted, hidden, or only its id
            withdrawn = repost_of if is_deleted(again) else None
    post = Post(
        platform=PLATFORM,
        native_id=mid,
        text=text,
        author=who,
        created=when[0],
        zone=when[1],
        kind="repost" if isinstance(again, Mapping) else "post",
        url=_link(who.native_id, source, mid),
        tags=hashtags(PLATFORM, text),
        mentions=tuple(Mention(name) for name in named),
        likes=count(source.get("attitudes_count")),
        comments=count(source.get("comments_count")),
        shares=count(source.get("reposts_count")),
        repost_of=repost_of,
        group=_place(body),
        media=_media(source),
        region=values.region(source.get("region_name")),
        query=query,
        fetched=fetched,
        raw=_kept(source, cut),
    )
    return Mblog(post, cut, is_hidden(source), original, withdrawn)


def _body(source: Mapping[str, Any]) -> tuple[str, bool]:
    """The HTML of a text, whole if it is there, and whether it is cut. Raises Unusable if there is none."""
    if whole := _whole(source):
        return whole, False
    for name in ("text", "raw_text"):
        text = source.get(name)
        if isinstance(text, str) and text.strip():
            return text, source.get("isLongText") is True
    if isinstance(source.get("text"), str):
        return "", False
    raise Unusable("weibo.no_text")


def _place(body: str) -> Group | None:
    """The super topic that a post stands in: it is linked in the text."""
    found = _PLACE.search(body) if "100808" in body else None
    return supertopic(found[1], html.unescape(found[2])) if found else MISSING


def supertopic(containerid: str, name: object) -> Group:
    """A super topic by its container (``100808`` and 32 hexadecimal digits)."""
    title = re.sub(r"\[?超话\]?$", "", one_line(name, 100).strip("# ")) if isinstance(name, str) else ""
    return Group(PLATFORM, containerid, title.strip("# ") or MISSING, "supertopic")


def _link(uid: str, source: Mapping[str, Any], mid: str) -> str:
    short = ident(source.get("bid")) or ident(source.get("mblogid"))
    good = short.isascii() and short.isalnum() and len(short) <= 12
    return f"https://weibo.com/{uid}/{short if good else values.mid_to_bid(mid)}"


def _media(source: Mapping[str, Any]) -> Media | None:
    page = inner(source, "page_info")
    if page.get("type") == "video" or page.get("media_info"):
        return "video"
    shown = [source[name] for name in ("pics", "pic_ids", "pic_urls", "pic_num") if name in source]
    if any(isinstance(pics, list | Mapping | int) and pics for pics in shown):
        return "image"  # ``pics`` is a list, or an object keyed by number
    return "text" if shown else MISSING


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _part(source: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    found = {name: source[name] for name in names if _plain(source.get(name))}
    return {name: scrub(clean(v)[:400]) if isinstance(v, str) else v for name, v in found.items()}


def _kept(source: Mapping[str, Any], cut: bool) -> bytes:
    """The allow-listed part of an mblog: no pictures, no viewer's state. Counts as written: ``100万+`` is a floor."""
    raw = _part(source, _STATUS_KEPT) | {"user": _part(inner(source, "user"), _USER_KEPT)}
    for name in ("text", "raw_text"):
        if isinstance(source.get(name), str):
            raw[name] = scrub(clean(source[name][:20_000]))
    if (whole := _whole(source)) and whole != source.get("text"):
        raw["longTextContent"] = scrub(clean(whole[:20_000]))
    again = inner(source, "retweeted_status")
    if again:
        raw["retweeted_status"] = _part(again, ("id", "idstr", "mid", "bid", "deleted"))
    if page := _part(inner(source, "page_info"), ("type",)):
        raw["page_info"] = page
    if title := _part(inner(source, "title"), ("text",)):
        raw["title"] = title
    raw["visible"] = _part(inner(source, "visible"), ("type",))
    raw["edit_config"] = _part(inner(source, "edit_config"), ("edited",))
    if cut:
        raw["text_cut"] = True
    return dump(raw)


def comment(source: object, root: str, now: int | None, fetched: int | None = MISSING, top: str = "") -> Post:
    """Read a comment on the post ``root``, as any of the three lists gives it. ``top``: the comment under which it
    stands. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("weibo.not_a_post", type(source).__name__)
    mid, who, when = _head(source, now, fetched)
    body = source.get("text")
    if not isinstance(body, str):
        raise Unusable("weibo.no_text")
    text, named = words(body)
    said = source.get("reply_comment")
    parents = (ident(source.get("reply_id")), mid_of(said) if isinstance(said, Mapping) else "",
               ident(source.get("rootidstr")) or ident(source.get("rootid")), top)  # fmt: skip
    parent = next((one for one in parents if one not in ("", "0", mid)), root)
    raw = _part(source, _COMMENT_KEPT) | {
        "user": _part(inner(source, "user"), _USER_KEPT),
        "text": scrub(clean(body[:20_000])),
    }
    likes = count(source.get("like_count"))
    return Post(
        platform=PLATFORM,
        native_id=mid,
        text=text,
        author=who,
        created=when[0],
        zone=when[1],
        kind="comment",
        tags=hashtags(PLATFORM, text),
        mentions=tuple(Mention(name) for name in named),
        likes=count(source.get("like_counts")) if likes is None else likes,
        comments=count(source.get("total_number")),
        reply_to=parent,
        root=root,
        region=values.source_region(source.get("source")),
        fetched=fetched,
        raw=dump(raw),
    )


# ---------------------------------------------------------------- cards


def cards(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The cards of an answer, flattened: a group's cards (two levels) instead of the group."""
    waiting = [(card, 0) for card in each(data, "cards")][::-1]
    while waiting:
        card, depth = waiting.pop()
        if isinstance(card.get("card_group"), list) and not isinstance(card.get("mblog"), Mapping) and depth < 3:
            waiting += [(part, depth + 1) for part in each(card, "card_group")][::-1]
        else:
            yield card


def posts_in(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cards that hold a post, each ``{"mblog": …, "pinned": …}``; a post's card without one has MISSING there.

    ``card_type`` is a number on most pages and a string on those of super topics.
    """
    found: list[dict[str, Any]] = []
    for card in cards(data):
        mblog = card.get("mblog")
        if mblog is not None or str(card.get("card_type")) == "9":
            found.append({"mblog": mblog, "pinned": _pinned(card, mblog if isinstance(mblog, Mapping) else {})})
    return found


def _pinned(card: Mapping[str, Any], mblog: Mapping[str, Any]) -> bool:
    title = inner(mblog, "title").get("text")
    return (
        str(mblog.get("mblogtype")) == "2"
        or (isinstance(title, str) and "置顶" in title)
        or str(card.get("profile_type_id")).startswith("proweibotop")
    )


def people_in(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The users of the last group of cards that has some: what stands above it are suggestions."""
    if not any("card_group" in card for card in each(data, "cards")):
        return [one["user"] for one in each(data, "cards") if isinstance(one.get("user"), Mapping)]
    for card in reversed(each(data, "cards")):
        if found := [one["user"] for one in cards({"cards": [card]}) if isinstance(one.get("user"), Mapping)]:
            return found
    return []


# ---------------------------------------------------------------- what a cursor keeps of a post


def slim(mblog: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """What ``status`` reads of an mblog, contact data masked: to be kept in a cursor until its text is whole."""
    found: dict[str, Any] = {name: mblog[name] for name in (*_STATUS_KEPT, "visible", "title") if name in mblog}
    for name in ("text", "raw_text"):
        if isinstance(mblog.get(name), str):
            found[name] = scrub(mblog[name][:100_000])
    user = inner(mblog, "user")
    more = ("name", "description", "profile_url", "ip_location", "location")
    found["user"] = {k: scrub(v) if isinstance(v := user[k], str) else v for k in (*_USER_KEPT, *more) if k in user}
    found["page_info"] = {k: bool(v) if k == "media_info" else v for k, v in inner(mblog, "page_info").items()
                          if k in ("type", "media_info")}  # fmt: skip
    found |= {name: bool(mblog[name]) * 1 for name in ("pics", "pic_ids", "pic_urls") if name in mblog}
    if whole := _whole(mblog):
        found["longTextContent"] = scrub(whole[:100_000])
    if isinstance(mblog.get("retweeted_status"), Mapping) and depth < 4:
        found["retweeted_status"] = slim(mblog["retweeted_status"], depth + 1)
    return found


def ends_cut(mblog: Mapping[str, Any]) -> bool:
    """Whether the text ends with the link to its whole: ``isLongText`` is said also of a post that comes whole."""
    text = mblog.get("text")
    return isinstance(text, str) and _WHOLE_TEXT.search(text[-300:].rstrip("\u200b \n")) is not None


def cut_parts(mblog: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The post and its original, as far as only the beginning of their text is there."""
    found: list[Mapping[str, Any]] = []
    part: Mapping[str, Any] = mblog
    while part and len(found) < 3:
        if part.get("isLongText") is True and mid_of(part) and not _whole(part):
            found.append(part)
        part = inner(part, "retweeted_status")
    return found


def _whole(source: Mapping[str, Any]) -> str:
    text = inner(source, "longText").get("longTextContent") or source.get("longTextContent")
    return text if isinstance(text, str) and text.strip() else ""
