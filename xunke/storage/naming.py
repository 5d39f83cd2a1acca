"""Names, or codes instead of them: the veil of one project.

A code is ``P-`` and our number of the account. It says nothing outside the project, is the same tomorrow, and every
command takes it where it takes a name.
"""

from __future__ import annotations

import re
from typing import Final

from xunke.i18n import messages
from xunke.text import fold

from .project import Project
from .suppression import Suppressed

SETTING: Final = "card_names"
CODES: Final = "codes"
HIDDEN: Final = "@[勿扰]"
LINK: Final = "[链接 link]"
_CODE: Final = re.compile(r"[Pp]-(\d{1,17})")
_AT: Final = re.compile(r"[@＠]([^\s@＠,，。;；:：!！?？()（）<>《》\"'“”]{1,30})")
_LINK: Final = re.compile(r"(?:https?://(?!www\.w3\.org/)|www\.(?!w3\.org/)|at://)[^\s\"'<>）)\]，。]+", re.I)
_TELLING: Final = 6
"""A name of fewer bytes, or a number of fewer digits, means other things too wherever it stands in a text."""
_LABEL: Final = 12
"""Messages of so few characters are headings and labels; what stands in them is a word before it is a name."""
_WORD: Final = re.compile(r"[0-9A-Za-z_]")


def coded(project: Project) -> bool:
    """Whether the project shows codes instead of names."""
    return project.meta(SETTING) == CODES


def account_of(text: str) -> int | None:
    """The account that a code means."""
    found = _CODE.fullmatch(text.strip().lstrip("@＠"))
    return None if found is None else int(found[1])


class ProjectVeil:
    """The veil of a project as it is when it is made; what the codes need is read when something is first shown."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._suppressed = Suppressed.load(project.reader)
        self._codes = coded(project)
        self._platforms: list[str] | None = None
        self._known: dict[str, int] | None = None
        self._ids: dict[tuple[str, str], int] = {}
        self._lengths: dict[str, list[int]] = {}
        self._common: set[str] = set()

    @classmethod
    def of(cls, project: Project) -> ProjectVeil | None:
        """The veil of a project; None where there is nothing to hide."""
        veil = cls(project)
        return veil if veil._codes or len(veil._suppressed) else None

    def code(self, account: int) -> str | None:
        """See ``veil.Veil``."""
        return f"P-{account}" if self._codes else None

    def text(self, text: str, *, named: bool) -> str:
        """See ``veil.Veil``."""
        if len(self._suppressed) and ("@" in text or "＠" in text):
            text = _AT.sub(self._mention, text)
        if not self._codes or named:
            return text
        text = _LINK.sub(LINK, text)
        return self._coded(text)

    def whole(self, value: str, platform: str | None) -> str:
        """See ``veil.Veil``."""
        if not self._codes:
            return value
        known = self._names()
        account = self._ids.get((platform or "", value)) or known.get(value.strip().lstrip("@＠"))
        return value if account is None else f"P-{account}"

    def _mention(self, match: re.Match[str]) -> str:
        """``@name`` of somebody on the do-not-contact list, masked; names end where nobody knows, so each is tried."""
        if self._platforms is None:
            rows = self._project.query("select name from platform order by id")
            self._platforms = ["*", *(row[0] for row in rows)]
        said = match[1]
        for end in range(len(said), 0, -1):
            if end < len(said) and _WORD.match(said[end]) and _WORD.match(said[end - 1]):
                continue  # a longer name of somebody else
            if any(self._suppressed.hit(p, None, said[:end], None) for p in self._platforms):
                return HIDDEN + said[end:]
        return match[0]

    def _names(self) -> dict[str, int]:
        if self._known is not None:
            return self._known
        known: dict[str, int] = {}
        sql = (
            "select k.id, p.name, k.native_id, a.name, a.handle from account_key k "
            "join platform p on p.id = k.platform left join account a on a.id = k.id order by k.id desc"
        )
        for account, platform, native, name, handle in self._project.query(sql):
            self._ids[platform, native] = account
            for word in (name, handle, native, f"{platform}:{native}"):
                if word:
                    known[word.lstrip("@＠")] = account
        before = "select name, handle, account from account_history"
        for *words, account in self._project.query(before):
            known |= {word.lstrip("@＠"): account for word in words if word and word.lstrip("@＠") not in known}
        self._known = known
        self._common = self._plain_words(known)
        for word in known:
            if len(word.encode("utf-8", "replace")) >= _TELLING and word not in self._common:
                self._lengths.setdefault(word[:2], []).append(len(word))
        self._lengths = {head: sorted(set(found), reverse=True) for head, found in self._lengths.items()}
        return known

    def _plain_words(self, known: dict[str, int]) -> set[str]:
        """Names that are words of the language too: topics, places, platforms, words of this program."""
        words = {row[0] for row in self._project.query(
            "select folded from tag union select value from profile_fact where fact <> 'minor' union select name from "
            "platform union select region from account where region is not null union select name from saved_list "
            "union select name from segment union select name from campaign union select name from experiment"
        )}  # fmt: skip
        ours = {
            text[at : at + n]
            for entry in messages().values() for text in entry.values() if len(text) <= _LABEL
            for n in range(2, 9) for at in range(len(text) - n + 1)
        }  # fmt: skip
        return {w for w in known if w in ours or w in words or fold(w) in words}

    def _coded(self, text: str) -> str:
        known, lengths = self._names(), self._lengths
        out, at, n = [], 0, len(text)
        while at < n:
            for length in lengths.get(text[at : at + 2], ()):
                word = text[at : at + length]
                if (account := known.get(word)) is not None and word not in self._common and _alone(text, at, length):
                    out.append(f"P-{account}")
                    at += length
                    break
            else:
                out.append(text[at])
                at += 1
        return _AT.sub(self._short, "".join(out))

    def _short(self, match: re.Match[str]) -> str:
        """``@name`` where the name is too short to be looked for without the sign."""
        said = match[1]
        for end in range(len(said), 0, -1):
            if (account := self._names().get(said[:end])) is not None and _alone(said, 0, end):
                return f"@P-{account}{said[end:]}"
        return match[0]


def _alone(text: str, at: int, length: int) -> bool:
    """Whether what stands there is no part of a longer word or number."""
    end = at + length
    before = at > 0 and _WORD.match(text[at - 1]) and _WORD.match(text[at])
    after = end < len(text) and _WORD.match(text[end]) and _WORD.match(text[end - 1])
    return not before and not after
