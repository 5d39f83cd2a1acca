"""Write xunke/chat/lexicon/traditional.txt: the characters that OpenCC may change on the way to simplified Chinese.

    python training/make_traditional.py

A text without any of them is left as it is, so the chat need not load OpenCC for it. They are the characters that
change alone and those that change inside a phrase of OpenCC's own tables.
"""

from __future__ import annotations

from pathlib import Path

import opencc

TARGET = Path(__file__).resolve().parent.parent / "xunke" / "chat" / "lexicon" / "traditional.txt"
TABLES = ("TSCharacters.txt", "TSPhrases.txt")
WIDTH = 60


def changing() -> set[str]:
    """The characters of every entry that stand elsewhere or not at all in what it becomes."""
    found: set[str] = set()
    for name in TABLES:
        text = (Path(opencc.__file__).parent / "dictionary" / name).read_text("utf-8")
        for line in text.splitlines():
            said, _, becomes = line.partition("\t")
            new = becomes.split(" ")[0]
            if len(new) != len(said):
                found.update(said)
            found.update(a for a, b in zip(said, new, strict=False) if a != b)
    return found


def main() -> None:
    """Write the file, the characters in order."""
    chars = "".join(sorted(changing()))
    lines = [chars[at : at + WIDTH] for at in range(0, len(chars), WIDTH)]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")
    print(TARGET.name, len(chars), "characters")


if __name__ == "__main__":
    main()
