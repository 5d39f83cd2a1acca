"""label and lexicon: what the user corrects and adds, and what is learned from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xunke import export, labels, lexicon_files
from xunke.clock import moment, stamp
from xunke.config import user_path
from xunke.errors import UsageError

if TYPE_CHECKING:
    from .main import Context

_WORD_COLUMNS: Final = ("kind", "interest", "word", "weight", "who", "created")
_LABEL_COLUMNS: Final = ("post", "question", "value", "who", "created", "text")


def label(context: Context) -> int:
    """``xunke label POST sentiment=negative interest:宠物=yes …``; without an answer: what is said about it."""
    args, project, out = context.args, context.project, context.out
    answers = [labels.parse(said) for said in args.answers]
    post = labels.find_post(project, args.post)
    for kind, name, value in answers:
        labels.put(project, post, kind, name, value)
    out.rows(_LABEL_COLUMNS, list(_label_rows(context, labels.labels(project, [post]))))
    if answers:
        out.say(out.cat.t("label.kept", n=len(answers), total=len(labels.labels(project))))
    return 0


def _label_rows(context: Context, found: Sequence[labels.Label]) -> Iterator[dict[str, Any]]:
    from xunke.storage import rows

    posts = {row.id: row for row in rows.posts(context.project, sorted({entry.post for entry in found}))}
    for entry in found:
        row = posts.get(entry.post)
        yield {
            "post": f"{row.platform}:{row.native_id}" if row else str(entry.post),
            "question": f"{entry.kind}:{entry.name}" if entry.name else entry.kind, "value": entry.value,
            "who": entry.who, "created": stamp(entry.created),
            "text": row.text if row else "",
        }  # fmt: skip


def lexicon(context: Context) -> int:
    """``xunke lexicon OP …``."""
    return _OPS[context.args.op](context)


def _list(context: Context) -> int:
    kind = context.args.words[0] if context.args.words else None
    if kind is not None and kind not in labels.LEXICONS:
        raise UsageError("lexicon.bad_kind", kind=kind, known=", ".join(labels.LEXICONS))
    found = labels.words(context.project, kind)
    table = [
        {"kind": w.kind, "interest": w.name or None, "word": w.word, "weight": w.weight, "who": w.who,
         "created": moment(w.created).strftime("%Y-%m-%d")}
        for w in found
    ]  # fmt: skip
    if not table:
        context.out.say(context.out.cat.t("lexicon.none"))
    context.out.rows(_WORD_COLUMNS, table)
    return 0


def _said(context: Context) -> tuple[str, str, list[str]]:
    """(kind, interest, words) of ``interest 宠物/猫 布偶 …`` or ``sentiment 绝了``."""
    said = list(context.args.words)
    if len(said) < (3 if said[:1] == ["interest"] else 2):
        raise UsageError("lexicon.say_what", known=", ".join(labels.LEXICONS))
    if said[0] == "interest":
        return said[0], said[1], said[2:]
    return said[0], "", said[1:]


def _add(context: Context) -> int:
    kind, name, said = _said(context)
    weight = context.args.weight
    if kind == "sentiment" and weight is None and len(said) > 1 and (number := _number(said[-1])) is not None:
        weight, said = number, said[:-1]
    found = [labels.word(kind, name, text, weight) for text in said]
    changed = labels.add_words(context.project, found)
    context.out.say(context.out.cat.t("lexicon.added", n=changed))
    return 0


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _remove(context: Context) -> int:
    kind, name, said = _said(context)
    gone = labels.remove_words(context.project, kind, name, said)
    context.out.say(context.out.cat.t("lexicon.removed", n=gone))
    return 0


def _discover(context: Context) -> int:
    """New words of the project's posts; ``--save`` keeps them as the user's own."""
    from xunke.topics import discover

    found = discover(context.project, context.args.limit)
    columns = ("word", "authors", "count", "cohesion", "freedom", "examples", "quote")
    context.out.rows(columns, found)
    if context.args.save:
        changed = labels.add_words(
            context.project, [labels.word("word", "", row["word"]) for row in found], who="discover"
        )
        context.out.say(context.out.cat.t("lexicon.added", n=changed))
    elif not found:
        context.out.say(context.out.cat.t("lexicon.nothing_new"))
    return 0


def _labels(context: Context) -> int:
    found = labels.labels(context.project)
    if not found:
        context.out.say(context.out.cat.t("label.none"))
    context.out.rows(_LABEL_COLUMNS, list(_label_rows(context, found)))
    return 0


def _undo(context: Context) -> int:
    gone = labels.undo(context.project)
    out = context.out
    if gone is None:
        out.say(out.cat.t("label.none"))
        return 0
    out.rows(_LABEL_COLUMNS, list(_label_rows(context, [gone])))
    out.say(out.cat.t("label.undone"))
    return 0


def _learn(context: Context) -> int:
    args, out = context.args, context.out
    lessons = labels.learn(context.project, dry_run=args.dry_run, force=args.force)
    if not lessons:
        out.say(out.cat.t("label.none"))
    _tell(context, [(lesson.report, {"adopted": lesson.adopted}) for lesson in lessons])
    if args.dry_run and lessons:
        out.say(out.cat.t("lexicon.dry"))
    return 0


_LESSON_COLUMNS: Final = ("question", "labels", "before", "after", "low", "high", "verdict", "adopted")


def _tell(context: Context, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
    import msgspec

    out = context.out
    table = []
    for report, more in found:
        row = msgspec.to_builtins(report) | dict(more)
        table.append({"question": f"{report.kind}:{report.name}" if report.name else report.kind, **row})
    shown = table if out.json else [{**row, "verdict": out.cat.t(f"lesson.{row['verdict']}")} for row in table]
    out.rows(_LESSON_COLUMNS, shown)
    for row in table:
        if row["selected"]:
            said = {"question": row["question"], "before": row["overall_before"], "after": row["overall_after"]}
            out.say(out.cat.t("lesson.selected", **said))


def _status(context: Context) -> int:
    from nlp.types import MODEL_VERSION

    found = labels.lessons(context.project)
    if not found:
        context.out.say(context.out.cat.t("lexicon.not_learned"))
    _tell(context, [(report, {"adopted": base == MODEL_VERSION, "base": base}) for report, base, _ in found])
    if any(base != MODEL_VERSION for _, base, _ in found):
        context.out.say(context.out.cat.t("lexicon.stale"))
    return 0


def _forget(context: Context) -> int:
    context.out.say(context.out.cat.t("lexicon.forgot", n=labels.forget(context.project)))
    return 0


def _export(context: Context) -> int:
    """Words as TOML, or (``export labels``) labels as CSV or JSON lines; to ``--out`` or standard output."""
    args, out = context.args, context.out
    of_labels = args.words[:1] == ["labels"]
    target = None if args.out in (None, "-") else user_path(args.out)
    if not of_labels:
        text = lexicon_files.to_toml(labels.words(context.project))
        if target is None:
            out.data(text.rstrip("\n"))
            return 0
        _written(context, export.text_file(target, text), len(labels.words(context.project)))
        return 0
    rows = list(lexicon_files.label_rows(context.project))
    if target is None:
        for row in rows:
            out.object(row)
        return 0
    suffix = target.suffix.lstrip(".").lower()
    columns = [export.Column(key, key, text=key == "id") for key in lexicon_files.LABEL_FIELDS]
    done = export.write(target, columns, rows, suffix if suffix in export.FORMATS else "csv", "labels")
    _written(context, done.path, done.rows)
    return 0


def _written(context: Context, path: Path, n: int) -> None:
    from xunke.events import FileWritten

    context.out.event(FileWritten(str(path), n, path.suffix.lstrip(".")))


def _import(context: Context) -> int:
    args, out = context.args, context.out
    if len(args.words) != 1:
        raise UsageError("lexicon.no_file")
    path = user_path(args.words[0])
    if path.suffix.lower() == ".toml":
        found = lexicon_files.from_toml(path)
        changed = 0 if args.dry_run else labels.add_words(context.project, found, who="import")
        report: dict[str, Any] = {"path": str(path), "read": len(found), "changed": changed}
        out.object(report) if out.json else out.say(out.cat.t("lexicon.imported", **report))
        return 0
    told = lexicon_files.import_labels(context.project, path, dry_run=args.dry_run)
    if out.json:
        out.object(told)
    else:
        out.say(
            out.cat.t(
                "label.imported", **{k: v for k, v in told.items() if k != "rejected"}, rejected=len(told["rejected"])
            )
        )
        for entry in told["rejected"][:10]:
            out.say(out.cat.t("label.rejected", row=entry["row"], said=entry["said"]))
    return 0


def _path(context: Context) -> int:
    """Where words and labels lie: in the project's one file."""
    context.out.object({"path": str(context.path)}) if context.out.json else context.out.data(str(context.path))
    return 0


_OPS: Final[dict[str, Callable[[Context], int]]] = {
    "list": _list, "add": _add, "remove": _remove, "discover": _discover, "labels": _labels, "undo": _undo,
    "learn": _learn, "forget": _forget, "status": _status, "export": _export, "import": _import, "path": _path,
}  # fmt: skip
COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"label": label, "lexicon": lexicon}
