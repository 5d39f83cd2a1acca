"""What a user corrects and adds: labels of posts and words of their own, and what is learned from them.

All of it lives in the project's file. A label stands for its post at once; learning carries it on to other posts, and
is adopted only where it does not do worse on the user's own labels. Every act can be undone or is in the audit log.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from .errors import BadInput
from .storage import Project, acts
from .storage.project import write_audit
from .text import clean, fold, one_line

if TYPE_CHECKING:
    from nlp.learn import Delta, Report
    from nlp.types import Analysis
    from nlp.user import UserModel

KINDS: Final = ("sentiment", "interest", "need", "spam")
VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": ("positive", "neutral", "negative"), "interest": ("yes", "no"), "need": ("yes", "no"),
    "spam": ("yes", "no"),
}  # fmt: skip
LEXICONS: Final = ("sentiment", "interest", "word", "stop")
WEIGHTS: Final[Mapping[str, tuple[float, float, float]]] = {
    "sentiment": (-3.0, 3.0, 1.0), "interest": (-1.0, 1.5, 1.0), "word": (1.0, 1.0, 1.0), "stop": (1.0, 1.0, 1.0),
}  # fmt: skip
"""By lexicon: the smallest and largest weight of a word, and the one it has when none is said."""
MAX_WORD: Final = 20
MAX_NAME: Final = 30
ANCHORS: Final = 400
"""Posts without a label that hold the models where they are while they learn."""


@dataclass(frozen=True, slots=True)
class Label:
    """An answer of the user's about a post. ``created`` is UTC seconds; ``name`` only of interests and needs."""

    id: int
    post: int
    kind: str
    name: str
    value: str
    who: str
    created: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the user's own. ``name``: the interest ("宠物", "宠物/猫"); ``weight`` as in ``docs/lexicon.md``."""

    kind: str
    name: str
    word: str
    weight: float
    who: str = "user"
    created: int = 0


# -- labels --------------------------------------------------------------------------------------------------------


def parse(said: str) -> tuple[str, str, str]:
    """(kind, name, value) of ``sentiment=negative``, ``interest:宠物=yes``, ``need:complain=no``, ``spam=yes``.

    Raises BadInput("label.bad") for anything else.
    """
    left, found, value = said.partition("=")
    kind, _, name = left.strip().partition(":")
    kind, name, value = kind.strip().lower(), one_line(clean(name), MAX_NAME).strip(), value.strip().lower()
    return check(kind, name, {"true": "yes", "false": "no", "1": "yes", "0": "no"}.get(value, value) if found else "")


def check(kind: str, name: str, value: str) -> tuple[str, str, str]:
    """The same three if they are a label. Raises BadInput("label.bad")."""
    named = kind in ("interest", "need")
    if value not in VALUES.get(kind, ()) or named != bool(name) or len(name) > MAX_NAME:
        said = f"{kind}:{name}={value}" if name else f"{kind}={value}"
        raise BadInput("label.bad", said=said, kinds=", ".join(KINDS))
    if kind == "need":
        from nlp.types import NEEDS

        if name not in NEEDS:
            raise BadInput("label.need", name=name, known=", ".join(NEEDS))
    return kind, name, value


def find_post(project: Project, said: str) -> int:
    """The post that ``said`` means: its number in the project, ``platform:id``, the platform's id, or its link.

    Raises BadInput("label.no_post").
    """
    said = said.strip()
    platform, _, native = said.partition(":")
    rows = project.query(
        "select k.id from post_key k join platform p on p.id = k.platform join post t on t.id = k.id "
        "where (p.name = :platform and k.native_id = :native) or k.native_id = :said or t.url = :said order by k.id",
        {"platform": platform, "native": native, "said": said},
    )
    if not rows and said.isascii() and said.isdigit() and len(said) < 18:
        rows = project.query("select id from post where id = ?", (int(said),))
    if not rows:
        raise BadInput("label.no_post", said=said)
    return int(rows[0][0])


def put(project: Project, post: int, kind: str, name: str, value: str, *, who: str = "user") -> Label:
    """Store a label; what is known of the post shows it at once. Raises BadInput for one that is none."""
    kind, name, value = check(kind, name, value)

    def write(db: sqlite3.Connection) -> Label:
        made = _put(db, post, kind, name, value, who, int(time.time()))
        acts.note(db, "label", {"label": made.id})
        return made

    return project.writer.call(write)


def _put(db: sqlite3.Connection, post: int, kind: str, name: str, value: str, who: str, now: int) -> Label:
    before = _feature(db, post)
    number = db.execute(
        "insert into label(post, kind, name, value, who, created, before) values (?, ?, ?, ?, ?, ?, ?) returning id",
        (post, kind, name, value, who, now, None if before is None else json.dumps(before, ensure_ascii=False)),
    ).fetchone()[0]
    if before is not None:
        _show(db, post, before, [(kind, name, value)])
    return Label(int(number), post, kind, name, value, who, now)


def put_many(project: Project, found: Sequence[tuple[int, str, str, str, str]], now: int) -> None:
    """Store checked (post, kind, name, value, who) in one transaction."""

    def write(db: sqlite3.Connection) -> None:
        for post, kind, name, value, who in found:
            _put(db, post, kind, name, value, who, now)

    project.writer.call(write)


def undo(project: Project) -> Label | None:
    """Take the newest label back; what is known of its post is as it was. None if there is no label."""

    return project.writer.call(take_back)


def take_back(db: sqlite3.Connection, number: int | None = None) -> Label | None:
    """``undo`` inside a transaction: of the label ``number``, or the newest."""
    row = db.execute(
        "select id, post, kind, name, value, who, created, before from label where undone is null "
        "and id = coalesce(?, id) order by id desc limit 1", (number,),
    ).fetchone()  # fmt: skip
    if row is None:
        return None
    db.execute("update label set undone = ? where id = ?", (int(time.time()), row[0]))
    before, now = json.loads(row[7]) if row[7] else None, _feature(db, row[1])
    if now is not None:
        db.execute("delete from feature where post = ?", (row[1],))  # computed again when somebody asks
        if before is not None and before[0] == now[0]:
            db.execute("insert into feature values (?, ?, ?, ?, ?, ?, ?)", (row[1], *before))
    return Label(*row[:7])


_FEATURE: Final = ("model", "lang", "sentiment", "label", "spam", "detail")


def _feature(db: sqlite3.Connection, post: int) -> list[Any] | None:
    row = db.execute(f"select {', '.join(_FEATURE)} from feature where post = ?", (post,)).fetchone()
    return None if row is None else list(row)


def _show(db: sqlite3.Connection, post: int, row: Sequence[Any], said: Iterable[tuple[str, str, str]]) -> None:
    """Write the user's answers into what is known of a post."""
    from nlp.types import Analysis
    from nlp.user import decided

    detail = json.loads(row[5])
    known = {name: value for name, value in detail.items() if name in Analysis.__struct_fields__}
    found = msgspec.convert(
        {"lang": row[1] or "und", "sentiment": row[2], "label": row[3], "spam": row[4], **known}, Analysis
    )
    for kind, name, value in said:
        found = decided(found, kind, name, value)
    changed = msgspec.to_builtins(found)
    detail |= {name: changed[name] for name in known} | {"interests": changed["interests"], "needs": changed["needs"]}
    db.execute(
        "update feature set sentiment = ?, label = ?, spam = ?, detail = ? where post = ?",
        (found.sentiment, found.label, found.spam, json.dumps(detail, ensure_ascii=False), post),
    )


_COUNTS: Final = "select max(id) from label where undone is null group by post, kind, name"


def labels(project: Project, posts: Sequence[int] | None = None) -> list[Label]:
    """The labels that count, oldest first (of ``posts``, if given)."""
    where, params = f"id in ({_COUNTS})", ()
    if posts is not None:
        where += " and post in (select value from json_each(?))"
        params = (json.dumps(list(posts)),)  # type: ignore[assignment]
    rows = project.query(
        f"select id, post, kind, name, value, who, created from label where {where} order by id", params
    )
    return [Label(*row) for row in rows]


def count(project: Project, kind: str = "sentiment") -> int:
    """How many labels of a kind there are."""
    return int(project.one(f"select count(*) from label where kind = ? and id in ({_COUNTS})", (kind,)) or 0)


# -- words ---------------------------------------------------------------------------------------------------------


def word(kind: str, name: str, text: str, weight: float | None = None) -> Word:
    """A word for the lexicon, checked. Raises BadInput("lexicon.bad_…")."""
    text, name = fold(one_line(clean(text), 200)).strip("#＃ "), one_line(clean(name), 200).strip(" /")
    if kind not in LEXICONS:
        raise BadInput("lexicon.bad_kind", kind=kind, known=", ".join(LEXICONS))
    if (
        not text
        or len(text) > MAX_WORD
        or (kind == "interest") != bool(name)
        or len(name) > MAX_NAME
        or name.count("/") > 1
    ):
        raise BadInput("lexicon.bad_word", word=text or "?", name=name or "-", most=MAX_WORD)
    low, high, usual = WEIGHTS[kind]
    weight = usual if weight is None else weight
    if not low <= weight <= high:
        raise BadInput("lexicon.bad_weight", weight=weight, low=low, high=high)
    return Word(kind, name, text, float(weight))


def words(project: Project, kind: str | None = None) -> list[Word]:
    """The user's words, in order of kind, interest and word."""
    sql = (
        "select kind, name, word, weight, who, created from lexicon where kind = coalesce(?, kind) "
        "order by kind, name, word"
    )
    return [Word(*row) for row in project.query(sql, (kind,))]


def add_words(project: Project, found: Sequence[Word], *, who: str = "user") -> int:
    """Add words or change their weights; returns how many are new or changed."""
    now = int(time.time())
    rows = [(w.kind, w.name, w.word, w.weight, who, now) for w in found]

    def write(db: sqlite3.Connection) -> int:
        before = db.total_changes
        db.executemany(
            "insert into lexicon(kind, name, word, weight, who, created) values (?, ?, ?, ?, ?, ?) "
            "on conflict do update set weight = excluded.weight, who = excluded.who, created = excluded.created "
            "where weight <> excluded.weight",
            rows,
        )
        changed = db.total_changes - before
        if changed:
            write_audit(db, "words.add", {"n": changed})
        return changed

    return project.writer.call(write)


def remove_words(project: Project, kind: str, name: str, texts: Sequence[str]) -> int:
    """Take words out; returns how many were there. An empty ``name`` means the word wherever it stands."""
    rows = [(kind, fold(text).strip("#＃ "), name, name) for text in texts]

    def write(db: sqlite3.Connection) -> int:
        before = db.total_changes
        db.executemany("delete from lexicon where kind = ? and word = ? and (? = '' or name = ?)", rows)
        gone = db.total_changes - before
        if gone:
            write_audit(db, "words.remove", {"n": gone})
        return gone

    return project.writer.call(write)


# -- what the models make of it ------------------------------------------------------------------------------------


def user_model(project: Project, *, learned: bool = True) -> UserModel:
    """The user's words, and what was learned, as the analysis takes them."""
    from nlp.learn import Delta
    from nlp.user import UserModel

    by_kind: dict[str, list[Word]] = defaultdict(list)
    for entry in words(project):
        by_kind[entry.kind].append(entry)
    deltas: tuple[Delta, ...] = ()
    if learned:
        rows = project.query("select delta from learned order by kind, name")
        deltas = tuple(msgspec.json.decode(row[0], type=Delta) for row in rows)
    return UserModel(
        tuple((w.word, w.weight) for w in by_kind["sentiment"]),
        tuple((w.name, w.word, w.weight) for w in by_kind["interest"]),
        tuple(w.word for w in by_kind["word"]),
        tuple(w.word for w in by_kind["stop"]),
        deltas,
    )


class Voice:
    """The user's say in an analysis: their version of the models, and their answers for single posts."""

    def __init__(self, project: Project, engine: str = "xunke") -> None:
        from nlp.user import EMPTY, model_version

        self.project = project
        self.user = user_model(project) if engine == "xunke" else EMPTY
        self.model = f"{engine}:{model_version(self.user)}"
        self._labelled = bool(project.one("select 1 from label where undone is null limit 1"))

    def heed(self, posts: Sequence[int], texts: Sequence[str], found: Sequence[Analysis]) -> list[Analysis]:
        """The analyses of ``posts`` as the user wants them."""
        from nlp.user import decided

        out = self.user.adjust(texts, found)
        if self._labelled:
            place = {post: at for at, post in enumerate(posts)}
            for label in labels(self.project, posts):
                at = place[label.post]
                out[at] = decided(out[at], label.kind, label.name, label.value)
        return out


@dataclass(frozen=True, slots=True)
class Lesson:
    """What learning came to for one question; ``adopted``: whether it is in use from now on."""

    report: Report
    adopted: bool


_TEXTS: Final = "select id, coalesce(title || ' ', '') || text from post where "


def learn(project: Project, *, dry_run: bool = False, force: bool = False) -> list[Lesson]:
    """Learn from the labels. What does worse on them than the shipped models is left, unless ``force``.

    ``dry_run`` only says what it would be worth. Takes a second or two for some hundred labels.
    """
    from nlp.analyse import analyse_many
    from nlp.learn import learn as fit
    from nlp.types import MODEL_VERSION
    from nlp.user import odds_of

    asked: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for label in labels(project):
        asked[label.kind, label.name].append(label)
    if not asked:
        return []
    posts = sorted({label.post for some in asked.values() for label in some})
    texts = dict(project.query(_TEXTS + "id in (select value from json_each(?))", (json.dumps(posts),)))
    others = dict(project.query(
        _TEXTS + "id not in (select value from json_each(?)) and length(text) > 3 "
        "order by (id * 2654435761) % 4294967296 limit ?", (json.dumps(posts), ANCHORS),
    ))  # fmt: skip
    known = {**texts, **others}
    user = user_model(project, learned=False)
    shipped = dict(zip(known, user.adjust(list(known.values()), list(analyse_many(known.values()))), strict=True))
    lessons: list[tuple[Lesson, Delta | None]] = []
    for (kind, name), some in sorted(asked.items()):
        mine = [label for label in some if label.post in texts]
        found = fit(
            kind, name, MODEL_VERSION,  # type: ignore[arg-type]
            [texts[label.post] for label in mine],
            [{"positive": 1.0, "yes": 1.0, "neutral": 0.5}.get(label.value, 0.0) for label in mine],
            [odds_of(shipped[label.post], kind, name) for label in mine],
            anchors=list(others.values()),
            anchor_odds=[odds_of(shipped[post], kind, name) for post in others],
        )  # fmt: skip
        good = found.report.verdict == "better" or (force and found.delta is not None)
        lessons.append((Lesson(found.report, good and not dry_run), found.delta))
    if not dry_run:
        project.writer.call(lambda db: _keep(db, lessons))
    return [lesson for lesson, _ in lessons]


def _keep(db: sqlite3.Connection, lessons: Sequence[tuple[Lesson, Delta | None]]) -> None:
    now = int(time.time())
    for lesson, delta in lessons:
        if lesson.adopted and delta is not None:
            db.execute(
                "insert or replace into learned(kind, name, base, delta, report, created) values (?, ?, ?, ?, ?, ?)",
                (
                    delta.kind, delta.name, delta.base, msgspec.json.encode(delta).decode(),
                    msgspec.json.encode(lesson.report).decode(), now,
                ),
            )  # fmt: skip
    told = [msgspec.to_builtins(lesson.report) | {"adopted": lesson.adopted} for lesson, _ in lessons]
    write_audit(db, "words.learn", {"lessons": told})


def forget(project: Project) -> int:
    """Drop all that was learned (labels and words stay); returns how many corrections went."""

    def write(db: sqlite3.Connection) -> int:
        gone = db.execute("delete from learned").rowcount
        if gone:
            write_audit(db, "words.forget", {"n": gone})
        return int(gone)

    return project.writer.call(write)


def lessons(project: Project) -> list[tuple[Report, str, int]]:
    """What is in use: the report, the version of the shipped models that it was learned on, when (UTC seconds)."""
    from nlp.learn import Report

    rows = project.query("select report, base, created from learned order by kind, name")
    return [(msgspec.json.decode(row[0], type=Report), row[1], row[2]) for row in rows]
