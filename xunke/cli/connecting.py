"""connect: the user's own logins and servers, tried at once and kept where the user says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from xunke import actions, cookies, credentials, sources
from xunke.config import user_path
from xunke.errors import BadInput, NeedsAnswer, NeedsLogin, UsageError
from xunke.sources import Source

from . import hidden, model

if TYPE_CHECKING:
    from collectors.base import Access, Login

    from .main import Context

_LLM: Final = (
    "endpoint",
    "model",
    "key",
    "key_env",
    "deadline",
    "on",
    "off",
    "forget_key",
    "key_in_file",
    "local_only",
)
_OURS: Final = ("instance", "login", "stdin", "env", "file", "remove", "ca_file", "allow_private_address")
_SHORT: Final[Mapping[str, Access]] = {"token": "own_token", "cookie": "own_cookie", "app": "own_app"}


def connect(context: Context) -> int:
    """``xunke connect PLATFORM …``, ``--list``, ``--remove PLATFORM``, ``xunke connect llm …``."""
    args = context.args
    if args.platform == "llm":
        if said := [f"--{name.replace('_', '-')}" for name in _OURS if getattr(args, name) not in (None, False)]:
            raise UsageError("cli.unknown_words", names=" ".join(said))
        return model.connect(context)
    if said := [f"--{name.replace('_', '-')}" for name in _LLM if getattr(args, name) not in (None, False)]:
        raise UsageError("cli.unknown_words", names=" ".join(said))
    if args.list:
        return _list(context)
    if args.platform is None:
        raise UsageError("cli.missing", names="PLATFORM")
    platform = sources.called(args.platform)
    if platform in sources.files_only():
        raise UsageError("connect.only", known=", ".join(sources.platforms()))
    found = sources.source(context.project, platform, instance=args.instance)
    return _remove(context, found) if args.remove else _connect(context, found)


def _connect(context: Context, found: Source) -> int:
    args, out = context.args, context.out
    if found.can.needs_instance and found.instance is None:
        raise UsageError("cli.missing", names="--instance")
    login = _which(context, found)
    values: dict[str, str] = {}
    where: credentials.Where = "file" if args.file else "keyring" if args.env is None else "env"
    if login is not None:
        values = _from_environment(found, login, args.env) if where == "env" else _asked(context, found, login)
        credentials.check(values)
    session: dict[str, str] = {}
    answer = asyncio.run(
        sources.reach(
            found,
            values,
            allow_private=args.allow_private_address,
            ca_file=None if args.ca_file is None else Path(user_path(args.ca_file)),
            session=session,
        )
    )
    known, notes = answer.known, answer.notes
    name = known.name if known else ""
    kept = None
    if login is not None:
        variables = _variables(login, args.env)
        kept = _keep(context, found, values, where, variables, name)
        credentials.vault(found.name, found.instance).update(session)
    if found.instance is not None or login is None:
        actions.remember(context.project, found.platform, found.instance)
    row: dict[str, Any] = {
        "platform": found.platform, "instance": found.server or None, "login": login.access if login else None,
        "name": name or None, "where": kept.where if kept else None,
        "variables": sorted(v for v in kept.fields.values() if v) if kept else [],
        "expires_seconds": known.expires if known else None,
    }  # fmt: skip
    if out.json:
        out.object(row)
    else:
        _told(context, found, login, row)
    for key, params in (*notes, *(known.notes if known else ())):
        out.say(out.cat.t(key, **params))
    return 0


def _told(context: Context, found: Source, login: Login | None, row: Mapping[str, Any]) -> None:
    out, cat = context.out, context.out.cat
    if login is None:
        out.say(cat.t("connect.done", platform=found.platform, instance=row["instance"] or found.platform))
        if found.can.logins and found.kept is None:
            out.say(cat.t("connect.more", command=sources.command(found, "anonymous", found.can.logins[0])))
        return
    out.say(cat.t("connect.signed_in", platform=found.platform, instance=row["instance"], name=row["name"] or "—"))
    out.say(cat.t(f"connect.kept_{row['where']}", names=", ".join(row["variables"])))
    if row["expires_seconds"] is not None:
        from xunke.clock import ZONE

        end = datetime.fromtimestamp(datetime.now(ZONE).timestamp() + row["expires_seconds"], ZONE)
        out.say(cat.t("connect.expires", when=end.isoformat(" ", "minutes")))


def _which(context: Context, found: Source) -> Login | None:
    """The way to sign in that is meant; None: as a visitor. Raises UsageError, NeedsAnswer if it must be said."""
    args, logins = context.args, found.can.logins
    asked = args.login
    told = args.stdin or args.env is not None or args.file or asked is not None
    if not told and "anonymous" in found.can.access:
        return None
    if not logins:
        raise UsageError("source.no_login", platform=found.platform)
    known = " | ".join(sources.login_name(found.can, login) for login in logins)
    wanted = _SHORT.get(asked or "", asked or "")
    match = [one for one in logins if wanted in ("", one.access, sources.login_name(found.can, one))]
    if not match:
        raise UsageError("connect.no_such_login", login=asked, platform=found.platform, known=known)
    if len(match) > 1:
        raise NeedsAnswer("connect.which_login", platform=found.platform, known=known)
    return match[0]


def _asked(context: Context, found: Source, login: Login) -> dict[str, str]:
    """The fields of ``login``, typed or from a pipe: one field takes all of it, several one line each."""
    args, cat = context.args, context.out.cat
    typed: list[str]
    if args.stdin:
        text = hidden.from_pipe()
        typed = [text] if len(login.fields) == 1 else text.splitlines()
        if len(typed) < len(login.fields):
            raise BadInput("connect.fields", fields=", ".join(login.fields))
    else:
        context.out.say(cat.t("connect.asks", platform=found.platform, instance=found.server))
        typed = []
        for field in login.fields:
            prompt = cat.t("connect.ask", field=cat.t(f"field.{field}") if cat.has(f"field.{field}") else field)
            typed.append(hidden.ask(prompt, secret=field not in login.plain))
    return {field: _read(found, field, text) for field, text in zip(login.fields, typed, strict=False)}


def _read(found: Source, field: str, text: str) -> str:
    if field == "cookie":
        return cookies.parse(text, _host(found))
    return text.strip()


def _host(found: Source) -> str:
    """The host whose cookies are wanted."""
    server = found.server
    return urlsplit(server if "://" in server else f"//{server}").hostname or ""


def _variables(login: Login, said: str | None) -> dict[str, str]:
    """Which variable holds which field: ``NAME``, ``NAME,NAME`` in the order of the fields, or by rule."""
    names = [name.strip() for name in (said or "").split(",") if name.strip()]
    if not names:
        return {}
    if len(names) != len(login.fields):
        raise UsageError("connect.names", fields=", ".join(login.fields))
    return dict(zip(login.fields, names, strict=True))


def _from_environment(found: Source, login: Login, said: str) -> dict[str, str]:
    import os

    chosen = _variables(login, said)
    names = {
        field: chosen.get(field) or credentials.variable(found.name, found.instance, field) for field in login.fields
    }
    if any(not credentials.is_variable(name) for name in names.values()):
        raise BadInput("credentials.variable")
    values = {field: os.environ.get(name, "").strip() for field, name in names.items()}
    if lacking := ", ".join(names[field] for field, value in values.items() if not value):
        raise NeedsLogin("credentials.no_variable", platform=found.platform, names=lacking)
    if "cookie" in values and _read(found, "cookie", values["cookie"]) != values["cookie"]:
        raise BadInput("cookie.variable", name=names["cookie"])
    return values


def _keep(
    context: Context,
    found: Source,
    values: Mapping[str, str],
    where: credentials.Where,
    variables: Mapping[str, str],
    name: str,
) -> credentials.Kept:
    """Keep it where the user said; where there is no keyring, the user at the terminal is asked, nobody else."""
    try:
        return credentials.keep(found.name, found.instance, values, where, variables=variables, name=name)
    except NeedsAnswer:
        if not sys.stdin.isatty() or context.args.stdin:
            raise
        names = ", ".join(credentials.variable(found.name, found.instance, field) for field in values)
        context.out.say(context.out.cat.t("connect.no_keyring", names=names))
        match hidden.ask(context.out.cat.t("connect.choose"), secret=False).strip().lower():
            case "2":
                where = "file"
            case "1":
                where = "env"
            case _:
                raise
        return credentials.keep(found.name, found.instance, values, where, name=name)


def _list(context: Context) -> int:
    """Servers of this project and logins of this user; never a secret."""
    out = context.out
    table: list[dict[str, Any]] = []
    places = {
        str(key).partition(".")[2]: str(value)
        for key, value in context.project.query("select key, value from meta where key like 'instance.%' order by key")
    }
    for kept in credentials.listed():
        table.append({
            "platform": kept.platform, "instance": kept.instance or None, "name": kept.name or None,
            "where": kept.where, "fields": sorted(kept.fields),
            "variables": sorted(v for v in kept.fields.values() if v),
        })  # fmt: skip
    have = {(row["platform"], row["instance"]) for row in table}
    for platform, place in places.items():
        instance = None if place == sources.OWN else place
        if place and (platform, instance) not in have:
            table.append({"platform": platform, "instance": instance, "name": None, "where": None})
    for row in table:
        if out.json:
            out.object(row)
            continue
        where = out.cat.t(f"connect.where_{row['where'] or 'nowhere'}", names=", ".join(row.get("variables", ())))
        out.data("  ".join((row["platform"], row["instance"] or "—", row["name"] or "—", where)))
    if not table:
        out.say(out.cat.t("connect.nothing"))
    return 0


def _remove(context: Context, found: Source) -> int:
    out = context.out
    gone = credentials.remove(found.name, found.instance)
    forgotten = actions.forget_place(context.project, found.platform)
    if gone is None and not forgotten:
        raise BadInput("connect.not_connected", platform=found.platform)
    names = ", ".join(v for v in gone.fields.values() if v) if gone else ""
    if out.json:
        out.object({"platform": found.platform, "instance": found.server or None, "removed": True})
    out.say(out.cat.t("connect.removed", platform=found.platform))
    if names:
        out.say(out.cat.t("connect.removed_env", names=names))
    return 0
