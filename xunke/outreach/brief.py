"""The brief: five steps 目标-分析-定位-传播-评估 as a form, and what is wrong with a campaign before it starts.

A table of fields; nothing is filled in by itself but a preset's prompts, which are messages (``preset.INDUSTRY.FIELD``)
until somebody overwrites them. What the form says is the user's; what ``review`` says of it comes from rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from xunke.clock import end_of
from xunke.errors import UsageError
from xunke.storage import Project
from xunke.text import one_line

from . import campaigns, content, lists, trials
from .campaigns import Campaign, Variant
from .people import barred_all

STEPS: Final = ("goal", "analysis", "positioning", "communication", "evaluation")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form. ``column``: it stands in the campaign's own row; ``many``: a list, parted by ，or ;"""

    name: str
    step: str
    must: bool = False
    column: bool = False
    many: bool = False


def _fields(step: str, names: str) -> list[Field]:
    """``name`` with ! (must be filled), @ (a column) and * (several)."""
    return [Field(n.rstrip("!@*"), step, "!" in n, "@" in n, "*" in n) for n in names.split()]


FIELDS: Final[Mapping[str, Field]] = {
    f.name: f
    for f in [
        *_fields("goal", "goal!@ kpi!@ target!@ baseline@ since!@ until!@ phase"),
        *_fields("analysis", "lists!* segments* evidence!* strategy products* capability* focus rivals caution"),
        *_fields("positioning", "gain! cost! relevant! unique! credible! statement claims*"),
        *_fields("communication", "product price place promotion customer effort convenience conversation"),
        *_fields("communication", "channels!* offer offer_metric content* triggers* split disclosure"),
        *_fields("evaluation", "metrics!* review! go owner lessons"),
    ]
}
"""{name: field} in the order in which they are asked."""
STRATEGIES: Final = ("concentrated", "selective", "product", "market", "full")
"""S23: one segment; several; one product for several segments; several products for one segment; everybody."""
PRESETS: Final[Mapping[str, tuple[str, ...]]] = {
    "retail": ("零售", "电商", "快消"), "beauty": ("美妆", "化妆品", "护肤"), "food": ("餐饮", "美食", "食品"),
    "finance": ("金融", "保险", "理财"), "service": ("服务", "家政", "旅游", "健身"),
    "education": ("教育", "培训", "课程"),
}  # fmt: skip
"""Industries and what they are called (S26): 零售 looks at behaviour, 金融 at risk, 服务 at the scene."""
PRESET_FIELDS: Final = ("focus", "content", "metrics", "caution")
_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "strategy": {
        "concentrated": ("集中", "密集单一"), "selective": ("选择", "有选择"), "product": ("产品专业化", "产品专门化"),
        "market": ("市场专业化", "市场专门化"), "full": ("全覆盖", "完全覆盖", "完全市场覆盖"),
    },
    "phase": {"pilot": ("试点", "试运行"), "improve": ("优化",), "scale": ("推广", "放大")},
    "kpi": {
        "reached": ("触达人数", "触达", "覆盖人数"), "frequency": ("平均频次", "频次"),
        "coverage": ("目标覆盖率", "覆盖率"),
        "reaction_rate": ("响应率", "反应率", "互动率"), "reply_rate": ("回复率",), "follow_rate": ("回关率",),
        "new_followers": ("新粉丝", "涨粉", "新增粉丝"), "click_rate": ("点击率", "ctr"), "clicks": ("点击", "点击数"),
        "conversion_rate": ("转化率",),
        "conversions": ("新客", "转化", "转化数", "成交", "订单", "新客数", "报名", "报名数", "下单", "试用", "到店"),
        "revenue": ("销售额", "收入", "营收", "gmv"), "cac": ("获客成本",), "roi": ("投资回报", "回报率"),
        "retention": ("留存", "留存率"), "repeat_rate": ("复购率", "复购"), "nps": ("净推荐值",),
        "views": ("曝光", "看到"),
        "negative_rate": ("负面率",), "cpr": ("单次回复成本",),
    },
}  # fmt: skip
_PARTED: Final = re.compile(r"[,，;；、\n]+")
_PERSONAL_PRICE: Final = re.compile(
    r"一人一价|杀熟|因人定价|千人千价|大数据定价|个性化(?:定价|价格)|personal(?:ised|ized)? pric"
)
"""O40: prices set for a single person by what is known of them: PIPL Art. 24 forbids treating people unreasonably."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what it holds; ``value`` None: nothing yet."""

    field: Field
    value: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to see to. ``level``: "stop" (do not start like this), "warn" or "tip"; ``key`` of the messages."""

    level: Literal["stop", "warn", "tip"]
    key: str
    params: Mapping[str, Any]


def value_of(project: Project, campaign: Campaign, field: Field) -> Any:
    """What a field holds; lists by their names."""
    if field.name == "lists":
        marks = ",".join(str(n) for n in campaign.lists)
        rows = project.query(f"select name from saved_list where id in ({marks}) order by id")
        return [row[0] for row in rows] or None
    if field.name == "phase":
        return campaign.phase
    found = getattr(campaign, field.name) if field.column else campaign.brief.get(field.name)
    return found if found not in ("", []) else None


def form(project: Project, campaign: Campaign) -> list[Filled]:
    """Every field in its order."""
    return [Filled(f, value_of(project, campaign, f)) for f in FIELDS.values()]


def standing(filled: Sequence[Filled]) -> str | None:
    """The step that is next: the first that lacks what must be told; None once all is there."""
    return next((f.field.step for f in filled if f.field.must and f.value is None), None)


def missing(filled: Sequence[Filled], *, must: bool = True) -> list[Field]:
    """Fields without a value, in the order in which they are asked; all of them or only those that must be told."""
    return [f.field for f in filled if f.value is None and (f.field.must or not must)]


def read(name: str, text: str) -> Any:
    """A field's value from what somebody typed. Raises UsageError for no such field or a word that none of its values
    is called.
    """
    field = FIELDS.get(name)
    if field is None:
        raise UsageError("campaign.bad_field", name=name, known=[f"brief.{one}" for one in FIELDS])
    text = text.strip()
    if not text or text == "-":
        return None
    if field.many:
        return [one for one in (one_line(part, 200) for part in _PARTED.split(text)) if one]
    if (known := _WORDS.get(name)) is not None:
        word = text.lower()
        found = next((key for key, names in known.items() if word == key or word in names), None)
        if found is None and name != "kpi":
            raise UsageError("campaign.bad_word", name=f"brief.{name}", value=text, known=", ".join(known))
        return found or word
    if name == "review":
        return campaigns.day(text)
    return text if field.column else text[:2000]


def fill(
    project: Project, campaign: Campaign, said: Mapping[str, str], *, now: int, run: int | None = None
) -> Campaign:
    """Write fields down as they were typed; an empty text or "-" takes one out. One act for ``undo``."""
    read_in = {name: read(name, text) for name, text in said.items()}
    columns = {n: v for n, v in read_in.items() if FIELDS[n].column}
    rest = {n: v for n, v in read_in.items() if not FIELDS[n].column and n != "lists"}
    names = (read_in["lists"] or []) if "lists" in read_in else None
    return campaigns.edit(project, campaign, now=now, columns=columns, brief=rest, list_names=names, run=run)


def preset_of(word: str) -> str:
    """The industry that a word means. Raises UsageError("campaign.bad_preset")."""
    for name, words in PRESETS.items():
        if word.strip().lower() == name or word.strip() in words:
            return name
    raise UsageError("campaign.bad_preset", value=word, known="、".join(words[0] for words in PRESETS.values()))


def preset(word: str) -> dict[str, Any]:
    """The prompts of an industry, as keys of messages."""
    name = preset_of(word)
    found: dict[str, Any] = {f: f"preset.{name}.{f}" for f in PRESET_FIELDS}
    return {"preset": name, **{n: [v] if FIELDS[n].many else v for n, v in found.items()}}


# -- what is wrong with it ------------------------------------------------------------------------------------------

Check = Callable[[Project, Campaign, int], list[Finding]]


def review(project: Project, campaign: Campaign, *, now: int) -> list[Finding]:
    """Everything to see to before this starts, the gravest first."""
    found = [one for check in _CHECKS for one in check(project, campaign, now)]
    order = ("stop", "warn", "tip")
    return sorted(found, key=lambda f: order.index(f.level))


def _finding(level: Literal["stop", "warn", "tip"], key: str, **params: Any) -> Finding:
    return Finding(level, f"campaign.check.{key}", params)


def _goal(project: Project, c: Campaign, now: int) -> list[Finding]:
    out = []
    if c.kpi is None or c.target is None:
        out.append(_finding("stop", "no_number"))
    if c.until is None:
        out.append(_finding("stop", "no_date"))
    elif end_of(_date(c.until)) < now and c.state != "ended":
        out.append(_finding("warn", "over", until=c.until))
    if c.goal is None:
        out.append(_finding("warn", "no_goal"))
    if c.baseline is None and c.target is not None:
        out.append(_finding("tip", "no_baseline"))
    elif c.target is not None and c.target == c.baseline:
        out.append(_finding("warn", "no_change"))
    return out


def _people(project: Project, c: Campaign, now: int) -> list[Finding]:
    if not c.lists:
        return [_finding("stop", "no_list")]
    out: list[Finding] = []
    for number in c.lists:
        rows = project.query("select name, purpose, expires, target from saved_list where id = ?", (number,))
        if not rows:
            continue
        name, purpose, expires, target = rows[0]
        members = lists.members(project, number) if target == "people" else []
        if expires is not None and expires <= now:
            out.append(_finding("stop", "list_expired", list=name))
        if not members:
            out.append(_finding("stop", "list_empty", list=name))
        if members and (n := len(barred_all(project, members))):
            out.append(_finding("warn", "list_barred", list=name, n=n))
        if not purpose:
            out.append(_finding("warn", "list_no_purpose", list=name))
    return out


def _segments(project: Project, c: Campaign, now: int) -> list[Finding]:
    out = []
    chosen = [str(s) for s in c.brief.get("segments") or []]
    for name in chosen:
        rows = project.query(
            "select id, (select count(*) from segment_member m where m.segment = s.id) from segment s where name = ?",
            (name,),
        )
        if not rows:
            out.append(_finding("warn", "segment_unknown", name=name))
        elif not rows[0][1]:
            out.append(_finding("warn", "segment_empty", name=name))
    strategy, products = c.brief.get("strategy"), len(c.brief.get("products") or [])
    kept = project.one("select count(*) from segment") or 0
    fits = {
        "concentrated": len(chosen) == 1, "selective": len(chosen) > 1, "product": len(chosen) > 1 and products <= 1,
        "market": len(chosen) == 1 and products > 1, "full": len(chosen) >= kept,
    }  # fmt: skip
    if strategy in fits and not fits[strategy]:
        out.append(_finding("warn", f"strategy_{strategy}", n=len(chosen), products=products, kept=kept))
    return out


def evidence(project: Project, words: Sequence[str]) -> dict[str, int]:
    """{words: posts that have them}: what stands behind an assumption or a claim (counted up to 1000)."""
    sql = "select count(*) from (select 1 from post where instr(lower(text), ?) limit 1000)"
    return {word: int(project.one(sql, (word.lower(),)) or 0) for word in words}


def _claims(project: Project, c: Campaign, now: int) -> list[Finding]:
    out = []
    claims = [str(w) for w in [*(c.brief.get("evidence") or []), *(c.brief.get("claims") or [])]]
    if not claims:
        out.append(_finding("warn", "no_evidence"))
    out += [_finding("warn", "claim_unseen", words=w) for w, n in evidence(project, claims).items() if not n]
    lacking = [n for n in ("relevant", "unique", "credible") if not c.brief.get(n)]
    if lacking:
        out.append(_finding("warn", "value_tests", names=[f"brief.{n}" for n in lacking]))
    if not c.brief.get("gain") or not c.brief.get("cost"):
        out.append(_finding("warn", "value_check"))
    if not c.brief.get("capability"):
        out.append(_finding("tip", "capability"))
    return out


def _words(project: Project, c: Campaign, now: int) -> list[Finding]:
    out = []
    said = " ".join(str(c.brief.get(n) or "") for n in ("offer", "price", "promotion"))
    if _PERSONAL_PRICE.search(said.lower()):
        out.append(_finding("stop", "personal_price"))
    if not c.brief.get("disclosure"):
        out.append(_finding("stop" if c.brief.get("offer") else "warn", "disclosure"))
    if c.brief.get("offer") and not c.brief.get("offer_metric"):
        out.append(_finding("warn", "offer_metric"))
    versions = campaigns.variants(project, c)
    if not versions:
        out.append(_finding("tip", "no_code"))
    unmeasured = unmetered(content.items(project, campaign=c.id), versions)
    if unmeasured:
        out.append(_finding("warn", "unmeasured", n=len(unmeasured), titles="、".join(i.title for i in unmeasured[:3])))
    return out


def unmetered(planned: Sequence[content.Item], versions: Sequence[Variant]) -> list[content.Item]:
    """M24: planned content whose effect nobody could tell: no version with a code, and no post to look at."""
    coded = {v.id for v in versions if v.code}
    return [i for i in planned if i.variant not in coded and i.post is None and i.state != "dropped"]


def _plan(project: Project, c: Campaign, now: int) -> list[Finding]:
    out = []
    mixed = content.mix(content.items(project, campaign=c.id))
    limit = content.promotion_limit(project)
    if mixed.promotional is not None and mixed.promotional > limit:
        out.append(_finding("warn", "too_promotional", share=round(100 * mixed.promotional), limit=round(100 * limit)))
    if not c.brief.get("metrics"):
        out.append(_finding("warn", "no_metrics"))
    if not c.brief.get("review"):
        out.append(_finding("tip", "no_review"))
    if c.phase == "pilot" and not c.brief.get("go"):
        out.append(_finding("tip", "no_go"))
    if not trials.with_holdout(project, c.id):
        out.append(_finding("tip", "no_holdout"))
    return out


def _date(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


_CHECKS: Final[Sequence[Check]] = (_goal, _people, _segments, _claims, _words, _plan)
