# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/access.py: change that one.
"""Sessions, tickets and keys."""

from __future__ import annotations

from collections.abc import Iterable

from ..types import ApiKey, KeyScope, NewApiKey, NewSession, NewTicket, Principal, Session
from ._base import Calls


class Access(Calls):
    __slots__ = ()

    async def create_session(self, user: int, device_name: str = "") -> NewSession:
        """A login, with a token that is shown once."""
        return await self._run(self._store.create_session, user, device_name)

    async def list_sessions(self, actor: int) -> tuple[Session, ...]:
        """Ascending by id, which is by age."""
        return await self._run(self._store.list_sessions, actor)

    async def revoke_session(self, actor: int, session: int) -> None:
        """Ends one."""
        return await self._run(self._store.revoke_session, actor, session)

    async def rename_session(self, actor: int, session: int, device_name: str) -> Session:
        """Gives a device another name."""
        return await self._run(self._store.rename_session, actor, session, device_name)

    async def revoke_other_sessions(self, own: Session) -> tuple[int, ...]:
        """Ends all of the user but this one; which."""
        return await self._run(self._store.revoke_other_sessions, own)

    async def is_too_old(self, session: Session) -> bool:
        """Whether it has ended by its age alone."""
        return await self._run(self._store.is_too_old, session)

    async def refresh(self, principal: Principal) -> Principal:
        """The same principal as it is now; Unauthenticated: it was revoked or has expired."""
        return await self._run(self._store.refresh, principal)

    async def create_ticket(self, session: Session) -> NewTicket:
        """For those who can show who they are in a URL only."""
        return NewTicket(*await self._run(self._store.create_ticket, session))

    async def redeem_ticket(self, ticket: str) -> Principal:
        """The session that a ticket was made for; it is good for nothing from then on."""
        return await self._run(self._store.redeem_ticket, ticket)

    async def create_api_key(
        self, name: str, scopes: Iterable[KeyScope | str] | None = None
    ) -> NewApiKey:
        """A secret of a trusted backend, with these scopes or all."""
        return await self._run(
            self._store.create_api_key, name, None if scopes is None else tuple(scopes)
        )

    async def list_api_keys(self) -> tuple[ApiKey, ...]:
        """All of them."""
        return await self._run(self._store.list_api_keys)

    async def revoke_api_key(self, key: int) -> None:
        """It works no more."""
        return await self._run(self._store.revoke_api_key, key)

    async def authenticate(self, token: str) -> Principal:
        """Who stands behind a token. Unauthenticated: nobody, without telling why."""
        return await self._run(self._store.authenticate, token)

    async def act_as(self, principal: Principal, user: int | None = None) -> int:
        """The user that a principal acts as: a session as its own, a key as any."""
        return await self._run(self._store.act_as, principal, user)

    async def check(self) -> None:
        """Returns when the store can be read, and written to since the last failure."""
        return await self._run(self._store.check)
