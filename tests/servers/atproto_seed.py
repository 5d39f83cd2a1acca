"""Seed an AT Protocol network through its own API, and say what a collector must find. All people are invented."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .atproto import Network

PASSWORD = "invented-password"
JWT_SECRET = b"jwt-secret"
TAGS = ["露营", "咖啡", "camping", "新品测评", "ootd"]
DEEP = 24
"""Answers below one another in the deepest thread."""


@dataclass
class Person:
    did: str
    handle: str
    jwt: str


@dataclass
class Truth:
    """What was written. People by handle's first part, posts by address."""

    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, tuple[str, tuple[str, ...], str, int]] = field(default_factory=dict)  # by, tags, text, created
    follows: set[tuple[str, str]] = field(default_factory=set)
    likes: dict[tuple[str, str], int] = field(default_factory=dict)  # (who, post): when
    reposts: set[tuple[str, str]] = field(default_factory=set)
    quotes: dict[str, tuple[str, str]] = field(default_factory=dict)  # address: by, what is quoted
    replies: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # address: parent, root, by
    members: list[str] = field(default_factory=list)
    list_uri: str = ""
    feed_uri: str = ""
    in_feed: list[str] = field(default_factory=list)

    def tagged(self, tag: str) -> set[str]:
        return {uri for uri, (_, tags, _, _) in self.posts.items() if tag in tags}

    def name(self, did: str) -> str:
        return next(name for name, person in self.people.items() if person.did == did)


class Api:
    """The write side, which the product does not have."""

    def __init__(self, base: str) -> None:
        self.base = base

    def __call__(self, nsid: str, body: Any = None, jwt: str = "", **params: Any) -> Any:
        url = f"{self.base}/xrpc/{nsid}?{urllib.parse.urlencode(params, doseq=True)}"
        request = urllib.request.Request(url, None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        if jwt:
            request.add_header("Authorization", "Bearer " + jwt)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{nsid}: {error.code} {error.read()[:300]!r}") from None


def facets(text: str) -> list[dict[str, Any]]:
    """The tags of ``text`` with their places in UTF-8 bytes, as an app writes them."""
    found, at = [], 0
    for word in text.split(" "):
        start = len(text[:at].encode())
        at += len(word) + 1
        if word.startswith("#"):
            found.append({
                "index": {"byteStart": start, "byteEnd": start + len(word.encode())},
                "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": word[1:]}],
            })  # fmt: skip
    return found


def expired(jwt: str) -> str:
    """The same token as it looks two hours later, signed as the PDS signs."""
    head, payload, _ = jwt.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims |= {"iat": claims["iat"] - 9_000, "exp": claims["iat"] - 1_800}
    signed = head + "." + _base64(json.dumps(claims).encode())
    return signed + "." + _base64(hmac.digest(JWT_SECRET, signed.encode(), hashlib.sha256))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Seeder:
    """Writes records, each with a millisecond of its own: two people's identical records are one to the AppView, whose
    cursor then skips rows."""

    def __init__(self, network: Network) -> None:
        self.network, self.api, self.truth = network, Api(network.pds), Truth()
        self.start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
        self.ticks = 0

    def tick(self) -> str:
        self.ticks += 1
        now = self.start + timedelta(milliseconds=7 * self.ticks)
        return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def join(self, name: str, **profile: Any) -> Person:
        handle = f"{name}.test"
        body = {"handle": handle, "email": f"{name}@test.invalid", "password": PASSWORD}
        made = self.api("com.atproto.server.createAccount", body)
        person = self.truth.people[name] = Person(made["did"], handle, made["accessJwt"])
        record = {
            "$type": "app.bsky.actor.profile",
            "displayName": f"用户{name[1:]}",
            "description": "测试账号",
        } | profile
        self.api(
            "com.atproto.repo.putRecord",
            {"repo": person.did, "collection": record["$type"], "rkey": "self", "record": record}, person.jwt,
        )  # fmt: skip
        return person

    def write(self, who: str, *records: dict[str, Any]) -> list[dict[str, str]]:
        """All at once; returns ``uri`` and ``cid`` of each."""
        person = self.truth.people[who]
        writes = [
            {"$type": "com.atproto.repo.applyWrites#create", "collection": one["$type"],
             "value": {"createdAt": self.tick()} | one}
            for one in records
        ]  # fmt: skip
        found: list[dict[str, str]] = []
        for at in range(0, len(writes), 100):
            body = {"repo": person.did, "writes": writes[at : at + 100]}
            found += self.api("com.atproto.repo.applyWrites", body, person.jwt)["results"]
        return found

    def post(self, who: str, text: str, **more: Any) -> dict[str, str]:
        record = {"$type": "app.bsky.feed.post", "text": text, "langs": ["zh"], "facets": facets(text)} | more
        made = self.write(who, record)[0]
        return {"uri": made["uri"], "cid": made["cid"]}


def seed(network: Network, people: int = 10, posts: int = 50) -> Truth:
    """People, a follow graph, posts with tags, likes, reposts, quotes, threads, a list and a feed."""
    make, chance = Seeder(network), random.Random(7)
    truth, names = make.truth, [f"u{n:03d}" for n in range(people)]
    for name in names:
        make.join(name)
    refs = _posts(make, names, posts)
    wishes: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for i, name in enumerate(names):
        for j in sorted({0, *chance.sample(range(people), 4)} - {i}):
            wishes[name].append({"$type": "app.bsky.graph.follow", "subject": truth.people[names[j]].did})
            truth.follows.add((name, names[j]))
    for n, ref in enumerate(refs):
        for kind, many in (("like", n % 6), ("repost", n % 3)):
            for j in chance.sample(range(people), many):
                at = make.tick()
                wishes[names[j]].append({"$type": f"app.bsky.feed.{kind}", "subject": ref, "createdAt": at})
                if kind == "like":
                    truth.likes[names[j], ref["uri"]] = int(datetime.fromisoformat(at).timestamp())
                else:
                    truth.reposts.add((names[j], ref["uri"]))
    for name in names:
        make.write(name, *wishes[name])
    for n, ref in enumerate(refs):
        if n % 7 == 0:
            by = names[(n + 3) % people]
            embed = {"$type": "app.bsky.embed.record", "record": ref}
            truth.quotes[make.post(by, f"引用 no{n}", embed=embed)["uri"]] = (by, ref["uri"])
        if n % 4 == 0:
            _thread(make, names, n, ref, DEEP if n == 0 else 3)
    _places(make, names, [ref["uri"] for ref in refs])
    settle(network, truth)
    return truth


def _posts(make: Seeder, names: list[str], posts: int) -> list[dict[str, str]]:
    refs = []
    for n in range(posts):
        by, tags = names[n % len(names)], [TAGS[n % len(TAGS)]] + (["campingtrip"] if n % 10 == 2 else [])
        text = f"第{n}条 周末去{tags[0]}🏕️ " + " ".join("#" + tag for tag in tags) + " 走起"
        when = make.start - timedelta(minutes=10 * (posts - n))
        made = make.post(by, text, createdAt=when.isoformat().replace("+00:00", "Z"), tags=[f"暗号{n % 3}"])
        make.truth.posts[made["uri"]] = (by, (*tags, f"暗号{n % 3}"), text, int(when.timestamp()))
        refs.append(made)
    return refs


def _thread(make: Seeder, names: list[str], n: int, root: dict[str, str], deep: int) -> None:
    """A chain of answers, and a second answer beside each third one."""
    parent = root
    for depth in range(deep):
        for branch in range(2 if depth % 3 == 1 else 1):
            by = names[(n + depth + branch + 1) % len(names)]
            made = make.post(by, f"回复{depth}.{branch} no{n}", reply={"root": root, "parent": parent})
            make.truth.replies[made["uri"]] = (parent["uri"], root["uri"], by)
        parent = made


def _places(make: Seeder, names: list[str], uris: list[str]) -> None:
    """A list of people, and a feed that shows some of the posts."""
    truth, owner = make.truth, names[0]
    purpose = "app.bsky.graph.defs#curatelist"
    made = make.write(owner, {"$type": "app.bsky.graph.list", "name": "露营爱好者", "purpose": purpose})[0]
    truth.list_uri, truth.members = made["uri"], names[2:9]
    item = {"$type": "app.bsky.graph.listitem", "list": truth.list_uri}
    make.write(owner, *({**item, "subject": truth.people[name].did} for name in truth.members))
    generator = {"$type": "app.bsky.feed.generator", "did": make.network.generator, "displayName": "户外"}
    truth.feed_uri = make.write(owner, generator)[0]["uri"]
    truth.in_feed = uris[::-1][:23]
    make.network.feed.write_text("\n".join(truth.in_feed))


def settle(network: Network, truth: Truth, seconds: float = 60) -> None:
    """Wait until the AppView, which follows the PDS, counts what was written. Raises AssertionError."""
    api = Api(network.appview)
    likes, reposts = Counter(post for _, post in truth.likes), Counter(post for _, post in truth.reposts)
    quotes = Counter(post for _, post in truth.quotes.values())
    replies = Counter(parent for parent, _, _ in truth.replies.values())
    follows = Counter(name for name, _ in truth.follows)
    every = [*truth.posts, *truth.replies, *truth.quotes]
    wanted: dict[str, Any] = {u: (likes[u], reposts[u], quotes[u], replies[u]) for u in every}
    wanted |= {truth.people[name].did: follows[name] for name in truth.people}
    wanted |= {truth.list_uri: len(truth.members)} if truth.list_uri else {}
    end = time.monotonic() + seconds
    while True:
        got: dict[str, Any] = {}
        for at in range(0, len(every), 25):
            for post in api("app.bsky.feed.getPosts", uris=every[at : at + 25])["posts"]:
                names = ("likeCount", "repostCount", "quoteCount", "replyCount")
                got[post["uri"]] = tuple(post[name] for name in names)
        dids = [person.did for person in truth.people.values()]
        for at in range(0, len(dids), 25):
            profiles = api("app.bsky.actor.getProfiles", actors=dids[at : at + 25])["profiles"]
            got |= {one["did"]: one["followsCount"] for one in profiles}
        if truth.list_uri and (found := api("app.bsky.graph.getLists", actor=truth.list_uri.split("/")[2])["lists"]):
            got[truth.list_uri] = found[0]["listItemCount"]
        if got == wanted:
            return
        if time.monotonic() > end:
            raise AssertionError(f"the AppView lacks {[k for k in wanted if got.get(k) != wanted[k]][:5]}")
        time.sleep(0.2)
