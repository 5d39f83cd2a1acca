"""``xunke`` and ``python -m xunke``."""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line; without arguments, the terminal app. Returns the exit code."""
    # before anything imports textual: with the kitty protocol long Chinese input arrives broken
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    from . import siblings

    siblings.check()
    from .cli import main as run

    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
