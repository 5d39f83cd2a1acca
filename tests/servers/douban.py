"""A small Douban on loopback: invented people and topics, pages and JSON as the fact sheet shows them."""

from __future__ import annotations

import html
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.servers.scripted import SILENCE, Asked, Reply

CHINA = timezone(timedelta(hours=8))
FIRST = 310_000_000
HTML = {"Content-Type": "text/html; charset=utf-8"}


def stamp(n: int) -> str:
    """When topic ``n`` was written; a higher ``n`` is newer."""
    return f"2026-11-{10 + n:02d} 20:00:00"


def seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA).timestamp())


def person(n: int, **more: Any) -> dict[str, Any]:
    return {"kind": "user", "id": str(100_000_000 + n), "uid": str(100_000_000 + n), "name": f"示例组员{n}",
            "avatar": "", "gender": "U", "loc": {"id": "108296", "name": "上海"}} | more  # fmt: skip


def topic(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(FIRST + n), "title": f"求推荐咖啡店{n}", "abstract": "", "content": f"<p>人在上海，第{n}次问</p>",
        "create_time": stamp(n), "update_time": stamp(n), "edit_time": "", "like_count": 3, "reactions_count": 3,
        "reshares_count": 1, "comments_count": 2, "collections_count": 2, "ip_location": "上海",
        "author": person(n % 3), "photos": [], "group": {"id": "500001", "name": "示例咖啡小组", "member_count": 1_234,
                                "url": "https://www.douban.com/group/500001/"},
    } | more  # fmt: skip


def comment(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(4_200_000_000 + n), "text": f"去老城区看看{n}", "create_time": "2026-11-20 22:00:00",
        "vote_count": 3, "ip_location": "上海", "author": person(50 + n % 4), "ref_comment": None, "photos": [],
    } | more  # fmt: skip


def row(n: int, last: str, replies: str = "12", **more: str) -> str:
    title = html.escape(more.get("title", f"求推荐咖啡店{n}"))
    name = html.escape(more.get("name", f"示例组员{n % 3}"))
    return (
        f'<tr class=""><td class="title"><a href="https://www.douban.com/group/topic/{FIRST + n}/" title="{title}"'
        f' class="">{title}</a> <span class="elite_topic_lable"></span></td><td nowrap="nowrap">'
        f'<a href="https://www.douban.com/people/{100_000_000 + n % 3}/" class="">{name}</a></td>'
        f'<td nowrap="nowrap" class="r-count ">{replies}</td><td nowrap="nowrap" class="time">{last}</td></tr>'
    )


GROUP = '<div class="group-item"><div class="title"><a href="https://www.douban.com/group/500001/">示例咖啡小组</a></div></div>'


def list_page(rows: list[str]) -> str:
    head = '<tr class="th"><td>讨论</td><td>作者</td><td>回应</td><td>最后回应</td></tr>'
    return (
        f"<!DOCTYPE html><html><head><title>示例咖啡小组</title></head><body><div class='article'>"
        f'<table class="olt">{head}{"".join(rows)}</table></div>{GROUP}</body></html>'
    )


def comment_html(n: int, quote: str = "", vote: str = "赞(3)", ref: str = "", **more: str) -> str:
    mark = f' data-ref_cid="{ref}"' if ref else ""
    quoted = f'<div class="reply-quote"><div class="reply-quote-content"{mark}>{quote}</div></div>' if quote else ""
    uid, name, number = 100_000_050 + n % 4, f"示例组员{50 + n % 4}", 4_200_000_000 + n
    return (
        f'<li class="clearfix comment-item reply-item" id="{number}" data-cid="{number}"><div class="user-face">'
        f'<a href="https://www.douban.com/people/{uid}/"><img class="pil" src="a.jpg" alt="{name}"/></a></div>'
        f'<div class="reply-doc content"><div class="bg-img-green"><h4><a href="https://www.douban.com/people/{uid}/">'
        f'{name}</a> <span class="pubtime">2026-11-20 22:00:00 上海</span></h4></div>{quoted}'
        f'<p class="reply-content">{more.get("text", f"去老城区看看{n}")}</p>'
        f'<div class="operation-div"><a class="comment-vote lnk-fav">{vote}</a></div></div></li>'
    )


def topic_page(n: int, comments: list[str], popular: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><title>求推荐咖啡店{n}</title></head><body><h1> 求推荐咖啡店{n} </h1>"
        f'<div id="topic-content" class="topic-content"><div class="user-face"><a href="https://www.douban.com/people/'
        f'{100_000_000 + n % 3}/"><img class="pil" src="u.jpg" alt="示例组员{n % 3}"/></a></div><div class="topic-doc">'
        f'<h3><span class="from">来自: <a href="https://www.douban.com/people/{100_000_000 + n % 3}/">'
        f"示例组员{n % 3}</a>"
        f'</span> <span class="create-time">{stamp(n)}</span> <span class="create-ip">上海</span></h3>'
        f'<div class="topic-content"><div class="rich-content topic-richtext"><p>人在上海，第{n}次问</p></div></div>'
        f'</div></div><div class="action-react"><span class="react-num">3</span></div>'
        f'<ul class="topic-reply" id="popular-comments">{popular}</ul>'
        f'<ul class="topic-reply" id="comments">{"".join(comments)}</ul>{GROUP}</body></html>'
    )


class Douban:
    """``topics`` by number, newest answer first, three a page; ``fixed``: what a path answers instead."""

    size = 3

    def __init__(self, count: int = 9) -> None:
        self.order = list(range(count, 0, -1))
        self.topics = {n: topic(n) for n in self.order}
        self.last = {n: f"11-{10 + n:02d} 21:30" for n in self.order}
        self.comments: dict[int, list[Any]] = {n: [comment(n * 10), comment(n * 10 + 1)] for n in self.order}
        self.popular: list[Any] = []
        self.most = 20
        self.fixed: dict[str, Reply] = {}
        self.no_json = self.slow = self.circle = False

    def __call__(self, asked: Asked) -> Reply:
        path = asked.path
        if path in self.fixed:
            return self.fixed[path]
        if path == "/robots.txt":
            return Reply(b"User-agent: *\nDisallow: /search\n", headers={"Content-Type": "text/plain"})
        if path.startswith("/rexxar/api/v2/group/topic/"):
            return self.rexxar(asked, int(path.split("/")[6]) - FIRST, path.endswith("/comments"))
        if path.endswith("/discussion"):
            return self.listed(int(asked.one("start")))
        if path.startswith("/group/topic/"):
            return self.paged(int(path.split("/")[3]) - FIRST, int(asked.one("start") or 0))
        return Reply(b"<html><title>404</title></html>", 404, HTML)

    def listed(self, start: int) -> Reply:
        at = 0 if self.circle else start // 25 * self.size
        rows = [row(n, self.last[n]) for n in self.order[at : at + self.size]]
        return Reply(
            list_page(rows).encode(), headers=HTML | {"Set-Cookie": "bid=Ab-c_123456; Path=/; Domain=.douban.com"}
        )

    def rexxar(self, asked: Asked, n: int, comments: bool) -> Reply:
        if self.slow:
            return SILENCE
        if self.no_json or not asked.headers.get("referer", "").startswith("https://m.douban.com/"):
            return Reply({"msg": "need_login", "code": 1001, "request": "GET /v2/group", "localized_message": ""}, 403)
        if n not in self.topics:
            return Reply({"msg": "topic_not_found", "code": 1002}, 404)
        if not comments:
            return Reply(self.topics[n])
        start, rows = int(asked.one("start")), self.comments[n]
        found = rows[start : start + min(int(asked.one("count")), self.most)]
        return Reply({"start": start, "count": len(found), "total": len(rows), "popular_comments": self.popular,
                      "comments": found})  # fmt: skip

    def paged(self, n: int, start: int) -> Reply:
        if n not in self.topics:
            return Reply(b"<html><title>404</title></html>", 404, HTML)
        rows = self.comments[n][start : start + 100]
        numbers = [int(one["id"]) - 4_200_000_000 for one in rows]
        popular = comment_html(numbers[0]) if numbers else ""
        return Reply(topic_page(n, [comment_html(one) for one in numbers], popular).encode(), headers=HTML)
