# SPDX-License-Identifier: Apache-2.0
"""Events as they happen, over connections that come and go."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Any

from ...types import Event, PresenceEvent
from .. import _decode as decode
from .. import _events as events
from .. import _problems as problems
from .._backoff import delay_s
from ._socket import PRESENCE, Address, Lost, Socket


class EventStream:
    """What happens to one user, told once and in order, over any number of connections.

    When a connection is lost the next one goes on behind the last event that was handed out. What
    happened meanwhile comes as :class:`~libmsg.types.SyncEvent`; of a page of these that was cut
    in the middle the first come again, which is harmless: they say how things are.

    Nothing is read ahead but a few frames: who is slow is waited for.
    """

    def __init__(
        self,
        address: Address,
        since: str | None,
        *,
        presence: Iterable[int] = (),
        patience: float,
        give_up_after: timedelta | None = None,
    ) -> None:
        self._address = address
        self._presence = tuple(presence)
        self._patience: float | None = patience  # of the first connection
        self._later_patience = give_up_after.total_seconds() if give_up_after else None
        self._socket: Socket | None = None
        self._ahead: deque[dict[str, Any]] = deque()  # frames read while waiting for another
        self._resume = since  # cursor behind the last event that was handed out
        self._done = since  # … that was done with
        self._failures = 0
        self._retry_after: timedelta | None = None
        self._is_live = False
        self._is_closed = False
        #: The user whose events these are, once connected.
        self.user: int | None = None

    @property
    def cursor(self) -> str:
        """Includes every event but the last one that was handed out, which is included as soon as
        the next is asked for. Keep it, and begin there again: ``events(since=cursor)``."""
        return self._done or ""

    @property
    def is_live(self) -> bool:
        """Whether everything that was missed has been handed out."""
        return self._is_live

    async def __aenter__(self) -> EventStream:
        """Connects; everything from here on is told."""
        await self._connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> Event:
        self._done = self._resume
        while not self._is_closed:
            try:
                frame = await self._next_frame()
            except Lost as lost:
                await self._lose(lost)
                continue
            event = self._take(frame)
            if event is not None:
                return event
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Ends the stream. Later, `events(since=stream.cursor)` goes on."""
        self._is_closed = True
        await self._drop()

    async def _next_frame(self) -> dict[str, Any]:
        if self._ahead:
            return self._ahead.popleft()
        if self._socket is None:
            await self._connect()
            return await self._next_frame()
        return await self._socket.receive()

    def _take(self, frame: dict[str, Any]) -> Event | None:
        """The event to hand out, if the frame is one."""
        if frame.get("id") == PRESENCE:
            if not frame["ok"]:
                raise problems.of_reply(frame["error"])
            return PresenceEvent(0, "", tuple(map(decode.presence, frame["result"]["users"])))
        kind = frame.get("event")
        if kind is None:
            return None
        event = events.event(frame) if kind != "live" else None
        if cursor := frame.get("cursor"):
            self._resume = cursor
            if event is None:
                self._done = cursor
        if kind in ("live", "sync"):
            self._is_live = kind == "live"
        if self._is_live:
            self._failures, self._retry_after = 0, None
        return event

    async def _connect(self) -> None:
        """Tries until there is a connection whose place is known, or patience ends."""
        begin = time.monotonic()
        while self._socket is None:
            try:
                if self._failures:
                    await asyncio.sleep(delay_s(self._failures, self._retry_after))
                self._socket = await Socket.open(self._address, self._resume, self._presence)
                while self._resume is None:  # only `live` says where "from now on" begins
                    frame = await self._socket.receive()
                    if frame.get("event") == "live":
                        self._take(frame)
                    else:
                        self._ahead.append(frame)
            except Lost as lost:
                await self._lose(lost)
                if self._patience is not None and time.monotonic() - begin > self._patience:
                    raise lost.error from lost
        self._patience = self._later_patience
        self.user = int(self._socket.greeting["user"]["id"])

    async def _lose(self, lost: Lost) -> None:
        self._failures += 1
        self._retry_after = lost.error.retry_after
        await self._drop()

    async def _drop(self) -> None:
        socket, self._socket = self._socket, None
        self._ahead.clear()
        self._is_live = False
        if socket is not None:
            await socket.close()
