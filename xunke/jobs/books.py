"""Books of what we did and what came of it, as files: ``import --format touches`` and ``touch import`` alike."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from xunke.errors import BadInput
from xunke.events import Done, Event, Imported
from xunke.storage import Project

FORMAT: Final = "touches"


def is_book(path: Path, format: str, mapping: Path | Mapping[str, Any] | None) -> bool:
    """Whether a file is such a book: by the format that was said, else by its columns."""
    from collectors import importers

    if format != "auto" or mapping is not None:
        return format == FORMAT
    try:
        return importers.detect(path) == FORMAT
    except BadInput:  # whoever reads it says what is wrong
        return False


def bring(project: Project, path: Path, *, dry_run: bool = False) -> list[Event]:
    """Touches and outcomes of a file. ``dry_run`` reads and reports without storing. Raises BadInput."""
    from collectors.importers.touches import read
    from xunke.outreach import touch_files

    found = touch_files.bring(project, read(path), now=int(time.time()), store=not dry_run)
    report = Imported(
        str(path), FORMAT, found.read, found.touches + found.outcomes, 0, found.known, len(found.refused),
        list(found.refused[:20]), suppressed=found.left_out,
    )  # fmt: skip
    return [report, Done("touch.imported", {"touches": found.touches, "outcomes": found.outcomes})]
