"""A small Mastodon on loopback for tests of logins: three invented posts; one token is good, all others are not."""

from __future__ import annotations

from typing import Any

from tests.servers.scripted import Asked, Reply

TOKEN = "pl4ntedT0ken-0123456789-abcdefXYZ"


def person(name: str) -> dict[str, Any]:
    return {
        "id": f"a-{name}", "username": name, "acct": name, "url": f"https://small.example/@{name}",
        "display_name": name, "note": "", "bot": False, "group": False,
        "followers_count": 3, "following_count": 8, "statuses_count": 12,
    }  # fmt: skip


def post(n: int) -> dict[str, Any]:
    return {
        "id": f"{n}", "uri": f"https://small.example/s/{n}", "url": f"https://small.example/@lin/{n}",
        "created_at": f"2026-11-20T02:0{n}:00.000Z", "visibility": "public", "language": "zh",
        "content": f"<p>第{n}条 #露营</p>", "in_reply_to_id": None, "reblog": None, "reblogs_count": 0,
        "favourites_count": 0, "replies_count": 0, "mentions": [], "media_attachments": [],
        "tags": [{"name": "露营"}], "account": person("lin"),
    }  # fmt: skip


class Small:
    """``fail``: every listing is answered with this status from now on. ``kind``: "" is another kind of server."""

    def __init__(self, kind: str = "mastodon") -> None:
        self.kind, self.fail = kind, 0

    def __call__(self, asked: Asked) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        path = asked.path
        if not self.kind:
            return Reply({"hello": "world"}, 404)
        if token not in ("", TOKEN):  # a server may repeat what it was sent
            return Reply({"error": f"The access token {token} is invalid"}, 401)
        if path == "/api/v2/instance":
            return Reply({"domain": "small.example", "configuration": {}})
        if path == "/api/v1/accounts/verify_credentials":
            return Reply(person("lin")) if token else Reply({"error": "This method requires authentication"}, 401)
        if self.fail:
            return Reply({"error": "down"}, self.fail)
        if path.startswith("/api/v1/timelines/tag/"):
            return Reply([post(n) for n in (3, 2, 1)])
        return Reply({"error": "Record not found"}, 404)
