# SPDX-License-Identifier: Apache-2.0
"""New messages, each once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING

from ...errors import NotFound, PermissionDenied, RateLimited, Unavailable
from ...types import ConversationDelta, Message, MessageEvent, SyncEvent
from .._backoff import delay_s
from ._stream import EventStream

if TYPE_CHECKING:
    from ._live import Live

#: Of so many conversations it is remembered how far they were told.
CONVERSATIONS_MAX = 100_000
GAP_PAGE = 100


@dataclass
class _Gap:
    """Messages that a delta left out; they are read by history, a page at a time."""

    conversation: int
    joined_at: datetime
    next: int
    last: int


class MessageStream:
    """Every new message that others send to one user, once, in the order of its conversation.

    It is made of an :class:`EventStream`: what comes live, what was missed while there was no
    connection, and what of that was too much for a page of sync. Messages that were deleted before
    they could be told are left out, and so is what was said in a group before the user joined it;
    edits and reactions are no messages.
    """

    def __init__(
        self, calls: Live, stream: EventStream, floor: int | None, *, own: bool
    ) -> None:
        self._calls = calls
        self._stream = stream
        self._own = own
        # Versions rise in the order of commits. Messages up to this one were told before the
        # cursor; it stays while sync goes from conversation to conversation. None: ask first.
        self._floor = floor
        self._high = floor or 0
        self._told: OrderedDict[int, int] = OrderedDict()  # conversation -> seq
        self._ready: deque[Message] = deque()
        self._gap: _Gap | None = None
        self._behind_gap: tuple[Message, ...] = ()
        self._is_delta = False  # whether the last event was one
        self._is_waiting = True  # for an event: nothing of the last one is left

    @property
    def cursor(self) -> str:
        """Includes every message but the last one that was handed out, which is included as soon
        as the next is asked for. Keep it, and begin there again: ``messages(since=cursor)``."""
        floor = self._high if self._is_waiting and self._stream.is_live else self._floor
        return f"{floor or 0}.{self._stream.cursor}"

    @property
    def is_live(self) -> bool:
        """Whether everything that was missed has been handed out."""
        return self._stream.is_live and self._gap is None and not self._behind_gap

    async def __aenter__(self) -> MessageStream:
        """Connects; everything from here on is told."""
        await self._begin()
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> MessageStream:
        return self

    async def __anext__(self) -> Message:
        await self._begin()
        while True:
            while self._ready:
                message = self._ready.popleft()
                if self._is_to_be_told(message):
                    return message
            if self._gap is not None:
                await self._read_gap(self._gap)
                continue
            if self._behind_gap:
                self._ready.extend(self._behind_gap)
                self._behind_gap = ()
                continue
            await self._next_event()

    async def aclose(self) -> None:
        """Ends the stream. Later, `messages(since=stream.cursor)` goes on."""
        await self._stream.aclose()

    async def _begin(self) -> None:
        """Where the stream begins with what happens from now on, learns what there is already."""
        if self._floor is None:
            newest = await self._calls.list_conversations(page_size=10).page()
            last = (view.last_message for view in newest.items)
            self._high = max((m.version for m in last if m is not None), default=0)
            self._floor = self._high

    async def _next_event(self) -> None:
        if self._stream.is_live:
            self._floor = self._high
        self._is_waiting = True
        event = await self._stream.__anext__()
        self._is_waiting = False
        self._is_delta = isinstance(event, SyncEvent)
        if isinstance(event, MessageEvent):
            self._ready.append(event.message)
        elif isinstance(event, SyncEvent):
            self._take_delta(event.delta)

    def _take_delta(self, delta: ConversationDelta) -> None:
        conversation, joined_at = delta.view.conversation.id, delta.view.own.joined_at
        self._behind_gap = tuple(m for m in delta.messages if m.created_at >= joined_at)
        if delta.missing is not None:
            first, last = delta.missing
            first = max(first, self._told.get(conversation, 0) + 1)
            if first <= last:
                self._gap = _Gap(conversation, joined_at, first, last)

    async def _read_gap(self, gap: _Gap) -> None:
        pages = self._calls.history(
            gap.conversation,
            after=gap.next - 1,
            from_=gap.joined_at,
            page_size=GAP_PAGE,
        )
        try:
            page = await pages.page()
        except (NotFound, PermissionDenied):
            self._gap = None  # left meanwhile: there is nothing to be read any more
            return
        except (Unavailable, RateLimited) as passing:
            await asyncio.sleep(delay_s(5, passing.retry_after))
            return
        self._ready.extend(m for m in page.items if m.seq <= gap.last)
        gap.next = page.items[-1].seq + 1 if page.items else gap.last + 1
        if gap.next > gap.last or not page.has_more:
            self._gap = None

    def _is_to_be_told(self, message: Message) -> bool:
        told = self._told.get(message.conversation)
        if told is not None:
            is_new = message.seq > told
        else:  # a delta has old messages, too, when they have changed
            is_old_one = message.changed is not None and message.version <= (self._floor or 0)
            is_new = not (self._is_delta and is_old_one)
        if is_new:
            self._remember(message)
        is_there = not (message.deleted or message.hidden)
        return is_new and is_there and (self._own or message.sender != self._stream.user)

    def _remember(self, message: Message) -> None:
        self._high = max(self._high, message.version)
        self._told[message.conversation] = message.seq
        self._told.move_to_end(message.conversation)
        if len(self._told) > CONVERSATIONS_MAX:
            self._told.popitem(last=False)


def place_of(since: str | None) -> tuple[int | None, str | None]:
    """The version and the cursor that a MessageStream's cursor is made of.

    >>> place_of("17.c3luYw"), place_of("c3luYw"), place_of(""), place_of(None)
    ((17, 'c3luYw'), (0, 'c3luYw'), (0, ''), (None, None))
    """
    if since is None:
        return None, None
    version, dot, cursor = since.partition(".")
    if dot and version.isdecimal():
        return int(version), cursor
    return 0, since
