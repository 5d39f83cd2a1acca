"""The one message catalogue: what users see, simplified Chinese first, English too.

Every TOML file in this folder holds ``["some.key"]`` tables with ``zh`` and ``en`` texts in ``str.format``
syntax. Foreign values put into a text are cleaned, so that a message is always safe to show.
"""

from __future__ import annotations

import os
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from xunke.text import one_line

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")


HERE: Final = Path(__file__).parent
Texts = dict[str, dict[str, str]]
"""{key: {"zh": …, "en": …}}"""


@cache
def messages() -> Texts:
    """All catalogue files in one."""
    ready = packed()
    found: Texts = {}
    for path in sorted(HERE.glob("*.toml")):
        raw = path.read_bytes()
        held = ready.get(packed_name(path.stem, raw))
        found.update(_read(raw) if held is None else msgspec.json.decode(held, type=Texts))
    return found


def _read(raw: bytes) -> Texts:
    import tomllib

    return tomllib.loads(raw.decode())


def packed() -> dict[str, msgspec.Raw]:
    """The files as training/make_conditions.py left them, by name and sum: the TOML takes a tenth of a second.

    A file that was edited since is not found here.
    """
    path = HERE / "catalogue.bin"
    if not path.is_file():
        return {}
    return msgspec.json.decode(zlib.decompress(path.read_bytes()), type=dict[str, msgspec.Raw])


def packed_name(name: str, raw: bytes) -> str:
    """The name of a file with this content in catalogue.bin."""
    return f"{name} {zlib.crc32(raw):08x}"


def default_lang() -> Lang:
    """``XUNKE_LANG`` if it says English, otherwise Chinese, whatever the locale."""
    return "en" if os.environ.get("XUNKE_LANG", "").lower().startswith("en") else "zh"


class Catalogue:
    """Texts in one language."""

    def __init__(self, lang: Lang | str | None = None) -> None:
        self.lang: Lang = "en" if (lang or default_lang()) == "en" else "zh"

    def t(self, key: str, **params: object) -> str:
        """The text of ``key`` with its parameters; an unknown key is shown as itself, a lacking parameter as ``?``."""
        entry = messages().get(key)
        if entry is None:
            return one_line(f"{key} {params}" if params else key)
        safe = _Lenient({name: one_line(v) if isinstance(v, str) else v for name, v in params.items()})
        try:
            return entry[self.lang].format_map(safe)
        except ValueError:  # a number's format for something that is no number
            return re.sub(r"\{(\w+)[^{}]*\}", lambda m: str(safe[m[1]]), entry[self.lang])

    def has(self, key: str) -> bool:
        """Whether the catalogue knows ``key``."""
        return key in messages()


UNSAID: Final = "⁇"
"""Stands where a message has a parameter that it was not given."""


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return UNSAID
