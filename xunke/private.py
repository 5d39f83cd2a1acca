"""What only the user may read: files in the configuration folder (0600 in 0700) and the system's keyring.

Everything secret that is kept on this machine goes through here, so that there is one place that decides what is
safe. On Windows the rights of the user's own folder hold; modes mean nothing there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from .config import make_folder
from .errors import BadInput

T = TypeVar("T")
SERVICE: Final = "xunke"
PATIENCE: Final = 20.0
"""Seconds for a keyring that asks its user."""
_PART: Final = 1_000
"""Characters of one entry: Windows takes 2,560 bytes, and a cookie is longer."""
_PARTS: Final = 64
_LOOSE: Final = 0o077
_WRITABLE: Final = 0o022


def folder() -> Path:
    """The user's configuration folder of Xunke."""
    from platformdirs import user_config_path

    return user_config_path("xunke", appauthor=False)


def write(path: Path, text: str) -> None:
    """Write a file that only its user can read (0600 whatever the umask says), whole or not at all.

    Raises BadInput("private.folder") where others may write into the folder, ("private.write") where it cannot be
    written.
    """
    with _said(path):
        make_folder(path.parent)
        _guard(path.parent, path.parent.stat(), _WRITABLE, "private.folder")
        handle, name = tempfile.mkstemp(prefix=".xunke-", dir=path.parent)  # made 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def read(path: Path, *, safe: bool = True) -> str | None:
    """What ``write`` wrote, or None if there is no such file. ``safe``: whether it must be safe from others.

    Raises BadInput("private.file" or "private.folder") where others may read the file or change it, and
    ("private.read") where it cannot be read or is no text. A link is not followed.
    """
    with _said(path, "private.read"):
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            return None
        with os.fdopen(handle, encoding="utf-8") as file:
            if safe:
                _guard(path, os.fstat(file.fileno()), _LOOSE, "private.file")
                _guard(path.parent, path.parent.stat(), _WRITABLE, "private.folder")
            return file.read()


@contextlib.contextmanager
def _said(path: Path, key: str = "private.write") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(key, path=str(path), detail=error.strerror or "") from None
    except ValueError:
        raise BadInput(key, path=str(path), detail="UTF-8") from None


def _guard(path: Path, found: os.stat_result, forbidden: int, key: str) -> None:
    """Refuse what somebody else may read or change: by its mode, or because it is theirs."""
    if os.name == "nt":
        return
    mode = stat.S_IMODE(found.st_mode)
    mend = "chmod 700" if stat.S_ISDIR(found.st_mode) else "chmod 600"
    if mode & forbidden or found.st_uid not in (0, os.geteuid()):
        raise BadInput(key, path=str(path), mode=f"{mode:04o}", mend=f"{mend} '{path}'")


# -- the keyring ---------------------------------------------------------------------------------------------------


class Ring(Protocol):
    """What of the keyring is used; each call may fail in the backend's own way."""

    def get_password(self, service: str, username: str) -> str | None:
        """The password, None if there is none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""


class Absent:
    """There is no keyring, it is locked, or it does not answer in time."""


ABSENT: Final = Absent()
_asking: threading.Thread | None = None


def ring(use: Callable[[Ring], T]) -> T | Absent:
    """What ``use`` gives, or ``ABSENT``.

    A thread of its own asks, because a keyring may open a dialog and wait for ever; one that still waits from before
    is not asked a second time.
    """
    global _asking
    found: list[T] = []

    def ask() -> None:
        with contextlib.suppress(Exception):  # every backend fails in its own way, and none of them may stop us
            found.append(use(_backend()))

    if _asking is not None and _asking.is_alive():
        return ABSENT
    _asking = threading.Thread(target=ask, name="xunke-keyring", daemon=True)
    _asking.start()
    _asking.join(PATIENCE)
    return found[0] if found else ABSENT


def _backend() -> Ring:
    """The system's keyring. Those of ``keyrings.alt`` are files, some of them in clear text, some ask on the terminal;
    a plain file is only written where the user chose one."""
    import keyring

    found: Any = keyring.get_keyring()
    for one in getattr(found, "backends", (found,)):
        if not type(one).__module__.startswith("keyrings."):
            return one  # type: ignore[no-any-return] # keyring is typed, its chain is not
    raise LookupError


def put_in_ring(name: str, text: str) -> bool:
    """Keep ``text`` under ``name``; False where there is no keyring that gives it back."""
    parts = [text[at : at + _PART] for at in range(0, len(text), _PART)] or [""]
    parts[0] = f"{len(parts)}:{parts[0]}"
    if len(parts) > _PARTS:
        return False

    def use(ring: Ring) -> bool:
        for number, part in enumerate(parts, 1):
            ring.set_password(SERVICE, _numbered(name, number), part)
        return _joined(ring, name) == text

    return ring(use) is True


def get_from_ring(name: str) -> str | Absent | None:
    """What is kept under ``name``, None if nothing is."""
    return ring(lambda ring: _joined(ring, name))


def drop_from_ring(name: str) -> bool:
    """Forget what is kept under ``name``; False where there is no keyring."""

    def use(ring: Ring) -> bool:
        number = 1
        while number <= _PARTS and ring.get_password(SERVICE, _numbered(name, number)) is not None:
            ring.delete_password(SERVICE, _numbered(name, number))
            number += 1
        return True

    return ring(use) is True


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} #{number}"


def _joined(ring: Ring, name: str) -> str | None:
    first = ring.get_password(SERVICE, name)
    count, _, text = (first or "").partition(":")
    if not count.isdecimal() or not 1 <= int(count) <= _PARTS:
        return None
    rest = [ring.get_password(SERVICE, _numbered(name, number)) for number in range(2, int(count) + 1)]
    return None if None in rest else text + "".join(part or "" for part in rest)
