"""Which tables hold something of people, and what becomes of it: the one map that erasing, retention and the account
of what is held go by. A table that is not named here fails the tests: whoever adds one must choose.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.scrub import ERASED

GONE: Final = ERASED.lstrip("@")
_TELLING: Final = 6
"""A word of fewer bytes stands in too many texts that mean something else."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a table has of people.

    ``accounts``: columns with our numbers of accounts; the row goes with the person. ``posts``: of posts; the row goes
    with the post. ``unlink``: of posts; the row stays and forgets which. ``theirs``: words of other people, in which
    ``@name`` is masked. ``ours``: words of the user of this program (or JSON), in which the name itself is masked.
    ``otherwise``: how a table is reached that has none of these, or why nothing of a person is in it.
    """

    accounts: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    unlink: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    otherwise: str = ""


_A: Final = Place(accounts=("account",))
_P: Final = Place(posts=("post",))

PLACES: Final[Mapping[str, Place]] = {
    # collected or imported
    "account_key": Place(accounts=("id",)),
    "account": Place(accounts=("id",), theirs=("bio",)),
    "account_history": Place(accounts=("account",), theirs=("bio",)),
    "account_sign": _A,
    "follower_snapshot": _A,
    "membership": _A,
    "profile_fact": Place(accounts=("account",), theirs=("quote",)),
    "interaction": Place(accounts=("target", "actor"), posts=("post",)),
    "same_pair": Place(accounts=("a", "b")),
    "person": Place(ours=("name", "note"), otherwise="made again from same_pair"),
    "post_key": Place(posts=("id",)),
    "post": Place(posts=("id",), unlink=("reply_to", "root", "repost_of", "quote_of"), theirs=("text", "title"),
                  otherwise="posts of a person are those whose author they are"),
    "post_history": Place(posts=("post",), theirs=("text",)),
    "post_raw": _P,
    "post_tag": _P,
    "post_copy": _P,
    "post_fts": Place(otherwise="taken out of the index with the post"),
    "mention": Place(accounts=("account",), posts=("post",), otherwise="by name too"),
    "pending_edge": Place(posts=("parent", "child")),
    "feature": _P,
    "label": _P,
    "job_seen": _P,
    "tag": Place(otherwise="tags that no post has any more go"),
    "group_": Place(otherwise="groups are no people"),
    "platform": Place(otherwise="names of platforms"),
    "source": Place(ours=("name", "query", "purpose", "basis")),
    # asked and found
    "run": Place(otherwise="requests that name the person go"),
    "result": Place(ours=("title", "setting")),
    "score": Place(ours=("parts",), otherwise="items of results of people or posts"),
    "saved_list": Place(ours=("name", "purpose", "basis", "note", "setting")),
    "list_member": Place(theirs=("reason",), ours=("reason", "first_act"), otherwise="items of lists"),
    "list_out": Place(theirs=("reason",), ours=("reason", "first_act"), otherwise="items of lists"),
    "job": Place(otherwise="jobs that fetch what the person writes go"),
    "job_slice": Place(otherwise="with their job; cursors that name the person begin anew"),
    "gap": Place(otherwise="what is lacking of somebody who is not here goes"),
    "refusal": Place(otherwise="servers"),
    "schedule": Place(otherwise="schedules that name the person go"),
    "schedule_run": Place(otherwise="with their schedule; details that name the person go"),
    "act": Place(ours=("detail",), otherwise="our numbers; those of rows that are gone go"),
    "mark": _A,
    "lexicon": Place(otherwise="a word that is the person's name goes"),
    "learned": Place(ours=("delta", "report")),
    # won
    "segment": Place(ours=("name", "spec", "treatment", "persona", "note"), otherwise="personas with their words go"),
    "segment_member": _A,
    "tag_verdict": _A,
    "purchase": Place(accounts=("account",), ours=("what",)),
    "campaign": Place(ours=("name", "goal", "brief")),
    "campaign_list": Place(otherwise="lists of campaigns"),
    "variant": Place(ours=("name", "body")),
    "experiment": Place(ours=("name", "spec", "verdict"), otherwise="counts how many were erased, by arm"),
    "arm": _A,
    "touch": Place(accounts=("account",), unlink=("post",), ours=("draft", "note", "owner")),
    "outcome": Place(accounts=("account",), unlink=("post",), ours=("note",)),
    "cost": Place(ours=("note",)),
    "calendar": Place(unlink=("post",), ours=("title",)),
    "note": Place(accounts=("account",), ours=("body",)),
    "queue_state": Place(otherwise="items that are this account or one of its posts"),
    "consent": Place(accounts=("account",), ours=("evidence",)),
    "follower_list": Place(accounts=("own",)),
    "follower": Place(accounts=("own", "account")),
    "follower_seen": Place(accounts=("account",), otherwise="with their list"),
    "model": Place(ours=("body", "report"), otherwise="fitted again without the person"),
    "review": Place(ours=("body",)),
    "result_count": Place(otherwise="counts of a campaign, by nobody"),
    # care
    "retention": Place(otherwise="settings"),
    "suppression": Place(otherwise="keyed hashes, kept so that the person stays out"),
    "audit": Place(otherwise="keyed hashes and counts"),
    "meta": Place(otherwise="settings, masked like ours; the newest table and our own account are forgotten"),
}  # fmt: skip
"""{table: what it has of people}."""


def columns(kind: str) -> list[tuple[str, str]]:
    """(table, column) of a kind of ``Place``: accounts, posts, unlink, theirs or ours; keys of rows last."""
    found = [(table, column) for table, place in PLACES.items() for column in getattr(place, kind)]
    return sorted(found, key=lambda at: (at[0].endswith("_key"), at[0] in ("account", "post")))


def telling(words: Sequence[str | None]) -> list[str]:
    """Those of ``words`` that mean nobody else wherever they stand, the longest first."""
    return sorted({w for w in words if w and len(w.encode()) >= _TELLING}, key=lambda w: (-len(w), w))


def forget_words(db: sqlite3.Connection, words: Sequence[str]) -> None:
    """Mask ``words`` (telling ones) in everything that the user or the program wrote."""
    if not words:
        return
    forms = {form for w in words for form in (w, json.dumps(w)[1:-1], json.dumps(w, ensure_ascii=False)[1:-1])}
    db.create_function("without_words", 1, lambda text: without_words(text, words))
    listed = json.dumps(sorted(forms))
    for table, column in columns("ours"):
        db.execute(
            f"update {table} set {column} = without_words({column}) where {column} is not null "
            f"and exists (select 1 from json_each(?) w where instr({column}, w.value))",
            (listed,),
        )
    db.execute(  # settings: useful things to say, files written; the key of the keyed hashes is no word of anybody
        "update meta set value = without_words(value) where key <> 'suppression_key' and substr(value, 1, 1) in "
        "('{', '[') and exists (select 1 from json_each(?) w where instr(meta.value, w.value))", (listed,),
    )  # fmt: skip
    db.executemany("delete from lexicon where word = ?", [(word,) for word in words])


def without_words(text: str | None, words: Sequence[str]) -> str | None:
    """``text`` with ``words`` masked; in JSON only the values, so that it stays what it is."""
    if text is None:
        return None
    pattern = re.compile("[@＠]?(?:" + "|".join(map(re.escape, words)) + ")")
    if text[:1] in ("{", "["):
        try:
            found = json.loads(text)
        except ValueError:
            pass
        else:
            return json.dumps(_masked(found, pattern), ensure_ascii=False)
    return pattern.sub(GONE, text)


def _masked(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, list):
        return [_masked(one, pattern) for one in value]
    if isinstance(value, dict):  # keys of ours are plain words; others may be what a person is called
        return {k if k.isidentifier() and k.isascii() else pattern.sub(GONE, k): _masked(v, pattern)
                for k, v in value.items()}  # fmt: skip
    return value
