# ruff: noqa: E501 - a source played whole, its answers as they stand on the sheet
"""A Weibo of invented people for the blind check, written from the fact sheets alone: plays m.weibo.cn and api.weibo.com
with every variety of types that the sheets name."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from collectors.testing import Asked, Reply

COOKIE = "SUB=_2Ablindsecret0001; SUBP=0033Wblind; XSRF-TOKEN=blind1"
HEX = "100808" + "0123456789abcdef" * 2
UID = 1710000001
MID = 5230000000000101


def user(n: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": 1710000000 + n, "screen_name": name, "profile_url": f"https://m.weibo.cn/u/{1710000000 + n}"} | more


ANNA = user(
    1, "苔痕阿暖", gender="f", followers_count="1.2万", followers_count_str="1.2万", follow_count=120,
    statuses_count=88, verified=False, verified_type=-1, description="爱喝咖啡",
)  # fmt: skip
BO = user(2, "青柠阿博", gender="m", followers_count="100万+", follow_count="88", verified=True, verified_type=0)
SHOP = user(3, "云脚咖啡馆", gender="m", followers_count=3456, verified=True, verified_type=2)
DENG = user(4, "灯下小登") | {"id": "1710000004"}
OLD = user(5, "旧巷阿久", gender="f", followers_count="63.4万")


def topic(word: str) -> str:
    return (
        f'<a href="https://m.weibo.cn/search?containerid=231522type%3D1%26t%3D10%26q%3D%23{quote(word)}%23" data-hide="">'
        f'<span class="surl-text">#{word}#</span></a>'
    )


def at(name: str) -> str:
    return f"<a href='/n/{name}'>@{name}</a>"


SMILE = (
    '<span class="url-icon"><img alt=[偷笑] src="https://h5.sinaimg.cn/m/emoticon/icon/a.png" '
    'style="width:1em; height:1em;" /></span>'
)
CUT = f'{topic("咖啡")} 新店打卡 {at("青柠阿博")}{SMILE}\u200b ...<a href="/status/{MID}">全文</a>'
FULL = f"{topic('咖啡')} 新店打卡 {at('青柠阿博')}{SMILE}<br />第二行在这里，{topic('手冲')}也有\u200b"
ORIGIN = {
    "id": "5220000000000900", "mid": "5220000000000900", "bid": "QwOrig001", "text": "原来的那条",
    "created_at": "Thu Nov 19 08:00:00 +0800 2026", "user": SHOP,
    "reposts_count": 9, "comments_count": 1, "attitudes_count": 0,
}  # fmt: skip


def blog(n: int, who: Any, text: str, at_: str, **more: Any) -> dict[str, Any]:
    mid = str(5230000000000100 + n)
    return {
        "id": mid, "mid": mid, "bid": f"QxBlind{n:02}", "text": text, "created_at": at_, "user": who,
        "reposts_count": 0, "comments_count": 0, "attitudes_count": 0, "source": "示例手机", "mblogtype": 0,
        "visible": {"type": 0, "list_id": 0}, "isLongText": False, "pic_num": 0,
    } | more  # fmt: skip


BLOGS = {
    1: blog(1, ANNA, CUT, "Fri Nov 20 21:30:00 +0800 2026", reposts_count=2, comments_count="6", attitudes_count="1.1万",
            isLongText=True, region_name="发布于 上海", pic_ids=["000aaa"], pic_num=1,
            pics=[{"pid": "000aaa", "url": "https://wx1.sinaimg.cn/orj360/000aaa.jpg"}]),
    2: blog(2, BO, "五分钟前说的", "5分钟前", reposts_count="123", attitudes_count="100万+", bid=""),
    3: blog(3, DENG, f"说得好//{at('青柠阿博')}:同意", "Fri Nov 20 20:00:00 +0800 2026",
            raw_text="说得好//@青柠阿博:同意", retweeted_status=ORIGIN, region_name="发布于 江苏"),
    4: blog(4, BO, "转发微博", "Fri Nov 20 19:00:00 +0800 2026", raw_text="转发微博",
            retweeted_status={"id": "5220000000000901", "text": "抱歉，此微博已被作者删除。", "user": None}),
    5: blog(5, SHOP, f"{topic('咖啡')}{topic('咖啡')} 周五见", "2026年11月20日 18:00",
            pics={"0": {"pid": "p0", "url": "https://wx1.sinaimg.cn/orj360/p0.jpg"}}, pic_num=1),
    6: blog(6, OLD, f'<a href="https://m.weibo.cn/p/index?containerid={HEX}"><span class="surl-text">咖啡超话</span></a> 来打卡',
            "2026-11-20 17:00:01", attitudes_count="1.3亿"),
    7: blog(7, OLD, '看 <a href="https://weibo.cn/sinaurl?u=https%3A%2F%2Fexample.invalid%2Fx">网页链接</a>', "11-19 16:00"),
    8: blog(8, ANNA, "两级里面的一条", "Fri Nov 20 15:00:00 +0800 2026"),
}  # fmt: skip
for _name in ("reposts_count", "comments_count", "attitudes_count"):
    del BLOGS[7][_name]
BLOGS[8]["id"] = int(BLOGS[8]["id"])
BLOGS[8].pop("mid")


def card(n: int, kind: Any = 9) -> dict[str, Any]:
    return {"card_type": kind, "itemid": f"seqid:{n}", "mblog": BLOGS[n]}


SEARCH = {
    1: [
        {"card_type": 4, "desc": "实时热点"},
        {"card_type": 11, "show_type": 1, "card_group": [card(1), {"card_type": 42, "desc": "相关"}, card(2)]},
        card(3),
    ],
    2: [
        {"card_type": "11", "card_group": [card(4, "9"), {"card_type": "11", "card_group": [card(8, "9")]}]},
        card(5, "9"),
    ],
    3: [card(1), card(6), card(7, "9")],
}

MINE = {  # pinned and oldest first, as the sheet warns
    "": ([blog(51, ANNA, "置顶的老微博", "Thu Jan 01 10:00:00 +0800 2026", mblogtype=2, title={"text": "置顶"}),
          blog(52, ANNA, "第一条", "Fri Nov 20 12:00:00 +0800 2026"),
          blog(53, ANNA, "第二条", "Thu Nov 19 12:00:00 +0800 2026")], 5229000000000009),
    "5229000000000009": ([blog(54, ANNA, "第三条", "Wed Nov 18 12:00:00 +0800 2026")], "5228000000000009"),
    "5228000000000009": ([blog(55, ANNA, "太早的", "Fri Oct 02 12:00:00 +0800 2026")], None),
}  # fmt: skip

SUPER = {
    "": ([blog(71, BO, "超话一", "Fri Nov 20 12:00:00 +0800 2026"),
          blog(72, OLD, "超话二", "10分钟前")], "5229000000000019"),
    "5229000000000019": ([blog(73, DENG, "超话三", "Fri Nov 20 11:00:00 +0800 2026")], None),
}  # fmt: skip


def said(n: int, who: Any, text: str, when: str, **more: Any) -> dict[str, Any]:
    cid = str(5230000000001000 + n)
    return {
        "id": cid, "mid": cid, "rootid": cid, "rootidstr": cid, "floor_number": n, "text": text, "created_at": when,
        "user": who, "like_count": 0, "total_number": 0, "comments": False, "max_id": 0, "disable_reply": 0,
    } | more  # fmt: skip


def child(n: int, root: int, who: Any, text: str, when: str, **more: Any) -> dict[str, Any]:
    top = str(5230000000001000 + root)
    one = said(n, who, text, when, rootid=top, rootidstr=top, **more)
    return {k: v for k, v in one.items() if k not in {"comments", "total_number", "max_id"}}


KIDS = [
    child(11, 1, ANNA, "一起", "Fri Nov 20 22:05:00 +0800 2026", source="来自上海"),
    child(12, 1, BO, f"回复{at('苔痕阿暖')}:带上我", "Fri Nov 20 22:06:00 +0800 2026", reply_id="5230000000001011", like_count="3"),
    child(13, 1, OLD, "我也要", "Fri Nov 20 22:07:00 +0800 2026"),
]  # fmt: skip
FLOW: dict[tuple[str, str], tuple[list[Any], Any, int]] = {
    ("0", "0"): (
        [said(1, BO, f"想去！{SMILE}", "Fri Nov 20 22:00:00 +0800 2026", source="来自江苏", like_count="1.2万",
              comments=[KIDS[0]], total_number=3),
         said(2, DENG, "在哪", "Fri Nov 20 22:01:00 +0800 2026")], 139050000000000, 0),
    ("139050000000000", "0"): ([said(3, OLD, "路过", "Fri Nov 20 22:02:00 +0800 2026", like_count=4)], 138000000000000, 1),
    ("138000000000000", "1"): ([said(4, ANNA, "谢谢大家", "Fri Nov 20 22:03:00 +0800 2026")], 0, 1),
}  # fmt: skip
REPOSTS = {
    "1": [{"id": "5230000000002001", "mid": "5230000000002001", "bid": "QxRep001", "text": "好店", "raw_text": "好店",
           "created_at": "Fri Nov 20 23:00:00 +0800 2026", "user": BO, "attitudes_count": 0,
           "retweeted_status": {"id": str(MID)}}],
    "2": [{"id": "5230000000002002", "mid": "5230000000002002", "bid": "QxRep002", "user": DENG,
           "text": f"同意//{at('青柠阿博')}:好店", "raw_text": "同意//@青柠阿博:好店",
           "created_at": "Fri Nov 20 23:10:00 +0800 2026", "attitudes_count": "2"}],
}  # fmt: skip
LIKES = {"1": [(3001, SHOP), (3002, OLD)], "2": [(3003, BO)]}
FANS = {"": [BO, DENG], "2": [OLD]}


def ok(data: Any, **more: Any) -> Reply:
    return Reply({"ok": 1, "data": data} | more)


class Mobile:
    """``wrong``: path → the reply to give instead; ``end_by_ok0``: the search ends with the reply that looks like an error."""

    def __init__(self, wrong: dict[str, Reply] | None = None, end_by_ok0: bool = False) -> None:
        self.wrong, self.end_by_ok0 = wrong or {}, end_by_ok0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return Reply(b"", 404)
        if asked.path in self.wrong:
            return self.wrong[asked.path]
        if "SUB=_2Ablindsecret0001" not in asked.headers.get("cookie", ""):
            return Reply({"ok": -100, "errno": "100005", "msg": "", "url": "https://passport.weibo.com/sso/signin?x=1"})
        make = {
            "/api/config": self.config, "/api/container/getIndex": self.index, "/statuses/show": self.show,
            "/statuses/extend": self.extend, "/comments/hotflow": self.flow, "/comments/hotFlowChild": self.kids,
            "/api/statuses/repostTimeline": self.reposts, "/api/attitudes/show": self.likes,
            "/api/comments/show": self.old_comments,
        }.get(asked.path)  # fmt: skip
        return make(asked) if make else Reply(b"<html>not here</html>", 404, {"Content-Type": "text/html"})

    def config(self, asked: Asked) -> Reply:
        return ok({"login": True, "st": "ab12cd", "uid": "1799999999"}, preferQuickapp=0)

    def index(self, asked: Asked) -> Reply:
        container = asked.one("containerid")
        if found := re.fullmatch(r"100103type=(\d+)&q=(.*?)(&.*)?", container):
            return self.search(found[1], found[2], int(asked.one("page") or 1))
        if container == f"107603{UID}":
            rows, since = MINE[asked.one("since_id")]
            more = {} if since is None else {"since_id": since}
            cards = [{"card_type": 9, "mblog": one} for one in rows]
            if not asked.one("since_id"):
                cards[0]["profile_type_id"] = "proweibotop_"
            return ok({"cardlistInfo": {"containerid": container, "total": 5, **more}, "cards": cards})
        if container.startswith(HEX):
            rows, since = SUPER[asked.one("since_id")]
            info = {"containerid": container, "page_title": "咖啡", "page_type_name": "超话", "total": 1200}
            group = {"card_type": "11", "card_group": [{"card_type": "9", "mblog": one} for one in rows]}
            return ok({"pageInfo": info | ({"since_id": since} if since else {}), "cards": [{"card_type": "4"}, group]})
        if "_-_fans_-_" in container or "_-_followers_-_" in container:
            turn = asked.one("since_id") or asked.one("page")
            rows = FANS.get("" if turn in {"", "0", "1"} else turn, [])
            info = {"total": 3} | ({"since_id": 2} if turn in {"", "0", "1"} else {})
            group = [{"card_type": 10, "user": one, "desc1": "", "desc2": "粉丝：12"} for one in rows]
            return ok({"cardlistInfo": info, "cards": [{"card_type": 11, "card_group": group}] if rows else []})
        if container.startswith("230283"):
            rows = [("所在地", "上海 黄浦区"), ("IP属地", "上海"), ("注册时间", "2015-01-05")]
            group = [{"card_type": 41, "item_name": a, "item_content": b} for a, b in rows]
            return ok({"cards": [{"card_type": 11, "card_group": group}]})
        if asked.one("value") == str(UID) or container == f"100505{UID}":
            tabs = [{"id": 2, "tabKey": "weibo", "title": "微博", "tab_type": "weibo", "containerid": f"107603{UID}"}]
            return ok({"isVideoCoverStyle": 1, "userInfo": ANNA, "tabsInfo": {"selectedTab": 1, "tabs": tabs}})
        return Reply({"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}})

    def search(self, kind: str, word: str, page: int) -> Reply:
        if kind == "3":
            group = [{"card_type": 10, "user": one} for one in (BO, ANNA)]
            return ok({"cardlistInfo": {"page": None}, "cards": [{"card_type": 11, "card_group": group}]})
        if word.strip("#") != "咖啡" or page not in SEARCH:
            return Reply({"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}})
        after = page + 1 if page < 3 or self.end_by_ok0 else None
        info = {"containerid": f"100103type={kind}&q={word}", "v_p": 42, "total": 312, "page": after}
        return ok({"cardlistInfo": info, "cards": SEARCH[page]})

    def show(self, asked: Asked) -> Reply:
        if asked.one("id") in {str(MID), "QxBlind01"}:
            one = BLOGS[1] | {"text": FULL, "longText": {"longTextContent": FULL}}
            return ok(one)
        return Reply({"ok": 0, "msg": "微博不存在或暂无查看权限!"})

    def extend(self, asked: Asked) -> Reply:
        if asked.one("id") != str(MID):
            return Reply({"ok": 0, "msg": "没有"})
        return ok({"ok": 1, "longTextContent": FULL, "reposts_count": 2, "comments_count": 6, "attitudes_count": 11000})

    def flow(self, asked: Asked) -> Reply:
        turn = (asked.one("max_id") or "0", asked.one("max_id_type") or "0")
        if turn not in FLOW:
            turn = ("0", "0")  # as the site does when max_id_type is not fed back: again from the start
        rows, after, kind = FLOW[turn]
        return ok({"data": rows, "total_number": 7, "max_id": after, "max_id_type": kind})

    def kids(self, asked: Asked) -> Reply:
        if asked.one("cid") != "5230000000001001":
            return Reply({"ok": 1, "data": [], "total_number": 0, "max": 1, "max_id": 0, "max_id_type": 0})
        first = asked.one("max_id") in {"", "0"}
        rows = KIDS[:2] if first else KIDS[2:]
        more = {"total_number": 3, "max": 2, "max_id": 777 if first else 0, "max_id_type": 0, "rootComment": []}
        return Reply({"ok": 1, "data": rows} | more)

    def reposts(self, asked: Asked) -> Reply:
        rows = REPOSTS.get(asked.one("page") or "1", [])
        return ok({"data": rows, "total_number": 2, "hot_total_number": 0, "max": 2})

    def likes(self, asked: Asked) -> Reply:
        rows = LIKES.get(asked.one("page") or "1")
        if rows is None:
            return Reply({"ok": 0, "msg": "还没有人赞哦"})
        data = [{"id": 5230000000000000 + n, "created_at": "11-20", "source": "", "user": who} for n, who in rows]
        return ok({"data": data, "total_number": 17, "max": 2})

    def old_comments(self, asked: Asked) -> Reply:
        if (asked.one("page") or "1") != "1":
            return ok({"total_number": 2, "max": 1, "data": []})
        rows = [
            {"id": 5230000000001001, "created_at": "Fri Nov 20 22:00:00 +0800 2026", "source": "来自江苏", "user": BO,
             "text": "想去！", "like_counts": 12, "liked": False},
            {"id": 5230000000001005, "created_at": "2026-11-20 22:04:00", "source": "来自", "user": OLD, "liked": False,
             "text": f"回复{at('青柠阿博')}:哪家", "reply_id": 5230000000001001, "reply_text": "想去！", "like_counts": "1.2万"},
        ]  # fmt: skip
        return ok({"total_number": 2, "max": 1, "data": rows})


# --- open platform ---------------------------------------------------------------------------------
TOKEN = "2.00BlindSecretToken"


def open_user(n: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": 1710000000 + n, "idstr": str(1710000000 + n), "screen_name": name, "name": name} | more


ME = open_user(1, "苔痕阿暖", gender="f", location="上海 黄浦区", province="31", city="1", followers_count=321,
               friends_count=120, statuses_count=88, description="", verified=False, verified_type=-1)  # fmt: skip
YI = open_user(2, "青柠阿博", gender="m", followers_count=12)
NO = open_user(6, "无名阿吾", gender="n")
STATUSES = [
    {"created_at": "Fri Nov 20 09:30:00 +0800 2026", "id": 5230000000000201, "mid": "5230000000000201",
     "idstr": "5230000000000201", "text": "#试吃# 今天新品 @云脚咖啡馆 真好", "user": ME, "geo": None,
     "source": '<a href="http://app.weibo.com/t/feed/abc" rel="nofollow">示例客户端</a>',
     "reposts_count": 2, "comments_count": 5, "attitudes_count": 17},
    {"created_at": "Thu Nov 19 09:30:00 +0800 2026", "id": 5230000000000200, "idstr": "5230000000000200", "mid": "5230000000000200",
     "text": "转发微博", "user": ME, "retweeted_status": {"idstr": "5220000000000900", "id": 5220000000000900,
     "text": "原来", "created_at": "Thu Nov 19 08:00:00 +0800 2026", "user": YI}, "reposts_count": 0},
    {"created_at": "Wed Nov 18 09:30:00 +0800 2026", "id": 5230000000000199, "idstr": "5230000000000199", "mid": "5230000000000199",
     "text": "看这个", "user": ME, "retweeted_status": {"idstr": "5220000000000901", "id": 5220000000000901, "deleted": "1",
     "text": "此微博已被作者删除。"}, "comments_count": 0},
]  # fmt: skip
COMMENTS = [
    {"created_at": "Fri Nov 20 10:02:00 +0800 2026", "id": 5230000000001201, "rootid": 5230000000001201, "floor_number": 1,
     "text": "好吃吗？", "user": YI, "mid": "5230000000001201", "idstr": "5230000000001201",
     "status": {"idstr": "5230000000000201"}},
    {"created_at": "Fri Nov 20 10:03:00 +0800 2026", "id": 5230000000001202, "rootid": 5230000000001201, "floor_number": 2,
     "text": "回复@青柠阿博:好吃", "user": ME, "idstr": "5230000000001202", "status": {"idstr": "5230000000000201"},
     "reply_comment": {"id": 5230000000001201, "idstr": "5230000000001201", "user": YI, "text": "好吃吗？"}},
]  # fmt: skip


class Open:
    def __init__(self, wrong: dict[str, Reply] | None = None) -> None:
        self.wrong = wrong or {}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path in self.wrong:
            return self.wrong[asked.path]
        if TOKEN not in json.dumps([asked.query, dict(asked.headers)]):
            return Reply({"error_code": 21301, "error": "auth by Null spi!"}, 403)
        name = asked.path.removeprefix("/2/").removesuffix(".json")
        make = getattr(self, name.replace("/", "_"), None)
        return make(asked) if make else Reply({"error_code": "10020", "error": "api not found!"}, 404)

    def account_get_uid(self, asked: Asked) -> Reply:
        return Reply({"uid": 1710000001})

    def account_rate_limit_status(self, asked: Asked) -> Reply:
        return Reply({"remaining_user_hits": 90, "user_limit": 100})

    def users_show(self, asked: Asked) -> Reply:
        if asked.one("uid") in {"", "1710000001"} and asked.one("screen_name") in {"", "苔痕阿暖"}:
            return Reply(ME)
        return Reply({"request": "/2/users/show.json", "error_code": "20003", "error": "User does not exists!"}, 400)

    def _cut(self, rows: list[Any], key: str, asked: Asked, total: int) -> Reply:
        """Two a page; by ``max_id`` (inclusive) and by ``page``; a page has fewer rows than were asked for."""
        most = int(asked.one("max_id") or 0)
        left = [one for one in rows if not most or one["id"] <= most]
        start = 2 * (int(asked.one("page") or 1) - 1)
        shown = left[start : start + 2]
        after = left[start + 2]["id"] if len(left) > start + 2 else 0
        return Reply(
            {key: shown, "previous_cursor": 0, "next_cursor": after, "total_number": total, "hasvisible": False}
        )

    def statuses_user_timeline(self, asked: Asked) -> Reply:
        return self._cut(STATUSES, "statuses", asked, 81)

    def statuses_show(self, asked: Asked) -> Reply:
        for one in STATUSES:
            if one["idstr"] == asked.one("id"):
                return Reply(one)
        no = {"request": "/2/statuses/show.json", "error_code": "20101", "error": "target weibo does not exist!"}
        return Reply(no, 400)

    def comments_show(self, asked: Asked) -> Reply:
        return self._cut(sorted(COMMENTS, key=lambda c: -c["id"]), "comments", asked, 5)

    def statuses_repost_timeline(self, asked: Asked) -> Reply:
        rows = [{"created_at": "Fri Nov 20 11:00:00 +0800 2026", "id": 5230000000002201, "idstr": "5230000000002201",
                 "mid": "5230000000002201", "text": "转发微博", "user": NO, "retweeted_status": {"idstr": "5230000000000201"}}]  # fmt: skip
        return self._cut(rows, "reposts", asked, 2)

    def friendships_followers(self, asked: Asked) -> Reply:
        pages = {"": ([YI], 5), "0": ([YI], 5), "5": ([], 9), "9": ([NO], 0)}
        rows, after = pages[asked.one("cursor")]
        return Reply({"users": rows, "next_cursor": after, "previous_cursor": 0, "total_number": 321})

    friendships_friends = friendships_followers
