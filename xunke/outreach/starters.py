"""Kinds of people to begin with (Z世代, 新锐白领…): rules over what people state."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from xunke.errors import BadInput
from xunke.i18n import Catalogue
from xunke.storage import Project
from xunke.text import fold

from . import facets
from .persona_rows import Whom, everybody, whom_of
from .personas import interests_of

Rule = Mapping[str, Sequence[str]]


@cache
def starters() -> dict[str, Rule]:
    """{name: {fact: values}} as shipped."""
    return tomllib.loads(files("xunke.outreach").joinpath("starters.toml").read_text("utf-8"))


def find(name: str) -> str:
    """The starter called ``name``: its code, or its name in either language. Raises BadInput("persona.no_starter")."""
    for code in starters():
        if fold(name) in (fold(code), *(fold(Catalogue(lang).t(f"starter.{code}")) for lang in ("zh", "en"))):
            return code
    known = "、".join(Catalogue().t(f"starter.{code}") for code in starters())
    raise BadInput("persona.no_starter", name=name, known=known)


def people(project: Project, name: str) -> Whom:
    """Everybody who states what the starter asks for."""
    code = find(name)
    kept = dict.fromkeys(everybody(project).accounts)
    for fact, values in starters()[code].items():
        stated = facets.stated(project, fact)
        shown = interests_of(project, kept) if fact == "interest" else {}
        wanted = set(values)
        kept = dict.fromkeys(a for a in kept if wanted & {*stated.get(a, ()), *shown.get(a, ())})
    return whom_of(project, "starter", f"starter.{code}", list(kept), spec=dict(starters()[code]))
