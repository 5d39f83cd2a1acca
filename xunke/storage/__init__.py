"""One SQLite file per project: one writer, many readers, migrations, full-text search, row sources."""

from .project import Project

__all__ = ["Project"]
