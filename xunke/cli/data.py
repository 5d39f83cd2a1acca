"""import, export: data in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from xunke import actions
from xunke.actions.lists import may_leave
from xunke.config import user_path
from xunke.errors import BadInput, UsageError
from xunke.events import Warned
from xunke.export import FORMATS, NETWORK_FORMATS, PEOPLE_FORMATS
from xunke.outreach import exports, lists
from xunke.persona import understand_people
from xunke.storage import rows

from .playing import play
from .window import kinds_of, limit_of, window_of
from .words import word

if TYPE_CHECKING:
    from .main import Context


def bring(context: Context) -> int:
    """``xunke import``."""
    from xunke.jobs import run_import

    args, out = context.args, context.out
    if args.list:
        from collectors.importers import FORMATS as IMPORTS

        for name in IMPORTS:
            if out.json:
                out.object({"format": name, "label": out.cat.t(f"import.format.{name}")})
            else:
                out.data(f"{name:16}{out.cat.t(f'import.format.{name}')}")
        return 0
    if not args.paths:
        raise UsageError("cli.no_path")
    mapping = None if args.map is None else user_path(args.map)
    events = run_import(
        context.project,
        [user_path(p) for p in args.paths],
        format=args.format,
        mapping=mapping,
        dry_run=args.dry_run,
    )
    return asyncio.run(play(context, events))


def what_of(context: Context, name: str) -> exports.What:
    """``people``, ``posts``, a result's number, ``last`` or a list's name."""
    project = context.project
    if name == "people":
        return exports.What("people", name, rows.all_people(project), None)
    if name == "posts":
        return exports.What("posts", name, None, rows.all_posts(project))
    if name == "last" or name.isdigit():
        found = actions.last_result(project)
        if name.isdigit():
            target = project.one("select target from result where id = ?", (int(name),))
            found = None if target is None else (int(name), str(target))
        if found is None:
            raise BadInput("clarify.referent")
        return exports.of_result(project, *found)
    return exports.of_list(project, lists.by_name(project, name))


def export(context: Context) -> int:
    """``xunke export WHAT --format … --out PATH``."""
    args = context.args
    if args.what == "network":
        return _export_network(context)
    if args.what == "keywords":
        return _export_keywords(context)
    if any(getattr(args, name) is not None for name in ("since", "until", "kinds", "topic", "platform", "limit")):
        raise UsageError("network.options", what=args.what)
    if args.format is not None and args.format not in (*FORMATS, *PEOPLE_FORMATS):
        raise UsageError("network.only", format=args.format, known=", ".join((*FORMATS, *PEOPLE_FORMATS)))
    options = exports.Options("4.0" if args.vcard4 else "3.0", args.md5, entrusted=args.entrusted)
    if args.format == "hashed":
        options = replace(options, salt=word(context.out.cat, args.secret_file, ask=args.secret, twice=True))
    return write(context, what_of(context, args.what), args.format, args.out, options)


def _export_keywords(context: Context) -> int:
    """``xunke export keywords``: the terms that people really use, for search and information-feed advertising."""
    from xunke import topics

    args = context.args
    since, until = window_of(context)
    if args.out == "-":
        raise UsageError("cli.no_pipe")
    target = user_path(args.out)
    suffix = target.suffix.lstrip(".").lower()
    chosen = args.format or (suffix if suffix in FORMATS else "xlsx")
    if chosen not in FORMATS:
        raise UsageError("network.only", format=chosen, known=", ".join(FORMATS))
    platforms = () if args.platform is None else (args.platform,)
    context.out.event(topics.write_keywords(
        context.project, target, chosen, context.today, lang=context.out.cat.lang, platforms=platforms,
        since=since, until=until, about=args.topic, limit=limit_of(context) or topics.PACK,
    ))  # fmt: skip
    return 0


def _export_network(context: Context) -> int:
    """``xunke export network``: who acts on whom, for Gephi and other programs."""
    from xunke.outreach import netfiles, network

    args, project, out = context.args, context.project, context.out
    since, until = window_of(context)
    kinds, limit = kinds_of(args.kinds), limit_of(context)
    if args.out == "-":
        raise UsageError("cli.no_pipe")
    target = user_path(args.out)
    suffix = target.suffix.lstrip(".").lower()
    chosen = args.format or (suffix if suffix in NETWORK_FORMATS else "gexf")
    if chosen not in NETWORK_FORMATS:
        raise UsageError("network.format", format=chosen, known=", ".join(NETWORK_FORMATS))
    if target.is_dir():
        target = target / f"network.{chosen}"
    asyncio.run(play(context, understand_people(project)))
    event = netfiles.write_network(
        project,
        target,
        chosen,
        since=since,
        until=until,
        kinds=kinds,
        platforms=None if args.platform is None else [args.platform],
        posts=network.about(project, args.topic, context.today) if args.topic else None,
        limit=limit,
        watch=out.watch("graph"),
    )
    out.event(event)
    return 0


def write(
    context: Context, what: exports.What, format: str | None, out: str | None, options: exports.Options | None = None
) -> int:
    """Write ``what``; the format may be told by the file's name."""
    if out == "-":
        raise UsageError("cli.no_pipe")
    if what.list_id is not None:
        entry = lists.by_id(context.project, what.list_id)
        for told in may_leave(context.project, entry, now=context.now, yes=context.args.yes):
            context.out.event(told)
    target = None if out is None else user_path(out)
    suffix = "" if target is None else target.suffix.lstrip(".").lower()
    chosen = format or (suffix if suffix in (*FORMATS, "vcf") else "xlsx")
    if target is not None and target.is_dir():
        target = target / exports.file_name(what, "csv" if chosen == "hashed" else chosen)
    args = context.args
    password = word(context.out.cat, args.password_file, ask=args.password, twice=True)
    options = replace(options or exports.Options(), password=password)
    asyncio.run(play(context, understand_people(context.project)))
    event = exports.write_file(
        context.project,
        what,
        chosen,
        path=None,
        folder=actions.default_folder(context.project),
        lang=context.out.cat.lang,
        exact=target,
        options=options,
    )
    context.out.event(event)
    if chosen in PEOPLE_FORMATS:
        context.out.event(Warned(f"export.law_{chosen}"))
    if chosen == "hashed" and options.entrusted:
        context.out.event(Warned("export.law_entrusted"))
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {
    "import": bring, "export": export,
}  # fmt: skip
__all__ = ["COMMANDS", "what_of", "write"]
