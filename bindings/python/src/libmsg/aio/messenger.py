# SPDX-License-Identifier: Apache-2.0
"""An open store, for coroutines of one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, Unpack

from .. import _libmsg
from ..local import Options
from ..messenger import Messenger as BlockingMessenger
from ..table import MessageTable
from ..types import Member, Message, MessageKind, MessageState
from ._access import Access
from ._conversations import Conversations
from ._messages import Messages
from ._parts import Parts
from ._receipts import Receipts
from ._users import Users
from .events import EventStream

Given = ParamSpec("Given")
Result = TypeVar("Result")

#: Calls that may wait for the store at the same time; sends and marks need none of these.
THREADS = 4


class Messenger(Users, Conversations, Messages, Receipts, Access, Parts):
    """libmsg.Messenger with calls that are awaited; made by ``libmsg.aio.open``.

    Sends do not occupy a thread each: what thousands of coroutines send at the same time shares
    commits, and the outcomes of a commit come back together. Everything else waits on a few
    threads. For one event loop.
    """

    __slots__ = ("_pending", "_tokens", "_waker")

    def __init__(self, store: _libmsg.Store) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="libmsg")
        self._waker = _libmsg.Waker()
        self._tokens = count()
        #: Who waits for what the waker brings.
        self._pending: dict[int, asyncio.Future[Any] | EventStream] = {}
        self._loop.add_reader(self._waker.fileno(), self._drain)

    @property
    def closed(self) -> bool:
        return self._store.closed

    @property
    def blocking(self) -> BlockingMessenger:
        """The same store for threads. Call it by `run`."""
        return BlockingMessenger(self._store)

    async def run(
        self, call: Callable[Given, Result], /, *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Calls something that blocks, on a thread of this messenger."""
        return await self._run(call, *args, **kwargs)

    async def send(
        self,
        sender: int,
        conversation: int,
        content: str,
        *,
        kind: MessageKind | str = MessageKind.TEXT,
        reply_to: int | None = None,
        timestamp: datetime | None = None,
        client_id: str = "",
        mentions: Iterable[int] = (),
    ) -> Message:
        """Appends a message; it is on disk when this returns.

        The same `client_id` and request again gives the first message again. When it is cancelled
        the message may have been sent, or not.
        """
        token = next(self._tokens)
        future: asyncio.Future[Message] = self._loop.create_future()
        self._pending[token] = future
        try:
            self._store.send_async(
                self._waker,
                token,
                sender,
                conversation,
                content,
                kind,
                reply_to,
                timestamp,
                client_id,
                tuple(mentions),
            )
            return await future
        finally:
            self._pending.pop(token, None)

    async def mark(
        self,
        actor: int,
        conversation: int,
        up_to: int,
        state: MessageState | str = MessageState.READ,
    ) -> Member:
        """Everything up to a seq was read, or delivered; a lower one changes nothing."""
        token = next(self._tokens)
        future: asyncio.Future[Member] = self._loop.create_future()
        self._pending[token] = future
        try:
            self._store.mark_async(self._waker, token, actor, conversation, up_to, state)
            return await future
        finally:
            self._pending.pop(token, None)

    def events(self, user: int, *, since: str | None = None) -> EventStream:
        """Everything that happens in a user's conversations, as it happens::

            async for event in messenger.events(user, since=cursor):
                ...

        As libmsg.Messenger.events; from this call on when `since` is None.
        """
        return EventStream(self, user, since)

    async def export_messages(
        self,
        actor: int,
        conversation: int,
        *,
        after: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> MessageTable:
        """A conversation as columns, without a Python object for each message."""
        return MessageTable(
            await self._run(
                self._store.export_messages, actor, conversation, after, from_, to, 0
            )
        )

    async def close(self) -> None:
        """Waits for what was begun, ends streams, and closes the store. Again does nothing."""
        if self._store.closed:
            return
        # Not on the pool: its threads may all be in calls that this ends.
        await asyncio.shield(self._loop.run_in_executor(None, self._store.close))
        self._drain()
        self._loop.remove_reader(self._waker.fileno())
        self._pool.shutdown(wait=False)

    async def __aenter__(self) -> Messenger:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<libmsg.aio.Messenger, {'closed' if self.closed else 'open'}>"

    def _drain(self) -> None:
        """Hands out what has come, all of it at once."""
        for token, news in self._waker.drain():
            waiting = self._pending.get(token)
            if isinstance(waiting, EventStream):
                waiting._wake()
            elif waiting is None or waiting.done():
                continue  # cancelled meanwhile
            elif isinstance(news, BaseException):
                waiting.set_exception(news)
            else:
                waiting.set_result(news)


class Opening:
    """What `open` returns: to be awaited, or entered."""

    def __init__(self, opened: Callable[[], Awaitable[Messenger]]) -> None:
        self._open = opened
        self._messenger: Messenger | None = None

    def __await__(self) -> Generator[Any, None, Messenger]:
        return self._open().__await__()

    async def __aenter__(self) -> Messenger:
        self._messenger = await self._open()
        return self._messenger

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._messenger is not None:
            await self._messenger.close()


def open(url: str, **options: Unpack[Options]) -> Opening:
    """Opens a store as ``libmsg.open`` does::

        async with libmsg.aio.open("sqlite:chat.db") as messenger:
            ...
    """

    async def opened() -> Messenger:
        loop = asyncio.get_running_loop()
        store = await loop.run_in_executor(None, _libmsg.open, url, dict(options))
        return Messenger(store)

    return Opening(opened)
