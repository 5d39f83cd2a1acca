"""Write docs/licences.md: every library that Xunke needs at run time, on any platform, and its licence.

Which libraries: ``uv.lock``, from ``xunke`` along its dependencies. Which licence: the metadata of the installed
ones, and ``ELSEWHERE`` for those that only another platform installs. Run it after changing a dependency:
``python docs/make_licences.py``; ``--check`` only compares (tests/house does so).
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "licences.md"
ELSEWHERE: Final = {"colorama": "BSD-3-Clause", "pywin32-ctypes": "BSD-3-Clause"}
"""Read from the packages' own pages, because no Linux machine installs them."""
FREE: Final = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|MPL-2\.0|Mozilla Public License 2|Unlicense|0BSD|Zlib|Public Domain"
)
NEVER: Final = re.compile(r"\bA?L?GPL|GNU|SSPL|Commercial|Proprietary", re.I)
_TEXT_NAMES: Final = (("Apache", "Apache-2.0"), ("BSD", "BSD"), ("MIT", "MIT"))
HEAD: Final = """# 库和许可 / Libraries and licences

由 `docs/make_licences.py` 从 `uv.lock` 和安装包的元数据生成，请勿手改。寻客本身是 Apache-2.0。
Made by `docs/make_licences.py` from `uv.lock` and the metadata of the installed packages; do not edit.
Xunke itself is Apache-2.0; none of these is GPL, LGPL or AGPL.
`nlp/data/characters.bin` comes from OpenCC's table of traditional characters (Apache-2.0; training/make_characters.py).
(The numpy and scipy wheels also carry OpenBLAS, BSD, and libgfortran under the GCC Runtime Library Exception.)

| 库 / library | 版本 / version | 许可 / licence | 直接 / direct |
|---|---|---|---|
"""


def needed() -> dict[str, tuple[str, bool]]:
    """{name: (locked version, named by Xunke itself)} of all run-time libraries."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    direct = {d["name"] for d in packages["xunke"][0]["dependencies"]}
    found: dict[str, tuple[str, bool]] = {}
    waiting = sorted(direct)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        versions = packages[name]
        found[name] = (" / ".join(sorted(p["version"] for p in versions)), name in direct)
        for package in versions:
            extras = [d for group in package.get("optional-dependencies", {}).values() for d in group]
            waiting += [d["name"] for d in (*package.get("dependencies", ()), *extras)]
    return dict(sorted(found.items()))


def licence(name: str) -> str:
    """The licence as the package states it, in one line. Raises LookupError if it states none."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        if name in ELSEWHERE:
            return ELSEWHERE[name]
        raise LookupError(f"{name} is not installed here: install it, or add it to ELSEWHERE") from None
    if stated := about.get("License-Expression"):
        return str(stated)
    classes = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    classes = [c for c in classes if c != "OSI Approved"]
    if classes:
        return " / ".join(classes)
    text = str(about.get("License") or "")
    if text and "\n" not in text:
        return text
    for word, short in _TEXT_NAMES:
        if word in text:
            return short
    raise LookupError(f"{name} states no licence")


def page() -> str:
    """The whole page. Raises LookupError for a licence that is unknown or does not fit."""
    lines = []
    for name, (version, direct) in needed().items():
        stated = licence(name)
        if NEVER.search(stated) or not FREE.search(stated):
            raise LookupError(f"{name}: the licence {stated!r} does not fit")
        lines.append(f"| {name} | {version} | {stated} | {'✓' if direct else ''} |")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or with ``--check`` tell whether it is up to date."""
    made = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text("utf-8") == made else 1
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
