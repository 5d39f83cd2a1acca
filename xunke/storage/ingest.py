"""Records into rows: one page of records, its cursor and its counts in one transaction.

Every function here runs inside the writer's transaction and takes its connection. Importing the same
records again adds nothing: rows are keyed by (platform, native id) and compared with what is stored, and
interactions are their own key. A fact that is not said never overwrites one that was; of two fetches the
newer wins.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from xunke.model import Account, Post, Provenance, Record
from xunke.scrub import scrub, scrub_name
from xunke.text import clean, fold

from . import followers, purchases, suppression
from .schema import KINDS
from .search import indexed, unindex
from .sheet import ACCOUNT, Key, Sheet, Tally, key_of
from .withdraw import withdraw

Row = tuple[Any, ...]
_word_list = msgspec.json.Decoder(list[str])


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value).strip() or None


def _free(value: str | None) -> str | None:
    """Free text: cleaned, and telephone numbers, ids and addresses masked."""
    return None if value is None else scrub(clean(value).strip()) or None


def _named(value: str | None, native_id: str | None = None) -> str | None:
    """A name: cleaned, numbers that are contact data masked (a name that only repeats the account's id is none)."""
    value = _text(value)
    return value if value is None or value == native_id else scrub_name(value)


def store_page(
    db: sqlite3.Connection, records: Iterable[Record], source: int, now: int | None = None, seen_by: int | None = None
) -> Tally:
    """Store ``records`` as coming from ``source`` (see ``source_id``); ``now`` is the fetch time, UTC seconds.
    ``seen_by``: the job that remembers which posts it came across, also those that have not changed.

    Nothing is remembered between pages: ids may have been rolled back, and another process may have changed
    the do-not-contact list.
    """
    now = int(time.time()) if now is None else now
    sheet = Sheet(suppression.Suppressed.load(db), now)
    for record in purchases.named(db, followers.named(db, records)):
        sheet.take(record)
    if sheet.met:
        suppression.learn(db, sheet.met)
    platforms = _platforms(db, sheet)
    tally = _write(db, sheet, platforms, source, now)
    if seen_by is not None:
        ids = _known(db, "post_key", sheet.posts, platforms).values()
        db.executemany("insert or ignore into job_seen(job, post) values (?, ?)", [(seen_by, post) for post in ids])
    return tally


def _platforms(db: sqlite3.Connection, sheet: Sheet) -> dict[str, int]:
    names = {k[0] for k in sheet.accounts} | {k[0] for k in sheet.post_keys} | {k[0] for k in sheet.groups}
    names |= {k[0] for k in sheet.withdrawn}
    db.executemany("insert or ignore into platform(name) values (?)", [(name,) for name in sorted(names)])
    return dict(db.execute("select name, id from platform").fetchall())


def source_id(db: sqlite3.Connection, provenance: Provenance, job: int | None = None) -> int:
    """Make the provenance row and return its id."""
    fetched = provenance.fetched if provenance.fetched is not None else int(time.time())
    row = db.execute(
        "insert into source(kind, name, query, tool, fetched, job) values (?, ?, ?, ?, ?, ?) returning id",
        (provenance.kind, _text(provenance.name) or "", _text(provenance.query), provenance.tool, fetched, job),
    ).fetchone()
    return int(row[0])


def _known(db: sqlite3.Connection, table: str, keys: Iterable[Key], platforms: Mapping[str, int]) -> dict[Key, int]:
    """{key: id} of the keys that ``table`` has."""
    by_platform: dict[str, list[str]] = {}
    for platform, native_id in keys:
        by_platform.setdefault(platform, []).append(native_id)
    found: dict[Key, int] = {}
    sql = f"select native_id, id from {table} where platform = ? and native_id in (select value from json_each(?))"
    for platform, ids in by_platform.items():
        for native_id, number in db.execute(sql, (platforms[platform], json.dumps(ids))):
            found[(platform, native_id)] = number
    return found


def _new_keys(
    db: sqlite3.Connection,
    table: str,
    keys: Iterable[Key],
    known: dict[Key, int],
    platforms: Mapping[str, int],
) -> None:
    """Give the keys that are not ``known`` a row and an id, and add them to ``known`` (the writer is alone)."""
    number = db.execute(f"select coalesce(max(id), 0) from {table}").fetchone()[0]
    rows = []
    for key in keys:
        if key not in known:
            number += 1
            known[key] = number
            rows.append((number, platforms[key[0]], key[1]))
    db.executemany(f"insert into {table}(id, platform, native_id) values (?, ?, ?)", rows)


def _write(db: sqlite3.Connection, sheet: Sheet, platforms: Mapping[str, int], source: int, now: int) -> Tally:
    accounts = _known(db, "account_key", sheet.accounts, platforms)
    seen = set(accounts.values())
    _new_keys(db, "account_key", sheet.accounts, accounts, platforms)
    _write_accounts(db, sheet, accounts, seen, source, now)
    groups = _write_groups(db, sheet, platforms, accounts)
    posts = _known(db, "post_key", sheet.post_keys, platforms)
    seen = set(posts.values())
    _new_keys(db, "post_key", sheet.post_keys, posts, platforms)
    _write_posts(db, sheet, accounts, posts, seen, groups, source, now)
    _write_interactions(db, sheet, accounts, posts)
    _write_followers(db, sheet, accounts, source)
    bought = purchases.put(db, [(accounts[key], record) for key, record in sheet.purchases], source)
    sheet.tally.stored += bought
    sheet.tally.duplicate += len(sheet.purchases) - bought
    if sheet.withdrawn:
        gone = _known(db, "post_key", sheet.withdrawn, platforms)
        sheet.tally.gone += withdraw(db, {gone[key]: t for key, t in sheet.withdrawn.items() if key in gone})
    return sheet.tally


_ACCOUNT_INSERT = (
    f"insert or replace into account(id, {', '.join(ACCOUNT)}, tags, fetched, source, person) "
    f"values (?{', ?' * (len(ACCOUNT) + 3)}, (select person from account where id = ?1))"
)


def _stored(db: sqlite3.Connection, table: str, columns: Sequence[str], ids: Sequence[int]) -> dict[int, Row]:
    """{id: values of ``columns``} of the rows that ``table`` has."""
    if not ids:
        return {}
    sql = f"select id, {', '.join(columns)} from {table} where id in (select value from json_each(?))"
    return {row[0]: row[1:] for row in db.execute(sql, (json.dumps(ids),))}


def _write_accounts(
    db: sqlite3.Connection, sheet: Sheet, ids: dict[Key, int], seen: set[int], source: int, now: int
) -> None:
    columns = (*ACCOUNT, "tags", "fetched")
    stored = _stored(db, "account", columns, [n for key in sheet.accounts if (n := ids[key]) in seen])
    rows = []
    before = []
    for key, account in sheet.accounts.items():
        old = stored.get(ids[key])
        primary = key in sheet.primary_accounts
        new = _account_row(account, now)
        if old is not None:
            tags = [*_words(old[-2]), *_words(new[-2])]
            new = _newest(old, (*new[:-2], _json(dict.fromkeys(tags)), new[-1]), account.fetched)
            if new[:-1] == old[:-1]:
                sheet.tally.duplicate += primary
                continue
            sheet.tally.updated += primary
            if any(was not in (None, is_now) for was, is_now in zip(old[:3], new[:3], strict=True)):
                before.append((ids[key], old[-1] or 0, *old[:3]))
        else:
            sheet.tally.stored += primary
        rows.append((ids[key], *new, source))
    db.executemany(
        "insert or ignore into account_history(account, fetched, name, handle, bio) values (?, ?, ?, ?, ?)", before
    )
    db.executemany(_ACCOUNT_INSERT, rows)
    db.executemany(
        "insert or ignore into follower_snapshot(account, t, followers, following, posts) values (?, ?, ?, ?, ?)",
        [(ids[key], t, a.followers, a.following, a.posts) for key, t, a in sheet.snapshots],
    )


def _account_row(account: Account, now: int) -> Row:
    return (
        _named(account.name, account.native_id), _text(account.handle), _free(account.bio),
        _text(account.url), _text(account.region), account.gender, _free(account.occupation),
        account.followers, account.following, account.posts,
        account.verified, account.kind, account.listed, _json(clean(t) for t in account.tags),
        account.fetched if account.fetched is not None else now,
    )  # fmt: skip


def _newest(old: Row, new: Row, fetched: int | None) -> Row:
    """The facts of both rows (``fetched`` is their last value): the newer fetch wins where both say something.

    A row without a fetch time of its own counts as fetched now.
    """
    if fetched is not None and old[-1] is not None and fetched < old[-1]:
        old, new = new, old
    return tuple(n if n is not None else o for o, n in zip(old, new, strict=True))


def _vague(db: sqlite3.Connection, accounts: set[int]) -> set[int]:
    """Those of the accounts that are known by a hash or by a name only."""
    found = db.execute(
        "select id from account_key where id in (select value from json_each(?)) "
        "and (native_id like 'hash:%' or native_id like 'name:%')",
        (json.dumps(list(accounts)),),
    )
    return {row[0] for row in found}


def _json(words: Iterable[str]) -> str | None:
    listed = list(words)
    return msgspec.json.encode(listed).decode() if listed else None


def _words(stored: str | None) -> list[str]:
    return _word_list.decode(stored) if stored else []


def _write_groups(
    db: sqlite3.Connection, sheet: Sheet, platforms: Mapping[str, int], accounts: dict[Key, int]
) -> dict[Key, int]:
    ids: dict[Key, int] = {}
    for key, group in sheet.groups.items():
        ids[key] = db.execute(
            "insert into group_(platform, native_id, name, kind) values (?, ?, ?, ?) "
            "on conflict(platform, native_id) do update set name = coalesce(excluded.name, name) returning id",
            (platforms[group.platform], group.native_id, _text(group.name), group.kind),
        ).fetchone()[0]
    db.executemany(
        "insert or ignore into membership(group_, account) values (?, ?)",
        [(ids[g], accounts[a]) for g, a in sorted(sheet.members)],
    )
    return ids


_POST = (
    "author", "kind", "text", "title", "created", "zone", "url", "tags", "likes", "comments", "shares", "saves",
    "views", "reply_to", "root", "repost_of", "quote_of", "group_", "lang", "media", "region", "query", "fetched",
)  # fmt: skip
_POST_INSERT = f"insert or replace into post(id, {', '.join(_POST)}, source) values (?{', ?' * (len(_POST) + 1)})"
_AUTHOR, _TEXT, _TITLE, _CREATED, _TAGS = (_POST.index(c) for c in ("author", "text", "title", "created", "tags"))
_PARENTS = (
    (_POST.index("reply_to"), KINDS["reply"]),
    (_POST.index("repost_of"), KINDS["repost"]),
    (_POST.index("quote_of"), KINDS["quote"]),
)


def _write_posts(
    db: sqlite3.Connection,
    sheet: Sheet,
    accounts: dict[Key, int],
    ids: dict[Key, int],
    seen: set[int],
    groups: dict[Key, int],
    source: int,
    now: int,
) -> None:
    stored = _stored(db, "post", (*_POST, "gone"), [n for key in sheet.posts if (n := ids[key]) in seen])
    rows: list[tuple[int, Row]] = []
    changed: list[tuple[int, Row]] = []
    raws: list[tuple[int, bytes]] = []
    tags: list[tuple[int, str]] = []
    mentions: list[tuple[int, str, int | None, int | None, int]] = []
    for key, post in sheet.posts.items():
        number = ids[key]
        row = _post_row(post, accounts, ids, groups, now)
        found = stored.get(number)
        old = None if found is None else found[:-1]
        if found is not None and found[-1] is not None and (post.fetched is None or post.fetched <= found[-1]):
            sheet.tally.duplicate += 1  # withdrawn since: an older copy does not bring its words back
            continue
        if old is not None:
            authors = {old[_AUTHOR], row[_AUTHOR]} - {None}
            row = _newest(old, row, post.fetched)
            if len(authors) == 2 and len(named := authors - _vague(db, authors)) == 1:
                # a source that masks its authors takes no post from one known by id
                row = (*named, *row[_AUTHOR + 1 :])
            if row[:-1] == old[:-1]:
                sheet.tally.duplicate += 1
                continue
            sheet.tally.updated += 1
            changed.append((number, old))
        else:
            sheet.tally.stored += 1
            sheet.tally.posts += 1
        rows.append((number, row))
        if post.raw is not None:
            raws.append((number, post.raw))
        tags.extend((number, t) for t in post.tags)
        for mention in post.mentions:
            target = None if mention.native_id is None else accounts.get(key_of(post.platform, mention.native_id))
            name = _text(mention.name)
            known = name if name == _named(name) else None  # two people with masked names are not one
            mentions.append((number, known or "", target, row[_AUTHOR], row[_CREATED] or 0))
    _keep_history(db, changed)
    db.executemany(_POST_INSERT, [(number, *row, source) for number, row in rows])
    db.executemany(
        "insert into post_fts(rowid, body) values (?, ?)",
        [(number, indexed(row[_TITLE], row[_TEXT], row[_TAGS])) for number, row in rows],
    )
    db.executemany("insert or replace into post_raw(post, body) values (?, ?)", raws)
    _write_tags(db, tags)
    sheet.tally.interactions += _write_mentions(db, mentions)
    sheet.tally.interactions += _write_edges(db, rows)


def _post_row(
    post: Post,
    accounts: dict[Key, int],
    ids: dict[Key, int],
    groups: dict[Key, int],
    now: int,
) -> Row:
    def number(native_id: str | None) -> int | None:
        return None if native_id is None else ids[key_of(post.platform, native_id)]

    author = None
    if post.author is not None:
        author = accounts[key_of(post.author.platform, post.author.native_id)]
    return (
        author, post.kind, _free(post.text) or "", _free(post.title), post.created, post.zone, _text(post.url),
        _json(clean(t) for t in post.tags),
        post.likes, post.comments, post.shares, post.saves, post.views,
        number(post.reply_to), number(post.root), number(post.repost_of), number(post.quote_of),
        None if post.group is None else groups[key_of(post.group.platform, post.group.native_id)],
        post.lang, post.media, _text(post.region), _text(post.query),
        post.fetched if post.fetched is not None else now,
    )  # fmt: skip


def _keep_history(db: sqlite3.Connection, old: Sequence[tuple[int, Row]]) -> None:
    """Keep what changed posts said, and take their old words out of the index (it is contentless)."""
    unindex(db, [(number, row[_TITLE], row[_TEXT], row[_TAGS]) for number, row in old])
    db.executemany("delete from feature where post = ?", [(number,) for number, _ in old])
    db.executemany(
        "insert or ignore into post_history(post, fetched, text, likes, comments, shares, saves, views) "
        "select id, coalesce(fetched, 0), text, likes, comments, shares, saves, views from post where id = ?",
        [(number,) for number, _ in old],
    )


def _write_tags(db: sqlite3.Connection, pairs: Sequence[tuple[int, str]]) -> None:
    folded = {tag: fold(tag) for tag in {tag for _, tag in pairs}}
    names = {form: clean(tag).strip() for tag, form in folded.items() if form}
    if not names:
        return
    db.executemany("insert or ignore into tag(name, folded) values (?, ?)", [(n, f) for f, n in sorted(names.items())])
    found = db.execute(
        "select folded, id from tag where folded in (select value from json_each(?))", (json.dumps(list(names)),)
    )
    ids: dict[str, int] = dict(found.fetchall())
    db.executemany(
        "insert or ignore into post_tag(tag, post) values (?, ?)",
        [(ids[form], post) for post, tag in pairs if (form := folded[tag])],
    )


def _write_mentions(db: sqlite3.Connection, rows: Sequence[tuple[int, str, int | None, int | None, int]]) -> int:
    db.executemany("insert or ignore into mention(post, name, account) values (?, ?, ?)", [r[:3] for r in rows if r[1]])
    return _insert_interactions(
        db,
        [
            (target, t, actor, KINDS["mention"], post)
            for post, _, target, actor, t in rows
            if target is not None and actor is not None and actor != target
        ],
    )


def _write_edges(db: sqlite3.Connection, rows: Sequence[tuple[int, Row]]) -> int:
    """Edges of these posts to their parents' authors; those whose parent's author is unknown wait."""
    edges = [
        (row[parent], row[_CREATED] or 0, row[_AUTHOR], kind, number)
        for number, row in rows
        for parent, kind in _PARENTS
        if row[parent] is not None and row[_AUTHOR] is not None and row[parent] != number
    ]
    authors = _authors(db, {e[0] for e in edges})
    ready = [
        (authors[parent], t, actor, kind, parent)
        for parent, t, actor, kind, _ in edges
        if parent in authors and authors[parent] != actor
    ]
    db.executemany(
        "insert or ignore into pending_edge(parent, child, kind) values (?, ?, ?)",
        [(parent, child, kind) for parent, _, _, kind, child in edges if parent not in authors],
    )
    written = [number for number, _ in rows]
    listed = json.dumps(written)
    waiting = db.execute(
        "select p.author, coalesce(c.created, 0), c.author, e.kind, e.parent from pending_edge e "
        "join post p on p.id = e.parent join post c on c.id = e.child "
        "where e.parent in (select value from json_each(?)) and p.author is not null and c.author is not null",
        (listed,),
    ).fetchall()
    if waiting:
        db.execute(
            "delete from pending_edge where parent in (select value from json_each(?)) "
            "and exists (select 1 from post where id = parent and author is not null)",
            (listed,),
        )
    return _insert_interactions(db, [*ready, *(w for w in waiting if w[0] != w[2])])


def _authors(db: sqlite3.Connection, posts: set[int]) -> dict[int, int]:
    rows = db.execute(
        "select id, author from post where id in (select value from json_each(?)) and author is not null",
        (json.dumps(sorted(posts)),),
    )
    return dict(rows.fetchall())


def _insert_interactions(db: sqlite3.Connection, rows: Sequence[tuple[int, int, int, int, int]]) -> int:
    before = db.total_changes
    db.executemany("insert or ignore into interaction(target, t, actor, kind, post) values (?, ?, ?, ?, ?)", rows)
    return db.total_changes - before


def _write_interactions(
    db: sqlite3.Connection,
    sheet: Sheet,
    accounts: dict[Key, int],
    posts: dict[Key, int],
) -> None:
    rows = []
    for record in sheet.interactions:
        actor = accounts[key_of(record.actor.platform, record.actor.native_id)]
        target = accounts[key_of(record.target.platform, record.target.native_id)]
        if actor == target:
            sheet.tally.duplicate += 1
            continue
        post = 0 if record.post is None else posts[key_of(record.platform, record.post)]
        rows.append((target, record.time or 0, actor, KINDS[record.kind], post))
    added = _insert_interactions(db, rows)
    sheet.tally.interactions += added
    sheet.tally.stored += added
    sheet.tally.duplicate += len(rows) - added


def _write_followers(db: sqlite3.Connection, sheet: Sheet, accounts: dict[Key, int], source: int) -> None:
    lists: dict[tuple[int, int], list[int]] = {}
    wanted: dict[tuple[int, int], bool] = {}
    for own, who, record in sheet.followers:
        key = (accounts[own], record.time)
        lists.setdefault(key, []).append(accounts[who])
        wanted[key] = wanted.get(key, True) and record.whole
    for (own_, t), who_ in sorted(lists.items()):
        number = followers.open_list(db, own_, t, source)
        if wanted[own_, t]:
            followers.promise(db, number, source)
        new = followers.see(db, number, who_)
        sheet.tally.stored += new
        sheet.tally.duplicate += len(who_) - new


def resolve_mentions(db: sqlite3.Connection) -> int:
    """Tie mentions by name to accounts of the same platform that carry that name now; return new interactions."""
    db.execute(
        "update mention set account = (select a.id from account a join account_key k on k.id = a.id "
        "join post_key pk on pk.id = mention.post where a.name = mention.name and k.platform = pk.platform limit 1) "
        "where account is null and name in (select name from account)"
    )
    before = db.total_changes
    db.execute(
        "insert or ignore into interaction(target, t, actor, kind, post) "
        "select m.account, coalesce(p.created, 0), p.author, ?, p.id from mention m join post p on p.id = m.post "
        "where m.account is not null and p.author is not null and p.author <> m.account",
        (KINDS["mention"],),
    )
    return db.total_changes - before
