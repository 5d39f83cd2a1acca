"""The four packages beside this one have names that others on PyPI use too: make sure that they are ours."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

NAMES: Final = ("tui", "collectors", "nlp", "graph")


def foreign() -> str | None:
    """The first sibling package that does not lie beside ``xunke``, or None."""
    home = Path(__file__).resolve().parent.parent
    for name in NAMES:
        spec = find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != home:
            return name
    return None


def check() -> None:
    """End the program with one sentence if a sibling package is somebody else's."""
    name = foreign()
    if name is not None:
        sys.exit(
            f"寻客的 {name} 包被同名的另一个包盖住了，请单独安装：uv tool install xunke 或 pipx install xunke。\n"
            f"Another package named {name} hides Xunke's own; install Xunke apart: uv tool install or pipx install."
        )
