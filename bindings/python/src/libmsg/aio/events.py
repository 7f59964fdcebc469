# SPDX-License-Identifier: Apache-2.0
"""What happens to a user, as it happens."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING

from .. import _libmsg
from .._following import EVENTS_MAX, Following
from ..errors import Closed
from ..types import Event

if TYPE_CHECKING:
    from .messenger import Messenger


class EventStream:
    """libmsg.EventStream, awaited: see Messenger.events. For one coroutine at a time."""

    def __init__(self, messenger: Messenger, user: int, since: str | None) -> None:
        self._messenger = messenger
        self._some = asyncio.Event()
        self._token = next(messenger._tokens)
        self._queue: _libmsg.EventQueue | None = _libmsg.EventQueue(
            messenger._store, user, EVENTS_MAX, messenger._waker, self._token
        )
        messenger._pending[self._token] = self
        self._following = Following(messenger._store, user, since)
        if since is None:
            self._following.begin_now(self._queue)

    @property
    def cursor(self) -> str:
        """Includes everything but the last event that was handed out, which is included as soon as
        the next is asked for. Keep it, and begin there again with ``since=cursor``."""
        return self._following.cursor

    @property
    def is_live(self) -> bool:
        """Whether everything that was missed has been handed out."""
        return self._following.is_live and not self._following.ready

    async def aclose(self) -> None:
        """Ends it; so does the end of the messenger."""
        queue, self._queue = self._queue, None
        self._messenger._pending.pop(self._token, None)
        self._some.set()
        if queue is not None and not self._messenger.closed:
            await self._messenger._run(queue.close)

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        following = self._following
        following.ask()
        while not following.ready:
            if self._queue is None:
                raise Closed("The stream is closed.")
            if not following.is_live:
                following.done(await self._messenger._run(following.due(self._queue)))
                continue
            self._some.clear()
            if not following.take(self._queue, 0):
                await self._some.wait()
        return following.hand_out()

    async def __aenter__(self) -> EventStream:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _wake(self) -> None:
        self._some.set()
