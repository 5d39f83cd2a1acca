"""What people say about themselves, and nothing else.

Only explicit statements count (坐标上海, 90后, 宝妈, 本人女, 程序员一枚). Never read: names, pictures, star signs,
style of writing. Never returned: health, religion, ethnicity, sexuality, politics; there is no pattern for them.
Somebody who says that they are under 18 gets the one fact ``minor``: leave this person out altogether. What is said
of others (我男朋友是医生), of what is not so (不是学生, 如果我是), in quotes, or for a shop or a brand states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from xunke.text import clean

from . import persona_patterns as say
from . import stated_places
from .interests import interests
from .match import WordFinder
from .plain import plain_as_long
from .resources import table
from .segment import bare, own_words
from .types import MAX_CHARS, Fact, FactName, FactSource

BIO, TAG, POST, WEAK = 0.95, 0.95, 0.75, 0.6
"""Confidence in a statement in a bio, a profile tag, a post; and in one that follows from another."""
LONGEST_NOUN: Final = 30
"""Characters of a clause that may be how somebody names themself."""
TagClass = Literal["age", "identity", "occupation", "hobby"]
_CLASS_OF: Final[dict[FactName, TagClass]] = {
    "age": "age", "gender": "identity", "family": "identity", "school": "identity", "region": "identity",
    "occupation": "occupation", "interest": "hobby",
}  # fmt: skip


def stated_facts(
    bio: str | None, tags: Iterable[str] = (), text: str | None = None, *, year: int | None = None
) -> tuple[Fact, ...]:
    """Facts a person states in their bio, profile tags or a post of their own.

    ``year`` is the year in which they said so; with it 95年 becomes an age band (and a birth year may show a minor),
    and 95后 states the band that holds most of those years, too; without it the value stays the decade or year as
    said ("95后", "1995"). One fact of each name and value; the surest first. A minor gives exactly
    ``(Fact("minor", …),)``.
    """
    parts: list[tuple[str, FactSource]] = [(_readable(bio), "bio"), *((_readable(tag[:100]), "tag") for tag in tags)]
    facts = [fact for part, source in parts if part.strip() for fact in _from_profile(part, source, year)]
    if text:
        facts += _from_post(bare(own_words(clean(text[:MAX_CHARS]))), year)
    if young := next((fact for fact in facts if fact.fact == "minor"), None):
        return (young,)
    best: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        kept = best.get((fact.fact, fact.value))
        if kept is None or fact.confidence > kept.confidence:
            best[fact.fact, fact.value] = fact
    return tuple(sorted(_consistent(best.values()), key=lambda f: (-f.confidence, f.fact, f.value)))


def post_facts(text: str, year: int | None = None) -> tuple[Fact, ...]:
    """``stated_facts(None, (), text)``, quick for the many posts that say nothing of their author."""
    if say.ANY_SELF.search(text) is None and text.isascii():
        return ()
    return stated_facts(None, (), text, year=year)


def classify_tag(tag: str, *, year: int | None = None) -> tuple[tuple[TagClass, Fact], ...]:
    """What a profile tag says of its owner: age, identity (gender, family, school, region), occupation or hobby.

    A tag that says none of it, or something we keep nothing of (belief, health, star sign), gives nothing. For a
    minor's tag the one answer is ("identity", Fact("minor", …)).
    """
    return tuple((_CLASS_OF.get(fact.fact, "identity"), fact) for fact in stated_facts(None, (tag,), year=year))


def _readable(text: str | None) -> str:
    return clean((text or "")[:MAX_CHARS]).strip()


def _consistent(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Somebody who says two genders at once ("他男我女") has stated none that we can use."""
    kept = list(facts)
    genders = {fact.value for fact in kept if fact.fact == "gender"}
    return (fact for fact in kept if fact.fact != "gender" or len(genders) == 1)


# -- profiles ------------------------------------------------------------------------------------------------------


def _from_profile(part: str, source: FactSource, year: int | None) -> Iterator[Fact]:
    """Facts of a bio or tag. ``flat`` has a character for each one of ``part``, so that quotes are as written."""
    flat = _without_speech(plain_as_long(part))
    if say.NO_PERSON.search(flat):
        return
    clauses = [(m.start(), m[0]) for m in say.CLAUSE.finditer(flat)]
    if quote := _young_profile(flat, clauses, year):
        yield Fact("minor", "true", 0.95, quote, source)
        return
    yield from _regions(part, clauses, source)
    signs = [Fact("gender", v, BIO, s, source) for s, v in say.GENDER_SIGN.items() if s in flat]
    signs += [
        Fact("gender", "female" if m[1] == "女" else "male", BIO, part[m.start() : m.end()], source)
        for m in say.SELF_GENDER.finditer(flat)
    ]
    genders = signs + [fact for at, clause in clauses for fact in _gender(part, at, clause, source)]
    yield from genders
    yield from _ages(part, flat, clauses, source, year, gendered=bool(genders))
    for at, clause in clauses:
        yield from _listed(part, at, clause, source, BIO)
        yield from _parents(part, at, clause, source, BIO)
    yield from _hobbies(part, flat, clauses, source)


def _without_speech(flat: str) -> str:
    """Quoted words are somebody else's, and so is what follows 歌词： on the same line."""
    flat = say.QUOTED.sub(lambda m: " " * len(m[0]), flat)
    said = say.SPEECH.search(flat)
    return flat if said is None else flat[: said.start()] + re.sub(r"[^\n]", " ", flat[said.start() :])


def _regions(part: str, clauses: list[tuple[int, str]], source: FactSource) -> Iterator[Fact]:
    found = [(at, place) for at, clause in clauses for place in stated_places.in_profile(clause)]
    pairs = pairwise(clauses)
    for (at, clause), (_, following) in pairs:  # the place may stand behind a mark: 坐标：上海, base|杭州
        if clause.endswith(("坐标", "base", "属地", "所在地", "城市", "现居", "定位", "常驻")) and clause != following:
            found += [(at, p) for p in stated_places.in_profile(f"坐标{following}")]
    living = [pair for pair in found if not pair[1].home]
    for at, place in living or found:
        quote = part[at + place.start : at + place.end].strip() or place.name
        yield Fact("region", place.name, BIO if not place.home else 0.8, quote, source)


@cache
def _nouns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    before = say.BEFORE_NOUN.replace("PLACE", f"(?:{stated_places.known()})(?:市|本地)?")
    out = []
    for value in ("female", "male"):
        nouns = sorted(table("persona")["gender"][value].split(), key=lambda w: (-len(w), w))
        out.append(
            (value, re.compile(rf"^{before}(?:{'|'.join(map(re.escape, nouns))}){say.ONE}(?:在.{{2,8}}|喵|呀)?$"))
        )
    return tuple(out)


def _gender(part: str, at: int, clause: str, source: FactSource) -> Iterator[Fact]:
    for value, pattern in _nouns() if len(clause) <= LONGEST_NOUN else ():
        if pattern.match(clause):
            yield Fact("gender", value, BIO, part[at : at + len(clause)], source)


def _ages(
    part: str, flat: str, clauses: list[tuple[int, str]], source: FactSource, year: int | None, *, gendered: bool
) -> Iterator[Fact]:
    for match in say.DECADE.finditer(flat):
        if not say.DECADE_NOT.match(flat, match.end()) and not say.TO_OTHERS.search(flat[: match.start()]):
            yield from _decade(match[1], part[match.start() : match.end()], BIO, source, year)
            break
    born = say.BORN.search(flat)
    if born and (value := _age_of(_birth_year(born), year)):
        yield Fact("age", value, 0.9, part[born.start() : born.end()].strip(), source)
    years = say.YEARS.search(flat)
    if years and not flat[: years.start(1)].endswith(("永远", "永远的")) and (band := _band(int(years[1]))):
        yield Fact("age", band, BIO, part[years.start() : years.end()].strip(), source)
    if gendered:  # 28/男, 武汉，女，1988: a bare number only beside a stated gender
        for at, clause in clauses:
            if (alone := say.ALONE_AGE.match(clause)) is not None:
                value = _band(int(alone[1])) if alone[1] else _age_of(int(alone[2]), year)
                if value:
                    yield Fact("age", value, 0.85, part[at : at + len(clause)], source)


def _decade(said: str, quote: str, confidence: float, source: FactSource, year: int | None) -> Iterator[Fact]:
    digits = said.translate(say.HAN_DIGITS)
    yield Fact("age", f"{digits}后", confidence, quote, source)
    if year is not None:
        first = int(digits) + (2000 if int(digits) < 30 else 1900)
        span = 5 if digits.endswith("5") else 10
        bands = [band for born in range(first, first + span) if (band := _band(year - born))]
        most = max(dict.fromkeys(bands), key=bands.count, default=None)
        if most is not None and bands.count(most) >= 0.6 * span:
            yield Fact("age", most, round(confidence - 0.1, 2), quote, source)


def _birth_year(found: re.Match[str]) -> int:
    number = int(found[1] or found[2])
    return number if number > 100 else 2000 + number if number < 30 else 1900 + number


def _age_of(born: int, year: int | None) -> str | None:
    if not 1930 <= born <= 2025:
        return None
    return str(born) if year is None else _band(year - born)


def _band(age: int) -> str | None:
    return next((f"{low}-{high}" for low, high in say.BANDS if low <= age <= high), None)


@cache
def _finder() -> tuple[WordFinder, dict[str, tuple[tuple[FactName, str], ...]]]:
    """One search for the words of occupations, schools, families; {word: what it states}."""
    data, meant = table("persona"), dict[str, list[tuple[FactName, str]]]()
    for fact in ("occupation", "school", "family"):
        for value, words in data[fact].items():
            for word in words.split():
                meant.setdefault(word.lower(), []).append((fact, value))
                if fact == "school":
                    meant[word.lower()].append(("occupation", "学生"))
    for word in data["student"]["any"].split():
        meant.setdefault(word, []).append(("occupation", "学生"))
    for value, kin in (("妈妈", "female"), ("爸爸", "male")):
        for word in data["family"][value].split():
            meant[word.lower()].append(("gender", kin))
    for word, kin in (("孕妈", "female"), ("准妈妈", "female"), ("孕妈妈", "female"), ("准爸爸", "male"),
                      ("准新娘", "female"), ("准新郎", "male"), ("二胎孕妈", "female")):  # fmt: skip
        meant[word].append(("gender", kin))
    return WordFinder(meant), {word: tuple(dict.fromkeys(found)) for word, found in meant.items()}


def _listed(part: str, at: int, clause: str, source: FactSource, confidence: float, lead: int = 0) -> Iterator[Fact]:
    """What the words of one clause state; ``lead``: where the author's own part begins (behind 我是)."""
    finder, meant = _finder()
    for hit in finder.find(clause):
        before = clause[lead : hit.start]
        if hit.start < lead or say.UNREAL.search(clause[: hit.start]) or say.OTHERS.search(before):
            continue
        if say.FAN.match(clause, hit.end) and not clause.startswith(("一枚", "日常"), hit.end):
            continue
        if source == "post" and not say.ENDS.match(clause, hit.end):
            continue
        for fact, value in meant[hit.word]:
            yield Fact(fact, value, confidence, part[at + hit.start : at + hit.end], source)


def _parents(part: str, at: int, clause: str, source: FactSource, confidence: float) -> Iterator[Fact]:
    """Mothers and fathers of …: 两个娃的妈, 男孩妈."""
    match = say.MOTHER.search(clause)
    if match is None or say.UNREAL.search(clause[: match.start()]) or say.FAN.match(clause, match.end()):
        return
    quote = part[at + match.start() : at + match.end()]
    mother = (match[1] or match[2]) in ("妈", "麻麻", "娘")
    yield Fact("family", "妈妈" if mother else "爸爸", confidence, quote, source)
    yield Fact("gender", "female" if mother else "male", confidence, quote, source)


@cache
def _hobby_words() -> dict[str, str]:
    return {word: value for value, words in table("persona")["hobby"].items() for word in words.split()}


def _hobbies(part: str, flat: str, clauses: list[tuple[int, str]], source: FactSource) -> Iterator[Fact]:
    known = _hobby_words()
    for at, clause in clauses:
        bareword = re.sub(r"^(?:爱|喜欢|热爱|业余|周末|资深|重度)|(?:控|党|爱好者|达人|日常|一枚|狂魔)$", "", clause)
        if value := known.get(clause) or known.get(bareword):
            yield Fact("interest", value, 0.85, part[at : at + len(clause)], source)
        elif source == "tag" and not _finder()[0].find(clause):
            for name, _ in interests(clause).first[:1]:
                if name not in ("健康", "情感"):
                    yield Fact("interest", name, 0.8, part[at : at + len(clause)], source)
    for match in say.LEISURE.finditer(flat):
        said = match[1] or match[2]
        quote = part[match.start() : match.end()].strip()
        words = [value for word, value in known.items() if word in said]
        names = words or [name for name, _ in interests(said).first if name not in ("健康", "情感")]
        for name in dict.fromkeys(names):
            yield Fact("interest", name, 0.85, quote, source)


# -- under 18 ------------------------------------------------------------------------------------------------------


@cache
def _young_words() -> tuple[WordFinder, re.Pattern[str]]:
    data = table("persona")["minor"]
    grades = sorted(data["grade"].split(), key=lambda w: (-len(w), w))
    return WordFinder(data["any"].split()), re.compile("|".join(grades) + "|[一二三四五六]年级(?=小学生|学生|的小)")


def _young_profile(flat: str, clauses: list[tuple[int, str]], year: int | None) -> str | None:
    """The words by which a profile says that its owner is under 18."""
    age = say.YEARS.search(flat)
    if age and 5 <= int(age[1]) < 18 and not say.OTHERS.search(flat[: age.start()].rsplit("，", 1)[-1]):
        return age[0].strip()
    born = say.BORN.search(flat)
    if year is not None and born and 0 < year - _birth_year(born) < 18:
        return born[0].strip()
    return next((said for _, clause in clauses if (said := _young_clause(clause))), None)


def _young_clause(clause: str, lead: int = 0) -> str | None:
    words, grades = _young_words()
    for hit in words.find(clause):
        before = clause[lead : hit.start]
        if not (say.UNREAL.search(before) or say.OTHERS.search(before) or say.TEACHES.match(clause, hit.end)):
            return hit.word
    for match in grades.finditer(clause):
        before, after = clause[lead : match.start()], clause[match.end() :]
        own = not (say.GRADE_NOT.search(before) or say.UNREAL.search(before) or say.OTHERS.search(before))
        if own and say.GRADE_END.match(after) and not say.TEACHES.match(after):
            return match[0]
    exam = say.EXAM.search(clause)
    return exam[0] if exam and not say.EXAM_OTHERS.search(clause) else None


# -- posts ---------------------------------------------------------------------------------------------------------


def _from_post(post: str, year: int | None) -> Iterator[Fact]:
    """Only what follows 本人, 我是, 坐标 … in the same sentence is about the author."""
    whole = plain_as_long(post)
    if say.ANY_SELF.search(whole) is None:
        return
    flat = _without_speech(whole)
    for match in say.SENTENCE.finditer(flat):
        if say.ANY_SELF.search(match[0]):
            yield from _from_sentence(post, match.start(), match[0], year)


def _from_sentence(post: str, at: int, said: str, year: int | None) -> Iterator[Fact]:
    if quote := _young_sentence(said, year):
        yield Fact("minor", "true", 0.9, quote, "post")
        return
    unreal = re.search(r"如果|假如|要是|要不是|以为|梦[见到]|假设|希望|幻想|除非|当年|那年|小时候|曾经", said)
    limit = len(said) if unreal is None else unreal.start()

    def fact(name: FactName, value: str, start: int, end: int, confidence: float = POST) -> Fact:
        return Fact(name, value, confidence, post[at + start : at + end].strip(), "post")

    for place in stated_places.in_post(said):
        if place.start < limit:
            yield fact("region", place.name, place.start, place.end)
    yield from _behind_leads(post, at, said, limit, year)
    for own_gender in say.SELF_GENDER.finditer(said[:limit]):
        yield fact("gender", "female" if own_gender[1] == "女" else "male", own_gender.start(), own_gender.end())
    if (born := say.BORN_IN_POST.search(said[:limit])) and (value := _age_of(_birth_year(born), year)):
        yield fact("age", value, born.start(), born.end(), 0.7)
    if (years := say.YEARS_IN_POST.search(said[:limit])) and (band := _band(int(years[1]))):
        yield fact("age", band, years.start(), years.end())
    for pattern in (say.STUDENT_CRY, say.AT_SCHOOL):
        if (student := pattern.search(said[:limit])) and (stage := _stage(student[1])):
            yield fact("school", stage, student.start(), student.end(), WEAK)
            yield fact("occupation", "学生", student.start(), student.end(), WEAK)
    for pattern, value in ((say.CHILD, "有孩子"), (say.WED, "已婚"), (say.UNWED, "离异"), (say.EXPECTING, "孕期")):
        if found := pattern.search(said[:limit]):
            yield fact("family", value, found.start(), found.end(), POST if value != "已婚" else WEAK)


def _behind_leads(post: str, at: int, said: str, limit: int, year: int | None) -> Iterator[Fact]:
    """What stands right behind 我是, 作为一名 …: an occupation, a family stage, a gender, a decade."""
    for lead in say.LEAD.finditer(said[:limit]):
        clause_end = next((m.start() for m in re.finditer(r"[,，、\s]", said[lead.end() :])), len(said) - lead.end())
        clause = said[lead.start() : min(lead.end() + min(clause_end, 14), len(said))]
        own = len(lead[0])
        yield from _listed(post, at + lead.start(), clause, "post", POST, own)
        yield from _parents(post, at + lead.start(), clause, "post", POST)
        head = clause[own:]
        for value, noun in _nouns():
            if noun.match(head) and "?" not in said and "？" not in said:
                yield Fact("gender", value, POST, post[at + lead.start() : at + lead.start() + len(clause)], "post")
        if (decade := say.DECADE.match(head)) and not say.DECADE_NOT.match(head, decade.end()):
            yield from _decade(decade[1], post[at + lead.start() : at + lead.end() + decade.end()], POST, "post", year)


def _stage(word: str) -> str | None:
    return "大学" if word.startswith("大") else "研究生" if word.startswith("研") else None


def _young_sentence(said: str, year: int | None) -> str | None:
    """The words by which the author of a post says that they are under 18."""
    age = say.YEARS_IN_POST.search(said)
    if age and 5 <= int(age[1]) < 18:
        return age[0].strip()
    born = say.BORN_IN_POST.search(said)
    if year is not None and born and 0 < year - _birth_year(born) < 18:
        return born[0].strip()
    if (
        (school := say.AT_SCHOOL.search(said))
        and _stage(school[1]) is None
        and not say.OTHERS.search(said[: school.start()])
    ):
        return school[0].strip()
    for lead in say.LEAD.finditer(said):
        clause = re.split(r"[,，、\s]", said[lead.start() :], maxsplit=1)[0]
        if not say.UNREAL.search(said[: lead.start()]) and (word := _young_clause(clause[:24], len(lead[0]))):
            return word
    exam = say.EXAM.search(said)
    return exam[0] if exam and (exam.start() == 0 or "我" in said) and not say.EXAM_OTHERS.search(said) else None
