"""Reports: a title and blocks (``blocks``), made of what was found (``persona_page``, ``audience``, ``campaign``), and
written as one HTML file, Markdown or plain text (``html``, ``markdown``, ``plain``). Nothing here decides or counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .blocks import Report
from .html import page
from .markdown import markdown
from .plain import plain

WRITERS: Final[Mapping[str, Callable[[Report], str]]] = {"html": page, "md": markdown, "text": plain}
"""{format: what makes a text of a report}."""

__all__ = ["WRITERS", "Report", "markdown", "page", "plain"]
