# SPDX-License-Identifier: Apache-2.0
"""Streams for programs without asyncio: those of `aio`, on a thread of the client's."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from types import TracebackType
from typing import Any, Generic, TypeVar

from ..errors import Closed
from ..types import Event, Message
from ._sync._conversations import Conversations
from ._sync._messages import Messages
from ._sync._transport import Transport
from .aio import Client as AioClient
from .aio import EventStream as AioEventStream
from .aio import MessageStream as AioMessageStream

Result = TypeVar("Result")
Item = TypeVar("Item", Event, Message)


class LoopThread:
    """An event loop on a thread, which keeps connections alive while nobody asks for events."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="libmsg-events", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Waits for it; whatever interrupts the waiting cancels it."""
        if self._loop.is_closed():
            work.close()
            raise Closed("the client is closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Ends the thread, which nobody waits for: it may be the one that collects garbage."""
        if not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # has closed meanwhile
                self._loop.call_soon_threadsafe(self._loop.stop)

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(_cancel_all())
            self._loop.close()


async def _cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Stream(Generic[Item]):
    """Waits for what a stream of `aio` hands out."""

    def __init__(self, client: Live, loop: LoopThread, stream: Any) -> None:
        self._client = client  # which lives as long as somebody reads
        self._loop = loop
        self._stream = stream

    @property
    def cursor(self) -> str:
        """Includes everything but the last one that was handed out, which is included as soon as
        the next is asked for. Keep it, and begin there again with ``since=cursor``."""
        return str(self._stream.cursor)

    @property
    def is_live(self) -> bool:
        """Whether everything that was missed has been handed out."""
        return bool(self._stream.is_live)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}, {'' if self.is_live else 'not '}live>"

    def __iter__(self) -> _Stream[Item]:
        return self

    def __next__(self) -> Item:
        try:
            item: Item = self._loop.run(self._stream.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None
        return item

    def poll(self, timeout: float) -> Item | None:
        """The next one, or None when there is none within so many seconds."""
        try:
            item: Item = self._loop.run(asyncio.wait_for(self._stream.__anext__(), timeout))
        except asyncio.TimeoutError:
            return None
        return item

    def close(self) -> None:
        """Ends the stream. Later, one with ``since=stream.cursor`` goes on."""
        self._loop.run(self._stream.aclose())

    def __enter__(self) -> _Stream[Item]:
        """Connects; everything from here on is told."""
        self._loop.run(self._stream.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class EventStream(_Stream[Event]):
    __doc__ = AioEventStream.__doc__


class MessageStream(_Stream[Message]):
    __doc__ = AioMessageStream.__doc__


class Live(Messages, Conversations):
    def __init__(self, transport: Transport, token: str | None, act_as: int | None) -> None:
        super().__init__(transport, token, act_as)
        self._lock = threading.Lock()
        self._loop: LoopThread | None = None
        self._aio: AioClient | None = None

    def events(
        self,
        since: str | None = None,
        *,
        presence: Iterable[int] = (),
        give_up_after: timedelta | None = None,
    ) -> EventStream:
        """Everything that happens to you, in all your conversations::

            for event in client.events(since=cursor):
                ...

        `since`: a cursor of an earlier stream, an event or a sync; "" for everything from the
        beginning; None for what happens from now on, which is when it has connected: on entering
        it as a context, else with the first event.
        `presence`: users, 256 at most, whose coming and going you want to know.

        A connection that is lost is made again, for as long as it takes or until `give_up_after`;
        the first one has the client's timeout.
        """
        loop, aio = self._aio_client()
        stream = aio.events(since, presence=presence, give_up_after=give_up_after)
        return EventStream(self, loop, stream)

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
        loop, aio = self._aio_client()
        stream = aio.messages(since, own=own, give_up_after=give_up_after)
        return MessageStream(self, loop, stream)

    def _aio_client(self) -> tuple[LoopThread, AioClient]:
        self._transport.check_open()
        with self._lock:
            if self._loop is None or self._aio is None:
                to = self._transport
                self._loop = LoopThread()
                weakref.finalize(self, self._loop.stop)
                self._aio = AioClient(
                    to.url,
                    self._token,
                    act_as=self._act_as,
                    timeout=to.timeout,
                    connections=4,
                    verify=to.ssl or False,
                )
            return self._loop, self._aio

    def _close_streams(self) -> None:
        with self._lock:
            loop, aio, self._loop, self._aio = self._loop, self._aio, None, None
        if loop is not None and aio is not None:
            loop.run(aio.aclose())
            loop.stop()
            loop.join()
