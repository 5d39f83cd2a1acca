"""collect and doctor: fetch from live sources, and what each of them can do, lacks, and asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from xunke import credentials, sources
from xunke.columns import align
from xunke.config import user_path
from xunke.errors import NeedsLogin, UsageError, XunkeError
from xunke.present import failure_line
from xunke.sources import Source

from . import connecting, model
from .main import parse_since, parse_until
from .playing import play
from .tasks import reach_of

if TYPE_CHECKING:
    from collectors.base import Mode, Query, Relation

    from .main import Context

MODES: Final[tuple[Mode, ...]] = ("tag", "topic", "group", "keyword", "account", "post")
_USAGE: Final = (
    "source.no_mode",
    "source.no_mode_but",
    "source.no_relation",
    "source.no_instance",
    "source.import_only",
)


def collect(context: Context) -> int:
    """``xunke collect PLATFORM …``."""
    from xunke.jobs import Live, run_collect

    args = context.args
    found, query = asked(context)
    return asyncio.run(play(context, run_collect(context.project, [Live(found.name, query)], reach_of(args))))


def asked(context: Context) -> tuple[Source, Query]:
    """The source that can do what is asked for, and the question. Raises what is lacking."""
    from collectors.base import Query

    args, out = context.args, context.out
    platform = sources.called(args.platform)
    if platform in sources.files_only():
        formats = ", ".join((*sources.FILES[platform], "table"))
        raise UsageError("source.import_only_formats", platform=platform, formats=formats)
    mode, value = next((m, v) for m in MODES if (v := getattr(args, m)) is not None)
    found = _able(context, platform, mode, args.instance or None, value)
    relations: frozenset[Relation] = frozenset(word.strip() for word in args.relations.split(",") if word.strip())
    for relation in sorted(relations):
        if (why := sources.ready(found, relation)) is not None:
            if why[0] in _USAGE:
                raise UsageError(why[0], **why[1])
            out.say(out.cat.t(why[0], **why[1]))
            relations -= {relation}
    follow = args.follow
    if follow is not None and not 0 < follow <= 7 * 24 * 60:
        raise UsageError("collect.follow_range")
    if follow is not None and mode not in found.can.streams:
        known = ", ".join(sorted(found.can.streams)) or "—"
        raise UsageError("source.no_stream", platform=platform, mode=mode, known=known)
    return found, Query(
        mode=mode,
        value=value,
        instance=found.instance,
        relations=relations,
        since=None if args.since is None else parse_since(args.since),
        until=None if args.until is None else parse_until(args.until),
        limit=args.limit,
        follow=None if follow is None else follow * 60.0,
    )


def _able(context: Context, platform: str, mode: Mode, instance: str | None, value: str) -> Source:
    """Of the platform's collectors the first one that can read ``mode`` now. Raises what the first of them lacks."""
    first = sources.source(context.project, platform, instance=instance)
    if first.can.needs_instance and first.instance is None and mode in ("account", "post"):
        first = sources.at(first, _server_in(value))
    why = sources.ready(first, mode)
    if why is None:
        return first
    if instance is None:
        for other in sources.sources(context.project, platform):
            if sources.ready(other, mode) is None:
                return other
    key, params = why
    raise (UsageError if key in _USAGE else NeedsLogin)(key, **params)


def _server_in(value: str) -> str | None:
    """The server that a handle (``@who@m.example``) or an address names."""
    if "://" in value:
        return value
    name, at, host = value.lstrip("@").partition("@")
    return host if name and at and "." in host else None


# -- doctor --------------------------------------------------------------------------------------------------------


def doctor(context: Context) -> int:
    """``xunke doctor``: what will work and why not; with ``--check`` the servers are asked."""
    args, out = context.args, context.out
    wanted = {sources.called(name) for name in args.platforms}
    rows = _rows(context, wanted)
    if unknown := wanted - rows.keys():
        raise UsageError("doctor.unknown", names=", ".join(sorted(unknown)))
    failed = False
    short: list[list[str]] = []
    for name, row_of in rows.items():
        if wanted and name not in wanted:
            continue
        row = row_of()
        failed |= (row.get("checked") or {}).get("ok") is False
        if out.json:
            out.object(row)
        elif not wanted and not args.check and name != "llm" and "_error" not in row:
            short.append(_short(context, row))
        else:
            _overview(context, short)
            for line in _block(context, row):
                out.data(line)
    _overview(context, short)
    if not wanted:
        _project(context)
    return 1 if failed else 0


def _overview(context: Context, lines: list[list[str]]) -> None:
    """One line for each source, and how to see more."""
    if lines:
        cat = context.out.cat
        head = [cat.t(f"doctor.head_{name}") for name in ("source", "state", "modes", "next")]
        for line in align([head, *lines]):
            context.out.data(line)
        context.out.data(cat.t("doctor.more"))
        lines.clear()


def _short(context: Context, row: Mapping[str, Any]) -> list[str]:
    """One source in one line: its name, whether it works now, by what it can be asked, and the next command."""
    cat, name, state = context.out.cat, row["platform"], row["state"]
    if state == "broken":
        return [name, cat.t("doctor.short_broken"), "", f"xunke doctor {name}"]
    modes = cat.t("list.comma").join(cat.t(f"mode.{one}") for one in row.get("modes", ()))
    match state:
        case "ready":
            able = next(mode for mode, one in row["modes"].items() if one["ready"])
            step = f"xunke collect {name} --{able} …"
        case "needs_login":
            found = sources.source(context.project, name)
            step = sources.command(found, "anonymous", found.can.logins[0])
        case "needs_instance":
            step = f"xunke connect {name} --instance URL"
        case _:
            step = cat.t("doctor.short_import")
    word = cat.t(f"doctor.short_{state}") + (cat.t("doctor.short_experimental") if row.get("experimental") else "")
    return [cat.t(f"value.{name}") if cat.has(f"value.{name}") else name, word, modes or "—", step]


def _rows(context: Context, wanted: set[str]) -> dict[str, Callable[[], dict[str, Any]]]:
    """What makes the row of each source: live ones, broken plug-ins, those of files, the model."""
    from collectors import registry

    good, bad = registry.load_all()
    other = [name for name in sources.SPEAKS if name in wanted or context.project.meta(f"instance.{name}")]
    rows: dict[str, Callable[[], dict[str, Any]]] = {
        name: partial(_row, context, name) for name in sorted((*good, *other))
    }
    rows |= {name: partial(_broken, name, error) for name, error in bad.items()}
    rows |= {name: partial(_files, name) for name in sources.files_only() if name not in rows}
    return {**rows, "llm": model.state}


def _broken(platform: str, error: XunkeError) -> dict[str, Any]:
    params = {name: str(value) for name, value in error.params.items()}
    return {"platform": platform, "state": "broken", "ready": False, "error": error.key, "params": params}


def _files(platform: str) -> dict[str, Any]:
    return {"platform": platform, "state": "import_only", "ready": False, "formats": _formats(platform)}


def _formats(platform: str) -> list[str]:
    found = sources.FILES.get(platform, ())
    return [*found, "table"] if found else []


def _project(context: Context) -> None:
    from xunke.storage.project import verify_audit

    verdict = context.project.one("pragma quick_check(1)")
    broken = verify_audit(context.project.reader)
    audit = "ok" if broken is None else broken
    context.out.say(context.out.cat.t("doctor.file", path=str(context.path), verdict=verdict, audit=audit))


def _row(context: Context, platform: str) -> dict[str, Any]:
    """One source as machine values."""
    from collectors.base import Relation
    from collectors.walk import access_for

    found = sources.source(context.project, platform)
    can = found.can

    def each(names: tuple[Any, ...]) -> dict[str, Any]:
        lacks = {name: sources.ready(found, name) for name in names}
        return {
            name: {"ready": why is None, "needs": access_for(can, name), "why": why[0] if why else None}
            for name, why in lacks.items()
        }

    modes = each(tuple(m for m in MODES if m in can.modes))
    relations = each(tuple(r for r in get_args(Relation) if r in can.relations))
    able = [name for name, one in modes.items() if one["ready"]]
    row: dict[str, Any] = {
        "platform": platform, "collector": found.name,
        "state": "ready" if able else "needs_instance" if can.needs_instance and not found.instance else "needs_login",
        "ready": bool(able), "connected": found.connected, "instance": found.server or None,
        "login": found.login.access if found.login else None, "where": found.kept.where if found.kept else None,
        "name": (found.kept.name or None) if found.kept else None, "login_error": None,
        "modes": modes, "relations": relations, "access": sorted(can.access),
        "logins": [{"login": one.access, "fields": list(one.fields)} for one in can.logins],
        "streams": sorted(can.streams), "seconds_between_requests": can.pace,
        "quota": list(can.quota) if can.quota else None, "window_days": can.window_days,
        "limits": list(can.limits), "legal": list(can.legal), "experimental": can.experimental,
        "formats": _formats(platform),
    }  # fmt: skip
    values: Mapping[str, str] = {}
    if found.kept is not None:
        try:
            values = credentials.of(found.name, found.instance)
        except XunkeError as error:
            row |= {"login_error": error.key, "state": "needs_login", "_error": error}
    if context.args.check and (found.connected or context.args.platforms) and row["login_error"] is None:
        row["checked"] = _checked(context, found, values) if row["state"] != "needs_instance" else None
        row["checked"] = row["checked"] or {"ok": None, "why": "source.no_instance"}
    if context.out.json:
        row.pop("_error", None)
        if row.get("checked"):
            row["checked"].pop("_error", None)
    return row


def _checked(context: Context, found: Source, values: Mapping[str, str]) -> dict[str, Any]:
    """What the server answers now. A visitor's check is one page of something that everybody may read."""
    args = context.args
    ca_file = None if args.ca_file is None else Path(user_path(args.ca_file))
    try:
        answer = asyncio.run(
            sources.reach(
                found,
                values,
                allow_private=args.allow_private_address,
                ca_file=ca_file,
                session=credentials.vault(found.name, found.instance) if values else None,
                patience=30.0,
            )
        )
    except XunkeError as error:
        return {"ok": False, "why": error.key, "_error": error}
    expires = answer.known.expires if answer.known else None
    return {
        "ok": answer.asked, "name": answer.known.name if answer.known else None, "expires_seconds": expires,
        "notes": [key for key, _ in answer.notes],
    }  # fmt: skip


def _block(context: Context, row: Mapping[str, Any]) -> list[str]:
    """One source for people."""
    cat, name = context.out.cat, row["platform"]
    label = cat.t(f"value.{name}") if cat.has(f"value.{name}") else name
    if name == "llm":
        return model.lines(row, cat)
    if row["state"] == "broken":
        return [f"{label}: {cat.t(row['error'], **row['params'])}"]
    formats = ", ".join(row["formats"])
    if row["state"] == "import_only":
        lines = [f"{label}: {cat.t('doctor.import_only')}", f"    {cat.t('doctor.formats')}: {formats}"]
        return [*lines, f"    {cat.t('doctor.rsshub')}"] if "feed" in row["formats"] else lines
    head = cat.t(f"doctor.{row['state']}", instance=row["instance"] or "").strip()
    if row["login"]:
        head += " · " + cat.t("doctor.signed_in", name=row["name"] or "—", where=cat.t(f"doctor.in_{row['where']}"))
    lines = [f"{label}: {head}".rstrip()]

    def add(key: str, text: str) -> None:
        if text:
            lines.append(f"    {cat.t(f'doctor.{key}')}: {text}")

    if "_error" in row:
        add("login_error", failure_line(row["_error"].key, row["_error"].params, cat))
    for kind, prefix in (("modes", "mode"), ("relations", "relation")):
        add(kind, "  ".join(_able_line(cat, prefix, what, one) for what, one in row[kind].items()))
    if row["streams"]:
        add("streams", " ".join(cat.t(f"mode.{one}") for one in row["streams"]))
    if row["logins"] and not row["login"]:
        found = sources.source(context.project, name)
        add("sign_in", " | ".join(sources.command(found, "anonymous", one) for one in found.can.logins))
    add("formats", formats)
    add("pace", _pace(cat, row))
    add("limits", " ".join(cat.t(limit) for limit in row["limits"]))
    add("legal", " ".join(cat.t(note) for note in row["legal"]))
    if row["experimental"]:
        add("experimental", cat.t("doctor.not_promised"))
    if (checked := row.get("checked")) is not None:
        add("checked", _check_line(cat, checked))
    return lines


def _able_line(cat: Any, prefix: str, what: str, one: Mapping[str, Any]) -> str:
    label = cat.t(f"{prefix}.{what}")
    needs = one["why"] is not None and one["needs"] != "anonymous"
    return f"{label} ✓" if one["ready"] else f"{label} ({cat.t('access.' + one['needs'])})" if needs else f"{label} ✗"


def _pace(cat: Any, row: Mapping[str, Any]) -> str:
    text: str = cat.t("doctor.every", seconds=f"{row['seconds_between_requests']:g}")
    if row["quota"]:
        text += cat.t("doctor.quota", count=f"{row['quota'][0]:,}", seconds=f"{row['quota'][1]:,}")
    return text


def _check_line(cat: Any, checked: Mapping[str, Any]) -> str:
    if checked["ok"]:
        return str(cat.t("doctor.answers", name=checked.get("name") or "—"))
    if "_error" in checked:
        return failure_line(checked["_error"].key, checked["_error"].params, cat)
    return str(cat.t("doctor.not_asked"))


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {
    "collect": collect, "doctor": doctor, "connect": connecting.connect,
}  # fmt: skip
