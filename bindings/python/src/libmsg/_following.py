# SPDX-License-Identifier: Apache-2.0
"""How a stream of events goes on, without waiting: the same for threads and for coroutines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from .types import Event, SyncEvent, SyncPage

if TYPE_CHECKING:
    from . import _libmsg

#: Events that wait for a reader. One more, and it pauses: then the store has them all.
EVENTS_MAX = 1024


class Following:
    """What one user is told, from a cursor on.

    It is live, and takes what the queue has, or it is behind: then it pages through sync and goes
    live again with the cursor of the last page. What was handed out is never told a second time,
    and nothing between two events is left out.
    """

    def __init__(self, store: _libmsg.Store, user: int, since: str | None) -> None:
        self._store = store
        self._user = user
        #: Everything up to here was put into `ready`.
        self._position = since
        #: Whether the position is one that a stream can go live from.
        self._complete = since is None
        self._handed = ""
        self.cursor = since or ""
        self.is_live = False
        self.ready: deque[Event] = deque()

    def begin_now(self, queue: _libmsg.EventQueue) -> None:
        """From this moment on. The store is asked for its position, and nothing else: quick."""
        while not self.is_live:
            self._position = self.cursor = self._store.sync_position()
            self.is_live = queue.go_live(self._position)

    def due(self, queue: _libmsg.EventQueue) -> Callable[[], object]:
        """The call that has to be made while it is not live; `done` takes what that returns."""
        assert self._position is not None
        if self._complete:
            return partial(queue.go_live, self._position)
        return partial(self._store.sync, self._user, self._position, 0)

    def done(self, result: object) -> None:
        if isinstance(result, SyncPage):
            self._take_page(result)
        else:
            self._complete = self.is_live = bool(result)

    def _take_page(self, page: SyncPage) -> None:
        last = len(page.conversations) - 1
        for place, delta in enumerate(page.conversations):
            cursor = page.cursor if place == last else ""
            self.ready.append(SyncEvent(delta.view.conversation.id, cursor, delta))
        if last < 0 and not self.ready:
            self.cursor = page.cursor
        self._position = page.cursor
        self._complete = not page.has_more

    def take(self, queue: _libmsg.EventQueue, timeout: float | None) -> bool:
        """Takes what is there, live. False: nothing came in time."""
        events = queue.take(timeout)
        for event in events:
            self._position = event.cursor or self._position
        self.ready.extend(events)
        if not events and queue.behind:
            self.is_live = self._complete = False
            return True
        return bool(events)

    def hand_out(self) -> Event:
        self.ask()
        event = self.ready.popleft()
        self._handed = event.cursor
        return event

    def ask(self) -> None:
        """Somebody asks for the next one: so they are done with the last."""
        self.cursor = self._handed or self.cursor
        self._handed = ""
