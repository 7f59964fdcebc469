# SPDX-License-Identifier: Apache-2.0
"""Streams of what happens. The calls that wait on threads have theirs in `_bridge`."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from datetime import timedelta

from ._arrivals import MessageStream, place_of
from ._conversations import Conversations
from ._messages import Messages
from ._socket import Address
from ._stream import EventStream
from ._transport import Transport


class Live(Messages, Conversations):
    def __init__(self, transport: Transport, token: str | None, act_as: int | None) -> None:
        super().__init__(transport, token, act_as)
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()

    def events(
        self,
        since: str | None = None,
        *,
        presence: Iterable[int] = (),
        give_up_after: timedelta | None = None,
    ) -> EventStream:
        """Everything that happens to you, in all your conversations::

            async with client.events() as events:
                async for event in events:
                    ...

        `since`: a cursor of an earlier stream, an event or a sync; "" for everything from the
        beginning; None for what happens from now on, which is the moment at which it has connected.
        `presence`: users, 256 at most, whose coming and going you want to know.

        A connection that is lost is made again, for as long as it takes or until `give_up_after`;
        the first one has the client's timeout.
        """
        return self._stream(since, presence, give_up_after)

    def messages(
        self,
        since: str | None = None,
        *,
        own: bool = False,
        give_up_after: timedelta | None = None,
    ) -> MessageStream:
        """Every new message to you, once: what most bots want.

        `since`: the cursor of an earlier one of these streams, "" for all there are, None for what
        comes from now on. A cursor of something else does, too; messages that changed since may
        come again then. `own`: your own messages as well.
        """
        floor, cursor = place_of(since)
        stream = self._stream(cursor, (), give_up_after)
        return MessageStream(self, stream, floor, own=own)

    def _stream(
        self, since: str | None, presence: Iterable[int], give_up_after: timedelta | None
    ) -> EventStream:
        to = self._transport
        to.check_open()
        stream = EventStream(
            Address(to.url, to.ssl, self._token, self._act_as),
            since,
            presence=presence,
            patience=to.timeout,
            give_up_after=give_up_after,
        )
        self._streams.add(stream)
        return stream

    async def _close_streams(self) -> None:
        for stream in list(self._streams):
            await stream.aclose()
