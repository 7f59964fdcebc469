# SPDX-License-Identifier: Apache-2.0
"""What happens to a user, as it happens."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING

from ._following import EVENTS_MAX, Following
from .errors import Closed
from .types import Event

if TYPE_CHECKING:
    from . import _libmsg


class EventStream:
    """Events of one user's conversations, in the order of their commits: see Messenger.events.

    For one thread at a time. Memory is bounded: a slow reader is told by SyncEvents, later, what a
    quick one is told by each event.
    """

    def __init__(
        self, store: _libmsg.Store, user: int, since: str | None, timeout: float | None
    ) -> None:
        from . import _libmsg

        self._timeout = timeout
        self._queue: _libmsg.EventQueue | None = _libmsg.EventQueue(
            store, user, EVENTS_MAX, None, 0
        )
        self._following = Following(store, user, since)
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

    def poll(self, timeout: float | None = None) -> Event | None:
        """The next one, or None when there is none within so many seconds; None: waits."""
        queue, following = self._queue, self._following
        if queue is None:
            raise Closed("The stream is closed.")
        until = None if timeout is None else time.monotonic() + timeout
        following.ask()
        while not following.ready:
            if not following.is_live:
                following.done(following.due(queue)())
                continue
            left = None if until is None else max(0.0, until - time.monotonic())
            if not following.take(queue, left):
                return None
        return following.hand_out()

    def close(self) -> None:
        """Ends it; so does the end of the messenger."""
        if self._queue is not None:
            self._queue.close()
        self._queue = None

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> Event:
        event = self.poll(self._timeout)
        if event is None:
            raise StopIteration
        return event

    def __enter__(self) -> EventStream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
