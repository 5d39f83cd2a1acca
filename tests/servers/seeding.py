"""Seed any server that speaks the Mastodon API, through that API, and say what a collector must find."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Truth:
    """What was written. People by user name, posts by the server's id; ``uris``: id to uri."""

    users: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    uris: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, str, str]] = field(default_factory=list)  # id, by, tag
    texts: dict[str, str] = field(default_factory=dict)
    follows: set[tuple[str, str]] = field(default_factory=set)
    likes: set[tuple[str, str]] = field(default_factory=set)  # who, post id
    boosts: set[tuple[str, str]] = field(default_factory=set)
    replies: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # id: parent, root, by
    refused: int = 0

    def tagged(self, tag: str) -> set[str]:
        return {self.uris[i] for i, _, t in self.posts if t == tag}


class Api:
    """The write side, which the product does not have."""

    def __init__(self, base: str) -> None:
        self.base, self.refused = base.rstrip("/"), 0

    def __call__(self, method: str, path: str, token: str = "", body: Any = None, *, soft: bool = False) -> Any:
        data = json.dumps(body).encode() if body is not None else (b"" if method == "POST" else None)
        request = urllib.request.Request(self.base + path, data, method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if soft:  # such as a server that refuses to like a post it does not know yet
                self.refused += 1
                return None
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from None


def mock_users(api: Api, count: int) -> dict[str, str]:
    """mastodon-mock makes users and tokens itself."""
    made = {}
    for i in range(count):
        name = f"u{i:03d}"
        body = {"username": name, "display_name": f"用户{i:03d}"}
        made[name] = api("POST", "/api/v1/_mock/dev_user", body=body)["access_token"]
    return made


def seed(
    base: str, tokens: dict[str, str], *, posts: int, tags: list[str], follows: int = 4, resolve: bool = False,
    settle: float = 0.0, threads: bool = True,
) -> Truth:  # fmt: skip
    """Write posts with tags, three-deep replies, likes, boosts and a follow graph. ``settle``: seconds to let a
    server that works off a queue catch up; ``resolve``: look local accounts up once (snac)."""
    api, chance = Api(base), random.Random(7)
    truth = Truth(users=list(tokens), tokens=tokens)
    for name, token in tokens.items():
        truth.ids[name] = api("GET", "/api/v1/accounts/verify_credentials", token)["id"]
    if resolve:
        for name in tokens:
            api("GET", "/api/v1/accounts/lookup?acct=" + name, tokens[truth.users[0]])
    people = truth.users
    for i, name in enumerate(people):
        for j in sorted({0, *chance.sample(range(len(people)), min(follows, len(people)))}):
            if i != j:
                api("POST", f"/api/v1/accounts/{truth.ids[people[j]]}/follow", tokens[name], {})
                truth.follows.add((name, people[j]))
    time.sleep(settle)
    for n in range(posts):
        by, tag = people[n % len(people)], tags[n % len(tags)]
        text = f"第{n}条 周末去{tag} #{tag}" + (" #campingtrip" if n % 10 == 2 else "")
        body = {"status": text, "visibility": "public", "language": "zh"}
        made = api("POST", "/api/v1/statuses", tokens[by], body)
        truth.posts.append((made["id"], by, tag))
        truth.uris[made["id"]], truth.texts[made["uri"]] = made["uri"], text
    time.sleep(settle)
    for n, (post, _, _) in enumerate(truth.posts):
        for kind, into, many in (("favourite", truth.likes, n % 6), ("reblog", truth.boosts, n % 3)):
            for j in chance.sample(range(len(people)), min(len(people), many)):
                if api("POST", f"/api/v1/statuses/{post}/{kind}", tokens[people[j]], {}, soft=True):
                    into.add((people[j], post))
        if threads and n % 4 == 0:
            parent = post
            for depth in range(3):
                by = people[(n + depth + 1) % len(people)]
                body = {"status": f"回复{depth} no{n}", "in_reply_to_id": parent, "visibility": "public"}
                made = api("POST", "/api/v1/statuses", tokens[by], body)
                truth.uris[made["id"]] = made["uri"]
                truth.replies[made["uri"]] = (truth.uris[parent], truth.uris[post], by)
                parent = made["id"]
    truth.refused = api.refused
    return truth
