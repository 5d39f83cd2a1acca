"""What has a name in a project, so that a sentence that uses the name is understood."""

from __future__ import annotations

from xunke.storage import Project

_NAMED = (
    ("list", "select name from saved_list"), ("segment", "select name from segment"),
    ("campaign", "select name from campaign"), ("experiment", "select name from experiment"),
)  # fmt: skip
LEAST = 2
"""Characters: a name of one would be found everywhere."""


def names_of(project: Project) -> dict[str, str]:
    """Names and what they are of: list, segment, campaign or experiment (the later one where several share it)."""
    return {
        str(name): kind for kind, sql in _NAMED for (name,) in project.query(sql) if name and len(str(name)) >= LEAST
    }
