"""Fetching and importing as jobs (``docs/jobs.md``): pages, cursors and counts are stored in one transaction."""

from __future__ import annotations

from .collecting import Reach, run_collect
from .importing import run_import
from .progress import Meter
from .resuming import refetch, resume
from .slices import Live

__all__ = ["Live", "Meter", "Reach", "refetch", "resume", "run_collect", "run_import"]
