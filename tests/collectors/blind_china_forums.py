# ruff: noqa: E501 - a source played whole, its answers as they stand on the sheet
"""A Douban group and a Zhihu of invented people for the blind check, written from the fact sheets alone."""

from __future__ import annotations

import re
from typing import Any

from collectors.testing import Asked, Reply

HTML = {"Content-Type": "text/html; charset=utf-8"}
DOUBAN_COOKIE = "bid=blindbid; dbcl2=blindsecret0003"
PEOPLE = {"100000001": "组员阿松", "100000002": "组员阿柏", "vanity": "组员阿槐"}


def topic_row(n: int, who: str, replies: str, last: str) -> str:
    tid = 310000000 + n
    return (
        f'<tr class=""><td class="title"><a href="https://www.douban.com/group/topic/{tid}/?_spm_id=x" title="话题{n}" class="">'
        f'话题{n}</a></td><td nowrap="nowrap"><a href="https://www.douban.com/people/{who}/" class="">{PEOPLE[who]}</a></td>'
        f'<td nowrap="nowrap" class="r-count ">{replies}</td><td nowrap="nowrap" class="time">{last}</td></tr>'
    )


TOPICS = [(1, "100000001", "3", "11-20 21:30"), (2, "100000002", "", "11-19 10:00"), (3, "vanity", "1", "2026-10-01")]
LISTED = {0: TOPICS, 25: [(4, "100000001", "2", "2026-09-01"), (1, "100000001", "3", "11-20 21:30")]}


def list_page(start: int) -> bytes:
    rows = [topic_row(*one) for one in LISTED.get(start, [])]
    # a full page has 25 rows; the rest are topics that are deleted by the time they are opened
    if start == 0:
        rows += [topic_row(100 + k, "100000001", "0", "2026-09-02") for k in range(22)]
    head = '<tr class="th"><td>讨论</td><td>作者</td><td>回应</td><td>最后回应</td></tr>'
    more = '<span class="next"><a href="?start=25&amp;type=new">后页&gt;</a></span>' if start == 0 else ""
    return (
        f'<html><head><title>示例咖啡小组</title></head><body><div id="group-info"><h1>示例咖啡小组</h1></div>'
        f'<table class="olt">{head}{"".join(rows)}</table><div class="paginator">{more}</div></body></html>'
    ).encode()


def person(uid: str, **more: Any) -> dict[str, Any]:
    numeric = "100000003" if uid == "vanity" else uid
    return {"kind": "user", "id": numeric, "uid": uid, "name": PEOPLE[uid], "avatar": ""} | more


def topic(n: int, who: str, when: str, **more: Any) -> dict[str, Any]:
    tid = str(310000000 + n)
    return {
        "id": tid, "title": f"话题{n}", "abstract": "", "content": f"<p>正文{n}</p><p>第二段 &amp; 完</p>",
        "create_time": when, "update_time": "2026-11-20 21:30:00", "edit_time": "", "like_count": 3,
        "reactions_count": 3, "reshares_count": 1, "comments_count": 0, "collections_count": 2, "ip_location": "上海",
        "author": person(who, gender="F", loc={"id": "108296", "name": "上海"}), "photos": [],
        "group": {"id": "500001", "name": "示例咖啡小组", "member_count": 1234, "url": "https://www.douban.com/group/500001/"},
        "url": f"https://www.douban.com/group/topic/{tid}/", "sharing_url": f"https://www.douban.com/group/topic/{tid}/",
    } | more  # fmt: skip


POSTS = {
    "310000001": topic(1, "100000001", "2026-11-20 20:00:00", comments_count=4),
    "310000002": topic(2, "100000002", "2026-11-19 09:00:00", author=person("100000002", gender="M"), ip_location=""),
    "310000003": topic(3, "vanity", "2026-09-30 23:30:00", author=person("vanity", gender="U"), comments_count="1"),
    "310000004": topic(4, "100000001", "2026-08-31 23:30:00", comments_count=2),
}
del POSTS["310000002"]["like_count"]


def note(n: int, who: str, text: str, ref: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": str(4200000000 + n), "text": text, "create_time": f"2026-11-20 22:00:{n:02}", "vote_count": n,
        "ip_location": "江苏", "author": person(who), "ref_comment": ref, "photos": [],
    } | more  # fmt: skip


NOTES = [
    note(1, "100000002", "去老城区看看"),
    note(2, "100000001", "谢谢", {"id": "4200000001", "text": "去老城区看看", "author": person("100000002")}),
    note(3, "vanity", "同问"),
    note(4, "100000002", "也可以去河边", ip_location=""),
]
NOT_BASIC = {"msg": "invalid_request_1034", "code": 1034, "request": "GET", "localized_message": ""}


def topic_page(start: int) -> bytes:
    """The page of topic 1 as the sheet draws it: the time with the region behind, quotes, rows that repeat."""

    def row(n: int, who: str, words: str, tail: str, quote: str = "", likes: str = "") -> str:
        cid = 4200000000 + n
        quoted = f'<div class="reply-quote"><div class="reply-quote-content">{quote}</div></div>' if quote else ""
        return (
            f'<li class="clearfix comment-item reply-item" id="{cid}" data-cid="{cid}"><div class="user-face">'
            f'<a href="https://www.douban.com/people/{who}/"><img class="pil" src="a.jpg" alt="{PEOPLE[who]}"/></a></div>'
            f'<div class="reply-doc content"><div class="bg-img-green"><h4><a href="https://www.douban.com/people/{who}/">'
            f'{PEOPLE[who]}</a> <span class="pubtime">2026-11-20 22:00:{n:02}{tail}</span></h4></div>{quoted}'
            f'<p class="reply-content">{words}</p><div class="operation-div"><a class="comment-vote lnk-fav">赞{likes}</a>'
            f"</div></div></li>"
        )

    rows = [
        row(1, "100000002", "去老城区看看", " 上海", likes="(3)"),
        row(2, "100000001", "谢谢", "", quote="去老城区看看"),
    ]
    popular = f'<ul id="popular-comments">{rows[0]}</ul>'
    return (
        f"<html><body><h1> 话题1 </h1><div class='topic-doc'><span class='from'>来自: <a href='https://www.douban.com/people/"
        f"100000001/'>{PEOPLE['100000001']}</a></span></div><div id='topic-content'><div class='user-face'>"
        f"<img alt='{PEOPLE['100000001']}'></div><div class='topic-meta'><span class='create-time'>2026-11-20 20:00:00</span>"
        f"<span class='ip-location'>上海</span></div><div class='topic-content'><div class='rich-content'><p>正文1</p>"
        f"<p>第二段 &amp; 完</p></div></div></div>{popular}<ul class='topic-reply' id='comments'>{''.join(rows)}</ul></body></html>"
    ).encode()


class Douban:
    """Two comments a page; ``popular_comments`` repeats one of them. ``wrong``: pattern of the path → reply."""

    def __init__(self, wrong: dict[str, Reply] | None = None) -> None:
        self.wrong = wrong or {}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"User-agent: *\nDisallow: /search\n", 200, {"Content-Type": "text/plain"})
        for pattern, reply in self.wrong.items():
            if re.fullmatch(pattern, asked.path):
                return reply
        if re.fullmatch(r"/group/(500001|coffee)/(discussion)?", asked.path):
            return Reply(list_page(int(asked.one("start") or 0)), 200, HTML)
        if asked.path == "/group/topic/310000001/":
            return Reply(topic_page(int(asked.one("start") or 0)), 200, HTML)
        if asked.path == "/mine/":
            return Reply(b"", 302, {"Location": "/people/vanity/"})
        if asked.path == "/people/vanity/":
            return Reply(b"<html>me</html>", 200, HTML)
        if asked.path.startswith("/rexxar/api/v2/"):
            if "douban.com" not in asked.headers.get("referer", ""):
                return Reply(NOT_BASIC, 400)
            return self.api(asked, asked.path.removeprefix("/rexxar/api/v2/"))
        return Reply("<html><title>页面不存在</title></html>".encode(), 404, HTML)

    def api(self, asked: Asked, path: str) -> Reply:
        if path in {"group/500001", "group/coffee"}:
            return Reply(
                {"id": "500001", "uid": "coffee", "name": "示例咖啡小组", "member_count": 1234, "topic_count": 4}
            )
        if found := re.fullmatch(r"group/topic/(\d+)", path):
            one = POSTS.get(found[1])
            return Reply(one) if one else Reply({"msg": "topic_not_found", "code": 4000, "request": "GET"}, 404)
        if found := re.fullmatch(r"group/topic/(\d+)/comments", path):
            start = int(asked.one("start") or 0)
            mine = NOTES if found[1] == "310000001" else []
            shown = mine[start : start + 2]
            popular = [NOTES[0]] if mine and start == 0 else []
            return Reply(
                {"start": start, "count": 2, "total": len(mine), "popular_comments": popular, "comments": shown}
            )
        return Reply({"msg": "not_found", "code": 1, "request": "GET"}, 404)


# --- Zhihu -----------------------------------------------------------------------------------------
SECRET = "blind-zhihu-access-secret"
UTM = "?utm_medium=openapi_platform&utm_source=example"
ITEMS = [
    {"Title": "如何挑选咖啡豆？", "ContentType": "Answer", "ContentID": "3000000001", "ContentText": "先看<em>烘焙</em>日期……",
     "Url": f"https://www.zhihu.com/question/600000001/answer/3000000001{UTM}", "CommentCount": 12, "VoteUpCount": 340,
     "AuthorName": "答主阿竹", "AuthorAvatar": "", "AuthorBadge": "", "AuthorBadgeText": "", "EditTime": 1795000000,
     "CommentInfoList": [{"Content": "学到了"}], "AuthorityLevel": "2", "RankingScore": 0.98},
    {"Title": "咖啡入门", "ContentType": "Article", "ContentID": "3000000002", "ContentText": "正文 &amp; 其他",
     "Url": f"https://zhuanlan.zhihu.com/p/3000000002{UTM}", "CommentCount": 0, "VoteUpCount": 7,
     "AuthorName": "知乎用户", "EditTime": 1794990000},
    {"Title": "问一个问题", "ContentType": "Question", "ContentID": "600000003", "ContentText": "",
     "Url": f"https://www.zhihu.com/question/600000003{UTM}", "AuthorName": "", "EditTime": 1794980000},
]  # fmt: skip


class Zhihu:
    def __init__(self, wrong: dict[str, Reply] | None = None, left: int = 4988) -> None:
        self.wrong, self.left = wrong or {}, left

    def __call__(self, asked: Asked) -> Reply:
        name = asked.path.rsplit("/", 1)[-1]
        if name in self.wrong:
            return self.wrong[name]
        if (
            asked.headers.get("authorization") != f"Bearer {SECRET}"
            or not asked.headers.get("x-request-timestamp", "").isdigit()
        ):
            return Reply({"Code": 20001, "Message": "authentication failed", "Data": None})
        data = getattr(self, name, lambda _: None)(asked)
        if data is None:
            return Reply({"Code": 10001, "Message": "parameter error", "Data": None})
        return Reply({"Code": 0, "Message": "success", "Data": data})

    def quota(self, asked: Asked) -> Any:
        names = ("zhihu_search", "global_search", "hot_list", "question_discovery", "user_data", "creator")
        rows = [
            {"APIID": n, "APIName": n, "TotalQuota": 5000, "TotalUsed": 12, "RemainingQuota": self.left} for n in names
        ]
        return {"Items": rows}

    def zhihu_search(self, asked: Asked) -> Any:
        if int(asked.one("Count") or 10) > 10 or not 2 <= len(asked.one("Query")) <= 100:
            return None
        shown = ITEMS if asked.one("Query") in {"咖啡", "咖啡豆"} else []
        return {"HasMore": False, "SearchHashId": "9f0", "Items": shown, "EmptyReason": "" if shown else "no result"}

    def question_answers(self, asked: Asked) -> Any:
        start = int(asked.one("Offset") or 0)
        rows = [{"ContentToken": str(3000000010 + n), "Summary": f"摘要{n}",
                 "Url": f"https://www.zhihu.com/question/600000001/answer/{3000000010 + n}"} for n in range(5)]  # fmt: skip
        return {
            "Items": rows[start : start + 2],
            "Paging": {"IsEnd": start + 2 >= 5, "NextOffset": start + 2, "Totals": 5},
        }

    def content_comments(self, asked: Asked) -> Any:
        start = int(asked.one("Offset") or 0)
        one = {"ID": "11000000001", "AuthorToken": "ah-zhu", "CreatedAt": 1795001000, "Content": "<p>同意</p>", "LikeCount": 3,
               "DislikeCount": 0}  # fmt: skip
        kid = {"ID": 11000000002, "AuthorToken": "ah-mei", "CreatedAt": "1795001100", "Content": "<p>我也&amp;</p>"}
        rows = [{"Comment": one, "Children": [kid]}, {"Comment": one | {"ID": "11000000003"}}]
        return {"Items": rows[start : start + 1], "Paging": {"IsEnd": start >= 1, "NextOffset": start + 1, "Totals": 2}}
