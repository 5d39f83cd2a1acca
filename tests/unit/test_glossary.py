"""The glossary: whole, found by every name, and true to the code where it names numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graph.build import KIND_WEIGHTS
from xunke import glossary
from xunke.outreach.people import TIERS
from xunke.outreach.scoring import FRESH_DAYS, WEIGHTS


def test_every_name_finds_one_term() -> None:
    seen: dict[str, str] = {}
    for term in glossary.terms():
        for name in (term.id, *term.name.values(), *term.aliases):
            assert glossary.find(name) == term, name
            assert seen.setdefault(name.casefold(), term.id) == term.id
            assert glossary.find(name.upper()) == term
        assert all(term.text[lang] and term.used[lang] for lang in ("zh", "en"))
    assert len(glossary.terms()) >= 40


def test_numbers_in_it_are_those_of_the_code() -> None:
    def text(word: str) -> str:
        term = glossary.find(word)
        assert term is not None
        return term.text["en"] + term.used["en"]

    for kind, weight in KIND_WEIGHTS.items():
        assert f"{kind} {weight:g}" in text("interaction")
    for tier, (low, high) in TIERS.items():
        assert not low or f"{low:,}" in text(tier)
        assert high is None or f"{high + 1:,}" in text(tier)
    names = {"reach": "reach", "fit": "fit", "influence": "influence", "authentic": "authenticity"}
    assert all(f"{names[name]} {weight:g}" in text("weights") for name, weight in WEIGHTS.items())
    assert f"{FRESH_DAYS:g} days" in text("freshness")


def test_near_misses() -> None:
    assert [t.id for t in glossary.near("互动绿")][:2] == ["interaction", "engagement"]
    assert glossary.near("影响了") != []
    assert glossary.near("zzqqxx") == []
    assert glossary.near("") == []


@given(st.text(max_size=200))
def test_any_word_is_looked_up(word: str) -> None:
    assert glossary.find(word) is None or glossary.find(word) in glossary.terms()
    assert len(glossary.near(word)) <= 3
