"""The files of the repository, with or without git: what is made, cached or foreign is left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PACKAGES: Final = ("xunke", "tui", "collectors", "nlp", "graph")
MADE: Final = frozenset(
    {".git", ".venv", "venv", "build", "dist", "__pycache__", ".hypothesis", "node_modules", "snapshot_report.html"}
)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = path.name
        if (
            name in MADE
            or name.endswith((".egg-info", "_cache", ".pyc", ".db", ".db-wal", ".db-shm"))
            or name == ".git"
        ):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file():
            yield path


@cache
def everything() -> tuple[Path, ...]:
    """Every file that belongs to the project."""
    return tuple(_walk(ROOT))


@cache
def code() -> tuple[Path, ...]:
    """The Python files of the five packages."""
    return tuple(p for name in PACKAGES for p in _walk(ROOT / name) if p.suffix == ".py")


def shown(path: Path) -> str:
    """``path`` as in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree."""
    return tuple(ast.walk(tree(path)))


@cache
def calls(path: Path) -> tuple[tuple[str, ast.Call], ...]:
    """(name of what is called, the call): ``print``, ``.write_text``, ``sqlite3.connect``."""
    return tuple(_calls(path))


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in nodes(path):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                owner = node.func.value
                yield f"{owner.id if isinstance(owner, ast.Name) else ''}.{node.func.attr}", node
