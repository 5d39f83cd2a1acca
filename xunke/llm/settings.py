"""Which language model is connected, and how: a file of the user's own (folder 0700, file 0600), never the project.

The key itself stands in the environment (``KeyPlace("env", NAME)``), in the system's keyring, or, where the user
chose it, in a file beside the settings. The settings only say where.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from xunke import private
from xunke.errors import BadInput, NeedsAnswer
from xunke.secrets import looks_like_secret

if TYPE_CHECKING:
    from collectors.address import Address

DEADLINE: Final = 20.0
"""Seconds that a request may take in all; then the offline parser's plan is used."""
_LONGEST: Final = 600.0
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_HOME: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class KeyPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the key is: in the environment variable ``name``, in the keyring, in our own file, or nowhere."""

    kind: Literal["none", "env", "keyring", "file"] = "none"
    name: str = ""


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One connected model. ``endpoint``: the base URL that ``/chat/completions`` is put behind.

    ``own``: the endpoint is on this machine or in the user's own network, by the user's word; only then may it be
    http or resolve to a loopback or private address. ``local_only``: nothing else is ever called.
    ``model`` None: the first one that the endpoint lists. ``deadline`` in seconds, for a whole request.
    """

    endpoint: str
    model: str | None = None
    key: KeyPlace = KeyPlace()
    own: bool = False
    local_only: bool = False
    on: bool = True
    deadline: float = DEADLINE


class Provider(msgspec.Struct, frozen=True):
    """A known endpoint, so that its name is enough."""

    endpoint: str
    model: str | None = None
    key_env: str = ""


PROVIDERS: Final[dict[str, Provider]] = {
    "ollama": Provider("http://localhost:11434/v1"),
    "llama.cpp": Provider("http://localhost:8080/v1"),
    "lm studio": Provider("http://localhost:1234/v1"),
    "vllm": Provider("http://localhost:8000/v1"),
    "deepseek": Provider("https://api.deepseek.com/v1", "deepseek-chat", "DEEPSEEK_API_KEY"),
    "qwen": Provider("https://dashscope.aliyuncs.com/compatible-mode/v1", "qwen-plus", "DASHSCOPE_API_KEY"),
    "kimi": Provider("https://api.moonshot.cn/v1", "moonshot-v1-8k", "MOONSHOT_API_KEY"),
    "glm": Provider("https://open.bigmodel.cn/api/paas/v4", "glm-4-flash", "ZHIPUAI_API_KEY"),
    "openai": Provider("https://api.openai.com/v1", "gpt-4o-mini", "OPENAI_API_KEY"),
}
"""Ways in that are known by name; programs of one's own machine first."""
_CALLED: Final = {
    "llamacpp": "llama.cpp", "llama-server": "llama.cpp", "lmstudio": "lm studio", "通义": "qwen", "千问": "qwen",
    "dashscope": "qwen", "百炼": "qwen", "moonshot": "kimi", "智谱": "glm", "zhipu": "glm", "深度求索": "deepseek",
    "gpt": "openai",
}  # fmt: skip


def folder() -> Path:
    """Where all of this is kept: in the user's configuration folder."""
    return private.folder() / "llm"


def _file() -> Path:
    return folder() / "settings.json"


def _key_file() -> Path:
    return folder() / "key"


def load() -> Settings | None:
    """The connected model, or None. A file that cannot be read counts as none: everything works without it."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=Settings)
    except (OSError, ValueError, RecursionError):
        return None


def active() -> Settings | None:
    """The connected model if it is to be used."""
    found = load()
    return found if found is not None and found.on else None


def provider(words: str) -> Provider | None:
    """The known endpoint that ``words`` name (接上本地的 ollama), the one named first."""
    text = words.casefold()
    names = {**{name: name for name in PROVIDERS}, **_CALLED}
    found = min(((at, -len(said), name) for said, name in names.items() if (at := text.find(said)) >= 0), default=None)
    return PROVIDERS[found[2]] if found else None


def base_of(endpoint: str) -> Address:
    """The base address that a user means by ``localhost:11434``, ``https://api.deepseek.com`` or a whole path.

    Raises CollectorError for what is no address, BadInput("llm.http") for http to somewhere else than one's own
    network. A query is dropped: it may hold a key.
    """
    from collectors.address import Address, parse

    text = endpoint.strip().partition("?")[0].partition("#")[0]
    if "://" not in text:
        text = f"{'http' if is_own(text) else 'https'}://{text}"
    address = parse(text)
    path = address.target.rstrip("/").removesuffix("/chat/completions")
    found = Address(address.scheme, address.host, address.port, path or "/v1")
    if found.scheme == "http" and not is_own(found.host):
        raise BadInput("llm.http", host=found.host)
    return found


def is_own(host: str) -> bool:
    """Whether ``host`` (also with a port) names this machine or one of the user's own network, as it is written."""
    import ipaddress
    from urllib.parse import urlsplit

    from collectors.address import reachable

    try:
        name = host if host.count(":") > 1 else urlsplit(host if "//" in host else f"//{host}").hostname or ""
    except ValueError:
        return False
    name = name.strip("[]").rstrip(".").lower()
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(_HOME) or (bool(name) and "." not in name)
    return reachable(name, own=True) and not ip.is_global


def connect(
    endpoint: str | None,
    *,
    model: str | None = None,
    key: KeyPlace | None = None,
    local_only: bool | None = None,
    deadline: float | None = None,
    words: str = "",
) -> Settings:
    """Remember a model's endpoint and switch it on; what is not said stays as it was for the same endpoint.

    ``words``: the sentence of the user, which may name a known provider instead of an address. No request is made.
    Raises NeedsAnswer("llm.which") without an endpoint, BadInput and CollectorError for a bad one.
    """
    named = provider(f"{words} {model or ''}") if endpoint is None else None
    before = load()
    if named is not None:
        endpoint = named.endpoint
        model = None if model is not None and model.casefold() in {*PROVIDERS, *_CALLED} else model
    elif endpoint is None and before is not None:
        endpoint = before.endpoint
    if endpoint is None:
        raise NeedsAnswer("llm.which", known=", ".join(PROVIDERS))
    base = base_of(endpoint)
    same = before if before is not None and before.endpoint == str(base) else None
    known = next((p for p in PROVIDERS.values() if p.endpoint == str(base)), None)
    if key is None:
        key = same.key if same else KeyPlace("env", known.key_env) if known and known.key_env else KeyPlace()
    if key.kind == "env" and (not _NAME.match(key.name) or looks_like_secret(key.name)):
        raise BadInput("llm.key_env")
    if deadline is not None and not 1 <= deadline <= _LONGEST:
        raise BadInput("llm.deadline", most=round(_LONGEST))
    only = local_only if local_only is not None else before.local_only if before else False
    own = is_own(base.host)
    if only and not own:
        raise BadInput("llm.not_local", host=base.host)
    found = Settings(
        endpoint=str(base), model=model or (same.model if same else None) or (known.model if known else None), key=key,
        own=own, local_only=only, deadline=deadline or (same.deadline if same else DEADLINE),
    )  # fmt: skip
    save(found)
    return found


def told(settings: Settings) -> dict[str, Any]:
    """What may be shown of ``settings``: never the key."""
    place = settings.key
    return {
        "endpoint": settings.endpoint,
        "model": settings.model or "*",
        "where": {"env": f"${place.name}", "keyring": "keyring", "file": str(_key_file()), "none": "—"}[place.kind],
    }


def save(settings: Settings) -> None:
    """Keep ``settings`` for the next start."""
    private.write(_file(), msgspec.json.format(msgspec.json.encode(settings), indent=2).decode() + "\n")


def switch(on: bool) -> Settings | None:
    """Use the connected model, or no longer; None if there is none."""
    found = load()
    if found is not None:
        found = msgspec.structs.replace(found, on=on)
        save(found)
    return found


# -- the key -------------------------------------------------------------------------------------------------------


def store_key(key: str, endpoint: str, *, in_file: bool) -> KeyPlace:
    """Put the key of ``endpoint`` into the system's keyring, or by the user's choice into a file of the user's own.

    Raises BadInput("llm.bad_key"), or NeedsAnswer("llm.no_keyring") where there is no keyring that takes it.
    """
    key, origin = key.strip(), base_of(endpoint).origin
    if not key or not key.isascii() or re.search(r"[\x00-\x20\x7f]", key) or len(key) > 4096:
        raise BadInput("llm.bad_key")
    if in_file:
        private.write(_key_file(), f"{origin}\n{key}\n")
        return KeyPlace("file", origin)

    def put(ring: private.Ring) -> bool:
        ring.set_password(private.SERVICE, origin, key)
        return ring.get_password(private.SERVICE, origin) == key

    if private.ring(put) is not True:
        raise NeedsAnswer("llm.no_keyring")
    return KeyPlace("keyring", origin)


def read_key(place: KeyPlace) -> str | None:
    """The key, or None if it is not where it should be. One that was stored belongs to the origin it was given for."""
    match place.kind:
        case "env":
            return os.environ.get(place.name, "").strip() or None
        case "file":
            try:
                origin, _, key = (private.read(_key_file()) or "").partition("\n")
            except BadInput:
                return None
            return key.strip() or None if origin == place.name else None
        case "keyring":
            found = private.ring(lambda ring: ring.get_password(private.SERVICE, place.name))
            return None if isinstance(found, private.Absent) else found
        case _:
            return None


def forget_key() -> None:
    """Remove the key that we hold, in the keyring and in our file; an environment variable is the user's affair."""
    _key_file().unlink(missing_ok=True)
    found = load()
    if found is not None and found.key.kind == "keyring":
        name = found.key.name
        private.ring(lambda ring: ring.delete_password(private.SERVICE, name))
    if found is not None and found.key.kind in ("keyring", "file"):
        save(msgspec.structs.replace(found, key=KeyPlace()))
