"""Helpers for the import tests. All fixtures are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.importers import Batch, read_file
from xunke.model import Post, Record, Rejected

DATA = Path(__file__).parent.parent / "data" / "imports"


class Read:
    """All that a file gave."""

    def __init__(self, path: Path, **kwargs: Any) -> None:
        self.batches: list[Batch] = list(read_file(path, **kwargs))
        self.records: list[Record] = [r for b in self.batches for r in b.records]
        self.rejected: list[Rejected] = [r for b in self.batches for r in b.rejected]
        self.notes: list[Rejected] = [r for b in self.batches for r in b.notes]

    def posts(self) -> dict[str, Post]:
        return {record.native_id: record for record in self.records if isinstance(record, Post)}


@pytest.fixture
def read() -> type[Read]:
    return Read
