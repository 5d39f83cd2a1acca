"""Which live source serves a platform, and what is lacking before it can be read: the one answer for chat, command
line, cost and doctor. It comes from what the collectors say of themselves, the logins and the servers remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from xunke import credentials
from xunke.errors import BadQuery, BrokenAnswer, CollectorError, NeedsLogin, Retry, UsageError, XunkeError
from xunke.secrets import hide, within
from xunke.storage import Project

if TYPE_CHECKING:
    from collectors.base import Access, Capabilities, Collector, Known, Login, Mode, Note, Relation
    from collectors.http import Transport

SPEAKS: Final[Mapping[str, str]] = {"pixelfed": "mastodon"}
"""Platforms whose servers are read by another one's collector."""
FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "weibo": ("mediacrawler", "weibo-search", "weibo-crawler", "weibospider", "crawl4weibo", "4cat", "feed"),
    "xiaohongshu": ("mediacrawler", "zeeschuimer", "4cat", "feed"),
    "douyin": ("mediacrawler", "zeeschuimer", "4cat"),
    "kuaishou": ("mediacrawler",),
    "tieba": ("mediacrawler", "feed"),
    "bilibili": ("mediacrawler", "feed"),
    "zhihu": ("mediacrawler", "feed"),
    "douban": ("4cat", "feed"),
    "v2ex": ("feed",),
}
"""Formats of files that hold posts of a platform; ``feed`` is what an RSSHub server gives too. A platform that stands
here and has no collector is read from files only; a table with a mapping (``table``) will do for every one."""
NEAREST: Final[Mapping[str, tuple[Mode, ...]]] = {
    "topic": ("tag", "keyword"), "tag": ("topic", "keyword"), "keyword": ("tag", "topic"),
}  # fmt: skip
"""What finds much the same posts, best first."""
STRENGTH: Final[tuple[Access, ...]] = ("anonymous", "own_token", "own_app", "own_cookie", "import_only")
"""Ways to read, each opening at least what those before it do."""
OWN: Final = "*"
"""Remembered in the stead of an address where the platform has one server, its own."""
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Source:
    """One collector as it stands here. ``platform``: as it was asked for; ``instance``: the server to ask (None: the
    collector's own); ``connected``: the user has connected it, for this project or with a login; ``kept``: the login
    of exactly this server."""

    platform: str
    name: str
    can: Capabilities
    instance: str | None
    connected: bool
    kept: credentials.Kept | None

    @property
    def login(self) -> Login | None:
        """Which of the collector's ways to sign in the kept login is."""
        fields = set(self.kept.fields) if self.kept else set()
        return next((one for one in self.can.logins if fields and set(one.fields) == fields), None)

    @property
    def server(self) -> str:
        """The server's name for people: its origin, or "" where the platform has but one and says no address."""
        return self.instance or self.can.default_instance or ""


def platforms() -> list[str]:
    """All that can be read live, by the names that commands take: collectors' names and other names of them."""
    from collectors import registry

    return sorted({*registry.names(), *SPEAKS})


def every_name() -> set[str]:
    """All names of platforms that Xunke knows, read live or from files."""
    return {*platforms(), *FILES}


def files_only() -> list[str]:
    """The platforms that are read from files only."""
    return [name for name in FILES if not named(name)]


def called(said: str) -> str:
    """The platform that somebody calls ``said``: its name for commands, or what it is called in either language."""
    from xunke.i18n import messages

    said = said.strip().lower()
    texts = messages()
    every = (name for name in (*platforms(), *files_only()) if f"value.{name}" in texts)
    return next((name for name in every if said in (t.lower() for t in texts[f"value.{name}"].values())), said)


def named(platform: str) -> list[str]:
    """The collectors that serve a platform, the one of its name first; [] if it is read from files only."""
    from collectors import registry

    platform = platform.strip().lower()
    own = SPEAKS.get(platform, platform)
    good, _ = registry.load_all()
    first = [own] if own in registry.names() else []
    return first + [name for name, one in good.items() if one.platform == own and name not in first]


def source(project: Project, platform: str, name: str | None = None, instance: str | None = None) -> Source:
    """How one collector stands; ``instance`` if the user names a server, else the one remembered or connected.

    Raises UsageError for an unknown name, CollectorError for a plug-in that does not load or an address that is none.
    """
    from collectors import registry

    name = name or SPEAKS.get(platform, platform)
    can = registry.load(name).capabilities
    remembered = project.meta(f"instance.{platform}") or None
    logins = [one for one in credentials.listed() if one.platform == name]
    own = SPEAKS.get(platform, platform) == platform
    if instance is None and remembered is not None:
        instance = None if remembered == OWN else remembered
    elif instance is None and own and len(logins) == 1:
        instance = logins[0].instance or None
    instance = place(can, instance)
    kept = next((one for one in logins if one.instance == (instance or "")), None)
    return Source(platform, name, can, instance, remembered is not None or (own and bool(logins)), kept)


def sources(project: Project, platform: str) -> Iterator[Source]:
    """All collectors of a platform that load, the one of its name first."""
    for name in named(platform):
        try:
            yield source(project, platform if name == SPEAKS.get(platform, platform) else name, name)
        except CollectorError:
            continue


def place(can: Capabilities, instance: str | None) -> str | None:
    """The origin of ``instance``; None where that is the collector's own default, so that one server has one name.

    Raises CollectorError for what is no address or holds a password.
    """
    from collectors.address import origin_of, parse

    if not instance:
        return None
    found = origin_of(instance).origin
    if not (can.needs_instance or can.default_instance):  # no platform with servers: feeds, each an address of its own
        return str(parse(instance if "://" in instance else f"https://{instance}"))
    return None if can.default_instance and found == origin_of(can.default_instance).origin else found


def connected(project: Project) -> list[str]:
    """The platforms that the user connected, for this project or with a login, sorted."""
    from collectors import registry

    places = project.query("select key from meta where key like 'instance.%' and value != ''")
    names = {str(key).partition(".")[2] for (key,) in places} | {one.platform for one in credentials.listed()}
    good, _ = registry.load_all()
    of = {name: one.platform if one.platform in good else name for name, one in good.items()}
    return sorted({of.get(name, name) for name in names if name in of or name in SPEAKS})


def ready(found: Source, what: Mode | Relation) -> Note | None:
    """None if ``what`` can be read now, otherwise why not: a message key and its parameters."""
    from collectors.base import Mode
    from collectors.walk import access_for

    can = found.can
    params: dict[str, object]
    if what not in can.modes | can.relations:
        if what not in get_args(Mode):
            return "source.no_relation", {"platform": found.platform, "relation": what, "known": _list(can.relations)}
        close = nearest(found, what)
        key = "source.no_mode_but" if close else "source.no_mode"
        return key, {"platform": found.platform, "mode": what, "known": _list(can.modes), "nearest": close or ""}
    if can.needs_instance and found.instance is None:
        return "source.no_instance", {"platform": found.platform}
    needed = access_for(can, what)
    if needed == "import_only":
        return "source.import_only", {"platform": found.platform}
    login = found.login
    if STRENGTH.index(needed) > (STRENGTH.index(login.access) if login else 0):
        word = f"{'mode' if what in get_args(Mode) else 'relation'}.{what}"
        params = {"platform": found.platform, "what": word, "command": command(found, needed)}
        return f"source.needs_{needed}", params
    return None


def nearest(found: Source, mode: str) -> Mode | None:
    """The mode that comes nearest to one that ``found`` does not have or that cannot be read now."""
    return next((one for one in NEAREST.get(mode, ()) if one in found.can.modes), None)


def command(found: Source, access: Access, login: Login | None = None) -> str:
    """The command that signs in: with ``login``, else with the first one that opens what ``access`` does."""
    words = ["xunke connect", found.platform]
    if found.can.needs_instance:
        words.append(f"--instance {found.instance or 'URL'}")
    able = (one for one in found.can.logins if STRENGTH.index(one.access) >= STRENGTH.index(access))
    login = login or next(able, None)
    return " ".join([*words, f"--login {login_name(found.can, login) if login else access}"])


def login_name(can: Capabilities, login: Login) -> str:
    """What ``--login`` calls one way to sign in: its kind, or its fields where there are several of the kind."""
    alone = [one.access for one in can.logins].count(login.access) == 1
    return login.access if alone else ",".join(login.fields)


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "—"


# -- asking the server ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """What a server answered. ``known``: who the user is there; ``notes``: what to tell. ``asked``: None where a
    visitor may read nothing that it could have been asked for."""

    known: Known | None = None
    notes: tuple[Note, ...] = ()
    asked: bool | None = True


async def reach(
    found: Source,
    values: Mapping[str, str],
    *,
    allow_private: bool = False,
    ca_file: Path | None = None,
    session: MutableMapping[str, str] | None = None,
    patience: float = _PATIENCE,
) -> Reached:
    """Ask the server once: with ``values`` who the user is, without them whether it is of this kind and answers.

    ``session``: where the collector may keep the session that it opens. Raises the errors of the collector, with no
    secret in them, whatever a plug-in writes into its own.
    """
    from collectors import registry
    from collectors.base import SignsIn

    collector = registry.load(found.name)
    try:
        async with asyncio.timeout(patience), _transport(found, allow_private, ca_file, session) as http:
            if values and isinstance(collector, SignsIn):
                return Reached(await collector.check(found.instance, values, http))
            if values:
                raise UsageError("source.no_login", platform=found.platform)
            return await _try(collector, found, http)
    except TimeoutError:
        raise Retry("source.slow", 60, platform=found.platform, seconds=round(patience)) from None
    except XunkeError as error:
        error.params = {name: masked(value, values, session or {}) for name, value in error.params.items()}
        error.args = (error.key, error.params)
        error.__cause__, error.__suppress_context__ = None, True
        raise
    except Exception as error:  # noqa: BLE001 - a third party's code may fail in any way
        from xunke.text import one_line

        detail = one_line(masked(f"{type(error).__name__}: {error}", values, session or {}), 200)
        raise CollectorError("collect.broken_plugin", name=found.name, detail=detail) from None


def masked(value: Any, *secrets: Mapping[str, str]) -> Any:
    """``value`` as text where it holds a secret, with ``***`` in its stead."""
    text = str(value)
    words = {part for values in secrets for secret in values.values() for part in within(secret)}
    hidden = hide(text, sorted(words, key=lambda word: (-len(word), word)))
    return value if hidden == text else hidden


def _transport(
    found: Source, allow_private: bool, ca_file: Path | None, session: MutableMapping[str, str] | None
) -> Transport:
    from collectors.http import Transport

    return Transport(
        found.instance, allow_private=allow_private, ca_file=ca_file, pace=found.can.pace, quota=found.can.quota,
        max_wait=20.0, vault=session,
    )  # fmt: skip


async def _try(collector: Collector, found: Source, http: Transport) -> Reached:
    """One page of something harmless that everybody may read."""
    from collectors.base import Query

    order: tuple[Mode, ...] = ("tag", "topic", "keyword", "group", "account")
    mode = next((one for one in order if one in found.can.modes and ready(found, one) is None), None)
    if mode is None:
        return Reached(asked=None)
    try:
        async for _ in collector.collect(Query(mode, "xunke", found.instance, limit=1), None, http):
            break
    except NeedsLogin as error:
        return Reached(notes=((error.key, dict(error.params)),))
    except BadQuery:
        if mode in ("group", "account"):  # it said that it has none of this name, as it should
            return Reached()
        if found.instance is None and found.can.default_instance is None:  # feeds: there is no server to ask
            return Reached(asked=None)
        raise
    except CollectorError as error:
        if mode in ("group", "account") and not isinstance(error, (BrokenAnswer, Retry)):
            return Reached()
        raise
    return Reached()


def instead(found: Source, mode: Mode) -> tuple[Mode, Note | None]:
    """The mode to read with where a sentence asks for ``mode``: itself, or the nearest that is ready, and what to
    tell. The note is why nothing can be read if none is."""
    why = ready(found, mode)
    if why is None:
        return mode, None
    for other in NEAREST.get(mode, ()):
        if ready(found, other) is None:
            return other, ("source.nearest", {"platform": found.platform, "mode": mode, "nearest": other})
    return mode, why


def at(found: Source, instance: str | None) -> Source:
    """The same source at another server."""
    instance = place(found.can, instance)
    kept = next((k for k in credentials.listed() if (k.platform, k.instance) == (found.name, instance or "")), None)
    return replace(found, instance=instance, kept=kept)
