"""A session of the user's own at the user's own PDS, and what the answers of XRPC mean.

Sessions are few by rule (30 in five minutes, 300 a day for one account), so one is kept in ``Transport.vault`` and
renewed with its refresh token; the app password is sent only when that fails, and one that was refused is not sent
again until it changes or ``xunke connect bluesky`` tries it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.text import one_line

from .facts import bearer
from .http import Answer, Reply, Transport

CREATE: Final = "com.atproto.server.createSession"
REFRESH: Final = "com.atproto.server.refreshSession"
SEARCH: Final = "app.bsky.feed.searchPosts"
_UPSTREAM_WAIT: Final = 30

_MISSING: Final = re.compile(r"not found|could not find|could not resolve|no such", re.I)
_BY_NAME: Final[Mapping[str, Callable[[str], CollectorError]]] = {
    **dict.fromkeys(("ExpiredToken", "InvalidToken"), lambda host: Stale("bluesky.session_over", host=host)),
    **dict.fromkeys(
        ("AuthMissing", "AuthenticationRequired", "AuthRequired"), lambda host: NeedsLogin("bluesky.login", host=host)
    ),
    "AuthFactorTokenRequired": lambda host: NeedsLogin("bluesky.use_app_password", host=host),
    **dict.fromkeys(
        ("NotFound", "RecordNotFound", "RepoNotFound", "UnknownFeed", "UnknownList", "AccountTakedown",
         "AccountDeactivated", "AccountSuspended", "RepoDeactivated", "RepoTakendown", "RepoSuspended"),
        lambda host: Gone("bluesky.gone", host=host),
    ),
    **dict.fromkeys(("BlockedActor", "BlockedByActor"), lambda host: Blocked("bluesky.blocked", host=host)),
    **dict.fromkeys(
        ("UpstreamFailure", "UpstreamTimeout", "NotEnoughResources"),
        lambda host: Retry("bluesky.upstream", _UPSTREAM_WAIT, host=host),
    ),
}  # fmt: skip
"""What the ``error`` of a bad answer means, whatever its status: a missing post is a 400 here."""


class Stale(NeedsLogin):
    """The session has ended or is not accepted: a new one may be."""


def judge(nsid: str, host: str, signed_in: bool) -> Callable[[Reply], CollectorError | None]:
    """The reading of answers to ``nsid``; see ``Transport``."""

    def read(reply: Reply) -> CollectorError | None:
        if reply.status == 200 or reply.status == 429:  # of a limit the headers tell how long, as everywhere
            return None
        found = reply.json()
        told = found if isinstance(found, Mapping) else {}
        name, said = (one_line(str(told.get(key) or ""), 160) for key in ("error", "message"))
        if name in _BY_NAME:
            return _BY_NAME[name](host)
        if reply.status == 501:
            return BadQuery("bluesky.not_offered", host=host, what=nsid)
        if reply.status == 400 and _MISSING.search(said):
            return Gone("bluesky.gone", host=host)
        if reply.status in (401, 403) and nsid == SEARCH and not signed_in:
            return NeedsLogin("bluesky.search_login", host=host)
        return None

    return read


class Kept(msgspec.Struct, omit_defaults=True):
    """What the vault keeps under one service and name. ``refused``: a digest of the password that was not accepted."""

    access: str = ""
    refresh: str = ""
    did: str = ""
    handle: str = ""
    refused: str = ""


class Session:
    """The user's session at ``base``, their PDS."""

    def __init__(self, http: Transport, base: str, credentials: Mapping[str, str]) -> None:
        self.http, self.base = http, base
        self.host = base.partition("//")[2]
        self.identifier = one_line(credentials.get("identifier", ""), 300).strip().lstrip("@")
        self._password = credentials.get("password", "").strip()
        self._key = f"bluesky {base} {self.identifier}"

    # ------------------------------------------------------------------ the vault

    def kept(self) -> Kept:
        """What is known of this session now: another run may have renewed it."""
        try:
            return msgspec.json.decode(self.http.vault.get(self._key, "{}"), type=Kept)
        except msgspec.DecodeError:
            return Kept()

    def _keep(self, kept: Kept) -> Kept:
        self.http.vault[self._key] = msgspec.json.encode(kept).decode()
        return kept

    def _digest(self) -> str:
        salted = f"{self._key}\n{self._password}".encode("utf-8", "replace")
        return hashlib.blake2b(salted, digest_size=16).hexdigest()

    # ------------------------------------------------------------------ asking

    async def get(self, nsid: str, params: Mapping[str, object]) -> Answer[Any]:
        """Ask with the session that is kept; if it has ended, with one that another run renewed meanwhile, then with
        one renewed by the refresh token, then with a new one. Each is tried once; then NeedsLogin."""
        url, token = f"{self.base}/xrpc/{nsid}", ""
        for way in (self._known, self._known, self._refreshed, self._created):
            found = await way()
            if not found or found == token:
                continue
            token = found
            try:
                return await self.http.get_json(
                    url, dict(params), token, expect=dict, judge=judge(nsid, self.host, True)
                )
            except Stale:
                continue
        raise NeedsLogin("bluesky.session_refused", host=self.host)

    async def _known(self) -> str:
        return self.kept().access

    async def _refreshed(self) -> str:
        if not (kept := self.kept()).refresh:
            return ""
        try:
            return (await self._open(REFRESH, kept.refresh)).access
        except (NeedsLogin, Gone, BadQuery):  # over, or made before the password was changed
            return ""

    async def _created(self) -> str:
        return (await self.create()).access

    async def create(self, *, again: bool = False) -> Kept:
        """A new session by the app password. ``again``: even if this password was refused before. Raises NeedsLogin."""
        if not self.identifier or not self._password:
            raise NeedsLogin("bluesky.login", host=self.host)
        if not again and self.kept().refused == self._digest():
            raise NeedsLogin("bluesky.wrong_password", host=self.host, name=self.identifier)
        try:
            return await self._open(CREATE, None)
        except NeedsLogin as error:
            if error.key == "bluesky.use_app_password":
                raise
            self._keep(Kept(refused=self._digest()))
            raise NeedsLogin("bluesky.wrong_password", host=self.host, name=self.identifier) from None
        except Gone:
            raise NeedsLogin("bluesky.account_closed", host=self.host, name=self.identifier) from None

    async def _open(self, nsid: str, refresh: str | None) -> Kept:
        body = None if refresh else {"identifier": self.identifier, "password": self._password}
        answer = await self.http.post_json(
            f"{self.base}/xrpc/{nsid}", body, token=refresh, expect=dict, judge=judge(nsid, self.host, True)
        )
        found = [answer.data.get(name) for name in ("accessJwt", "refreshJwt", "did", "handle")]
        if not all(bearer(one) for one in found[:3]):
            raise BrokenAnswer("net.shape", url=f"{self.base}/xrpc/{nsid}")
        if answer.data.get("active") is False:
            raise Gone("bluesky.gone", host=self.host)
        return self._keep(Kept(*(one if isinstance(one, str) else "" for one in found)))


def full_rights(token: str) -> bool:
    """Whether a token was made with the account's main password, which may do everything."""
    try:
        payload = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return False
    return isinstance(claims, Mapping) and claims.get("scope") == "com.atproto.access"
