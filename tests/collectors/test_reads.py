"""The POSTs that read: what is on the table goes, nothing else, and what they carry stays home (P08, K01)."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import reads
from collectors.address import parse
from collectors.http import Transport
from tests.collectors.test_http import GOOD, SECRET, own
from tests.servers.scripted import Asked, Reply, scripted
from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, NeedsLogin

TAG = "/api/notes/search-by-tag"
SESSION = "/xrpc/com.atproto.server.createSession"


@pytest.mark.parametrize(
    "path",
    [
        "/api/notes/create", "/api/following/create", "/api/notes/reactions/create", "/api/notes/mentions", "/api/i/x",
        "/api/notes/search-by-tag/", "/api/notes/search-by-tag?x=1", "/api/notes/../notes/create", "/api//notes/show",
        "/API/notes/show", "/api/notes/sho%77", "/api/notes/show#x/../create", "/xrpc/com.atproto.repo.createRecord",
        "/api/v1/statuses", "/api/submit", "/", "",
    ],
)  # fmt: skip
async def test_a_post_that_is_not_on_the_table_is_never_sent(tmp_path: Path, path: str) -> None:
    with scripted(lambda asked: GOOD) as server:
        async with own(server, tmp_path) as http:
            if path.endswith("create") and "#" in path:
                await http.post_json(server.base + path, {})  # what is behind # is no part of a request
                assert [one.path for one in server.asked] == ["/api/notes/show"]
                return
            with pytest.raises(Blocked) as refused:
                await http.post_json(server.base + path, {"tag": "露营"})
    assert refused.value.key == "net.not_a_read"
    assert server.asked == []


@given(st.text(max_size=60))
def test_only_the_letters_of_the_table_pass(path: str) -> None:
    try:
        address = parse("https://m.example/" + path.lstrip("/"))
    except CollectorError:
        return
    try:
        assert reads.method_for(address) == b"POST"
        assert address.target in reads.PATHS
    except Blocked:
        assert address.target not in reads.PATHS


def test_nothing_on_the_table_writes() -> None:
    words = (
        "create",
        "delete",
        "update",
        "follow",
        "vote",
        "submit",
        "send",
        "upload",
        "mute",
        "block",
        "react",
        "mark",
    )
    nouns = {"followers", "following", "reactions", "createSession"}
    for path in reads.PATHS:
        last = path.rpartition("/")[2].rpartition(".")[2]
        assert last in nouns or not any(word in path for word in words), path


async def test_a_json_body_a_form_and_none(tmp_path: Path) -> None:
    with scripted(lambda asked: GOOD) as server:
        async with own(server, tmp_path) as http:
            await http.post_json(server.base + TAG, {"tag": "露营", "limit": 5})
            await http.post_json(server.base + TAG, {})
            await http.post_json(
                server.base + "/api/v1/access_token",
                form={"grant_type": "password", "username": "林 林"},
                basic=("id", SECRET),
            )
            answer = await http.post_json(server.base + "/xrpc/com.atproto.server.refreshSession", token=SECRET)
    assert answer.data == {"ok": True}
    tag, empty, form, bare = server.asked
    assert (tag.method, tag.json()) == ("POST", {"tag": "露营", "limit": 5})
    assert tag.headers["content-type"] == "application/json"
    assert empty.body == b"{}"
    assert form.form() == {"grant_type": ["password"], "username": ["林 林"]}
    assert form.headers["content-type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(form.headers["authorization"].removeprefix("Basic ")) == f"id:{SECRET}".encode()
    assert bare.body == b""
    assert bare.headers["content-length"] == "0"
    assert "content-type" not in bare.headers
    assert bare.headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_a_post_is_never_followed(tmp_path: Path, status: int) -> None:
    with scripted(lambda asked: Reply(status=status, headers={"Location": TAG})) as server:
        async with own(server, tmp_path) as http:
            with pytest.raises(Blocked) as refused:
                await http.post_json(server.base + SESSION, {"identifier": "a", "password": SECRET})
            assert refused.value.key == "net.redirected"
            with pytest.raises(BadQuery):
                await http.post_json(
                    server.base + SESSION,
                    {},
                    judge=lambda reply: BadQuery("net.bad_host", host=reply.headers["location"]),
                )
    assert [one.method for one in server.asked] == ["POST"] * 2


async def test_a_body_goes_to_the_instance_or_the_host_of_the_table(tmp_path: Path) -> None:
    async with Transport("bsky.example", cache_dir=tmp_path) as http:
        with pytest.raises(Blocked) as refused:
            await http.post_json("https://other.example" + SESSION, {"password": SECRET})
    assert refused.value.key == "net.other_origin"
    instance = parse("https://oauth.reddit.com/")
    assert reads.bound(parse("https://www.reddit.com/api/v1/access_token"), instance)
    assert not reads.bound(parse("https://www.reddit.example/api/v1/access_token"), instance)
    assert not reads.bound(parse("https://www.reddit.com/api/notes/show"), instance)


async def test_what_a_post_carries_shows_up_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(asked: Asked) -> Reply:
        return Reply({"error": asked.headers.get("authorization", "none")}, 400)

    packed = base64.b64encode(f"app:{SECRET}".encode()).decode()
    seen = []
    replies = [
        Reply({"error": f"password {SECRET} is wrong"}, 401), Reply({"error": f"{SECRET}!"}, 400),
        Reply({"error": {"message": f"not {SECRET}"}}), Reply({"error": packed}, 400), Reply(status=500), Reply(b"<"),
    ]  # fmt: skip
    for reply in replies:
        with scripted(lambda asked, reply=reply: reply if reply.body != {"error": packed} else echo(asked)) as server:
            async with own(server, tmp_path) as http:
                for more in (
                    {"body": {"i": SECRET, "password": SECRET}},
                    {"form": {"password": SECRET}, "basic": ("app", SECRET)},
                ):
                    try:
                        await http.post_json(server.base + SESSION, **more)  # type: ignore[arg-type]
                    except CollectorError as error:
                        seen += [str(error), repr(error), "".join(traceback.format_exception(error))]
                    try:
                        await http.post_json(
                            server.base + SESSION,
                            judge=lambda r: BrokenAnswer("net.shape", url=r.body.decode()),
                            **more,  # type: ignore[arg-type]
                        )
                    except CollectorError as error:
                        seen += [str(error), repr(error), "".join(traceback.format_exception(error))]
                seen.append(repr(vars(http)))
    assert len(seen) > 30
    assert not [text for text in seen if SECRET in text or packed in text]
    assert SECRET not in caplog.text
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes()


async def test_a_secret_in_the_query_is_taken_out_of_what_a_server_repeats(tmp_path: Path) -> None:
    with scripted(lambda asked: Reply({"error": f"access_token {SECRET} expired"}, 401)) as server:
        async with own(server, tmp_path) as http:
            for url, params in ((server.base, {"access_token": SECRET}), (f"{server.base}/?key={SECRET}", None)):
                with pytest.raises(NeedsLogin) as told:
                    await http.get_json(url, params)
                assert "***" in str(told.value)
                assert SECRET not in str(told.value)


async def test_the_vault_is_the_callers(tmp_path: Path) -> None:
    kept: dict[str, str] = {}
    async with Transport(cache_dir=tmp_path, vault=kept) as http:
        http.vault["bluesky.refresh"] = "x"
    assert kept == {"bluesky.refresh": "x"}
    async with Transport(cache_dir=tmp_path) as http:
        assert http.vault == {}


async def test_secrets_go_to_the_instance_and_what_its_collector_shares(tmp_path: Path) -> None:
    async with Transport("www.platform.example", cache_dir=tmp_path) as http:
        http.share("api.platform.example", "http://plain.platform.example")

        def sent(url: str, to: str = "") -> Mapping[str, str]:
            ask = http._asking(
                url, None, SECRET, f"sid={SECRET}", {"Referer": "https://x/", "X-Key": SECRET}, "*/*", None
            )
            return http._sent(ask, parse(to or url)).headers

        for url in ("https://www.platform.example/a", "https://api.platform.example/a"):
            assert {name for name, value in sent(url).items() if SECRET in value} == {
                "authorization",
                "cookie",
                "x-key",
            }
        for url in (
            "https://api.platform.example.evil.example/",
            "https://evil.example/",
            "https://api.platform.example:8443/",
        ):
            assert SECRET not in str(sent(url))
            assert sent(url)["referer"] == "https://x/", "what is no secret goes where it was meant to go"
        assert SECRET not in str(sent("https://www.platform.example/", "https://evil.example/"))
        assert "referer" not in sent("https://www.platform.example/", "https://evil.example/")
        assert SECRET not in str(sent("https://www.platform.example/", "http://plain.platform.example/"))
