"""``xunke`` and ``python -m xunke``."""

from __future__ import annotations

import codecs
import os
import sys


def _speak_utf8() -> None:
    """Start over in UTF-8 mode where the locale knows only ASCII: sentences, names and files are Chinese."""
    ascii_only = codecs.lookup(sys.getfilesystemencoding()).name == "ascii"
    if ascii_only and os.environ.get("PYTHONUTF8") != "1":
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - this very program


def main(argv: list[str] | None = None) -> int:
    """Run the command line; without arguments, the terminal app. Returns the exit code."""
    if argv is None:
        _speak_utf8()
    # before anything imports textual: with the kitty protocol long Chinese input arrives broken
    os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    # our matrices are small: a second thread takes more than it gives, tenfold on a busy machine, and rounds otherwise
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from . import siblings

    siblings.check()
    from .cli import main as run

    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
