# ruff: noqa: E501, C901 - a source played whole, its answers as they stand on the sheet
"""A Bilibili of invented people for the blind check, written from the fact sheet alone."""

from __future__ import annotations

import json
from typing import Any

from collectors.testing import Asked, Reply

COOKIE = "SESSDATA=blindsecret0002; bili_jct=blindjct; DedeUserID=200000009"
AID, BV = 1150000001, "BV1xx411c7mD"


def ok(data: Any) -> Reply:
    return Reply({"code": 0, "message": "0", "ttl": 1, "data": data})


def row(n: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "video", "id": 1150000000 + n, "aid": 1150000000 + n, "bvid": f"BV1xx411c7m{'DEFGHJK'[n - 1]}",
        "mid": 210000000 + n % 3, "author": f"阿影{n % 3}", "typeid": "21", "typename": "日常", "title": title,
        "description": f"简介{n}", "pic": "//i0.hdslb.com/a.jpg", "play": 12000, "video_review": 30, "favorites": 210,
        "tag": "咖啡,手冲,生活", "review": 45, "pubdate": 1795000000 - n * 86400, "senddate": 1795000001,
        "duration": "12:5", "like": 800, "danmaku": 30, "hit_columns": ["title", "tag"],
    } | more  # fmt: skip


SEARCH = {
    1: [row(1, '手冲<em class="keyword">咖啡</em>入门 &amp; 进阶'), row(2, "拿铁", mid="210000002", play="--", like="1.2万"),
        {"type": "ketang", "id": 3, "title": "一门课"}],
    2: [row(3, "豆子", tag="豆子,生活", favorites="--", duration="1:02:05"), row(1, "手冲咖啡入门"), row(4, "咖啡店", tag="")],
}  # fmt: skip
del SEARCH[2][0]["like"]


def comment(n: int, mid: int, name: str, text: str, **more: Any) -> dict[str, Any]:
    rpid = 250000000000 + n
    return {
        "rpid": rpid, "rpid_str": str(rpid), "oid": AID, "type": 1, "mid": mid, "root": 0, "parent": 0, "dialog": 0,
        "count": 0, "rcount": 0, "state": 0, "ctime": 1795001000 + n, "like": 4,
        "member": {"mid": str(mid), "uname": name, "sex": "保密", "sign": "", "avatar": "",
                   "level_info": {"current_level": 4}, "official_verify": {"type": -1, "desc": ""}},
        "content": {"message": text, "members": []}, "replies": None,
    } | more  # fmt: skip


SUBS = [
    comment(11, 200000001, "示例UP", "谢谢", root=250000000001, parent=250000000001, like=1),
    comment(12, 200000004, "小蓟", "回复 @示例UP :我也谢谢", root=250000000001, parent=250000000011,
            content={"message": "回复 @示例UP :我也谢谢", "at_name_to_mid": {"示例UP": 200000001}}),
    comment(13, 200000005, "小荻", "三楼", root=250000000001, parent=250000000001),
]  # fmt: skip
SUBS[0]["member"]["sex"] = "男"
TOP = comment(9, 200000001, "示例UP", "置顶：器材清单")
FIRST = [
    comment(1, 200000002, "阿荷", "学会了 @示例UP", count=3, rcount=3, replies=[SUBS[0]],
            content={"message": "学会了 @示例UP", "members": [], "at_name_to_mid": {"示例UP": 200000001}},
            reply_control={"location": "IP属地：上海", "time_desc": "1小时前发布"}),
    comment(2, 200000003, "阿菱", "好", like="--", replies=[]),
]  # fmt: skip
FIRST[0]["member"]["sex"] = "女"
SECOND = [comment(3, 200000006, "阿芷", "第二页", like="1.1万")]
VIEW = {
    "bvid": BV, "aid": AID, "videos": 1, "tid": 21, "tname": "日常", "pic": "http://i0.hdslb.com/a.jpg",
    "title": "手冲咖啡入门", "pubdate": 1795000000, "ctime": 1794999000, "desc": "一步一步", "duration": 725,
    "dynamic": "", "cid": 1, "owner": {"mid": 200000001, "name": "示例UP", "face": ""}, "pages": [],
    "stat": {"aid": AID, "view": 12000, "danmaku": 30, "reply": 8, "favorite": 210, "coin": 90, "share": 12, "like": 800},
}  # fmt: skip


def dynamic(n: int, text: str, ts: Any, **more: Any) -> dict[str, Any]:
    return {
        "id_str": f"10000000000000000{n:02}", "type": "DYNAMIC_TYPE_WORD",
        "basic": {"comment_id_str": f"10000000000000000{n:02}", "comment_type": 17},
        "modules": {
            "module_author": {"mid": 220000000 + n, "name": f"阿动{n}", "face": "", "pub_ts": ts},
            "module_dynamic": {"desc": {"text": text, "rich_text_nodes": [
                {"type": "RICH_TEXT_NODE_TYPE_AT", "text": "@示例UP ", "rid": "200000001"},
                {"type": "RICH_TEXT_NODE_TYPE_TOPIC", "text": "#手冲#"}] if "@" in text else []},
                "topic": {"id": 9001, "name": "咖啡"}},
            "module_stat": {"comment": {"count": 3}, "forward": {"count": "1.2万"}, "like": {"count": 20}},
        },
    } | more  # fmt: skip


TOPIC = {
    "": ([{"topic_type": "DYNAMIC", "dynamic_card_item": dynamic(1, "@示例UP #手冲# 打卡", 1795000000)},
          {"topic_type": "DYNAMIC", "dynamic_card_item": dynamic(2, "二号", "1794999000")}], "2_x"),
    "2_x": ([dynamic(3, "三号", 1794998000), {"dynamic_card_item": dynamic(2, "二号", "1794999000")}], ""),
}  # fmt: skip


OPUS = dynamic(4, "", 1794990000, type="DYNAMIC_TYPE_DRAW")
OPUS["modules"]["module_dynamic"] = {"desc": None, "major": {"type": "MAJOR_TYPE_OPUS", "opus": {
    "title": None, "summary": {"text": "图文 #咖啡# 一组", "rich_text_nodes": []}}}, "topic": None}  # fmt: skip
OPUS["modules"]["module_stat"] = {"comment": {"count": "--"}, "forward": {}}
FORWARD = dynamic(5, "转一下", 1794980000, type="DYNAMIC_TYPE_FORWARD", orig=dynamic(6, "原来的动态", 1794970000))
LOST = dynamic(
    7, "原来的没了", 1794980001, type="DYNAMIC_TYPE_FORWARD", orig={"id_str": None, "type": "DYNAMIC_TYPE_NONE"}
)
SECOND_TOPIC = {"": ([OPUS, {"dynamic_card_item": FORWARD}, LOST], "")}
REPOSTED = {
    "": ([("09", 200000004, "小蓟", "转发动态"), ("10", 200000005, "小荻", "我也转 @示例UP")], "77"),
    "77": ([("11", 200000006, "阿芷", "第二页的")], "0"),
}


class Video:
    def __init__(self, wrong: dict[str, Reply] | None = None) -> None:
        self.wrong = wrong or {}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"", 404)
        if asked.path in self.wrong:
            return self.wrong[asked.path]
        own = "blindsecret0002" in asked.headers.get("cookie", "")
        if asked.path == "/":
            return Reply(
                b"<html>home</html>", 200, {"Content-Type": "text/html", "Set-Cookie": "buvid3=BBBB-infoc; Path=/"}
            )
        if asked.path == "/x/frontend/finger/spi":
            return Reply({"code": 0, "data": {"b_3": "BBBB-infoc", "b_4": "CCCC"}, "message": "ok"})
        if "bilibili.com" not in asked.headers.get("referer", "") or (
            "buvid3=" not in asked.headers.get("cookie", "") and not own
        ):
            return Reply({"code": -412, "message": "request was banned", "ttl": 1}, 412)
        return self.api(asked, own)

    def api(self, asked: Asked, own: bool) -> Reply:
        path = asked.path.replace("/wbi/search/", "/search/")
        if path == "/x/web-interface/search/type":
            return self.search(asked)
        if path == "/x/topic/pub/search":
            item = {"id": 9001, "name": "咖啡", "view": 120000, "discuss": 3400, "stat_desc": "", "description": ""}
            return ok({"topic_items": [item], "page_info": {"offset": 20, "has_more": False, "page_num": 1}})
        if path == "/x/topic/web/details/top":
            return ok({"top_details": {"topic_item": {"id": 9001, "name": "咖啡", "view": 120000, "discuss": 3400}}})
        if path == "/x/topic/web/details/cards":
            items, after = (SECOND_TOPIC if asked.one("topic_id") == "9002" else TOPIC)[asked.one("offset")]
            return ok({"topic_card_list": {"has_more": bool(after), "offset": after, "items": items}})
        if path == "/x/web-interface/view" and (asked.one("bvid") == BV or asked.one("aid") == str(AID)):
            return ok(VIEW)
        if path == "/dynamic_repost/v1/dynamic_repost/repost_detail":
            return self.reposts(asked)
        if path == "/x/polymer/web-dynamic/v1/detail/reaction":
            rows = [
                {"action": a, "mid": m, "name": n}
                for a, m, n in (("赞了", "200000005", "小荻"), ("转发了", "200000006", "阿芷"))
            ]
            return ok({"has_more": False, "offset": "", "total": 2, "items": rows})
        if path == "/x/web-interface/view/detail":
            tags = [{"tag_id": 4567, "tag_name": "咖啡"}]
            return ok({"View": VIEW, "Tags": tags, "Reply": {"page": None, "replies": []}, "Related": []})
        if path == "/x/web-interface/view/detail/tag":
            return ok(
                [{"tag_id": 4567, "tag_name": "咖啡", "tag_type": "old_channel"}, {"tag_id": 4568, "tag_name": "器材"}]
            )
        if path in {"/x/v2/reply", "/x/v2/reply/main"}:
            return self.comments(asked, own)
        if path == "/x/v2/reply/reply":
            page, size = int(asked.one("pn") or 1), min(20, int(asked.one("ps") or 10))
            rows = SUBS[(page - 1) * size : page * size] if asked.one("root") == "250000000001" else []
            return ok({"page": {"num": page, "size": size, "count": 3}, "root": FIRST[0], "replies": rows or None})
        if path == "/x/web-interface/card":
            card = {"mid": asked.one("mid"), "name": "示例UP", "sex": "女", "fans": 3200, "friend": 80, "attention": 80,
                    "sign": "手冲", "official_verify": {"type": 0, "desc": "知名UP"}, "level_info": {"current_level": 5}}  # fmt: skip
            return ok({"card": card, "following": False, "archive_count": 41, "follower": 3200, "like_num": 15000})
        if path == "/x/relation/stat":
            return ok({"mid": 200000001, "following": 80, "whisper": 0, "black": 0, "follower": 3200})
        if path in {"/x/relation/followers", "/x/relation/fans", "/x/relation/followings"}:
            return self.people(asked, own)
        if path == "/x/web-interface/nav":
            data = {"isLogin": own, "mid": 200000009, "uname": "我自己", "wbi_img": {"img_url": "", "sub_url": ""}}
            return ok(data) if own else Reply({"code": -101, "message": "账号未登录", "ttl": 1, "data": data})
        return Reply({"code": -404, "message": "啥都木有", "ttl": 1})

    def reposts(self, asked: Asked) -> Reply:
        rows, after = REPOSTED[asked.one("offset")] if asked.one("dynamic_id").endswith("01") else ([], "0")
        items = [
            {"desc": {"dynamic_id_str": f"10000000000000001{n}", "uid": uid, "timestamp": 1795002000 + int(n),
                      "user_profile": {"info": {"uid": uid, "uname": name}}},
             "card": json.dumps({"item": {"content": text}}, ensure_ascii=False)}
            for n, uid, name, text in rows
        ]  # fmt: skip
        return ok({"has_more": int(after != "0"), "total": 3 if rows else 0, "offset": after, "items": items})

    def search(self, asked: Asked) -> Reply:
        page = int(asked.one("page") or 1)
        head = {"seid": "1", "page": page, "pagesize": 20, "numResults": 5, "numPages": 2}
        if asked.one("search_type") == "bili_user":
            who = {"type": "bili_user", "mid": 200000001, "uname": "示例UP", "usign": "", "fans": 3200, "videos": 41}
            return ok(head | {"numPages": 1, "numResults": 1, "result": [who] if page == 1 else []})
        if "没有" in asked.one("keyword"):
            return ok(head | {"numResults": 0, "numPages": 0})
        low, high = int(asked.one("pubtime_begin_s") or 0), int(asked.one("pubtime_end_s") or 2**40)
        rows = [r for r in SEARCH.get(page, []) if low <= r.get("pubdate", low) <= high]
        return ok(head | {"result": rows})

    def comments(self, asked: Asked, own: bool) -> Reply:
        page = int(asked.one("pn") or asked.one("next") or 1) or 1
        if asked.path.endswith("/main"):
            rows = {1: FIRST, 2: SECOND}.get(page, []) if own or page == 1 else FIRST
            end = page >= 2
            cursor = {"is_begin": page == 1, "is_end": end, "next": page + 1, "prev": 1, "all_count": 8, "mode": 3}
            return ok(
                {"cursor": cursor, "replies": rows or None, "top_replies": [TOP] if page == 1 else None, "upper": {}}
            )
        rows = ({1: FIRST, 2: SECOND}.get(page, []) if own else FIRST) or None
        head = {"num": page, "size": 2, "count": 3, "acount": 6}
        return ok({"page": head, "replies": rows, "hots": [FIRST[0]], "upper": {"mid": 200000001}})

    def people(self, asked: Asked, own: bool) -> Reply:
        if not own:
            return Reply({"code": -101, "message": "账号未登录", "ttl": 1})
        page = int(asked.one("pn") or 1)
        rows = [
            {"mid": 230000000 + 10 * page + k, "attribute": 0, "mtime": 1794000000 - page, "tag": None, "special": 0,
             "uname": f"粉丝{page}{k}", "face": "", "sign": "", "official_verify": {"type": -1, "desc": ""}}
            for k in range(2)
        ]  # fmt: skip
        return ok({"list": rows if page <= 2 else [], "total": 24})
