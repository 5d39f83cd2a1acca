"""People on the do-not-contact list and erased ones stay out, in the forms in which the new platforms name them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xunke.actions.common import who_is
from xunke.actions.consent import change
from xunke.model import Account, Mention, Post, Provenance, Withdrawn
from xunke.storage import Project, erase

SOURCE = Provenance("live", "bluesky", tool="bluesky", fetched=1_795_000_000)
DID = "did:plc:invented234567abcdefghij"
URI = f"at://{DID}/app.bsky.feed.post/3kinvented"
AN = Account("bluesky", DID, name="安安", handle="an-an.example")
BO = Account("bluesky", "did:plc:other", name="波波", handle="bo.example")
EVA = Account("mastodon", "eva@m.example", name="Eva", handle="eva@m.example")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.open(tmp_path / "p.db") as opened:
        yield opened


def post(native_id: str, author: Account, text: str = "咖啡", **more: object) -> Post:
    return Post(author.platform, native_id, text, author=author, created=1_794_000_000, **more)  # type: ignore[arg-type]


def people(project: Project) -> set[str]:
    return {row[0] for row in project.query("select native_id from account_key")}


def dump(project: Project) -> str:
    return "\n".join(project.reader.iterdump())


@pytest.mark.parametrize(
    "typed",
    [DID, f"bluesky:{DID}", "@an-an.example", "An-An.Example", "bluesky:an-an.example", "@ａn-an.example\u200b"],
)
def test_every_form_of_a_name_keeps_somebody_out(project: Project, typed: str) -> None:
    change(project, "add", [typed])
    tally = project.add([post(URI, AN), AN, post("at://did:plc:other/x/1", BO)], SOURCE)
    assert tally.suppressed == 2
    assert people(project) == {"did:plc:other"}


@pytest.mark.parametrize("typed", ["eva@m.example", "@eva@m.example", "mastodon:eva@m.example"])
def test_a_name_with_its_server_keeps_somebody_out(project: Project, typed: str) -> None:
    change(project, "add", [typed])
    assert project.add([EVA], SOURCE).suppressed == 1


def test_a_platform_before_a_colon_is_one_that_there_is(project: Project) -> None:
    assert who_is(project, [DID]) == [("*", DID, DID, None)]
    assert who_is(project, [f"bluesky:{DID}"]) == [("bluesky", DID, DID, None)]
    assert who_is(project, ["weibo:1700000001"]) == [("weibo", "1700000001", "1700000001", None)]


def test_renamed_but_the_same_id_stays_out(project: Project) -> None:
    change(project, "add", ["an-an.example"])
    project.add([AN], SOURCE)
    new = Account("bluesky", DID, name="新名", handle="new.example")
    assert project.add([new, post(URI, new)], SOURCE).suppressed == 2
    assert not people(project)
    change(project, "remove", ["an-an.example"])
    assert project.add([new], SOURCE).stored == 1, "and is let in again by the name that was put on the list"


def test_a_namesake_is_not_taken_for_somebody_on_the_list(project: Project) -> None:
    change(project, "add", ["bluesky:安安"])
    project.add([AN], SOURCE)
    other = Account("bluesky", DID, name="别人", handle="other.example")
    assert project.add([other], SOURCE).stored == 1, "a name that anybody may take teaches no id"


def test_answers_to_somebody_on_the_list_do_not_name_them(project: Project) -> None:
    change(project, "add", [DID, "mastodon:eva@m.example"])
    toot = "https://m.example/users/eva/statuses/1"
    mine = [post("at://did:plc:other/x/1", BO, reply_to=URI, root=URI, mentions=(Mention("an-an.example", DID),)),
            post("https://m.example/users/bo/statuses/2", Account("mastodon", "bo@m.example"), quote_of=toot,
                 repost_of="https://m.example/@eva/1"),
            Withdrawn("bluesky", URI, 1_795_000_000)]  # fmt: skip
    assert project.add(mine, SOURCE).stored == 2
    assert DID not in dump(project)
    assert "/users/eva" not in dump(project)
    assert "/@eva" not in dump(project)


def test_nothing_names_somebody_erased_after_another_fetch(project: Project) -> None:
    about = (Mention("an-an.example", DID),)
    words = "@an-an.example 在哪"
    answer = post("at://did:plc:other/x/1", BO, words, kind="comment", reply_to=URI, root=URI, mentions=about)
    page = [post(URI, AN), answer]
    project.add(page, SOURCE)
    project.writer.call(lambda db: db.execute("insert into job_seen select 7, id from post"))
    account = project.one("select id from account_key where native_id = ?", (DID,))
    erase.person(project, account)
    assert project.one("select count(*) from job_seen") == 1
    project.add(page, SOURCE)
    assert DID not in dump(project)
    assert "an-an.example" not in dump(project)
