"""What Douban's pages and JSON mean: rows of a group, topics, comments, people.

A page is read into the shape of the JSON first, so that there is one meaning for both. Identities are those of the
importers: a topic and a comment by their numbers, a person by what stands in the address of the profile (``uid``: a
number, or the name somebody chose), a group likewise. Times are of China.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

from xunke.errors import BrokenAnswer
from xunke.model import MISSING, Account, Group, Mention, Post
from xunke.text import clean, one_line

from .facts import count, each, hashtags, ident, inner, kept, line, local_time, raw
from .html_tree import Element, Tree
from .importers import values
from .markup import plain
from .text_tags import hashtags as tags_in
from .text_tags import mentions as names_in
from .walk import Unusable

PLATFORM: Final = "douban"
ZONE: Final = "+08:00"
KIND: Final = "douban_group"

_CHINA: Final = timezone(timedelta(hours=8))
_SKEW: Final = 600
"""Seconds that two clocks may differ."""
_LOOKED_AT: Final = 3
"""Boxes of one kind that are searched for an author."""
_TOPIC: Final = re.compile(r"/group/topic/(\d{1,20})")
_PERSON: Final = re.compile(r"/people/([\w.-]{1,60})", re.ASCII)
_GROUP: Final = re.compile(r"/group/(?!topic\b)([\w.-]{1,60})", re.ASCII)
_SHORT: Final = re.compile(r"(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*(.{0,40})", re.DOTALL)
_TOPIC_KEPT: Final = (
    "id", "title", "content", "abstract", "create_time", "update_time", "edit_time", "like_count", "reactions_count",
    "reshares_count", "comments_count", "collections_count", "ip_location", "is_elite",
)  # fmt: skip
_COMMENT_KEPT: Final = ("id", "text", "create_time", "vote_count", "ip_location", "total_replies")


class Row(NamedTuple):
    """A row of a group's list. ``last``: when it was last answered (not written), UTC seconds."""

    topic: str
    last: int | None
    replies: int | None


def list_time(text: str, now: int) -> int | None:
    """``11-20 21:30`` (of the newest year in which that is not in the future, by China's clock) or ``2025-11-20``."""
    word = text.strip()
    found = _SHORT.fullmatch(word)
    if found is None:
        moment = local_time(word, ZONE, None)
        return moment[0] if moment else None
    month, day, hour, minute = (int(part) for part in found.groups())
    this_year = datetime.fromtimestamp(now, _CHINA).year
    for year in range(this_year, this_year - 9, -1):
        try:
            seconds = int(datetime(year, month, day, hour, minute, tzinfo=_CHINA).timestamp())
        except ValueError:  # 29 February
            continue
        if seconds <= now + _SKEW:
            return seconds
    return None


# ---------------------------------------------------------------------- pages, into the shape of the JSON


def _apart(boxes: list[Element]) -> list[Element]:
    """Boxes that stand side by side, also where the page forgot to close them (so that none is read twice)."""
    for one, following in pairwise(boxes):
        if following.number < one.last:
            one.last, one.end = following.number, min(one.end, max(one.start, following.start))
    return boxes


def _linked(tree: Tree, pattern: re.Pattern[str], within: Element | None) -> tuple[str, Element | None]:
    """What the first link like this names, and the link."""
    for link in tree.all("a", within=within):
        if found := pattern.search(link.attributes.get("href", "")):
            return found[1], link
    return "", None


def rows_of(text: str, now: int) -> tuple[list[Row], str | None]:
    """The topics of a group's list, and the group's name. Raises BrokenAnswer if this is no such list."""
    tree = Tree.of(text)
    table = tree.first("table", "olt")
    if table is None:
        raise BrokenAnswer("douban.no_list")
    rows: list[Row] = []
    lines = _apart([row for row in tree.all("tr", within=table) if "th" not in row.classes])
    for row in lines:
        topic, _ = _linked(tree, _TOPIC, row)
        if topic:
            last = list_time(tree.text(tree.first("td", "time", within=row)), now)
            rows.append(Row(topic, last, count(tree.text(tree.first("td", "r-count", within=row)))))
    if lines and not rows:
        raise BrokenAnswer("douban.no_list")
    return rows, _group_of(tree).get("name")


def _group_of(tree: Tree) -> dict[str, Any]:
    """The group a page belongs to, from the box beside it."""
    title = tree.first(cls="title", within=box) if (box := tree.first(cls="group-item")) else None
    name, link = _linked(tree, _GROUP, title)
    return {"id": name, "name": one_line(tree.text(link), 200)} if link and title else {}


def _author_of(tree: Tree, within: Element | None, *classes: str) -> dict[str, Any]:
    """Who wrote: by the link in one of ``classes``, else by the picture beside (whose ``alt`` is the name)."""
    for cls in classes:
        for box in islice(tree.all(cls=cls, within=within), _LOOKED_AT):
            uid, link = _linked(tree, _PERSON, box)
            if uid and (name := one_line(tree.text(link), 200)):
                return {"uid": uid, "name": name}
    face = tree.first(cls="user-face", within=within)
    if face is None:
        return {}
    uid, _ = _linked(tree, _PERSON, face)
    picture = tree.first("img", within=face)
    return {"uid": uid, "name": one_line(picture.attributes.get("alt", ""), 200) if picture else ""}


def topic_of(text: str, number: str) -> dict[str, Any]:
    """A topic's page in the shape of the JSON. Raises BrokenAnswer if this is no such page."""
    tree = Tree.of(text)
    box = tree.first(id="topic-content") or tree.first(cls="topic-doc") or tree.first(cls="topic-content")
    body = _first(tree, box, "rich-content", "topic-richtext")
    when = tree.first(cls="create-time", within=box) or tree.first(cls="create-time")
    heading = tree.first("h1")
    if box is None or heading is None or body is None:
        raise BrokenAnswer("douban.no_topic")
    region = _first(tree, None, "ip-location", "create-ip")
    likes = tree.first(cls="react-num")
    who = _author_of(tree, box, "from")
    if not who.get("uid") and (doc := tree.first(cls="topic-doc")):  # stands inside the box, or beside it
        who = _author_of(tree, doc, "from")
    return {
        "id": number, "title": one_line(tree.text(heading), 400), "content": tree.markup(body),
        "create_time": tree.text(when)[:19], "ip_location": tree.text(region), "author": who,
        "group": _group_of(tree), "photos": [{"id": ""} for _ in tree.all("img", within=body)][:1],
        "like_count": tree.text(likes) if likes else None,
    }  # fmt: skip


def _first(tree: Tree, within: Element | None, *classes: str) -> Element | None:
    return next((one for cls in classes for one in tree.all(cls=cls, within=within)), None)


def comments_of(text: str) -> list[dict[str, Any]]:
    """The comments of a topic's page in the shape of the JSON, each once. Raises BrokenAnswer if it is none."""
    tree = Tree.of(text)
    if not (tree.first(id="comments") or tree.first(id="topic-content") or tree.first(cls="topic-doc")):
        raise BrokenAnswer("douban.no_topic")
    found: dict[str, dict[str, Any]] = {}
    for number, box in enumerate(_apart(list(tree.all("li", "comment-item")))):
        key = box.attributes.get("data-cid") or box.attributes.get("id") or f"?{number}"
        if key not in found:
            found[key] = _comment_of(tree, box, "" if key.startswith("?") else key)
    return list(found.values())


def _comment_of(tree: Tree, box: Element, number: str) -> dict[str, Any]:
    stamp = _STAMP.match(tree.text(tree.first(cls="pubtime", within=box)))
    quote = tree.first(cls="reply-quote-content", within=box)
    inside = range(quote.number, quote.last) if quote else range(0)
    words = next((one for one in tree.all(cls="reply-content", within=box) if one.number not in inside), None)
    vote = next((one for one in tree.all(cls="lnk-fav", within=box) if "comment-vote" in one.classes), None)
    told = re.sub(r"[^\d]", "", tree.text(vote)) if vote else ""
    answered = quote.attributes.get("data-ref_cid") if quote else ""
    answered = answered or box.attributes.get("data-ref_cid") or (quote.attributes.get("data-cid") if quote else "")
    return {
        "id": number, "text": tree.text(words) if words else None,
        "create_time": stamp[1] if stamp else "", "ip_location": stamp[2].strip() if stamp else "",
        "vote_count": int(told[:15]) if told else 0 if vote else None,
        "author": _author_of(tree, box, "bg-img-green"), "ref_comment": {"id": answered} if answered else None,
    }  # fmt: skip


# ---------------------------------------------------------------------- what both mean


def person(source: Mapping[str, Any], fetched: int | None = MISSING) -> Account | None:
    """An author; MISSING if nobody is named."""
    told = source.get("url")
    linked = _PERSON.search(told) if isinstance(told, str) else None
    uid = ident(source.get("uid")) or (linked[1] if linked else "") or ident(source.get("id"))
    if not uid:
        return MISSING
    return Account(
        platform=PLATFORM,
        native_id=uid,
        name=line(source, "name", 200),
        url=one_line(f"https://www.douban.com/people/{uid}/", 300),
        region=line(inner(source, "loc"), "name", 60),
        gender=values.gender(source.get("gender")),
        fetched=fetched,
    )


def _moment(value: object) -> tuple[int, str]:
    found = local_time(value, ZONE, None) if isinstance(value, str) and "-" in value else None
    if found is None:
        raise Unusable("douban.no_time", value)
    return found


def group_of(source: Mapping[str, Any]) -> Group | None:
    """The group of a topic."""
    number = ident(source.get("id"))
    return Group(PLATFORM, number, line(source, "name", 200), KIND) if number else MISSING


def topic(source: object, group: Group | None, fetched: int | None = MISSING, query: str | None = MISSING) -> Post:
    """A topic. Raises Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("douban.not_a_topic")
    number, words, title = ident(source.get("id")), source.get("content"), source.get("title")
    if not number:
        raise Unusable("douban.no_id")
    if not isinstance(words, str) or not isinstance(title, str):
        raise Unusable("douban.no_text")
    created, zone = _moment(source.get("create_time"))
    text = plain(words)
    listed = [tag.get("name") for tag in each(source, "topic_tags")]
    return Post(
        platform=PLATFORM,
        native_id=number,
        text=text,
        author=person(inner(source, "author"), fetched),
        created=created,
        zone=zone,
        title=one_line(title, 400) or MISSING,
        url=one_line(f"https://www.douban.com/group/topic/{number}/", 300),
        tags=hashtags([*listed, *tags_in(PLATFORM, text)]),
        mentions=tuple(Mention(name) for name in names_in(PLATFORM, text)),
        likes=count(source.get("like_count")),
        comments=count(source.get("comments_count")),
        shares=count(source.get("reshares_count")),
        saves=count(source.get("collections_count")),
        group=group,
        media="video" if source.get("video_info") else "image" if source.get("photos") else MISSING,
        region=values.region(source.get("ip_location")),
        query=query,
        fetched=fetched,
        raw=raw(kept(source, _TOPIC_KEPT, ("title", "content", "abstract"))),
    )


def comment(source: object, root: str, group: Group | None, fetched: int | None = MISSING) -> Post:
    """A comment under the topic ``root``. What it quotes is another's, and only says whom it answers. Raises
    Unusable."""
    if not isinstance(source, Mapping):
        raise Unusable("douban.not_a_comment")
    number, words = ident(source.get("id")), source.get("text")
    if not number:
        raise Unusable("douban.no_id")
    if not isinstance(words, str):
        raise Unusable("douban.no_text")
    created, zone = _moment(source.get("create_time"))
    text = clean(words).strip()
    answered = ident(inner(source, "ref_comment").get("id"))
    return Post(
        platform=PLATFORM,
        native_id=number,
        text=text,
        author=person(inner(source, "author"), fetched),
        created=created,
        zone=zone,
        kind="comment",
        tags=tags_in(PLATFORM, text),
        mentions=tuple(Mention(name) for name in names_in(PLATFORM, text)),
        likes=count(source.get("vote_count")),
        comments=count(source.get("total_replies")),
        reply_to=answered if answered not in ("", "0", number) else root,
        root=root,
        group=group,
        media="image" if source.get("photos") else MISSING,
        region=values.region(source.get("ip_location")),
        fetched=fetched,
        raw=raw(kept(source, _COMMENT_KEPT, ("text",)) | {"ref": answered}),
    )
