# ruff: noqa: E501 - a source played whole, its answers as they stand on the sheet
"""An RSSHub instance of invented feeds for the blind check, written from the fact sheet alone."""

from __future__ import annotations

import hashlib
from typing import Any

from collectors.testing import Asked, Reply

KEY = "blind-rsshub-access-key"
FEED = {"Content-Type": "application/feed+json; charset=utf-8"}
HEX = "100808" + "0123456789abcdef" * 2


def item(url: str, title: str, body: str, when: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    found = {"id": url, "url": url, "title": title, "content_html": body, "date_published": when} | more
    return found | ({"authors": [{"name": name}]} if name else {})


def weibo(uid: int, bid: str, name: str, text: str, when: str, **more: Any) -> dict[str, Any]:
    url = f"https://weibo.com/{uid}/{bid}"
    body = f'<a href="https://weibo.com/{uid}" target="_blank">{name}</a>: {text}<br><img src="https://wx1.sinaimg.cn/large/a.jpg">'
    who = [{"name": name, "url": f"https://weibo.com/{uid}", "avatar": "https://tvax1.sinaimg.cn/b.jpg"}]
    return {
        "id": url,
        "url": url,
        "title": f"{name}: {text}"[:12],
        "content_html": body,
        "date_published": when,
        "authors": who,
    } | more


WEIBO = [
    weibo(1710000001, "Qx1AbCdEf", "苔痕阿暖", "#咖啡# 新店打卡，说得长一点免得标题截断", "2026-11-20T13:30:00.000Z", tags=["咖啡"]),
    weibo(1710000002, "Qx1AbCdEg", "青柠阿博", "转一下<blockquote>旧文 #别人的标签#</blockquote>", "2026-11-20T13:31:00.000Z"),
    weibo(1710000003, "Qx1AbCdEh", "云脚", "没有时间的", ""),
    weibo(1710000001, "Qx1AbCdEf", "苔痕阿暖", "#咖啡# 新店打卡，说得长一点免得标题截断", "2026-11-20T13:30:00.000Z", tags=["咖啡"]),
]  # fmt: skip
BILI = [
    item("http://www.bilibili.com/video/av1150000001", "手冲咖啡入门",
         "Length: 12:05<br/>AuthorID: 200000001<br/>Play: 12000    Favorite: 210<br/>Danmaku: 30    Comment: 45<br/><br/>一步一步",
         "2026-11-18T11:06:40.000Z", "示例UP", tags=["咖啡", "手冲", "生活", "日常"]),
]  # fmt: skip
TIEBA = [
    item("https://tieba.baidu.com/p/9300000001", "手冲求教", "水温多少合适", "2026-11-18T11:06:40.000Z", "吧友阿蓼"),
    item("https://tieba.baidu.com/p/9300000002", "二号", "&lt;不是标签&gt;", "2026-11-18T11:07:40.000Z", "吧友阿蕨"),
]  # fmt: skip
ZHIHU = [
    item("https://www.zhihu.com/question/600000001/answer/3000000001", "如何挑选？-答主阿竹的回答：先看…",
         "<strong>如何挑选？</strong><br>先看烘焙日期", "2026-11-18T11:06:40.000Z", "答主阿竹", id="3000000001"),
]  # fmt: skip
ROUTES = {
    "/weibo/keyword/咖啡": WEIBO, "/weibo/keyword/#咖啡#": WEIBO, f"/weibo/super_index/{HEX}": WEIBO,
    "/bilibili/vsearch/咖啡": BILI, "/baidu/tieba/forum/咖啡": TIEBA, "/zhihu/topic/19550000": ZHIHU,
}  # fmt: skip


def error(message: str, status: int = 503) -> Reply:
    return Reply({"error": {"message": message}}, status)


class Hub:
    """``wrong``: the answer to every route. ``locked``: asks for the access key, or its code for the path."""

    def __init__(self, wrong: Reply | None = None, locked: bool = False) -> None:
        self.wrong, self.locked = wrong, locked

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"", 404)
        if asked.path == "/healthz":
            return Reply(b"ok", 200, {"Content-Type": "text/plain"})
        code = hashlib.md5((asked.path + KEY).encode(), usedforsecurity=False).hexdigest()
        if self.locked and asked.one("key") != KEY and asked.one("code") != code:
            # the server sees the path encoded or not, by its router: both codes pass
            from urllib.parse import quote

            other = [hashlib.md5((quote(asked.path, safe=s) + KEY).encode(), usedforsecurity=False).hexdigest()
                     for s in ("/", "/=&", "/=", "/&")]  # fmt: skip
            if asked.one("code") not in other:
                return error("Authentication failed. Access denied.", 403)
        if self.wrong is not None:
            return self.wrong
        for path, items in ROUTES.items():
            if asked.path == path or asked.path.startswith(path + "/"):
                assert asked.one("format") == "json", "numbers apart, JSON holds most"
                feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "home_page_url": "https://x.invalid/",
                        "description": "d - Powered by RSSHub", "language": "zh-cn", "items": items}  # fmt: skip
                return Reply(feed, 200, FEED)
        return error("NotFoundError: wrong path", 404)
