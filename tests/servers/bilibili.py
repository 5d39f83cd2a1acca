"""A small Bilibili on loopback: invented people and videos, answers as the fact sheet shows them."""

from __future__ import annotations

import json
from typing import Any

from tests.servers.scripted import SILENCE, Asked, Reply

FIRST = 1_795_000_000
SPI = {"b_3": "XXXXXXXX-infoc", "b_4": "YYYY-ZZ+1/2=="}


def ok(data: Any) -> Reply:
    return Reply({"code": 0, "message": "0", "ttl": 1, "data": data})


def video(n: int, **more: Any) -> dict[str, Any]:
    """A row of the video search; a higher ``n`` is newer."""
    return {
        "type": "video", "id": 1_150_000_000 + n, "aid": 1_150_000_000 + n, "bvid": "BV1xx411c7mD",
        "mid": 200_000_000 + n % 3, "author": f"示例UP{n % 3}", "typeid": "21", "typename": "日常",
        "arcurl": f"http://www.bilibili.com/video/av{1_150_000_000 + n}",
        "title": f'第{n}杯手冲<em class="keyword">咖啡</em>', "description": "器具清单", "pic": "//i0.hdslb.com/a.jpg",
        "play": 12_000, "video_review": 30, "favorites": 210, "tag": "咖啡,手冲,生活", "review": 2,
        "pubdate": FIRST + n * 60, "senddate": FIRST, "duration": "12:5", "like": 800, "danmaku": 30,
        "hit_columns": ["title", "tag"],
    } | more  # fmt: skip


def view(**more: Any) -> dict[str, Any]:
    """The answer of ``view``."""
    return {
        "bvid": "BV1xx411c7mD", "aid": 1_150_000_001, "videos": 1, "tid": 21, "tname": "日常", "title": "手冲咖啡入门",
        "pubdate": FIRST, "ctime": FIRST - 5, "desc": "器具清单", "duration": 725, "dynamic": "", "cid": 1,
        "owner": {"mid": 200_000_001, "name": "示例UP1", "face": ""},
        "stat": {"aid": 1_150_000_001, "view": 12_000, "danmaku": 30, "reply": 45, "favorite": 210, "coin": 90,
                 "share": 12, "like": 800, "dislike": 0}, "pages": [],
    } | more  # fmt: skip


def comment(n: int, **more: Any) -> dict[str, Any]:
    return {
        "rpid": 250_000_000_000 + n, "oid": 1_150_000_001, "type": 1, "mid": 300_000_000 + n, "root": 0, "parent": 0,
        "dialog": 0, "count": 0, "rcount": 0, "state": 0, "ctime": FIRST + 1_000 + n, "like": 4,
        "member": {"mid": str(300_000_000 + n), "uname": f"示例观众{n}", "sex": "保密", "sign": "",
                   "official_verify": {"type": -1, "desc": ""}},
        "content": {"message": f"学会了{n}", "members": []}, "replies": None,
        "reply_control": {"location": "IP属地：上海", "time_desc": "1小时前发布"},
    } | more  # fmt: skip


def dynamic(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id_str": str(1_000_000_000_000_000_000 + n), "type": "DYNAMIC_TYPE_DRAW",
        "basic": {"comment_id_str": str(300_000_000 + n), "comment_type": 11},
        "modules": {
            "module_author": {"mid": 200_000_001, "name": "示例UP1", "face": "", "pub_ts": FIRST + n},
            "module_dynamic": {"desc": {"text": f"#咖啡# 打卡{n}", "rich_text_nodes": []},
                               "topic": {"id": 9001, "name": "咖啡"}},
            "module_stat": {"comment": {"count": 3}, "forward": {"count": 1}, "like": {"count": 20}},
        },
    } | more  # fmt: skip


def card(**more: Any) -> dict[str, Any]:
    return {
        "card": {"mid": "200000001", "name": "示例UP1", "sex": "女", "face": "", "fans": 3_200, "friend": 80,
                 "attention": 80, "sign": "只喝手冲", "official_verify": {"type": 0, "desc": ""}},
        "following": False, "archive_count": 41, "follower": 3_200, "like_num": 15_000,
    } | more  # fmt: skip


def fan(n: int) -> dict[str, Any]:
    return {"mid": 400_000_000 + n, "attribute": 0, "mtime": FIRST - 1_000 - n, "tag": None, "special": 0,
            "uname": f"示例粉丝{n}", "face": "", "sign": "", "official_verify": {"type": -1, "desc": ""}}  # fmt: skip


class Bili:
    """``fixed``: what a path answers instead. ``videos`` newest first, three a page."""

    size = 3

    def __init__(self, videos: list[Any] | None = None) -> None:
        self.videos = [video(n) for n in range(9, 0, -1)] if videos is None else videos
        self.comments: list[Any] = [comment(n) for n in range(2)]
        self.answers: dict[str, list[Any]] = {}
        self.cards: list[Any] = [dynamic(n) for n in range(5, 0, -1)]
        self.fixed: dict[str, Reply] = {}
        self.search: dict[str, Any] = {}
        self.slow = self.circle = False

    def __call__(self, asked: Asked) -> Reply:
        if asked.path in self.fixed:
            return self.fixed[asked.path]
        name = asked.path.removeprefix("/x/").replace("/", "_").replace("-", "_")
        found = getattr(self, name, None)
        return found(asked) if found else Reply({"code": -404, "message": "啥都木有", "ttl": 1})

    def frontend_finger_spi(self, asked: Asked) -> Reply:
        return Reply({"code": 0, "data": SPI, "message": "ok"})

    def web_interface_search_type(self, asked: Asked) -> Reply:
        if self.slow:
            return SILENCE
        if asked.one("search_type") == "bili_user":
            people = [{"type": "bili_user", "mid": 200_000_001, "uname": "示例UP1", "fans": 3_200}]
            return ok({"page": 1, "pagesize": 20, "numResults": 1, "numPages": 1, "result": people})
        page, rows = int(asked.one("page")), self.videos
        if asked.one("pubtime_begin_s"):
            begin, end = int(asked.one("pubtime_begin_s")), int(asked.one("pubtime_end_s"))
            rows = [row for row in rows if begin <= row["pubdate"] <= end]
        at = 0 if self.circle else (page - 1) * self.size
        head = {"page": page, "pagesize": 20, "numResults": len(rows), "numPages": -(-len(rows) // self.size)}
        if self.circle:
            head |= {"numPages": 50, "numResults": 1_000}
        found = rows[at : at + self.size]
        return ok(head | ({"result": found} if found else {}) | self.search)

    def web_interface_view(self, asked: Asked) -> Reply:
        return ok(view())

    def web_interface_view_detail_tag(self, asked: Asked) -> Reply:
        return ok([{"tag_id": 4567, "tag_name": "咖啡", "tag_type": "old_channel", "jump_url": ""}])

    def web_interface_card(self, asked: Asked) -> Reply:
        return ok(card())

    def web_interface_nav(self, asked: Asked) -> Reply:
        wbi = {"wbi_img": {"img_url": "https://i0.hdslb.com/x.png", "sub_url": "https://i0.hdslb.com/y.png"}}
        if "SESSDATA=mine" in asked.headers.get("cookie", ""):
            return ok({"isLogin": True, "uname": "示例本人", "mid": 500_000_001} | wbi)
        return Reply({"code": -101, "message": "账号未登录", "ttl": 1, "data": {"isLogin": False} | wbi})

    def v2_reply(self, asked: Asked) -> Reply:
        page, size = int(asked.one("pn")), 20
        guest = "SESSDATA" not in asked.headers.get("cookie", "")
        at = 0 if guest else (page - 1) * size  # a visitor is silently shown the first page again
        rows = self.comments[at : at + size]
        told = {"num": page, "size": size, "count": len(self.comments), "acount": len(self.comments)}
        hots = self.comments[:1] if page == 1 else []
        return ok({"page": told, "replies": rows or None, "hots": hots, "upper": {"mid": 200_000_001}})

    def v2_reply_reply(self, asked: Asked) -> Reply:
        rows, page = self.answers.get(asked.one("root"), []), int(asked.one("pn"))
        found = rows[(page - 1) * 20 : page * 20]
        told = {"num": page, "size": 20, "count": len(rows)}
        return ok({"page": told, "root": {"rpid": int(asked.one("root"))}, "replies": found, "upper": {"mid": 1}})

    def topic_pub_search(self, asked: Asked) -> Reply:
        items = [
            {"id": 9002, "name": "咖啡馆", "view": 5, "discuss": 1},
            {"id": 9001, "name": "咖啡", "view": 120_000, "discuss": 5, "stat_desc": "12万浏览·5讨论"},
        ]
        return ok({"has_create_jurisdiction": False, "topic_items": items, "page_info": {"has_more": False}})

    def topic_web_details_top(self, asked: Asked) -> Reply:
        return ok({"top_details": {"topic_item": {"id": 9001, "name": "咖啡", "view": 120_000, "discuss": 5}}})

    def topic_web_details_cards(self, asked: Asked) -> Reply:
        at = int(asked.one("offset") or 0)
        rows: list[Any] = [{"topic_type": "DYNAMIC", "dynamic_card_item": one} for one in self.cards[at : at + 2]]
        if at == 2:
            rows = self.cards[at : at + 2]  # the dynamic itself, without a frame
        more = at + 2 < len(self.cards)
        return ok({"topic_card_list": {"has_more": more, "offset": str(at + 2) if more else "", "items": rows}})

    def relation_followers(self, asked: Asked) -> Reply:
        if "SESSDATA=mine" not in asked.headers.get("cookie", ""):
            return Reply({"code": -101, "message": "账号未登录", "ttl": 1})
        page = int(asked.one("pn"))
        if page > 5:
            return Reply({"code": 22007, "message": "限制只访问前5页", "ttl": 1})
        return ok({"list": [fan(n) for n in range((page - 1) * 20, page * 20)], "total": 3_200})

    def relation_followings(self, asked: Asked) -> Reply:
        return ok({"list": [fan(n) for n in range(3)], "total": 3})

    def polymer_web_dynamic_v1_detail_reaction(self, asked: Asked) -> Reply:
        items = [{"action": "赞了", "mid": "200000005", "name": "示例用户", "face": "", "attend": 0, "desc": ""},
                 {"action": "转发了", "mid": "200000006", "name": "示例用户二"}]  # fmt: skip
        return ok({"has_more": False, "offset": "", "total": 2, "items": items})


def reposts(total: int, shown: int) -> Any:
    """What ``repost_detail`` answers: ``total`` told, ``shown`` given, two at a time."""

    def answer(asked: Asked) -> Reply:
        at = int(asked.one("offset") or 0)
        rows = [{
            "desc": {"dynamic_id_str": str(2_000_000_000_000_000_000 + n), "uid": 200_000_100 + n,
                     "timestamp": FIRST + 2_000 + n,
                     "user_profile": {"info": {"uid": 200_000_100 + n, "uname": f"示例转发者{n}"}}},
            "card": json.dumps({"item": {"content": f"转发动态{n} //@示例UP1"}}, ensure_ascii=False),
        } for n in range(at, min(at + 2, shown))]  # fmt: skip
        more = at + 2 < shown
        return Reply({"code": 0, "msg": "", "message": "", "data": {
            "has_more": int(more), "total": total, "offset": str(at + 2 if more else 0), "items": rows,
        }})  # fmt: skip

    return answer
