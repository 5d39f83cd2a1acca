"""The word lists and tables in nlp/data, read once and only when something needs them."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The TOML table ``nlp/data/<name>.toml``."""
    return tomllib.loads(files("nlp").joinpath("data", f"{name}.toml").read_text("utf-8"))


@cache
def json_table(name: str) -> dict[str, Any]:
    """The object in ``nlp/data/<name>.json``."""
    found: dict[str, Any] = json.loads(files("nlp").joinpath("data", f"{name}.json").read_text("utf-8"))
    return found


@cache
def lines(name: str) -> tuple[str, ...]:
    """The entries of ``nlp/data/<name>.txt``: blank-separated, ``#`` starts a comment that ends the line."""
    text = files("nlp").joinpath("data", f"{name}.txt").read_text("utf-8")
    return tuple(word for line in text.splitlines() for word in line.split("#", 1)[0].split())
