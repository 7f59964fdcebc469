# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../_calls/parts.py: change that one.
"""What is made of a messenger, and ends with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from .. import _libmsg
from .administration import Administration
from .presence import Presence
from .sign_in import SignIn
from ..types import ApiKey
from ._base import Calls


class Parts(Calls):
    __slots__ = ()

    async def administration(self, key: ApiKey | None = None, address: str = "") -> Administration:
        """What an operator (None), or a key, does for others; each act is noted."""
        return Administration(await self._run(
            _libmsg.Administrators, self._store, key, address
        ), self)

    async def sign_in(
        self,
        countries: Iterable[str],
        send: Callable[[str, str, timedelta], object],
        *,
        code_lifetime: timedelta | None = None,
        send_interval: timedelta | None = None,
        sends_per_day: int | None = None,
        requests_per_address: int | None = None,
        pin_memory_bytes: int | None = None,
    ) -> SignIn:
        """Sign-in by phone number. `countries`: "1", "90", or "*".

        `send(phone, code, lifetime)` delivers a code; what it raises is a failure to send.
        It is called in the loop, and may be a coroutine function.
        """
        return SignIn(
            await self._run(
                _libmsg.SignIns,
                self._store,
                list(countries),
                self._on_loop(send),
                code_lifetime,
                send_interval,
                sends_per_day,
                requests_per_address,
                pin_memory_bytes,
            ),
            self,
        )

    async def presence(
        self,
        *,
        idle_after: timedelta | None = None,
        offline_after: timedelta | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> Presence:
        """Who is there: in memory, of this process alone. Make one, and keep it."""
        return Presence(await self._run(
            _libmsg.People, self._store, idle_after, offline_after, clock
        ), self)
