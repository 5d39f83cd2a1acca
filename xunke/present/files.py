"""Files in words: what came of an import, what was written."""

from __future__ import annotations

from typing import Final

from xunke.events import FileWritten, Imported
from xunke.i18n import Catalogue

_PAGES: Final = frozenset({"html", "md", "text"})
"""Formats of what is read, not counted."""


def file_lines(event: FileWritten, cat: Catalogue) -> list[str]:
    """Where a file was written, how many rows if it is a table, and who was left out."""
    key = "file.written_whole" if event.format in _PAGES else "file.written"
    return [
        cat.t(key, path=event.path, rows=event.rows),
        *(cat.t("file.left_out", n=n, reason=cat.t(why.replace("funnel.", "left_out.")))
          for why, n in event.left_out.items()),
    ]  # fmt: skip


def import_lines(event: Imported, cat: Catalogue) -> list[str]:
    """What came of an import, with the first rows that were refused and why."""
    lines = [
        cat.t(
            "import.report", path=event.path, format=event.format, read=event.read, stored=event.stored,
            updated=event.updated, duplicate=event.duplicate, rejected=event.rejected,
            interactions=event.interactions,
        )
    ]  # fmt: skip
    if event.resumed_from:
        lines.append(cat.t("import.resumed", row=event.resumed_from))
    for row, reason, detail in event.reasons[:20]:
        lines.append(_row_line(row, reason, detail, cat))
    if event.rejected > 20:
        lines.append(cat.t("import.more_rejected", n=event.rejected - min(20, len(event.reasons))))
    if event.suppressed:
        lines.append(cat.t("import.suppressed", n=event.suppressed))
    if event.noted:
        lines.append(cat.t("import.noted", n=event.noted))
        for row, reason, detail in event.notes[:5]:
            lines.append(_row_line(row, reason, detail, cat))
    return lines


def _row_line(row: int, reason: str, detail: str, cat: Catalogue) -> str:
    """Why a row was refused or changed, with the value that was to blame."""
    value = cat.t("import.value", value=detail) if detail else ""
    return cat.t("import.rejected_row", row=row, reason=cat.t(reason), detail=value)
