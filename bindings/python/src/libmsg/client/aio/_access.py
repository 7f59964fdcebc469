# SPDX-License-Identifier: Apache-2.0
"""Sessions, keys and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable

from ...pages import AsyncListing
from ...types import (
    ApiKey,
    AuditEntry,
    KeyScope,
    NewApiKey,
    NewSession,
    NewTicket,
    Session,
)
from .. import _decode as decode
from .._encode import given, text_of
from ._base import Calls


class Access(Calls):
    async def create_session(self, user: int, device_name: str = "") -> NewSession:
        """A login for a user; a key's. The token is shown once."""
        body = {"device_name": device_name}
        path = f"/users/{text_of(user)}/sessions"
        return decode.new_session(await self._call("POST", path, body, repeatable=False))

    async def list_sessions(self) -> tuple[Session, ...]:
        """Your logins, oldest first."""
        return decode.items(decode.session, await self._call("GET", "/sessions"))

    async def rename_session(self, session: int, device_name: str) -> Session:
        body = {"device_name": device_name}
        return decode.session(await self._call("PATCH", f"/sessions/{text_of(session)}", body))

    async def revoke_session(self, session: int) -> None:
        """Its connections are closed, its token is refused from then on."""
        await self._call("DELETE", f"/sessions/{text_of(session)}", repeatable=False)

    async def revoke_other_sessions(self) -> None:
        """All your logins but this one end."""
        await self._call("DELETE", "/sessions")

    async def create_ticket(self) -> NewTicket:
        """What a browser opens one WebSocket or event stream with, in its URL."""
        return decode.ticket(await self._call("POST", "/tickets"))

    async def create_api_key(
        self, name: str, scopes: Iterable[KeyScope | str] | None = None
    ) -> NewApiKey:
        """A key with these scopes, or with all that yours has. The secret is shown once."""
        body = given(name=name, scopes=None if scopes is None else list(scopes))
        return decode.new_api_key(await self._call("POST", "/keys", body, repeatable=False))

    async def list_api_keys(self) -> tuple[ApiKey, ...]:
        return decode.items(decode.api_key, await self._call("GET", "/keys"))

    async def revoke_api_key(self, key: int) -> None:
        await self._call("DELETE", f"/keys/{text_of(key)}", repeatable=False)

    def list_audit(self, *, page_size: int | None = None) -> AsyncListing[AuditEntry]:
        """What keys and operators did, the newest first; a key's."""
        return self._list(decode.audit_entry, "/audit", page_size)
