"""Answers on the command line: the sentences with marks, and what the marks stand for; ``xunke help TERM``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from xunke import glossary
from xunke.events import Answer
from xunke.present.answers import told
from xunke.storage import Project, rows
from xunke.text import one_line

if TYPE_CHECKING:
    from .main import Context

MARKS: Final = 6
"""So many marks are written out, each with so many of what is behind it:"""
EACH: Final = 2
_QUOTE: Final = 36


def show_answer(context: Context, event: Answer, *, asked: bool = True) -> None:
    """What was asked goes to standard output; what is said of a result without being asked goes with the talk.

    With ``--json`` one object: the event with its references, and ``text``, the sentences.
    """
    out = context.out
    lines, marks = told(event, out.cat)
    if out.json:
        found = {**msgspec.to_builtins(event), "text": lines}
        if asked:
            out.object(found)
        else:
            out.say(msgspec.json.encode(found).decode())
        return
    say: Callable[[str], None] = out.data if asked else out.say
    for line in lines:
        say(line)
    for line in evidence(context, marks):
        say("  " + line)


def evidence(context: Context, marks: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The first marks, each with the first things behind it."""
    t = context.out.cat.t
    for n, refs in enumerate(marks[:MARKS], 1):
        shown = [line for ref in refs[:EACH] if (line := _behind(context, ref)) is not None]
        if shown:
            yield t("answer.mark", n=n, what=shown[0])
            yield from (f"    {line}" for line in shown[1:])
            if len(refs) > EACH:
                yield t("answer.mark.more", n=len(refs) - EACH)


def _behind(context: Context, ref: str) -> str | None:
    kind, _, name = ref.partition(":")
    t, project = context.out.cat.t, context.project
    if kind == "result":
        return t("answer.mark.result", id=name)
    if kind == "person":
        found = rows.find_account(project, name)
        return t("answer.mark.person", id=name, who=found[0].name or found[0].native_id) if found else None
    return _post_line(context, project, name)


def _post_line(context: Context, project: Project, name: str) -> str | None:
    from xunke.errors import BadInput
    from xunke.labels import find_post

    try:
        post = rows.posts(project, [find_post(project, name)])[0]
    except (BadInput, IndexError):
        return None
    text = one_line(post.text, _QUOTE)
    return context.out.cat.t("answer.mark.post", id=name, who=f"@{post.author_name or '?'}", text=text)


def help_term(context: Context) -> int:
    """``xunke help [TERM]``: what a term means; all terms without one."""
    from xunke.answers.terms import of

    out, word = context.out, " ".join(context.args.term)
    if not word:
        lang = out.cat.lang
        out.say(out.cat.t("help.text"))
        out.say(out.cat.t("terms.title"))
        out.rows(("term", "text"), [{"term": t.name[lang], "text": t.text[lang], "id": t.id} for t in glossary.terms()])
        return 0
    show_answer(context, Answer("term", of(word)))
    return 0 if glossary.find(word) is not None else 1


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"help": help_term}
