"""What a ``work`` step does with portraits, reports and what is kept of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from xunke.errors import NeedsAnswer
from xunke.plan import Work

from .winning_asked import Asked, Told

_CONSENTS: Final[Mapping[str, str]] = {
    "邮件": "email", "email": "email", "e-mail": "email", "emails": "email", "e-mails": "email", "短信": "sms",
    "sms": "sms", "电话": "phone", "phone": "phone", "calls": "phone", "私信": "dm", "messages": "dm", "名片": "vcard",
    "共享": "share",
}  # fmt: skip


def _whom(a: Asked) -> dict[str, Any]:
    """The group or person that a portrait or report is of."""
    if "list" in a.fields:
        return {"list_name": a.fields["list"]}
    if a.step.name:
        return {"segment": a.step.name}
    if a.step.input == "last" and not (a.step.accounts or a.step.ranks):
        if a.people is None:
            raise NeedsAnswer("clarify.referent")
        return {"result": a.people}
    return {"person": a.who}


def _persona(a: Asked) -> Told:
    from . import personas

    match a.step.op:
        case "stale":
            return personas.stale(a.project, today=a.today, **a.limit)
        case "tag":
            return personas.set_tag(a.project, a.step.topic or "", lang=a.lang, today=a.today, run=a.run, **_whom(a))
        case _:
            return personas.card(a.project, today=a.today, lang=a.lang, index=a.index, **_whom(a))


def _report(a: Asked) -> Told:
    from xunke.export import safe_name

    from . import reports
    from .keep import default_folder

    said = a.fields
    about = a.step.name or said.get("list") or said.get("segment")
    out = default_folder(a.project) / f"{safe_name(about or '项目', 'report')} {a.today.isoformat()}.html"
    return reports.report(
        a.project, out=out, today=a.today, lang="en" if "english" in said else a.lang, what=a.step.name,
        list_name=said.get("list"), segment=said.get("segment"), names="names" in said,
    )  # fmt: skip


def _retention(a: Asked) -> Told:
    from . import care_retention

    match a.step.op:
        case "run":
            return care_retention.run_retention(a.project, today=a.today, index=a.index)
        case "set":
            return care_retention.set_retention(a.project, {name: int(said) for name, said in a.step.fields})
        case _:
            return care_retention.retention_rules(a.project, index=a.index)


def _held(a: Asked) -> Told:
    from . import care_held
    from .keep import default_folder

    match a.step.op:
        case "card":
            return care_held.data_card(a.project, index=a.index)
        case "codes" | "names":
            return care_held.put_card(a.project, {"names": a.step.op})
        case "export":
            return care_held.write_held(
                a.project, a.who, today=a.today, format="html", path=None, folder=default_folder(a.project), lang=a.lang
            )
        case _:
            return care_held.held_about(a.project, a.who, today=a.today, index=a.index)


def _consent(a: Asked) -> Told:
    from . import care_consent

    if a.step.op == "list":
        return care_consent.consents(a.project, index=a.index)
    kinds = [_CONSENTS[a.step.topic.lower()]] if a.step.topic and a.step.topic.lower() in _CONSENTS else []
    if a.step.op == "withdraw":
        return care_consent.withdraw_consent(a.project, a.who, kinds, now=a.now)
    if not kinds:
        raise NeedsAnswer("clarify.scope")
    return care_consent.give_consent(a.project, a.who, kinds, a.fields.get("evidence"), now=a.now)


def _audit(a: Asked) -> Told:
    from . import audits

    return audits.verify(a.project) if a.step.op == "verify" else audits.log(a.project, index=a.index, **a.limit)


TABLE: Final[Mapping[Work, Callable[[Asked], Told]]] = {
    "persona": _persona, "report": _report, "retention": _retention, "held": _held, "consent": _consent,
    "audit": _audit,
}  # fmt: skip
__all__ = ["TABLE"]
