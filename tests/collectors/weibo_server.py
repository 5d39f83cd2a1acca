"""A small m.weibo.cn on loopback, answering as the fact sheet says. All people and posts are invented."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.servers.scripted import Asked, Reply

COOKIE = "SUB=_2Aplanted0Secret0Cookie; XSRF-TOKEN=ab12cd"
END = {"ok": 0, "msg": "这里还没有内容", "data": {"cards": []}}
LOGIN = {"ok": -100, "errno": "100005", "msg": "", "url": "https://passport.weibo.com/sso/signin?entry=wapsso&url=x"}
PLACE = "100808" + "a1" * 16
TAG = (
    '<a href="https://m.weibo.cn/search?containerid=231522type%3D1%26t%3D10%26q%3D%23%E5%92%96%E5%95%A1%23"'
    ' data-hide="">'
    '<span class="surl-text">#咖啡#</span></a>'
)
SMILE = '<span class="url-icon"><img alt=[偷笑] src="https://h5.sinaimg.cn/m/a.png" style="width:1em" /></span>'


def user(n: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 1700000000 + n, "screen_name": f"示例用户{n}", "profile_image_url": "https://tvax1.sinaimg.cn/x.jpg",
        "profile_url": f"https://m.weibo.cn/u/{1700000000 + n}?uid={1700000000 + n}&luicode=1", "statuses_count": 88,
        "verified": False, "verified_type": -1, "close_blue_v": False, "description": "喜欢咖啡", "gender": "f",
        "mbtype": 0, "urank": 9, "follow_me": False, "following": False, "followers_count": "1.2万",
        "followers_count_str": "1.2万", "follow_count": 120,
    } | more  # fmt: skip


def mid(n: int) -> str:
    return str(5230000000000000 + n)


def mblog(n: int, **more: Any) -> dict[str, Any]:
    text = f"{TAG} 第{n}条 <a href='/n/示例用户9'>@示例用户9</a>真好{SMILE}\u200b"
    return {
        "created_at": f"Fri Nov 20 21:{59 - n % 60:02d}:00 +0800 2026", "id": mid(n), "mid": mid(n),
        "bid": f"Qx1AbC{n % 1000:03d}", "text": text, "textLength": 30, "source": "示例手机",
        "pic_num": 1, "pic_ids": ["000aaa"], "pics": [{"pid": "000aaa", "url": "https://wx1.sinaimg.cn/orj360/000aaa.jpg"}],
        "user": user(n % 3), "reposts_count": 2, "comments_count": 5, "attitudes_count": "1.1万", "isLongText": False,
        "visible": {"type": 0, "list_id": 0}, "region_name": "发布于 上海", "mblogtype": 0,
    } | more  # fmt: skip


def card(post: Any, **more: Any) -> dict[str, Any]:
    return {"card_type": 9, "itemid": "seqid:1", "scheme": "https://m.weibo.cn/status/x", "mblog": post} | more


def comment(n: int, **more: Any) -> dict[str, Any]:
    return {
        "created_at": f"Fri Nov 20 22:{n % 60:02d}:00 +0800 2026", "id": mid(1000 + n), "mid": mid(1000 + n),
        "rootid": mid(1000 + n), "rootidstr": mid(1000 + n), "floor_number": n, "source": "来自江苏",
        "text": f"想去{n}！{SMILE}", "disable_reply": 0, "user": user(3 + n % 4), "bid": "Qx1Com001", "comments": False,
        "max_id": 0, "total_number": 0, "like_count": 12,
    } | more  # fmt: skip


def of_post(row: dict[str, Any], post: str) -> dict[str, Any]:
    """The same comment under another post: other numbers."""
    shift = (int(post) - int(mid(0))) * 10_000
    found = {**row}
    for name in ("id", "mid", "rootid", "rootidstr"):
        if isinstance(row.get(name), str) and row[name].isdigit():
            found[name] = str(int(row[name]) + shift)
    if isinstance(row.get("comments"), list):
        found["comments"] = [of_post(one, post) for one in row["comments"]]
    return found


class MobileSite:
    """Three posts a page, newest first. ``special``: answers for paths that match, tried first (a Reply, or a function
    of the request that may return None)."""

    def __init__(self, posts: list[Any] | None = None, size: int = 3) -> None:
        self.posts = [mblog(n) for n in range(1, 10)] if posts is None else posts
        self.size, self.login = size, True
        self.special: dict[str, Reply | Callable[[Asked], Reply | None]] = {}
        self.comments = [comment(n) for n in range(1, 6)]
        self.children = [comment(50 + n, rootid=mid(1001), rootidstr=mid(1001)) for n in range(4)]
        self.comments[0] |= {"comments": self.children[:2], "total_number": 4}
        self.fans = [user(20 + n) for n in range(5)]
        self.long: dict[str, str] = {}
        self.page_title = "咖啡"

    def __call__(self, asked: Asked) -> Reply:
        for pattern, reply in self.special.items():
            if re.search(pattern, asked.path):
                found = reply(asked) if callable(reply) else reply
                if found is not None:
                    return found
        assert asked.headers["cookie"] == COOKIE
        assert asked.headers["mweibo-pwa"] == "1"
        name = asked.path.rpartition("/")[2]
        return Reply(getattr(self, f"on_{name}", self.unknown)(asked))

    def unknown(self, asked: Asked) -> Any:
        raise AssertionError(f"asked for {asked.path}")

    def on_config(self, asked: Asked) -> Any:
        return {
            "preferQuickapp": 0,
            "data": {"login": self.login, "st": "ab12cd", "uid": "1700000099" if self.login else ""},
            "ok": 1,
        }

    def on_getIndex(self, asked: Asked) -> Any:
        container = asked.one("containerid")
        for start, answer in {
            "100103type=61&q=": self.search, "100103type=3&q=": self.people, "100103type=38&q=": self.places,
            "100505": self.profile, "230283": self.details, "107603": self.timeline, "100808": self.supertopic,
            "231051_-_": self.following,
        }.items():  # fmt: skip
            if container.startswith(start):
                return answer(asked, container)
        raise AssertionError(container)

    def search(self, asked: Asked, container: str) -> Any:
        assert asked.one("page_type") == "searchall"
        page = int(asked.one("page"))
        found = self.posts[(page - 1) * self.size : page * self.size]
        if not found:
            return END
        more = page * self.size < len(self.posts)
        info = {"containerid": container, "v_p": 42, "total": 312, "page": page + 1 if more else None}
        group = {"card_type": 11, "show_type": 1, "card_group": [card(one) for one in found]}
        return {"ok": 1, "data": {"cardlistInfo": info, "cards": [{"card_type": 4, "desc": "相关"}, group]}}

    def people(self, asked: Asked, container: str) -> Any:
        cards = [{"card_type": 10, "user": user(n)} for n in range(8)]
        return {"ok": 1, "data": {"cards": [{"card_type": 11, "card_group": cards}]}}

    def places(self, asked: Asked, container: str) -> Any:
        cards = [{"card_type": 8, "title_sub": "咖啡超话", "scheme": f"https://m.weibo.cn/p/index?containerid={PLACE}"}]
        return {"ok": 1, "data": {"cards": [{"card_type": 11, "card_group": cards}]}}

    def profile(self, asked: Asked, container: str) -> Any:
        n = int(container[6:]) - 1700000000
        tabs = [{"id": 2, "tabKey": "weibo", "tab_type": "weibo", "containerid": f"107603{container[6:]}"}]
        return {"ok": 1, "data": {"userInfo": user(n), "tabsInfo": {"selectedTab": 1, "tabs": tabs}}}

    def details(self, asked: Asked, container: str) -> Any:
        facts = {"所在地": "江苏", "IP属地": "上海", "生日": "1990-01-01"}
        group = [{"card_type": 41, "item_name": k, "item_content": v} for k, v in facts.items()]
        return {"ok": 1, "data": {"cards": [{"card_type": 11, "card_group": group}]}}

    def timeline(self, asked: Asked, container: str) -> Any:
        at = int(asked.one("since_id", "0"))
        info: dict[str, Any] = {"containerid": container, "total": len(self.posts)}
        if at + self.size < len(self.posts):
            info["since_id"] = at + self.size
        return {
            "ok": 1,
            "data": {"cardlistInfo": info, "cards": [card(one) for one in self.posts[at : at + self.size]]},
        }

    def supertopic(self, asked: Asked, container: str) -> Any:
        assert container == f"{PLACE}_-_sort_time"
        assert asked.one("lfid") == f"{PLACE}_-_main"
        at = int(asked.one("since_id", "0"))
        info: dict[str, Any] = {
            "containerid": container,
            "page_title": self.page_title,
            "page_type_name": "超话",
            "total": 1200,
        }
        if at + self.size < len(self.posts):
            info["since_id"] = str(at + self.size)
        group = [card(one, card_type="9") for one in self.posts[at : at + self.size]]
        return {"ok": 1, "data": {"pageInfo": info, "cards": [{"card_type": "11", "card_group": group}]}}

    def following(self, asked: Asked, container: str) -> Any:
        name = "since_id" if "_-_fans_-_" in container else "page"
        page = int(asked.one(name, "1"))
        found = self.fans[(page - 1) * 2 : page * 2]
        if not found:
            return END
        suggested = {"card_type": 11, "card_group": [{"card_type": 10, "user": user(77)}]}
        group = {"card_type": 11, "card_group": [{"card_type": 10, "user": one, "desc2": "粉丝：12"} for one in found]}
        return {"ok": 1, "data": {"cardlistInfo": {"total": 10, "since_id": page + 1}, "cards": [suggested, group]}}

    def on_show(self, asked: Asked) -> Any:
        if asked.path == "/statuses/show":
            found = next((one for one in self.posts if one["id"] == asked.one("id")), None)
            return {"ok": 1, "data": found} if found else {"ok": 0, "msg": "微博不存在或暂无查看权限!"}
        if asked.path == "/api/attitudes/show":
            page = int(asked.one("page"))
            rows = [{"id": 9000 + n, "created_at": "11-20", "source": "", "user": user(30 + n)} for n in range(3)]
            found = rows[(page - 1) * 2 : page * 2]
            return {"ok": 1, "data": {"data": found, "total_number": 17, "max": 2}} if found else {"ok": 0}
        page = int(asked.one("page"))
        rows = [
            {"id": int(of_post(c, asked.one("id"))["id"]), "created_at": "11-20", "source": "来自江苏"}
            | {"user": c["user"], "text": c["text"], "like_counts": 12, "liked": False}
            | {"reply_id": 5230000000001000, "reply_text": "哪家店？"}
            for c in self.comments
        ]
        data = {"total_number": 80, "max": 2, "data": rows[(page - 1) * 3 : page * 3]}
        return {"ok": 1, "msg": "数据获取成功", "data": data}

    def on_extend(self, asked: Asked) -> Any:
        text = self.long[asked.one("id")]
        counts = {"reposts_count": 2, "comments_count": 5, "attitudes_count": 11234}
        return {"ok": 1, "data": {"ok": 1, "longTextContent": text, **counts}}

    def on_hotflow(self, asked: Asked) -> Any:
        assert asked.one("id") == asked.one("mid")
        start = int(asked.one("max_id", "0")) % 1000
        assert asked.one("max_id_type") == ("1" if start else "0"), "both cursors go back as they came"
        more = start + 2 < len(self.comments)
        return {"ok": 1, "data": {
            "data": [of_post(c, asked.one("id")) for c in self.comments[start : start + 2]], "total_number": 9,
            "max_id": 139050000000000 + start + 2 if more else 0, "max_id_type": 1 if more else 0,
        }}  # fmt: skip

    def on_hotFlowChild(self, asked: Asked) -> Any:
        shift = (int(asked.one("cid")) - int(mid(1001))) // 10_000
        rows = [of_post(c, mid(shift)) for c in self.children]
        return {"ok": 1, "data": rows, "total_number": 4, "max": 1, "max_id": 0, "max_id_type": 0, "rootComment": []}

    def on_repostTimeline(self, asked: Asked) -> Any:
        page, of = int(asked.one("page")), asked.one("id")
        words = {"text": "说得好//<a href='/n/示例用户9'>@示例用户9</a>:同意", "raw_text": "说得好//@示例用户9:同意"}
        first = 200 + 10 * (int(of) - int(mid(0)))
        rows = [mblog(first + n, user=user(10 + n), retweeted_status={"id": of}, **words) for n in range(3)]
        return {
            "ok": 1,
            "data": {"data": rows[(page - 1) * 2 : page * 2], "total_number": 3, "hot_total_number": 0, "max": 2},
        }
