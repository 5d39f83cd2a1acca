"""Print a command of the README, word for word: the block below ``<!-- command: NAME -->``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def command(name: str) -> str:
    """The one line of the ``sh`` block marked ``name``. Raises LookupError if the README has none."""
    found = re.search(rf"<!-- command: {re.escape(name)} -->\n```sh\n(.+)\n```", README.read_text("utf-8"))
    if found is None:
        raise LookupError(f"README.md marks no command {name}")
    return found[1]


if __name__ == "__main__":
    print(command(sys.argv[1]))
