"""The user's own logins of platforms: in the system's keyring, in environment variables, or in a file by choice.

A login belongs to one platform and one server; it is never given to another. What is known without a secret (which
platform, where it is kept, the names of its fields) is a file of its own below the configuration folder; the secrets
are in it only where the user chose a file. Nothing of this is ever in a project.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

import msgspec

from . import private
from .errors import BadInput, NeedsAnswer, NeedsLogin
from .secrets import looks_like_secret

Where = Literal["keyring", "env", "file"]
PLACES: Final[tuple[Where, ...]] = get_args(Where)
_LONGEST: Final = 32_768
_ODD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}\Z")
_DEFAULT_PORT: Final = {"https": 443, "http": 80}


class Kept(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One login, without its secrets. ``instance``: the origin of its server ("": the platform's own).

    ``fields``: the names of its fields, each with the environment variable that holds it where ``where`` is ``env``.
    ``name``: who the user is there, as the platform said when it was connected.
    """

    platform: str
    instance: str = ""
    where: Where
    fields: dict[str, str]
    name: str = ""


class _Stored(Kept, frozen=True, omit_defaults=True, kw_only=True):
    """``Kept`` as its file holds it; the last two only where the user chose a file."""

    values: dict[str, str] = {}
    session: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"_Stored({self.platform}, {self.instance}, {self.where})"


def origin(instance: str | None) -> str:
    """The server that a login belongs to, as it is written here: ``https://m.example``, or "" for the platform's own.

    Raises BadInput("credentials.instance").
    """
    text = (instance or "").strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or "@" in text:
        raise BadInput("credentials.instance")
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORT.get(parts.scheme)) else f":{port}")


def variable(platform: str, instance: str | None, field: str) -> str:
    """The environment variable of a field by rule: XUNKE_WEIBO_COOKIE, XUNKE_MASTODON_M_EXAMPLE_TOKEN.

    A hyphen is two underscores, so that two servers do not share a variable.
    """
    host = origin(instance).partition("://")[2]
    words = "_".join(word for word in ("xunke", platform, host, field) if word)
    words = words.replace("-", "__")
    return re.sub(r"[^A-Za-z0-9]", "_", words).upper()


def is_variable(name: str) -> bool:
    """Whether ``name`` can be the name of an environment variable, and is none of a secret put there by mistake."""
    return _VARIABLE.match(name) is not None and not looks_like_secret(name)


def of(platform: str, instance: str | None) -> dict[str, str]:
    """The login of exactly this platform and server, by the names of ``Login.fields``; {} if none is connected.

    Raises NeedsLogin if one is connected and cannot be had now: the keyring is locked, the variable is not set, the
    file may be read by others.
    """
    found = _load(platform, instance)
    if found is None:
        return {}
    if found.where == "env":
        values = {field: os.environ.get(name, "").strip() for field, name in found.fields.items()}
        if missing := [found.fields[field] for field, value in values.items() if not value]:
            raise NeedsLogin("credentials.no_variable", platform=platform, names=", ".join(missing))
    elif found.where == "keyring":
        text = private.get_from_ring(_ring_name(found))
        values = {} if isinstance(text, private.Absent) else _decoded(text)
    else:
        values = dict(found.values)
    if not values:
        raise NeedsLogin("credentials.locked", platform=platform, command=f"xunke connect {platform}")
    return values


def keep(
    platform: str,
    instance: str | None,
    values: Mapping[str, str],
    where: Where,
    *,
    variables: Mapping[str, str] | None = None,
    name: str = "",
) -> Kept:
    """Keep a login in the place that the user chose, in the stead of one from before.

    ``variables``: for ``env``, the variable of each field where it is not the one of the rule; nothing is written
    but their names. Raises BadInput for values that cannot be sent, NeedsAnswer("credentials.no_keyring") where there
    is no keyring that takes it.
    """
    check(values)
    before = _load(platform, instance, mend=True)
    fields = dict.fromkeys(values, "")
    if where == "env":
        fields = {field: (variables or {}).get(field) or variable(platform, instance, field) for field in values}
        if not all(map(is_variable, fields.values())):
            raise BadInput("credentials.variable")
    stored = _Stored(
        platform=platform, instance=origin(instance), where=where, fields=fields, name=name,
        values=dict(values) if where == "file" else {},
    )  # fmt: skip
    if where == "keyring" and not private.put_in_ring(_ring_name(stored), _encoded(values)):
        raise NeedsAnswer("credentials.no_keyring")
    _save(stored)
    if before is not None and before.where == "keyring":
        private.drop_from_ring(_session_name(before))
        if where != "keyring":
            private.drop_from_ring(_ring_name(before))
    _MEMORY.pop((stored.platform, stored.instance), None)
    return _shown(stored)


def remove(platform: str, instance: str | None) -> Kept | None:
    """Forget a login and its sessions; what it was, None if there was none. An environment variable stays as it is.

    Raises NeedsLogin("credentials.locked") where the keyring cannot be asked to forget it.
    """
    found = _load(platform, instance, mend=True)
    if found is None:
        return None
    if found.where == "keyring" and not all(map(private.drop_from_ring, (_ring_name(found), _session_name(found)))):
        raise NeedsLogin("credentials.locked", platform=platform, command=f"xunke connect --remove {platform}")
    _MEMORY.pop((found.platform, found.instance), None)
    _path(found.platform, found.instance).unlink(missing_ok=True)
    return _shown(found)


def listed() -> tuple[Kept, ...]:
    """All logins without their secrets, by platform and server; also those that ``of`` refuses, because others may
    read or change their file. Files that cannot be read are left out."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        try:
            stored = _read(path, safe=False)
        except BadInput:
            continue
        if stored is not None:
            found.append(_shown(stored))
    return tuple(sorted(found, key=lambda one: (one.platform, one.instance)))


def vault(platform: str, instance: str | None) -> MutableMapping[str, str]:
    """Sessions of a login (access and refresh tokens) that outlive the run, kept where the login is kept.

    For one from environment variables, and without one, they live as long as this process. What cannot be written
    is kept for this process too: the next one signs in again.
    """
    try:
        found = _load(platform, instance)
    except NeedsLogin:
        found = None
    if found is None or found.where == "env":
        return _MEMORY.setdefault((platform, origin(instance)), {})
    if found.where == "file":
        return _Vault(found.session, _into_file(platform, instance))
    text = private.get_from_ring(_session_name(found))
    return _Vault({} if isinstance(text, private.Absent) else _decoded(text), _into_ring(_session_name(found)))


def check(values: Mapping[str, str]) -> None:
    """Raise BadInput("credentials.bad_value") naming the field whose value is empty, too long, or would break out
    of the line of a header."""
    if not values:
        raise BadInput("credentials.bad_value", field="—")
    for field, value in values.items():
        if not value.strip() or len(value) > _LONGEST or _ODD.search(value):
            raise BadInput("credentials.bad_value", field=field)


# -- sessions ------------------------------------------------------------------------------------------------------

_MEMORY: Final[dict[tuple[str, str], dict[str, str]]] = {}


class _Vault(MutableMapping[str, str]):
    """Written through at every change."""

    def __init__(self, kept: Mapping[str, str], save: Callable[[dict[str, str]], object]) -> None:
        self._kept, self._save = dict(kept), save

    def __getitem__(self, key: str) -> str:
        return self._kept[key]

    def __setitem__(self, key: str, value: str) -> None:
        if self._kept.get(key) != value:
            self._kept[key] = value
            self._save(self._kept)

    def __delitem__(self, key: str) -> None:
        del self._kept[key]
        self._save(self._kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"_Vault({len(self._kept)})"


def _into_ring(name: str) -> Callable[[dict[str, str]], object]:
    return lambda session: private.put_in_ring(name, _encoded(session))


def _into_file(platform: str, instance: str | None) -> Callable[[dict[str, str]], object]:
    def save(session: dict[str, str]) -> None:
        try:
            found = _load(platform, instance)
            if found is not None and found.where == "file":
                _save(msgspec.structs.replace(found, session=dict(session)))
        except (BadInput, NeedsLogin):
            return

    return save


# -- the files -----------------------------------------------------------------------------------------------------


def _folder() -> Path:
    return private.folder() / "logins"


def _path(platform: str, instance: str) -> Path:
    """One file a login, so that two runs that keep different sessions do not wait for one another."""
    said = re.sub(r"[^a-z0-9.-]+", "-", f"{platform} {instance.partition('://')[2]}".lower()).strip("-")[:80]
    return _folder() / f"{said}-{hashlib.sha256(f'{platform} {instance}'.encode()).hexdigest()[:8]}.json"


def _read(path: Path, *, safe: bool = True) -> _Stored | None:
    text = private.read(path, safe=safe)
    try:
        return None if text is None else msgspec.json.decode(text, type=_Stored)
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("private.read", path=str(path), detail="JSON") from None


def _load(platform: str, instance: str | None, *, mend: bool = False) -> _Stored | None:
    """The login of exactly this platform and server. One whose file cannot be used raises NeedsLogin that says why;
    ``mend``: it counts as none, because it is about to be replaced or removed."""
    path = _path(platform, origin(instance))
    try:
        found = _read(path)
    except BadInput as error:
        if mend and error.key == "private.read":
            path.unlink(missing_ok=True)
            return None
        raise NeedsLogin(error.key, **error.params) from None
    return found if found is not None and (found.platform, found.instance) == (platform, origin(instance)) else None


def _save(stored: _Stored) -> None:
    private.write(_path(stored.platform, stored.instance), _text(stored))


def _text(stored: _Stored) -> str:
    return msgspec.json.format(msgspec.json.encode(stored), indent=2).decode() + "\n"


def _shown(stored: _Stored) -> Kept:
    return Kept(
        platform=stored.platform, instance=stored.instance, where=stored.where, fields=dict(stored.fields),
        name=stored.name,
    )  # fmt: skip


def _ring_name(kept: Kept) -> str:
    return f"{kept.platform} {kept.instance}".strip()


def _session_name(kept: Kept) -> str:
    return f"{_ring_name(kept)} session"


def _encoded(values: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(values)).decode()


def _decoded(text: str | None) -> dict[str, str]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except (msgspec.DecodeError, RecursionError):
        return {}
