"""People as files for other programs: a workbook with the evidence, cards for an address book, hashed ids for an
advertising platform. Who appears nowhere, who declines and who did not agree is left out and counted.
"""

from __future__ import annotations

import hmac
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import md5, sha256
from pathlib import Path
from typing import Final

from xunke.clock import moment
from xunke.export import Column, Sheet, Value, stream_file, write
from xunke.i18n import Catalogue
from xunke.storage import Project
from xunke.storage.rows import PersonRow, RowSource, posts
from xunke.text import clean

from . import consent, held
from .people import barred_all

EVIDENCE: Final = 5
"""Posts of each person that are shown as the evidence."""
_LINE: Final = 75
"""Octets of a line of a vCard (RFC 6350, 3.2)."""
_VAGUE: Final = ("name:", "hash:")
"""Ids that we made ourselves, where a file had a name only."""


def pages(
    project: Project, source: RowSource[PersonRow], left_out: dict[str, int], *, kind: str | None = None,
    asked: bool = False,
) -> Iterator[PersonRow]:  # fmt: skip
    """The people that may be written, in order. ``kind``: what they must not have refused, and (``asked``) must have
    agreed to.
    """
    for start in range(0, len(source), 200):
        page = source.window(start, start + 200)
        ids = [row.id for row in page]
        never = barred_all(project, ids)
        yes = consent.agreed(project, ids, kind) if kind and asked else set(ids)
        no = consent.refused(project, ids, kind) if kind else set()
        for row in page:
            reason = never.get(row.id) or ("left_out.refused" if row.id in no else None)
            reason = reason or (None if row.id in yes else "left_out.no_consent")
            if reason is None:
                yield row
            else:
                left_out[reason] = left_out.get(reason, 0) + 1


# -- vCard ----------------------------------------------------------------------------------------------------------


def write_cards(
    project: Project, source: RowSource[PersonRow], path: Path, catalogue: Catalogue, left_out: dict[str, int],
    *, version: str = "3.0",
) -> int:  # fmt: skip
    """vCards (RFC 2426, or 6350 as ``version`` 4.0) of those who agreed to it (consent ``vcard``); how many.

    A card has the name, the platform's page and a note. It has no telephone number or address: contact data is masked
    when it is read and never stored.
    """

    def make(file: object) -> int:
        n = 0
        for row in pages(project, source, left_out, kind="vcard", asked=True):
            file.write("".join(card(row, catalogue, version)))  # type: ignore[attr-defined]
            n += 1
        return n

    return stream_file(path, make)


def card(row: PersonRow, catalogue: Catalogue, version: str) -> Iterator[str]:
    """The lines of one card, ended as the format asks."""
    name = clean(row.name or row.handle or row.native_id)
    platform = catalogue.t(f"value.{row.platform}") if catalogue.has(f"value.{row.platform}") else row.platform
    lines = ["BEGIN:VCARD", f"VERSION:{version}", f"FN:{_escaped(name)}", f"N:{_escaped(name)};;;;",
             f"NICKNAME:{_escaped(name)}", f"NOTE:{_escaped(catalogue.t('export.card_note', platform=platform))}",
             f"UID:urn:xunke:{_escaped(row.platform)}:{_escaped(clean(row.native_id))}", "CATEGORIES:Xunke",
             ]  # fmt: skip
    if row.url and row.url.startswith(("https://", "http://")):
        lines.append(f"URL:{_escaped(clean(row.url))}")
    for line in [*lines, "END:VCARD"]:
        yield from _folded(line)


def _escaped(text: str) -> str:
    """RFC 6350, 3.4."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> Iterator[str]:
    part, size = "", 0
    for char in line:
        width = len(char.encode("utf-8", "replace"))
        if size + width > _LINE:
            yield part + "\r\n"
            part, size = " ", 1
        part, size = part + char, size + width
    yield part + "\r\n"


# -- hashed ids -----------------------------------------------------------------------------------------------------


def write_hashed(
    project: Project, source: RowSource[PersonRow], path: Path, left_out: dict[str, int], *, with_md5: bool = False,
    salt: str | None = None, entrusted: bool = False,
) -> int:  # fmt: skip
    """Hashed platform ids as CSV, each once: SHA-256 (and MD5) of the id in lower case without blanks, in hexadecimal,
    as advertising platforms match them. ``salt``: an HMAC instead, for two who compare lists and share the salt.

    Only people who agreed to ``share``: handing personal data to another handler takes each person's separate consent
    (PIPL 23), and a hash that the other side can match is personal data. ``entrusted``: the other side only works for
    us under a contract (PIPL 21); then everybody but those who took it back.
    """
    columns = [
        Column("platform", "platform"),
        Column("sha256", "id_sha256" if salt is None else "id_hmac_sha256", text=True),
    ]
    columns += [Column("md5", "id_md5", text=True)] if with_md5 and salt is None else []

    def rows() -> Iterator[Mapping[str, Value]]:
        seen: set[tuple[str, str]] = set()
        for row in pages(project, source, left_out, kind="share", asked=not entrusted):
            if row.native_id.startswith(_VAGUE):
                left_out["left_out.no_id"] = left_out.get("left_out.no_id", 0) + 1
                continue
            known = normal(row.native_id)
            if (row.platform, known) not in seen:
                seen.add((row.platform, known))
                yield {"platform": row.platform, "sha256": hashed(known, salt),
                       "md5": md5(known.encode(), usedforsecurity=False).hexdigest()}  # fmt: skip

    return write(path, columns, rows(), "csv", "ids").rows


def normal(native_id: str) -> str:
    """An id in the form that is hashed."""
    return "".join(native_id.split()).lower()


def hashed(native_id: str, salt: str | None = None) -> str:
    """The hash of a normal id, in hexadecimal."""
    if salt is None:
        return sha256(native_id.encode()).hexdigest()
    return hmac.digest(salt.encode(), native_id.encode(), sha256).hex()


# -- the sheets beside a list ----------------------------------------------------------------------------------------


def sheets_beside(
    project: Project, list_id: int, columns: Sequence[Column], catalogue: Catalogue, left_out: Mapping[str, int]
) -> Iterator[Sheet]:
    """Evidence, data dictionary, sources and who was left out; to be written behind the list itself, as the counts of
    those left out are known only then.
    """
    yield Sheet(catalogue.t("export.sheet_evidence"), _heads(catalogue, "rank", "name", "time", "text", "url", "label"),
                _evidence(project, list_id, catalogue))  # fmt: skip
    yield Sheet(catalogue.t("export.sheet_words"), _heads(catalogue, "column", "meaning"), _words(columns, catalogue))
    yield Sheet(catalogue.t("export.sheet_sources"),
                _heads(catalogue, "source", "what", "name", "query", "time", "posts", "people", "purpose", "basis"),
                _sources(project))  # fmt: skip
    yield Sheet(
        catalogue.t("export.sheet_left_out"), _heads(catalogue, "reason", "count"), _left_out(left_out, catalogue)
    )


def _heads(catalogue: Catalogue, *names: str) -> list[Column]:
    return [Column(n, catalogue.t(f"column.{n}"), text=n in ("url", "text"), time=n == "time") for n in names]


def _evidence(project: Project, list_id: int, catalogue: Catalogue) -> Iterator[Mapping[str, Value]]:
    """Of each person of the list the posts for which they were found, or their newest ones."""
    members = project.query(
        "select m.item, m.rank, s.parts from list_member m join saved_list l on l.id = m.list "
        "left join score s on s.result = l.result and s.item = m.item where m.list = ? order by m.rank", (list_id,)
    )  # fmt: skip
    never = barred_all(project, [row[0] for row in members])
    found = {account: json.loads(parts or "{}").get("posts") for account, _, parts in members if account not in never}
    newest: dict[int, list[int]] = defaultdict(list)
    for account, post in project.query(
        "select author, id from (select author, id, row_number() over (partition by author order by created desc, "
        "id desc) as place from post where gone is null and author in (select value from json_each(?))) "
        "where place <= ? order by author, place", (json.dumps([a for a, ids in found.items() if not ids]), EVIDENCE),
    ):  # fmt: skip
        newest[account].append(post)
    shown = {account: (ids or newest[account])[:EVIDENCE] for account, ids in found.items()}
    rows = {row.id: row for row in posts(project, [post for ids in shown.values() for post in ids])}
    for account, rank, _ in members:
        for post in (rows[number] for number in shown.get(account, ()) if number in rows):
            yield {
                "rank": rank, "name": post.author_name, "url": post.url, "text": post.text,
                "time": moment(post.created).strftime("%Y-%m-%dT%H:%M") if post.created else None,
                "label": catalogue.t(f"label.{post.label}") if post.label else None,
            }  # fmt: skip


def _words(columns: Sequence[Column], catalogue: Catalogue) -> Iterator[Mapping[str, Value]]:
    for column in columns:
        key = f"export.about_{column.key}"
        yield {"column": column.header, "meaning": catalogue.t(key) if catalogue.has(key) else column.key}


def _sources(project: Project) -> Iterator[Mapping[str, Value]]:
    for one in held.card(project).sources:
        yield {
            "source": one.id, "what": one.kind, "name": one.name, "query": one.query, "posts": one.posts,
            "people": one.people, "purpose": one.purpose, "basis": one.basis,
            "time": moment(one.fetched).strftime("%Y-%m-%dT%H:%M"),
        }  # fmt: skip


def _left_out(left_out: Mapping[str, int], catalogue: Catalogue) -> Iterator[Mapping[str, Value]]:
    for key, n in left_out.items():
        yield {"reason": catalogue.t(key.replace("funnel.", "left_out.")), "count": n}
