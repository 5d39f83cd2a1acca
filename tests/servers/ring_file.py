"""A keyring for tests that outlives a process: a file outside of everything that is searched for secrets.

Used by ``PYTHON_KEYRING_BACKEND=tests.servers.ring_file.Ring`` and ``XUNKE_TEST_RING=FILE``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring.backend
import keyring.errors


class Ring(keyring.backend.KeyringBackend):
    """Stands for the system's keyring."""

    priority = 1  # type: ignore[assignment]

    def _all(self) -> dict[str, str]:
        path = Path(os.environ["XUNKE_TEST_RING"])
        return json.loads(path.read_text("utf-8")) if path.exists() else {}

    def _write(self, kept: dict[str, str]) -> None:
        Path(os.environ["XUNKE_TEST_RING"]).write_text(json.dumps(kept), "utf-8")

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._all() | {f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if kept.pop(f"{service} {username}", None) is None:
            raise keyring.errors.PasswordDeleteError
        self._write(kept)
