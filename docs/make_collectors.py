"""Write docs/collectors.md: the hand-written part of it, and the tables that the collectors' own words make.

python docs/make_collectors.py            # writes the page
python docs/make_collectors.py --check    # exit code 1 if the page is not what this would write
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from collectors import registry
from collectors.base import Access, Collector, Mode, Relation
from collectors.walk import access_for
from xunke.i18n import Catalogue
from xunke.sources import FILES

PAGE: Final = Path(__file__).with_name("collectors.md")
BEGIN, END = "<!-- made by docs/make_collectors.py: do not edit -->", "<!-- end of what is made -->"
COLUMNS: Final[tuple[Mode | Relation, ...]] = (
    "tag", "topic", "group", "keyword", "account", "post", "replies", "reposts", "likes", "quotes", "followers",
    "following",
)  # fmt: skip
MARKS: Final[dict[Access, str]] = {
    "anonymous": "✓", "own_token": "T", "own_app": "A", "own_cookie": "C", "import_only": "F",
}  # fmt: skip


def ours() -> dict[str, Collector]:
    """Our own collectors, by name; a third party's tell of themselves in ``xunke doctor``."""
    found, bad = registry.load_all()
    if mine := [name for name in bad if registry.is_ours(name)]:
        raise SystemExit(f"does not load: {', '.join(mine)}")
    return {name: one for name, one in found.items() if registry.is_ours(name)}


def _label(name: str, cat: Catalogue) -> str:
    return f"{cat.t(f'value.{name}')} `{name}`" if cat.has(f"value.{name}") else f"`{name}`"


def table() -> str:
    """Platform × what can be read × with what."""
    zh, en = Catalogue("zh"), Catalogue("en")
    heads = [
        f"{zh.t(f'{kind}.{name}')}<br>{en.t(f'{kind}.{name}')}"
        for name in COLUMNS
        for kind in ("mode" if zh.has(f"mode.{name}") else "relation",)
    ]
    lines = [f"| 平台 / platform | {' | '.join(heads)} | 文件<br>files |", f"|---|{'---|' * (len(COLUMNS) + 1)}"]
    rows: dict[str, list[str]] = {}
    for name, one in ours().items():
        can = one.capabilities
        cells = [MARKS[access_for(can, what)] if what in can.modes | can.relations else "" for what in COLUMNS]
        rows[name] = [f"{_label(name, zh)}{' ⚠' if can.experimental else ''}", *cells, "F" if name in FILES else ""]
    for name in FILES:
        rows.setdefault(name, [_label(name, zh), *[""] * len(COLUMNS), "F"])
    return "\n".join([*lines, *(f"| {' | '.join(rows[name])} |" for name in sorted(rows))]) + "\n"


def notes() -> str:
    """Logins, pace, limits and legal notes of each, in both languages."""
    zh, en = Catalogue("zh"), Catalogue("en")
    parts = []
    for name, one in ours().items():
        can = one.capabilities
        lines = [f"### {_label(name, zh)}\n"]
        server = can.default_instance or ("要指定服务器 / name a server" if can.needs_instance else "")
        pace = f"{can.pace:g} s" + (f", {can.quota[0]} / {can.quota[1]} s" if can.quota else "")
        facts = [
            ("服务器 / server", server),
            ("登录 / login", "; ".join(f"`{one.access}` ({', '.join(one.fields)})" for one in can.logins)),
            ("请求间隔 / pace", pace),
            ("实时监听 / streams", ", ".join(sorted(can.streams))),
        ]
        lines += [f"* {head}: {text}" for head, text in facts if text]
        for head, keys in (("限制 / limits", can.limits), ("条款与法律 / terms and law", can.legal)):
            if keys:
                lines.append(f"* {head}:")
                lines += [f"  * {zh.t(key)}\n    {en.t(key)}" for key in keys]
        if can.experimental:
            lines.append(f"* ⚠ {zh.t('doctor.not_promised')} / {en.t('doctor.not_promised')}")
        parts.append("\n".join(lines) + "\n")
    for name, formats in FILES.items():
        if name not in ours():
            parts.append(
                f"### {_label(name, zh)}\n\n* 只能导入文件 / files only: {', '.join(f'`{f}`' for f in formats)}\n"
            )
    return "\n".join(parts)


def page() -> str:
    """The whole page: what stands by hand in the file, with the made part in its place."""
    made = f"{BEGIN}\n\n{table()}\n{notes()}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: made, PAGE.read_text("utf-8"), flags=re.S)


def main() -> int:
    """Write the page, or with ``--check`` tell whether it is up to date."""
    made = page()
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text("utf-8") == made else 1
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
